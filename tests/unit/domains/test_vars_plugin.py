"""The variables of an inventory, as Ansible reads them and as our plugin does."""

from configparser import ConfigParser
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.vars.host_group_vars import VarsModule as Ansible

from tests.unit.repository.tree import ROOT
from vars_plugins import piste_vars

TOWN = sorted(map(str, (ROOT / "inventories/town/group_vars/all").glob("*.yml")))


def test_a_town_has_the_variables_that_ansible_reads() -> None:
    ours, theirs = piste_vars.VarsModule(), Ansible()
    read = ours.load_found_files(DataLoader(), {"name": "before", "rest": 1}, TOWN)
    assert read == theirs.load_found_files(DataLoader(), {"name": "before", "rest": 1}, TOWN)
    assert len(read) > len(TOWN)


def test_the_files_of_an_entity_are_merged_once_and_in_order(tmp_path: Path) -> None:
    (first := tmp_path / "a.yml").write_text("a: 1\nb: 1\n")
    (second := tmp_path / "b.yml").write_text("b: 2\n")
    plugin, files = piste_vars.VarsModule(), [str(first), str(second)]
    read = plugin.load_found_files(DataLoader(), {"a": 0, "c": 0}, files)
    assert read == {"a": 1, "b": 2, "c": 0}
    first.unlink()
    read["b"] = 3
    assert plugin.load_found_files(DataLoader(), {}, files) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "content",
    [
        'a: "{{ 1 + 1 }}"\n',
        "a: '{% if b %}c{% endif %}'\n",
        "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n",
        "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "- a\n",
        "a: [\n",
        "",
    ],
)
def test_what_is_not_data_alone_is_left_to_ansible(tmp_path: Path, content: str) -> None:
    (file := tmp_path / "all.yml").write_text(content)
    assert piste_vars._plain(str(file)) is None


def test_a_template_stays_one(tmp_path: Path) -> None:
    from ansible.template import is_trusted_as_template

    (file := tmp_path / "all.yml").write_text('a: "{{ b }}"\n')
    read = piste_vars.VarsModule().load_found_files(DataLoader(), {}, [str(file)])
    assert is_trusted_as_template(read["a"])


def test_ansible_runs_this_plugin() -> None:
    # Without it no host would have any variable, and Ansible would not say so.
    (settings := ConfigParser()).read(ROOT / "ansible.cfg")
    folder, name = settings["defaults"]["vars_plugins"], settings["defaults"]["vars_plugins_enabled"]
    assert (ROOT / folder / f"{name}.py").is_file()
