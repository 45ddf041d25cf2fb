"""French words of the kinds of things that people look for."""

from __future__ import annotations

from collections.abc import Mapping

from piste.town.model.assets.classes import CLASSES

KINDS: Mapping[str, str] = {
    **{name: entry.label for name, entry in CLASSES.items()},
    "physical_server": CLASSES["server"].label,
    "town": "ville",
    "site": "site",
    "network": "réseau",
    "segment": "segment",
    "place": "segment de la ville",
    "server": "adresse réservée",
    "gateway": "passerelle",
    "scope": "étendue DHCP",
    "record": "nom du DNS",
    "port": "port",
    "stack": "pile",
    "aggregate": "agrégat",
    "ssid": "SSID",
    "rack": "baie",
    "link": "lien",
    "queue": "file d’impression",
    "unit": "unité de l’annuaire",
    "group": "groupe",
    "gpo": "stratégie de groupe",
    "wmi_filter": "filtre WMI",
    "network_policy": "stratégie NPS",
    "access_policy": "politique d’accès",
    "mac": "admis par son adresse MAC",
    "rule": "règle du pare-feu",
    "element": "élément du pare-feu",
    "vm": "machine virtuelle",
    "node": "nœud de la grappe",
    "subnet": "sous-réseau de la grappe",
    "image": "image de la grappe",
    "application": "application",
    "third_party": "tiers",
    "contract": "contrat",
    "licence": "licence",
    "account": "compte",
}
