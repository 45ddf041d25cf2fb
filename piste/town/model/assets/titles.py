"""The titles that lists of assets from elsewhere give to the columns of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from piste.engine.tables import Column, day_of

TITLES: Mapping[str, Sequence[str]] = {
    "class": ("classe", "type", "categorie", "kind", "nature"),
    "name": (
        "nom", "hostname", "nom du poste", "nom de l ordinateur", "designation", "computer name", "nom machine",
        "nom d hote",
    ),
    "variant": ("variante", "sous type"),
    "serial": (
        "numero de serie", "n de serie", "no de serie", "n serie", "sn", "serial number", "service tag", "num serie",
        "serie",
    ),
    "maker": ("fabricant", "constructeur", "marque", "manufacturer", "vendor"),
    "model": ("modele", "reference", "product"),
    "site": ("lieu", "localisation", "location", "batiment"),
    "place": ("local", "piece", "salle", "bureau", "room", "baie"),
    "assigned_to": ("affectation", "service", "direction", "department"),
    "state": ("statut", "etat", "cycle de vie"),
    "warranty_until": (
        "garantie", "fin de garantie", "garantie jusqu au", "warranty end", "warranty", "date fin garantie",
    ),
    "end_of_life": ("fin de vie", "fin de vie previsionnelle", "eol", "end of support", "fin de support"),
    "contract": ("contrat", "marche", "bon de commande"),
    "mac": ("adresse mac", "mac address"),
    "address": ("ip", "adresse ip", "ip address", "adresse"),
}  # fmt: skip


def titled(names: Iterable[str], **given: Column) -> tuple[Column, ...]:
    """Make the columns of these names, but those `given`, with their titles and forms."""
    return tuple(
        given.get(name) or Column(name, titles=TITLES.get(name, ()), form=_FORMS.get(name, str)) for name in names
    )


def mac_of(text: str) -> str:
    """Write a MAC address as `02:93:05:00:00:60`; a text of another form stays as it is."""
    signs = re.sub(r"[^0-9a-f]", "", text.casefold())
    whole = len(signs) == 12 and re.fullmatch(r"[0-9A-Fa-f:.\- ]+", text)
    return ":".join(signs[at : at + 2] for at in range(0, 12, 2)) if whole else text


_FORMS: Mapping[str, Callable[[str], str]] = {"warranty_until": day_of, "end_of_life": day_of, "mac": mac_of}
