"""Maps keep what nobody declares; dashboards wait for what their widgets name."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock, Mock

from piste.engine.converge.plan import Operation
from piste.systems.zabbix.views import Dashboards, Maps


def test_a_dashboard_waits_for_each_thing_that_its_widgets_name() -> None:
    driver = Dashboards(Mock(), Mock(), "commune")
    known: Any = {"host_group": {"1": "Ville"}, "map": {"2": "Ville"}, "sla": {"3": "Réseau"}}
    driver.names = known
    whole = {
        "name": "Ville",
        "widgets": [{"groups": ["Ville"], "map": "Ville", "objective": "Réseau"}, {"type": "map"}],
    }
    lacking = {
        "name": "Écoles",
        "widgets": [{"groups": ["Ville", "Écoles"], "map": "Écoles"}, {"objective": "Liaisons"}],
    }
    assert driver.check([whole]) == []
    faults = driver.check([whole, lacking])
    assert {fault.path for fault in faults} == {"config[Écoles].widgets"}
    assert [fault.message.partition(" » n’est pas dans Zabbix")[0] for fault in faults] == [
        "« Écoles", "« Écoles", "« Liaisons",
    ]  # fmt: skip


def test_a_map_that_loses_a_link_keeps_its_other_hosts_and_takes_the_link_back() -> None:
    driver = Maps(Mock(), Mock(), "commune")
    hosts = {"1": "sw", "2": "ap", "3": "seul"}
    ids = {name: id_ for id_, name in hosts.items()}
    driver.names = MagicMock(**{"__getitem__.return_value": hosts, "id_of.side_effect": lambda _, name: ids.get(name)})
    element = {"elementtype": "0", "y": "60"}
    live = {
        "sysmapid": "3", "name": "École", "width": "800", "height": "600",
        "links": [{"linkid": "5", "selementid1": "8", "selementid2": "9"}],
        "selements": [{**element, "selementid": place, "x": place, "elements": [{"hostid": host}]}
                      for place, host in (("8", "1"), ("9", "2"), ("10", "3"))],
    }  # fmt: skip
    driver.raw = {"École": live}
    bare: Any = {"name": "École", "hosts": {"sw": "8,60"}, "links": []}
    linked = {**bare, "links": ["ap sw"]}
    for before, after in ((linked, bare), (bare, linked)):
        made = Operation("zabbix", "école", "map", "École", "update", before, after)
        body = driver.body(driver.full(made), live)
        assert {each["selementid"]: each["x"] for each in body["selements"]} == {"8": "8", "9": "9", "10": "10"}
        assert [link["linkid"] for link in body["links"]] == ["5"] * len(after["links"])
    again = driver.body({"name": "École", "hosts": {"sw": "8,60"}, "links": ["parti sw"]}, live)
    assert {each["selementid"]: each["x"] for each in again["selements"]} == {"new1": "0", "8": "8"}
