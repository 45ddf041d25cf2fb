"""Tickets counted by month, and the whole export, recomputed by hand on a small GLPI."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import InvalidConfig
from piste.engine.transport.response import Response
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.exports import MODULES as EXPORTS
from piste.systems.glpi.tickets import MODULES as TICKETS
from piste.systems.glpi.tickets import months
from tests.support.glpi import GlpiWorld


def ticket(opened: str, solved: str | None = None, hours: float = 0, **given: Any) -> dict[str, Any]:
    return {
        "name": "Panne de Mme Martin", "content": "<p>son mot de passe</p>", "type": 1, "status": 2,
        "date": f"{opened}T08:00:00+00:00", "date_solve": f"{solved}T08:00:00+00:00" if solved else None,
        "resolution_duration": int(hours * 3600), "take_into_account_duration": 1800, **given,
    }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    made = GlpiWorld(tmp_path)
    category = made.simulator.world.named("ITILCategory", "Réseau")["id"]
    for entry in (
        ticket("2026-09-28", "2026-10-02", 40, category=category),
        ticket("2026-10-01", "2026-10-01", 2, category=category),
        ticket("2026-10-05", "2026-10-06", 9, type=2),
        ticket("2026-10-30"),
        ticket("2026-11-01", "2026-11-02", 5),
        ticket("2026-10-07", "2026-10-07", 1, is_deleted=True),
    ):
        made.simulator.world.add("Ticket", entry)
    return made


def tickets(world: GlpiWorld, **options: Any) -> Any:
    with world.run():
        params = {"glpi": world.connection, "first": "2026-10", "last": None, "legacy": False, **options}
        return TICKETS["glpi_tickets"].run(params, False)


def test_a_month_is_counted_as_by_hand(world: GlpiWorld) -> None:
    result = tickets(world)
    (month,) = result["months"]
    assert month == {
        "month": "2026-10", "opened": 3, "incidents": 2, "requests": 1, "solved": 3, "open_at_end": 1,
        "first_answer_hours_median": 0.5, "resolution_hours_median": 9.0, "resolution_hours_mean": 17.0,
        "satisfaction_mean": None, "satisfaction_answers": None, "categories": {"sans catégorie": 2, "Réseau": 1},
        "exchanges": {"Réseau": {"opened": 1, "open_at_end": 0, "last": "2026-10-01"}},
    }  # fmt: skip
    assert result["unread"] == ["satisfaction"]
    assert result["csv"].splitlines()[1] == "2026-10,3,2,1,3,1,0.5,9.0,17.0,,"
    assert world.writes == []


def test_neither_content_nor_person_is_in_the_result(world: GlpiWorld) -> None:
    said = json.dumps(tickets(world), ensure_ascii=False)
    assert not {"Martin", "mot de passe"} & {word for word in ("Martin", "mot de passe") if word in said}


def test_satisfaction_is_read_where_the_town_allows_the_legacy_api(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(legacy=True)
    for mark, answered in ((5, "2026-10-10 08:00:00"), (2, "2026-10-11 08:00:00"), (None, None), (1, "2026-09-01")):
        row = {"tickets_id": 1, "satisfaction": mark, "date_answered": answered}
        world.simulator.world.add("TicketSatisfaction", row)
    (month,) = tickets(world, legacy=True)["months"]
    assert (month["satisfaction_mean"], month["satisfaction_answers"]) == (3.5, 2)


@pytest.mark.parametrize(("first", "last"), [("2026-13", "2026-13"), ("2026-10", "2026-09"), ("octobre", "octobre")])
def test_what_is_no_month_is_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidConfig):
        months(first, last)


def test_months_go_over_the_year() -> None:
    assert months("2026-11", "2027-02") == ["2026-11", "2026-12", "2027-01", "2027-02"]


def exported(world: GlpiWorld, folder: Path, **options: Any) -> Any:
    with world.run():
        params = {"glpi": world.connection, "folder": str(folder), "persons": False, **options}
        return EXPORTS["glpi_export"].run(params, False)


def test_the_whole_export_reconciles_announced_read_and_written(world: GlpiWorld, tmp_path: Path) -> None:
    world.simulator.world.add("Computer", {"name": "=1+1", "contact": "amartin"})
    world.simulator.behaviour.set(forbidden=["Supplier"])
    result = exported(world, tmp_path / "out")
    assert result["reconciled"]
    counts = {line["itemtype"]: line for line in result["counts"]}
    assert {counts["Ticket"][name] for name in ("announced", "read", "written")} == {6}
    assert counts["Supplier"]["state"] == "refused (403)"
    assert result["warnings"] == ["Supplier : refused (403)"]
    with (tmp_path / "out" / "comptes.csv").open(encoding="utf-8", newline="") as stream:
        written = {line["itemtype"]: line for line in csv.DictReader(stream)}
    assert written["Ticket"]["written"] == "6"
    text = (tmp_path / "out" / "Computer.csv").read_text("utf-8")
    assert "amartin" not in text
    assert "\n=1+1" not in text
    assert ",=1+1" not in text
    assert "mot de passe" not in (tmp_path / "out" / "Ticket.json").read_text("utf-8")
    assert (tmp_path / "out" / "Ticket.json").stat().st_mode & 0o077 == 0


def test_neither_a_title_nor_a_person_of_a_ticket_is_exported(world: GlpiWorld, tmp_path: Path) -> None:
    def named(path: str, answer: Response) -> Response:
        if path.endswith("/Assistance/Ticket"):
            items = [{**item, "user_recipient": {"id": 7, "name": "amartin"}} for item in json.loads(answer.body)]
            return Response(answer.status, answer.headers, json.dumps(items).encode(), answer.url)
        return answer

    world.spoil = named
    exported(world, tmp_path / "out")
    for name in ("Ticket.json", "Ticket.csv"):
        text = (tmp_path / "out" / name).read_text("utf-8")
        assert re.findall("amartin|Martin", text) == [], name
    exported(world, tmp_path / "out", persons=True)
    assert "amartin" in (tmp_path / "out" / "Ticket.json").read_text("utf-8")


def test_the_knowledge_base_is_exported_with_its_text_and_without_its_author(world: GlpiWorld, tmp_path: Path) -> None:
    article = {"name": "Bourrage", "content": "<p>Ouvrir le capot.</p>", "user": 4, "is_faq": True}
    world.simulator.world.add("Article", article)
    result = exported(world, tmp_path / "out")
    counts = {line["itemtype"]: line for line in result["counts"]}
    assert {counts["Article"][name] for name in ("announced", "read", "written")} == {1}
    (written,) = json.loads((tmp_path / "out/Article.json").read_text("utf-8"))
    assert (written["name"], written["content"]) == ("Bourrage", "<p>Ouvrir le capot.</p>")
    assert "user" not in written
    with world.run():
        older = {"glpi": {**world.connection, "api_version": "2.1"}, "folder": str(tmp_path / "old"), "persons": False}
        assert "Article : not in version 2.1" in EXPORTS["glpi_export"].run(older, False)["warnings"]


TABLES = "".join(f"CREATE TABLE `glpi_{name}` (\n);\n" for name in ("tickets", "knowbaseitems", "computers"))
END = "-- Dump completed on 2026-12-01 22:04:09\n"


@pytest.mark.parametrize("packed", [False, True])
def test_a_dump_that_is_whole_is_taken_in_with_its_digest_and_its_moment(packed: bool, tmp_path: Path) -> None:
    text = (TABLES + "INSERT INTO x VALUES (1);\n" * 60_000 + END).encode()
    path = tmp_path / "glpi.sql"
    path.write_bytes(gzip.compress(text) if packed else text)
    done = CliRunner().invoke(main, ["glpi", "dump", str(path), "--to", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    with (tmp_path / "out/base.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    shown = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert (row["sha256"], row["completed"]) == (shown, "2026-12-01 22:04:09")
    assert int(row["bytes"]) == path.stat().st_size


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ((TABLES + "INSERT INTO x").encode(), "rien ne dit que cette copie est entière"),
        (("CREATE TABLE `glpi_tickets` (\n" + END).encode(), "sans glpi_computers, glpi_knowbaseitems"),
        (gzip.compress((TABLES + END).encode())[:-20], "ne se lit pas jusqu’au bout"),
        (b"", "ce n’est pas une copie entière de GLPI"),
    ],
)
def test_a_dump_that_is_cut_or_of_something_else_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "glpi.sql").write_bytes(content)
    done = CliRunner().invoke(main, ["glpi", "dump", str(tmp_path / "glpi.sql"), "--to", str(tmp_path / "out")])
    assert (done.exit_code, why in done.output) == (4, True), done.output
    assert not (tmp_path / "out").exists()


def test_each_file_of_an_export_is_for_its_owner_alone(world: GlpiWorld, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "Ticket.json").write_text("[]")
    (out / "Ticket.json").chmod(0o644)
    exported(world, out, persons=True)
    assert [path.name for path in out.iterdir() if path.stem != "comptes" and path.stat().st_mode & 0o077] == []


def test_an_announced_count_that_is_not_the_read_count_is_not_reconciled(
    world: GlpiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = lambda self, itemtype: 7 if itemtype == "Ticket" else len(self.all(itemtype))  # noqa: E731
    monkeypatch.setattr(Glpi, "announced", counts)
    assert not exported(world, tmp_path / "out")["reconciled"]


def test_persons_and_contents_come_where_they_are_asked_for(world: GlpiWorld, tmp_path: Path) -> None:
    exported(world, tmp_path / "out", persons=True)
    assert "mot de passe" in (tmp_path / "out" / "Ticket.json").read_text("utf-8")


def test_a_folder_that_is_not_absolute_is_refused(world: GlpiWorld) -> None:
    with pytest.raises(InvalidConfig):
        exported(world, Path("ici"))
