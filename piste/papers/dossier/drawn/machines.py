"""The machines of the cluster on its nodes: as read, and the groups that never share a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Table, optional
from piste.papers.dossier.drawn.parts import drawings
from piste.papers.drawings.graph import Across, Sign, Thing
from piste.papers.drawings.text import names
from piste.town.model.hosting.derived import TownHosting

_CLUSTER, _NOWHERE = "\x00cluster", "\x00nowhere"


class Placed(NamedTuple):
    """The node of each machine, and those that are stopped, as read.

    Without `read_at`, nothing was ever read.
    """

    read_at: str = ""
    nodes: Mapping[str, str] = {}
    stopped: frozenset[str] = frozenset()


class Machine(TypedDict):
    """A machine; `node` is where it was read, `group` names those with which it shares no node."""

    name: str
    role: str
    address: str
    vcpus: int
    memory_gib: int
    group: str | None
    node: str | None
    stopped: bool
    status: str | None


class Node(TypedDict):
    name: str
    model: str | None


class Cluster(TypedDict):
    """The cluster; `read_at` is when the places of its machines were read.

    It is empty where they never were, None where nobody asks.
    """

    name: str
    read_at: str | None
    nodes: list[Node]
    machines: list[Machine]


def cluster(hosting: TownHosting, placed: Placed | None = None) -> Cluster:
    """Give the cluster; `placed` is the node of each machine as read.

    It is None where nobody asks for it. The cluster itself chooses the node of a machine: the declaration only keeps
    groups on distinct nodes.
    """
    seen = placed or Placed()
    groups = {name: entry["name"] for entry in hosting["separated"] for name in entry["machines"]}
    return Cluster(
        name=hosting["cluster"],
        read_at=placed and placed.read_at,
        nodes=[Node(name=node["name"], model=node["model"]) for node in hosting["nodes"]],
        machines=[
            Machine(
                name=machine["name"],
                role=machine["role"],
                address=machine["address"],
                vcpus=machine["vcpus"],
                memory_gib=machine["memory_gib"],
                group=groups.get(machine["name"]),
                node=seen.nodes.get(machine["name"]),
                stopped=machine["name"] in seen.stopped,
                status=machine["status"],
            )
            for machine in hosting["machines"]
        ],
    )


def machine_blocks(data: Cluster) -> list[Block]:
    """Draw nodes and machines, and list the machines."""
    state = f"relevé le {notation.moment(data['read_at'])}" if data["read_at"] else "non lu"
    counted = f"{agreed(len(data['nodes']), 'nœud(s)')}, {agreed(len(data['machines']), 'machine(s)')}"
    words = f"{counted} ; placement des machines : {state}. Le tableau qui suit donne chaque machine"
    caption = f"Grappe {data['name']}" + ("" if data["read_at"] is None else f", placement {state}")
    return [*drawings("cluster", caption, words, list(_things(data)), (), _signs), _table(data)]


def _things(data: Cluster) -> Iterator[Thing]:
    machines, nodes = data["machines"], [node["name"] for node in data["nodes"]]
    memory = notation.measure(sum(machine["memory_gib"] for machine in machines), "Gio")
    yield Thing(_CLUSTER, data["name"], [agreed(len(nodes), "nœud(s)"), f"machines : {memory}"], frame=True, tint=2)
    for node in data["nodes"]:
        name = node["name"]
        yield Thing(f"node/{name}", name, [node["model"] or "modèle non déclaré"], _CLUSTER, tint=0)
        here = [machine for machine in machines if machine["node"] == name]
        if here:
            yield _group(f"on/{name}", agreed(len(here), "machine(s)"), here, f"node/{name}", sure=True)
    left = [machine for machine in machines if machine["node"] not in nodes]
    if left:
        nowhere = "Nœud inconnu, ou à l’arrêt" if data["read_at"] else "Nœud non lu"
        yield Thing(_NOWHERE, nowhere, [agreed(len(left), "machine(s)")], _CLUSTER, sure=False)
    groups = dict.fromkeys(machine["group"] for machine in left)
    for group in sorted(groups, key=lambda group: group is None):
        here = [machine for machine in left if machine["group"] == group]
        title = f"{group} : jamais sur le même nœud" if group else "Sans contrainte"
        yield _group(f"group/{group or ''}", title, here, _NOWHERE, sure=False, tint=3 if group else None)


def _group(
    key: str, title: str, machines: Sequence[Machine], under: str, *, sure: bool, tint: int | None = None
) -> Thing:
    text = names(sorted(machine["name"] for machine in machines))
    memory = notation.measure(sum(machine["memory_gib"] for machine in machines), "Gio")
    return Thing(key, title, [text, memory], under, sure, width=230, tint=tint)


def _signs(things: Sequence[Thing], across: Sequence[Across]) -> Iterator[Sign]:
    tints = {thing.tint for thing in things}
    if 0 in tints:
        yield Sign("nœud de la grappe", tint=0)
    if 3 in tints:
        yield Sign("machines qui ne partagent pas un nœud", tint=3)
    if any(not thing.sure for thing in things):
        yield Sign("place que rien ne dit : la grappe choisit", link=False)


def _table(data: Cluster) -> Table:
    return Table.of(
        "machines", "Machines de la grappe", data["machines"], lambda machine: machine["name"],
        (Column("name", "Machine"), lambda machine: optional(machine["name"])),
        (Column("role", "Rôle", 3), lambda machine: optional(machine["role"])),
        (Column("address", "Adresse", code=True), lambda machine: optional(machine["address"])),
        (Column("vcpus", "vCPU"), lambda machine: optional(str(machine["vcpus"]))),
        (Column("memory", "Mémoire"), lambda machine: optional(notation.measure(machine["memory_gib"], "Gio"))),
        (Column("group", "Séparée par", 1), lambda machine: optional(machine["group"])),
        (Column("node", "Nœud"), lambda machine: _node(machine, asked=data["read_at"] is not None)),
        status=lambda machine: machine["status"],
        empty="Aucune machine déclarée.",
    )  # fmt: skip


def _node(machine: Machine, *, asked: bool) -> Cell:
    if machine["node"]:
        return Cell(machine["node"])
    return Cell("à l’arrêt") if machine["stopped"] else Cell("? inconnu", "doubt") if asked else Cell("non lu")
