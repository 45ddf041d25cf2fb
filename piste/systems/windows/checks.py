"""Checks of a domain by `piste doctor`: answer, account, rights, clock.

Sources: MS-ADTS 3.1.1.3.2 (rootDSE), 3.1.1.4.5.5 (allowedChildClassesEffective), 6.1.4 (functional levels).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.finding import Finding, State
from piste.engine.transport import probe
from piste.systems.windows import delegation
from piste.systems.windows.delegation import is_protected
from piste.systems.windows.directory import PORT, Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.moments import of_text
from piste.systems.windows.refusals import RefusedAccount
from piste.systems.windows.searches import POLICIES, WMI_FILTERS
from piste.systems.windows.sysvol import Sysvol

PATIENCE = 10
"""Seconds. A person who waits for a diagnosis does not wait for an outage to end."""
SKEW = 300.0
"""Seconds between two clocks beyond which Kerberos refuses everybody (MaxClockSkew)."""
LEVELS: Mapping[int, str] = {
    0: "2000",
    2: "2003",
    3: "2008",
    4: "2008 R2",
    5: "2012",
    6: "2012 R2",
    7: "2016",
    10: "2025",
}
LOWEST = 3
"""Lowest level served. Below it FRS replicates SYSVOL, and may copy a file before its final renaming."""
_ROOT = ("currentTime", "domainFunctionality", "domainControllerFunctionality")
_DELEGATE = "Donnez ce droit au compte de Piste (inventories/production/SECRETS.md) : sans lui un plan reste possible."


def checks(directory: Directory, sysvol: Sysvol) -> Iterator[Finding]:
    """Yield the findings, in a few reads; stop at the first that makes the others impossible."""
    given = directory.domain.controller
    try:
        controller = directory.controller
    except RefusedAccount as error:
        yield Finding("ad.reachable", "ok", f"{given} répond en LDAPS, son certificat est attesté")
        yield Finding("ad.account", "wrong", " : ".join(part for part in (error.what, error.why) if part), error.todo)
        return
    except PisteError as error:
        yield probe.silence("ad", error)
        return
    yield Finding("ad.reachable", "ok", f"{given} répond en LDAPS, son certificat est attesté")
    yield Finding("ad.account", "ok", f"le compte « {directory.domain.username} » est accepté")
    try:
        end = directory.certificate_end()
    except PisteError as error:
        what = f"l’émulateur PDC est {controller}, que {given} désigne : {error.what}"
        yield Finding("ad.pdc", "unknown", what, f"Ouvrez le port {PORT} jusqu’à lui : Piste n’écrit que là.")
        return
    yield Finding("ad.pdc", "ok", f"l’émulateur PDC de {directory.name} est {controller}")
    yield _proof(directory)
    yield from delegation.findings(directory)
    yield probe.expiry("ad", controller, end)
    yield from _root(directory)
    yield _may_create(directory, "policies", f"{POLICIES.place},{directory.base}", "groupPolicyContainer")
    yield _may_create(directory, "wmi_filters", f"{WMI_FILTERS.place},{directory.base}", "msWMI-Som")
    yield _may_write(sysvol)


def _proof(directory: Directory) -> Finding:
    """Check that the domain accepts the account's way of authenticating.

    Protected Users refuses NTLM.
    """
    name = "ad.authentication"
    if directory.domain.kerberos is not None:
        return Finding(name, "ok", "LDAP : Kerberos, lié au canal TLS ; SMB : Kerberos")
    what = "LDAP : liaison simple sur TLS ; SMB : NTLM"
    try:
        protected = is_protected(directory)
    except PisteError as error:
        return Finding(name, "unknown", f"{what} ; {error.what}", error.todo or "Relancez.")
    if protected:
        what = f"{what}, que Protected Users interdit à « {directory.domain.username} »"
        return Finding(name, "wrong", what, "Demandez authentication: kerberos (SECRETS.md), ou sortez-le du groupe.")
    return Finding(name, "ok", what)


def _root(directory: Directory) -> Iterator[Finding]:
    try:
        root = directory.read("", _ROOT)
    except PisteError as error:
        yield Finding("ad.clock", "unknown", error.what, error.todo or "Relancez.")
        return
    try:
        clock = of_text(root.raw("currentTime")[0] if root and root.raw("currentTime") else b"")
        yield probe.skew("ad", clock.timestamp(), SKEW)
    except ValueError:
        yield Finding("ad.clock", "unknown", "le domaine ne dit pas l’heure", "Comparez-la à celle de ce poste.")
    of_domain, of_controller = ((root and root.text(name)) or "" for name in _ROOT[1:])
    what = f"niveau fonctionnel du domaine : {_level(of_domain)}, du contrôleur : {_level(of_controller)}"
    if of_domain.isdecimal() and int(of_domain) >= LOWEST:
        yield Finding("ad.level", "ok", what)
    else:
        state: State = "wrong" if of_domain.isdecimal() else "unknown"
        yield Finding("ad.level", state, what, f"Relevez le niveau du domaine à {LEVELS[LOWEST]} au moins.")


def _level(number: str) -> str:
    return LEVELS.get(int(number), number) if number.isdecimal() else "inconnu"


def _may_create(directory: Directory, check: str, place: str, kind: str) -> Finding:
    """Check that the account may create objects of a class in a place.

    The directory itself works it out (`allowedChildClassesEffective`).
    """
    name, attribute = f"ad.{check}", "allowedChildClassesEffective"
    try:
        entry = directory.read(place, [attribute])
    except PisteError as error:
        return Finding(name, "unknown", f"{place} : {error.what}", error.todo or "Relancez.")
    if entry is None:
        return Finding(name, "unknown", f"{place} ne se montre pas à ce compte", _DELEGATE)
    if kind.lower() in map(str.lower, entry.texts(attribute)):
        return Finding(name, "ok", f"le compte peut créer dans {place}")
    return Finding(name, "wrong", f"le compte ne peut pas créer de {kind} dans {place}", _DELEGATE)


def _may_write(sysvol: Sysvol) -> Finding:
    try:
        sysvol.read("Policies/piste.absent")
        may = sysvol.takes_files("Policies")
    except PisteError as error:
        what = " : ".join(part for part in (error.what, error.why) if part)
        return Finding("ad.sysvol", "unknown", what, error.todo or "Relancez.")
    if may:
        return Finding("ad.sysvol", "ok", "le compte peut créer le dossier d’une stratégie dans SYSVOL")
    return Finding("ad.sysvol", "wrong", "le compte ne peut pas créer de dossier de stratégie dans SYSVOL", _DELEGATE)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    try:
        domain = Domain.of(params["domain"])
    except PisteError as error:
        return {"changed": False, "findings": [probe.silence("ad", error).to_json()]}
    directory = Directory(replace(domain, timeout=min(domain.timeout, PATIENCE)))
    sysvol = Sysvol(directory)
    try:
        findings = [finding.to_json() for finding in checks(directory, sysvol)]
    finally:
        sysvol.close()
        directory.close()
    calls = {name: count + sysvol.calls[name] for name, count in directory.calls.items()}
    return {"changed": False, "findings": findings, "calls": calls}


MODULES: Mapping[str, Module] = {"ad_checks": Module(name="ad_checks", options=(DOMAIN,), run=_run)}
