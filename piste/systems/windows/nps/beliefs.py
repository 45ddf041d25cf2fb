"""Signs of the beliefs about NPS in its documents: a server that shows one needs no word.

Public: the syntax of patterns, alternation included (Microsoft, *Use Regular Expressions in NPS*); the form
`MATCH("…=…")` with NAS-Port-Type, MS-RAS-Vendor, User-Name and the names and addresses of clients and callers; the
bytes of a PEAP configuration, and the place of the thumbprint in that of EAP-TLS (scripts of certificate renewal).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from piste.engine.converge.belief import Model, unsettled
from piste.systems.windows.nps import eap
from piste.systems.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, REQUEST_POLICIES, Document


def _condition(id_: str, attribute: str) -> Model:
    return Model(id_, re.compile(rf'MATCH\("{attribute}=', re.IGNORECASE))


MODELS = (
    _condition("windows.nps_nas_address", "NAS-IP-Address"),
    _condition("windows.nps_nas_identifier", "NAS-Identifier"),
    _condition("windows.nps_called_station", "Called-Station-Id"),
)
EAP_TLS = Model("windows.nps_eap_tls", re.compile(r"^0d0{30}", re.IGNORECASE))
NO_MODEL = (
    "une configuration d’EAP-TLS aurait, autour de l’empreinte du certificat, des octets déduits, et le serveur n’en a "
    "aucun exemple. Dans sa console NPS, faites une stratégie d’essai désactivée dont la méthode est « Carte à puce ou "
    "autre certificat », choisissez-y un certificat, puis relancez : Piste en reprend la forme "
    "(docs/recette-windows.md, « Avant »)."
)
"""The refusal of a configuration of EAP-TLS without a model: no confirmation can vouch for bytes."""


def unproven(texts: Iterable[str], models: Iterable[str] = ()) -> list[str]:
    """List the beliefs behind conditions, but those that some models show."""
    return [*unsettled(MODELS, texts, models)]


def live(document: Document, mine: tuple[str, ...]) -> Iterator[str]:
    """Yield the conditions of the policies of a server, but those whose names, folded, begin so."""
    for place in (NETWORK_POLICIES, REQUEST_POLICIES):
        for name in document.names(place):
            if not name.casefold().startswith(mine):
                yield from document.values(place, name, "msNPConstraint")


def models(document: Document, number: int) -> Iterator[str]:
    """Yield the configurations of an EAP method that a server has and Piste can read."""
    for name in document.names(NETWORK_PROFILES):
        for blob in document.values(NETWORK_PROFILES, name, "msEAPConfiguration"):
            if eap.read(blob) and eap.type_of(blob) == number:
                yield blob


def lacks_method(document: Document, numbers: Iterable[int]) -> bool:
    """Tell whether an EAP method is about to be made that no policy of the server shows."""
    return any(unsettled((EAP_TLS,), map(eap.kind, numbers), models(document, eap.TLS)))
