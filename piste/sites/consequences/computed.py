"""The consequences of a plan, worst first, each with its operations and its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from piste.engine.converge.allowed import is_left, is_waiting
from piste.engine.converge.waiting import to_confirm
from piste.engine.words import agreed, some
from piste.sites.consequences import addresses, copies, effects, flows, inside, members
from piste.sites.consequences.counts import Counts
from piste.sites.consequences.doubts import KINDS as DOUBTED
from piste.sites.consequences.doubts import doubts
from piste.sites.consequences.evidence import Evidence
from piste.sites.consequences.form import GRAVITY, SIGNS, Consequence, Subject
from piste.sites.consequences.sides import Sides
from piste.sites.consequences.staying import Staying
from piste.systems.forcepoint.rule_table import LISTS
from piste.systems.forcepoint.rules import keys
from piste.systems.kinds import domain_of
from piste.systems.meraki.carriers import SERIAL

if TYPE_CHECKING:
    from piste.sites.consequences import evidence as parts
    from piste.sites.living.kept import Part, Port
    from piste.town.model.derived import Derived


@dataclass(frozen=True, slots=True)
class Consequences:
    """The consequences of a plan: its lines, what it rests on, what was not read.

    `idle` are the operations that change nothing for people, by reason; `withheld` the lines
    of those that wait, as they would be with their words.
    """

    lines: Sequence[Consequence]
    idle: Mapping[str, Sequence[int]]
    assumed: Sequence[parts.Part]
    unread: Sequence[str]
    withheld: Sequence[Consequence] = ()

    @property
    def nothing(self) -> bool:
        """True where nothing changes for anybody, and all that it rests on was read."""
        return not self.lines and not self.assumed and not self.unread


def of(
    plan: Mapping[str, Any], town: Derived, *, drifted: bool = False,
    seen: Part[dict[str, dict[str, Port]]] | None = None,
) -> Consequences:  # fmt: skip
    """Compute the consequences of a plan, or those of the drift that it would repair.

    `seen` is the last reading of the ports of switches that is believed.
    """
    operations: list[Mapping[str, Any]] = [*plan["operations"]]
    if drifted:
        operations = [*map(undone, operations)]
    evidence = Evidence(plan, town)
    stay = Staying(town, plan.get("stays") or (), evidence.read)
    sides = Sides(town, operations, {*stay.known, *stay.alike})
    to_do = [at for at, operation in enumerate(operations) if not is_waiting(operation)]
    lines = _lines(town, sides, to_do, stay, evidence, seen)
    explained = {at for line in lines for at in line.operations}
    idle: dict[str, list[int]] = {}
    for at in to_do:
        if at not in explained:
            idle.setdefault(_reason(operations[at]), []).append(at)
    rests = {part for line in lines for part in line.assumed}
    concerned = [at for at in to_do if at not in explained and domain_of(operations[at]) in flows.DOMAINS]
    if any(_computes(operations[at]) for at in concerned):
        rests |= {*evidence.of(flows.around(town, [operations[at]["owner"] for at in concerned]))[0]}
    waiting = () if drifted else [at for at, operation in enumerate(operations) if _waits(operation)]
    given = [{**operation, "waiting": None} if at in waiting else operation for at, operation in enumerate(operations)]
    granted = _lines(town, sides.granted(given), waiting, stay, evidence, seen) if waiting else ()
    withheld = [line for line in granted if {*waiting} & {*line.operations}]
    return Consequences(lines, idle, sorted(rests), [*_unread(plan, town, drifted=drifted)], withheld)


def _lines(
    town: Derived, sides: Sides, places: Sequence[int], stay: Staying, evidence: Evidence,
    seen: Part[dict[str, dict[str, Port]]] | None,
) -> list[Consequence]:  # fmt: skip
    """List the lines of the operations to do at some places of the plan, worst first."""
    every = [*flows.consequences(town, sides, places, stay.subnets), *addresses.of(town, sides)]
    every += [*stay.consequences(sides), *members.consequences(town, sides)]
    every += [*inside.consequences(town, sides), *copies.of(town, sides)]
    every += _by_table(town, Counts(town, sides, seen), sides.operations, places)
    every += doubts(town, sides, [at for at in places if sides.operations[at]["kind"] in DOUBTED])
    devices = {device["serial"]: device["name"] for site in town.sites.values() for device in site["devices"]}
    tried = _tried(town, sides.operations)
    return sorted((_named(_proven(line, evidence), devices) for line in every), key=lambda line: _rank(line, tried))


def _waits(operation: Mapping[str, Any]) -> bool:
    return is_waiting(operation) and not is_left(operation)


_POINTS = 2
_OPPOSITE = {"create": "delete", "delete": "create"}


def undone(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Turn an operation into what takes it back."""
    content = {"before": operation["content"]["after"], "after": operation["content"]["before"]}
    action = _OPPOSITE.get(operation["action"], operation["action"])
    places = {"key": operation.get("slot", operation["key"]), "slot": operation["key"]} if "slot" in operation else {}
    return {**operation, "action": action, "content": content, "waiting": None, **places}


def _by_table(
    town: Derived, counts: Counts, operations: Sequence[Mapping[str, Any]], to_do: Sequence[int]
) -> Iterator[Consequence]:
    """Yield what the table says of the operations to do, at their places in the plan."""
    for line in effects.consequences(town, counts, [operations[at] for at in to_do]):
        yield replace(line, operations=tuple(to_do[at] for at in line.operations))


def _proven(line: Consequence, evidence: Evidence) -> Consequence:
    assumed, unread = evidence.of(line.assumed)
    return replace(line, assumed=assumed, unread=unread)


def _named(line: Consequence, devices: Mapping[str, str]) -> Consequence:
    """Name the devices of a line as people do, not by their serial numbers."""
    who, said = (SERIAL.sub(lambda serial: devices.get(serial[0], serial[0]), text) for text in (line.who, line.said))
    return replace(line, who=who, said=said)


_SUBJECTS: Sequence[str] = get_args(Subject)
_WORST: Mapping[str, int] = {gravity: [*dict.fromkeys(SIGNS.values())].index(sign) for gravity, sign in SIGNS.items()}
"""The rank of a gravity by its sign alone."""


def _tried(town: Derived, operations: Sequence[Mapping[str, Any]]) -> set[int]:
    """Give the places of the operations on machines of no production."""
    hosting = town.commune["hosting"] if town.commune else None
    trial = {machine["name"] for machine in hosting["machines"] if not machine["production"]} if hosting else set()
    return {at for at, operation in enumerate(operations) if operation["label"] in trial}


def _rank(line: Consequence, tried: Set[int]) -> tuple[int, bool, int, int, str]:
    """Give the rank of a line, the worst first; what is of no production comes after its like."""
    of_trial = bool(line.operations) and {*line.operations} <= tried
    return _WORST[line.gravity], of_trial, GRAVITY.index(line.gravity), _SUBJECTS.index(line.subject), line.who


def _computes(operation: Mapping[str, Any]) -> bool:
    return any(row.get("computed") for row in effects.rows_of(operation))


def _reason(operation: Mapping[str, Any]) -> str:
    """Say why an operation changes nothing for people."""
    rows = [*effects.rows_of(operation)]
    reasons = [str(row[name]) for row in rows for name in ("nobody", "none") if name in row]
    return "ce qui passe, les adresses et les noms restent les mêmes" if not reasons else reasons[0]


def _unread(plan: Mapping[str, Any], town: Derived, *, drifted: bool) -> Iterator[str]:
    """Name what is not in the computation; say where the declaration is not that of the plan."""
    if plan["declaration"] != town.town_digest:
        yield "la déclaration a changé depuis ce plan : le calcul part de celle d’aujourd’hui, refaites-le"
    for trouble in plan["troubles"]:
        yield f"{trouble['host'] or 'exécution'} / {trouble['task']} : pas lu, ce qui en dépend n’est pas connu"
    if not drifted and (points := [*_points(plan)]):
        yield f"en attente, pas dans le calcul : {some(points, _POINTS, ' ; ')}"
    taken = {*_taken(plan["operations"])}
    if names := [f"{o['kind']} {o['key']}" for o in plan["orphans"] if (o["kind"], o["key"]) not in taken]:
        yield f"{agreed(len(names), 'objet(s)')} que personne ne déclare, pas dans le calcul : {some(names)}"


def _points(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is withheld of those who have operations, but for what waits for a word."""
    owners = tuple({f"{operation['owner']} : " for operation in plan["operations"]})
    computed = tuple(f"{operation['owner']} : {to_confirm(word)}" for operation in plan["operations"]
                     if _waits(operation) for word in operation.get("words") or ())  # fmt: skip
    yield from (text for text in plan["withheld"] if text.startswith(owners) and not text.startswith(computed))


def _taken(operations: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Name the rules that the policies of a plan take away, which are in the computation."""
    for policy in operations:
        content = {side: policy["content"][side] or {} for side in ("before", "after")}
        for entry in LISTS if policy["kind"] == "policy" else ():
            was, will = (keys(content[side].get(entry) or []) for side in ("before", "after"))
            name = {**content["after"], **content["before"]}["name"]
            yield from (("rule", f"{name}/{entry}/{key}") for key in was if key not in will)
