"""The verb that makes a bag: whole and without secret, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from piste.bag import commands
from piste.bag.held import read
from piste.bag.kinds import DOMAINS, KINDS
from piste.cli import main
from piste.converge.finding import Finding
from tests.support.playbooks import REPOSITORY
from tests.unit.bag.test_make import SITE, exported, small

ABSENT = {f"hosting/{kind.name}": None for kind in KINDS if kind.domain == "hosting"}


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the verb over an export that is given, in place of the systems."""

    def run(*options: str, known: Finding | None = None, **changed: Any) -> Result:
        def from_files(folder: Path, town: Any, environment: str) -> Any:
            return read(exported(folder, **changed), [SITE], {"hosting": "Prism Central n'a pas répondu."})

        monkeypatch.setattr(commands, "_town", lambda environment: small())
        monkeypatch.setattr(commands, "_read", from_files)
        monkeypatch.setattr(commands, "_known", lambda folder, environment: [known] if known else [])
        return CliRunner().invoke(main, ["export", "--to", str(tmp_path / "sac"), *options])

    return run


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_kind_that_was_not_read_stops_the_export_and_nothing_remains(export: Any, tmp_path: Path) -> None:
    done = export(**ABSENT)
    assert (done.exit_code, left(tmp_path)) == (3, [])
    assert "! hosting : Prism Central n'a pas répondu." in done.output


def test_where_it_is_asked_the_bag_is_made_and_says_what_is_unknown(export: Any, tmp_path: Path) -> None:
    done = export("--allow-unknown", **ABSENT)
    assert (done.exit_code, left(tmp_path)) == (0, ["sac"])
    assert "Inconnus : hosting/categories, hosting/subnets" in done.output
    assert CliRunner().invoke(main, ["bag", "verify", str(tmp_path / "sac")]).exit_code == 0
    again = export("--allow-unknown", **ABSENT)
    assert "existe déjà" in again.output
    (tmp_path / "sac/data/lacunes-connues.md").write_text("Rien.\n", encoding="utf-8")
    refused = CliRunner().invoke(main, ["bag", "verify", str(tmp_path / "sac")])
    assert (refused.exit_code, "data/lacunes-connues.md : modifié" in refused.output) == (1, True)


def test_a_known_secret_stops_the_export_and_nothing_remains(export: Any, tmp_path: Path) -> None:
    done = export(known=Finding("bag.secrets", "wrong", "a.yml contient la valeur du secret radius/ccas", "Non."))
    assert (done.exit_code, left(tmp_path)) == (4, [])
    assert "radius/ccas" in done.output


@pytest.mark.parametrize("verb", ["export", "replay"])
def test_the_whole_is_every_domain(verb: str) -> None:
    plays = yaml.safe_load((REPOSITORY / f"playbooks/{verb}.yml").read_text("utf-8"))
    names = {play["ansible.builtin.import_playbook"] for play in plays}
    assert names == {f"{verb}_{domain}.yml" for domain in DOMAINS}
