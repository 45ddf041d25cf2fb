"""From a symptom to the command: the systems fail, the promised line is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab import Lab
from lab.authority import authority
from lab.endpoints import Endpoints
from piste.cli import main
from piste.engine.repository import ROOT
from piste.exports.portal.known import known
from piste.exports.portal.states import site_cell
from piste.exports.portal.write import contents
from piste.readings.certificates import kept as certificates
from piste.readings.certificates.scan import MODULES as CERTIFICATES
from piste.readings.protection import kept as copies
from piste.readings.protection.figures import findings as backups
from piste.readings.scopes import kept as scopes
from piste.readings.table import Answer
from piste.sites.status import SiteState
from piste.systems.windows.dhcp.uses import MODULES as SCOPES
from piste.town import declared, derived
from piste.town.model import Town
from piste.town.model.dates import now
from tests.integration.test_living import SITE, living, read, town, world
from tests.support.dhcp import FIRST, PARTNER, USERS
from tests.support.dhcp import Town as Servers
from tests.support.hosting import PrismWorld
from tests.support.inprocess import MerakiWorld
from tests.support.living import keep
from tests.support.portal import passage
from tests.support.veeam import run as run_veeam
from tests.support.veeam import simulator
from tests.support.zabbix import ON_BATTERY

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
    devices = {device["name"]: device for device in whole.sites[SITE]["devices"]}
    first = devices["sw-jau-01"]
    cut = [f"{first['serial']}/{port['port']}" for port in first["ports"]]
    world.simulator.behaviour.set(offline=[devices[SWITCH]["serial"]], unplugged=cut)
    at = now().isoformat(timespec="seconds")
    problem = {"id": "1", **ON_BATTERY, "since": at, "acknowledged": False}
    prism = PrismWorld(tmp_path)
    prism.simulator.clock.freeze(now().timestamp())
    hosts = {host["hostName"]: host for host in prism.simulator.world.of("Host").values()}
    hosts["ntnx-hdv-a"]["hypervisor"]["acropolisConnectionState"] = "DISCONNECTED"
    with prism.run() as run:
        hosting = run.module("prism_living")["living"]
        points = run.module("prism_recovery_points", declared=whole.commune["protection"])["readings"]
    life: dict[str, Any] = {
        "meraki": {**read(world), "read_at": at},
        "prism": hosting,
        "zabbix": {"read_at": at, "hosts": {}, "problems": {"ups-hdv-1": [problem]}},
    }
    for device in life["meraki"]["devices"].values():
        device["reported_at"] = at
    keep(whole, life)
    _certificates(whole, tmp_path)
    _copies(whole, points)
    _scopes(whole, tmp_path)


def _certificates(whole: Town, folder: Path) -> None:
    """Scan an endpoint whose certificate is over."""
    assert whole.commune
    declared = whole.commune["certificates"]
    served = Endpoints(folder, authority(folder), declared).start()
    served.set(assistance="expired")
    tls = {"ca_file": str(folder / "ca.pem"), "only_elsewhere": True, **served.info}
    scanned = CERTIFICATES["certificate_scan"].run({"declared": declared, "tls": tls, "names": ["assistance"]}, False)
    served.close()
    certificates.keep("lab", [scanned["certificates"]])


def _copies(whole: Town, points: list[Any]) -> None:
    """Read a Veeam that copied a machine each night, and ran no more for nine days."""
    assert whole.commune
    veeam = simulator()
    veeam.clock.freeze(now().timestamp())
    veeam.world.objects, veeam.world.repositories = ["hdv-rct1"], {"sauvegarde": 0}
    for lost in (0, 9):
        veeam.behaviour.set(lost_days=lost)
        read = run_veeam("veeam_copies", veeam, whole.commune["protection"])["readings"]
        copies.keep("lab", [*points, *read])
        said = {finding.id: finding.what for finding in backups(whole, "lab")}["copies.hdv-rct1"]
        assert ("dernière copie il y a 9 j" in said) == bool(lost)


def _scopes(whole: Town, folder: Path) -> None:
    """Read two servers that have lent every address of a scope."""
    with Lab(tls=True, inventory=[], others=("winrm",)) as lab:
        lab.reset("empty")
        servers = Servers(lab, folder)
        servers.run({**USERS, "exclusions": []})
        for name in (FIRST, PARTNER):
            scope = servers.scopes(name)["10.93.41.0"]
            scope["leases"] = {f"10.93.41.{host}": "00-11-22-33-44-55" for host in range(50, 240)}
        with servers.one_run():
            made = SCOPES["dhcp_uses"].run({"winrm": servers.winrm, "servers": [FIRST, PARTNER]}, False)
    assert scopes.take(whole, "lab", Answer(made, {}, {}))


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, arguments)


def promised() -> list[str]:
    """List what the page says that `piste findings` says."""
    rows = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    return [text for row in rows for text in re.findall(r"^ `([^`]+)` $", row[2])]


def test_every_line_that_the_page_promises_is_there(failed: None) -> None:
    assert len(promised()) == 7
    answer = json.loads(run("findings", "--format", "json").output)
    said = "\n".join(finding["what"] for finding in answer["findings"] if finding["state"] != "ok")
    assert [line for line in promised() if line not in said] == []


def test_a_site_whose_switch_is_gone_is_green_nowhere(failed: None) -> None:
    # The second time, the town is what was kept of its derivation.
    for _ in range(2):
        derived._known.clear()
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
