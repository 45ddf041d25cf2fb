"""Savings of each lever in the small town, computed by hand: realised and remaining."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.sobriety import savings as computing
from piste.sobriety.counting import Known
from piste.sobriety.documents.energy_tables import gains
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import Saving, savings
from piste.sobriety.savings_measured import Measured
from piste.sobriety.value_range import NOTHING, Range
from piste.town.model.energy_factors import Factor
from piste.town.model.sobriety.form import Investment
from tests.unit.sobriety.small import (
    CCAS,
    POLICE,
    SCHOOL,
    TODAY,
    capacity,
    hours_of_machines,
    network,
    pc,
    printed,
    town,
    whole,
)

CLOSED = 8760 - 261 * 11.5
"""Hours of the year from Thursday 26 November 2026 outside 11 hours and a half of 261 days from Monday to Friday."""
PCS = [
    pc("done", 600, True), pc("left", 0, False), pc("unread", None, None, kind="laptop", site=CCAS),
    pc("light", 0, False, kind="thin_client"), pc("spare", 0, False, status="stock"),
    pc("police", 0, False, site=POLICE),
]  # fmt: skip


def estimated(readings: Readings | None = None, imports: Imports | None = None, of: Any = None) -> dict[str, Saving]:
    every = savings(of or town(), readings or Readings(), imports or Imports(), TODAY)
    return {saving.lever: saving for saving in every}


def near(*values: float) -> Any:
    return pytest.approx(Range(*values))


def test_sleep_saves_its_published_share_of_each_workstation_that_does_not_sleep_yet() -> None:
    saving = estimated(imports=Imports(pcs=[pc for pc in PCS if pc.site != POLICE]))["veille-postes"]
    assert saving.realised_kwh == near(30.2, 21.2, 78.4)  # 151, 106, 196 × 20, 20, 40 %
    assert saving.remaining_kwh == near(30.2 + 9.6, 21.2 + 6, 78.4 + 40)  # and a laptop that nobody read
    assert saving.kwh == near(70, 48.4, 196.8)
    assert saving.co2_kg == near(70 * 0.056, 48.4 * 0.041, 196.8 * 0.098)
    texts = [assumption.text for assumption in saving.assumptions]
    assert "Poste fixe : 151 kWh/an, de 106 à 196" in texts
    assert "Clients légers et Mac ne sont pas comptés" in texts
    assert saving.assumptions[0].source.startswith("ADEME et ADN'Ouest")


def test_shutdown_saves_what_sleep_still_draws_and_spares_whom_the_lever_spares() -> None:
    assert CLOSED == 5758.5
    saving = estimated(imports=Imports(pcs=PCS), of=town(SCHOOL, CCAS, POLICE))["arret-postes"]
    assert saving.realised_kwh == near(11.517, 0, 23.034)  # 2 W, from 0 to 4
    assert saving.remaining_kwh == near(2 * 11.517, 0, 2 * 23.034)


def test_a_computer_that_is_off_takes_no_more_than_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    watts = {"pc_sleep": (1.0, 0.5, 2.0), "pc_off": (2.0, 1.0, 3.0)}
    real = computing.factor

    def declared(known: Known, name: str) -> Factor | None:
        made = real(known, name)
        value, low, high = watts.get(name, (0, 0, 0))
        return made.model_copy(update={"value": value, "low": low, "high": high}) if made and name in watts else made

    monkeypatch.setattr(computing, "factor", declared)
    won = estimated(imports=Imports(pcs=PCS), of=town(SCHOOL, CCAS, POLICE))["arret-postes"].realised_kwh
    assert won == near(0, 0, 5.7585)  # 1 W at most, over the hours of a site that is closed


def test_access_points_save_the_hours_during_which_their_ports_are_off() -> None:
    saving = estimated()["bornes-hors-heures"]
    assert saving.realised_kwh == NOTHING
    assert saving.remaining_kwh == near(630 * CLOSED / 8760, 180 * CLOSED / 8760, 1080 * CLOSED / 8760)
    assert saving.remaining_kwh.value == pytest.approx(414.139, abs=0.001)


def test_ports_that_are_not_declared_with_hours_have_saved_nothing() -> None:
    levers = {**whole().sites[SCHOOL]["levers"], "bornes-hors-heures": {"state": "pilot", "spared": ""}}
    read = Readings(networks={SCHOOL: network(SCHOOL, port_schedules=[])})
    of = town(SCHOOL, ecole_jaures={"levers": levers})
    assert estimated(read, of=of)["bornes-hors-heures"].realised_kwh == NOTHING


def test_machines_save_their_margin_while_they_sleep() -> None:
    read = Readings(capacity=capacity(), f3=hours_of_machines("hdv-rct1"))
    saving = estimated(read)["machines-hors-heures"]
    # 261 days less 8 public holidays, 16 hours each: 4712 hours asleep, 2 vCPU at 3 W.
    assert saving.realised_kwh == near(28.272, 28.272, 28.272)
    assert saving.kwh == near(56.544, 56.544, 56.544)
    modelled = Readings(capacity=capacity(watts_low=600, watts_high=900, origin="modélisé"))
    assert estimated(modelled)["machines-hors-heures"].remaining_kwh == near(56.544, 45.2352, 67.8528)
    unread = estimated(Readings(unread={"hosting/capacite": "403"}))["machines-hors-heures"]
    assert (unread.kwh, unread.why) == (None, "403")


def test_duplex_saves_sheets_and_no_electricity() -> None:
    rows = [
        printed("2026-10", pages_a4=1000, pages_a3=100, duplex_jobs=60),
        printed("2025-10", pages_a4=1000, duplex_jobs=20),
    ]
    saving = estimated(imports=Imports(printing=rows))["impression"]
    # 14 400 pages a year; duplex went from 20 to 60 %; half of what is left, from a fifth to all of it.
    assert saving.realised_sheets == near(2880, 2880, 2880)
    assert saving.remaining_sheets == near(1440, 576, 2880)
    assert saving.sheets == near(4320, 3456, 5760)
    assert (saving.kwh, saving.co2_kg) == (None, None)
    assert saving.why.endswith("sans comptabilité, non comptés : ccas")
    live = {f"imp-jau-0{n}": {"duplexing": "long_edge", "color": False} for n in (1, 2, 3)}
    applied = estimated(Readings(queues=live), Imports(printing=rows))["impression"]
    assert (applied.realised_sheets, applied.remaining_sheets) == (near(2880, 2880, 2880), NOTHING)


def test_what_nothing_published_tells_is_not_counted_and_says_so() -> None:
    estimates = estimated()
    for name in ("wifi-hors-heures", "puissance-wifi", "ssid-redondants"):
        assert (estimates[name].kwh, estimates[name].sheets) == (None, None)
        assert estimates[name].why.startswith("non compté : ")


def test_without_its_import_a_saving_is_unknown() -> None:
    estimates = estimated(imports=Imports(missing={"pcs": "pcs absent", "printing": "printing absent"}))
    for name in ("veille-postes", "arret-postes"):
        assert (estimates[name].kwh, estimates[name].why) == (None, "pcs absent")
    assert (estimates["impression"].sheets, estimates["impression"].why) == (None, "printing absent")


def test_every_lever_has_its_saving_and_says_whether_it_asks_for_an_investment() -> None:
    levers = whole().sobriety.levers
    estimates = estimated()
    assert list(estimates) == list(levers)
    assert [name for name, saving in estimates.items() if saving.investment] == ["clients-legers"]
    bought = levers["veille-postes"].model_copy(update={"investment": Investment(what="Capteurs")})
    of = replace(town(), sobriety=replace(whole().sobriety, levers={"veille-postes": bought}))
    assert [saving.investment for saving in estimated(of=of).values()] == [True]


def test_what_a_lever_saves_is_unknown_where_nothing_answered_for_it() -> None:
    read = Measured("F8", "Sites", "%", "", "", None, None, None, 0, 4)
    saving = replace(estimated()["veille-postes"], realised_kwh=NOTHING, measured=read)
    assert gains(saving, "realised_").text == "inconnu"
    assert gains(replace(saving, measured=None), "realised_").text[:1] == "0"
    assert gains(replace(saving, measured=replace(read, targets=0)), "realised_").text[:1] == "0"
