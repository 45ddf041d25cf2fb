"""Both sides of a plan: as found values, withheld operations, objects that nobody declares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from piste.sites.consequences.sides import Sides
from tests.unit.consequences.changes import SCHOOL, changed, item, operation, town

PORT, ROOM = "meraki_switch_ports", "QZZZ-0005-0002/2"


def vlan(sides: Sides, side: Any) -> Any:
    return sides.objects(PORT, side)["", ROOM]["vlan"]


def test_a_value_that_is_kept_as_found_is_there_before_and_after() -> None:
    site: Any = {**town().sites[SCHOOL], "as_found": {"meraki": {"switch_port": {ROOM: {"vlan": 10}}}}}
    kept = replace(town(), sites={**town().sites, SCHOOL: site})
    assert [vlan(Sides(kept, []), side) for side in ("declared", "before", "after")] == [10, 10, 10]
    assert vlan(Sides(town(), []), "before") == 155


def test_what_was_read_is_there_before_and_what_waits_stays() -> None:
    change = changed(PORT, SCHOOL, ROOM, lambda port: port.update(vlan=151))
    sides = Sides(town(), [change])
    assert [vlan(sides, side) for side in ("declared", "before", "after")] == [155, 155, 151]
    waiting = Sides(town(), [{**change, "waiting": "un mot"}])
    assert [vlan(waiting, side) for side in ("before", "after")] == [155, 155]


def test_an_object_that_nobody_declares_is_there_where_the_plan_read_it() -> None:
    ssid = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "name": "Essai"}
    gone, made = operation("meraki_ssids", SCHOOL, ssid, None), operation("meraki_ssids", SCHOOL, None, ssid)
    for change, there in ((gone, (True, False)), (made, (False, True))):
        sides = Sides(town(), [change])
        known = [(SCHOOL, "Essai") in sides.objects("meraki_ssids", side) for side in ("before", "after")]
        assert tuple(known) == there


def test_a_port_of_another_site_is_known_by_its_switch() -> None:
    far = changed(PORT, SCHOOL, "QZZZ-0000-0001/5", lambda port: port.update(allowed_vlans="1,150"), "hotel-de-ville")
    sides = Sides(town(), [far])
    assert sides.objects(PORT, "after")["", "QZZZ-0000-0001/5"]["allowed_vlans"] == "1,150"
