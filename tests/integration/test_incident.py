"""From a symptom to the command: the systems fail, the promised line is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.engine.repository import ROOT
from piste.exports.portal.known import known
from piste.exports.portal.states import site_cell
from piste.exports.portal.write import contents
from piste.readings.certificates import kept as certificates
from piste.sites.status import SiteState
from piste.town import declared
from piste.town.model.dates import now
from tests.integration.test_living import SITE, living, read, town, world
from tests.support.inprocess import MerakiWorld
from tests.support.living import HOST, keep
from tests.support.portal import passage
from tests.unit.bag.test_make import certificate_readings

__all__ = ["living", "world"]
PAGE = ROOT / "docs" / "incident.md"
SWITCH = "sw-jau-02"


@pytest.fixture
def failed(world: MerakiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each system fail as the page has it, and read it."""
    for name in ("STATE", "JOURNAL", "VERIFICATIONS"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))
    whole = town()
    assert whole.commune
    assert whole.commune["hosting"]
    devices = {device["name"]: device for device in whole.sites[SITE]["devices"]}
    first = devices["sw-jau-01"]
    cut = [f"{first['serial']}/{port['port']}" for port in first["ports"]]
    world.simulator.behaviour.set(offline=[devices[SWITCH]["serial"]], unplugged=cut)
    at = now().isoformat(timespec="seconds")
    nodes = {node["name"]: dict(HOST) for node in whole.commune["hosting"]["nodes"]}
    next(iter(nodes.values()))["degraded"] = True
    machines = {machine["name"]: ["ON"] for machine in whole.commune["hosting"]["machines"]}
    problem = {"id": "1", "name": "Sur batterie", "severity": 4, "since": at, "acknowledged": False}
    watched = next(asset["name"] for asset in whole.sites[SITE]["assets"] if asset["state"] == "in_service")
    life: dict[str, Any] = {
        "meraki": {**read(world), "read_at": at},
        "prism": {"read_at": at, "machines": machines, "places": {}, "nodes": nodes, "clusters": {}},
        "zabbix": {"read_at": at, "hosts": {}, "problems": {watched: [problem]}},
    }
    for device in life["meraki"]["devices"].values():
        device["reported_at"] = at
    keep(whole, life)
    scan = certificate_readings("assistance", at)
    scan["facts"]["assistance"]["not_after"] = (now() - timedelta(days=1)).isoformat()
    certificates.keep("lab", [scan])


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, arguments)


def promised() -> list[str]:
    """List what the page says that `piste findings` says."""
    rows = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    return [text for row in rows for text in re.findall(r"^ `([^`]+)` $", row[2])]


def test_every_line_that_the_page_promises_is_there(failed: None) -> None:
    assert len(promised()) == 6
    answer = json.loads(run("findings", "--format", "json").output)
    said = "\n".join(finding["what"] for finding in answer["findings"] if finding["state"] != "ok")
    assert [line for line in promised() if line not in said] == []


def test_a_site_whose_switch_is_gone_is_green_nowhere(failed: None) -> None:
    assert f"{SWITCH} : hors ligne" in run("findings", SITE, "--open").output
    status = json.loads(run("status", "--format", "json").output)
    (here,) = [site for site in status["sites"] if site["site"] == SITE]
    assert (here["state"], here["configuration"]) == ("wrong", "unknown")
    moment = now().isoformat(timespec="seconds")
    facts = known(declared.town("lab"), "lab", moment, "", True)
    page = dict(contents(facts, "engineer"))[f"sites/{SITE}.html"].decode()
    assert f"{SWITCH} : hors ligne" in page.replace("\N{NO-BREAK SPACE}", " ")
    converged = replace(facts, states={SITE: SiteState(SITE, passage("ok", ended=moment), None)})
    assert site_cell(converged, SITE).text == "✗ à corriger ; convergé"
    assert site_cell(converged, SITE).mark == "bad"
    town_page = dict(contents(converged, "town"))
    assert "à corriger ; convergé" in town_page["index.html"].decode().replace("\N{NO-BREAK SPACE}", " ")
    assert SWITCH not in town_page[f"sites/{SITE}.html"].decode()
