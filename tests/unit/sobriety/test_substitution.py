"""The scenario of thin clients, recomputed by hand: bounds, break-even, room, sensitivity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.sobriety.counting import Known
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import savings
from piste.sobriety.substitution import Substitution, substitution
from piste.sobriety.value_range import Range
from tests.unit.sobriety.small import TODAY, capacity, whole


def known(**totals: Any) -> Known:
    report = capacity(**totals)
    for node in report["nodes"]:
        node["cpu_used"] = 0.2
    return Known(whole(), Readings(capacity=report), Imports(), TODAY)


def scenario(price: Range | None = None, **totals: Any) -> Substitution:
    here = known(**totals)
    assert here.town.commune is not None
    made = substitution(here, here.town.commune["thin_client_lots"], price)
    assert not isinstance(made, str), made
    return made


def test_energy_is_that_of_a_computer_that_sleeps_less_the_thin_client_and_its_session() -> None:
    made = scenario()
    assert made.places == 10
    # 151 kWh less a fifth for sleep, less 65, less 3 W over 1600 h.
    assert made.kwh.value == pytest.approx(10 * (151 * 0.8 - 65 - 4.8))
    # Worst: 106 less two fifths, 65, two vCPU of 3 W over 2200 h. Best: 196 less a fifth, 45, half a vCPU over 1200 h.
    assert made.kwh.low == pytest.approx(10 * (106 * 0.6 - 65 - 2 * 3 * 2.2))
    assert made.kwh.high == pytest.approx(10 * (196 * 0.8 - 45 - 0.5 * 3 * 1.2))
    assert made.kwh.low < 0 < made.kwh.value


def test_carbon_counts_the_making_of_what_is_bought_and_of_what_is_not() -> None:
    saved = (151 * 0.8 - 65 - 4.8) * 56 / 1000
    made = 100 / 7 + 3660 / 40 / 7
    assert scenario().kg.value == pytest.approx(10 * (saved - made + 0.5 * 277 / 6))


def test_the_investment_is_the_thin_client_and_its_part_of_a_node_less_the_computers_not_bought() -> None:
    made = scenario()
    assert made.investment.value == pytest.approx(10 * (350 + 25000 / 40 - 0.5 * 700))
    assert made.investment.low == pytest.approx(10 * (250 + 15000 / 60 - 900))
    assert made.investment.high == pytest.approx(10 * (500 + 40000 / 25 - 0))
    assert (made.eur, made.break_even_years) == (None, None)
    assert "aucun prix de l’énergie" in made.why


def test_with_a_price_the_break_even_has_its_bounds_and_may_never_come() -> None:
    made = scenario(Range(0.20, 0.20, 0.20))
    assert made.eur is not None
    assert made.eur.value == pytest.approx(made.kwh.value * 0.20)
    assert made.break_even_years is not None
    value, best, worst = made.break_even_years
    assert value == pytest.approx(made.investment.value / made.eur.value)
    # At best nothing is invested; at worst licences and a loss of energy never pay.
    assert (best, worst) == (0.0, None)
    assert made.net_eur is not None
    assert made.net_eur.value == pytest.approx(made.eur.value * 7 - made.investment.value)
    # A loss of energy costs most at the highest price.
    dear = scenario(Range(0.20, 0.10, 0.40))
    assert dear.eur is not None
    assert dear.eur.low == pytest.approx(made.kwh.low * 0.40 - 10 * 120)


def test_sensitivity_names_the_assumptions_that_turn_the_sign() -> None:
    turning = {(turn.name, turn.result) for turn in scenario().turns if turn.turns}
    assert ("Part des postes à renouveler de toute façon", "kg") in turning
    # At 106 kWh less two fifths for sleep, a computer uses less than a thin client and its session.
    assert ("Consommation d’un poste fixe, veille comprise", "kwh") in turning
    assert ("Heures de session dans l’année", "kwh") not in turning
    first, *_ = scenario().turns
    assert first.turns


def test_the_lots_to_come_must_find_room_once_a_node_is_lost() -> None:
    checks = {check.what: check for check in scenario().capacity}
    # Four places of the lot to come, at the most that a session may need; 64 threads left, less the load of 96.
    assert (checks["Mémoire"].needed, checks["Mémoire"].left, checks["Mémoire"].holds) == (16, 90, True)
    assert (checks["Processeurs"].needed, checks["Processeurs"].holds) == (8, True)
    assert checks["Processeurs"].left == pytest.approx(64 - 0.2 * 96)
    iops = checks["IOPS, Bureaux de la médiathèque"]
    assert (iops.holds, iops.source) == (None, "aucune étude")
    full = {check.what: check.holds for check in scenario(memory_left_gib=10).capacity}
    assert full["Mémoire"] is False


def test_the_saving_is_realised_by_the_deployed_lot_alone() -> None:
    here = known()
    (saving,) = (each for each in savings(here.town, here.readings, Imports(), TODAY) if each.lever == "clients-legers")
    assert saving.investment
    assert (saving.realised_kwh, saving.remaining_kwh) == (
        saving.substitution and saving.substitution.kwh.times(0.6),
        saving.substitution and saving.substitution.kwh.times(0.4),
    )
    lever = here.town.sobriety.levers["clients-legers"]
    assert lever.investment is not None
    assert (lever.investment.capex_eur, lever.investment.opex_eur_per_year) == (6250, 0)


def test_an_unread_cluster_or_an_undeclared_scenario_is_unknown() -> None:
    here = known()
    unread = replace(here, readings=Readings(unread={"hosting/capacite": "Prism Central n’a pas répondu"}))
    assert substitution(unread, []) == "Prism Central n’a pas répondu"
    bare = replace(here, town=replace(here.town, sobriety=replace(here.town.sobriety, substitution=None)))
    assert substitution(bare, []) == "aucun scénario n’est déclaré (thin_client_scenario)"
    (saving,) = (each for each in savings(bare.town, here.readings, Imports(), TODAY) if each.lever == "clients-legers")
    assert (saving.kwh, saving.why) == (None, "aucun scénario n’est déclaré (thin_client_scenario)")
