"""The room and power of the cluster, the energy of the switches: the last readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict

from pydantic import Field

from piste.engine.converge.reading import FAULTS
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

CAPACITY, ENERGY = SUBJECTS["capacity"], SUBJECTS["energy"]
SWITCHES = "commutateurs"
"""The thing that the energy of the switches is about."""
_SHORT = "Réduisez la mémoire de machines, ou ajoutez de la mémoire (docs/capacite-energie.md)."
Count = Annotated[int, Field(ge=0, le=10**9)]
Measure = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=200)]


class Room(TypedDict):
    """The memory of a cluster in GiB once a node is lost, and what its machines leave of it."""

    memory_gib: Count
    free_gib: Annotated[int, Field(ge=-(10**9), le=10**9)]


class Switch(TypedDict):
    name: Name | None
    serial: Name | None
    mac: Name
    network: Name | None
    model: Name | None
    kwh: Measure
    poe_kwh: Measure | None


class Period(TypedDict):
    start: Name
    end: Name
    hours: Annotated[float, Field(gt=0, le=8784)]


class Coverage(TypedDict):
    measured: Count
    switches: Count
    most: Count
    complete: bool


class Energy(TypedDict):
    """Energy over a period, as `piste.systems.meraki.switch_energy` gives it."""

    switches: Annotated[list[Switch], Field(max_length=5000)]
    period: Period
    coverage: Coverage


def take_capacity(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the room of the declared cluster; tell whether it was read."""
    return all(_take(CAPACITY, environment, name, answer, _room) for name in _cluster(town))


def _room(content: Any) -> Room:
    totals = content["totals"]
    return Room(memory_gib=totals["memory_after_the_loss_of_a_node_gib"], free_gib=totals["memory_left_gib"])


def take_energy(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the energy of the switches; tell whether it was read."""
    return _take(ENERGY, environment, SWITCHES, answer, dict)


def _take(subject: Subject, environment: str, thing: str, answer: Answer, read: Callable[[Any], Any]) -> bool:
    outcome: Tried[Any]
    try:
        outcome = Reading(read(answer.content), now())
    except FAULTS:
        outcome = store.unanswered(answer)
    return store.keep_alone(subject, environment, thing, outcome)


def energy(town: Derived, environment: str, read: Any) -> Any:
    """Keep the energy that was just read, and give it; else the last that is believed."""
    if read is not None:
        store.keep(ENERGY, environment, {SWITCHES: Reading(read, now())})
        return read
    last = store.last(ENERGY, environment, ages(town)).get(SWITCHES)
    return last.value if isinstance(last, Reading) else None


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Tell whether the declared cluster holds the loss of a node."""
    for name in _cluster(town):
        last, id_ = store.last(CAPACITY, environment, ages(town)).get(name), f"{CAPACITY.name}.{name}"
        if not isinstance(last, Reading):
            yield Finding(id_, "unknown", f"{name} : {last.why if last else 'jamais lu'}", CAPACITY.again)
            continue
        free, memory = last.value["free_gib"], last.value["memory_gib"]
        said = f"{name}, un nœud perdu : il {'reste' if free >= 0 else 'manque'} {abs(free)} Gio sur {memory}"
        yield Finding(id_, "wrong" if free < 0 else "ok", said, _SHORT if free < 0 else "")


def measured(town: Derived, environment: str) -> Iterator[Finding]:
    """Tell whether the energy of every switch is known; a lab without a reading says nothing."""
    last, id_ = store.last(ENERGY, environment, ages(town)).get(SWITCHES), f"{ENERGY.name}.{SWITCHES}"
    if isinstance(last, Reading):
        covered = last.value["coverage"]
        whole = f"{covered['measured']} mesures pour {agreed(covered['switches'], 'commutateur(s)')}"
        if covered["complete"]:
            yield Finding(id_, "ok", f"énergie des commutateurs : {whole}")
        else:
            said = f"énergie des commutateurs : {whole}, le Dashboard ne dit que les {covered['most']} premiers"
            yield Finding(id_, "unknown", said, "Relevez les autres à la prise, ou sur l’onduleur.", gravity="minor")
    elif last or environment != "lab":
        said = f"énergie des commutateurs : {last.why if last else 'jamais lue'}"
        yield Finding(id_, "unknown", said, ENERGY.again)


def stands(town: Derived, cluster: str) -> bool:
    """Tell whether a cluster is still the declared."""
    return cluster in _cluster(town)


def _cluster(town: Derived) -> list[str]:
    hosting = town.commune["hosting"] if town.commune else None
    return [hosting["cluster"]] if hosting else []
