"""The map of the network of the town, levels 2 and 3 (CCTP 6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.dossier.blocks import Section
from piste.dossier.drawn.reach import Crossing, reach_blocks
from piste.dossier.drawn.town import NetworkMap, network_map, town_layer2, town_layer3
from piste.dossier.subject import Commune


class TownMap(NetworkMap):
    """The network of the town, and the zones that reach zones."""

    crossings: list[Crossing]


def town_map(subject: Commune) -> TownMap:
    """Give the data of the map."""
    return TownMap(**network_map(subject.town), crossings=list(subject.crossings))


def town_map_sections(data: TownMap, subject: Commune) -> Iterator[Section]:
    """Print the map."""
    yield Section("layer2", "Sites et liaisons (niveau 2)", town_layer2(data))
    yield Section("layer3", "Routeurs et zones (niveau 3)", town_layer3(data))
    if data["crossings"]:
        yield Section("reach", "Qui atteint quoi", reach_blocks(data["crossings"]))
