"""Changes by the vendor's own SDK behind Piste's back: named, and repaired where traceable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.network import MODULES
from piste.runs.plans.undo import inverse
from piste.systems.meraki.administrators import MODULES as ADMINISTRATORS
from tests.contract.test_meraki_sdk import ORG, Sdk
from tests.support.meraki_client import small_inventory

NETWORK = "VLB ctm"
GUESTS = {
    "name": "VLB-Invites",
    "number": 3,
    "enabled": True,
    "auth_mode": "open",
    "ip_assignment_mode": "Bridge mode",
    "use_vlan_tagging": True,
    "default_vlan_id": 90,
}
OPEN = "personne ne le déclare, il est allumé et OUVERT : n’importe qui s’y connecte"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("brownfield", tls=True, inventory=small_inventory()) as running:
        running.meraki.behaviour.set(rate_limit=None, batch_delay=0.0)
        yield running


def test_what_the_sdk_adds_is_named_and_what_it_renames_gets_its_name_back(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk, runs = Sdk(lab), iter(range(9))

    def run(module: str, *config: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        folder = tmp_path / f"run-{next(runs)}"
        folder.mkdir()
        monkeypatch.setenv(VARIABLE, str(folder))
        access = {"base_url": lab.info["meraki"]["url"], "api_key": lab.info["meraki"]["api_key"], "rate": 0}
        common = {"state": "merged", "owner": "ctm", "absent": [], "confirm": [], "max_removals": 5, "secrets": {}}
        dashboard = {**access, "ca_file": lab.info["ca_file"], "organization": ORG}
        return MODULES[module].run({"dashboard": dashboard, "config": config, **common, **options}, check)

    def ssids(**options: Any) -> dict[str, Any]:
        return run("meraki_ssids", GUESTS, network=NETWORK, **options)

    assert ssids()["changed"]
    network = next(known["id"] for known in sdk("getOrganizationNetworks", ORG) if known["name"] == NETWORK)
    before = ssids(check=True, survey=True)
    sdk("updateNetworkWirelessSsid", network, "9", name="Libre", enabled=True)
    sdk("updateNetworkWirelessSsid", network, "3", name="Gratuit")
    drift = ssids(check=True, survey=True)
    assert [orphan for orphan in drift["orphans"] if orphan not in before.get("orphans", [])] == [
        {"kind": "ssid", "key": f"{NETWORK}/Libre", "why": OPEN, "gravity": "opens"}
    ]
    assert [(operation["key"], operation["slot"], operation["fields"]) for operation in drift["operations"]] == [
        ("VLB-Invites", "Gratuit", ["name"])
    ]
    ssids()
    lit = {ssid["number"]: ssid["name"] for ssid in sdk("getNetworkWirelessSsids", network) if ssid["enabled"]}
    assert (lit[3], lit[9], "Gratuit" in lit.values()) == ("VLB-Invites", "Libre", False)

    serials = [device["serial"] for device in sdk("getOrganizationDevices", ORG) if device["networkId"] == network]
    sdk("updateNetwork", network, name="Ateliers")
    place = {"name": NETWORK, "devices": serials, "others": ["VLB ccas"]}
    assert run("meraki_networks", place)["summary"] == [f"~ network {NETWORK} : name"]
    assert sdk("getNetwork", network)["name"] == NETWORK
    assert not ssids(check=True, survey=True)["changed"]


def test_the_sdk_sees_an_administrator_leave_and_the_invitation_that_gives_its_access_back(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk, email = Sdk(lab), "astreinte@prestataire.invalid"
    access = {"base_url": lab.info["meraki"]["url"], "api_key": lab.info["meraki"]["api_key"], "rate": 0}
    dashboard = {**access, "ca_file": lab.info["ca_file"], "organization": ORG}
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    def run(**given: Any) -> dict[str, Any]:
        module = ADMINISTRATORS["meraki_administrators"]
        return module.run({**module.defaults, "dashboard": dashboard, **given}, False)

    def seen() -> list[tuple[str, str]]:
        listed = sdk("getOrganizationAdmins", ORG)
        return [(admin["orgAccess"], admin["accountStatus"]) for admin in listed if admin["email"] == email]

    assert seen() == [("read-only", "ok")]
    (done,) = run(outgoing=[email], remove=True)["operations"]
    assert (done["action"], seen()) == ("delete", [])
    tasks, (said,) = inverse([done])
    assert "invite de nouveau (droits : read-only)" in said
    config = tasks["commune"]["returned"]["meraki_administrators"]["config"]
    assert run(accounts=config)["findings"][0]["state"] == "ok"
    assert seen() == [("read-only", "pending")]
    assert run(accounts=config)["changed"] is False
