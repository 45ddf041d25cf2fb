"""The collection, installed by another town with the package, far from the repository."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab import Lab
from scripts import collection
from tests.support.installed import Installed, declare_lab, install, lab_of

SITES = ("ecole-du-parc", "mairie")
WITHOUT_DOWNLOADS = (
    "action-plugin-docs", "compile", "empty-init", "ignores", "line-endings", "no-assert", "no-get-exception",
    "no-illegal-filenames", "no-smart-quotes", "replace-urlopen", "shebang", "symlinks", "use-argspec-type-path",
    "use-compat-six",
)  # fmt: skip
"""The tests of `ansible-test sanity` that install nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("dist")
    collection.build(into)
    return into


@pytest.fixture(scope="module")
def installed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("voisine").resolve(), made)


@pytest.fixture(scope="module")
def lab(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab_of(installed.town, tmp_path_factory.mktemp("lab")) as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        declare_lab(installed.town, lab)
        yield lab


def changed(said: str) -> dict[str, int]:
    """Read the count of changed tasks by host in the recap of a run."""
    lines = [line.split() for line in said.splitlines() if "unreachable=" in line]
    return {line[0]: int(next(word for word in line if word.startswith("changed="))[8:]) for line in lines}


def test_the_same_files_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = [collection.build_collection(tmp_path), collection.build_package(tmp_path)]
    assert [file.read_bytes() for file in again] == [(made / file.name).read_bytes() for file in again]


def test_nothing_of_the_repository_is_on_the_path(installed: Installed) -> None:
    code, said = installed.run("python", "-c", "import piste; print(piste.__file__)")
    assert (code, said.strip()) == (0, str(installed.packages / "piste/__init__.py"))
    code, said = installed.run("python", "-c", "import lab")
    assert (code, "No module named 'lab'" in said) == (1, True)


def test_the_documentation_of_a_module_has_its_options(installed: Installed) -> None:
    code, said = installed.run("ansible-doc", "--json", "lebourget.piste.meraki_networks")
    assert code == 0, said
    documented = json.loads(said)["lebourget.piste.meraki_networks"]
    # `owner` is of a shared fragment, `check_mode` too.
    assert {"config", "dashboard", "owner", "state"} <= documented["doc"]["options"].keys()
    assert documented["doc"]["attributes"]["check_mode"]["support"] == "full"
    assert all("lebourget.piste.meraki_networks" in task for task in yaml.safe_load(documented["examples"]))


def test_every_playbook_names_modules_and_roles_that_ansible_finds(installed: Installed) -> None:
    """Only a run looks at what it includes as it goes."""
    folder = installed.collection / "playbooks"
    files = sorted(str(file) for place in (folder, folder / "domains") for file in place.glob("*.yml"))
    assert len(files) > 30
    code, said = installed.run("ansible-playbook", "--syntax-check", "-i", "inventories/town", *files)
    assert code == 0, said


def test_another_town_converges_its_network_and_changes_nothing_twice(installed: Installed, lab: Lab) -> None:
    lab.calls.clear()
    code, said = installed.play("playbooks/network.yml", "--check", "--diff")
    assert (code, changed(said)) == (0, dict.fromkeys(SITES, 1)), said
    assert lab.meraki.world.networks == {}
    code, said = installed.play("playbooks/network.yml")
    assert (code, changed(said)) == (0, dict.fromkeys(SITES, 1)), said
    assert sorted(live["name"] for live in lab.meraki.world.networks.values()) == ["EXP ecole-du-parc", "EXP mairie"]

    named = {"site": "{{ inventory_hostname }}"}
    tasks = [
        {"lebourget.piste.piste_site": {**named, "inventory": "{{ inventory_dir }}"}},
        {"lebourget.piste.piste_network": named},
        {
            "lebourget.piste.meraki_networks": {
                "dashboard": "{{ piste_meraki }}",
                "owner": "{{ inventory_hostname }}",
                "config": [{"name": "EXP {{ inventory_hostname }}", "product_types": ["switch", "wireless"]}],
            }
        },
    ]
    play = [{"hosts": "ecole-du-parc", "gather_facts": False, "tasks": tasks}]
    (installed.town / "tasks.yml").write_text(yaml.safe_dump(play), "utf-8")
    code, said = installed.play("tasks.yml")
    assert (code, changed(said)) == (0, {"ecole-du-parc": 0}), said

    records = sorted((installed.town / ".piste/journal/lab").rglob("*T*.json"))
    last = json.loads(records[-1].read_text("utf-8"))
    assert len(records) == 3
    assert [task["module"] for task in last["tasks"]] == ["piste_site", "piste_network", "meraki_networks"]
    assert not (installed.packages / ".piste").exists()


def test_the_command_plans_in_the_repository_of_the_town(installed: Installed, lab: Lab) -> None:
    assert installed.run("piste", "validate", cwd=installed.town / "inventories")[0] == 0
    lab.meraki.edit("PUT", f"/networks/{next(iter(lab.meraki.world.networks))}", {"timeZone": "Europe/London"})
    code, said = installed.run("piste", "plan", "--domain", "network")
    assert "ansible-playbook lebourget.piste.domains.network" in said
    assert (code, "Europe/London → Europe/Paris" in said) == (2, True), said


def test_a_package_of_another_version_writes_nothing(installed: Installed, lab: Lab) -> None:
    lab.calls.clear()
    file = installed.collection / "plugins/plugin_utils/package.py"
    text = file.read_text("utf-8")
    file.write_text(text.replace('VERSION = "', 'VERSION = "99.'), "utf-8")
    try:
        code, said = installed.play("playbooks/network.yml")
    finally:
        file.write_text(text, "utf-8")
    assert code == 2
    assert f"le paquet « piste » est {collection.project()[0]}, la collection 99." in " ".join(said.split())
    assert [*lab.calls.log] == []


@pytest.mark.story
def test_the_sanity_tests_that_download_nothing_pass(installed: Installed) -> None:
    asked = [word for test in WITHOUT_DOWNLOADS for word in ("--test", test)]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    code, said = installed.run("ansible-test", "sanity", "--python", python, *asked, cwd=installed.collection)
    assert code == 0, said
