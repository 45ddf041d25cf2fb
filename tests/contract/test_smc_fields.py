"""The simulator's tables and answers against the model of SMC 7.4.1, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.fields import Type
from lab.smc.tables import COMMON, ELEMENTS, READ_ONLY, TABLES
from piste.systems.forcepoint.access_table import TYPES as ACCESS_TYPES
from tests.contract.smc import MODELS, Contract
from tests.support.smc_client import Client, frozen_client

_KINDS = {"string": "s", "int": "i", "float": "n", "bool": "b"}
# Attributes of 26 recorded bodies of a real server that the model lacks.
JUSTIFIED = {
    "file_filtering_rule.is_disabled",
    "fw_ipv4_access_rule.is_disabled",
    "fw_ipv4_nat_rule.is_disabled",
    "fw_ipv6_access_rule.is_disabled",
    "fw_ipv6_nat_rule.is_disabled",
}
# Read-only in a rule, besides what every element has.
RULE_READ_ONLY = {"parent_insert_point", "parent_policy", "tag"}


def differences(contract: Contract, ours: Type, model: str, where: str) -> Iterator[str]:
    """Yield every place where a table of ours and a model differ in attributes or types."""
    theirs = {k: v for k, v in contract.models[model].items() if not v.endswith("!")}
    fields = dict(ours.fields or {})
    yield from (f"{where}.{key}" for key in fields.keys() ^ theirs.keys())
    for key in fields.keys() & theirs.keys():
        kind, listed = fields[key].type, theirs[key].endswith("[]")
        name = theirs[key].removesuffix("[]")
        if listed != (kind.item is not None):
            yield f"{where}.{key}"
            continue
        inner = kind.item or kind
        if name in _KINDS:
            if inner.kind != _KINDS[name]:
                yield f"{where}.{key}"
        elif inner.kind != "object":
            yield f"{where}.{key}"
        elif inner.fields is not None:
            yield from differences(contract, inner, name, f"{where}.{key}")


def test_every_table_equals_the_model(smc_contract: Contract) -> None:
    unknown = {
        difference
        for kind, table in TABLES.items()
        for difference in differences(smc_contract, table, smc_contract.model(kind), kind)
    }
    assert unknown == JUSTIFIED


def test_what_we_take_for_read_only_is_read_only(smc_contract: Contract) -> None:
    for kind in TABLES:
        model = smc_contract.models[smc_contract.model(kind)]
        theirs = {key for key, value in model.items() if value.endswith("!")}
        assert theirs <= READ_ONLY | RULE_READ_ONLY
    assert COMMON == "name:s, comment:s"


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_the_names_that_differ_are_those_of_the_model(kind: str, smc_contract: Contract) -> None:
    assert MODELS[kind] in smc_contract.models
    assert smc_contract.entry_points.get(MODELS[kind]) != kind


@pytest.fixture(scope="module")
def lived_in() -> Client:
    return frozen_client("inherited")


def test_every_answer_holds_known_attributes_only(lived_in: Client, smc_contract: Contract) -> None:
    unknown, read = set(), set()
    for record in lived_in.simulator.world.elements.values():
        kind = record["type"]
        if smc_contract.knows(kind):
            body = lived_in.get(lived_in.simulator.world.path(record))
            unknown |= {f"{kind}.{each}" for each in smc_contract.unknown(kind, body)}
            read.add(kind)
    assert set(ELEMENTS) - {"alias", "expression", "dhcp_server", "dns_server"} <= read | _UNSEEDED
    assert unknown - {"role.upload_policy"} == JUSTIFIED - {f"{kind}.is_disabled" for kind in _NO_RULES}
    assert smc_contract.unknown("role", {"upload_policy": True})  # of the library


_NO_RULES = ("fw_ipv6_nat_rule", "file_filtering_rule")
# Kinds that the seed has none of.
_UNSEEDED = {
    "ethernet_service", "ethernet_service_group", "icmp_ipv6_service", "icmp_service_group", "ip_service_group",
    "location", "ntp", "rpc_service", "rpc_service_group", "sub_ipv6_fw_policy", "udp_service_group",
    "external_endpoint", "url_list_application", *ACCESS_TYPES,
}  # fmt: skip


def test_an_invented_attribute_is_noticed(smc_contract: Contract) -> None:
    body: dict[str, Any] = {"name": "h", "invented": 1, "third_party_monitoring": {"netflow": True, "other": 1}}
    assert smc_contract.unknown("host", body) == {"invented", "third_party_monitoring.other"}
    rule = {"options": {"static_dst_nat": {"original_value": {"port": 1}}}, "tag": "1.0"}
    assert smc_contract.unknown("fw_ipv4_nat_rule", rule) == {"options.static_dst_nat.original_value.port"}
