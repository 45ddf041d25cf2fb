"""Playbooks as an operator runs them: plan, apply, nothing left; failures come at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.playbooks import REPOSITORY, Console, console

SITE = ("playbooks/site.yml", "-l", "ecole-jaures")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("playbooks"), "brownfield") as opened:
        yield opened


def test_plan_apply_and_nothing_left_to_do(terminal: Console) -> None:
    planned = terminal.play(*SITE, "--check", "--diff")
    assert planned.code == 0, planned.said
    assert terminal.lab.calls.writes() == []
    for line in (
        "TASK [network : Converger le réseau] ***",
        "--- before: network VLB ecole-jaures (modification)",
        "-name: ECOLE JAURES ne pas toucher",
        "+name: VLB ecole-jaures",
        "--- before: access_policy telephones-imprimantes (création)",
        "--- before: switch_port sw-jau-01/1 (modification)",
        "+name: Borne Wi-Fi",
        "--- before: ssid VLB-Agents (modification)",
        "  secret: secret radius/ecole-jaures (empreinte ",
    ):
        assert line in planned.said
    assert "\\u00" not in planned.said
    assert "\\x" not in planned.said

    applied = terminal.play(*SITE, "--diff")
    assert applied.code == 0, applied.said
    assert terminal.lab.calls.writes()
    assert diff_of(applied.said) == diff_of(planned.said)
    assert applied.recap("ecole-jaures") == planned.recap("ecole-jaures")

    again = terminal.play(*SITE)
    assert again.code == 0
    assert again.recap("ecole-jaures")["changed"] == 0
    # The last read looks for the ports of the core that carry the school.
    assert terminal.lab.calls.of("meraki") == {"reads": 15, "writes": 0, "sessions": 0}
    assert terminal.run_folders == []


def diff_of(said: str) -> list[str]:
    return [line for line in said.splitlines() if line[:1] in "+-" and line.strip()]


def test_a_site_has_a_playbook_and_a_domain_too(terminal: Console) -> None:
    for playbook in ("playbooks/sites/ecole-mermoz.yml", "playbooks/domains/network.yml"):
        played = terminal.play(playbook, "-l", "ecole-mermoz", "--check")
        assert played.code == 0, played.said
        assert played.recap("ecole-mermoz")["changed"] == 1
    alone = terminal.play("playbooks/sites/ecole-mermoz.yml", "--list-hosts")
    assert [line.strip() for line in alone.said.splitlines() if line.startswith("      ")] == ["ecole-mermoz"] * 3


def test_a_category_is_converged_site_by_site_and_planned_sites_are_left_alone(terminal: Console) -> None:
    played = terminal.play("playbooks/site.yml", "-l", "ecole,proximite", "--check")
    assert played.code == 0, played.said
    schools = ("ecole-auriol", "ecole-bleriot", "ecole-mermoz", "ecole-saint-exupery")
    assert {played.recap(school)["changed"] for school in schools} == {1}
    assert played.recap("residence-marlin")["changed"] == 1
    for planned in ("rpe-365", "maisons-de-quartier", "equipements-associatifs"):
        assert played.recap(planned)["changed"] == 0
        assert f"VLB {planned}" not in played.said
    lists = [entry.path for entry in terminal.lab.calls.log if entry.path.endswith("/organizations/930093/devices")]
    assert len(lists) == 1


def test_a_system_that_does_not_answer_is_unknown_and_the_other_sites_go_on(terminal: Console) -> None:
    network = next(n for n, v in terminal.lab.meraki.world.networks.items() if v["name"] == "VLB ecole-auriol")
    terminal.lab.faults.add("status", status=503, path=f"/networks/{network}/", times=None)
    played = terminal.play("playbooks/site.yml", "-l", "ecole-auriol,ecole-bleriot", "--check")
    terminal.lab.faults.clear()
    assert played.code == 2
    concluded = "ecole-auriol n’a pas abouti (réseau : sans réponse). Voir l’erreur de la tâche en cause, plus haut."
    assert concluded in joined(played.said)
    assert "a répondu 503" in played.said
    assert played.recap("ecole-auriol")["failed"] == 1
    assert played.recap("ecole-bleriot") | {"changed": 1, "failed": 0} == played.recap("ecole-bleriot")


def joined(said: str) -> str:
    """Return what was said, without the line breaks of the YAML form."""
    return " ".join(said.split()).replace("''", "'")


@pytest.mark.story
def test_a_lab_that_is_down_is_unknown(terminal: Console, tmp_path: Path) -> None:
    shutil.copytree(terminal.lab.folder, tmp_path / "lab")
    info = (tmp_path / "lab" / "info.json").read_text(encoding="utf-8")
    port = terminal.lab.info["meraki"]["url"].split(":")[2].split("/")[0]
    (tmp_path / "lab" / "info.json").write_text(info.replace(f":{port}/", ":9/"), encoding="utf-8")
    played = terminal.play(*SITE, "--check", PISTE_LAB_DIR=str(tmp_path / "lab"))
    assert played.code == 2
    assert "kind: unknown" in played.said
    assert "ecole-jaures n’a pas abouti (réseau : sans réponse)" in joined(played.said)


@pytest.mark.story
def test_addresses_of_devices_wait_for_a_word(terminal: Console) -> None:
    """In process: test_town.py, test_guards.py."""
    task = ("playbooks/site.yml", "-l", "ecole-mermoz", "--tags", "management")
    refused = terminal.play(*task)
    assert refused.code == 2
    assert terminal.lab.calls.writes() == []
    assert "<domaine>_confirm du rôle" in joined(refused.said)
    assert "ecole-mermoz n’a pas abouti (réseau : partiel, un changement attend un mot)" in joined(refused.said)
    confirmed = terminal.play(*task, "-e", '{"network_confirm": ["management"]}')
    assert (confirmed.code, confirmed.recap("ecole-mermoz")["changed"]) == (0, 1), confirmed.said
    assert terminal.play(*task).recap("ecole-mermoz")["changed"] == 0
    domain = terminal.play(*task[:-1], "network", "--check")
    assert domain.code == 0, domain.said


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return the declared town with two faults."""
    town = tmp_path / "town"
    shutil.copytree(REPOSITORY / "inventories/town", town, symlinks=False)
    jaures = town / "host_vars/ecole-jaures.yml"
    declared = yaml.safe_load(jaures.read_text(encoding="utf-8"))
    declared["switches"][0]["model"] = "MS999"
    jaures.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    mermoz = town / "host_vars/ecole-mermoz.yml"
    mermoz.write_text(mermoz.read_text(encoding="utf-8").replace("number: 6", "number: 5"), encoding="utf-8")
    return town


def test_a_false_declaration_is_said_once_and_whole_and_nothing_is_sent(terminal: Console, broken: Path) -> None:
    lab = str(REPOSITORY / "inventories/lab")
    played = terminal.play("playbooks/site.yml", "-i", str(broken), "-i", lab, "-l", "ecole")
    assert played.code != 0
    assert terminal.lab.calls.of("meraki") == {"reads": 0, "writes": 0, "sessions": 0}
    assert played.said.count("MS999") in (1, 2)  # Ansible shows an error as text and as result
    assert "ecole-mermoz" in played.said
    assert "host_vars/ecole-jaures.yml:" in played.said
    assert "PISTE-E002" in played.said
    assert {played.recap(school)["failed"] for school in ("ecole-auriol", "ecole-jaures", "ecole-mermoz")} == {1}
