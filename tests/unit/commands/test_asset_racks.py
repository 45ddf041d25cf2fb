"""Checks of racks: inscribed by a command, due again after their days, late as a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.papers.dossier.equipment import rack_checks_table, racks_table
from piste.sites.conformity import Facts, judge
from piste.sites.life import racks
from piste.town import declared
from piste.town.model.premises import Rack
from tests.unit.commands.test_asset import run, town

__all__ = ["town"]
SITE, RACK = "ccas", "baie-ccas-1"
STEPS = ("locked", "supply", "clean", "fans", "labels")


def on(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", day)


def inscribe(step: str, name: str = RACK) -> str:
    done = run(f'asset check {name} --step {step} --reference "fiche 12" --role technicien --yes')
    assert done.exit_code == 0, done.output
    return done.output


def judged(environment: str = "production") -> dict[str, tuple[str, str]]:
    return {made.site: (made.state, made.what) for made in racks.findings(declared.derived("lab"), environment)}


def rack() -> Rack:
    return next(it for it in declared.derived("lab").sites[SITE]["premises"]["racks"] if it["name"] == RACK)


def test_a_check_is_inscribed_due_again_and_late(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on("2026-11-02", monkeypatch)
    assert judged("lab") == {}, "a laboratory where nothing was inscribed says nothing"
    assert judged()[SITE][0] == "unknown"
    for step in STEPS:
        inscribe(step)
    assert inscribe("locked") == "Tout est déjà inscrit ainsi.\n"
    assert judged()[SITE] == ("ok", "ccas : baies contrôlées, la prochaine fois le 01/05/2027")
    on("2027-05-01", monkeypatch)
    assert judged()[SITE][0] == "ok", "the day itself is not late"
    on("2027-05-02", monkeypatch)
    assert judged()[SITE] == ("wrong", "ccas : 2 contrôles de baie en retard "
                              f"({RACK} locked, 01/05/2027, {RACK} supply, 01/05/2027)")  # fmt: skip
    inscribe("locked")
    inscribe("supply", f"{SITE}/{RACK}")
    assert judged()[SITE][0] == "ok", "the same reference on another day is another act"
    assert rack()["checks"][0]["due"] == "2027-10-29"


def test_a_check_that_nobody_declares_is_refused(town: Path) -> None:
    refused = run(f"asset check {RACK} --step serrure --reference x --role technicien --yes")
    assert refused.exit_code != 0
    assert "« serrure » n’est pas un contrôle de baie-ccas-1" in refused.output
    assert "locked, supply, clean, fans, labels" in refused.output


def test_a_rack_of_two_sites_is_asked_by_its_site(town: Path) -> None:
    file = town / "inventories/town/host_vars/ctm.yml"
    file.write_text(file.read_text("utf-8").replace("baie-ctm-1", RACK), "utf-8")
    refused = run(f"asset check {RACK} --step clean --reference x --role technicien --yes")
    assert "ccas/baie-ccas-1, ctm/baie-ccas-1" in refused.output
    inscribe("clean", f"{SITE}/{RACK}")
    assert [check["id"] for check in rack()["checks"] if check["done"]] == ["clean"], "the other site keeps its own"


def test_the_sheet_says_who_opens_and_when_it_is_looked_at(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on("2026-11-02", monkeypatch)
    inscribe("clean")
    assert "clé : technicien" in str(racks_table([rack()], []))
    text = str(rack_checks_table([rack()]))
    assert "02/11/2026, fiche 12" in text
    assert "jamais inscrit" in text
    for step in STEPS:
        inscribe(step)
    assert "jamais inscrit" not in (text := str(rack_checks_table([rack()])))
    assert "01/05/2027" in text


def test_the_clause_of_the_racks_falls_with_a_late_check(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on("2026-11-02", monkeypatch)
    for step in STEPS:
        inscribe(step)
    assert verdict() != "broken"
    on("2027-05-02", monkeypatch)
    assert verdict() == "broken"


def verdict() -> str:
    made = [*racks.findings(declared.derived("lab"), "production")]
    return judge(Facts(made, {}, {}, ()), ["R060"])["R060"].verdict
