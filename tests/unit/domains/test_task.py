"""Rules of a domain's task: what it opens, the order of an undo, the report of a failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Guarded, InvalidConfig, PisteError, Rejected
from piste.engine.converge.run import System
from piste.engine.kind import Kind
from piste.engine.transport.shared import VARIABLE
from piste.runs.dispatch import action
from piste.runs.domains import access, network, printing
from piste.runs.domains.domain import Domain
from piste.runs.domains.hosting import MODULES
from piste.runs.plans.show import to_confirm
from piste.runs.plans.undo import inverse
from piste.systems.kinds import ADMITTING, DOMAINS, KINDS
from piste.systems.nutanix.vms import Vms
from piste.town.derived import keep
from tests.support.hosting import PrismWorld
from tests.support.nps import SERVERS, World
from tests.support.town import school, secret_values, site, town_world

SUBNET = {"name": "essai", "vlan": 399, "virtual_switch": "vs0"}
ACCESS = {name: value for name, value in access.MODULES["piste_access"].defaults.items() if value is not None}
MACHINE = {"name": "essai-9", "num_sockets": 1, "memory": "1 GiB"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def run(modules: Mapping[str, Any], name: str, *, check: bool = False, **given: Any) -> dict[str, Any]:
    module = modules[f"piste_{name}"]
    result: dict[str, Any] = module.run({**module.defaults, **given}, check)
    return result


def without(what: str) -> dict[str, Any]:
    """A school of a town that has no print server, or no RADIUS server."""
    whole = school()
    if what == "printing":
        return {**whole, "printing": None}
    return {**whole, "radius": {**whole["radius"], "servers": []}, "access": {**whole["access"], "clients": []}}


@pytest.mark.parametrize(("domain", "modules"), [("access", access.MODULES), ("printing", printing.MODULES)])
@pytest.mark.parametrize("state", ["declared", "gathered"])
def test_an_owner_with_nothing_of_a_domain_needs_none_of_its_systems(
    folder: Path, domain: str, modules: Mapping[str, Any], state: str
) -> None:
    owner = without(domain)
    keep(owner["id"], owner)
    result = run(modules, domain, site=owner["id"], state=state)
    assert (result["changed"], result["operations"], result["kinds"]) == (False, [], {})
    assert result.get("gathered", {}) == {}
    assert ("gathered" in result) == (state == "gathered")


def test_a_system_that_is_needed_and_not_said_is_refused(folder: Path) -> None:
    owner = school()
    keep(owner["id"], owner)
    with pytest.raises(InvalidConfig, match="winrm : attendu"):
        run(access.MODULES, "access", site=owner["id"])


def domain(world: PrismWorld, **given: Any) -> dict[str, Any]:
    """Run the task of the hosting in a run of its own."""
    with world.run() as run_of_it:
        said = {name: value for name, value in MODULES["piste_hosting"].defaults.items() if value is not None}
        return run_of_it.module("piste_hosting", **{**said, "secrets": world.secrets, "state": "merged", **given})


def test_an_undo_takes_back_a_machine_and_the_subnet_that_it_stood_in(tmp_path: Path) -> None:
    """A container is free once its contents have gone, not while that is only planned."""
    world = PrismWorld(tmp_path)
    domain(world, config={"subnets": [SUBNET], "vms": [{**MACHINE, "nics": {SUBNET["name"]: {}}}]})
    tasks, _ = inverse(world.operations)
    words = ["vm", "unprotected", "subnet"]
    foreseen = domain(world, undo=tasks["commune"], confirm=words, check=True)
    assert domain(world, undo=tasks["commune"], confirm=words)["operations"] == foreseen["operations"]
    assert (world.machines(), list(world.simulator.world.of("Subnet"))) == ([], [])


def test_an_undo_names_at_once_every_word_that_it_will_want(tmp_path: Path) -> None:
    """The subnet is empty once the machine has gone, which awaits words of its own."""
    world = PrismWorld(tmp_path)
    domain(world, config={"subnets": [SUBNET], "vms": [{**MACHINE, "nics": {SUBNET["name"]: {}}}]})
    tasks, _ = inverse(world.operations)
    foreseen = domain(world, undo=tasks["commune"], check=True)
    assert [o["waiting"].partition(" ")[0] for o in foreseen["operations"]] == ["attend", "attend"]
    asked = to_confirm({"withheld": [f"commune : {line}" for line in foreseen["withheld"]]})
    assert asked == ["subnet", "unprotected", "vm"]
    assert domain(world, undo=tasks["commune"], confirm=asked, check=True)["withheld"] == []


def test_a_subnet_that_a_rehearsal_would_empty_is_not_taken_for_empty(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path)
    domain(world, config={"subnets": [SUBNET], "vms": [{**MACHINE, "nics": {SUBNET["name"]: {}}}]})
    alone = {"absent": {"vms": [MACHINE["name"]]}, "only": ["vms"], "confirm": ["vm", "unprotected"], "rehearse": True}
    with world.run() as opened:
        whole = {name: value for name, value in MODULES["piste_hosting"].defaults.items() if value is not None}
        given = {**whole, "secrets": world.secrets, "state": "merged"}
        with patch.object(Vms, "apply", side_effect=Rejected("non")), pytest.raises(PisteError):
            opened.module("piste_hosting", **{**given, **alone})
        gone = {"absent": {"subnets": [SUBNET["name"]]}, "confirm": ["subnet"], "only": ["subnets"]}
        with pytest.raises(Guarded, match=MACHINE["name"]):
            opened.module("piste_hosting", **{**given, **gone})


def test_a_replay_is_rehearsed(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path)
    unknown = {**MACHINE, "nics": {"nulle part": {}}}
    with pytest.raises(InvalidConfig, match="nulle part"):
        domain(world, config={"categories": [{"key": "Horaires", "value": "soir"}], "vms": [unknown]})
    assert world.writes == []


def test_what_nobody_declares_is_looked_for_where_the_declaration_says(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.run() as opened:
        for owner in (declared_town().commune, school()):
            keep(owner["id"], owner)
        said = opened.module("piste_access", None, **{**ACCESS, "servers": None, "state": "undeclared"})
    assert {server for server, _ in world.called} == set(SERVERS)
    assert said["orphans"] == []


def test_a_reading_of_all_clients_names_each_secret_after_its_owner(tmp_path: Path) -> None:
    """The pair is read once for the town: no site reads it again for its own clients."""
    world = World(tmp_path)
    names = {"sw-jau-09": "ecole-jaures", "sonde-9": "sonde", "a-la-main": "commune"}
    items = [{"name": name, "address": f"10.93.0.{10 + rank}"} for rank, name in enumerate(names)]
    world.secrets |= {f"essai/{name}": f"Un-secret-de-{name}-é" for name in names}
    world.once("nps_radius_clients", [{**item, "secret": {"secret": f"essai/{item['name']}"}} for item in items])
    world.secrets = {path: value for path, value in world.secrets.items() if not path.startswith("essai/")}
    world.called.clear()
    with world.run() as opened:
        for owner in (declared_town().commune, school()):
            keep(owner["id"], owner)
        given = {**ACCESS, "servers": list(SERVERS), "owner": "commune", "state": "gathered"}
        read = opened.module("piste_access", None, **given)["gathered"]["radius_clients"]
    assert {item["name"]: item["secret"] for item in read if item["name"] in names} == {
        name: {"secret": f"radius/{owner}"} for name, owner in names.items()
    }
    assert [call for call in world.called if call[1] == "nps_export"] == [(server, "nps_export") for server in SERVERS]


def test_ssids_are_withheld_with_the_ports_or_alone(tmp_path: Path) -> None:
    world, whole = town_world(tmp_path), school()
    why = {"ports_withheld": "le contrôle d’accès n’a pas abouti"}
    with world.run() as opened:
        opened.domain(whole, only=["networks", "devices"])
    for only in (["switch_ports"], ["ssids"]):
        world.forget_requests()
        with world.run() as opened, pytest.raises(network.Withheld):
            opened.domain(whole, only=only, **why)
        assert world.writes == []


def test_what_applies_a_plan_reads_what_the_plan_touches(tmp_path: Path) -> None:
    world, whole = town_world(tmp_path), school()
    with world.run() as opened:
        opened.domain(whole)
    switch = next(device["serial"] for device in whole["devices"] if device["ports"])
    world.simulator.edit("PUT", f"/devices/{switch}/switch/ports/3", {"name": "à la main"})
    with world.run() as opened:
        planned = opened.domain(whole, check=True)["operations"]
    assert [described["kind"] for described in planned] == ["switch_port"]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"operations": planned}), "utf-8")
    world.forget_requests()
    with world.run() as opened:
        assert opened.domain(whole, check=True, plan=str(plan))["operations"] == planned
    assert not [path for _, path in world.requests if "/wireless/" in path or "/syslog" in path]
    world.forget_requests()
    with world.run() as opened:
        assert opened.domain(whole, plan=str(plan))["operations"] == planned
    assert not [path for _, path in world.requests if "/wireless/" in path]
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"operations": [{**planned[0], "owner": "malraux"}]}), "utf-8")
    world.forget_requests()
    with world.run() as opened:
        assert opened.domain(whole, check=True, plan=str(other))["operations"] == []
        assert opened.module("piste_network", None, state="undeclared", plan=str(other))["orphans"] == []
    assert world.requests == []


def test_the_plan_of_a_drift_is_applied(tmp_path: Path) -> None:
    world, whole = town_world(tmp_path), school()
    with world.run() as opened:
        opened.domain(whole)
    switch = next(device["serial"] for device in whole["devices"] if device["ports"])
    world.simulator.edit("PUT", f"/devices/{switch}/switch/ports/3", {"name": "à la main"})
    with world.run() as opened:
        planned = opened.domain(whole, check=True, survey=True)["operations"]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"operations": planned}), "utf-8")
    with world.run() as opened:
        assert opened.domain(whole, survey=True, plan=str(plan))["operations"] == planned
        assert opened.domain(whole, check=True)["operations"] == []


@pytest.mark.parametrize(
    ("kind", "after", "reads"),
    [
        ("switch_port", {"name": "Poste"}, False),
        ("switch_port", {"access_policy": "agents", "access_policy_type": "Custom access policy"}, True),
        ("switch_port", {"access_policy": None, "access_policy_type": "Open"}, False),
        ("ssid", {"radius_servers": [{"host": "10.93.2.13"}]}, True),
        ("ssid", {"auth_mode": "psk"}, False),
    ],
)
def test_a_port_goes_behind_radius_servers_that_are_read_again(
    kind: str, after: dict[str, Any], reads: bool, tmp_path: Path
) -> None:
    """Devices of a port whose client has gone since the plan would lose the network."""
    world, whole = World(tmp_path, secrets=secret_values()), school()
    described = {"system": "meraki", "owner": whole["id"], "kind": kind, "key": "a", "action": "update"}
    content = {"before": {**dict.fromkeys(after), "access_policy": "autre"}, "after": after}
    planned = {**described, "before": "a", "after": "b", "fields": [*after], "content": content}
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"operations": [planned]}), "utf-8")
    with world.run() as opened:
        for owner in (declared_town().commune, whole, site("malraux")):
            keep(owner["id"], owner)
            given = {**ACCESS, "servers": None, "site": owner["id"], "owner": None, "plan": str(plan)}
            # The world's directory has not the groups that network policies name.
            given["only"] = ["radius_clients", "connection_request_policies"]
            result = opened.module("piste_access", None, check=True, **given)
            assert bool(result["operations"]) is (reads and owner["id"] != "malraux")
    assert bool(world.called) is reads


@pytest.mark.parametrize(("state", "writes"), [("undeclared", False), ("gathered", False), ("merged", True)])
def test_only_what_may_write_waits_for_a_window(state: str, writes: bool) -> None:
    module = action("piste_network").module
    assert module.writes_now({"state": state}, False) is writes
    assert not module.writes_now({"state": state}, True)


class Given(Exception):
    """A stand-in for a kind: it notes what the kind is given."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.module)
def test_a_kind_is_given_the_options_of_its_own_module_and_no_other(kind: Kind, folder: Path) -> None:
    """A category has no cluster and no owner; a network has the lock of its own module."""
    for owner in (declared_town().commune, school()):
        keep(owner["id"], owner)
    modules = import_module(kind.place).MODULES
    defaults = {**modules[f"piste_{kind.domain}"].defaults, "state": "merged", "rehearse": False}
    systems = ("dashboard", "domain", "winrm", "smc", "prism", "zabbix", "glpi")
    reached = {name: {"a": "b"} for name in systems}
    site = "ecole-jaures" if kind.domain in ("network", "printing") else "commune"
    asked = {**defaults, **reached, "site": site, "config": {kind.name: [{}]}, "step": kind.step}
    seen: list[set[str]] = []

    def of(connection: Any, request: Any, params: Mapping[str, Any]) -> Any:
        seen.append(set(params))
        raise Given

    system = System((), lambda params, vault: SimpleNamespace(calls={}, close=lambda: None))
    converging = modules[f"piste_{kind.domain}"].run.__self__
    opened, given = patch.object(type(converging), "system", system), patch.object(kind.driver_class, "of", of)
    with opened, given, pytest.raises(Given):
        converging.run(asked, False)
    assert seen[0] <= {option.name for option in kind.driver_class.options}


def test_a_subnet_may_have_the_names_that_another_tool_gives_its_machines(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path)
    domain(world, config={"subnets": [{**SUBNET, "name": "CTX-essai"}]}, apart={"names": ["CTX-*"]})
    result = domain(world, only=["subnets"], state="gathered", apart={"names": ["CTX-*"]})
    assert [subnet["name"] for subnet in result["gathered"]["subnets"]] == ["CTX-essai"]


def test_the_domains_that_admit_devices_are_those_that_the_plan_of_their_port_takes_along() -> None:
    for name in DOMAINS:
        import_module(f"piste.runs.domains.{name}")
    admitting = {domain.name for domain in Domain.__subclasses__() if domain.admits is not Domain.admits}
    assert admitting == {*ADMITTING}
