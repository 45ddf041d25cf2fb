"""Checks of `piste doctor` on the Nexus: reachability, host key, account, version, rights.

Source of the rights: *Cisco Nexus 9000 Series NX-OS Security Configuration Guide*, *Configuring User Accounts and
RBAC*; `network-operator` may not read the configuration (seen on NX-OS 9.3(12), not in the guide).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.finding import Finding, State
from piste.systems.nexus import tables
from piste.systems.nexus.commands import Command
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet
from piste.systems.nexus.host_key import UntrustedHost
from piste.systems.nexus.shell import Shell
from piste.systems.nexus.state import read
from piste.systems.nexus.unjudged import said, unjudged

WRITING = ("network-admin", "vdc-admin", "dev-ops", "priv-15")
"""Roles that may write, among those that NX-OS ships."""
_RUN_AGAIN = "Relancez."
_ROLE = (
    "Donnez-lui un rôle de lecture seule (docs/nexus.md, « Le compte ») : Piste n’écrit jamais sur un Nexus, "
    "son compte n’a pas à le pouvoir."
)


def checks(shell: Shell, username: str, *, vpc: bool = False) -> Iterator[Finding]:
    """Yield the findings of a switch that has opened a terminal; `vpc` where it is declared."""
    name = shell.name
    yield Finding("nexus.reachable", "ok", f"{name} répond")
    yield Finding("nexus.host_key", "ok", f"{name} : sa clé d’hôte est celle qui est épinglée")
    yield Finding("nexus.account", "ok", f"{name} : le compte « {username} » est accepté")
    with reading(name):
        model, version = tables.version(shell.ask(Command.VERSION))
    yield Finding("nexus.version", "ok", f"{name} : {model}, NX-OS {version}")
    yield _configuration(shell, vpc=vpc)
    yield _rights(shell, username)


def _configuration(shell: Shell, *, vpc: bool) -> Finding:
    try:
        state = read(shell).state
    except PisteError as error:
        return _trouble("nexus.configuration", error)
    if state.hostname.casefold() != shell.name.casefold():
        what = f"{shell.name} : l’équipement qui répond se nomme « {state.hostname} »"
        return Finding("nexus.configuration", "wrong", what, "Vérifiez son adresse, ou son nom (hostname).")
    left = said(unjudged(state.root, vpc=vpc))
    return Finding("nexus.configuration", "ok", f"{shell.name} : sa configuration se lit{left}")


def _rights(shell: Shell, username: str) -> Finding:
    """Find whether the account may write: it should not."""
    try:
        with reading(shell.name):
            roles = tables.roles(shell.ask(Command.ACCOUNTS)).get(username)
    except PisteError as error:
        return _trouble("nexus.rights", error)
    if roles is None:
        what = f"{shell.name} ne dit pas les rôles de « {username} »"
        return Finding("nexus.rights", "unknown", what, "Vérifiez-les là où le compte est tenu (AAA). " + _ROLE)
    if strong := [role for role in roles if role in WRITING]:
        return Finding("nexus.rights", "wrong", f"{shell.name} : « {username} » est {', '.join(strong)}", _ROLE)
    return Finding("nexus.rights", "ok", f"{shell.name} : « {username} » est {', '.join(roles)}")


def _trouble(id_: str, error: PisteError) -> Finding:
    state: State = "unknown" if error.kind == "unknown" else "wrong"
    what = " : ".join(part for part in (error.where, error.what, error.why) if part)
    return Finding(id_, state, what, error.todo or _RUN_AGAIN)


def _stopped(error: PisteError) -> Finding:
    if isinstance(error, UntrustedHost):
        return _trouble("nexus.host_key", error)
    return _trouble("nexus.account" if getattr(error, "status", 0) == 401 else "nexus.reachable", error)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    username = str(params["nexus"].get("username") or "")
    try:
        fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    except PisteError as error:
        return {"changed": False, "findings": [_trouble("nexus.reachable", error).to_json()]}
    findings: list[Finding] = []

    def ask(shell: Shell, switch: Mapping[str, Any]) -> None:
        # Kept as they come: a switch that falls silent keeps what was seen before.
        for finding in checks(shell, username, vpc=bool(switch.get("vpc_domain"))):
            findings.append(finding)

    for _, answer in fleet.each(ask):
        if isinstance(answer, PisteError):
            findings.append(_stopped(answer))
    return {"changed": False, "findings": [finding.to_json() for finding in findings], "calls": fleet.calls}


MODULES: Mapping[str, Module] = {
    "nexus_checks": Module(name="nexus_checks", options=(NEXUS, DECLARED, SWITCHES), run=_run),
}
