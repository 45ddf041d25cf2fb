"""The exercise: the town is lost, and comes back from a bag alone, step by step, timed."""

from __future__ import annotations

import json
import shlex
import sys
import sysconfig
from pathlib import Path

import pytest

from lab import Lab
from lab.declared import declared_inventory, write_secrets
from piste.exports.bag.bagit import TAGS, digest
from piste.exports.runbooks.rehearsal import Ran, Rehearsal, Shell, late
from piste.exports.runbooks.step import Places
from piste.town.model import load
from tests.integration.test_reversibility_page import OPEN, environment
from tests.support.checkouts import checkout
from tests.support.playbooks import PROGRAM
from tests.unit.records.test_archive import made_key

pytestmark = pytest.mark.story


class Here(Shell):
    """A terminal where packages of a registry are already on the machine; it notes its commands."""

    def run(self, line: str) -> Ran:
        if " -m pip install " not in line:
            return super().run(line)
        venv = self.folder / ".venv"
        site = next(venv.glob("lib/python3*/site-packages"))
        (site / "packages.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        program = venv / "bin/ansible-playbook"
        program.write_text(
            f"#!{venv}/bin/python\nimport sys\nfrom ansible.cli.playbook import main\nsys.exit(main())\n", "utf-8"
        )
        program.chmod(0o755)
        return Ran(0, "")


def test_a_lost_town_comes_back_from_its_bag_in_the_order_of_the_plan(tmp_path: Path) -> None:
    clone = checkout(tmp_path / "poste", opened=OPEN)
    key, public = made_key(tmp_path, "ED25519")
    town = load(clone / "inventories/town")
    inventory = declared_inventory(town)
    with (
        Lab("empty", tls=True, directory=True, zabbix="api", folder=tmp_path / "lab", inventory=inventory) as full,
        Lab("empty", tls=True, directory=True, zabbix="api", folder=tmp_path / "vide", inventory=inventory) as empty,
    ):
        for lab in (full, empty):
            lab.meraki.behaviour.set(rate_limit=None, claim_limit=None, batch_delay=0.0)
        secrets = write_secrets(full.folder, town.secret_paths())
        (empty.folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
        giving = Shell(clone, environment(tmp_path, full, clone))
        piste = f"{shlex.quote(sys.executable)} -m piste.cli"
        bag = tmp_path / "sac"
        for line in (f"{PROGRAM} playbooks/site.yml", f"{piste} export --to {bag} --key {key}"):
            ran = giving.run(line)
            assert ran.code == 0, ran.said
        places = Places(str(bag), str(tmp_path / "depot"), str(tmp_path / "relu"), str(public))
        # Of the repository that made the bag, nothing is left to find.
        clone.rename(tmp_path / "ailleurs")
        given = environment(tmp_path, empty, Path(places.work))
        del given["PYTHONPATH"]
        taking = Here(tmp_path, {**given, "PISTE_DERIVED_DIR": str(tmp_path / "derived")})
        exercise = Rehearsal(places, taking).run(digest(bag / TAGS))
        stopped = [f"{step['command']}\n{step['said']}" for step in exercise["steps"] if step["command"]]
        assert exercise["outcome"] == "done", "\n".join(stopped)
        # The commands of continuity, on the town that came back.
        plan = json.loads(taking.read(f"{places.work}/.venv/bin/python -m piste.cli runbook pca --format json"))
        said = [(each, taking.run(each["line"])) for step in plan["steps"] for each in step["commands"]]
    ran_steps = [step["key"] for step in exercise["steps"] if step["outcome"] == "done"]
    assert ran_steps == [
        "bag", "workstation", "network", "firewall", "hosting", "directory", "names", "access", "files", "supervision",
        "inventory", "proof",
    ]  # fmt: skip
    timed = {step["key"] for step in exercise["steps"] if step["seconds"] > 0}
    assert {"workstation", "network", "firewall", "hosting", "directory", "access", "proof"} <= timed
    assert late(exercise) == []
    assert [(each["line"], ran.code, ran.said) for each, ran in said if ran.code not in each["codes"]] == []
    assert said
