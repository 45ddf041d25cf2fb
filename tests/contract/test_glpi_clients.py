"""The lab's GLPI judged by clients that are not ours, and an inventory by Debian's agent."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.glpi.simulator import GlpiSimulator
from piste.runs.plans.undo import inverse
from piste.systems.glpi.administrators import MODULES
from tests.support.glpi import GlpiWorld, once, operations
from tests.support.sdk import ROOT, sdk

pytestmark = pytest.mark.skipif(
    not (ROOT / ".cache/glpi/bin/python").exists(), reason="scripts/bootstrap.sh test installe les clients de GLPI"
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(others=("glpi",)) as opened:
        yield opened


def simulator(lab: Lab) -> GlpiSimulator:
    made = lab.systems["glpi"].simulator
    assert isinstance(made, GlpiSimulator)
    return made


def test_the_models_of_the_openapi_document_read_what_the_lab_answers(lab: Lab) -> None:
    assert sdk(lab.info, "models", of="glpi") == {
        "computer": ["pc-judge", "J1", "INV-1", "Mairie"],
        "way": "Ville > Mairie",
        "contract": [48, "C-1"],
        "filtered": ["pc-judge"],
    }


def test_another_client_reads_every_page_and_the_versions(lab: Lab) -> None:
    for number in range(20):
        simulator(lab).world.add("Phone", {"name": f"tel-{number}"})
    seen = sdk(lab.info, "pages", of="glpi")
    assert len(seen["phones"]) == 20
    assert seen["versions"] == ["1.0.0", "2.0.0", "2.1.0", "2.2.0", "2.3.0"]
    assert seen["found"] == ["tel-3"]


def test_what_another_client_has_changed_is_a_drift_that_the_next_run_mends(lab: Lab, tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    world.simulator = simulator(lab)
    its = lab.info["glpi"]
    world.connection |= {name: its[name] for name in ("client_secret", "password")}
    state = simulator(lab).world.named("State", "En service")["id"]
    asked = [{"itemtype": "Printer", "name": "imp-1", "title": "imp-1", "state": "En service"}]
    once(world, "glpi_assets", asked)
    sdk(lab.info, "drift", "Printer", "imp-1", of="glpi")
    foreseen = once(world, "glpi_assets", asked, check=True)
    (operation,) = foreseen["operations"]
    assert (operation["action"], operation["fields"]) == ("update", ["state"])
    assert operations([once(world, "glpi_assets", asked)]) == ["update asset/Printer/imp-1"]
    mended = world.named("Printer", "imp-1")
    assert (mended["status"], mended["comment"]) == (state, "à la main")


def test_another_client_sees_an_account_leave_and_come_back(lab: Lab, tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    world.simulator = simulator(lab)
    world.connection |= {name: lab.info["glpi"][name] for name in ("client_secret", "password")}
    module = MODULES["glpi_administrators"]

    def run(**given: Any) -> dict[str, Any]:
        with world.run():
            return module.run({**module.defaults, "glpi": world.connection, **given}, False)

    done = run(outgoing=["prestataire"], remove=True)
    assert sdk(lab.info, "user", "prestataire", of="glpi") == {"active": False}
    tasks, _ = inverse(done["operations"])
    run(accounts=tasks["commune"]["returned"]["glpi_administrators"]["config"])
    assert sdk(lab.info, "user", "prestataire", of="glpi") == {"active": True}


@pytest.mark.skipif(shutil.which("fusioninventory-agent") is None, reason="paquet Debian fusioninventory-agent absent")
def test_an_inventory_by_debian_s_agent_is_accepted(lab: Lab, tmp_path: Path) -> None:
    url = f"{lab.info['glpi']['http_url']}/front/inventory.php"
    settings = tmp_path / "agent.cfg"
    settings.write_text(f"server = {url}\nno-category = software,process,printer\ntasks = inventory\n")
    command = ["fusioninventory-agent", "--conf-file", str(settings), "--force", "--wait", "0"]
    done: subprocess.CompletedProcess[Any] = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert any(item.get("is_dynamic") for item in simulator(lab).world.of("Computer").values())
