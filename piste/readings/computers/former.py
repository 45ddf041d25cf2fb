"""The files in which earlier versions kept measures, a computer each, and the collection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import zoned
from piste.readings.belief import Reading, Unread
from piste.readings.computers.kept import SHARE
from piste.readings.former import Content, Former, of_file, of_folder, private_place


def collection(environment: str) -> Mapping[Path, Former]:
    return of_file(private_place("computers", environment) / "collection.json", _collection)


def measures(environment: str) -> Mapping[Path, Former]:
    return of_folder(private_place("computers", environment), "[A-Z0-9]*.json", _measure)


def _collection(kept: Mapping[str, Any]) -> Content:
    moment = zoned(kept["taken_at"])
    return {SHARE: Unread(kept["why"], moment) if kept["state"] == "silent" else Reading(dict(kept), moment)}


def _measure(kept: Mapping[str, Any]) -> Content:
    return {kept["report"]["computer"]: Reading(dict(kept), zoned(kept["report"]["taken_at"]))}
