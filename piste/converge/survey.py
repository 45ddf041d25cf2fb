"""What a task of a run has met: how much is there, and what of it nobody declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.converge.normalise import exported
from piste.converge.plan import Item
from piste.converge.resource import Shape
from piste.converge.secrets import without_values
from piste.converge.values import stable

if TYPE_CHECKING:
    from piste.converge.driver import Driver


def survey(driver: Driver, wanted: Sequence[Item], live: Mapping[str, Item], owner: str) -> dict[str, Any]:
    """``{system, owner, kind, there, undeclared, alike}``: the number of objects, those that the task does not declare
    in the form of ``config``, and the names that several of them bear, which no declaration can tell apart."""
    resource = driver.resource
    declared = {resource.key_of(item) for item in wanted}
    there = {key: item for key, item in live.items() if not driver.free(key, item)}
    others = {key: item for key, item in there.items() if key not in declared}
    if resource.shape is Shape.FIXED:
        touched = {key: _touched_since_made(driver, key, item) for key, item in others.items()}
        others = {key: item for key, item in touched.items() if item}
    elif resource.parts and others:
        named = [{name: item[name] for name in resource.key} for item in others.values()]
        again = driver.gather(named, whole=False, fresh=False)
        others = {key: again[key] for key in others}
    alike = sorted(key for key, item in others.items() if resource.key_of(item) != key)
    return {
        "system": resource.system,
        "owner": owner,
        "kind": resource.name,
        "there": len(there),
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


def _touched_since_made(driver: Driver, key: str, item: Item) -> Item:
    """What somebody has changed of an object that the system made, under its key; empty where nobody has."""
    made = driver.reset(key, item)
    changed = {name: item[name] for name in made if name in item and stable(item[name]) != stable(made[name])}
    return {**{name: item[name] for name in driver.resource.key}, **changed} if changed else {}
