"""Roles and playbooks list no kinds, and each has a place for every domain of the table."""

from __future__ import annotations

import re

import pytest
import yaml

from piste.systems.kinds import BY_MODULE, DOMAINS
from tests.unit.repository.tree import ROOT

FOLLOWING = ("site", "adopt", "drift", "undo", "export", "replay", "close_site", "export_*", "replay_*", "domains/*")
EXPORT = "tasks_from: export.yml"


def imported(playbook: str) -> set[str]:
    plays = yaml.safe_load((ROOT / f"playbooks/{playbook}.yml").read_text("utf-8"))
    return {str(play.get("ansible.builtin.import_playbook", "")) for play in plays}


def test_no_role_nor_playbook_that_follows_the_table_names_the_module_of_a_kind() -> None:
    files = list(ROOT.glob("roles/*/tasks/*.yml"))
    files += [path for name in FOLLOWING for path in ROOT.glob(f"playbooks/{name}.yml")]
    words = {path.name: set(re.findall(r"\w+", path.read_text("utf-8"))) for path in files}
    assert len(files) > 30
    assert {name: used & BY_MODULE.keys() for name, used in words.items() if used & BY_MODULE.keys()} == {}


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_its_place_in_each_of_them(domain: str) -> None:
    assert f"replay_{domain}.yml" in imported("replay")
    for path in (f"roles/{domain}/tasks/main.yml", f"playbooks/domains/{domain}.yml", f"library/piste_{domain}.py"):
        assert (ROOT / path).exists()
    for path in ("roles/undo/tasks/main.yml", "playbooks/drift.yml", f"roles/{domain}/tasks/export.yml"):
        assert f"piste_{domain}" in (ROOT / path).read_text("utf-8")
    whole = "export_network" if domain == "network" else "export"
    for playbook in (whole, f"export_{domain}"):
        assert f"name: {domain}\n        {EXPORT}\n" in (ROOT / f"playbooks/{playbook}.yml").read_text("utf-8")
    for name in ("site", "adopt", "drift"):
        assert f"- role: {domain}\n" in (ROOT / f"playbooks/{name}.yml").read_text("utf-8")


def test_each_module_that_gives_accounts_back_knows_whom_nothing_shuts() -> None:
    blocks = yaml.safe_load((ROOT / "roles/undo/tasks/accounts.yml").read_text("utf-8"))
    asked = [args for block in blocks for name, args in block["block"][0].items() if name.endswith("_administrators")]
    assert len(asked) == len(blocks) == 7
    assert {(args["kept"], args["town"]) for args in asked} == {("{{ undo_kept }}", "{{ undo_town }}")}
