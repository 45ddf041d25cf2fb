"""The handling of missing secrets: the object is left harmless and listed, the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from piste.engine.converge.overlay import restrict
from piste.engine.converge.plan import Item, Live
from piste.engine.converge.resource import Resource
from piste.engine.converge.secrets import Secret, has_missing
from piste.engine.converge.values import stable


def withhold(
    resource: Resource, desired: Sequence[Item], live: Live, lacks: Callable[[Item], str] = lambda item: ""
) -> tuple[list[Item], list[str]]:
    """Set aside what cannot be written for lack of a secret; give the rest and French lines.

    An object in service is left as it is: to switch it off for lack of a secret would be an outage. Any other object is
    written switched off, even where it has a secret that nobody here knows; where its kind cannot be switched off, it
    is not created. `lacks` says what else an object waits for: it is then left alone whole. What is left alone keeps
    its live content, so that no state takes it for undeclared.
    """
    kept: list[Item] = []
    lines: list[str] = []
    waiting: dict[str, list[str]] = {}
    for item in desired:
        key = resource.key_of(item)
        current = live.get(key)
        if reason := lacks(item):
            kept += [] if current is None else [dict(current)]
            waiting.setdefault(reason, []).append(key)
            continue
        lacking = [name for name, value in item.items() if has_missing(value)]
        if not lacking:
            kept.append(item)
            continue
        paths = ", ".join(sorted(_paths([item[name] for name in lacking])))
        dropped = {*resource.needs_secret, *lacking}
        in_place = {name: current[name] for name in dropped if current is not None and name in current}
        bare = in_place | {name: value for name, value in item.items() if name not in dropped}
        off = resource.off is not None and current is not None and restrict(current, resource.off) == resource.off
        if current is not None and not off and _in_place(resource, item, current, dropped):
            kept.append(bare)
            lines.append(f"{resource.name} {key} : secret absent ({paths}), laissé en place sans être vérifié")
        elif resource.off is not None and current is not None and not off:
            kept.append(dict(current))
            lines.append(f"{resource.name} {key} : secret absent ({paths}), en service et laissé tel quel")
        elif resource.off is not None:
            kept.append({**bare, **resource.off})
            lines.append(f"{resource.name} {key} : secret absent ({paths}), laissé désactivé")
        elif current is not None:
            kept.append(bare)
            lines.append(f"{resource.name} {key} : secret absent ({paths}), ses champs secrets ne sont pas touchés")
        else:
            lines.append(f"{resource.name} {key} : secret absent ({paths}), non créé")
    for reason, keys in waiting.items():
        each = "chacun " if len(keys) > 1 else ""
        lines.append(f"{resource.name} {', '.join(keys)} : {each}{reason}, laissé tel quel")
    return kept, lines


def _in_place(resource: Resource, item: Item, current: Item, names: set[str]) -> bool:
    """True where the object has what is declared, as far as the system shows."""
    readable = [field.name for field in resource.fields if field.name in current or not field.unreliable]
    claim = {name: item[name] for name in readable if name in item and name in names}
    live = restrict(current, claim)
    return all(name in live and stable(_bare(claim[name])) == stable(_bare(live[name])) for name in claim)


def _bare(value: Any) -> Any:
    if isinstance(value, Secret):
        return "secret"
    if isinstance(value, Mapping):
        return {key: _bare(inner) for key, inner in value.items() if not isinstance(inner, Secret)}
    if isinstance(value, list):
        return [_bare(inner) for inner in value]
    return value


def _paths(value: Any) -> set[str]:
    if isinstance(value, Secret):
        return {value.path} if value.missing else set()
    if isinstance(value, Mapping):
        return set().union(*(_paths(inner) for inner in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_paths(inner) for inner in value)) if value else set()
    return set()
