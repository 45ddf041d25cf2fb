"""A machine restored on a simulated cluster: isolated, asked, removed; what forbids it."""

from __future__ import annotations

import copy
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Diverged, Misused
from piste.runs.records.chain import encode
from piste.systems.nutanix.prism import Prism
from piste.systems.nutanix.restore import Place, Restorer
from piste.systems.nutanix.trial_machine import Trial
from piste.trials.restore.method import Refused
from piste.trials.restore.results import RestoreResult
from piste.trials.restore.run import Given, check, clean, run
from piste.trials.restore.state import Remains, folder
from tests.support.breadth import breadth
from tests.support.hosting import BASE, NOON, PASSWORD, PrismWorld
from tests.support.inprocess import Killed
from tests.support.restores import KEY, TEST

Json = dict[str, Any]
PRISM = {"base_url": BASE, "username": "piste", "password": PASSWORD, "rate": 0}
NETWORK = {"name": "restauration", "label": "Essais", "vlan": 3990, "virtual_switch": None}
HOSTING = {"cluster": "ntnx-hdv", "cvm_memory_gib": 32, "isolated": [NETWORK]}
MACHINE: Json = {
    **TEST, "name": "serveur", "method": "machine", "set": "hdv-sql1", "network": "restauration", "rpo_hours": 24,
}  # fmt: skip
SUBNETS, VMS = "networking/config/subnets", "vmm/ahv/config/vms"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrismWorld:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    return lived_in(tmp_path)


def lived_in(folder: Path) -> PrismWorld:
    world = PrismWorld(folder, "town")
    category = {"key": "Essai", "value": "restauration"}
    world.simulator.edit("POST", "prism/config/categories", category)
    world.simulator.edit("POST", SUBNETS, {"name": "restauration", "subnetType": "VLAN", "networkId": 3990})
    return world


def given(world: PrismWorld, **own: Any) -> Given:
    return Given(
        "production",
        secrets=KEY,
        options={"prism": PRISM, "hosting": copy.deepcopy(HOSTING), "own": {"machine": {"patience": 20, **own}}},
        now=lambda: datetime.fromtimestamp(world.simulator.clock.now(), UTC),
    )


def tried(world: PrismWorld, test: Mapping[str, Any] | None = None, **own: Any) -> RestoreResult:
    """Run the test as a task would; return its result."""
    with world.run():
        result, _ = run({**MACHINE, **(test or {})}, given(world, **own))  # type: ignore[typeddict-item]
    return result


def refused(world: PrismWorld, **test: Any) -> str:
    with world.run(), pytest.raises(Refused) as error:
        run({**MACHINE, **test}, given(world))  # type: ignore[typeddict-item]
    assert world.writes == []
    return error.value.sentence()


def change(world: PrismWorld, subnet: str, **content: Any) -> None:
    live = world.named("Subnet", subnet)
    body = {key: value for key, value in live.items() if not key.startswith("_")}
    world.simulator.edit("PUT", f"{SUBNETS}/{live['extId']}", body | content)


def test_a_machine_comes_back_alone_and_leaves_nothing(world: PrismWorld) -> None:
    before = world.machines()
    source = copy.deepcopy(world.named("Vm", "hdv-sql1"))
    result = tried(world)
    assert (result.outcome, result.reason, result.left) == ("proven", "", [])
    assert [step.step for step in result.steps] == ["prepare", "restore", "start", "wait", "probe", "teardown"]
    assert [(answer.title, answer.verdict) for answer in result.tests] == [
        ("Système démarré", "conform"),
        ("Durée de la restauration, à l’horloge de Prism Central", "conform"),
        ("Isolée du début à la fin", "conform"),
    ]
    assert world.machines() == before
    assert world.named("Vm", "hdv-sql1") == source
    assert result.copied is not None
    assert result.rpo_seconds == pytest.approx(world.simulator.clock.now() - NOON, abs=30)


def test_its_cards_are_on_the_isolated_network_before_it_starts(world: PrismWorld) -> None:
    isolated = world.named("Subnet", "restauration")["extId"]
    seen: list[Any] = []

    def look(method: str, path: str) -> None:
        if path.endswith("$actions/power-on"):
            machine = world.simulator.world.of("Vm")[path.split("/")[-3]]
            (category,) = [entry["extId"] for entry in machine["categories"]]
            named = world.simulator.world.of("Category")[category]["value"]
            cards = [nic["nicNetworkInfo"]["subnet"]["extId"] for nic in machine["nics"]]
            seen.append((machine["name"].partition("-2")[0], machine["powerState"], named, cards))
            assert "à supprimer après" in machine["description"]

    world.on_request = look
    assert tried(world).outcome == "proven"
    assert seen == [("essai-hdv-sql1", "OFF", "restauration", [isolated])]


def test_a_card_that_carries_other_networks_never_starts(world: PrismWorld) -> None:
    """A card of a firewall carries several VLANs, whatever its subnet."""
    before = world.machines()

    def carry(method: str, path: str) -> None:
        if machine := world.simulator.world.of("Vm").get(path.rpartition("/")[2]):
            for nic in machine["nics"]:
                nic["nicNetworkInfo"] |= {"vlanMode": "TRUNK", "trunkedVlans": [102]}

    world.on_request = carry
    result = tried(world)
    assert result.outcome == "failed"
    assert "a une carte sur un autre réseau" in result.reason
    assert [path for method, path in world.writes if path.endswith("power-on")] == []
    assert [machine for machine in world.machines() if machine not in before] == []


def test_before_version_4_2_the_name_and_the_network_change_while_it_is_off(world: PrismWorld) -> None:
    world.simulator.behaviour.set(versions={**world.simulator.behaviour.versions, "dataprotection": "v4.1"})
    before = world.machines()
    assert tried(world).outcome == "proven"
    assert world.machines() == before


def test_a_check_makes_nothing(world: PrismWorld) -> None:
    with world.run():
        isolation = check(MACHINE, given(world))  # type: ignore[arg-type]
    assert isolation.how == "restauration, le VLAN 3990 qu’aucun port déclaré ne porte, sans passerelle"
    assert world.writes == []


GATEWAY = [{"ipv4": {"ipSubnet": {"ip": {"value": "10.0.0.0"}, "prefixLength": 24},
                     "defaultGatewayIp": {"value": "10.0.0.254"}}}]  # fmt: skip


def test_a_network_with_a_gateway_is_not_isolated(world: PrismWorld) -> None:
    change(world, "restauration", ipConfig=GATEWAY)
    assert "« restauration » a une passerelle, 10.0.0.254" in refused(world)


def test_a_network_of_another_vlan_is_not_the_declared_network(world: PrismWorld) -> None:
    change(world, "restauration", networkId=102)
    said = refused(world)
    assert "« restauration » a le VLAN 102, et non 3990" in said
    assert "le VLAN 3990 est aussi celui de : serveurs" in said


def test_a_network_where_somebody_is_is_not_isolated(world: PrismWorld) -> None:
    isolated = {"subnet": {"extId": world.named("Subnet", "restauration")["extId"]}}
    live = world.named("Vm", "hdv-rct1")["extId"]
    world.simulator.edit("POST", f"{VMS}/{live}/nics", {"networkInfo": isolated})
    assert "d’autres machines sont sur « restauration » : hdv-rct1" in refused(world)
    assert tried(world, witness="hdv-rct1").outcome == "proven"


def test_a_network_that_does_not_exist_is_refused(world: PrismWorld) -> None:
    change(world, "restauration", name="autre")
    assert "aucun sous-réseau nommé « restauration »" in refused(world)


def test_a_copy_that_is_too_old_is_refused(world: PrismWorld) -> None:
    world.simulator.clock.advance(30 * 3_600)
    assert "30 heures, plus que les 24 de son RPO" in refused(world)


def test_a_machine_without_a_copy_is_refused(world: PrismWorld) -> None:
    world.simulator.world.of("RecoveryPoint").clear()
    assert "aucune copie de hdv-sql1" in refused(world)


def test_a_machine_without_room_is_refused(world: PrismWorld) -> None:
    for machine in world.simulator.world.of("Vm").values():
        if machine["name"] == "hdv-dc1":
            machine["memorySizeBytes"] = 90 << 30
    assert "il manque de la mémoire : 10 Gio à démarrer" in refused(world)


def test_a_damaged_copy_fails_and_leaves_nothing(world: PrismWorld) -> None:
    world.simulator.behaviour.set(damaged=["hdv-sql1"])
    before, result = world.machines(), tried(world)
    assert result.outcome == "failed"
    assert "a disk of the recovery point cannot be read" in result.reason
    assert world.machines() == before


def test_a_machine_that_no_node_takes_fails_and_leaves_nothing(world: PrismWorld) -> None:
    before = world.machines()

    def fill(method: str, path: str) -> None:
        if path.endswith("/nics") or "/nics/" in path:
            world.named("Vm", "hdv-dc1")["memorySizeBytes"] = 200 << 30

    world.on_request = fill
    result = tried(world)
    assert (result.outcome, result.left) == ("failed", [])
    assert "ne démarre pas" in result.reason
    assert world.machines() == before


def test_a_machine_without_a_sign_proves_nothing(world: PrismWorld) -> None:
    world.simulator.behaviour.set(stillborn=["hdv-sql1"])
    before, result = world.machines(), tried(world)
    assert (result.outcome, result.left) == ("unknown", [])
    assert "n’a donné aucun signe en 20 s" in result.reason
    assert world.machines() == before


def test_a_network_that_opens_meanwhile_starts_nothing(world: PrismWorld) -> None:
    before = world.machines()

    def open_it(method: str, path: str) -> None:
        if method == "PUT" and "/nics/" in path:
            world.named("Subnet", "restauration")["isExternal"] = True

    world.on_request = open_it
    result = tried(world)
    assert (result.outcome, result.left) == ("failed", [])
    assert "le réseau n’est plus isolé : « restauration » est externe" in result.reason
    assert [path for method, path in world.writes if path.endswith("power-on")] == []
    assert world.machines() == before


@contextmanager
def listening(*ports: int) -> Iterator[None]:
    """Open some ports of whatever address a witness asks."""

    def connect(address: tuple[str, int], timeout: float) -> Any:
        if address[1] not in ports:
            raise ConnectionRefusedError
        return socket.socket()

    with patch("piste.trials.restore.machine.socket.create_connection", connect):
        yield


PROBES = {"probes": [{"tcp": 1433, "label": "SQL Server"}]}


def test_a_port_that_nobody_can_ask_proves_nothing(world: PrismWorld) -> None:
    result = tried(world, PROBES)
    assert (result.outcome, result.tests[-1].verdict) == ("unknown", "unknown")
    assert "aucun témoin n’y est" in result.reason


def test_a_witness_asks_the_declared_ports(world: PrismWorld) -> None:
    with listening(1433):
        assert tried(world, PROBES, witness="hdv-sup1").outcome == "proven"
    with listening(22):
        closed = tried(world, PROBES, witness="hdv-sup1")
    assert (closed.outcome, closed.reason) == ("failed", "SQL Server (tcp/1433) : fermé à 169.254.10.10")


def test_the_machine_in_service_never_answers_for_the_restored(world: PrismWorld) -> None:
    """A fixed address comes back too: its owner would open the port."""
    living = world.named("Vm", "hdv-sql1")["nics"][0]
    for form in ("networkInfo", "nicNetworkInfo"):
        living[form]["ipv4Info"] = {"learnedIpAddresses": [{"value": "169.254.10.10", "prefixLength": 32}]}
    with listening(1433):
        result = tried(world, PROBES, witness="hdv-sup1")
    assert (result.outcome, result.tests[-1].verdict) == ("unknown", "unknown")
    assert "169.254.10.10 est aussi l’adresse d’une machine en service" in result.reason


@pytest.mark.parametrize(
    ("moment", "version"),
    breadth([("kill_after", "v4.2"), ("kill_after", "v4.1"), ("kill_before", "v4.2")], 3),
)
def test_a_test_that_is_killed_at_any_write_is_cleared_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, version: str
) -> None:
    writes = 0
    while True:
        writes += 1
        folder = tmp_path / str(writes)
        folder.mkdir()
        monkeypatch.setenv("PISTE_RESTORES_DIR", str(folder / "restores"))
        world = lived_in(folder)
        world.simulator.behaviour.set(versions={**world.simulator.behaviour.versions, "dataprotection": version})
        before = world.machines()
        setattr(world, moment, writes)
        try:
            tried(world)
        except Killed:
            pass
        else:
            break
        setattr(world, moment, 0)
        with world.run():
            cleared = clean(given(world))
        assert cleared != []
        assert world.machines() == before
        assert list((folder / "restores").rglob("*.open")) == []
    assert writes > 5


NAME, SAID = "essai-hdv-sql1-202611281200", "Essai de restauration de hdv-sql1, à supprimer après 2026-11-28T16:00Z"


@pytest.mark.parametrize(
    ("which", "changes", "declared"),
    [
        ("hdv-sql1", {}, ()),  # the source itself
        ("hdv-dc1", {"powerState": "ON"}, ()),
        ("hdv-rct1", {"powerState": "OFF"}, ()),  # the night schedule has it off
        ("hdv-rct1", {"powerState": "OFF", "createTime": "2099-01-01T00:00:00Z"}, ()),
        ("hdv-rct1", {"name": NAME}, ()),
        ("hdv-rct1", {"description": SAID}, ()),
        ("hdv-rct1", {"name": NAME, "description": SAID}, (NAME,)),
    ],
)
def test_another_machine_is_never_removed(
    world: PrismWorld, which: str, changes: Json, declared: tuple[str, ...]
) -> None:
    """The machine itself must say that it is of the test: a name in a file is no order."""
    place = Place("ntnx-hdv", "restauration", 3990, None, "Essai:restauration", 0, "", frozenset(declared))
    trial = Trial(NAME, SAID, "hdv-sql1", world.named("Vm", "hdv-sql1")["extId"], 0.0)
    live = world.named("Vm", which)
    live |= changes
    with world.run(), pytest.raises(Diverged, match="n’est pas une machine d’essai : elle reste"):
        Restorer(Prism(PRISM), place).remove(live["extId"], trial)
    assert world.writes == []


def test_a_forged_state_removes_no_machine(world: PrismWorld) -> None:
    """Two lines that anybody can write name a declared machine, which is off and has no mark."""
    live = world.named("Vm", "hdv-rct1")
    live["powerState"] = "OFF"
    place = folder("production") / "serveur"
    place.mkdir(parents=True)
    header = {"test": MACHINE, "started": "2026-11-30T18:00:00+00:00", "pid": 1}
    facts = {"name": "essai-x", "source": "00000000-0000-0000-0000-000000000000", "since": "0"}
    lines = [header, {"kind": "prism_vm", "id": live["extId"], "facts": facts}]
    (place / "20261130T180000Z-abcdef.open").write_bytes(b"".join(map(encode, lines)))
    before = world.machines()
    for act in (clean, lambda with_: run(MACHINE, with_)):  # type: ignore[arg-type]
        with world.run(), pytest.raises(Remains, match=f"prism_vm {live['extId']}"):
            act(given(world))
    assert (world.machines(), world.writes) == (before, [])


def test_without_prism_central_the_reason_is_said() -> None:
    with pytest.raises(Misused, match="réseau isolé que rien ne déclare"):
        check(MACHINE, Given("production", options={"hosting": HOSTING}))  # type: ignore[arg-type]


def test_an_expiry_is_some_hours_away() -> None:
    from piste.trials.restore.machine import STAYS

    assert timedelta(hours=1) < STAYS < timedelta(days=1)
