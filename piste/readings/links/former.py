"""The files in which earlier versions kept the readings of links, a month each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import zoned
from piste.engine.repository import ROOT
from piste.readings.belief import Reading
from piste.readings.former import Content, Former, of_folder


def months(environment: str) -> Mapping[Path, Former]:
    return of_folder(ROOT / ".piste" / "links" / environment, "????-??.json", _month)


def _month(kept: Mapping[str, Any]) -> Content:
    moment = max(zoned(moment) for moment in (kept["measured_at"], kept["traffic_at"]) if moment)
    return {kept["month"]: Reading(dict(kept), moment)}
