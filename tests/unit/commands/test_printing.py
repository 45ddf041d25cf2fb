"""The verbs `piste printing`: pages, quotas, lists and sheets, from what is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands.printing import slug
from piste.sobriety.printing import reading
from piste.sobriety.printing.log import Hole, Month, PrintLog
from piste.town.model.dates import OTHER_DAY

HOSTILE = "imp\x1b[2J=1+1"


def said(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["printing", *arguments])


def plain(result: Result) -> str:
    return result.output.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def month(name: str, queue: str, pages: int) -> Month:
    return Month(month=name, queue=queue, jobs=9, pages=pages, copied=9, mono=9, color=0)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a log of two months, October with a hole; myQ exports October of a copier."""
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv(OTHER_DAY, "2026-11-26")
    folder = tmp_path / "sobriety"
    hole = Hole(since="2026-10-05", until="2026-10-09", why="le journal a été vidé")
    months = [month("2026-09", "imp-hdv-04", 7000), month("2026-09", HOSTILE, 5), month("2026-10", "imp-hdv-04", 900)]
    months.append(month("2026-11", "imp-hdv-04", 5500))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    reading.keep(
        "lab",
        PrintLog(server="hdv-imp1", last=9, since="2026-08-01", through="2026-11-26", holes=[hole], months=months,
                 used={"imp-hdv-04": "2026-11-20"}),
    )  # fmt: skip
    (folder / "imports").mkdir(parents=True)
    (folder / "imports" / "myq-2026-10.csv").write_text(
        "Serial number;Jobs;Total prints;Color prints\nEX-hdv-mfp-004;12;6500;100\nPapier;1;1;0\n", "utf-8"
    )
    return folder


def test_pages_are_said_by_service_with_what_is_unknown(kept: Path) -> None:
    result = said("show", "--by", "service")
    assert result.exit_code == 3  # other sites have no accounting in October
    (line,) = [line for line in plain(result).splitlines() if line.startswith("Communication")]
    assert line.split("  ")[0] == "Communication"
    assert [cell.strip() for cell in line.split("  ")[1:] if cell.strip()] == ["inconnu", "7 000", "6 500", "inconnu"]
    assert "Journal du serveur, inconnu du 2026-10-05 au 2026-10-09 : le journal a été vidé." in result.output
    assert "n’est pas une imprimante de l’inventaire" in result.output
    assert "\x1b" not in result.output
    rows = json.loads(said("show", "--by", "queue", "--format", "json").output)["rows"]
    (copier,) = [row["months"] for row in rows if row["name"] == "imp-hdv-04"]
    assert (copier["2026-09"], copier["2026-10"]) == (7000, 6500)


def test_a_quota_is_said_with_its_projection() -> None:
    result = said("quotas")
    assert result.exit_code == 2
    (line,) = [line for line in plain(result).splitlines() if line.startswith("Communication")]
    # 5 500 pages in 25 days of November: 6 600 at its end.
    assert line.split()[1:] == ["2026-11", "6", "000", "5", "500", "6", "600", "dépassement", "prévu"]
    assert json.loads(said("quotas", "--format", "json").output)["outcome"] == "changes"


def test_lists_say_what_to_do_and_what_is_unknown() -> None:
    idle = said("list", "idle")
    assert (idle.exit_code, "inconnu : le journal n’a pas tous ces jours" in idle.output) == (0, True)
    assert "Inconnu : aucun poste ne dit ses imprimantes" in said("list", "isolated").output
    assert "Inconnu de plus : les files du serveur n’ont pas été lues" in said("list", "orphans").output
    copiers = said("list", "copiers").output
    assert "Pages d’un copieur (pages/mois)" in copiers
    assert not re.search(r"\d\.\d", copiers)
    assert {row["site"] for row in json.loads(said("list", "copiers", "--format", "json").output)} >= {"hotel-de-ville"}


def test_the_sheet_of_a_service_names_nobody_and_keeps_unknown_months(tmp_path: Path) -> None:
    result = said("sheet", "Communication", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "fiche-impression-communication.json").read_text("utf-8"))["content"]
    assert content["months"][-2:] == [
        {"month": "2026-09", "pages": 7000, "before": None},
        {"month": "2026-10", "pages": 6500, "before": None},
    ]
    assert content["quota"]["state"] in ("dépassement prévu", "dépassé", "dans le quota")
    assert "Inconnu" in (tmp_path / "out" / "fiche-impression-communication.html").read_text("utf-8")
    assert said("sheet", "Comunication").exit_code != 0


@pytest.mark.parametrize(
    ("service", "name"),
    [("Ressources humaines", "ressources-humaines"), ("../État civil", "etat-civil"), ("…", "service")],
)
def test_a_service_gives_a_safe_name_of_files(service: str, name: str) -> None:
    assert slug(service) == name
