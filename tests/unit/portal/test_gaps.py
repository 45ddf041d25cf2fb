"""Subjects that the portal could not read: unknown, in the gaps, never none; the rest stays."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.exports.portal.known import known as gathered
from piste.readings.links.declared import town_links
from tests.support.dossier import SCHOOL, town, verification
from tests.support.portal import MOMENT, SITES, few, known, rendered
from tests.support.sobriety_years import readings
from tests.unit.portal.test_portal import edition, tiles, words

NONSENSE = {"pings": 10**400, "interval": -1e308}


def test_a_kept_reading_that_makes_no_sense_is_in_the_gaps() -> None:
    link = town_links(few())[0]["name"]
    measure = {"interval": 60.0, "pings": 100, "up": 100, "doubtful": 0, "latency_sum": 1.0, "latency_count": 100,
               "p95": None, "raw": 0, "loss_sum": 0.0, "loss_count": 100}  # fmt: skip
    for field, value in NONSENSE.items():
        month: Any = {"month": "2026-10", "measured_at": "2026-11-01T05:00:00+00:00", "traffic_at": "", "traffic": {},
                      "measures": {link: {**measure, field: value}}}  # fmt: skip
        for moment in ("hier", "2026-11-28"):
            sober = replace(readings(2)[-1], moment=moment)
            pages = edition("engineer", known(links=[month], sobriety=sober))
            gaps = words(pages["lacunes.html"])
            assert re.search("liaisons ?ce qui a été gardé ne se comprend pas", gaps)
            assert bool(re.search("sobriété ?ce qui a été gardé ne se comprend pas", gaps)) == (moment == "hier")
            assert "Inconnu" in words(pages["supervision.html"])


LIES = re.compile(
    r"n’est déclaré\.|n’est gardé|est vide|[Jj]amais (?:été )?(?:vérifié|lu|essayé|relevé)|aucune au journal|"
    r"Aucune?, parmi|Aucun mois"
)


def test_what_could_not_be_read_is_never_said_to_be_nothing() -> None:
    subjects = ("runs", "verifications", "journal", "certificates", "backups", "restores", "sobriety", "links",
                "living", "plans", "accounts", "directory", "tenant", "reports")  # fmt: skip
    facts = known(states={}, verifications={}, findings=(), runs=(), unread=dict.fromkeys(subjects, "illisible"))
    said = {
        (name, lie)
        for name, page in edition("engineer", facts).items()
        if name not in ("carte.html", "accessibilite.html")
        for lie in LIES.findall(words(page))
    }
    assert said == {("lacunes.html", "jamais vérifié"), ("lacunes.html", "jamais été lu")}
    town = tiles(edition("town", facts)["index.html"])
    assert {town[label] for label in ("restaurations prouvées", "sauvegardes en 3-2-1")} == {"inconnu"}


def test_a_verification_that_does_not_read_takes_no_other_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_VERIFICATIONS_DIR", str(tmp_path))
    bare = [test.model_copy(update={"evidence": []}) for test in verification().tests]
    for site in SITES:
        made = verification().model_copy(update={"site": site, "tests": bare})
        place = tmp_path / "lab" / site / made.id
        place.mkdir(parents=True)
        (place / "verification.json").write_text(made.model_dump_json())
    others = (tmp_path / "lab").glob("[!e]*/*/verification.json")
    next(others).write_text("[" * 100_000)
    next(others).write_text(made.model_copy(update={"site": "stade"}).model_dump_json())
    facts = gathered(few(), "lab", MOMENT, "", True)
    assert [*facts.verifications] == [SCHOOL]
    assert "ne se lit pas" in facts.unread["verifications"]
    assert "est la vérification de stade" in facts.unread["verifications"]


def test_a_site_that_is_not_open_yet_is_not_to_verify() -> None:
    whole = town()
    planned = [site["name"] for site in whole.sites.values() if site["lifecycle"] == "planned"]
    gaps = words(rendered(known(town=whole), "engineer", "lacunes.html")["lacunes.html"].decode())
    assert planned
    assert [name for name in planned if f"{name}piste verify" in gaps] == []
    assert "Cimetièrepiste verify cimetiere" in gaps
