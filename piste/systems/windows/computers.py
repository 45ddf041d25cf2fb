"""Computer accounts of the domain: units, systems, last sign-in by day, recovery keys.

A key is an object under its computer (`msFVE-RecoveryInformation`), which many accounts may not see: where none shows
at all, whether a computer has a key is unknown. The key itself is never asked for [belief windows.recovery_objects].

Sources: MS-ADA1, MS-ADA3, MS-ADTS 2.2.16 (`userAccountControl`), 3.1.1.3.4 (`lastLogonTimestamp`, 9 to 14 days late).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.systems.windows import dn as dns
from piste.systems.windows.administrators import DISABLED
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.entry import Entry
from piste.systems.windows.moments import of_ticks

_ATTRIBUTES = ("name", "operatingSystem", "operatingSystemVersion", "userAccountControl", "lastLogonTimestamp")


_KEYS = "(objectClass=msFVE-RecoveryInformation)"


def computers(directory: Directory) -> Iterator[dict[str, Any]]:
    """Yield each computer account; `last_seen` is the day of its last sign-in, if any."""
    keys = {dns.normal(dns.parent(entry.dn)) for entry in directory.search(directory.base, _KEYS)}
    for entry in directory.search(directory.base, "(objectCategory=computer)", _ATTRIBUTES):
        unit = dns.parent(entry.dn)
        yield {
            "name": entry.read("name", bytes.decode),
            "unit": unit,
            "place": dns.path_of(unit, directory.base),
            "recovery_key": dns.normal(entry.dn) in keys if keys else None,
            "enabled": not entry.number("userAccountControl") & DISABLED,
            "system": entry.text("operatingSystem"),
            "version": entry.text("operatingSystemVersion"),
            "last_seen": _day(entry),
        }


def sids(directory: Directory) -> dict[str, str]:
    """Give the SID of each computer account, by its name in capitals."""
    entries = directory.search(directory.base, "(objectCategory=computer)", ("sAMAccountName", "objectSid"))
    return {
        entry.read("sAMAccountName", bytes.decode).removesuffix("$").upper(): entry.read("objectSid", dns.sid_text)
        for entry in entries
    }


def _day(entry: Entry) -> str | None:
    seen = of_ticks(entry.number("lastLogonTimestamp"))
    return f"{seen:%Y-%m-%d}" if seen else None


@reading("ad")
def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    directory = Directory(Domain.of(params["domain"]))
    try:
        gathered = sorted(computers(directory), key=lambda computer: computer["name"].casefold())
    finally:
        directory.close()
    return {"changed": False, "gathered": gathered, "calls": dict(directory.calls)}


MODULES: Mapping[str, Module] = {"ad_computers": Module(name="ad_computers", options=(DOMAIN,), run=_run)}
