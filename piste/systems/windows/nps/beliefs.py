"""Beliefs about NPS without a public proof. A belief that is settled leaves this file.

Public: the syntax of patterns, alternation included (Microsoft, *Use Regular Expressions in NPS*); the form
`MATCH("…=…")` with NAS-Port-Type, MS-RAS-Vendor, User-Name and the names and addresses of clients and callers; the
bytes of a PEAP configuration, and the place of the thumbprint in that of EAP-TLS (scripts of certificate renewal).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from piste.engine.converge.belief import Belief, unsettled
from piste.systems.windows.nps import eap
from piste.systems.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, REQUEST_POLICIES, Document

_PAGE = "docs/recette-windows.md, « Avant »"


def _attribute(name: str, attribute: str, shown: str) -> Belief:
    return Belief(
        name=name,
        what=f'une condition sur {attribute} s’écrirait MATCH("{attribute}=…")',
        settle=f"Dans la console NPS de ce serveur, faites une stratégie d’essai désactivée dont la condition est "
        f"« {shown} », puis relancez : Piste la lit ({_PAGE}).",
        source="inferred from the other attributes; no recorded export has it",
        sign=re.compile(rf'MATCH\("{attribute}=', re.IGNORECASE),
    )


CONDITIONS = (
    _attribute("nas_address", "NAS-IP-Address", "Adresse IPv4 du NAS"),
    _attribute("nas_identifier", "NAS-Identifier", "Identificateur NAS"),
    _attribute("called_station", "Called-Station-Id", "ID de la station appelée"),
)
EAP_TLS = Belief(
    name="eap_tls",
    what="une configuration d’EAP-TLS aurait, autour de l’empreinte du certificat, des octets déduits",
    settle="Dans la console NPS de ce serveur, faites une stratégie d’essai désactivée dont la méthode est "
    f"« Carte à puce ou autre certificat », choisissez-y un certificat, puis relancez : Piste en reprend "
    f"la forme ({_PAGE}).",
    source="recorded: the place of the thumbprint; inferred: all the rest, so that none is ever made without a model",
    sign=re.compile(r"^0d0{30}", re.IGNORECASE),
)
"""No confirmation can vouch for bytes: without a model, a configuration of EAP-TLS is refused."""


def unsettled_conditions(document: Document, texts: Iterable[str]) -> Iterator[Belief]:
    """List the beliefs behind conditions about to be written that no policy of the server shows."""
    places = ((place, name) for place in (NETWORK_POLICIES, REQUEST_POLICIES) for name in document.names(place))
    live = (text for place, name in places for text in document.values(place, name, "msNPConstraint"))
    return unsettled(CONDITIONS, texts, live)


def models(document: Document, number: int) -> Iterator[str]:
    """Yield the configurations of an EAP method that a server has and Piste can read."""
    for name in document.names(NETWORK_PROFILES):
        for blob in document.values(NETWORK_PROFILES, name, "msEAPConfiguration"):
            if eap.read(blob) and eap.type_of(blob) == number:
                yield blob


def unsettled_methods(document: Document, numbers: Iterable[int]) -> Iterator[Belief]:
    """List the beliefs behind EAP methods about to be made that no policy of the server shows."""
    return unsettled((EAP_TLS,), map(eap.kind, numbers), models(document, eap.TLS))
