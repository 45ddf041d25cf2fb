"""The list of calls of a crisis: who answers, by telephone, from the declared contacts."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.runbooks.sources import Sources
from piste.exports.runbooks.step import Call
from piste.town.model.premises import Contact

ROLES = ("Direction générale", "DSI", "Exploitation (titulaire)")
"""Functions that decide or act in the plans: called first, and a gap where no contact is declared."""


def calls(sources: Sources) -> list[Call]:
    """List whom to call: who decides and acts, then who has a telephone, then the others."""
    known = [*_third_parties(sources), *_sites(sources)]
    roles = {call["who"] for call in known}
    silent = [_call(role, sources.town.name) for role in ROLES if role not in roles]
    return sorted([*silent, *known], key=lambda call: (call["who"] not in ROLES, call["phone"] is None))


def _sites(sources: Sources) -> Iterator[Call]:
    for site in sources.town.sites.values():
        if site["lifecycle"] in ("open", "closing"):
            for contact in site["premises"]["contacts"]:
                yield _call(contact["role"], site["name"], contact)


def _third_parties(sources: Sources) -> Iterator[Call]:
    for party in sources.commune["third_parties"]:
        for contact in party["interface"]["contacts"] if party["interface"] else ():
            yield _call(contact["role"], party["label"], contact, contact["hours"])


def _call(who: str, of: str, contact: Contact | None = None, hours: str | None = None) -> Call:
    phone, status = (contact["phone"], contact["status"]) if contact else (None, None)
    return Call(who=who, of=of, phone=phone, hours=hours, status=status)
