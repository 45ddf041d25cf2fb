"""Gateways that leave the core for the firewall, and stay there until it is installed."""

from __future__ import annotations

from piste.sites.consequences.computed import Consequences, of
from tests.unit.consequences.changes import SCHOOL, changed, item, items, operation, plan, town

STAYS = {"kind": "routed_interface", "key": "VLB hotel-de-ville/coeur-hdv/155"}


def arriving(*stays: dict[str, str]) -> Consequences:
    """Compute the plan by which the firewall gets the gateway of a segment."""
    face = next(each for each in items("smc_engine_interfaces", SCHOOL) if each["interface"] == "0.155")
    made = plan(operation("smc_engine_interfaces", SCHOOL, None, face))
    return of({**made, "stays": [*stays]}, town())


def test_a_gateway_that_stays_at_the_core_gives_nobody_what_they_have() -> None:
    alone = [line.gravity for line in arriving().lines]
    assert "gains" in alone, "without it, nothing routed it before"
    (line,) = [line for line in arriving(STAYS).lines if line.gravity != "unknown"]
    assert (line.who, line.gravity) == (f"pedagogique@{SCHOOL}", "outage")
    assert line.said.startswith("sa passerelle reste au cœur, rien n’y change")
    assert "nul ne sait lequel répond" in line.said


def test_the_like_of_sites_that_the_plan_does_not_read_is_unknown() -> None:
    port = item("meraki_switch_ports", "hotel-de-ville", "QZZZ-0000-0001/31")
    before = {**port, "allowed_vlans": "400"}
    made = plan(operation("meraki_switch_ports", "hotel-de-ville", before, port), limit=f"hotel-de-ville,{SCHOOL}")
    result = of({**made, "stays": [STAYS]}, town())
    (line,) = [line for line in result.lines if line.who.startswith("pedagogique de ")]
    assert (line.gravity, line.basis) == ("unknown", "unknown")
    assert SCHOOL not in line.who
    assert not any("pedagogique@ecole" in line.who or "pedagogique de" in line.who
                   for line in result.lines if line.gravity == "gains")  # fmt: skip


def test_what_stays_of_another_kind_or_of_no_segment_is_nothing_here() -> None:
    alone = [line.sentence() for line in arriving().lines]
    for other in ({**STAYS, "kind": "static_route"}, {**STAYS, "key": STAYS["key"].replace("155", "999")}):
        assert [line.sentence() for line in arriving(other).lines] == alone


def test_another_change_is_said_as_before() -> None:
    made = plan(changed("meraki_switch_ports", SCHOOL, "QZZZ-0005-0002/2", lambda port: port.update(vlan=151)))
    whole, beside = (of({**made, "stays": stays}, town()).lines for stays in ([], [STAYS]))
    assert [line.sentence() for line in beside] == [line.sentence() for line in whole]


def test_a_stay_whose_key_names_no_vlan_is_left_out() -> None:
    assert arriving({**STAYS, "key": "venu d’ailleurs"}).lines == arriving().lines
