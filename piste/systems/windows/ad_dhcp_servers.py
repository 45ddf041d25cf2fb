"""DHCP servers that the directory authorises: a server of a domain lends nothing without.

By default only the administrators of the enterprise write there: the usual run reads nothing of it, and a step of its
own writes (`playbooks/authorise_dhcp.yml`).

Sources: MS-DHCPE 7.3 (place, `dhcpServers`) and 7.5 (the mandatory attributes of a server's entry).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address

from piste.engine.converge.orphan import DEPARTURE, WHY, Orphan
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory, Value
from piste.systems.windows.driver import DirectoryDriver, sorted_items
from piste.systems.windows.entry import Entry

AUTHORISATION = "authorisation"
"""Word that confirms the end of an authorisation, and the step that writes authorisations."""
PLACE = "CN=NetServices,CN=Services"
ROOT = "DhcpRoot"
PLAIN = {"dhcpUniqueKey": "0", "dhcpType": "1", "dhcpFlags": "0", "dhcpIdentification": "DHCP Server Object"}
"""Attributes of an entry beside its servers [belief windows.dhcp_authorisation]."""
_SERVER = re.compile(r"i(?P<address>[^$]*)\$r[^$]*\$f[^$]*\$s(?P<name>[^$]*)\$")


def full_name(text: str) -> str:
    """Spell the DNS name of a server. Raises ValueError."""
    name = text.rstrip(".").lower()
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", name):
        raise ValueError(text)
    return name


AD_DHCP_SERVERS = Resource(
    system="ad",
    name="ad_dhcp_server",
    doc="Serveur DHCP autorisé",
    fields=(
        Field("name", "DNS name of the server, whole; its identity.", required=True, normalise=full_name),
        Field("address", "Address of the server.", normalise=lambda text: str(IPv4Address(text))),
    ),
)


class AdDhcpServers(DirectoryDriver):
    """The authorised DHCP servers of the forest. The caller opens and closes the directory."""

    resource = AD_DHCP_SERVERS
    rests = (("windows.dhcp_authorisation", ""),)
    options = ()
    states = ("merged", "gathered")
    _entries: Mapping[str, list[Entry]]
    """The entries that authorise each server: its own, or `DhcpRoot` of a former version."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["name"] for item in desired}
        items: dict[str, Item] = {}
        self.raw, self._entries = {}, {}
        for name, address, entry in authorised(self.directory):
            if asked and name not in asked:
                continue
            self.raw[name] = entry
            self._entries.setdefault(name, []).append(entry)
            items[name] = {"name": name, "address": address}
        return sorted_items(items)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"« {operation.key} » : son adresse manque"
            for operation in operations
            if operation.action == "create" and not (operation.after or {}).get("address")
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"{AUTHORISATION}:{operation.key}": "il ne donnera plus aucune adresse"
            for operation in operations
            if operation.after is None
        }

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "create":
                    value = _value(operation.key, (operation.after or {})["address"])
                    dn = dns.child(operation.key, f"{PLACE},{self.directory.configuration}")
                    self.directory.add(dn, ["top", "dHCPClass"], _content(value))
                else:
                    for entry in self._entries[operation.key]:
                        self._change(entry, operation)
            progress.done(operation)

    def _change(self, entry: Entry, operation: Operation) -> None:
        """Change the value of a server, or take it away: an entry with others, or the root, stays."""
        values = entry.texts("dhcpServers")
        others: list[Value] = [value for value in values if _said(value)[0] not in ("", operation.key)]
        if operation.after is not None:
            others.append(_value(operation.key, operation.after["address"]))
        elif not others and entry.text("cn") != ROOT:
            self.directory.delete(entry.dn)
            return
        self.directory.modify(entry.dn, {"dhcpServers": (entry.raw("dhcpServers"), others)})


def _said(value: str) -> tuple[str, str]:
    """Return the name and the address in a value; empty where it does not read."""
    match = _SERVER.match(value)
    return (match["name"].rstrip(".").lower(), match["address"]) if match else ("", "")


def _value(name: str, address: str) -> str:
    """Return `dhcpServers` as MS-DHCPE 7.3 writes it."""
    return f"i{address}$rcn={name}$f0x00000000$s{name}$"


def _content(value: str) -> Mapping[str, Sequence[Value]]:
    return {"dhcpServers": [value]} | {name: [text] for name, text in PLAIN.items()}


def authorised(directory: Directory) -> Iterator[tuple[str, str, Entry]]:
    """Yield the authorised servers: name, address, entry.

    The entry `DhcpRoot`, which the console makes, names none of its own. A server whose value does not read has the
    entry's name.
    """
    place = f"{PLACE},{directory.configuration}"
    for entry in directory.search(place, "(objectClass=dHCPClass)", ("cn", "dhcpServers"), "one"):
        for value in entry.texts("dhcpServers"):
            name, address = _said(value)
            yield name or (entry.text("cn") or "").lower(), address, entry


def undeclared(directory: Directory, names: Sequence[str]) -> Iterator[Orphan]:
    """Yield the authorised servers that nobody declares, and the declared servers that lack it."""
    live = {name for name, _, _ in authorised(directory)}
    kind = AD_DHCP_SERVERS.name
    yield from ({"kind": kind, "key": name, "why": WHY} for name in sorted(live - {*names}))
    why = "déclaré, et l’annuaire ne l’autorise pas : il ne donne aucune adresse (playbooks/authorise_dhcp.yml)"
    yield from ({"kind": kind, "key": name, "why": why, "said": DEPARTURE} for name in sorted({*names} - live))
