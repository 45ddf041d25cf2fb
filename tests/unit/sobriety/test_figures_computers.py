"""The figures of the fleet, recomputed by hand from what each computer is known to do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from lab import fleet
from piste.readings.computers.judge import Measured, measured
from piste.readings.computers.kept import NOTHING, Collection, Kept, Measure, Refused, added
from piste.readings.computers.report import Report
from piste.sobriety.breakdown import Listing
from piste.sobriety.computer_energy import last_days, of_days
from piste.sobriety.counting import NO_HOURS, Known
from piste.sobriety.figures import breakdowns, lists
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from tests.unit.sobriety.small import CCAS, TODAY, compute, metered, pc, whole

ROLES = (
    ["silent", "old", "blocked", "blocked", "night", "night", "night", "woken", "unset", "unset", "sleeper"]
    + ["good"] * 9
)  # fmt: skip
POLICE = "police-municipale"


@cache
def roles() -> dict[str, str]:
    """Give the role of each computer from its rank alone."""
    names = sorted(asset["name"] for site in whole().sites.values() for asset in site["assets"]
                   if asset["kind"] == "computer")  # fmt: skip
    return {name: ROLES[rank % 20] for rank, name in enumerate(names)}


@cache
def macs() -> dict[str, str]:
    """Give the Mac that speak, which say their sleep and nothing of their nights, by role."""
    return {name: role for name, role in roles().items() if name.startswith("mac-") and role not in ("silent", "old")}


@cache
def site_of() -> dict[str, str]:
    return {asset["name"]: name for name, site in whole().sites.items() for asset in site["assets"]}


@cache
def kept() -> Kept:
    machines = fleet.fleet(whole(), TODAY)
    measures = {}
    for machine in machines:
        if machine.role != "silent" and machine.site:
            made = Report.model_validate_json(_json(machine))
            measures[machine.name] = added(None, Measure(written=1, size=1, owner="its", report=made, days=[]))
    refused = [Refused(file=f"PC-INCONNU-{number:02d}.json", why="l’inventaire ne connaît pas ce poste",
                       since=datetime(2026, 11, 26, tzinfo=UTC)) for number in range(1, 7)]  # fmt: skip
    last = Collection(taken_at=datetime(2026, 11, 26, tzinfo=UTC), state="complete", why="", files=285, read=285,
                      refused=refused, more=0, owners="")  # fmt: skip
    return Kept(last, measures)


def _json(machine: fleet.Machine) -> str:
    import json

    return json.dumps(fleet.report(machine, whole().sobriety.holidays, TODAY))


@cache
def judged() -> Measured:
    return measured(whole(), kept(), TODAY)


@cache
def known() -> Known:
    return Known(whole(), Readings(computers=judged()), Imports(), TODAY)


def listing(key: str) -> Listing:
    return next(entry for entry in lists(known()) if entry.key == key)


def test_the_fleet_has_300_computers_whose_roles_are_counted_by_hand() -> None:
    machines = fleet.fleet(whole(), TODAY)
    assert (len(machines), len(roles())) == (300, 294)
    # 294 is 14 times 20, and 14: the first fourteen roles come fifteen times.
    assert Counter(roles().values()) == {
        "silent": 15, "old": 15, "blocked": 30, "night": 45, "woken": 15, "unset": 30, "sleeper": 15, "good": 129,
    }  # fmt: skip


def test_f1_is_that_of_the_settings_and_silence_never_conforms() -> None:
    values = compute(whole(), Readings(computers=judged()))
    sleeping = sum(role in ("blocked", "woken", "sleeper", "good") for role in roles().values())
    assert sleeping == 30 + 15 + 15 + 129
    assert (values["F1.sleep"].numerator, values["F1.sleep"].denominator) == (189, 294)
    stopping = [name for name, role in roles().items() if role in ("blocked", "woken", "good") and name not in macs()]
    eligible = [name for name in roles() if site_of()[name] != POLICE]
    both = [name for name in stopping if name in eligible]
    for name in ("F1", "F1.shutdown"):
        assert (values[name].numerator, values[name].denominator) == (len(both), 284)
        assert values[name].value == pytest.approx(100 * len(both) / 284)
        silent = {computer for computer in eligible if roles()[computer] in ("silent", "old")}
        # A Mac does not say its stop: unknown, but where its sleep already fails both halves.
        half = {mac for mac, role in macs().items() if name == "F1.shutdown" or role == "woken"}
        assert set(values[name].unknown) == silent | half
    assert values["F1.answered"].denominator == 284 - len(values["F1"].unknown)
    assert (values["F1"].source, values["F1"].date) == ("Mesure des postes", "2026-11-25")
    assert [excluded.name for excluded in values["F1.sleep"].excluded] == [
        f"PC-INCONNU-{number:02d}" for number in range(1, 7)
    ]


def counts(*of: str) -> int:
    """Count the computers of some roles whose nights are seen: neither the police nor the Mac."""
    return sum(role in of and site_of()[name] != POLICE and name not in macs() for name, role in roles().items())


def test_what_was_seen_stands_beside_what_is_set() -> None:
    values = compute(whole(), Readings(computers=judged()))
    # The police has no hours, hence no nights.
    assert (values["F1.slept"].numerator, values["F1.slept"].denominator) == (counts("good", "unset", "sleeper"), 284)
    assert {excluded.why for excluded in values["F1.slept"].excluded} == {NO_HOURS}
    assert (values["F1.stopped"].numerator, values["F1.stopped"].denominator) == (counts("good", "unset"), 284)
    assert len(values["F1.slept"].unknown) == counts("silent", "old") + len(macs())
    assert (values["F1.defied"].value, values["F1.unset"].value) == (counts("blocked", "woken"), counts("unset"))
    assert {roles()[name] for name in values["F1.defied"].failing} == {"blocked", "woken"}
    assert "délai d’arrêt après la fermeture" in values["F1.slept"].why


def minutes_outside(first: datetime, last: datetime) -> tuple[float, int]:
    """Count the hours of the whole nights of a site, minute by minute, and the nights."""
    zone, holidays = ZoneInfo("Europe/Paris"), {"2026-11-11"}
    hours, nights, minutes, begun = 0.0, 0, 0, False
    at = first - timedelta(days=1)
    while at < last:
        here = at.astimezone(zone)
        works = here.weekday() < 5 and here.date().isoformat() not in holidays
        clock = here.hour * 60 + here.minute
        if works and 7 * 60 <= clock < 19 * 60 + 30:
            if minutes and begun:
                hours, nights = hours + minutes / 60, nights + 1
            minutes, begun = 0, at + timedelta(minutes=1) > first
        else:
            minutes += 1
        at += timedelta(minutes=1)
    return hours, nights


def test_hours_awake_are_those_counted_minute_by_minute_over_a_change_of_clock() -> None:
    row = next(row for row in judged().computers if row.site == CCAS and roles()[row.name] == "blocked")
    assert row.report
    assert row.report.states
    assert row.behaviour
    states = row.report.states
    assert states[0].since < datetime(2026, 10, 25, tzinfo=UTC)
    hours, nights = minutes_outside(states[0].since, states[-1].until)
    assert (row.behaviour.nights, row.behaviour.awake) == (nights, timedelta(hours=hours))
    # Always on: no more hours than a week has, though its nights have a holiday and more weekends than Wednesdays.
    assert row.awake_hours == pytest.approx(168 - 5 * (11.5 + 0.5 + 0.5))
    woken = next(row for row in judged().computers if row.site == CCAS and roles()[row.name] == "woken")
    assert woken.behaviour
    assert woken.behaviour.slept == woken.behaviour.stopped == 0


def test_the_energy_of_a_computer_is_that_of_its_hours() -> None:
    row = next(
        row for row in judged().in_service
        if row.site == "hotel-de-ville" and roles()[row.name] == "good" and row.kind == "fixed"
    )  # fmt: skip
    # From 27 October to 24 November: 29 whole days, 20 of them open. An open day: 10 h on at 50 W, 1.5 h asleep at
    # 4 W, 12.5 h off at 2 W; a closed day: 24 h at 2 W.
    kwh = (20 * (10 * 50 + 1.5 * 4 + 12.5 * 2) + 9 * 24 * 2) / 29 * 30 / 1000
    low = (20 * (10 * 20 + 1.5 * 2 + 12.5 * 0) + 9 * 24 * 0) / 29 * 30 / 1000
    estimate = of_days(known(), row, last_days(known(), row))
    assert estimate
    assert (estimate.value, estimate.low) == (pytest.approx(kwh), pytest.approx(low))
    awake = next(
        row for row in judged().in_service
        if row.site == "hotel-de-ville" and roles()[row.name] == "night" and row.kind == "fixed"
    )  # fmt: skip
    always = of_days(known(), awake, last_days(known(), awake))
    assert always
    assert always.value == pytest.approx(30 * 24 * 50 / 1000)


def test_meters_and_states_never_mix() -> None:
    readings = Readings(computers=judged())
    meters = [metered("pc", 900, 10, 2026), metered("pc", 1200, 10, 2025)]
    values = compute(whole(), readings, Imports(electricity=meters))
    assert (values["F2"].method, values["F2.window"].method) == ("measured", "estimated")
    assert values["F2"].value == pytest.approx(-25)
    bounds = values["F2.window"]
    assert bounds.low is not None
    assert bounds.high is not None
    assert bounds.value is not None
    assert bounds.low < bounds.value < bounds.high
    # The Mac have no declared watts: they are named, and in no estimate.
    assert {name for name in values["F2.window"].unknown if name.startswith("mac-")} == {
        f"mac-hdv-{number:03d}" for number in range(1, 6)
    }
    both = Known(whole(), readings, Imports(electricity=meters), TODAY)
    rows = next(entry for entry in lists(both) if entry.key == "windows").rows
    assert {row[3] for row in rows if row[2] == "ecole-jaures"} == {"compteur", "états mesurés × puissances déclarées"}
    meter = [row for row in rows if row[3] == "compteur"]
    assert [row[5] for row in meter] == [round(900 / 10 / 365 * 30, 2), round(1200 / 10 / 365 * 30, 2)]


def test_a_fleet_half_silent_is_half_unknown() -> None:
    half = {name: entry for rank, (name, entry) in enumerate(sorted(kept().measures.items())) if rank % 2}
    values = compute(whole(), Readings(computers=measured(whole(), Kept(kept().collection, half), TODAY)))
    left = {name.casefold() for name in half}
    conforming = [name for name, role in roles().items()
                  if role in ("blocked", "woken", "good") and name in left and site_of()[name] != POLICE
                  and name not in macs()]  # fmt: skip
    assert (values["F1"].numerator, values["F1"].denominator) == (len(conforming), 284)
    fresh = [name for name in left if roles()[name] != "old" and site_of()[name] != POLICE]
    half_known = [name for name, role in macs().items() if role == "woken" and name in left]
    assert len(values["F1"].unknown) == 284 - len(fresh) + len(half_known)
    assert values["F1"].reached is False


def test_a_town_that_measures_nothing_keeps_its_inventory_as_the_denominator() -> None:
    empty = measured(whole(), NOTHING, TODAY)
    imported = Imports(pcs=[pc("PC-CCAS-001", 600, True), pc("autre", 1, True)])
    values = compute(whole(), Readings(computers=empty), imported)
    assert (values["F1.sleep"].numerator, values["F1.sleep"].denominator) == (1, 294)
    assert values["F1.sleep"].source == "Import pcs.csv (GLPI)"
    assert ("1 poste", "de pcs.csv, absents de l’inventaire") in [tuple(entry) for entry in values["F1.sleep"].excluded]
    assert values["F1.slept"].why == "jamais relevé (piste computers read)"


def test_breakdowns_add_up_to_the_figure() -> None:
    every, whole_figure = breakdowns(known()), compute(whole(), Readings(computers=judged()))
    for name in ("F1", "F1.sleep", "F1.slept", "F1.stopped"):
        for by in ("site", "model", "kind", "service"):
            parts = [share for share in every if (share.figure, share.by) == (name, by)]
            assert sum(share.numerator or 0 for share in parts) == whole_figure[name].numerator
            assert sum(share.denominator or 0 for share in parts) == whole_figure[name].denominator
            assert sum(share.unknown for share in parts) == len(whole_figure[name].unknown)
    here = next(share for share in every if (share.figure, share.by, share.name) == ("F1.sleep", "site", CCAS))
    mine = [role for name, role in roles().items() if site_of()[name] == CCAS]
    assert here.numerator == sum(role in ("blocked", "woken", "sleeper", "good") for role in mine)
    assert {share.name for share in every if share.by == "kind"} == {"fixed", "laptop", "thin_client", "mac"}


def test_the_list_of_causes_counts_computers_and_hours() -> None:
    rows = {row[:2]: row for row in listing("awake").rows}
    # Windows does not say what asks to stay awake: a computer that is blocked has no cause that was seen.
    unseen = rows["cause non vue", "éveillé sans cause vue"]
    assert unseen[2] == counts("blocked")
    hours = [row.awake_hours for row in judged().computers if roles()[row.name] == "blocked" and row.awake_hours]
    assert unseen[4] == round(sum(hours), 1)
    assert rows["veille réglée à 15 minutes ou plus, ou jamais", "réglage"][2] == counts("night")
    assert rows["Lecteur de diffusion", "demande de rester éveillé"][2:5] == (3, 3, None)
    woken = sum(role == "woken" and name not in macs() for name, role in roles().items())
    assert rows["Mise à jour nocturne", "a réveillé"][2:4] == (woken, woken * 35)
    awake = listing("awake_computers").rows
    assert len(awake) == counts("blocked", "night", "woken")
    assert {row[4] for row in awake if roles()[str(row[0])] == "night"} == {"non réglé"}


def test_programs_that_start_by_themselves_are_counted() -> None:
    rows = {row[0]: row for row in listing("autostart").rows}
    spoke = [rank for rank, role in enumerate(roles().values()) if role not in ("silent", "old")]
    heavy = sum(rank % 3 == 0 for rank in spoke)
    assert (rows["OneDrive"][3], rows["Agent antivirus"][3]) == (heavy, len(spoke))
    assert rows["OneDrive"][5] == round(100 * heavy / len(spoke))


def test_the_use_of_a_site_is_that_of_its_sessions() -> None:
    rows = {row[0]: row for row in listing("use").rows}
    ranks = {name: rank for rank, name in enumerate(roles())}
    here = [name for name in roles() if site_of()[name] == "ccas" and roles()[name] not in ("silent", "old")]
    unused = [name for name in here if ranks[name] % 30 == 17]
    nights = [name for name in here if roles()[name] == "night" and name not in unused]
    days = len(here) - len(nights) - len(unused)
    # 50 minutes in each of 12 hours (7 h to 18 h) of 5 days; 60 minutes of every hour where nobody signs out.
    hours = days * 50 * 60 / 60 + len(nights) * 168
    # Closed hours: 168 less the 12 hours of 5 days.
    assert rows["ccas"][1:5] == (len(here), round(hours, 1), round(len(nights) * 108.0, 1), 60)
    assert rows[POLICE][3] is None
    assert rows["cimetiere"][2] is None


def test_the_end_of_life_is_proposed_with_its_reason() -> None:
    rows = listing("futures").rows
    ranks = {name: rank for rank, name in enumerate(roles())}
    reuse = {str(row[0]) for row in rows if row[3] == "à réemployer"}
    spoke = [name for name, role in roles().items() if role not in ("silent", "old")]
    # Nobody signs in on one of thirty; of them, those of 2018 and after are no older than eight years.
    assert reuse == {name for name in spoke if ranks[name] % 30 == 17 and 2016 + ranks[name] % 9 > 2018}
    batteries = {str(row[0]) for row in rows if "batterie à 40 %" in str(row[4])}
    desktops = {asset["name"] for site in whole().sites.values() for asset in site["assets"]
                if asset["variant"] == "desktop"}  # fmt: skip
    assert batteries == {name for name in spoke if name in desktops and ranks[name] % 10 == 4}
    models = {row[0]: row for row in listing("models").rows}
    laptops = [name for name in spoke if name in desktops and ranks[name] % 5 == 4]
    assert models["EliteBook 840 G8"][1] >= len(laptops)


def test_the_silent_have_their_date() -> None:
    rows = {row[0]: row for row in listing("silent").rows}
    assert {roles()[str(name)] for name in rows} == {"silent", "old"}
    stale = (TODAY - timedelta(days=90)).isoformat()
    assert {row[3] for row in rows.values()} == {"toujours", stale}
    assert [row[0] for row in listing("refused").rows] == [f"PC-INCONNU-{number:02d}.json" for number in range(1, 7)]


def test_once_the_town_is_sober_the_figure_is_reached() -> None:
    sober = {machine.name: machine.role for machine in fleet.fleet(whole(), TODAY, date(2026, 1, 1))}
    assert Counter(sober.values()) == {"silent": 15, "blocked": 15, "good": 294 - 30 + 6}
