"""The footprint and the energy figures of a small town, computed by hand from its factors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.sobriety.footprint import Footprint, Line, footprint
from piste.sobriety.imports import Imports, Metered, Pc
from piste.sobriety.readings import Readings
from piste.sobriety.value_range import Range
from piste.town.model.energy_factors import Energy
from tests.unit.sobriety.small import CCAS, SCHOOL, TODAY, capacity, compute, metered, pc, printed, town, whole
from tests.unit.sobriety.weeks import curve, ports, week

PCS: list[Pc] = [
    pc("a", 1, True), pc("b", 1, True), pc("c", 1, True, kind="laptop"), pc("d", 1, True, kind="mac"),
    pc("e", 1, True, site=CCAS, kind="thin_client"), pc("f", 1, True, site=CCAS), pc("g", 1, True, status="retired"),
]  # fmt: skip


def computed(readings: Readings | None = None, imports: Imports | None = None) -> Footprint:
    return footprint(town(), readings or Readings(), imports or Imports(pcs=PCS), TODAY)


def line(footprint: Footprint, key: str) -> Line:
    (match,) = [line for line in footprint.lines if line.key == key]
    return match


def near(*values: float) -> Any:
    return pytest.approx(Range(*values))


def test_each_kind_of_equipment_is_counted_by_its_published_factor() -> None:
    known = computed()
    assert line(known, "desktop_pc").kwh == Range(453, 318, 588)  # 3 × 151, 106, 196
    assert line(known, "laptop").kwh == Range(48, 30, 100)
    assert line(known, "thin_client").kwh == Range(65, 45, 65)
    assert line(known, "MS120-8").kwh == near(131.4, 131.4, 236.52)  # 3 × 5, 5, 9 W × 8.76 h/1000
    assert line(known, "access_point").kwh == Range(630, 180, 1080)  # 9 × 70, 20, 120
    assert line(known, "copier").kwh == Range(894, 626, 1162)
    assert line(known, "printer").kwh == Range(213, 150, 276)
    assert (line(known, "desktop_pc").method, line(known, "desktop_pc").measured_share) == ("estimated", 0)
    assert "ADN'Ouest" in line(known, "copier").source


def test_what_has_no_factor_or_no_count_is_unknown_and_named_in_the_totals() -> None:
    known = computed()
    assert (line(known, "mac").count, line(known, "mac").kwh) == (1, None)
    # A model without a published figure has that of its class, from 8 to 24 W, and says so.
    assert line(known, "MS220-24").kwh == near(131.4, 70.08, 210.24)
    assert line(known, "MS220-24").why == "par sa classe (Commutateur d'accès de 24 ports) : à mesurer"
    assert (line(known, "ip_phone").count, line(known, "ip_phone").kwh) == (None, None)
    by_name = {total.perimeter: total for total in known.perimeters}
    assert by_name["postes"].kwh == Range(566, 393, 753)  # 453 + 48 + 65
    assert by_name["postes"].unknown == ["Mac", "Téléphones IP", "Tableaux interactifs"]
    assert (by_name["hebergement"].kwh, by_name["locaux"].kwh) == (None, None)
    assert "Nœuds de la grappe (machines et VDI)" in known.total.unknown


def test_the_total_has_its_bounds_its_measured_share_and_its_emissions() -> None:
    known = computed(Readings(capacity=capacity()))
    # Estimated: 566 of workstations, 131.4 + 131.4 (a MS210-24, 15 W) + 131.4 (a
    # MS220-24, by its class) + 630 of network, 1107 of printing, 6570 of a
    # room that doubles the 750 W of the nodes (6570 kWh), measured.
    assert known.total.kwh == near(
        566 + 1024.2 + 1107 + 6570 + 6570,
        393 + 131.4 + 131.4 + 70.08 + 180 + 776 + 6570 + 6570 * 0.6,
        753 + 236.52 + 210.24 + 210.24 + 1080 + 1438 + 6570 + 6570 * 1.4,
    )
    assert known.total.measured_share == pytest.approx(6570 / 15837.2)
    assert known.total.co2_kg is not None
    assert known.total.co2_kg.value == pytest.approx(15837.2 * 0.056)
    assert known.total.co2_kg.low == pytest.approx(12193.88 * 0.041)
    assert line(known, "room").why == "par le PUE déclaré, sur la seule consommation de l’hébergement"


def test_nodes_that_are_modelled_keep_the_bounds_of_their_model() -> None:
    modelled = capacity(origin="modélisé", watts_low=600, watts_high=900)
    nodes = line(computed(Readings(capacity=modelled)), "nodes")
    assert nodes.kwh == near(6570, 5256, 7884)
    assert (nodes.method, nodes.source) == ("estimated", "Puissance : Boavizta, relevé le 2026-11-24")


def energy_of(*switches: tuple[str | None, float]) -> Readings:
    """Make the reading of `meraki_energy` over 31 days; a switch without a serial is foreign."""
    period = {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z", "hours": 744.0}
    return Readings(energy={"switches": [{"serial": serial, "kwh": kwh} for serial, kwh in switches], "period": period})


SCHOOL_SWITCHES = ("QZZZ-0005-0001", "QZZZ-0005-0002", "QZZZ-0005-0003")


def test_a_switch_that_is_measured_replaces_its_factor_and_holds_what_it_feeds() -> None:
    known = computed(energy_of(*((serial, 31.0) for serial in SCHOOL_SWITCHES)))
    assert line(known, "MS220-24").kwh == near(365, 365, 365)  # 31 kWh in 31 days
    assert line(known, "MS120-8").kwh == near(773.8, 773.8, 808.84)  # two measured, that of the CCAS at 5 to 9 W
    assert line(known, "MS120-8").method == "mixed"
    assert line(known, "MS120-8").measured_share == pytest.approx(730 / 773.8)
    assert (line(known, "access_point").count, line(known, "access_point").kwh) == (9, Range(210, 60, 360))


def test_a_site_with_a_switch_that_is_not_measured_keeps_the_factor_of_its_access_points() -> None:
    known = computed(energy_of((SCHOOL_SWITCHES[0], 31.0), (None, 99.0)))
    assert line(known, "access_point").kwh == Range(630, 180, 1080)
    assert line(known, "MS220-24").source == "Dashboard Meraki, énergie des commutateurs sur 744 h"


def test_a_meter_replaces_the_factors_of_its_class_at_its_site() -> None:
    meters = [metered("pc", 400, 3, 2026), metered("pc", 9999, 3, 2025), metered("printing", 500, 3, 2026)]
    known = computed(imports=Imports(pcs=PCS, electricity=meters))
    assert line(known, "metered_pc").kwh == Range(400, 400, 400)
    assert (line(known, "metered_pc").method, line(known, "metered_pc").date) == ("measured", "2026-10-31")
    assert line(known, "desktop_pc").kwh == Range(151, 106, 196)  # that of the CCAS alone
    assert not [kind for kind in known.lines if kind.key in ("laptop", "mac")]
    assert line(known, "metered_printing").kwh == Range(500, 500, 500)
    assert line(known, "copier").count == 1


def test_a_part_of_a_year_is_brought_to_a_year_and_an_old_reading_is_left() -> None:
    month = Metered("hosting", SCHOOL, "2026-10-01", "2026-10-31", 620, 3, "Compteur")
    known = computed(Readings(capacity=capacity()), Imports(electricity=[month]))
    assert line(known, "metered_hosting").kwh == near(7300, 7300, 7300)
    assert not [kind for kind in known.lines if kind.key == "nodes"]
    old = computed(imports=Imports(electricity=[metered("hosting", 620, 3, 2025)]))
    assert line(old, "nodes").kwh is None


def test_without_the_inventory_workstations_are_unknown_and_not_zero() -> None:
    pcs = line(computed(imports=Imports(missing={"pcs": "absent"})), "pc")
    assert (pcs.count, pcs.kwh, pcs.why) == (None, None, "absent")


def test_without_declared_factors_nothing_is_invented() -> None:
    bare = replace(town(), sobriety=replace(whole().sobriety, energy=None))
    known = footprint(bare, Readings(), Imports(pcs=PCS), TODAY)
    assert (known.total.kwh, known.total.co2_kg, known.sources) == (None, None, [])


def test_every_factor_names_a_source_that_is_declared() -> None:
    energy = whole().sobriety.energy
    assert energy is not None
    wrong = energy.model_dump(exclude={"sources"})
    with pytest.raises(ValueError, match="n’est pas déclarée"):
        Energy.model_validate({**wrong, "sources": {}})
    assert any("(2016), relevé le 2026-11-24" in source for source in computed().sources)


def test_a_workstation_draws_its_yearly_energy_spread_over_the_year() -> None:
    figure = compute(imports=Imports(pcs=PCS))["F22.w_poste"]
    # 566 kWh a year over 5 workstations; a Mac has no factor.
    assert figure.value == pytest.approx(566 / 8.76 / 5)
    assert (figure.low, figure.high) == (pytest.approx(393 / 8.76 / 5), pytest.approx(753 / 8.76 / 5))
    assert (figure.unknown, figure.method, figure.cctp) == (["Mac"], "estimated", "4.4.3")
    mixed = compute(imports=Imports(pcs=PCS, electricity=[metered("pc", 400, 4, 2026)]))["F22.w_poste"]
    assert mixed.value == pytest.approx((400 + 151 + 65) / 8.76 / 6)
    assert (mixed.method, mixed.measured_share) == ("mixed", pytest.approx(400 / 616))


def test_a_machine_draws_its_share_of_the_nodes() -> None:
    figure = compute(readings=Readings(capacity=capacity()))["F22.w_vm"]
    assert (figure.value, figure.method, figure.measured_share) == (37.5, "measured", 1.0)
    modelled = capacity(origin="modélisé", watts_low=600, watts_high=900)
    figure = compute(readings=Readings(capacity=modelled))["F22.w_vm"]
    assert (figure.low, figure.high, figure.method) == (pytest.approx(30), pytest.approx(45), "estimated")
    half = capacity(origin="mesuré et modélisé")
    half["nodes"][2]["origin"] = "modélisé"
    figure = compute(readings=Readings(capacity=half))["F22.w_vm"]
    assert (figure.method, figure.measured_share) == ("mixed", pytest.approx(2 / 3))


MONTHS = [f"2025-{month:02d}" for month in (11, 12)] + [f"2026-{month:02d}" for month in range(1, 11)]


def test_a_page_costs_the_copiers_of_the_sites_that_count_a_whole_year() -> None:
    rows = [*(printed(month, pages_a4=800, pages_a3=100) for month in MONTHS), printed("2026-10", CCAS, pages_a4=999)]
    figure = compute(imports=Imports(printing=rows))["F22.kwh_page"]
    # A copier at 447 kWh, 12 × 1000 pages A4.
    assert figure.value == pytest.approx(447 / 12000)
    assert (figure.low, figure.high) == (pytest.approx(313 / 12000), pytest.approx(581 / 12000))
    assert (figure.unknown, figure.why) == ([CCAS], f"sur {SCHOOL}")


def test_the_pue_is_measured_where_a_room_is_and_declared_elsewhere() -> None:
    rows = [metered("room", 15000, 1, 2026), metered("room_it", 10000, 9, 2026)]
    measured = compute(imports=Imports(electricity=rows))["F22.pue"]
    assert (measured.value, measured.method) == (1.5, "measured")
    assert line(computed(imports=Imports(electricity=rows)), "room").kwh == Range(5000, 5000, 5000)
    declared = compute(imports=Imports(electricity=rows[:1]))["F22.pue"]
    assert (declared.value, declared.low, declared.high, declared.method) == (2.0, 1.6, 2.4, "estimated")


def test_the_whole_and_an_access_point_have_their_bounds() -> None:
    values = compute(imports=Imports(pcs=PCS))
    assert (values["F22.kwh_ap"].value, values["F22.kwh_ap"].low, values["F22.kwh_ap"].high) == (70, 20, 120)
    assert values["F22.kwh"].value == pytest.approx(566 + 1024.2 + 1107)
    assert "Mac" in values["F22.kwh"].unknown


def fed(site: str, wh: float) -> dict[str, Any]:
    """Return a week in which six ports deliver so many watt-hours an hour together."""
    points = [device["serial"] for device in town().sites[site]["devices"] if device["kind"] == "access_point"]
    return week(points=dict.fromkeys(points, curve()), site=site, radio=ports(6, wh=wh))


def test_an_access_point_is_measured_by_the_port_that_feeds_it() -> None:
    readings = Readings(usage=[fed(SCHOOL, 30.0)])  # type: ignore[list-item]
    figure = compute(readings=readings)["F22.kwh_ap"]
    # 30 Wh an hour of six ports: 5 W, 43.8 kWh a year.
    assert figure.value == pytest.approx(43.8)
    assert (figure.method, figure.measured_share, figure.unknown) == ("measured", 1.0, [CCAS])
    known = computed(readings)
    # The school's six are measured, the three of the CCAS keep the factor.
    assert line(known, "access_point").kwh == near(6 * 43.8 + 210, 6 * 43.8 + 60, 6 * 43.8 + 360)
    assert line(known, "access_point").method == "mixed"


def test_ports_without_an_access_point_are_not_in_its_mean() -> None:
    """Of ten ports for access points, six feed: 30 Wh an hour are 5 W each, and not 3."""
    points = [device["serial"] for device in town().sites[SCHOOL]["devices"] if device["kind"] == "access_point"]
    radio = ports(10, wh=30.0, fed=curve(6.0))
    usage = [week(points=dict.fromkeys(points, curve()), radio=radio)]
    assert compute(readings=Readings(usage=usage))["F22.kwh_ap"].value == pytest.approx(43.8)  # type: ignore[arg-type]


def test_ports_that_feed_nothing_leave_the_factor() -> None:
    figure = compute(readings=Readings(usage=[fed(SCHOOL, 0.0)]))["F22.kwh_ap"]  # type: ignore[list-item]
    assert (figure.value, figure.low, figure.high, figure.method) == (70, 20, 120, "estimated")


def test_switches_that_nothing_measures_are_counted_with_their_share() -> None:
    figure = compute(readings=energy_of((SCHOOL_SWITCHES[1], 31.0)))["F22.unmeasured"]
    # The school has three switches and the CCAS two; one is measured.
    assert (figure.numerator, figure.denominator, figure.value) == (4, 5, 80)
    assert figure.failing == ["MS220-24 (1 commutateur, estimé d’après la classe)"]
    assert figure.why == "1 estimé d’après la classe"
    assert compute()["F22.unmeasured"].value is None


def test_a_model_without_a_class_is_to_be_measured() -> None:
    of = town(SCHOOL, CCAS)
    devices = [{**device, "model": "MS425-32"} if device["model"] == "MS220-24" else device
               for device in of.sites[SCHOOL]["devices"]]  # fmt: skip
    cut = town(SCHOOL, CCAS, **{SCHOOL.replace("-", "_"): {"devices": devices}})
    figure = compute(cut, energy_of())["F22.unmeasured"]
    assert figure.why == "1 sans aucun chiffre publié, à mesurer"
    assert figure.failing == ["MS425-32 (1 commutateur, sans aucun chiffre publié, à mesurer)"]
