"""The file in which earlier versions kept the readings of certificates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import zoned
from piste.engine.repository import ROOT
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.certificates.facts import Facts
from piste.readings.former import Content, Former, of_file


def certificates(environment: str) -> Mapping[Path, Former]:
    return of_file(_file(environment), _certificates)


def tickets(environment: str) -> Mapping[Path, Former]:
    return of_file(_file(environment), _tickets)


def _file(environment: str) -> Path:
    return ROOT / ".piste" / "certificates" / environment / "readings.json"


def _certificates(kept: Mapping[str, Any]) -> Content:
    moment = zoned(kept["read_at"])
    read: dict[str, Tried[Facts]] = {name: Reading(facts, moment) for name, facts in kept["facts"].items()}
    return read | {name: Unread(str(why), moment) for name, why in kept["unread"].items()}


def _tickets(kept: Mapping[str, Any]) -> Content:
    return {"glpi": Reading(kept["tickets"], zoned(kept["read_at"]))} if "tickets" in kept else {}
