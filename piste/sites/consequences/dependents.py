"""Declared applications and flows that lead to machines: who depends on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from piste.engine.words import some
from piste.town.model.flows.declared import OF_PISTE
from piste.town.model.flows.ends import reference

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_NAMED = 4
_FEW = 3
"""Most machines of a flow that are named, this machine too."""
_NOBODY = "ni application ni flux déclarés"


def flows(town: Derived) -> Mapping[str, set[frozenset[str]]]:
    """Give the ends that each declared flow leads to, as the machines of each."""
    if town.commune is None:
        return {}
    firewall = town.commune["firewall"]
    known = {kind: [each for each in firewall["elements"] if each["kind"] == kind] for kind in ("host", "group")}
    hosts = {reference(element): frozenset({element["comment"]}) for element in known["host"]}
    groups = {reference(element): frozenset().union(*(hosts.get(value, ()) for value in element["values"]))
              for element in known["group"]}  # fmt: skip
    ends, led = {**hosts, **groups}, dict[str, set[frozenset[str]]]()
    for rule in (rule for section in firewall["sections"] for rule in section["rules"]):
        if not rule["flow"].startswith(OF_PISTE):
            led.setdefault(rule["flow"], set()).update(ends[end] for end in rule["destinations"] if end in ends)
    return led


def dependents(town: Derived, label: str) -> str:
    """Name the role of a machine, the applications that it serves, the flows that lead to it.

    What leads to a few other machines too, as the pair of the directory, names them.
    """
    if town.commune is None:
        return _NOBODY
    hosting = town.commune["hosting"]
    machines = {machine["name"]: machine["role"] for machine in hosting["machines"]} if hosting else {}
    served = {entry["label"]: {host["name"] for host in entry["hosts"]} for entry in town.commune["applications"]}
    served |= {f"flux {name}": {*chain.from_iterable(end for end in led if label in end)}
               for name, led in flows(town).items()}  # fmt: skip
    beside: dict[str, list[str]] = {"": []}
    for name, names in served.items():
        others = sorted(names - {label}) if len(names) <= _FEW else []
        if label in names:
            beside.setdefault(", ".join(others), []).append(name)
    named = [some(known, _NAMED) + (f", qui mène aussi à {others}".replace("mène", "mènent" if known[1:] else "mène")
                                    if others else "") for others, known in beside.items() if known]  # fmt: skip
    role = [f"rôle déclaré : {machines[label]}"] if machines.get(label, "") not in ("", *served) else []
    return " ; ".join([*role, *(named or [_NOBODY])])


def closed(town: Derived, was: Iterable[str], will: Iterable[str]) -> list[str]:
    """Name the flows that lead where a name led, and not where it will."""
    old, new = (_machines(town, values) for values in (was, will))
    led = {name: {*chain.from_iterable(ends)} for name, ends in flows(town).items()}
    return [name for name, machines in led.items() if old & machines and not new & machines]


def _machines(town: Derived, values: Iterable[str]) -> set[str]:
    """Give the machines that the values of a record name, by their name or their address."""
    hosting = town.commune["hosting"] if town.commune else None
    known = {machine["address"]: machine["name"] for machine in hosting["machines"]} if hosting else {}
    return {known.get(value) or value.partition(".")[0] for value in values}
