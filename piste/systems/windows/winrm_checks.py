"""Checks of Windows servers by `piste doctor`: WinRM, rights, clock, print spooler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.systems.windows import print_accounting
from piste.systems.windows.refusals import RefusedAccount
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access

PATIENCE = 10
"""Seconds. A person who waits for a diagnosis does not wait for an outage to end."""
SKEW = 300.0
"""Seconds between two clocks beyond which a domain refuses everybody (Kerberos, MaxClockSkew)."""
PRINTING = ("Get-Printer", "Get-PrintConfiguration", "Set-Printer", "Set-PrintConfiguration")
SPOOLER = "Spooler"
FULL = "FullLanguage"
_PROOF = {"ntlm": "NTLM", "basic": "mot de passe", "kerberos": "Kerberos"}


def checks(session: Session, *, prints: bool) -> Iterator[Finding]:
    """Yield the findings of a server; stop at the first that makes the others impossible."""
    host, account = session.host, session.access.username
    try:
        end = session.certificate_end()
        language = str(session.run("language")["language"])
        if language != FULL:
            yield Finding("winrm.reachable", "ok", f"{host} répond en WinRM, son certificat est attesté")
            yield _constrained(host, account, language)
            return
        answer = session.run("host", services=[SPOOLER], commands=list(PRINTING))
    except RefusedAccount as error:
        yield Finding("winrm.reachable", "ok", f"{host} répond en WinRM, son certificat est attesté")
        what = " : ".join(part for part in (error.where, error.what, error.why) if part)
        yield Finding("winrm.account", "wrong", what, error.todo)
        return
    except PisteError as error:
        yield probe.silence("winrm", error)
        return
    yield Finding("winrm.reachable", "ok", f"{host} répond en WinRM, son certificat est attesté")
    yield probe.expiry("winrm", host, end)
    if answer["administrator"]:
        proof = _PROOF[session.access.authentication]
        yield Finding("winrm.account", "ok", f"{host} : « {account} » y est administrateur ({proof})")
    else:
        what = f"{host} : « {account} » n’y est pas administrateur, rien ne pourra y être changé"
        yield Finding("winrm.account", "wrong", what, "Ajoutez-le aux administrateurs locaux du serveur.")
    clock = datetime.fromisoformat(answer["time"]).replace(tzinfo=UTC).timestamp()
    skew = probe.skew("winrm", clock, SKEW)
    yield replace(skew, what=f"{host} : {skew.what}")
    if prints:
        printing = _print_server(host, answer)
        yield printing
        if printing.state == "ok":
            yield from print_accounting.checks(session)


def _constrained(host: str, account: str, language: str) -> Finding:
    what = f"{host} restreint PowerShell pour « {account} » ({language}) : rien n’y sera lu ni changé"
    todo = "Admettez ce compte dans la règle AppLocker ou WDAC du serveur, pour les scripts (recette-windows.md)."
    return Finding("winrm.language", "wrong", what, todo)


def _print_server(host: str, answer: Mapping[str, Any]) -> Finding:
    name = "winrm.printing"
    if missing := set(PRINTING) - set(answer["commands"]):
        what = f"{host} n’a pas les commandes d’impression ({', '.join(sorted(missing))})"
        return Finding(name, "wrong", what, "Installez le rôle (Install-WindowsFeature Print-Services), puis relancez.")
    if any(service["name"] == SPOOLER and service["running"] for service in answer["services"]):
        return Finding(name, "ok", f"{host} : le spouleur tourne, ses files se règlent")
    what = f"{host} : le spouleur ({SPOOLER}) est arrêté, rien ne s’y imprime"
    return Finding(name, "wrong", what, "Démarrez-le et lisez son journal (Start-Service Spooler).")


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    printer = params.get("print_server") or ""
    names = list(dict.fromkeys([*params["servers"], *([printer] if printer else [])]))
    findings: list[Finding] = []
    calls = {"reads": 0, "writes": 0}
    for name in names:
        try:
            access = Access.of(params["winrm"])
            session = Session(replace(access, timeout=min(access.timeout, PATIENCE)), name)
        except PisteError as error:
            findings.append(probe.silence("winrm", error))
            break
        with session:
            findings += checks(session, prints=name == printer)
        calls = {kind: count + session.calls[kind] for kind, count in calls.items()}
    return {"changed": False, "findings": [finding.to_json() for finding in findings], "calls": calls}


MODULES: Mapping[str, Module] = {
    "winrm_checks": Module(
        name="winrm_checks",
        options=(
            WINRM,
            Field("servers", "Names of the servers reached by WinRM.", type="list", required=True),
            Field("print_server", "Name of the print server, if any."),
        ),
        run=_run,
    )
}
