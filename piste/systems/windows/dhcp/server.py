"""Readings of a DHCP server, shared by a run: lists and contents, each read once.

The cmdlets read options and reservations scope by scope: only those that an owner of the run needs are read, and those
of several owners in one snippet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Network
from itertools import batched
from typing import TYPE_CHECKING, Any

from piste.engine.transport.shared import Shared, run_folder

if TYPE_CHECKING:
    from piste.systems.windows.winrm import Session

Scope = dict[str, Any]
"""A scope as its server says it, with its prefix as `subnet`, its exclusions, its use, its relation and its partner.

`entries` are its options and reservations, `error` is why they are unknown.
"""
Relation = dict[str, Any]
"""A relation, with its terms as they are declared.

`state` is that of the server; `authenticated` is true where the servers share a secret.
"""

BATCH = 200
"""Scopes whose options and reservations a snippet reads in one run: a tenth of a second each, a run has minutes."""
WRITTEN = 50
"""Scopes that a snippet writes in one run."""
_EXPECTED, _LISTED, _ENTRIES, _SETTINGS = "expected", "listed", "entries", "settings"

Chosen = Callable[[str], bool]
"""Whether the options and reservations of a scope are needed, by its prefix."""


class DhcpServer:
    """The scopes of a server, seen from one process of the run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._shared = _shared(session.host)

    def listed(self, *, fresh: bool = False) -> dict[str, Scope]:
        """Return every scope by its prefix, without its options and reservations."""
        with self._shared.lock("reading"):
            return self._listed(fresh=fresh)[0]

    def relations(self, *, fresh: bool = False) -> dict[str, Relation]:
        """Return every relation by its name."""
        with self._shared.lock("reading"):
            return self._listed(fresh=fresh)[1]

    def settings(self, *, fresh: bool = False) -> dict[str, Any]:
        """Return the settings of the server itself, as its snippet reads them."""
        with self._shared.lock("reading"):
            known: dict[str, Any] | None = None if fresh else self._shared.get(_SETTINGS)
            if known is None:
                known = self.session.run("dhcp_settings_read")
                self._shared.put(_SETTINGS, known)
            return known

    def scopes(self, chosen: Chosen, *, fresh: bool = False) -> dict[str, Scope]:
        """Return the chosen scopes, whole, by prefix.

        With `fresh`, the server is asked, for these scopes only.
        """
        with self._shared.lock("reading"):
            listed = self._listed(fresh=fresh)[0]
            mine = [subnet for subnet in listed if chosen(subnet)]
            known: dict[str, Any] = {} if fresh else self._shared.get(_ENTRIES) or {}
            if set(mine) - known.keys():
                others = () if fresh else [subnet for subnet in self._shared.get(_EXPECTED) or () if subnet in listed]
                self._read([subnet for subnet in dict.fromkeys([*mine, *others]) if subnet not in known])
                known = self._shared.get(_ENTRIES)
            return {subnet: listed[subnet] | known[subnet] for subnet in mine}

    def leases(self, subnets: Collection[str]) -> dict[str, list[str]]:
        """Return the addresses that clients have now, by scope."""
        addresses = {_id(subnet): subnet for subnet in subnets}
        leases: dict[str, list[str]] = {subnet: [] for subnet in subnets}
        for lease in self.session.run("dhcp_leases_read", subnets=list(addresses))["leases"]:
            leases[addresses[lease["subnet"]]].append(lease["address"])
        return leases

    @contextmanager
    def writing(self, subnets: Collection[str]) -> Iterator[None]:
        """Surround a write of scopes: forget what was read of them before and after."""
        self._forget(subnets)
        try:
            yield
        finally:
            self._forget(subnets)

    @contextmanager
    def writing_settings(self) -> Iterator[None]:
        """Surround a write of settings: forget what was read of them before and after."""
        self._shared.forget(_SETTINGS)
        try:
            yield
        finally:
            self._shared.forget(_SETTINGS)

    def _forget(self, subnets: Collection[str]) -> None:
        self._shared.forget(_LISTED)
        self._shared.update(_ENTRIES, lambda known: {s: e for s, e in (known or {}).items() if s not in subnets})

    def _listed(self, *, fresh: bool) -> tuple[dict[str, Scope], dict[str, Relation]]:
        known: dict[str, Any] | None = None if fresh else self._shared.get(_LISTED)
        if known is None:
            answer = self.session.run("dhcp_server_read")
            known = {"scopes": _scopes(answer), "relations": {it["name"]: _relation(it) for it in answer["relations"]}}
            self._shared.put(_LISTED, known)
        return known["scopes"], known["relations"]

    def _read(self, subnets: Collection[str]) -> None:
        """Read the options and reservations of scopes, and keep them for the run."""
        read: dict[str, dict[str, Any]] = {subnet: {"entries": [], "error": ""} for subnet in subnets}
        prefixes = {_id(subnet): subnet for subnet in subnets}
        for some in batched(prefixes, BATCH):
            for entry in self.session.run("dhcp_scopes_read", subnets=list(some))["entries"]:
                scope = read[prefixes[entry["subnet"]]]
                if error := entry.get("error"):
                    scope["error"] = error
                else:
                    scope["entries"].append(entry)
        self._shared.update(_ENTRIES, lambda known: {**(known or {}), **read})


def expect(server: str, subnets: Iterable[str]) -> None:
    """Note scopes whose options and reservations an owner of the run will need."""
    _shared(server).update(_EXPECTED, lambda known: sorted({*(known or ()), *subnets}))


def _scopes(answer: Mapping[str, Any]) -> dict[str, Scope]:
    """Put together what a server says of each scope.

    Raises `LookupError`, `ValueError` for nonsense.
    """
    scopes: dict[str, Scope] = {}
    by_id: dict[str, Scope] = {}
    for scope in answer["scopes"]:
        prefix = str(IPv4Network(f"{scope['subnet']}/{scope['mask']}"))
        unknown = dict.fromkeys(("free", "in_use", "relation", "partner"))
        scopes[prefix] = by_id[scope["subnet"]] = {**scope, "subnet": prefix, "exclusions": [], **unknown}
    for span in answer["exclusions"]:
        by_id[span["subnet"]]["exclusions"].append({"start": span["start"], "end": span["end"]})
    for use in answer["uses"]:
        by_id[use["subnet"]] |= {"free": use["free"], "in_use": use["in_use"]}
    for relation in answer["relations"]:
        for subnet in relation["subnets"]:
            by_id[subnet] |= {"relation": relation["name"], "partner": relation["partner"]}
    return scopes


def _relation(relation: Mapping[str, Any]) -> Relation:
    """Return a relation in normal form."""
    balanced = relation["mode"] == "LoadBalance"
    return {
        "name": relation["name"],
        "partner": relation["partner"],
        "state": relation["state"],
        "mode": "load_balance" if balanced else "hot_standby",
        "share": relation["balance" if balanced else "reserve"],
        "client_lead": relation["lead"],
        "switch_after": relation.get("switch_after"),
        "authenticated": relation["authenticated"],
    }


def _id(subnet: str) -> str:
    """Return the identity of a scope on its server: the first address of its prefix."""
    return subnet.partition("/")[0]


def _shared(server: str) -> Shared:
    return Shared(run_folder(), f"dhcp-{server}")
