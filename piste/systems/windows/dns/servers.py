"""Forwarders and scavenging of each DNS server: judged, never written.

The directory does not keep them: they are in the server's registry, read over WinRM by `Get-DnsServerForwarder` and
`Get-DnsServerScavenging`. A server removes old names where its interval is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import DEPARTURE, Orphan
from piste.engine.converge.orphans import answer
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access

SERVERS = Field("servers", "Names of the DNS servers, which are controllers of the domain.", type="list", default=[])
FORWARDERS = Field(
    "forwarders", "Declared addresses to which each sends what it does not know; any where left out.", type="list"
)
_KIND = "dns_server"
_MEND = "Console DNS, propriétés du serveur, Redirecteurs : ceux de la déclaration (dns.forwarders), et eux seuls."

Live = Mapping[str, Any]


def wrong(live: Live, declared: Sequence[str] | None) -> str:
    """Say what is wrong with the forwarders of a server; empty where nothing is.

    Their order means nothing: a server sorts them by their answers.
    """
    there = live["forwarders"]
    if declared is None or {*there} == {*declared}:
        return ""
    return f"redirige vers {_said(there)}, {_said(declared)} déclaré"


def _said(addresses: Sequence[str]) -> str:
    return ", ".join(addresses) or "personne"


def read(access: Access, servers: Sequence[str], calls: dict[str, int]) -> Iterator[tuple[str, Live | PisteError]]:
    """Yield each server with its settings, or with why they are unknown."""
    for host in servers:
        with Session(access, host) as session:
            live: Live | PisteError
            try:
                with reading(host):
                    live = session.run("dns_server_read")
            except PisteError as error:
                live = error
            for kind, count in session.calls.items():
                calls[kind] += count
        yield host, live


def findings(
    readings: Sequence[tuple[str, Live | PisteError]], declared: Sequence[str] | None, *, aging: bool | None
) -> Iterator[Finding]:
    """Yield the findings of doctor.

    `aging` is true where the names of a zone grow old, None where that was not read.
    """
    scavengers, silent = [], False
    for host, live in readings:
        if isinstance(live, PisteError):
            silent = True
            said = " : ".join(part for part in (live.what, live.why) if part)
            yield Finding("dns.forwarders", "unknown", f"{host} : redirecteurs non lus : {said}", _todo(live))
            continue
        if live["scavenging_h"]:
            scavengers.append(f"{host} (toutes les {live['scavenging_h']} h)")
        fault = wrong(live, declared)
        what = fault or f"redirige vers {_said(live['forwarders'])}"
        yield Finding("dns.forwarders", "wrong" if fault else "ok", f"{host} {what}", _MEND if fault else "")
    if scavengers or (aging is False and not silent):
        what = f"nettoient les anciens noms : {', '.join(scavengers) or 'aucun serveur'}"
        yield Finding("dns.scavenging", "ok", what)
    elif silent or aging is None:
        what = "aucun serveur lu ne nettoie les anciens noms, et tout n’a pas été lu"
        yield Finding("dns.scavenging", "unknown", what, "Relancez quand tout répondra.")
    else:
        what = "des zones vieillissent, et aucun serveur n’en retire les anciens noms"
        todo = "Sur un seul serveur : Set-DnsServerScavenging -ScavengingState $true -ScavengingInterval 7.00:00:00."
        yield Finding("dns.scavenging", "wrong", what, todo)


def _todo(error: PisteError) -> str:
    return error.todo or "Relancez, ou lisez-les dans la console DNS (Get-DnsServerForwarder)."


def examined(params: Mapping[str, Any], patience: int, calls: dict[str, int], *, aging: bool | None) -> list[Finding]:
    """Examine the servers of a task of doctor, which need not give any."""
    servers = [str(name) for name in params.get("servers") or ()]
    if not servers:
        return []
    try:
        access = Access.of(params.get("winrm") or {"username": ""})
        access = replace(access, timeout=min(access.timeout, patience))
        return list(findings(list(read(access, servers, calls)), params.get("forwarders"), aging=aging))
    except PisteError as error:
        return [probe.silence("dns", error)]


def departures(params: Mapping[str, Any], calls: dict[str, int]) -> Iterator[Orphan]:
    """Yield the servers that depart from the declaration. Raises the error of an unread server."""
    servers, declared = [str(name) for name in params["servers"]], params.get("forwarders")
    for host, live in read(Access.of(params["winrm"]), servers, calls):
        if isinstance(live, PisteError):
            raise live
        if fault := wrong(live, declared):
            yield {"kind": _KIND, "key": host, "why": fault, "said": DEPARTURE}


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    calls = {"reads": 0, "writes": 0}
    return {**answer("dns", lambda: departures(params, calls)), "calls": calls}


MODULES: Mapping[str, Module] = {
    "dns_server_orphans": Module(name="dns_server_orphans", options=(WINRM, SERVERS, FORWARDERS), run=_run)
}
