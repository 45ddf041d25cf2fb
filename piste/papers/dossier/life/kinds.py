"""The papers of the life of the assets, as kinds of documents."""

from __future__ import annotations

from piste.papers.dossier.document import Envelope, Kind, SiteEnvelope
from piste.papers.dossier.life.delivery import Delivery, delivery_sections
from piste.papers.dossier.life.erasure import Erasure, erasure_sections
from piste.papers.dossier.life.lot import LotRecord, lot_sections
from piste.papers.dossier.life.paper import Paper, content
from piste.papers.dossier.life.parity import MacParityTable, parity_sections
from piste.papers.dossier.life.switched_off import SwitchedOffList, switched_off_sections
from piste.papers.dossier.report import headline

DELIVERY: Kind[Paper[Delivery]] = Kind(
    "pv-reception", "Procès-verbal de réception", Envelope[Delivery], content, delivery_sections,
    quotes=True, joins=True, headline=headline,
)  # fmt: skip
ERASURE: Kind[Paper[Erasure]] = Kind(
    "certificat-effacement", "Certificat d’effacement", Envelope[Erasure], content, erasure_sections
)
LOT: Kind[Paper[LotRecord]] = Kind(
    "pv-clients-legers", "Procès-verbal de déploiement de clients légers", SiteEnvelope[LotRecord], content,
    lot_sections, quotes=True, joins=True, headline=headline,
)  # fmt: skip
SWITCHED_OFF: Kind[Paper[SwitchedOffList]] = Kind(
    "moins-value", "Équipements éteints", Envelope[SwitchedOffList], content, switched_off_sections
)
MAC_PARITY: Kind[Paper[MacParityTable]] = Kind(
    "parite-mac", "Parité des Mac", Envelope[MacParityTable], content, parity_sections
)
LIFE_KINDS = (DELIVERY, ERASURE, LOT, SWITCHED_OFF, MAC_PARITY)
