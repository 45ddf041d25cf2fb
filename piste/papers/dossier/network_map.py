"""The map of the network of the town, levels 2 and 3, its machines and flows (CCTP 6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from piste.papers.dossier.blocks import Section, Text
from piste.papers.dossier.drawn.machines import Cluster, cluster, machine_blocks
from piste.papers.dossier.drawn.reach import Crossing, reach_blocks
from piste.papers.dossier.drawn.town import NetworkMap, network_map, town_layer2, town_layer3
from piste.papers.dossier.subject import Commune
from piste.town.model.routing.load import FirewallLoad, say_load


class TownMap(TypedDict):
    """The network of the town, the load of its firewall, its cluster, zones that reach zones."""

    network: NetworkMap
    load: FirewallLoad | None
    cluster: Cluster | None
    crossings: list[Crossing]


def town_map(subject: Commune) -> TownMap:
    """Give the data of the map."""
    assert subject.town.commune is not None
    hosting = subject.town.commune["hosting"]
    return TownMap(
        network=network_map(subject.town),
        load=subject.town.commune["firewall_load"],
        cluster=cluster(hosting, subject.placed) if hosting else None,
        crossings=list(subject.crossings),
    )


def town_map_sections(data: TownMap, subject: Commune) -> Iterator[Section]:
    """Print the map."""
    yield Section("layer2", "Sites et liaisons (niveau 2)", town_layer2(data["network"], subject.places))
    yield Section("layer3", "Routeurs et zones (niveau 3)", town_layer3(data["network"]))
    if data["load"]:
        yield Section("load", "Ce que porte le pare-feu", [Text(say_load(data["load"]))])
    if data["cluster"]:
        yield Section("machines", "Machines et nœuds", machine_blocks(data["cluster"]))
    if data["crossings"]:
        yield Section("reach", "Qui atteint quoi", reach_blocks(data["crossings"]))
