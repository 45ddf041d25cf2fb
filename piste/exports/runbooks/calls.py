"""The list of calls of a crisis: who answers, by telephone, from the declared contacts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from piste.exports.runbooks.step import Call
from piste.town.model.derived import Derived
from piste.town.model.premises import Contact

if TYPE_CHECKING:
    from piste.exports.runbooks.sources import Sources

ROLES = ("Direction générale", "DSI", "Exploitation (titulaire)")
"""Functions that decide or act in the plans: called first, and a gap where no contact is declared."""
SUPPORT = "Assistance"
"""The function that answers at a third party whose contacts nobody has declared."""


def calls(
    sources: Sources,
    roles: Sequence[str] = ROLES,
    *,
    parties: Collection[str] | None = None,
    sites: Collection[str] | None = None,
) -> list[Call]:
    """List whom to call: who decides and acts, then who has a telephone, then the others.

    `parties` and `sites` are those that are concerned beside the roles, by their ids; None, all. A third party that is
    concerned and has no contact is a gap.
    """
    every = {*_third_parties(sources.town)} if parties is None else {*parties}
    places = {*sources.town.sites} if sites is None else {*sites}
    labels = {party["id"]: party["label"] for party in sources.commune["third_parties"]}
    contacts_of = [*_third_parties(sources.town).items(), *_sites(sources.town).items()]
    known = [
        call for id_, contacts in contacts_of for call in contacts if call["who"] in roles or id_ in every | places
    ]  # fmt: skip
    answered = {id_ for id_, contacts in contacts_of if contacts}
    silent = [
        *(_call(role, sources.whole.name) for role in roles if role not in {call["who"] for call in known}),
        *(_call(SUPPORT, labels.get(id_, id_)) for id_ in sorted(parties or ()) if id_ not in answered),
    ]
    return sorted([*silent, *known], key=lambda call: (call["who"] not in roles, call["phone"] is None))


def answering(
    town: Derived, *, classes: Collection[str] = (), applications: Collection[str] = (), links: bool = False
) -> set[str]:
    """Name the third parties that answer for these things, by contract or as operators."""
    assert town.commune
    places = town.sites.values() if links else ()
    operators = {link["operator"] for site in places for link in site["premises"]["links"]}
    return {
        *(party["id"] for party in town.commune["third_parties"] if {party["id"], party["label"]} & operators),
        *(
            contract["supplier"]
            for contract in town.commune["contracts"]
            if {*contract["covers"]["classes"]} & {*classes}
            or {*contract["covers"]["applications"]} & {*applications}
            or (links and contract["covers"]["links"])
        ),
    }


def reachable(town: Derived) -> set[str]:
    """Name the roles that somebody answers for, by telephone."""
    every = (*_third_parties(town).values(), *_sites(town).values())
    return {call["who"] for contacts in every for call in contacts if call["phone"]}


def _sites(town: Derived) -> dict[str, list[Call]]:
    return {
        id_: [_call(contact["role"], site["name"], contact) for contact in site["premises"]["contacts"]]
        for id_, site in town.sites.items()
        if site["lifecycle"] in ("open", "closing")
    }


def _third_parties(town: Derived) -> dict[str, list[Call]]:
    return {
        party["id"]: [
            _call(contact["role"], party["label"], contact, contact["hours"])
            for contact in (party["interface"]["contacts"] if party["interface"] else ())
        ]
        for party in (town.commune["third_parties"] if town.commune else ())
    }


def _call(who: str, of: str, contact: Contact | None = None, hours: str | None = None) -> Call:
    phone, status = (contact["phone"], contact["status"]) if contact else (None, None)
    return Call(who=who, of=of, phone=phone, hours=hours, status=status)
