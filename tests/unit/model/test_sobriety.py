"""Levers of sobriety: their state, their effect on the derived town, their faults."""

from __future__ import annotations

from datetime import date

import pytest

from piste.systems.meraki.intent import meraki_intent
from piste.town.model.sobriety.form import Lever, RolloutStep
from piste.town.model.sobriety.levers import observed_until, reach
from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check

LEVERS, ROLLOUT = ALL + "sobriety.yml", ALL + "sobriety_rollout.yml"
PRICES = ALL + "sobriety_report.yml"
LATER = '  - {from: "2026-02-01", eur_per_kwh: 0.2, source: Facture}\n'
LAST = '  - {lever: ssid-redondants, step: general, date: "2026-10-19", by: DSI}\n'
WIFI = '  - {lever: wifi-hors-heures, step: pilot, date: "2026-11-02", by: DSI}\n'
SPARED = "    spared:\n      police-municipale: Le service est continu, jour et nuit.\n    observation"
FAIR = 'sobriety_exceptions:\n  - {levers: [wifi-hors-heures], from: "2026-12-11", until: "2026-12-13", why: Marché}\n'


def step(lever: str, name: str, day: str, more: str = "") -> str:
    return f'  - {{lever: {lever}, step: {name}, date: "{day}", by: DSI{more}}}\n'


def after(text: str) -> tuple[str, str, str]:
    """Inscribe another step at the end."""
    return ROLLOUT, LAST, LAST + text


FAULTS = [
    Case(
        "names that nothing declares",
        [
            (LEVERS, "pilot: [mediatheque]", "pilot: [mediateque]"),
            (LEVERS, "depends_on: [veille-postes]", "depends_on: [veille-poste]"),
            after(step("wifi-hors-heure", "diagnosis", "2026-11-20")),
            (JAURES, "switches:\n", FAIR.replace("wifi-hors-heures", "wifi") + "switches:\n"),
        ],
        [
            ("M160", "sobriety_levers.arret-postes.depends_on[1]", LEVERS, "depends_on: [veille-poste]"),
            ("M160", "sobriety_levers.puissance-wifi.pilot[1]", LEVERS, "pilot: [mediateque]"),
            ("M160", "sobriety_rollout[22].lever", ROLLOUT, "wifi-hors-heure,"),
            ("M160", "sites[ecole-jaures].sobriety_exceptions[1].levers", JAURES, "levers: [wifi]"),
        ],
        ["« mediateque » n’est pas un site déclaré", "Vouliez-vous dire « mediatheque » ?"],
    ),
    Case(
        "a machine that nothing declares",
        [(LEVERS, "pilot: [hdv-rct1]", "pilot: [ecole-jaures]")],
        [("M160", "sobriety_levers.machines-hors-heures.pilot[1]", LEVERS, "pilot: [ecole-jaures]")],
        ["« ecole-jaures » n’est pas une machine déclarée"],
        whole=True,
    ),
    Case(
        "two levers on one setting",
        [(LEVERS, "drives: radio_power", "drives: ssid_hours # encore")],
        [("M161", "sobriety_levers.puissance-wifi.drives", LEVERS, "# encore")],
        ["« puissance-wifi » met en marche la même chose que « wifi-hors-heures » (ssid_hours)"],
    ),
    Case(
        "a pilot that nobody was told of",
        [after(step("puissance-wifi", "pilot", "2026-11-20"))],
        [("M162", "sobriety_rollout[22]", ROLLOUT, "puissance-wifi")],
        ["puissance-wifi : le pilote demande d’abord l’information"],
    ),
    Case(
        "a lever for all before the end of its observation",
        [after(step("wifi-hors-heures", "general", "2026-11-15", ", targets: [ccas]"))],
        [("M162", "sobriety_rollout[22]", ROLLOUT, "2026-11-15")],
        ["l’observation dure jusqu’au 2026-11-16, la généralisation est du 2026-11-15"],
    ),
    Case(
        "a step before the one that it follows",
        [after(step("wifi-hors-heures", "pilot", "2026-11-01"))],
        [("M162", "sobriety_rollout[22]", ROLLOUT, "2026-11-01")],
        ["un pas du 2026-11-01 suit un pas du 2026-11-02"],
    ),
    Case(
        "nothing to take back",
        [after(step("puissance-wifi", "reverted", "2026-11-20"))],
        [("M162", "sobriety_rollout[22]", ROLLOUT, "puissance-wifi")],
        ["puissance-wifi : rien n’a été appliqué, rien n’est à retirer"],
    ),
    Case(
        "somebody who is spared the lever",
        [(ROLLOUT, WIFI, WIFI.replace("by: DSI", "by: DSI, targets: [residence-marlin]"))],
        [("M163", "sobriety_rollout[17].targets[1]", ROLLOUT, "residence-marlin")],
        ["wifi-hors-heures : residence-marlin en est dispensé (Des résidents y vivent.)"],
        whole=True,
    ),
    Case(
        "hours that a continuous service does not have",
        [(LEVERS, SPARED, "    observation")],
        [("M163", "sobriety_rollout[6]", ROLLOUT, "arret-postes, step: pilot")],
        ["arret-postes : police-municipale n’a pas d’heures d’ouverture"],
    ),
    Case(
        "an exception that ends before it begins",
        [(JAURES, "switches:\n", FAIR.replace("2026-12-13", "2026-12-10") + "switches:\n")],
        [("M007", "sites[ecole-jaures].sobriety_exceptions[1]", JAURES, "2026-12-10")],
        ["L’exception finit le 2026-12-10, avant de commencer le 2026-12-11"],
    ),
    Case(
        "prices of energy that go back in time",
        [(PRICES, "sobriety_energy_price:\n", "sobriety_energy_price:\n" + LATER)],
        [("M380", "sobriety_energy_price[2]", PRICES, '- from: "2026-01-01"')],
        ["le prix du 2026-01-01 vient après celui du 2026-02-01"],
    ),
    Case(
        "an exception that is over",
        [(JAURES, "switches:\n", FAIR.replace("2026-12", "2026-11") + "switches:\n")],
        [("M164", "sites[ecole-jaures].sobriety_exceptions[1]", JAURES, "2026-11-13")],
        ["ecole-jaures : l’exception du 2026-11-11 (Marché) a fini le 2026-11-13"],
    ),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_continuous_service_with_hours_asks_for_a_justification(copy: Copy) -> None:
    hours = 'opening_hours: {days: [monday], start: "08:00", end: "18:00"}\n'
    copy.edit("group_vars/police.yml", "category: {", f"{hours}category: {{")
    copy.edit(LEVERS, SPARED, "    observation")
    assert [str(fault) for fault in copy.load().errors if "rien ne le justifie" in str(fault)]
    depends = "    depends_on: [veille-postes]\n"
    copy.edit(LEVERS, depends, f"{depends}    justified: {{police-municipale: Accueil}}\n")
    assert copy.load().errors == []


def test_somebody_may_decide_to_do_without_the_observation(copy: Copy) -> None:
    decided = ", targets: [ccas], decided: {by: Mme Diallo, why: Vacances}"
    copy.edit(*after(step("wifi-hors-heures", "general", "2026-11-03", decided)))
    assert copy.load().errors == []


def states(copy: Copy, lever: str, *sites: str, today: date | None = None) -> dict[str, str]:
    town = copy.load(**({"today": today} if today else {})).require()
    return {name: town.sites[name]["levers"][lever]["state"] for name in sites}


def test_each_step_says_who_follows_the_lever_from_then_on(whole: Copy) -> None:
    sites = ("ecole-jaures", "ecole-mermoz", "ccas", "residence-marlin")
    assert [*states(whole, "wifi-hors-heures", *sites).values()] == ["pilot", "pilot", "off", "off"]
    whole.edit(*after(step("wifi-hors-heures", "general", "2026-11-16")))
    assert [*states(whole, "wifi-hors-heures", *sites).values()] == ["enforced", "enforced", "enforced", "off"]
    more = step("wifi-hors-heures", "general", "2026-11-16") + step(
        "wifi-hors-heures", "reverted", "2026-11-17", ", targets: [ccas]"
    )
    whole.edit(ROLLOUT, step("wifi-hors-heures", "general", "2026-11-16"), more)
    assert [*states(whole, "wifi-hors-heures", *sites).values()] == ["enforced", "enforced", "off", "off"]
    everywhere = step("wifi-hors-heures", "reverted", "2026-11-18")
    whole.edit(ROLLOUT, more, more + everywhere)
    assert [*states(whole, "wifi-hors-heures", *sites).values()] == ["off"] * 4


def test_a_site_with_an_event_is_spared_from_its_first_day_to_its_last(copy: Copy) -> None:
    copy.edit(JAURES, "switches:\n", FAIR + "switches:\n")

    def schedules(day: str) -> list[dict[str, object] | None]:
        site = copy.load(today=date.fromisoformat(day)).require().sites["ecole-jaures"]
        return [ssid.get("schedule") for ssid in meraki_intent(site)["ssids"]]

    applied = schedules("2026-12-10")
    assert all(schedule and schedule["enabled"] for schedule in applied)
    assert schedules("2026-12-11") == schedules("2026-12-13") == [{"enabled": False}] * len(applied)
    assert schedules("2026-12-14") == applied


def test_a_lever_that_is_not_applied_manages_nothing(copy: Copy) -> None:
    for lever in ("impression", "wifi-hors-heures", "machines-hors-heures", "ssid-redondants"):
        path = copy.root / ROLLOUT
        path.write_text(path.read_text("utf-8") + step(lever, "reverted", "2026-11-20"), "utf-8")
    town = copy.load().require()
    school = town.sites["ecole-jaures"]
    assert [ssid["schedule"] for ssid in school["ssids"]] == [None, None]
    assert school["printing"] is not None
    assert [set(queue["settings"]) for queue in school["printing"]["queues"]] == [{"comment"}] * 3
    assert school["retired_ssids"] == []
    assert town.commune is not None
    assert town.commune["hosting"] is not None
    assert {machine["schedule"] for machine in town.commune["hosting"]["machines"]} == {None}


def test_the_observation_lasts_from_the_pilot_that_began_last() -> None:
    lever = Lever.model_construct(observation_days=14, pilot=[], spared={})
    pilots = [RolloutStep(lever="a-lever", step="pilot", date=day, by="DSI") for day in ("2026-11-02", "2026-12-01")]
    assert observed_until(lever, pilots) == "2026-12-15"
    assert observed_until(lever, []) == ""


def test_the_pilot_of_a_lever_without_sites_is_for_people_everywhere(copy: Copy) -> None:
    town = copy.load().require().sobriety
    reached = reach(town.levers["veille-postes"], [step for step in town.rollout if step.lever == "veille-postes"])
    assert (reached.everywhere, reached.named) == ("pilot", {})
    assert [step.step for step in reached.steps] == ["diagnosis", "information", "pilot"]
