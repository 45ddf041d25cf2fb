"""Readings too old, or dated in the future: the portal names them, and says unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

from piste.exports.portal.known import RUNS, Known
from piste.exports.portal.known import known as gathered
from piste.readings.certificates import kept as certificates
from piste.sites.living import kept
from piste.sites.status import SiteState
from tests.support.dossier import SCHOOL, verification
from tests.support.dossier import town as whole_town
from tests.support.living import READ_AT, alive
from tests.support.living import keep as keep_life
from tests.support.portal import SITES, few, known, passage, rendered
from tests.unit.bag.test_make import certificate_readings
from tests.unit.portal.test_supervision import HALL, tried
from tests.unit.records.made import run, task

On = Callable[[str], Known]
READ = datetime.fromisoformat(READ_AT)
DAY = timedelta(days=1)
PAGE = f"sites/{SCHOOL}.html"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("STATE", "VERIFICATIONS", "JOURNAL"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))
    return tmp_path


def keep(read_at: datetime = READ, nexus: Mapping[str, datetime] | None = None) -> None:
    """Keep a reading where all lives; `nexus` gives the moments that differ."""
    life = alive(whole_town(), whole_town().sites[SCHOOL])
    for parts in (*life.values(), *life["meraki"]["devices"].values()):
        parts["reported_at" if "supplies" in parts else "read_at"] = read_at.isoformat()
    life["nexus"][kept.NEXUS_PORTS] = {
        name: {**ports, "read_at": (nexus or {}).get(name, read_at).isoformat()}
        for name, ports in life["nexus"][kept.NEXUS_PORTS].items()
    }
    keep_life(whole_town(), life)


def at(moment: datetime) -> Known:
    return gathered(few(), "lab", moment.isoformat(timespec="seconds"), "", True)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> On:
    """Give what is known at noon of a day."""

    def known_on(day: str) -> Known:
        monkeypatch.setenv("PISTE_TODAY", day)
        return at(datetime.fromisoformat(f"{day}T12:00:00+00:00"))

    return known_on


def words(page: str, facts: Known) -> str:
    made = rendered(facts, "engineer", page)
    return " ".join(html.fromstring(made[page].decode()).text_content().replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_port_that_was_read_within_the_limit_lives(on: On) -> None:
    keep()
    facts = on("2026-09-22")
    assert "● lien, 10 Gbit/s" in words(PAGE, facts)
    assert facts.doubts == {}
    assert "Rien de ce que ce poste garde n’est trop ancien" in words("lacunes.html", facts)


SAID = "lu le 21/09/2026 à 16:13, trop ancien pour le dire encore (piste living read)"


def test_a_port_that_was_read_too_long_ago_is_unknown_with_its_date(on: On) -> None:
    keep()
    facts = on("2026-09-23")
    page = words(PAGE, facts)
    assert f"ports inconnus : {SAID}" in page
    assert "● lien, 10" not in page
    assert "? inconnu" in page.partition("Ports de")[2]
    assert f"ports des commutateurs{SAID}" in words("lacunes.html", facts)
    assert f"Machines sur leurs nœuds : inconnu, {SAID}." in words("carte.html", facts)


def test_each_nexus_has_an_age_of_its_own(on: On) -> None:
    keep(READ + DAY, nexus={"nx-hdv-2": READ})
    facts = on("2026-09-23")
    assert facts.doubts == {"nexus_ports/nx-hdv-2": SAID}
    page = words(f"sites/{HALL}.html", facts)
    assert "Face avant de nx-hdv-1, ports relevés le 22/09/2026 à 16:13" in page
    assert f"Face avant de nx-hdv-2, ports inconnus : {SAID}" in page


def test_what_is_watched_is_unknown_where_its_reading_is_old() -> None:
    said = "relevés le 21/09/2026 à 16:13, trop ancien pour le dire encore"
    page = words("supervision.html", known(doubts={"hosts": said, "problems": said}))
    assert f"Inconnu : problèmes en cours, {said}." in page
    assert "jamais été relevé" not in page
    assert "Éléments surveillés? inconnu" in page.replace("surveillés ?", "surveillés?")


@pytest.mark.parametrize(("ahead", "lives"), [(timedelta(minutes=4), True), (timedelta(minutes=6), False)])
def test_a_reading_of_the_future_is_named_and_not_believed(on: On, ahead: timedelta, lives: bool) -> None:
    on("2026-09-22")
    keep(datetime(2026, 9, 21, 12, tzinfo=UTC) + ahead)
    facts = on("2026-09-21")
    assert ("● lien, 10 Gbit/s" in words(PAGE, facts)) == lives
    assert ("dans l’avenir : une horloge n’est pas à l’heure" in words("lacunes.html", facts)) != lives


def test_a_site_that_converged_long_ago_is_unknown_with_the_reason() -> None:
    old = SiteState(SITES[0], None, passage("ok", ended="2026-03-28T05:00:00+00:00"))
    facts = known(states={SITES[0]: old})
    said = "? inconnu : convergé le 28/03/2026, trop ancien pour le dire encore"
    for path in ("index.html", f"sites/{SITES[0]}.html"):
        assert said in words(path, facts)
        assert "✓ convergé" not in words(path, facts)
    assert f"piste drift {SITES[0]}" in words("lacunes.html", facts)


def test_a_supply_that_was_tried_long_ago_is_unknown() -> None:
    facts = known(verifications={HALL: verification(tests=[tried(verdict="conform")],
                                                    ended="2026-03-28T05:00:00+00:00")})  # fmt: skip
    page = words("supervision.html", facts).partition("À la dernière vérification")[2]
    assert "sur batterie ; trop ancien pour le dire encore" in page
    assert "✓ conforme" not in page


def test_a_verification_of_the_future_is_named_and_the_former_holds(place: Path) -> None:
    bare = [test.model_copy(update={"evidence": []}) for test in verification().tests]
    for id_ in ("20261124T165700Z-000000", "20360101T000000Z-000000"):
        made = verification().model_copy(update={"id": id_, "tests": bare})
        folder = place / "verifications" / "lab" / SCHOOL / id_
        folder.mkdir(parents=True)
        (folder / "verification.json").write_text(made.model_dump_json())
    facts = at(datetime.now(UTC))
    assert facts.verifications[SCHOOL].id == "20261124T165700Z-000000"
    assert f"{SCHOOL}/20360101T000000Z-000000 : daté de l’avenir, ignoré" in words("lacunes.html", facts)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-26", ""),
        ("2026-12-05", "lu le 26/11/2026 à 13:00, trop ancien pour le dire encore"),
        ("2026-11-25", "lu le 26/11/2026 à 13:00, dans l’avenir"),
    ],
)
def test_a_certificate_that_was_read_long_ago_or_in_the_future_is_unknown(
    place: Path, monkeypatch: pytest.MonkeyPatch, day: str, said: str
) -> None:
    """It may have been replaced since; or the clock was set back."""
    monkeypatch.setenv("PISTE_STATE_DIR", str(place))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    commune = few().commune
    assert commune
    entry = next(entry for entry in commune["certificates"]["certificates"] if entry["reader"])
    read = certificate_readings(entry["name"], "2026-11-26T12:00:00+00:00")
    assert certificates.keep("lab", [read])
    monkeypatch.setenv("PISTE_TODAY", day)
    known_now = at(datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    (judged,) = [each for each in known_now.certificates if each.certificate["name"] == entry["name"]]
    assert judged.faults.get("unread", "").startswith(said)
    assert ("unread" in judged.faults) == bool(said)
    for page in ("certificats.html", "lacunes.html"):
        assert not said or said in words(page, known_now)


def test_readings_do_not_push_the_runs_out_of_the_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path))
    day = "2026-11-25"
    run(tmp_path, 1, task("changed", host=SCHOOL, module="piste_network"))
    run(tmp_path, 2, task("ok", host=SCHOOL, module="piste_network"))
    for number in range(3, 3 + RUNS):
        run(tmp_path, number, task("ok", host="commune", module="meraki_living"), day=day)
    failed = task("failed", host="commune", module="meraki_living", kind="unknown")
    run(tmp_path, 3 + RUNS, failed, day=day)
    facts = gathered(few(), "lab", "2026-11-26T06:00:00+00:00", "c" * 40, True)
    assert [int(record["id"][-6:], 16) for record in facts.runs] == [3 + RUNS, 2, 1]
