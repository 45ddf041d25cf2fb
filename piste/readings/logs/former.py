"""The file in which earlier versions kept the last check of the logs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import zoned
from piste.engine.repository import ROOT
from piste.readings.belief import Reading
from piste.readings.former import Content, Former, of_file
from piste.readings.logs.kept import TREE


def check(environment: str) -> Mapping[Path, Former]:
    return of_file(ROOT / ".piste" / "logs" / f"{environment}.json", _check)


def _check(kept: Mapping[str, Any]) -> Content:
    return {TREE: Reading(dict(kept), zoned(kept["read_at"]))}
