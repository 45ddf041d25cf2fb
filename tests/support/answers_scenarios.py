"""A run of every module of each system reached by HTTP, on a small system of every kind."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lab.smc.world import mark
from piste.engine.converge.module import Module
from piste.systems.forcepoint.administrators import MODULES as SMC_ADMINISTRATORS
from piste.systems.forcepoint.checks import MODULES as SMC_CHECKS
from piste.systems.forcepoint.living import MODULES as SMC_LIVING
from piste.systems.forcepoint.routers import MODULES as SMC_ROUTERS
from piste.systems.meraki.administrators import MODULES as MERAKI_ADMINISTRATORS
from piste.systems.meraki.cables import MODULES as MERAKI_CABLES
from piste.systems.meraki.checks import MODULES as MERAKI_CHECKS
from piste.systems.meraki.clients import MODULES as MERAKI_CLIENTS
from piste.systems.meraki.living import MODULES as MERAKI_LIVING
from piste.systems.meraki.orphans import MODULES as MERAKI_PLACES
from piste.systems.meraki.port_traffic import MODULES as MERAKI_TRAFFIC
from piste.systems.meraki.routers import MODULES as MERAKI_ROUTERS
from piste.systems.meraki.switch_energy import MODULES as MERAKI_ENERGY
from piste.systems.meraki.usage import MODULES as MERAKI_USAGE
from tests.support import smc_access
from tests.support.answers import Scenario
from tests.support.answers_zabbix import zabbix_scenarios, zabbix_world
from tests.support.hosting import ROLE, PrismWorld, intent
from tests.support.hosting import converge as host
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.orphans import MODULES as ORPHANS
from tests.support.rich import GUARDS, NETWORK, RICH, SECRETS, STACK, SWITCH
from tests.support.rich_hosting import estate
from tests.support.rules import ADMIN, ELEMENTS, JAURES, TOWN, policy
from tests.support.smc import SmcWorld
from tests.support.town import town_world

OTHER_SWITCH = "QZZZ-0005-0002"
"""A switch of the network with nothing declared but its place."""
NEW_SWITCH = "QZZZ-0006-0002"
"""A switch in no network."""
ENGINE = "fw_cluster/FW-Bourget"
ADDRESSES = {"type": "ip_list", "name": "liste", "addresses": ["192.0.2.1", "192.0.2.8-192.0.2.9"]}
DECLARED = [*ELEMENTS, ADDRESSES]
CLUSTER = "fw_cluster/fw-hdv"
OF_THE_ENGINE: list[dict[str, Any]] = [
    {"type": "interface_zone", "name": "Invités"},
    {"type": "dhcp_server", "name": "dhcp", "address": "10.93.2.21"},
    {"type": "ntp", "name": "heure", "address": "10.93.2.9"},
    {"type": "host", "name": "journaux", "address": "10.93.2.24"},
]
VLAN: dict[str, Any] = {
    "engine": CLUSTER,
    "interface": "0.44",
    "zone": "interface_zone/Invités",
    "addresses": [{"network": "10.93.44.0/24", "cluster": "10.93.44.1", "nodes": {"1": "10.93.44.2"}}],
    "relay": ["dhcp_server/dhcp"],
}
WAY: dict[str, Any] = {"engine": CLUSTER, "routes": {"10.93.0.0/16": {"via": ["10.93.240.1"]}}}
SERVICES: dict[str, Any] = {"engine": CLUSTER, "dns": ["10.93.2.11"], "ntp": ["ntp/heure"]}
GATE: dict[str, Any] = {"engine": CLUSTER, "client_mode": "ipsec", "endpoints": {"192.0.2.2": {"enabled": True}}}
ALIAS: dict[str, Any] = {
    "type": "alias",
    "name": "$ serveur",
    "engine_values": {CLUSTER: {"elements": ["host/srv-dc1"]}},
}
RIGHTS: dict[str, Any] = {"type": "role", "name": "Lecture", "permissions": ["view_logs"]}
FILES = {
    "type": "file_filtering_policy", "scope": "whole", "name": "Fichiers", "files": [
        {"id": "tous", "name": "Tous", "sources": ["any"], "destinations": ["any"], "situations": ["any"],
         "action": ["allow"]},
    ],
}  # fmt: skip
TARGET = "host/journaux:514/udp"
LOGS: dict[str, Any] = {
    "server": "log_server/LogServer 192.0.2.10",
    "forwards": {TARGET: {"format": "cef", "data": "data_context/All Log Data"}},
}


Act = Callable[[Any, bool], Any]


def _task(module: str, items: Any, **options: Any) -> Act:
    """A run of a module that converges."""
    return lambda run, check: run.module(module, copy.deepcopy(items), check=check, **options)


def _reader(module: Module, params: Mapping[str, Any]) -> Act:
    """A run of a module that only reads."""
    return lambda run, check: module.run(copy.deepcopy(dict(params)), check)


@cache
def _session(process: int) -> tempfile.TemporaryDirectory[str]:
    """Make the folder of a process: the forks of a session share no world."""
    return tempfile.TemporaryDirectory(prefix="piste-answers-")


def _folder(name: str) -> Path:
    folder = Path(_session(os.getpid()).name, name)
    folder.mkdir()
    return folder


# Meraki


@cache
def meraki_world() -> MerakiWorld:
    world = town_world(_folder("meraki"))
    world.secrets |= SECRETS
    with world.run() as run:
        for module, items in RICH.items():
            _meraki(module, items)(run, False)
        _meraki("meraki_devices", [{"serial": OTHER_SWITCH}])(run, False)
        # Its declared model does not route.
        world.simulator.world.devices[SWITCH]["model"] = "MS210-24"
    with world.run() as run:
        for module, items in ROUTING.items():
            _meraki(module, items)(run, False)
    world.simulator.behaviour.set(clients=[CLIENT])
    return world


REASON = {"category": "stability", "comment": "coupures"}
UPGRADE = {"product": "switch", "version": "switch-17-2", "time": "2031-01-06T20:00:00Z", "pilots": list[str]()}
CLIENT = {"mac": "02:cc:00:00:00:01", "ip": "10.93.41.10", "serial": OTHER_SWITCH, "port": "7", "vlan": 151}
ROUTING: dict[str, list[dict[str, Any]]] = {
    "meraki_routed_interfaces": [
        {
            "network": NETWORK,
            "carrier": SWITCH,
            "vlan": 151,
            "name": "jau",
            "subnet": "10.93.41.0/24",
            "address": "10.93.41.254",
            "default_gateway": "10.93.41.1",
            "dhcp": {"mode": "dhcpRelay", "relay_servers": ["10.93.2.11"]},
        }
    ],
    "meraki_static_routes": [
        {"network": NETWORK, "carrier": SWITCH, "subnet": "10.93.48.0/21", "name": "mer", "next_hop": "10.93.41.2"}
    ],
}


def _last_interface(run: Any, check: bool) -> Any:
    """A run that removes the last interface of a switch, whose management has no fixed address."""
    device = run.world.simulator.world.devices[SWITCH]
    kept, device["wan"] = device["wan"], {}
    absent = {"absent": [f"{NETWORK}/{SWITCH}/151"], "confirm": [*GUARDS]}
    try:
        return _meraki("meraki_routed_interfaces", [], **absent)(run, check)
    finally:
        device["wan"] = kept  # the scenarios share the world


def _meraki(module: str, items: Any, **options: Any) -> Act:
    network = "" if module == "meraki_networks" else NETWORK
    return _task(module, items, **{"owner": "ecole-jaures", "confirm": [*GUARDS], "network": network, **options})


DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}


def meraki_scenarios() -> Iterator[Scenario]:
    for module, items in [*RICH.items(), *ROUTING.items()]:
        yield Scenario(f"{module} as it is", _meraki(module, items))
        named = [{"name": NETWORK}] if module == "meraki_networks" else []
        yield Scenario(f"{module} read", _meraki(module, named, state="gathered"))
    changed = [{"serial": SWITCH, "port_id": RICH["meraki_switch_ports"][0]["port_id"], "name": "autre", "vlan": 7}]
    several = [*changed, {"serial": OTHER_SWITCH, "port_id": "1", "vlan": 7}]
    alike = [{"serial": SWITCH, "port_id": "7", "enabled": True}]
    uplink = meraki_world().simulator.world.devices[OTHER_SWITCH]["uplink_port"]
    narrow = [{"serial": OTHER_SWITCH, "port_id": uplink, "allowed_vlans": "1,7"}]
    heir = [{"serial": NEW_SWITCH, "replaces": SWITCH, "name": "neuf"}]
    inherited = {"replaced": [{"serial": SWITCH, "by": NEW_SWITCH, "model": "MS"}]}
    for name, module, items, options in (
        ("a port changes", "meraki_switch_ports", changed, {}),
        ("ports of two switches change", "meraki_switch_ports", several, {}),
        ("a list of VLANs changes", "meraki_switch_ports", narrow, {}),
        ("a port is as it is", "meraki_switch_ports", alike, {}),
        ("the network changes", "meraki_networks", [{"name": NETWORK, "notes": "autre"}], {}),
        ("a network comes", "meraki_networks", [{"name": "VLB neuf", "product_types": ["switch"]}], {}),
        ("a network goes", "meraki_networks", [], {"absent": [NETWORK]}),
        ("a device comes", "meraki_devices", [{"serial": "QZZZ-0005-0042", "name": "ap"}], {}),
        ("a device takes the place of another", "meraki_devices", heir, inherited),
        ("a device goes", "meraki_devices", [], {"absent": [SWITCH]}),
        ("a syslog changes", "meraki_network_settings", [{"network": NETWORK, "syslog": {"servers": []}}], {}),
        ("a policy goes", "meraki_access_policies", [], {"absent": [RICH["meraki_access_policies"][0]["name"]]}),
        ("a schedule goes", "meraki_port_schedules", [], {"absent": [RICH["meraki_port_schedules"][0]["name"]]}),
        ("a stack goes", "meraki_switch_stacks", [], {"absent": [STACK]}),
        ("a route goes", "meraki_static_routes", [], {"absent": [f"{NETWORK}/{SWITCH}/10.93.48.0/21"]}),
        ("the quality changes", "meraki_network_settings", [{"network": NETWORK, "quality": {"rules": []}}], {}),
        ("an upgrade comes", "meraki_firmware", [UPGRADE], {"confirm": ["firmware:switch"]}),
        ("an upgrade goes back", "meraki_firmware", [{**UPGRADE, "rollback": REASON}], {"confirm": ["rollback"]}),
        ("an upgrade waits for its pilot", "meraki_firmware", [{**UPGRADE, "pilots": [NETWORK]}], {}),
        ("a profile goes", "meraki_rf_profiles", [], {"absent": [RICH["meraki_rf_profiles"][0]["name"]]}),
    ):
        given = {"confirm": [*GUARDS], **options}
        yield Scenario(name, _meraki(module, items, **given))
    yield Scenario("an interface goes", _last_interface)
    for name, modules, params in (
        ("meraki_orphans", ORPHANS, {"networks": [], "devices": []}),
        ("meraki_places", MERAKI_PLACES, {}),
        ("meraki_energy", MERAKI_ENERGY, {"start": "2026-11-02T00:00:00Z", "end": "2026-11-09T00:00:00Z"}),
        ("meraki_port_traffic", MERAKI_TRAFFIC, {"ports": [f"{OTHER_SWITCH}/9"], "start": 0, "end": 4_000_000_000}),
        (
            "meraki_usage",
            MERAKI_USAGE,
            {
                "timezone": "Europe/Paris",
                "weeks": 1,
                "known": [],
                "places": [
                    {"site": "ecole", "access_points": ["QZZZ-0005-0041"], "radio": [], "access": [f"{OTHER_SWITCH}/9"]}
                ],
            },
        ),
        ("meraki_administrators", MERAKI_ADMINISTRATORS, {"outgoing": ["*prestataire*"]}),
        ("meraki_cables", MERAKI_CABLES, {}),
        ("meraki_clients by MAC", MERAKI_CLIENTS, {"mac": CLIENT["mac"], "ip": "", "network": ""}),
        ("meraki_clients by address", MERAKI_CLIENTS, {"mac": "", "ip": CLIENT["ip"], "network": NETWORK}),
        ("meraki_checks", MERAKI_CHECKS, {"links": [f"{OTHER_SWITCH}/{uplink}"], "waves": [NETWORK]}),
        ("meraki_living", MERAKI_LIVING, {}),
        ("meraki_routers", MERAKI_ROUTERS, {"network": NETWORK, "core": {"network": NETWORK, "carrier": SWITCH}}),
    ):
        yield Scenario(name, _reader(modules[name.partition(" ")[0]], {"dashboard": DASHBOARD, **params}))


# Nutanix


@cache
def prism_world() -> PrismWorld:
    world = PrismWorld(_folder("prism"))
    desired = intent(**estate())
    desired["vms"] = [*desired["vms"], {"name": "essai-2", "num_sockets": 1, "memory": "1 GiB", "power": "running"}]
    asleep = [category for category in intent()["categories"] if category["key"] == "Veille"]
    desired["categories"] = [*desired["categories"], *asleep]
    host(world, desired)
    vm = world.named("Vm", "essai-1")["extId"]
    copied = {"name": "c", "expirationTime": "2027-01-01T00:00:00Z", "vmRecoveryPoints": [{"vmExtId": vm}]}
    world.simulator.edit("POST", "dataprotection/config/recovery-points", copied)
    return world


def _hours() -> Any:
    hours = copy.deepcopy(intent()["hours"])
    machine = next(vm for vm in hours["machines"] if vm["schedule"])
    return {**hours, "machines": [{**machine, "name": "essai-1"}, {**machine, "name": "essai-2"}]}


def prism_scenarios() -> Iterator[Scenario]:
    whole = estate()
    for module, part in ROLE:
        yield Scenario(f"{module} as it is", _task(module, whole[part]))
        yield Scenario(f"{module} read", _task(module, [], state="gathered"))
    vm = {"name": "essai-1"}
    hours = {"hours": _hours()}
    everything = {"vms": [], "subnets": [], "images": [], "categories": [], "affinity_policies": []}
    everything |= {"protection_policies": [], "recovery_plans": []}
    kept = {"name": "prism", "reader": "prism", "carrier": intent()["cluster"]}
    changed = {"kind": "vm", "key": "essai-1", "action": "update", "fields": ["memory"], "before": {}, "after": {}}
    copied = {"stores": [kept], "sets": [{"name": "essai-1", "server": "essai-1", "stores": ["prism"]}]}
    for name, module, items, options in (
        ("a machine changes", "prism_vms", [{**vm, "description": "Autre"}], {}),
        ("a machine grows", "prism_vms", [{**vm, "memory": "4 GiB"}], {"cvm_memory": "32 GiB"}),
        ("a machine stops", "prism_vms", [{**vm, "power": "stopped"}], {}),
        ("a machine comes", "prism_vms", [{"name": "neuve", "num_sockets": 1, "memory": "1 GiB"}], {}),
        ("a machine goes", "prism_vms", [], {"absent": ["essai-1"]}),
        ("a subnet goes", "prism_subnets", [], {"absent": ["essai"]}),
        ("a category changes", "prism_categories", [{**estate()["categories"][0], "description": "Autre"}], {}),
        ("an image changes", "prism_images", [{"name": "debian-13", "description": "Autre"}], {}),
        ("a policy changes", "prism_affinity_policies", [{**estate()["affinity_policies"][0], "description": "A"}], {}),
        ("a subnet changes", "prism_subnets", [{"name": "autre", "description": "Autre"}], {}),
        ("prism_orphans", "prism_orphans", [], everything),
        ("prism_clusters", "prism_clusters", [], {"cvm_memory": "32 GiB", "power": True}),
        ("prism_administrators", "prism_administrators", [], {"outgoing": ["*prestataire*"]}),
        ("prism_authors", "prism_authors", [], {"objects": [changed], "days": 90}),
        ("prism_checks", "prism_checks", [], {}),
        ("prism_living", "prism_living", [], {}),
        ("prism_recovery_points", "prism_recovery_points", [], {"declared": copied}),
        ("a protection changes", "prism_protection_policies", [{"name": "Copier", "description": "A"}], {}),
        ("a plan changes", "prism_recovery_plans", [{**estate()["recovery_plans"][0], "stages": []}], {}),
        ("prism_capacity", "prism_capacity", [],
         {**hours, "cvm_memory": "32 GiB", "energy": intent()["energy"], "waits": intent()["waits"]}),
        *(
            (f"hours {mode}", "prism_power_hours", [], {**hours, "mode": mode, "lead_minutes": 30, "grace": 9.0})
            for mode in ("report", "follow", "bring_back")
        ),
    ):
        given = {"confirm": ["vm", "unprotected", "stop", "subnet"], **options}
        yield Scenario(name, _task(module, items, **given))


# Forcepoint


@cache
def smc_world() -> SmcWorld:
    world = SmcWorld(_folder("smc") / "smc")
    node = {"activate_test": True, "loopback_node_dedicated_interface": []}
    nodes = [{"firewall_node": {**node, "name": f"nœud {at}", "nodeid": at}} for at in (1, 2)]
    world.simulator.edit("POST", "/elements/fw_cluster", {"name": "FW-Bourget", "nodes": nodes})
    # For an account without a role that says so, the doctor does not read what roles allow.
    live = world.simulator.world
    (client,) = live.of_type("api_client")
    (role,) = (element for element in live.of_type("role") if element["data"]["name"] == "Operator")
    client["data"] = {"name": client["data"]["name"], "permissions": {"permission": [{"role_ref": mark(role["key"])}]}}
    world.module("smc_elements", [*DECLARED, *OF_THE_ENGINE, *smc_access.ALL], secrets=smc_access.SECRETS)
    world.module("smc_elements", [ALIAS, RIGHTS], confirm=["administrators"])
    for kind, item in (("interfaces", VLAN), ("routes", WAY), ("settings", SERVICES), ("gateways", GATE)):
        world.module(f"smc_engine_{kind}", [item], confirm=["vpn"])
    gateway = next(iter(live.of_type("internal_gateway")))
    ends = {"name": "passerelle", "expiration_date": "2099-01-01T00:00:00+00:00"}
    live.add("gateway_certificate", ends, gateway["key"], "System", 0)
    world.module("smc_log_servers", [LOGS])
    world.module("smc_policies", [TOWN, FILES])
    world.module("smc_installations", [{"engine": ENGINE, "policy": "fw_policy/VLB"}], policies=[TOWN])
    return world


def smc_scenarios() -> Iterator[Scenario]:
    installed = [{"engine": ENGINE, "policy": "fw_policy/VLB"}]
    changed = policy({"section": "Socle"}, ADMIN, *JAURES)
    for name, module, items, options in (
        ("smc_elements as they are", "smc_elements", DECLARED, {}),
        ("smc_elements read", "smc_elements", [], {"state": "gathered"}),
        ("an element changes", "smc_elements", [{**ELEMENTS[0], "address": "10.93.0.11"}], {}),
        ("a list changes", "smc_elements", [{**ADDRESSES, "addresses": ["192.0.2.1"]}], {}),
        ("an element comes", "smc_elements", [{"type": "host", "name": "neuf", "address": "10.93.0.12"}], {}),
        ("an element goes", "smc_elements", [], {"absent": ["ip_list/liste"]}),
        ("a VPN as it is", "smc_elements", smc_access.VPNS, {"secrets": smc_access.SECRETS}),
        ("a VPN changes", "smc_elements", [{**smc_access.VPNS[-1], "mobile": []}], {"secrets": smc_access.SECRETS}),
        ("an alias and a role as they are", "smc_elements", [ALIAS, RIGHTS], {}),
        ("an alias changes", "smc_elements", [{**ALIAS, "engine_values": {CLUSTER: None}}], {}),
        ("smc_policies as they are", "smc_policies", [TOWN], {}),
        ("file filtering as it is", "smc_policies", [FILES], {}),
        ("smc_policies read", "smc_policies", [], {"state": "gathered"}),
        ("rules change", "smc_policies", [changed], {}),
        ("smc_engine_interfaces as they are", "smc_engine_interfaces", [VLAN], {}),
        ("smc_engine_interfaces read", "smc_engine_interfaces", [], {"state": "gathered"}),
        ("an interface changes", "smc_engine_interfaces", [{**VLAN, "comment": "autre", "relay": []}], {}),
        ("an interface goes", "smc_engine_interfaces", [], {"absent": [f"0.44/{CLUSTER}"]}),
        ("smc_engine_routes as they are", "smc_engine_routes", [WAY], {}),
        ("smc_engine_routes read", "smc_engine_routes", [], {"state": "gathered"}),
        ("a route changes", "smc_engine_routes", [{**WAY, "routes": {"10.93.0.0/16": {"via": ["10.93.240.5"]}}}], {}),
        ("smc_engine_settings as they are", "smc_engine_settings", [SERVICES], {}),
        ("smc_engine_settings read", "smc_engine_settings", [], {"state": "gathered"}),
        ("services change", "smc_engine_settings", [{**SERVICES, "dns": ["10.93.2.12"], "ntp": []}], {}),
        ("smc_engine_gateways as they are", "smc_engine_gateways", [GATE], {}),
        ("smc_engine_gateways read", "smc_engine_gateways", [], {"state": "gathered"}),
        ("a gateway changes", "smc_engine_gateways", [{**GATE, "client_mode": "no"}], {}),
        ("smc_log_servers as they are", "smc_log_servers", [LOGS], {}),
        ("smc_log_servers read", "smc_log_servers", [], {"state": "gathered"}),
        ("a forwarding changes", "smc_log_servers", [{**LOGS, "forwards": {TARGET: {"format": "leef"}}}], {}),
        ("smc_installations as they are", "smc_installations", installed, {"policies": [TOWN]}),
        ("smc_installations read", "smc_installations", [], {"state": "gathered"}),
    ):
        given = {"confirm": ["rules", "administration", "gateway", "transit", "routes", "vpn"], **options}
        yield Scenario(name, _task(module, items, **given))
    for name, modules, params in (
        (
            "smc_orphans",
            ORPHANS,
            {
                "elements": [],
                "policies": [TOWN],
                "installations": [],
                "engine_interfaces": [f"0.44/{CLUSTER}"],
                "engine_routes": [{"engine": CLUSTER, "routes": {}}],
                "log_servers": [{**LOGS, "forwards": {}}],
            },
        ),
        ("smc_administrators", SMC_ADMINISTRATORS, {"outgoing": ["*prestataire*"]}),
        (
            "smc_checks",
            SMC_CHECKS,
            {"carrier": {"engine": "fw-hdv", "interface": 0}, "web": ["url_category/Games"]},
        ),
        ("smc_living", SMC_LIVING, {}),
        ("smc_routers", SMC_ROUTERS, {"engine": {"name": CLUSTER.partition("/")[2], "kind": "cluster"}}),
    ):
        yield Scenario(name, _reader(modules[name], {"smc": smc_world().connection(), **params}))


VENDORS: Mapping[str, tuple[Callable[[], Any], Callable[[], Iterator[Scenario]]]] = {
    "meraki": (meraki_world, meraki_scenarios),
    "prism": (prism_world, prism_scenarios),
    "smc": (smc_world, smc_scenarios),
    "zabbix": (zabbix_world, zabbix_scenarios),
}
