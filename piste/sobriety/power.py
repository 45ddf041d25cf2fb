"""The room and power of the cluster, the energy of the switches: the last readings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypedDict

from pydantic import Field

from piste.engine.converge.reading import FAULTS
from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

if TYPE_CHECKING:
    from piste.town.model.applications import Application

CAPACITY, ENERGY = SUBJECTS["capacity"], SUBJECTS["energy"]
SWITCHES = "commutateurs"
"""The thing that the energy of the switches is about."""
LIMITS = {"cpu_ready_percent": ("processeur attendu", "% du temps"), "io_latency_ms": ("disques en", "ms")}
"""The waits that are judged, their words and their units."""
_SLOW = "Déplacez des machines d’un nœud à l’autre, rendez des vCPU, ou ajoutez un nœud (docs/capacite-energie.md)."
_SHORT = "Réduisez la mémoire de machines, ou ajoutez de la mémoire (docs/capacite-energie.md)."
Count = Annotated[int, Field(ge=0, le=10**9)]
Measure = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=200)]


class Waited(TypedDict):
    """The longest waits of a node or a machine in an hour; None where none was measured."""

    name: Name
    machines: NotRequired[Count]
    cpu_ready_percent: Measure | None
    io_latency_ms: Measure | None


class Room(TypedDict):
    """The memory of a cluster in GiB once a node is lost, and what its machines leave of it.

    `day` is that of the waits of `nodes` and `machines`; a reading made without them has none.
    """

    memory_gib: Count
    free_gib: Annotated[int, Field(ge=-(10**9), le=10**9)]
    day: NotRequired[Name | None]
    nodes: NotRequired[Annotated[list[Waited], Field(max_length=100)]]
    machines: NotRequired[Annotated[list[Waited], Field(max_length=5000)]]


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
    totals, hours = content["totals"], content["waited"]
    running = [row for row in content["machines"] if row["running"]]
    return Room(
        memory_gib=totals["memory_after_the_loss_of_a_node_gib"],
        free_gib=totals["memory_left_gib"],
        day=hours["start"][:10] if hours else None,
        nodes=[{**_waited(node), "machines": node["machines"]} for node in content["nodes"]],
        machines=[_waited(row) for row in running],
    )


def _waited(row: Any) -> Waited:
    return Waited(name=row["name"], cpu_ready_percent=row["cpu_ready_percent"], io_latency_ms=row["io_latency_ms"])


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
        if town.commune and town.commune["hosting"] and (limits := town.commune["hosting"]["waits"]):
            yield _waits(town.commune["applications"], f"{id_}.waits", name, last.value, limits)


def _waits(
    applications: Sequence[Application], id_: str, cluster: str, room: Room, limits: Mapping[str, Any]
) -> Finding:
    """Tell which machines waited longer than a session stands, and whose services they carry."""
    nodes, machines, day = room.get("nodes", []), room.get("machines", []), room.get("day")
    measured = [each for each in machines if any(each[name] is not None for name in LIMITS)]  # type: ignore[literal-required]
    if not day or not measured:
        return Finding(id_, "unknown", f"{cluster} : ce que ses machines attendent n’est pas mesuré", CAPACITY.again)
    when = f"{cluster}, le {datetime.fromisoformat(day):%d/%m}, à l’heure la plus chargée"
    evidence = " ; ".join(f"{each['name']} : {each['machines']} machines, {_said(each, LIMITS)}" for each in nodes)
    slow = [(each, over) for each in measured if (over := _over(each, limits))]
    if not slow:
        lacking = len(machines) - len(measured)
        said = f"{when} : aucune des {len(measured)} machines mesurées n’attend trop"
        return Finding(id_, "ok", f"{said} ({lacking} sans mesure)" if lacking else said, evidence=evidence)
    names = {each["name"] for each, _ in slow}
    felt = [f"{entry['label']} ({some(entry['services'])})" for entry in applications if names & {*entry["machines"]}]
    what = some([f"{each['name']} : {_said(each, over)}" for each, over in slow], 3)
    at_most = _said(limits, {name for _, over in slow for name in over}, words=False)
    users = f" ; s’en ressentent : {some(felt, 3)}" if felt else ""
    doubt = ", seuil à confirmer" if limits["status"] == "to_confirm" else ""
    return Finding(id_, "wrong", f"{when}, {what} (au plus {at_most}{doubt}){users}", _SLOW, evidence=evidence)


def _over(waited: Mapping[str, Any], limits: Mapping[str, Any]) -> list[str]:
    return [name for name in LIMITS if waited[name] is not None and waited[name] > limits[name]]


def _said(waited: Mapping[str, Any], names: Collection[str], *, words: bool = True) -> str:
    """Say some waits, `processeur attendu 12,5 % du temps`; the values alone without `words`."""
    said = []
    for name, (before, unit) in LIMITS.items():
        if name in names:
            value = "?" if waited[name] is None else f"{waited[name]:g}".replace(".", ",")
            said.append(f"{before} {value} {unit}" if words else f"{value} {unit}")
    return ", ".join(said)


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
