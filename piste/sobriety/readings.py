"""Live readings that the playbook of sobriety leaves in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from piste.engine.converge.text import of_declaration
from piste.readings.belief import Last
from piste.readings.computers.judge import Measured
from piste.readings.storage.kept import Kept
from piste.sobriety import usage
from piste.sobriety.printing.log import PrintLog
from piste.sobriety.usage import Week

Item = Mapping[str, Any]
UNREAD = "aucun fichier n’a été écrit"


@dataclass(frozen=True, slots=True)
class Readings:
    """Live readings; None, or a site absent from `networks`, was not read.

    `unread` gives the reason by the name of the file.

    `networks` gives, by site, `{ssids, switch_ports, port_schedules?, devices}` as the modules gather them; `queues`
    are the print queues by name; `links` the links of group policies by place; `f3` the figure of the hours of
    machines; `capacity` the report of the cluster; `energy` what the switches drew, `{switches: [{serial, kwh}],
    period: {start, end, hours}}`; `usage` weeks of the use of the network, oldest first; `storage` the last readings of
    the shares, by name; `accounting` what the print server counted until now; `computers` the inventory with the kept
    measures.
    """

    networks: Mapping[str, Item] = field(default_factory=dict)
    queues: Mapping[str, Item] | None = None
    links: Mapping[str, Item] | None = None
    f3: Item | None = None
    capacity: Item | None = None
    energy: Item | None = None
    usage: Sequence[Week] | None = None
    storage: Mapping[str, Last[Kept]] = field(default_factory=dict)
    accounting: PrintLog | None = None
    computers: Measured | None = None
    unread: Mapping[str, str] = field(default_factory=dict)

    def why(self, name: str) -> str:
        """Give the reason why a reading is unknown; empty if it was read.

        Names are those of files: `network/ecole-jaures`, `printing`, `hosting/f3`.
        """
        return self.unread.get(name, "")


def read(folder: Path, sites: Iterable[str], why: Mapping[str, str]) -> Readings:
    """Read the files of the open `sites`.

    `why` gives the reason of a reading that failed, by the name of its file without ending (`network/ecole-jaures`,
    `hosting/f3`) or by its first word (`network`, `printing`, `directory`, `hosting`, `energy`).
    """
    unread: dict[str, str] = {}

    def of(name: str, ending: str, parse: Callable[[str], Any]) -> Any:
        path = folder / f"{name}.{ending}"
        if not path.is_file():
            unread[name] = why.get(name) or why.get(name.partition("/")[0]) or UNREAD
            return None
        try:
            content = parse(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, ValueError) as fault:
            content, reason = None, f"{path.name} ne se lit pas : {str(fault).splitlines()[0]}"
        else:
            reason = f"{path.name} ne contient pas ce qui est attendu"
        if not isinstance(content, Mapping):
            unread[name] = reason
            return None
        return content

    networks = {site: of(f"network/{site}", "yml", of_declaration) for site in sites}
    printing = of("printing", "yml", of_declaration)
    directory = of("directory", "yml", of_declaration)
    return Readings(
        networks={site: network for site, network in networks.items() if network is not None},
        queues=_by(printing, "print_queues", "name"),
        links=_by(directory, "gpo_links", "target"),
        f3=of("hosting/f3", "json", json.loads),
        capacity=of("hosting/capacite", "json", json.loads),
        energy=of("energy", "json", json.loads),
        usage=_weeks(of("usage", "json", json.loads), unread),
        unread=unread,
    )


def _weeks(content: Item | None, unread: dict[str, str]) -> list[Week] | None:
    """Check the weeks of use that were read; None with their reason where they are not weeks."""
    try:
        return None if content is None else usage.parsed(content.get("weeks"))
    except ValueError as fault:
        unread["usage"] = f"usage.json ne contient pas ce qui est attendu : {str(fault).splitlines()[0]}"
        return None


def _by(content: Item | None, part: str, key: str) -> dict[str, Item] | None:
    return None if content is None else {str(item[key]): item for item in content.get(part) or ()}
