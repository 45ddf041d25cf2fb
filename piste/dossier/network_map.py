"""The map of the network of the town, levels 2 and 3 (CCTP 6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.dossier.blocks import Section
from piste.dossier.drawn.town import NetworkMap, network_map, town_layer2, town_layer3
from piste.dossier.subject import Commune


def town_map(subject: Commune) -> NetworkMap:
    """Give the data of the map."""
    return network_map(subject.town)


def town_map_sections(data: NetworkMap, subject: Commune) -> Iterator[Section]:
    """Print the map."""
    yield Section("layer2", "Sites et liaisons (niveau 2)", town_layer2(data))
    yield Section("layer3", "Routeurs et zones (niveau 3)", town_layer3(data))
