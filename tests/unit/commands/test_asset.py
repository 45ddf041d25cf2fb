"""The verb `piste asset`: what it shows, writes, refuses; the words of its labels are found."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import validate
from piste.engine import repository
from piste.sites.search import search
from piste.town import declared
from tests.support.dossier import town as sample
from tests.unit.repository.tree import ROOT

ASSETS = Path("inventories/town/assets")
MOVE = 'asset move tbi-jau-01 --place "Classe 9" --role technicien'


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("inventories/town", "group_vars"):
        shutil.copytree(ROOT / part, tmp_path / part, symlinks=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    monkeypatch.setattr(validate, "INVENTORY", tmp_path / "inventories/town")
    monkeypatch.setattr(declared, "TOWN", tmp_path / "inventories/town")
    monkeypatch.setenv("PISTE_DERIVED_DIR", str(tmp_path / "derived"))
    return tmp_path


def run(line: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, shlex.split(line), input=answer)


def table(town: Path) -> str:
    return (town / ASSETS / "interactive_board.csv").read_text("utf-8")


def test_nothing_is_written_without_a_yes(town: Path) -> None:
    before = table(town)
    shown = run(f"{MOVE} --dry-run")
    assert (shown.exit_code, shown.output.splitlines()[0]) == (
        0, "tbi-jau-01 : déplacement (lieu Classe 1 → Classe 9)",
    )  # fmt: skip
    assert shown.output.endswith("Rien n’a été écrit.\n")
    refused = run(MOVE, "non\n")
    assert (refused.exit_code, table(town)) == (4, before)
    assert not (town / ASSETS / "history.csv").exists()
    assert run(MOVE, "oui\n").exit_code == 0
    assert table(town) == before.replace("ecole-jaures,Classe 1,", "ecole-jaures,Classe 9,")
    assert run(f"{MOVE} --date 2026-11-01").output == "Tout est déjà inscrit ainsi.\n"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("asset move tbi-jau-01 --role technicien", 1, "il faut un site"),
        ("asset receive --order B1 --class computer --role magasinier", 1, "il faut des numéros de série"),
        ("asset label", 1, "il faut des noms"),
        ("asset label tbi-jau-01 --sheet a4-99", 1, "rouleau-62x29 (rouleau, étiquettes de 62 × 29 mm)"),
        ("asset reuse pc-jau-001 --role technicien --date 2999-01-01", 1, "le 2999-01-01 n’est pas venu"),
        ("asset reuse pc-jau-001 --role technicien --date 2026-02-31", 1, "« 2026-02-31 » n’est pas un jour"),
        ("asset report delivery B1", 1, "Aucune réception « B1 » n’est inscrite"),
        ("asset exit pc-jau-001 --role technicien", 4, "PISTE-E111 pc-jau-001 garde des données"),
        ("asset assign pc-jau-001 --to a.martin@ville.fr --role technicien", 4, "une personne n’est jamais nommée"),
    ],
)
def test_a_fault_says_what_to_do(town: Path, line: str, code: int, says: str) -> None:
    outcome = run(line)
    assert outcome.exit_code == code
    assert says in " ".join(outcome.output.split())


def test_the_word_of_a_label_is_found() -> None:
    town = sample()
    names = {asset["kind"]: asset["name"] for asset in town.assets}
    lost = [name for name in names.values() if name not in {thing.name for thing in search(town, name).matches}]
    assert lost == []
