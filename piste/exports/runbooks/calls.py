"""The list of calls of a crisis: who answers, by telephone, from the declared contacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from piste.exports.runbooks.step import Call
from piste.town.model.derived import Derived
from piste.town.model.premises import Contact

if TYPE_CHECKING:
    from piste.exports.runbooks.sources import Sources

ROLES = ("Direction générale", "DSI", "Exploitation (titulaire)")
"""Functions that decide or act in the plans: called first, and a gap where no contact is declared."""


def calls(sources: Sources, roles: Sequence[str] = ROLES, *, everybody: bool = True) -> list[Call]:
    """List whom to call: who decides and acts, then who has a telephone, then the others.

    Not `everybody`: those of the roles alone.
    """
    every = [*_third_parties(sources.town), *_sites(sources.town)]
    known = [call for call in every if everybody or call["who"] in roles]
    silent = [_call(role, sources.whole.name) for role in roles if role not in {call["who"] for call in known}]
    return sorted([*silent, *known], key=lambda call: (call["who"] not in roles, call["phone"] is None))


def reachable(town: Derived) -> set[str]:
    """Name the roles that somebody answers for, by telephone."""
    return {call["who"] for call in (*_third_parties(town), *_sites(town)) if call["phone"]}


def _sites(town: Derived) -> Iterator[Call]:
    for site in town.sites.values():
        if site["lifecycle"] in ("open", "closing"):
            for contact in site["premises"]["contacts"]:
                yield _call(contact["role"], site["name"], contact)


def _third_parties(town: Derived) -> Iterator[Call]:
    for party in town.commune["third_parties"] if town.commune else ():
        for contact in party["interface"]["contacts"] if party["interface"] else ():
            yield _call(contact["role"], party["label"], contact, contact["hours"])


def _call(who: str, of: str, contact: Contact | None = None, hours: str | None = None) -> Call:
    phone, status = (contact["phone"], contact["status"]) if contact else (None, None)
    return Call(who=who, of=of, phone=phone, hours=hours, status=status)
