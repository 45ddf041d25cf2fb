"""Files of the control node that a GPO of a task names: scripts, signed programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Fault
from piste.systems.windows.gpo.scripts import with_contents
from piste.systems.windows.gpo.stored import SIDES
from piste.systems.windows.signed import carried


def whole(item: Mapping[str, Any], signed: str | None) -> tuple[dict[str, Any], list[Fault], str]:
    """Put the content of the named files into a GPO.

    Returns the GPO, the faults, and what it waits for. `signed` is the folder of signed programs.
    """
    result, faults = dict(item), []
    for which in SIDES:
        scripts = item[which].get("scripts") if isinstance(item.get(which), Mapping) else None
        if isinstance(scripts, Mapping) and any("file" in script for script in _scripts(scripts)):
            path = f"config[{item.get('name', '?')}].{which}.scripts"
            read, misread = with_contents(scripts, path, lambda name: Path(name).read_bytes())
            result[which] = {**item[which], "scripts": read}
            faults += misread
    result, waits = carried(result, signed)
    return result, faults, waits


def _scripts(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for scripts in value.values():
        yield from (script for script in scripts if isinstance(script, Mapping)) if isinstance(scripts, list) else ()
