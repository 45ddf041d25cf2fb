"""Figures of sobriety of a small town, computed by hand; what was not read never conforms."""

from __future__ import annotations

from typing import Any

import pytest

from piste.readings.belief import Reading as Read
from piste.readings.storage.kept import added
from piste.readings.storage.reading import silent
from piste.sobriety.counting import NO_HOURS
from piste.sobriety.figure import Excluded
from piste.sobriety.footprint import Footprint, Total
from piste.sobriety.history import Reading
from piste.sobriety.imports import Imports, Metered
from piste.sobriety.readings import Readings
from piste.town.model.dates import now
from tests.unit.sobriety.small import (
    CCAS,
    POLICE,
    SCHOOL,
    capacity,
    compute,
    hours_of_machines,
    incident,
    metered,
    network,
    pc,
    printed,
    town,
    whole,
)

PCS = [
    pc("conform", 600, True),
    pc("just-in-time", 899, True),
    pc("fifteen-minutes", 900, True),
    pc("never-sleeps", 0, True),
    pc("silent", None, None),
    pc("long-ago", 600, True, read_on="2026-09-01"),
    pc("never-stops", 600, False, site=CCAS),
    pc("police", 600, None, site=POLICE),
    pc("spare", 600, True, status="stock"),
]


def test_a_workstation_conforms_when_it_sleeps_in_less_than_fifteen_minutes_and_stops() -> None:
    figure = compute(town(SCHOOL, CCAS, POLICE), imports=Imports(pcs=PCS))["F1"]
    # 2 of 7: the police has no opening hours, the spare workstation is not in service.
    assert figure.value == pytest.approx(100 * 2 / 7)
    assert (figure.numerator, figure.denominator) == (2, 7)
    assert figure.failing == ["fifteen-minutes", "never-sleeps", "never-stops"]
    assert figure.unknown == ["silent", "long-ago"]
    assert figure.excluded == (
        Excluded("police", "Le service est continu, jour et nuit."),
        Excluded("1 poste", "en stock"),
    )
    assert (figure.date, figure.source) == ("2026-11-20", "Import pcs.csv (GLPI)")
    assert (figure.target and figure.target.at_least, figure.reached) == (90, False)


def test_each_half_has_its_figure_and_so_have_those_that_answered() -> None:
    values = compute(town(SCHOOL, CCAS, POLICE), imports=Imports(pcs=PCS))
    assert (values["F1.sleep"].numerator, values["F1.sleep"].denominator) == (4, 8)
    assert (values["F1.shutdown"].numerator, values["F1.shutdown"].denominator) == (4, 7)
    assert (values["F1.answered"].numerator, values["F1.answered"].value) == (2, 40.0)


@pytest.mark.parametrize(("seconds", "value"), [(1, 100.0), (899, 100.0), (900, 0.0), (0, 0.0)])
def test_less_than_fifteen_minutes_is_strict_and_zero_is_never(seconds: int, value: float) -> None:
    assert compute(imports=Imports(pcs=[pc("a", seconds, True)]))["F1.sleep"].value == value


def test_workstations_that_nobody_read_give_no_figure() -> None:
    figure = compute(imports=Imports(pcs=[pc("a", None, None)]))["F1"]
    assert (figure.value, figure.unknown, figure.why, figure.reached) == (None, ["a"], "rien n’a été relevé", None)


def test_a_reading_of_tomorrow_does_not_count() -> None:
    assert compute(imports=Imports(pcs=[pc("a", 600, True, read_on="2026-11-27")]))["F1"].unknown == ["a"]


def linked(site: str, **links: Any) -> Readings:
    place = whole().sites[site]["directory"]["links"][0]["place"]
    return Readings(links={place.upper(): {"target": place.upper(), "links": links}})


PILOT: dict[str, Any] = {"Sobriété - Veille (pilote)": {}, "Sobriété - Arrêt - Écoles (pilote)": {"enabled": True}}


@pytest.mark.parametrize(
    ("links", "value", "unknown"),
    [
        ({**PILOT, "Autre": {}}, 50.0, [CCAS]),
        ({**PILOT, "Sobriété - Arrêt - Écoles (pilote)": {"enabled": False}}, 0.0, [CCAS]),
        ({**PILOT, "Sobriété - Veille": {}}, 0.0, [CCAS]),
        ({"Sobriété - Veille (pilote)": {}}, 0.0, [CCAS]),
    ],
)
def test_policies_are_in_place_where_their_links_are_as_declared(
    links: dict[str, Any], value: float, unknown: list[str]
) -> None:
    figure = compute(readings=linked(SCHOOL, **links))["F1.policy"]
    assert (figure.value, figure.unknown) == (value, unknown)


METERS = [
    metered("pc", 900, 10, 2026), metered("pc", 1200, 10, 2025),
    metered("pc", 400, 5, 2026, CCAS), metered("pc", 500, 5, 2025, CCAS),
    metered("pc", 9, 1, 2026, POLICE), metered("printing", 5, 1, 2026),
]  # fmt: skip


def test_the_mean_of_a_workstation_is_compared_on_the_same_days_of_two_years() -> None:
    figure = compute(imports=Imports(electricity=METERS))["F2"]
    # 1300 kWh for 15 workstations, 1700 the year before; the police has one year only.
    assert figure.value == pytest.approx(100 * (1300 / 15 - 1700 / 15) / (1700 / 15))
    assert figure.value == pytest.approx(-23.529, abs=0.001)
    assert (figure.numerator, figure.denominator) == pytest.approx((1300 / 15, 1700 / 15))
    assert (figure.unknown, figure.method, figure.reached, figure.date) == ([POLICE], "measured", True, "2026-10-31")


def test_bills_of_months_give_a_workstation_its_whole_period() -> None:
    """Two bills of 150 kWh for ten computers are 30 kWh each in 60 days, not 15."""
    rows = [
        Metered("pc", SCHOOL, f"{year}-{start}", f"{year}-{until}", kwh, 10, "facture")
        for year, month in ((2025, 200.0), (2026, 150.0))
        for start, until, kwh in (("04-01", "04-30", month), ("05-01", "05-30", month))
    ]
    figure = compute(imports=Imports(electricity=rows))["F2"]
    assert (figure.numerator, figure.denominator, figure.value) == (30, 40, -25)


def test_without_the_year_before_nothing_is_said_of_consumption() -> None:
    figure = compute(imports=Imports(electricity=METERS[:1], pcs=[pc("a", 1, True, site=CCAS)]))["F2"]
    assert (figure.value, figure.unknown) == (None, [CCAS, SCHOOL])
    assert figure.why == "aucun site n’a de relevé sur les mêmes jours de deux années"


def test_the_hours_of_machines_are_taken_over_with_their_lists() -> None:
    figure = compute(readings=Readings(f3=hours_of_machines("hdv-rct1")))["F3"]
    assert figure.value == pytest.approx(100 / 3)
    assert (figure.numerator, figure.denominator, figure.date) == (1, 3, "2026-11-25")
    assert figure.failing == ["hdv-img1 (aucun horaire)"]
    assert (figure.unknown, figure.excluded) == (["essai"], [Excluded("hdv-dc1", "en production")])
    assert figure.why == "éligibles à valider par la DSI : hdv-img1"


def reference(**readings: Any) -> Reading:
    """Make a first diagnosis from these readings."""
    kept = list(compute(readings=Readings(**readings)).values())
    nothing = Footprint([], [], Total("", "", None, None, 0), [])
    return Reading("lab", "2026-09-01T08:00:00+02:00", "abc", kept, nothing, [])


def test_density_is_compared_with_the_first_diagnosis_and_shows_what_is_left() -> None:
    before, now = reference(capacity=capacity()), Readings(capacity=capacity(count=26, vcpus=54))
    values = compute(readings=now, reference=before)
    # 26 machines on 3 nodes against 22: 18.2 % more.
    assert values["F4"].value == pytest.approx(100 * 4 / 22)
    assert (values["F4"].reached, values["F4"].failing) == (True, ())
    assert (values["F4.density"].value, values["F4.vcpus"].value) == (26 / 3, 18.0)
    assert (values["F4.cpu"].value, values["F4.memory"].value) == (pytest.approx(20), 90)


def test_density_without_a_diagnosis_is_unknown_and_says_so_where_a_node_may_not_be_lost() -> None:
    full = Readings(capacity=capacity(holds_the_loss_of_a_node=False, memory_left_gib=-3))
    assert compute(readings=full)["F4"].why == "aucun diagnostic de référence n’est gardé"
    assert compute(readings=full)["F4"].value is None
    after = compute(readings=full, reference=reference(capacity=capacity()))
    assert after["F4"].failing == ["ntnx-hdv"]
    assert after["F4.memory"].why == "la grappe ne tient pas la perte d’un nœud"
    assert compute(readings=full, reference=reference())["F4"].why == "le diagnostic de référence ne la donne pas"


def test_density_comes_with_what_its_machines_wait_for() -> None:
    values = compute(readings=Readings(capacity=capacity()))
    ready, latency, sign_in = values["F4.ready"], values["F4.latency"], values["F4.sign_in"]
    assert (ready.value, ready.unknown, ready.why) == (12.5, ["hdv-dc1"], "hdv-sh1, à l’heure la plus chargée")
    assert (latency.value, latency.unknown) == (3.0, [])
    assert sign_in.value is None, "no system that is read measures it"


def test_nodes_that_do_not_say_what_they_use_are_unknown() -> None:
    report = capacity()
    report["nodes"][0]["cpu_used"] = None
    figure = compute(readings=Readings(capacity=report))["F4.cpu"]
    assert (figure.value, figure.unknown) == (pytest.approx(20), ["ntnx-hdv-a"])


def test_pages_are_compared_month_by_month_an_a3_for_two_a4() -> None:
    rows = [
        printed("2025-10", pages_a4=1000, pages_a3=100), printed("2026-10", pages_a4=700, pages_a3=10),
        printed("2025-09", CCAS, pages_a4=300), printed("2026-09", CCAS, pages_a4=180),
        printed("2026-08", pages_a4=9999), printed("2026-11", pages_a4=9999), printed("2025-11", pages_a4=9999),
    ]  # fmt: skip
    figure = compute(imports=Imports(printing=rows))["F6"]
    # 720 + 180 against 1200 + 300; months without the same month a year before, and this month, are left out.
    assert figure.value == pytest.approx(-40)
    assert (figure.numerator, figure.denominator, figure.date, figure.reached) == (900, 1500, "2026-10", True)
    assert figure.unknown == []
    assert "2 mois, de 2026-09 à 2026-10" in figure.why


def test_a_site_without_a_year_before_is_unknown_and_a_spared_site_excluded() -> None:
    rows = [
        printed("2025-10", pages_a4=100), printed("2026-10", pages_a4=90), printed("2026-10", CCAS, pages_a4=50),
        printed("2025-10", POLICE, pages_a4=900), printed("2026-10", POLICE, pages_a4=1),
    ]  # fmt: skip
    spared = {"police_municipale": {"levers": {"impression": {"state": "off", "spared": "Procédures"}}}}
    figure = compute(town(SCHOOL, CCAS, POLICE, **spared), imports=Imports(printing=rows))["F6"]
    assert figure.value == pytest.approx(-10)
    assert (figure.unknown, figure.excluded) == ([CCAS], [Excluded(POLICE, "Procédures")])


def spared_queue() -> dict[str, Any]:
    """The school with a queue that stays in colour for a time."""
    printing = whole().sites[SCHOOL]["printing"]
    assert printing is not None
    first = {**printing["queues"][0], "why": "Plans en couleur", "until": "2027-06-30"}
    return {"printing": {**printing, "queues": [first, *printing["queues"][1:]]}}


def test_jobs_count_when_they_are_both_duplex_and_monochrome() -> None:
    rows = [
        printed("2026-10", jobs=200, duplex_jobs=150, mono_jobs=160, duplex_mono_jobs=140),
        printed("2026-10", CCAS, jobs=50, duplex_jobs=50, mono_jobs=50, duplex_mono_jobs=50),
        printed("2026-10", queue="imp-jau-01", jobs=1000),
        printed("2026-09", jobs=1000),
    ]
    figure = compute(town(SCHOOL, CCAS, ecole_jaures=spared_queue()), imports=Imports(printing=rows))["F7"]
    assert figure.value == pytest.approx(100 * 190 / 250)
    assert (figure.numerator, figure.denominator, figure.date) == (190, 250, "2026-10")
    assert figure.failing == [SCHOOL]
    assert figure.excluded == [Excluded("imp-jau-01", "Plans en couleur, jusqu’au 2027-06-30")]


def test_jobs_of_a_site_without_accounting_are_unknown() -> None:
    figure = compute(imports=Imports(printing=[printed("2026-10", jobs=10, duplex_mono_jobs=10)]))["F7"]
    assert (figure.unknown, figure.why) == ([CCAS], "travaux de 2026-10 ; sans comptabilité ce mois-là : ccas")
    assert compute(imports=Imports(printing=[printed("2025-10")]))["F7"].value is None


def test_a_queue_conforms_with_both_defaults_live() -> None:
    queues = {
        "imp-jau-01": {"duplexing": "one_sided", "color": True},
        "imp-jau-02": {"duplexing": "long_edge", "color": False},
        "imp-jau-03": {"duplexing": "short_edge", "color": True},
        "imp-jau-99": {"duplexing": "short_edge", "color": False},
        "imp-ccas-01": {"duplexing": "long_edge"},
        "Microsoft Print to PDF": {"duplexing": "one_sided", "color": True},
    }
    figure = compute(town(SCHOOL, CCAS, ecole_jaures=spared_queue()), Readings(queues=queues))["F7.queues"]
    # 2 of 5: one in colour, two of the CCAS not read, one spared; the undeclared queue is of the school.
    assert (figure.numerator, figure.denominator, figure.failing) == (2, 5, ["imp-jau-03"])
    assert figure.unknown == ["imp-ccas-01", "imp-ccas-02"]
    assert figure.excluded == [Excluded("imp-jau-01", "Plans en couleur, jusqu’au 2027-06-30")]


def test_a_site_conforms_where_every_ssid_on_the_air_follows_its_hours() -> None:
    of = town(SCHOOL, CCAS, POLICE)
    figure = compute(of, Readings(networks={SCHOOL: network(SCHOOL)}))["F8"]
    assert (figure.numerator, figure.denominator, figure.unknown) == (1, 2, [CCAS])
    assert figure.excluded == [Excluded(POLICE, "Le service est continu, jour et nuit.")]
    assert (figure.value, figure.reached) == (50.0, False)


@pytest.mark.parametrize(
    ("ssid", "fault"),
    [
        ({"schedule": {"enabled": False, "ranges": []}}, "VLB-Agents émet à toute heure"),
        ({"schedule": None}, "VLB-Agents émet à toute heure"),
        ({"schedule": {"enabled": True, "ranges": []}}, "VLB-Agents suit d’autres heures"),
        ({"name": "VLB-Ancien"}, "VLB-Agents n’est pas là"),
    ],
)
def test_a_site_whose_ssids_do_otherwise_does_not_conform(ssid: dict[str, Any], fault: str) -> None:
    read = network(SCHOOL)
    read["ssids"][0] |= ssid
    figure = compute(town(SCHOOL), Readings(networks={SCHOOL: read}))["F8"]
    assert (figure.value, figure.failing) == (0.0, [f"{SCHOOL} ({fault})"])


def test_an_ssid_that_is_off_needs_no_hours_and_an_undeclared_ssid_does() -> None:
    read = network(SCHOOL)
    more = {"name": "VLB-Ancien"}
    off, on = ([*read["ssids"], {**more, "enabled": state}] for state in (False, True))
    assert compute(town(SCHOOL), Readings(networks={SCHOOL: {**read, "ssids": off}}))["F8"].value == 100
    assert compute(town(SCHOOL), Readings(networks={SCHOOL: {**read, "ssids": on}}))["F8"].failing == [
        f"{SCHOOL} (VLB-Ancien émet à toute heure)"
    ]


def test_a_site_with_an_event_is_left_out_that_day_and_a_site_without_hours_always() -> None:
    event = {"levers": {"wifi-hors-heures": {"state": "off", "spared": "Fête de l’école"}}}
    figure = compute(town(SCHOOL, CCAS, ecole_jaures=event, ccas={"opening_hours": None}))["F8"]
    assert figure.excluded == [Excluded(SCHOOL, "Fête de l’école"), Excluded(CCAS, NO_HOURS)]
    assert (figure.value, figure.denominator) == (None, 0)


def test_where_ports_follow_hours_too_they_are_looked_at() -> None:
    levers = {**whole().sites[SCHOOL]["levers"], "bornes-hors-heures": {"state": "pilot", "spared": ""}}
    of = town(SCHOOL, ecole_jaures={"levers": levers})
    unread = compute(of, Readings(networks={SCHOOL: network(SCHOOL)}))["F8"]
    assert (unread.value, unread.unknown) == (None, [SCHOOL])
    read = network(SCHOOL, port_schedules=[], switch_ports=[])
    assert compute(of, Readings(networks={SCHOOL: read}))["F8"].failing == [
        f"{SCHOOL} (aucun port de borne n’est déclaré avec un horaire)"
    ]


def test_incidents_of_the_plan_are_counted_and_none_is_the_target() -> None:
    some = [
        incident("101", "wifi-hors-heures"), incident("102", "impression"),
        incident("103", "bornes-hors-heures", "2026-11-27"),
    ]  # fmt: skip
    figure = compute(imports=Imports(incidents=some))["F8.incidents"]
    assert (figure.value, figure.reached) == (1, False)
    assert figure.failing == [f"101 ({SCHOOL}, wifi-hors-heures, 2026-11-10)"]
    assert compute(imports=Imports(incidents=[]))["F8.incidents"].reached is True


READ: Any = {
    "state": "complete", "why": "", "read_at": "2026-11-02T06:00:00Z", "bytes": 500 * 10**9, "cold_bytes": 80 * 10**9,
    "duplicate_bytes": 40 * 10**9, "waste_bytes": 100 * 10**9,
}  # fmt: skip


def test_shares_are_known_by_their_readings() -> None:
    of = town(SCHOOL)
    assert of.commune
    storage = of.commune["storage"]
    assert storage
    first = {share["name"]: silent(share, storage, "") | READ for share in storage["shares"]}
    kept = {name: added(added(None, reading), reading | {"waste_bytes": 75 * 10**9}) for name, reading in first.items()}
    values = compute(of, Readings(storage={name: Read(known, now()) for name, known in kept.items()}))
    assert (values["F5"].value, values["F5"].numerator, values["F5"].reached) == (pytest.approx(-25), 225, True)
    assert (values["F5.volume"].value, values["F5.cold"].value) == (1500, 16)
    assert (values["F5.retention"].value, values["F5.retention"].reached) == (0, False)
    assert {excluded.why for excluded in values["F5"].excluded} == {"dossiers des agents", "données de santé"}


def test_whatever_was_not_read_or_imported_is_unknown_with_its_reason_and_never_zero() -> None:
    missing = {name: f"{name}.csv absent" for name in ("pcs", "printing", "electricity", "incidents")}
    systems = (f"network/{SCHOOL}", "printing", "directory", "hosting/f3", "hosting/capacite", "energy", "usage")
    unread = dict.fromkeys(systems, "403")
    values = compute(town(SCHOOL), Readings(unread=unread), Imports(missing=missing))
    known = {name: figure for name, figure in values.items() if figure.value is not None}
    assert known.keys() == {"F5.retention", "F7.release", "F22.kwh", "F22.kwh_ap", "F22.pue"}
    declared = {figure.id for figure in known.values() if figure.method != "estimated"}
    assert declared == {"F5.retention", "F7.release"}
    others = {name: figure for name, figure in values.items() if name not in known}
    computers = {"les postes ne sont pas mesurés", "aucun réemploi ni aucune sortie n’est inscrit depuis un an"}
    reasons = {figure.why for name, figure in others.items() if name[:2] != "F5"}
    assert reasons == {*missing.values(), "403", "aucun système que Piste lit ne la mesure", *computers}
    assert "services : jamais relevé" in others["F5.cold"].why
    assert others["F5"].unknown == ["services", "personnels", "echanges"]
    assert all(figure.reached is None for name, figure in values.items() if name not in known)
