"""Assets, applications, contracts, third parties, accounts as things that people look for.

What is already a thing (a switch, a machine, a print queue) gets its inventory and its relations; the rest is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from piste.sites.thing import Thing
from piste.town.model.assets.classes import CLASSES
from piste.town.model.relations import End, relations

if TYPE_CHECKING:
    from piste.town.model.applications import Application
    from piste.town.model.assets.derived import Asset
    from piste.town.model.derived import Derived
    from piste.town.model.site import Commune
    from piste.town.model.third_parties import ThirdParty

ASSETS: Mapping[str, str] = {
    "switch": "switch",
    "access_point": "access_point",
    "ups": "ups",
    "vm": "virtual_machine",
    "node": "server",
    "queue": "printer",
}
"""The class of the asset that a thing is, by the kind of the thing."""
_ADDED: Mapping[str, str] = {"server": "physical_server"}
"""The kind of the thing of an asset, where it is not its class: a reserved address is called `server`."""
_FACTS: Mapping[str, tuple[str, str]] = {
    "hosted_on": ("hosted_on", "hosts"),
    "connected_to": ("connected_to", "connected_to"),
    "depends_on": ("depends_on", "needed_by"),
    "watched_by": ("watched_by", "watches"),
    "covered_by": ("covered_by", "covers"),
}
"""The fact of a relation: of its source, of its target."""
MISSING = "à renseigner"
_SOME = 8
"""Ends of a fact that are named; beyond, they are counted by class."""
_WATCHES = {"server": "le serveur de supervision", "collector": "un collecteur"}
_COUNTED: Mapping[str, tuple[str, str]] = {
    "application": ("application", "applications"),
    "certificate": ("certificat", "certificats"),
    "licence": ("licence", "licences"),
    "link": ("liaison", "liaisons"),
    "site": ("site", "sites"),
    **{kind: (entry.label, entry.plural) for kind, entry in CLASSES.items()},
}


def with_estate(town: Derived, known: Iterable[Thing]) -> Iterator[Thing]:
    """Complete the things of a town, then add those of its inventory and of its records."""
    facts = _Related(town)
    assets = {(asset["kind"], asset["name"]): asset for asset in town.assets}
    for thing in known:
        kind = ASSETS.get(thing.kind, thing.kind)
        asset = assets.pop((kind, thing.name), None)
        more = {**(_inventory(asset) if asset else {}), **facts.of(End(kind, thing.name))}
        words = tuple(word for word in (asset["serial"], asset["mac"]) if word) if asset else ()
        new = {name: value for name, value in more.items() if not thing.facts.get(name)}
        new = {name: value for name, value in new.items() if value not in thing.facts.values()}
        yield replace(thing, words=(*thing.words, *words), facts={**thing.facts, **new}) if new else thing
    for asset in assets.values():
        yield _thing(asset, facts.of(End(asset["kind"], asset["name"])))
    if town.commune:
        yield from _records(town.commune, facts)


class _Related:
    """The relations of each end, as facts."""

    def __init__(self, town: Derived) -> None:
        applications = town.commune["applications"] if town.commune else []
        self._labels = {End("application", entry["id"]): entry["label"] for entry in applications}
        self._by_end: dict[End, dict[str, list[End]]] = {}
        for kind, source, target in relations(town):
            self._add(source, _FACTS[kind][0], target)
            self._add(target, _FACTS[kind][1], source)

    def _add(self, end: End, fact: str, other: End) -> None:
        self._by_end.setdefault(end, {}).setdefault(fact, []).append(other)

    def of(self, end: End) -> dict[str, Any]:
        return {fact: self._said(ends) for fact, ends in self._by_end.get(end, {}).items()}

    def _said(self, ends: list[End]) -> list[str]:
        if len(ends) > _SOME:
            counts = Counter(end.kind for end in ends)
            return [f"{count} {_COUNTED[kind][count > 1]}" for kind, count in counts.items()]
        return [_WATCHES.get(end.name, end.name) if end.kind == "supervision" else self.label(end) for end in ends]

    def label(self, end: End) -> str:
        return self._labels.get(end, end.name)


def _inventory(asset: Asset) -> dict[str, Any]:
    names = ("model", "serial", "place", "assigned_to", "state", "warranty_until", "end_of_life", "mac")
    return {name: asset[name] for name in names if asset[name]}  # type: ignore[literal-required]


def _thing(asset: Asset, related: Mapping[str, Any]) -> Thing:
    words = tuple(word for word in (asset["serial"], asset["mac"], asset["address"]) if word)
    facts = {"address": asset["address"], **_inventory(asset), **related}
    kind = _ADDED.get(asset["kind"], asset["kind"])
    return Thing(kind, asset["name"], asset["owner"], words, facts, asset["address"] or "", source=asset["source"])


def _records(town: Commune, related: _Related) -> Iterator[Thing]:
    owner = town["id"]
    parties = {party["id"]: party for party in town["third_parties"]}
    for application in town["applications"]:
        yield _application(town, application, parties, related)
    for party in parties.values():
        facts: dict[str, Any] = {
            "label": party["label"],
            "scope": party["scope"],
            "support": _contacts(party),
            "escalation": [f"{step['to']} ({step['after']})" for step in _plan(party).get("escalation", ())],
            "approved_by": _plan(party).get("approved_by"),
            "contracts": [contract["id"] for contract in town["contracts"] if contract["supplier"] == party["id"]],
            "publishes": [entry["label"] for entry in town["applications"] if entry["publisher"] == party["id"]],
        }
        path = ("third_parties", party["id"])
        yield Thing("third_party", party["id"], owner, (party["label"],), facts, paths=(path,))
    for contract in town["contracts"]:
        facts = {name: contract[name] for name in ("label", "vehicle", "reference", "scope", "start", "end")}
        facts["supplier"] = _label(parties, contract["supplier"])
        facts |= related.of(End("contract", contract["id"]))
        words = tuple(word for word in (contract["label"], contract["reference"]) if word)
        yield Thing("contract", contract["id"], owner, words, facts, paths=(("contracts", contract["id"]),))
    for licence in town["licences"]:
        facts = {name: licence[name] for name in ("label", "seats", "scope", "start", "end")}
        facts |= {"licence_type": licence["type"], "publisher": _label(parties, licence["publisher"])}
        facts |= related.of(End("licence", licence["id"]))
        path = ("licences", licence["id"])
        yield Thing("licence", licence["id"], owner, (licence["label"],), facts, paths=(path,))
    for account in town["accounts"]:
        names = ("kind", "systems", "rights", "holder", "purpose", "mfa", "until")
        facts = {f"account_{name}" if name in ("kind", "rights") else name: account[name] for name in names}  # type: ignore[literal-required]
        paths = (("accounts", account["login"]), *(("administrators", system) for system in account["administers"][:1]))
        yield Thing("account", account["login"], owner, (), facts, paths=paths)


def _application(
    town: Commune, application: Application, parties: Mapping[str, ThirdParty], related: _Related
) -> Thing:
    publisher = parties.get(application["publisher"] or "")
    contracts = {contract["id"]: contract for contract in town["contracts"]}
    facts = related.of(End("application", application["id"]))
    covering = [contracts[name]["supplier"] for name in facts.get("covered_by", ()) if name in contracts]
    helpers = [party for party in (publisher, *(parties.get(name) for name in covering)) if party]
    contacts = [contact for party in helpers for contact in _contacts(party)]
    shown: dict[str, Any] = {
        "row": application["row"],
        "state": application["state"],
        "hosting": application["hosting"],
        "services": application["services"],
        "publisher": publisher["label"] if publisher else None,
        "support": list(dict.fromkeys(contacts)) or [MISSING],
        "critical": application["critical"],
        "version": application["version"],
        "prerequisites": application["prerequisites"],
        "way_back": application["way_back"],
        "same_as": application["same_as"],
        **facts,
        "description": application["note"],
    }
    words = (application["id"],)
    path = ("applications", application["id"])
    addresses = {host["address"] for host in application["hosts"]}
    network = addresses.pop() if len(addresses) == 1 else ""
    return Thing("application", application["label"], town["id"], words, shown, network, paths=(path,))


def _plan(party: ThirdParty) -> Mapping[str, Any]:
    return party["interface"] or {}


def _contacts(party: ThirdParty) -> list[str]:
    """Say each point of contact of a third party: its function, then how to reach it."""
    return [
        " ".join(filter(None, (f"{party['label']}, {contact['role']} :", contact["phone"], contact["mail"])))
        for contact in _plan(party).get("contacts", ())
    ]


def _label(parties: Mapping[str, ThirdParty], name: str) -> str:
    return parties[name]["label"] if name in parties else name
