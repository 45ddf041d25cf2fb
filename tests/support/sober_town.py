"""A town of three sites over months, in process: steps, systems, hands that undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import sobriety_samples
from piste.runs.plans.play import Order, Played
from piste.sobriety import moves, report, rollout
from piste.sobriety.history import Reading
from piste.systems.meraki.intent import meraki_intent
from piste.town import declared
from piste.town.model import Site, Town
from piste.town.model.dates import OTHER_DAY
from piste.town.model.sobriety.form import RolloutStep, Step
from tests.support.small_town import small_town

WASTED = {"duplexing": "one_sided", "color": True}
SOBER_FROM = date(2027, 2, 1)


class SoberTown:
    """A town in a folder of its own.

    `undone` maps a site to the lever that a hand takes off its systems; `silent` sites do not answer.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self.patch, self.imports = folder / "town", patch, folder / "imports"
        patch.setattr(declared, "TOWN", small_town(self.root))
        for table in ("PCS", "COPIERS"):
            patch.setattr(sobriety_samples, table, self._declared(getattr(sobriety_samples, table)))
        patch.setenv("PISTE_LAB_DIR", str(folder / "lab"))
        patch.setenv("PISTE_STATE_DIR", str(folder / "state"))
        (self.root / rollout.FILE).write_text("---\nsobriety_rollout: []\n", "utf-8")
        self.undone: dict[str, str] = {}
        self.silent: set[str] = set()

    def _declared(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """Keep of a table what is of the sites that are left."""
        left = {path.stem for path in (declared.TOWN / "host_vars").glob("*.yml")}
        return {site: row for site, row in table.items() if site in left}

    def on(self, day: str) -> Town:
        """Make it that day, with the tables of that day."""
        self.patch.setenv(OTHER_DAY, day)
        return moves.town("lab")

    def step(self, lever: str, name: Step, day: str, *targets: str, why: str | None = None) -> None:
        """Inscribe a step, in its order. Raises as `piste sobriety apply` does."""
        town = self.on(day)
        made = RolloutStep(lever=lever, step=name, date=day, by="DSI", targets=list(targets), why=why)
        rollout.check(town.sobriety.levers[lever], rollout.standing(town, lever).steps, made)
        rollout.inscribe([made], "lab", self.root)

    def spare(self, site: str, start: str, until: str) -> None:
        """Declare an event at a site."""
        path = self.root / f"inventories/town/host_vars/{site}.yml"
        event = f'sobriety_exceptions:\n  - {{from: "{start}", until: "{until}", why: Fête de la musique}}\n'
        path.write_text(path.read_text("utf-8") + event, "utf-8")

    def target(self, old: str, new: str) -> None:
        """Change a declared target."""
        path = self.root / "group_vars/all/sobriety.yml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def reading(self, day: str, tables: str = "") -> Reading:
        """Take and keep the reading of a day, with the tables of that day or of another."""
        town = self.on(day)
        sobriety_samples.write(self.imports, date.fromisoformat(tables or day), SOBER_FROM)
        return report.take(town, "lab", self.imports, self.play)[0]

    def play(self, order: Order, **_: Any) -> Played:
        """Answer for the systems: as declared, but for what is undone or silent."""
        town, place = moves.town("lab"), Path(order.extra["folder"])
        (place / "network").mkdir()
        open_sites = {name: site for name, site in town.sites.items() if site["lifecycle"] == "open"}
        for name, site in open_sites.items():
            if name not in self.silent:
                _write(place / f"network/{name}.yml", self._network(name, site))
        queues = [
            {"name": queue["name"], **self._queue(name, queue["settings"])}
            for name, site in open_sites.items()
            for queue in (site["printing"] or {"queues": []})["queues"]
        ]
        _write(place / "printing.yml", {"print_queues": queues})
        links = [
            {"target": link["place"], "links": {policy: {"enabled": True} for policy in link["policies"]}}
            for site in open_sites.values()
            for link in site["directory"]["links"]
        ]
        _write(place / "directory.yml", {"gpo_links": links})
        return Played()

    def _network(self, name: str, site: Site) -> dict[str, Any]:
        intent = meraki_intent(site)
        ssids = [dict(ssid) for ssid in intent["ssids"]]
        if self.undone.get(name) == "wifi-hors-heures":
            ssids[0]["schedule"] = {"enabled": False}
        return {"ssids": ssids, "switch_ports": [], "devices": [], "port_schedules": []}

    def _queue(self, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        if self.undone.get(name) == "impression":
            return WASTED
        return WASTED | {key: settings[key] for key in WASTED if settings.get(key) is not None}


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(json.loads(json.dumps(content)), allow_unicode=True), "utf-8")
