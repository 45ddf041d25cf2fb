"""The order in which applications come back: what they need first, then the shortest RTO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from piste.exports.runbooks.sources import Sources, rto
from piste.town.model.relations import relations

if TYPE_CHECKING:
    from piste.town.model.applications import Application

LAST = 10**6
"""The RTO of an application without a protected machine."""


class Returning(NamedTuple):
    """An application, its machines, the machines and the applications that it needs beside."""

    application: Application
    machines: list[str]
    needed: list[str]
    after: list[str]


def applications(sources: Sources) -> list[Returning]:
    """Order the applications on premise in use.

    An application comes after the applications that it depends on; a circle is broken by the RTO.
    """
    own = {
        entry["id"]: entry
        for entry in sources.commune["applications"]
        if entry["hosting"] == "on_premise" and entry["state"] != "decommissioned"
    }
    hosts: dict[str, list[str]] = {name: [] for name in own}
    needed: dict[str, list[str]] = {name: [] for name in own}
    others: dict[str, list[str]] = {name: [] for name in own}
    for relation in relations(sources.town):
        name, target = relation.source.name, relation.target
        if relation.source.kind != "application" or name not in own:
            continue
        if target.kind == "application" and target.name in own:
            others[name].append(target.name)
        elif target.kind == "virtual_machine":
            (hosts if relation.kind == "hosted_on" else needed)[name].append(target.name)
    rank = {name: rto(sources.machines(hosts[name])) or LAST for name in own}
    ordered: dict[str, None] = {}
    for name in sorted(own, key=lambda name: (rank[name], name)):
        ordered |= dict.fromkeys(_before(name, others))
    return [Returning(own[name], sorted(hosts[name]), sorted(needed[name]), sorted(others[name])) for name in ordered]


def _before(name: str, others: Mapping[str, list[str]], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what an application needs, then itself."""
    for other in others[name]:
        if other not in seen | {name}:
            yield from _before(other, others, seen | {name})
    yield name
