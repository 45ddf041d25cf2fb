"""Things that widgets of a dashboard name, and Zabbix lacks, refuse the plan."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

from piste.systems.zabbix.views import Dashboards


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
