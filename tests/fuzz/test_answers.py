"""Fields of an answer that are missing, null or of another type: unknown where they matter."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers import ABSENT, MISTYPED, paths
from tests.support.answers_reads import fault, reads_of, stop_time
from tests.support.answers_scenarios import VENDORS
from tests.support.fuzz import examples


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)


@cache
def fields(vendor: str) -> list[tuple[str, tuple[str, ...]]]:
    """List every field of every read of a system."""
    return [(read, path) for read, (_, _, content) in reads_of(vendor)[0].items() for path in paths(content)]


@pytest.mark.parametrize("vendor", VENDORS)
@examples(small=15, wide=4000)
@given(st.data())
def test_a_field_is_what_it_should_be_or_unknown(vendor: str, data: Any) -> None:
    read, path = data.draw(st.sampled_from(fields(vendor)))
    name, change = data.draw(st.sampled_from([*ABSENT.items(), *MISTYPED.items()]))
    assert fault(vendor, read, path, name, change) == ""


@pytest.mark.parametrize(
    ("vendor", "end", "field", "name"),
    [
        ("meraki", "/switch/routing/interfaces", "vlanId", "missing"),
        ("meraki", "/switch/linkAggregations", "switchPorts", "null"),
        ("prism", "/clustermgmt/v4.3/config/clusters", "clusterFunction", "null"),
        ("prism", "/config/protection-policies", "remoteLocationLabel", "false"),
        ("zabbix", "@zabbix_hosts", "result", "null"),
        ("zabbix", "@zabbix_actions", "result", "null"),
        ("zabbix", "@zabbix_actions", "operationtype", "other type"),
        ("zabbix", "@zabbix_actions", "conditiontype", "false"),
        ("zabbix", "@zabbix_hosts", "type", "false"),
        ("zabbix", "@zabbix_dependencies", "dependencies", "null"),
        ("zabbix", "@zabbix_handover", "groupid", "missing"),
        ("zabbix", "@zabbix_handover", "parentTemplates", "false"),
        ("zabbix", "@zabbix_links", "items", "false"),
        ("zabbix", "@zabbix_maps", "x", "other type"),
    ],
)
def test_a_field_that_names_its_object_is_never_guessed(vendor: str, end: str, field: str, name: str) -> None:
    """Find what lost its VLAN, its ports, its role, its label or its whole list unknown."""
    spoilt = [(read, path) for read, path in fields(vendor) if read.endswith(end) and path[-1] == field]
    change = {**ABSENT, **MISTYPED}[name]
    assert spoilt
    assert {fault(vendor, read, path, name, change) for read, path in spoilt} == {""}


@pytest.mark.parametrize(
    ("vendor", "read", "path"),
    [
        ("meraki", "/networks/{id}/clients", ("*", "vlan")),
        ("meraki", "/networks/{id}/clients", ("*", "lastSeen")),
        (
            "prism", "/protection-policies",
            ("data", "*", "replicationConfigurations", "*", "schedule", "recoveryPointType"),
        ),
        ("prism", "/network-mappings", ("data", "*", "recoveryNetwork", "subnetName")),
    ],
)  # fmt: skip
def test_a_field_that_was_believed_once_is_unknown(vendor: str, read: str, path: tuple[str, ...]) -> None:
    """Found by long draws: false was taken for a value that is not there, or for a number."""
    for name in (known for known in reads_of(vendor)[0] if known.endswith(read)):
        assert fault(vendor, name, path, "false", MISTYPED["false"]) == ""
