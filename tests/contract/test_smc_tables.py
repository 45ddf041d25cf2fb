"""The tables of the firewall's modules against the vendor's model of SMC 7.4.1.

Every wire name of ours is a name of the model.
"""

from __future__ import annotations

from typing import Any

import pytest
from smc.administration import role
from smc.vpn.elements import GatewayProfile

from piste.systems.forcepoint.access_table import CAPABILITIES
from piste.systems.forcepoint.admin_table import PERMISSIONS
from piste.systems.forcepoint.element_table import ELEMENTS, TYPES, encode
from piste.systems.forcepoint.engine_table import ENGINES
from piste.systems.forcepoint.interface_codec import decode as decode_interface
from piste.systems.forcepoint.interface_codec import encode as encode_interface
from piste.systems.forcepoint.log_servers import FORWARDING
from piste.systems.forcepoint.policy_table import OF_THE_WHOLE
from piste.systems.forcepoint.policy_table import TYPES as POLICIES
from piste.systems.forcepoint.rule_codec import encode as encode_rule
from piste.systems.forcepoint.rule_table import LISTS, RuleList
from piste.systems.forcepoint.versions import CLIENT_PROTECTION
from tests.contract.smc import Contract
from tests.support.rules_sample import sample

NOT_IN_THE_MODEL = {"is_disabled"}
"""Recorded bodies have it, the model lacks it."""
SAMPLES: dict[str, Any] = {
    "ports": "1-2", "source_ports": "1-2", "expiration_date": "2027-06-30", "mobile_vpn_topology_mode": "all",
    "capabilities": ["aes256_for_ike", "sha2_ike_hash_length:256"], "rights": ["view_logs"],
    "permissions": {"x > y": {"granted_elements": ["x"]}},
    "alias_value": {"x": {"translated_element": ["x"]}},
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_of_an_element_is_in_the_model(kind: str, smc_contract: Contract) -> None:
    own = [name for name in ("name", "comment", *TYPES[kind]) if ELEMENTS.field(name) in ELEMENTS.body]
    wires = {name: ELEMENTS.field(name).wire_name for name in own}
    body: dict[str, Any] = encode(kind, {wire: SAMPLES.get(wire, "x") for wire in wires.values()})
    capabilities = {f"capabilities.{name}" for name in CAPABILITIES}
    rights = set(PERMISSIONS) if kind == "role" else set()
    assert smc_contract.unknown(kind, body) - capabilities - rights == set()


@pytest.mark.parametrize(
    ("field", "model"),
    [
        ("endpoints", "ExternalEndpoint"), ("sites", "VpnSite"), ("tunnels", "GatewayTunnel"),
        ("addresses", "IpAddressList"),
    ],
)
def test_every_field_of_a_child_is_in_the_model(field: str, model: str, smc_contract: Contract) -> None:
    part = ELEMENTS.field(field)
    assert smc_contract._unknown(model, {inner.wire_name: "x" for inner in part.of or (part,)}, "") == set()


def test_the_rights_of_a_role_are_those_of_the_vendors_library() -> None:
    said = role.__doc__ or ""
    assert {name for name in PERMISSIONS if name not in said} == set()


def test_the_capabilities_are_those_of_the_vendors_library() -> None:
    said = GatewayProfile.create.__doc__ or ""
    assert {name for name in CAPABILITIES if name not in said} == set()


@pytest.mark.parametrize("kind", POLICIES)
def test_every_field_of_a_policy_is_in_the_model(kind: str, smc_contract: Contract) -> None:
    names = OF_THE_WHOLE if kind.startswith("fw_") else ("comment",)
    assert smc_contract.unknown(kind, dict.fromkeys(("name", *names), "x")) == set()


def test_every_attribute_of_an_interface_is_in_the_model(smc_contract: Contract) -> None:
    entry = {"network": "10.93.44.0/24", "cluster": "10.93.44.1", "nodes": {"1": "10.93.44.2"}}
    item = {
        **dict.fromkeys(("comment", "zone", "cvi_mode", "mac_address"), "x"),
        "addresses": [entry],
        "relay": ["dhcp_server/x"],
        "dhcp_server": {
            "range": "10.93.44.50-10.93.44.99",
            "ranges": {"1": "10.93.44.50-10.93.44.99"},
            "gateway": "10.93.44.1",
            "dns": ["10.93.2.11", "10.93.2.12"],
            "domain": "x",
            "lease": 3600,
        },
        "aggregate": {"mode": "lb", "interfaces": ["2", "3"]},
    }
    for cluster in (True, False):
        body = encode_interface({"interface_id": "0"}, {}, item, lambda ref: f"https://smc/{ref}", cluster=cluster)
        assert smc_contract._unknown("PhysicalInterface", {**body, "vlanInterfaces": [body]}, "") == IN_PHYSICAL_ONLY
        assert decode_interface(body, lambda href: href.removeprefix("https://smc/"))["relay"] == item["relay"]


IN_PHYSICAL_ONLY = {"vlanInterfaces.cvi_mode", "vlanInterfaces.macaddress"}


def test_the_services_of_an_engine_are_in_the_model(smc_contract: Contract) -> None:
    names = {"domain_server_address": [{"rank": 0, "value": "x", "ne_ref": "x"}]}
    wires = {"log_server_ref": "x", "timezone": "x", **names}
    clock = {"ntp_settings": {"ntp_enable": True, "ntp_server_ref": ["x"], "ntp_preferred_server_ref": "x"}}
    for kind in ENGINES:
        signs = dict.fromkeys(("ca_for_signing_ref", "proxy_usage", "tls_trusted_ca_tag_ref"), "x")
        tls = {CLIENT_PROTECTION: signs, "server_credential": ["x"]}
        assert smc_contract.unknown(kind, {**wires, **clock, **tls, "physicalInterfaces": []}) == set()


def test_the_forwarding_of_logs_is_in_the_model(smc_contract: Contract) -> None:
    rule = dict.fromkeys((*FORWARDING.values(), "host", "netflow_collector_port", "netflow_collector_service"), "x")
    assert smc_contract.unknown("log_server", {"netflow_collector": [rule]}) == set()


MODELS = {
    "ipv4_access": "Ipv4AccessRule",
    "ipv6_access": "Ipv6AccessRule",
    "ipv4_nat": "Ipv4NatRule",
    "ipv6_nat": "Ipv6NatRule",
    "files": "FileFilteringRule",
}


@pytest.mark.parametrize("entry", LISTS.values(), ids=LISTS)
def test_every_attribute_of_a_rule_is_in_the_model_and_none_is_forgotten(
    entry: RuleList, smc_contract: Contract
) -> None:
    body = encode_rule(sample(entry), entry, lambda ref: f"https://smc/{ref}")
    model = MODELS[entry.name]
    assert smc_contract._unknown(model, body, "") == NOT_IN_THE_MODEL
    translations = {f"options.{side}_{end}_nat" for side in ("static", "dynamic") for end in ("src", "dst")}
    assert forgotten(smc_contract, model, body) <= KNOWINGLY | (set() if "nat" in entry.name else translations)


KNOWINGLY = {
    "background_color", "rank", "type",  # sections and places, which are no attributes of a rule
    "options.proxy_dst_nat",  # kept as it is, and named by an export
    "sources.any", "sources.none", "sources.resolved_src", "destinations.any", "destinations.none",
    "destinations.resolved_dst", "services.any", "services.none", "services.resolved_service",
    "used_on.any", "used_on.none", "situations.any", "situations.none",
}  # fmt: skip


def forgotten(contract: Contract, model: str, body: dict[str, Any], at: str = "") -> set[str]:
    """List what may be written of a rule and a body with every attribute lacks."""
    missing: set[str] = set()
    for name, kind in contract.models[model].items():
        inner = kind.removesuffix("[]")
        if kind.endswith("!"):
            continue
        if name not in body:
            missing.add(f"{at}{name}")
        elif inner in contract.models and isinstance(body[name], dict) and "_nat" not in name:
            missing |= forgotten(contract, inner, body[name], f"{at}{name}.")
    return missing
