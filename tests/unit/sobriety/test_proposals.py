"""Proposals for the network of a site, by hand: gain, risk, lines, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from piste.sobriety.parts import POE_MEASURE
from piste.sobriety.proposals import Advice, Proposal, advise
from piste.sobriety.usage import Week
from tests.unit.sobriety.small import CCAS, POLICE, SCHOOL, TODAY, scheduled, town
from tests.unit.sobriety.weeks import WEEKDAYS, at, curve, ports, week

POINTS = [f"QZZZ-0005-00{rank}" for rank in range(41, 47)]
BUSY = at(WEEKDAYS, 8, 17)
USED = dict.fromkeys(POINTS, curve(0.0, BUSY, 4.0))
KEY = SCHOOL.replace("-", "_")


def two(points: Any = None, **more: Any) -> list[Week]:
    return [week(number, points=points or USED, **more) for number in (46, 47)]  # type: ignore[misc]


def advice(weeks: list[Week], **changes: Any) -> Advice:
    (given,) = advise(town(SCHOOL, **{KEY: changes}), weeks, TODAY)
    return given


def by_kind(weeks: list[Week], **changes: Any) -> dict[str, Proposal]:
    return {proposal.kind: proposal for proposal in advice(weeks, **changes).proposals}


def without_levers(**others: str) -> dict[str, Any]:
    levers = town(SCHOOL).sites[SCHOOL]["levers"]
    return {name: {"state": others.get(name, "off"), "spared": ""} for name in levers}


def test_hours_are_those_of_the_main_use_with_a_margin() -> None:
    hours = by_kind(two())["hours"]
    (path, lines), *_ = hours.lines.items()
    assert path == f"inventories/town/host_vars/{SCHOOL}.yml"
    assert yaml.safe_load(lines)["opening_hours"] == {
        "days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "start": "07:30", "end": "17:30",
        "status": "to_confirm",
    }  # fmt: skip
    assert hours.what == "Resserrer les heures d’ouverture déclarées, de 57,5 à 50 h par semaine"
    # The ports do not follow hours yet: their own proposal counts the energy, once.
    assert hours.kwh is None
    assert "l’énergie est comptée avec les ports" in hours.gain


def test_ports_are_off_outside_the_proposed_hours_and_their_margin() -> None:
    given = by_kind(two())["ports"]
    # 5 days from 7:00 to 18:00 are 55 hours: 113 of 168 are off. The factor is 70 kWh a year, from 20 to 120.
    assert given.kwh == pytest.approx((70 * 6 * 113 / 168, 20 * 6 * 113 / 168, 120 * 6 * 113 / 168))
    assert given.gain == "678 heures de borne par semaine"
    assert given.command == f"piste sobriety apply bornes-hors-heures --target {SCHOOL}"
    (line,) = given.lines.values()
    (step,) = yaml.safe_load(line)
    assert (step["lever"], step["targets"], step["date"]) == ("bornes-hors-heures", [SCHOOL], "2026-11-26")
    # The school's switches are not known to feed their ports.
    assert any("poe de hardware" in question for question in given.confirm)


def test_measured_energy_comes_before_the_factor() -> None:
    # Six ports that draw 30 Wh an hour together: 5 W each.
    given = by_kind(two(radio=ports(6, wh=30.0)))["ports"]
    assert given.source == POE_MEASURE
    kwh = 5 * 8760 * 113 / 168 * 6 / 1000
    assert given.kwh == pytest.approx((kwh, kwh, kwh))
    # Ports that feed nothing measure zero, which says nothing of an access point.
    assert by_kind(two(radio=ports(6, wh=0.0)))["ports"].source != POE_MEASURE


def test_a_switch_that_feeds_nothing_saves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    of = town(SCHOOL)
    models = {device["model"] for device in of.sites[SCHOOL]["devices"]}
    for model in models:
        monkeypatch.setitem(of.hardware, model, {**of.hardware[model], "poe": False})
    (given,) = advise(of, two(), TODAY)
    (offered,) = [proposal for proposal in given.proposals if proposal.kind == "ports"]
    assert offered.kwh is None
    assert "n’alimente pas ses ports" in offered.gain


def test_ssids_are_proposed_where_their_lever_is_off() -> None:
    assert "ssids" not in by_kind(two())
    given = by_kind(two(), levers=without_levers())["ssids"]
    enabled = sum(ssid["enabled"] for ssid in town(SCHOOL).sites[SCHOOL]["ssids"])
    assert given.gain.startswith(f"{118 * 6 * enabled} SSID × borne × h par semaine")
    assert given.kwh is None
    assert "aucun chiffre publié" in given.gain


def test_a_minority_use_at_night_is_named_and_does_not_keep_the_site_on() -> None:
    night = {**USED, POINTS[5]: curve(0.0, at(range(7), 1, 4), 0.5)}
    given = advice(two(night))
    assert given.outside == 0.5 * 21
    assert given.outside_share == pytest.approx(10.5 / (10.5 + 4 * 45 * 5), abs=0.001)
    assert "lundi de 1 h à 4 h" in given.outside_where
    assert given.outside_where[-1] == "ap-jau-06"
    hours = next(proposal for proposal in given.proposals if proposal.kind == "hours")
    assert "07:30" in str(hours.lines)
    assert "10,5 client × h par semaine" in hours.risk


def test_a_main_use_outside_the_declared_hours_widens_them() -> None:
    evenings = dict.fromkeys(POINTS, curve(0.0, at(WEEKDAYS, 8, 22), 4.0))
    hours = by_kind(two(evenings))["hours"]
    assert hours.what.startswith("Élargir")
    assert hours.kwh is None
    assert "22:30" in str(hours.lines)


def test_hours_that_were_not_measured_are_not_taken() -> None:
    gap = dict.fromkeys(POINTS, curve(0.0, [hour for hour in BUSY if hour % 24 != 16], 4.0))
    gap[POINTS[0]] = curve(0.0, at(WEEKDAYS, 17, 18), None)
    hours = by_kind(two(gap))["hours"]
    # The open hour from 17 to 18 was not measured: it stays open, with the margin.
    assert 'end: "18:30"' in str(hours.lines)
    assert "5 heures de la semaine n’ont pas été mesurées" in hours.confirm


def test_one_week_or_a_week_of_holidays_is_not_enough() -> None:
    assert advice([two()[0]]).proposals == []
    assert "1 mesurée" in advice([two()[0]]).why
    autumn = {**two()[0], "week": "2026-W43", "start": "2026-10-18T22:00:00Z", "end": "2026-10-25T23:00:00Z"}
    assert advice([autumn, two()[1]]).weeks == 1  # type: ignore[list-item]


def test_sites_that_are_spared_or_continuous_get_nothing() -> None:
    sites = town(SCHOOL, CCAS, POLICE)
    given = {advice.site: advice for advice in advise(sites, two(), TODAY)}
    assert given[POLICE].why == "Le service est continu, jour et nuit."
    assert given[POLICE].proposals == []
    assert given[CCAS].why.startswith("il faut 2 semaines")
    assert advice(two(), opening_hours=None).why == "aucune heure d’ouverture : le service est continu"


def test_an_access_point_that_nobody_uses_is_counted_once() -> None:
    idle = {**USED, POINTS[4]: curve()}
    given = advice(two(idle)).proposals
    (removed,) = [proposal for proposal in given if proposal.kind == "access_point"]
    assert removed.what == "Retirer la borne ap-jau-05 : aucun client en 2 semaines"
    # Its ports would be off for 113 hours already.
    assert removed.kwh == pytest.approx((70 * 55 / 168, 20 * 55 / 168, 120 * 55 / 168))
    power = next(proposal for proposal in given if proposal.kind == "power")
    assert power.kwh is None
    assert power.gain.startswith("1 borne sur 6 sans aucun client")
    assert any("mesure de couverture" in question for question in power.confirm)
    # A site where nobody at all was seen has no proposal to take everything away.
    assert [proposal.kind for proposal in advice(two(dict.fromkeys(POINTS, curve()))).proposals] == ["ports", "power"]


def test_an_access_point_that_was_hardly_measured_is_not_taken_away() -> None:
    """An hour on Monday without a client says nothing of the rest of the week."""
    hardly = {**USED, POINTS[4]: curve(None, [9], 0.0)}
    assert not {"access_point", "power"} & {proposal.kind for proposal in advice(two(hardly)).proposals}


def test_where_ports_follow_hours_narrower_hours_save_energy() -> None:
    (given,) = advise(town(SCHOOL, **{KEY: scheduled(town(SCHOOL).sites[SCHOOL])}), two(), TODAY)
    (hours,) = [proposal for proposal in given.proposals if proposal.kind == "hours"]
    assert hours.kwh == pytest.approx((70 * 6 * 7.5 / 168, 20 * 6 * 7.5 / 168, 120 * 6 * 7.5 / 168))
    assert not [proposal for proposal in given.proposals if proposal.kind == "ports"]
