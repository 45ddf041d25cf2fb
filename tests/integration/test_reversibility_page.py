"""The successor's page, executed as written: from a bag to the same systems, without us."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import Lab
from lab.declared import declared_inventory, write_secrets
from piste.exports.bag.kinds import KINDS
from piste.town.model import load
from tests.support.checkouts import checkout
from tests.support.playbooks import PROGRAM, REPOSITORY
from tests.unit.records.test_archive import made_key

pytestmark = pytest.mark.story

PAGE = REPOSITORY / "docs/reversibilite.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
OPEN = ("hotel-de-ville", "ecole-jaures")
CUSTODIANS = ("dsi", "direction", "titulaire")


def commands() -> list[str]:
    return [line.removeprefix("$ ") for line in "".join(BLOCK.findall(PAGE.read_text("utf-8"))).splitlines()]


class Shell:
    """A terminal: a folder and an environment; packages of a real registry are already here."""

    def __init__(self, folder: Path, remise: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.remise, self.environment = folder, remise, dict(environment)

    def run(self, line: str) -> str:
        line = line.replace("/srv/remise", str(self.remise)).replace("/srv/cles", str(self.remise.parent / "cles"))
        if line.startswith("cd "):
            self.folder = Path(line.removeprefix("cd "))
            return ""
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value
            return ""
        if "pip install" in line:
            return self._installed()
        if line.startswith("piste "):
            line = f"{sys.executable} -m piste.cli {line.removeprefix('piste ')}"
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def _installed(self) -> str:
        """Install the packages that pip would install, from their place in the tests."""
        venv = self.folder / ".venv"
        site = next(venv.glob("lib/python3*/site-packages"))
        (site / "packages.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        program = venv / "bin/ansible-playbook"
        program.write_text(
            f"#!{venv}/bin/python\nimport sys\nfrom ansible.cli.playbook import main\nsys.exit(main())\n", "utf-8"
        )
        program.chmod(0o755)
        return ""


def environment(folder: Path, lab: Lab, clone: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PISTE_", "ANSIBLE_"))}
    return {
        **kept,
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
        "PISTE_JOURNAL_DIR": str(folder / "journal"),
        "PISTE_LAB_DIR": str(lab.folder),
        "PISTE_LOCK_DIR": str(folder / "locks"),
        "PISTE_RATE": "0",
        "PYTHONPATH": str(clone),
        "TMPDIR": str(folder),
    }


@pytest.mark.parametrize(("version", "code"), [((3, 11, 7), 1), ((3, 12), 0), ((3, 14, 1), 0)])
def test_a_python_that_is_too_old_is_said_in_french_before_anything_else(version: tuple[int, ...], code: int) -> None:
    line = next(line for line in commands() if line.startswith("python3"))
    program, option, script = shlex.split(line)
    assert (program, option, commands()[commands().index(line) + 1].split()[:2]) == ("python3", "-c", ["git", "clone"])
    pretending = f"import sys\nsys.version_info, sys.version = {version}, {'.'.join(map(str, version))!r}\n{script}"
    done = subprocess.run([sys.executable, "-c", pretending], capture_output=True, text=True, check=False)
    expected = f"Il faut Python 3.12 ou plus récent ; celui-ci est {'.'.join(map(str, version))}.\n" if code else ""
    assert (done.returncode, done.stderr) == (code, expected)


def test_a_successor_replays_the_town_from_the_bag_alone(tmp_path: Path) -> None:
    clone, remise = checkout(tmp_path / "poste", opened=OPEN), tmp_path / "remise"
    remise.mkdir()
    key, public = made_key(tmp_path, "ED25519")
    (tmp_path / "cles").mkdir()
    key.rename(tmp_path / "cles/ancre.pem")
    public.rename(remise / "ancre.pub")
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
        giving = Shell(clone, remise, environment(tmp_path, full, clone))
        giving.run(f"{PROGRAM} playbooks/site.yml")
        custodians = " ".join(f"--custodian {name}" for name in CUSTODIANS)
        sealing = f"{sys.executable} -m piste.cli vault seal --to /srv/remise/coffre {custodians}"
        giving.run(f"echo 'vault_piste_secrets: {{}}' | {sealing}")
        lines = commands()
        said = {lines[0]: giving.run(lines[0])}
        taking = Shell(tmp_path, remise, environment(tmp_path, empty, clone))
        for line in lines[1:]:
            said[line] = taking.run(line)
        outgoing = [line for line in lines if "withdraw" in line]
    assert f"objets, {len(KINDS)} genres, vérifié, sans secret." in said[lines[0]]
    assert "Signé par la clé" in said[lines[0]]
    named = next(line for line in lines if line.startswith("openssl pkey -pubin"))
    assert said[named].split()[0] in said[lines[0]]
    assert all(said[line] == "" for line in lines if line.startswith(("sha256sum", "diff", "python3 -c")))
    assert town.commune is not None
    plans = {party["id"] for party in town.commune["third_parties"] if party["interface"]}
    documents = {place.name for place in (remise / "sac/data/documents").iterdir()}
    assert documents == {"commune", "plans", "vie", *plans, *OPEN}
    for system in ("meraki : 2", "smc : 1", "prism : 2", "hdv-nps1 : 1", "hdv-nps2 : 1", "hdv-imp1 : 1"):
        assert f"{system} administrateur" in said[outgoing[0]]
        assert f"{system.split(' : ')[0]} : aucun administrateur sortant" in said[outgoing[1]]
    assert "ad : aucun administrateur sortant" in said[outgoing[1]]
    assert (remise / "vault.yml").read_text("utf-8") == "vault_piste_secrets: {}\n"
    assert not (remise / "cle").exists()
