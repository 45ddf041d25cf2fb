"""The file in which earlier versions kept what lives, with less of each thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import zoned
from piste.engine.repository import ROOT
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.former import Content, Former, of_file
from piste.sites.living.kept import NEXUS_PORTS, PARTS, SHRUNK


def _file(environment: str, parse: Callable[[Any], Content]) -> Mapping[Path, Former]:
    return of_file(ROOT / ".piste" / "living" / environment / "readings.json", parse)


def network(environment: str) -> Mapping[Path, Former]:
    return _file(environment, lambda kept: _parts("meraki", kept))


def hosting(environment: str) -> Mapping[Path, Former]:
    return _file(environment, lambda kept: _parts("prism", kept))


def supervision(environment: str) -> Mapping[Path, Former]:
    """Give the hosts; of the problems, only their number was kept."""

    def parse(kept: Mapping[str, Any]) -> Content:
        content: dict[str, Tried[Any]] = {**_parts("zabbix", {"hosts": kept["hosts"]} if "hosts" in kept else {})}
        if "problems" in kept:
            content["problems"] = Unread(SHRUNK, zoned(kept["problems"]["read_at"]))
        return content

    return _file(environment, parse)


def nexus(environment: str) -> Mapping[Path, Former]:
    """Give the ports of each switch; no version was kept."""

    def parse(kept: Mapping[str, Any]) -> Content:
        return {
            switch: Reading({NEXUS_PORTS: part["values"], "version": None}, zoned(part["read_at"]))
            for switch, part in kept.get(NEXUS_PORTS, {}).items()
        }

    return _file(environment, parse)


def _parts(system: str, kept: Mapping[str, Any]) -> Content:
    return {
        part: Reading({part: kept[part]["values"]}, zoned(kept[part]["read_at"]))
        for part in PARTS[system] if part in kept
    }  # fmt: skip
