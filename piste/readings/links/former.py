"""The files in which earlier versions kept the readings of links, a month each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.repository import ROOT
from piste.readings.belief import Reading
from piste.readings.former import Content, Former, at, of_file
from piste.readings.links.period import MONTH


def months(environment: str) -> Mapping[Path, Former]:
    formers: dict[Path, Former] = {}
    for path in sorted((ROOT / ".piste" / "links" / environment).glob("*.json")):
        if MONTH.fullmatch(path.stem):
            formers |= of_file(path, _month)
    return formers


def _month(kept: Mapping[str, Any]) -> Content:
    moment = max(at(moment) for moment in (kept["measured_at"], kept["traffic_at"]) if moment)
    return {kept["month"]: Reading(dict(kept), moment)}
