"""The coverage of the supervision (F11): what all owners declare, against Zabbix."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.bounded import Unreadable, content
from piste.engine.converge.module import Module
from piste.engine.converge.reading import FAULTS, reading
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import ZABBIX
from piste.systems.zabbix.coverage import Covered, covered, figures
from piste.systems.zabbix.living import living
from piste.town.derived import owners

FILE = "zabbix/living.json"
"""The reading of Zabbix in an export."""
TARGET = 100.0
"""The share to reach, in percent (CCTP 3.6)."""


class Kept(NamedTuple):
    """The coverage that an export gives; `why` there is none."""

    rows: list[Covered]
    why: str = ""


def kept(folder: Path | None, owners: Iterable[Mapping[str, Any]]) -> Kept:
    """Judge what owners declare by the reading that an export has."""
    if folder is None or not (folder / FILE).is_file():
        return Kept([], "non lue")
    try:
        seen = json.loads(content(folder / FILE))
        if why := seen["unread"].get("hosts"):
            return Kept([], f"Zabbix n’a pas été lu ({why})")
        return Kept(covered(owners, seen))
    except (Unreadable, *FAULTS) as error:
        return Kept([], f"{FILE} ne se comprend pas ({type(error).__name__} : {error})")


def figure_rows(rows: Iterable[Covered]) -> list[dict[str, Any]]:
    """Give F11 by class then for all, as rows of figures; none without a thing to watch."""
    return [
        {
            "class": name,
            "numerator": counts["watched"],
            "denominator": counts["counted"],
            "percent": round(100 * counts["watched"] / counts["counted"], 2) if counts["counted"] else None,
            "target": TARGET,
            "reached": counts["watched"] == counts["counted"] > 0 and not counts["unknown"],
            "unknown": counts["unknown"],
        }
        for name, counts in figures(rows).items()
    ]


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    zabbix = Zabbix(params["zabbix"])
    try:
        seen = living(zabbix)
    finally:
        zabbix.close()
    result = {"changed": False, "calls": zabbix.calls}
    if why := seen["unread"].get("hosts"):
        return {**result, "coverage": [], "figures": {}, "warnings": [f"F11 : inconnu ({why})"]}
    with reading("zabbix"):
        rows = covered(owners().values(), seen)
    return {**result, "coverage": [row._asdict() for row in rows], "figures": figures(rows)}


MODULES: Mapping[str, Module] = {
    "zabbix_coverage": Module(name="zabbix_coverage", options=(ZABBIX,), run=_run),
}
