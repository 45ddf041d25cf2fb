"""Checks of doctor on the Dashboard, and the cause of each failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.meraki.handlers import HANDLERS
from piste.engine.transport import probe
from piste.engine.transport.shared import VARIABLE, Limiter
from piste.runs.read import of
from tests.support.meraki_client import small_inventory

ALL = ["reachable", "certificate", "clock", "rate", "key", "organization", "rights", "templates", "living"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with Lab("empty", tls=True, folder=folder, inventory=small_inventory()) as opened:
        opened.meraki.behaviour.set(rate_limit=None)
        yield opened


@pytest.fixture(autouse=True)
def alone(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(Limiter, "wait", lambda self: None)  # the rate is judged here, not waited for
    lab.calls.clear()
    yield
    lab.faults.clear()


def checked(lab: Lab, core: dict[str, str] | None = None, **changes: Any) -> dict[str, dict[str, str]]:
    dashboard = {
        "base_url": lab.info["meraki"]["url"],
        "api_key": lab.info["meraki"]["api_key"],
        "organization": "Ville du Bourget",
        "ca_file": lab.info["ca_file"],
        "rate": 10,
    }
    given = {name: changes.pop(name) for name in ("links", "waves") if name in changes}
    result = of("meraki_checks").run({"dashboard": {**dashboard, **changes}, "core": core, **given}, True)
    assert not result["changed"]
    assert all(finding["todo"] for finding in result["findings"] if finding["state"] != "ok")
    assert str(dashboard["api_key"]) not in str(result)
    return {finding["id"].removeprefix("meraki."): finding for finding in result["findings"]}


def states(findings: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: finding["state"] for name, finding in findings.items() if finding["state"] != "ok"}


def test_a_network_of_an_upgrade_that_stages_its_switches_is_named(lab: Lab) -> None:
    organization = lab.info["meraki"]["organization_id"]
    body = {"name": "VLB étages", "productTypes": ["switch"]}
    network = lab.meraki.edit("POST", f"/organizations/{organization}/networks", body)["id"]
    assert "staged" not in checked(lab)
    assert checked(lab, waves=["VLB étages", "VLB à créer"])["staged"]["state"] == "ok"
    group = {"groupId": "2", "name": "Étage 2", "description": "", "isDefault": False, "assignedDevices": {}}
    lab.meraki.world.networks[network]["staged_groups"] = [group]
    said = checked(lab, waves=["VLB étages"])["staged"]
    assert (said["state"], "VLB étages (Étage 2)" in said["what"]) == ("wrong", True)
    lab.faults.add("status", status=500, path="staged/groups", times=9)
    assert checked(lab, waves=["VLB étages"])["staged"]["state"] == "unknown"


def test_a_link_of_the_core_that_is_plugged_in_and_leads_nowhere_declared_is_named(lab: Lab) -> None:
    def said(*ports: str) -> dict[str, str]:
        return checked(lab, links=[*ports])["links"]

    world, edit = lab.meraki.world, lab.meraki.edit
    switches = [device["serial"] for device in world.devices.values() if device["kind"] == "switch"]
    (core,) = switches[:1]
    uplink = world.devices[core]["uplink_port"]
    assert said(f"{core}/{uplink}")["state"] == "ok", "it is in no network yet"
    organization = lab.info["meraki"]["organization_id"]
    body = {"name": "VLB essai", "productTypes": ["switch"]}
    network = edit("POST", f"/organizations/{organization}/networks", body)["id"]
    edit("POST", f"/networks/{network}/devices/claim", {"serials": [core]})
    finding = said(f"{core}/{uplink}", f"{core}/1")
    assert (finding["state"], f"/{uplink} (" in finding["what"]) == ("wrong", True)
    assert said(f"{core}/1")["state"] == ("ok" if "1" not in world.devices[core]["neighbours"] else "wrong")
    assert said()["state"] == "ok"
    lab.faults.add("status", status=500, path="statuses/bySwitch", times=9)
    assert said(f"{core}/{uplink}")["state"] == "unknown"
    # The other tests of this lab begin from bare hardware.
    edit("DELETE", f"/networks/{network}")


def test_a_good_access_is_conform_in_a_few_reads(lab: Lab) -> None:
    findings = checked(lab)
    assert (list(findings), states(findings)) == (ALL, {})
    assert lab.calls.of("meraki") == {"reads": 8, "writes": 0, "sessions": 0}


def test_a_refused_key_is_wrong_and_stops_there(lab: Lab) -> None:
    findings = checked(lab, api_key="clef-qui-n-est-pas-la-bonne")
    assert (list(findings), states(findings)) == (ALL[:5], {"key": "wrong"})
    assert "refuse la clé d’API (401)" in findings["key"]["what"]


@pytest.mark.parametrize("organization", ["Ville de Drancy", "123456"])
def test_an_organization_that_the_key_does_not_see_is_wrong(lab: Lab, organization: str) -> None:
    findings = checked(lab, organization=organization)
    assert states(findings) == {"organization": "wrong"}
    assert "Organisations visibles : Ville du Bourget." in findings["organization"]["what"]


@pytest.mark.parametrize(
    ("admins", "state"),
    [
        ([("full", True), ("read-only", False)], {}),
        ([("read-only", True), ("full", False)], {"rights": "wrong"}),
        ([("none", True)], {"rights": "wrong"}),
        ([("full", True), ("read-only", True)], {"rights": "unknown"}),
        ([("full", False)], {"rights": "unknown"}),
    ],
)
def test_a_key_that_cannot_write_is_wrong_and_a_doubt_is_unknown(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, admins: list[tuple[str, bool]], state: dict[str, str]
) -> None:
    answer = [{"orgAccess": access, "hasApiKey": has_key} for access, has_key in admins]
    monkeypatch.setitem(HANDLERS, "getOrganizationAdmins", lambda call: answer)
    assert states(checked(lab)) == state


def test_a_network_that_follows_a_template_is_named(lab: Lab) -> None:
    network = lab.meraki.edit("POST", "/organizations/930093/networks", {"name": "Jaurès", "productTypes": ["switch"]})
    lab.meraki.world.networks[network["id"]]["bound"] = True
    findings = checked(lab)
    lab.meraki.edit("DELETE", f"/networks/{network['id']}")
    assert states(findings) == {"templates": "wrong"}
    assert "décide de Jaurès" in findings["templates"]["what"]


def test_rights_that_cannot_be_read_are_unknown(lab: Lab) -> None:
    lab.faults.add("status", status=403, path="/admins$", times=None)
    assert states(checked(lab)) == {"rights": "unknown"}


def test_a_list_of_what_lives_that_is_refused_is_named(lab: Lab) -> None:
    lab.faults.add("status", status=403, path="/switch/ports/statuses/bySwitch$", times=None)
    findings = checked(lab)
    assert states(findings) == {"living": "wrong"}
    assert "/switch/ports/statuses/bySwitch" in findings["living"]["what"]


@pytest.mark.parametrize(("rate", "said"), [(11, "11 requêtes par seconde"), (0, "aucune limite de requêtes")])
def test_a_rate_above_the_vendor_s_is_wrong(lab: Lab, rate: float, said: str) -> None:
    findings = checked(lab, rate=rate)
    assert (states(findings), findings["rate"]["what"].startswith(said)) == ({"rate": "wrong"}, True)


def test_a_clock_that_is_late_and_a_certificate_that_ends_are_wrong(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SKEW", -1.0)
    monkeypatch.setattr(probe, "DAYS_BEFORE_EXPIRY", 1_000_000)
    assert states(checked(lab)) == {"clock": "wrong", "certificate": "wrong"}


def test_an_unattested_certificate_is_wrong_and_nothing_else_is_asked(lab: Lab) -> None:
    findings = checked(lab, ca_file=None)
    assert states(findings) == {"reachable": "wrong"}
    assert list(findings) == ["reachable"]


def test_an_outage_is_unknown_and_not_waited_for(lab: Lab) -> None:
    lab.faults.add("status", status=503, times=None)
    findings = checked(lab)
    assert (list(findings), states(findings)) == (["reachable"], {"reachable": "unknown"})
    assert lab.calls.of("meraki")["reads"] == probe.ATTEMPTS


def test_no_address_is_unknown(lab: Lab) -> None:
    assert states(checked(lab, base_url="")) == {"reachable": "unknown"}


def test_the_core_is_looked_at_before_anything_is_routed(lab: Lab) -> None:
    """It waits, it routes, it does not, its stack routes in its place, it does not answer."""
    place = {"network": "Cœur", "carrier": "pile"}
    assert "les passerelles l’attendent" in checked(lab, place)["core"]["what"]
    made = lab.meraki.edit("POST", "/organizations/930093/networks", {"name": "Cœur", "productTypes": ["switch"]})
    network, models = f"/networks/{made['id']}", {s: d["model"] for s, d in lab.meraki.world.devices.items()}
    large = [serial for serial, model in models.items() if model.startswith("MS210")][:2]
    small = next(serial for serial, model in models.items() if model.startswith("MS120"))
    lab.meraki.edit("POST", f"{network}/devices/claim", {"serials": [*large, small]})
    lab.meraki.edit("POST", f"{network}/switch/stacks", {"name": "pile", "serials": large})
    there = checked(lab, place)
    assert states(there) == {}
    assert "la clé y lit 0 interface routée et 0 route statique" in there["core"]["what"]
    for carrier, said in ((small, "ne route pas (MS120"), (large[0], "est membre d’une pile")):
        wrong = checked(lab, {**place, "carrier": carrier})
        assert states(wrong) == {"core": "wrong"}
        assert said in wrong["core"]["what"]
    declared = {models[small]: {"interfaces": 8, "static_routes": 8, "dhcp_server": False}}
    assert states(checked(lab, {**place, "carrier": small, "models": declared})) == {}
    lab.faults.add("status", status=403, path="/routing/interfaces$", times=None)
    assert states(checked(lab, place)) == {"core": "unknown"}
    lab.meraki.edit("DELETE", network)
