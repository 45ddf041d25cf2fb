"""Any field changed behind our back: the next check names that field of that object."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.resource import Field, Resource
from piste.runs.domains.network import MODULES
from piste.systems.meraki import authors
from piste.systems.meraki.dashboard import fill
from piste.systems.meraki.driver import At
from piste.systems.meraki.port_schedules import WEEK
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.rich import CONFIRM, NETWORK, RICH, SECRETS, STACKED, SWITCH
from tests.support.town import town_world

DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
HAND = "Autre administrateur <autre.administrateur@lab.invalid>"
NAMELESS = re.compile(
    r"device\.management_interface\.wan1\.using_static_ip|switch_stack\.members|network_settings\.quality\..*"
    r"|network_settings\.stp\.stp_bridge_priority\..*|network_settings\.snmp\.community_string|port_schedule\..*"
    r"|(access_policy|ssid)\.radius_(accounting_)?servers\..*|trusted_server\..*|radio\.rf_profile|ssid\.psk"
    r"|switch_port\.(port_schedule|access_policy)"
)
"""What an entry of the log does not show as live: secrets, references, ids. Its author is unknown, and no other."""
UNSEEN = {
    "network.name": "its identity: a network of another name is another network",
    "network.product_types": "fixed at creation",
    "network.formerly": "says how to find the network, is on no system",
    "network.devices": "says how to find the network, is on no system",
    "network.others": "says how to find the network, is on no system",
    "device.serial": "its identity",
    "device.replaces": "says whose place it took, is on no system",
    "network_settings.network": "its identity",
    "network_settings.stp.stp_bridge_priority.stacks": "a reference to another kind: test_switching",
    "switch_stack.name": "its identity: a stack of another name is another stack",
    "link_aggregation.ports": "its identity: test_switching",
    "trusted_server.mac": "its identity",
    "trusted_server.vlan": "its identity",
    "network_settings.quality.rules.src_port_range": "excludes the port, which is there",
    "network_settings.quality.rules.dst_port": "excludes the range, which is there",
    "network_settings.alternate_management.switches.serial": "the identity of an element",
    "access_policy.name": "its identity: a policy of another name is another policy",
    "access_policy.radius_servers.secret": "never read back: test_secrets",
    "access_policy.radius_accounting_servers.secret": "never read back: test_secrets",
    "port_schedule.name": "its identity: a schedule of another name is another schedule",
    "rf_profile.name": "its identity: a profile of another name is another profile",
    "radio.serial": "its identity",
    "switch_port.serial": "its identity",
    "switch_port.port_id": "its identity",
    "ssid.name": "its identity: an SSID of another name is another SSID",
    "ssid.number": "where the SSID is, not what it is",
    "ssid.radius_servers.secret": "never read back: test_secrets",
    "ssid.radius_accounting_servers.secret": "never read back: test_secrets",
    "ssid.l7_firewall.rules.policy": "the system knows one verdict",
    **dict.fromkeys(
        (
            f"firmware.{name}"
            for name in ("product", "version", "time", "pilots", "rollback.category", "rollback.comment")
        ),
        "holds until its day: test_firmware",
    ),
}

DRIFTS: Mapping[str, Any] = {
    "network.time_zone": "Europe/London",
    "device.management_interface.wan1.static_ip": "10.93.40.12",
    "device.management_interface.wan1.static_gateway_ip": "10.93.40.1",
    "device.management_interface.wan1.static_subnet_mask": "255.255.0.0",
    "network_settings.stp.stp_bridge_priority.stp_priority": 8192,
    "network_settings.stp.stp_bridge_priority.switches": ["QZZZ-0005-0002"],
    "network_settings.mtu.overrides.switches": ["QZZZ-0005-0002"],
    "network_settings.dhcp_server_policy.allowed_servers": ["02:00:00:00:00:ff"],
    "network_settings.dhcp_server_policy.blocked_servers": ["02:00:00:00:00:ff"],
    "network_settings.access_lists.rules.protocol": "udp",
    "network_settings.quality.rules.protocol": "TCP",
    "network_settings.access_lists.rules.src_cidr": "10.93.42.0/24",
    "network_settings.access_lists.rules.src_port": "any",
    "network_settings.access_lists.rules.dst_cidr": "any",
    "network_settings.access_lists.rules.dst_port": "any",
    "network_settings.access_lists.rules.vlan": "152",
    "network_settings.quality.rules.dst_port_range": "5060-5062",
    "network_settings.alternate_management.protocols": ["syslog"],
    "network_settings.alternate_management.switches.address": "10.93.40.22",
    "network_settings.alternate_management.switches.subnet_mask": "255.255.0.0",
    "network_settings.alternate_management.switches.gateway": "10.93.40.1",
    "switch_stack.members": [SWITCH, *STACKED],
    "trusted_server.ipv4.address": "10.93.41.1",
    "access_policy.radius_group_attribute": "",
    "access_policy.host_mode": "Single-Host",
    "switch_port.access_policy": "imprimantes",
    "switch_port.port_schedule": "{{ nuit }}",
    "radio.rf_profile": "Salle",
    "rf_profile.ap_band_settings.bands.enabled": ["5"],
    **{f"port_schedule.week.{day}.start": "08:30" for day in WEEK},
    **{f"port_schedule.week.{day}.end": "17:30" for day in WEEK},
    "switch_port.link_negotiation": "10 Megabit (auto)",
    "switch_port.allowed_vlans": "all",
    "switch_port.mac_allow_list": ["02:00:00:00:00:ff"],
    "switch_port.sticky_mac_allow_list": ["02:00:00:00:00:ff"],
    "ssid.min_bitrate": 11,
    "ssid.l3_firewall.rules.dest_port": "443",
    "ssid.l3_firewall.rules.dest_cidr": "192.168.0.0/16",
    "ssid.l3_firewall.rules.ip_ver": "both",
    "ssid.l7_firewall.rules.type": "ipRange",
    "ssid.l7_firewall.rules.value": "autre.fr",
    "ssid.traffic_shaping.rules.definitions.type": "ipRange",
    "ssid.schedule.ranges.start_day": "sunday",
    "ssid.schedule.ranges.end_day": "wednesday",
    "ssid.schedule.ranges.start_time": "8:00",
    "ssid.schedule.ranges.end_time": "8:00",
}
"""Values for a field that cannot drift to a neighbouring value of its type."""

SIBLINGS: Mapping[str, Mapping[str, Any]] = {
    "network_settings.general.local_status_page_enabled": {"remote_status_page_enabled": False},
}
"""Changes that the system demands with that of a field."""

_ACCESS = ("access_policy_type", "access_policy")
_ADMISSION = tuple(
    name for name in RICH["meraki_ssids"][0] if name.startswith("radius") and not name.endswith("interim_interval")
)
WITH_IT: Mapping[str, tuple[str, ...]] = {
    "device.management_interface.wan1.using_static_ip": ("management_interface",),
    "network_settings.general.local_status_page_enabled": ("general",),
    "network_settings.snmp.access": ("snmp",),
    "switch_port.type": ("type", "voice_vlan", *_ACCESS),
    "switch_port.access_policy_type": (*_ACCESS, "mac_allow_list"),
    "radio.rf_profile": ("rf_profile", "two_four_ghz", "five_ghz"),
    "ssid.auth_mode": ("auth_mode", *_ADMISSION),
    "ssid.radius_accounting_enabled": ("radius_accounting_enabled", "radius_accounting_servers"),
    "ssid.ip_assignment_mode": ("ip_assignment_mode", "use_vlan_tagging", "default_vlan_id", "lan_isolation_enabled"),
    "ssid.use_vlan_tagging": ("use_vlan_tagging", "default_vlan_id"),
}
"""Fields that differ too when a field changes: siblings that vanish or come back with it."""


def leaves(fields: Sequence[Field], where: str) -> Iterator[tuple[str, Field]]:
    for field in fields:
        if field.of:
            yield from leaves(field.of, f"{where}.{field.name}")
        else:
            yield f"{where}.{field.name}", field


def declared(fields: Sequence[Field], item: Mapping[str, Any], where: str) -> Iterator[str]:
    for field in fields:
        if field.name not in item:
            continue
        value = item[field.name]
        if field.of:
            for inner in [value] if field.type == "dict" else value[:1]:
                yield from declared(field.of, inner, f"{where}.{field.name}")
        else:
            yield f"{where}.{field.name}"


def cases() -> Iterator[Any]:
    seen: set[str] = set()
    for module, config in RICH.items():
        resource = MODULES[module].resource
        assert resource is not None
        for position, item in enumerate(config):
            for path in declared(resource.fields, item, resource.name):
                if path not in seen and path not in UNSEEN:
                    seen.add(path)
                    yield pytest.param(module, position, path, id=path)


def test_every_field_of_every_table_is_declared_here_or_says_why_not() -> None:
    every = {path for module in MODULES.values() if module.resource
             for path, _ in leaves(module.resource.fields, module.resource.name)}  # fmt: skip
    covered = {case.id for case in cases()}
    assert every - covered - set(UNSEEN) == set()
    assert set(UNSEEN) - every == set()
    assert set(DRIFTS) | set(WITH_IT) <= covered


def check(world: MerakiWorld, module: str, **options: Any) -> dict[str, Any]:
    with world.run() as run:
        network = "" if module == "meraki_networks" else NETWORK
        return run.module(module, RICH[module], network=network, owner="ecole-jaures", **options)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[MerakiWorld, bytes]:
    world = town_world(tmp_path_factory.mktemp("rich"))
    world.secrets |= SECRETS
    world.simulator.behaviour.set(ssid_write_only_returned=True)
    for module in RICH:
        check(world, module, confirm=list(CONFIRM))
    for module in RICH:
        assert check(world, module, check=True)["operations"] == []
    return world, world.simulator.world.snapshot()


def other(field: Field, value: Any, path: str) -> Any:
    if path in DRIFTS:
        return DRIFTS[path]
    if field.secret:
        return "autre-valeur-longue"
    if field.choices:
        return next(choice for choice in field.choices if choice != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value - 1 if value == field.maximum else value + 1
    if value is None:
        return 5
    return value[:-1] if isinstance(value, list) else f"{value}x"


def drifted(fields: Sequence[Field], item: dict[str, Any], names: Sequence[str], path: str) -> None:
    field = next(entry for entry in fields if entry.name == names[0])
    if len(names) == 1:
        item[field.name] = other(field, item[field.name], path)
        item.update(SIBLINGS.get(path, {}))
    else:
        inner = item[field.name] if field.type == "dict" else item[field.name][0]
        drifted(field.of, inner, names[1:], path)


def resolved(value: Any, secrets: Mapping[str, str]) -> Any:
    """Return the declared value with secrets in clear, as another administrator would send it."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"}:
            return secrets[value["secret"]]
        return {name: resolved(inner, secrets) for name, inner in value.items()}
    return [resolved(inner, secrets) for inner in value] if isinstance(value, list) else value


def edit(world: MerakiWorld, resource: Resource, item: dict[str, Any], field: Field) -> None:
    """Write one field of an object as another administrator."""
    network = next(iter(world.simulator.world.networks.values()))
    places = {"access_policy": "policies", "port_schedule": "port_schedules", "rf_profile": "rf_profiles"}
    names = {kind: {key: policy["name"] for key, policy in network[where].items()} for kind, where in places.items()}
    numbers = {name: number for known in names.values() for number, name in known.items()}
    ids = {
        "network_id": network["id"],
        "serial": item.get("serial"),
        "port_id": item.get("port_id"),
        "number": item.get("number"),
        "id": numbers.get(item.get("name", ""), ""),
    }
    if resource.name == "switch_stack":
        (ids["id"],) = network["stacks"]
        item = {**item, "members": [{"serial": serial} for serial in item["members"]]}
    if resource.name == "trusted_server":
        ids["id"] = next(key for key, known in network["trusted"].items() if known["mac"].endswith("01"))
    at: At = field.part or resource.endpoint
    if at.listed:  # a rule of the list: the first
        ids["id"] = next(iter(network["qos"]))
        rule = {**item[field.name]["rules"][0]}
        return world.simulator.edit("PUT", fill(at.target, ids), to_wire(field.of[0].of, rule, {}))
    content = resolved(item[field.name], world.secrets)
    fields = field.of if field.part else (field,)
    live = network["policies"].get(ids["id"], {})
    stacks = {key: known["name"] for key, known in network["stacks"].items()}
    body = to_wire(fields, content if field.part else {field.name: content}, {**names, "switch_stack": stacks}, live)
    world.simulator.edit("PUT", fill(at.target, ids), body)


def narrow(shown: Any, fields: Sequence[Field]) -> str:
    """Return the dotted path of the only thing that a diff shows."""
    names = [field for field in fields if field.name in shown]
    assert len(names) == 1, shown
    (field,) = names
    deeper = field.type == "dict" and field.of
    return field.name + (f".{narrow(shown[field.name], field.of)}" if deeper else "")


def as_shown(path: Sequence[str], fields: Sequence[Field]) -> str:
    """Return the path down to the first list: a list is a value, shown whole."""
    field = next(entry for entry in fields if entry.name == path[0])
    deeper = len(path) > 1 and field.type == "dict"
    return field.name + (f".{as_shown(path[1:], field.of)}" if deeper else "")


@pytest.mark.parametrize(("module", "position", "path"), list(cases()))
def test_a_change_behind_our_back_is_named(
    rich: tuple[MerakiWorld, bytes], module: str, position: int, path: str
) -> None:
    world, snapshot = rich
    world.simulator.world.restore(snapshot)
    resource = MODULES[module].resource
    assert resource is not None
    _, *names = path.split(".")
    item = copy.deepcopy(RICH[module][position])
    drifted(resource.fields, item, names, path)
    edit(world, resource, item, resource.field(names[0]))

    result = check(world, module, check=True, confirm=list(CONFIRM))

    assert [operation["key"] for operation in result["operations"]] == [resource.key_of(item)]
    (by,) = authors_of(world, result["operations"])
    assert by == ([] if NAMELESS.fullmatch(path) else [HAND])
    expected = WITH_IT.get(path, (names[0],))
    assert tuple(result["operations"][0]["fields"]) == expected
    if path not in WITH_IT:
        shown = yaml.safe_load(result["diff"][0]["after"])
        assert narrow(shown, resource.fields) == as_shown(names, resource.fields)


def authors_of(world: MerakiWorld, operations: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    objects = [
        {**{name: done[name] for name in ("kind", "key", "action", "fields")}, **done["content"], "within": NETWORK}
        for done in operations
    ]
    with world.run():
        params = {"dashboard": DASHBOARD, "objects": objects, "days": 90}
        read = authors.MODULES["meraki_authors"].run(params, False)["authors"]
    return [[author["who"] for author in by] for by in read]
