"""A survey of a task: how many objects are live, and which of them nobody declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.engine.converge.normalise import exported
from piste.engine.converge.orphan import OPENS, WHY, Orphan
from piste.engine.converge.plan import Item, Plan
from piste.engine.converge.resource import Shape
from piste.engine.converge.secrets import without_values
from piste.engine.converge.values import stable

if TYPE_CHECKING:
    from piste.engine.converge.driver import Driver
    from piste.engine.converge.request import Request


def survey(driver: Driver, desired: Sequence[Item], live: Mapping[str, Item], owner: str) -> dict[str, Any]:
    """Survey a task: `{system, owner, kind, there, undeclared, alike}`.

    `there` counts the objects; `undeclared` gives those that the task does not declare, in the form of `config`;
    `alike` names those that share a name, which no declaration can distinguish.
    """
    resource = driver.resource
    others = undeclared(driver, desired, live)
    if resource.parts and others and resource.shape is not Shape.FIXED:
        named = [{name: item[name] for name in resource.key} for item in others.values()]
        again = driver.gather(named, whole=False, fresh=False)
        others = {key: again[key] for key in others}
    alike = sorted(key for key, item in others.items() if resource.key_of(item) != key)
    return {
        "system": resource.system,
        "owner": owner,
        "kind": resource.name,
        "there": sum(not driver.free(key, item) for key, item in live.items()),
        "undeclared": [
            {
                "key": key,
                "label": driver.label(key, item) or key,
                "content": {
                    name: value
                    for name, value in without_values(exported(resource.fields, item, {"owner": owner})).items()
                    if name not in resource.daily
                },
            }
            for key, item in others.items()
            if key not in alike
        ],
        "alike": alike,
    }


def undeclared(driver: Driver, desired: Sequence[Item], live: Mapping[str, Item]) -> dict[str, Item]:
    """List the live objects that the task does not declare, by key.

    An object that the system makes by itself counts only with what somebody has changed since.
    """
    resource = driver.resource
    declared = {resource.key_of(item) for item in desired}
    there = {key: item for key, item in live.items() if key not in declared and not driver.free(key, item)}
    if resource.shape is not Shape.FIXED:
        return there
    touched = {key: touched_since_made(driver, key, item) for key, item in there.items()}
    return {key: item for key, item in touched.items() if item}


def strangers(
    request: Request, driver: Driver, desired: Sequence[Item], live: Mapping[str, Item], planned: Plan
) -> list[Orphan]:
    """Name each object that nobody declares and that the plan leaves alone: `{kind, key, why}`.

    Without a survey, those alone that are an alarm, or that each plan is to name; in an undo none.
    """
    if request.undoes:
        return []
    left = [*driver.abandoned(desired)] if request.state == "merged" else []
    if not driver.sees_all:
        return left
    touched = {operation.place for operation in planned.operations}
    strange, alarms = [], set()
    for key, item in undeclared(driver, desired, live).items():
        alarm = driver.alarm(key, item)
        if key not in touched and (alarm or request.survey):
            name = driver.label(key, item) or key
            strange.append((name, alarm or _changes(driver, item)))
            alarms |= {name} if alarm else set()
    if request.survey:
        strange += driver.strays(desired)
    return left + [
        {
            "kind": driver.resource.name,
            "key": "/".join(part for part in (driver.scope, name) if part),
            "why": f"{WHY}, {more}" if more else WHY,
            **({"gravity": OPENS} if name in alarms else {}),
        }
        for name, more in strange
    ]


def _changes(driver: Driver, item: Item) -> str:
    """Say what was changed of an object that the system made."""
    if driver.resource.shape is not Shape.FIXED:
        return ""
    return "changé depuis sa mise en service : " + ", ".join(name for name in item if name not in driver.resource.key)


def touched_since_made(driver: Driver, key: str, item: Item) -> Item:
    """List what somebody has changed of an object that the system made, under its key.

    It is empty where nobody has changed anything.
    """
    made = driver.reset(key, item)
    changed = {name: item[name] for name in made if name in item and stable(item[name]) != stable(made[name])}
    return {**{name: item[name] for name in driver.resource.key}, **changed} if changed else {}
