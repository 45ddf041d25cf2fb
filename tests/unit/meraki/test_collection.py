"""A kind of collection costs its table: keys, ids, paths and bodies follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from piste.engine.converge.errors import Ambiguous, Unreadable
from piste.engine.converge.plan import Action, Item, Operation
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import Vault
from piste.engine.transport.shared import Shared
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.dashboard import Dashboard

PATH = "/networks/N_1/switch/dhcpServerPolicy/arpInspection/trustedServers"
TRUSTED_SERVERS = Resource(
    system="meraki",
    name="trusted_server",
    doc="Serveur de confiance",
    shape=Shape.COLLECTION,
    key=("mac", "vlan"),
    endpoint=in_list(PATH.replace("N_1", "{network_id}")),
    known=frozenset({"trustedServerId"}),
    fields=(
        Field("mac", "MAC address.", required=True, normalise=str.lower),
        Field("vlan", "VLAN.", type="int", required=True),
        Field("ipv4", "Address.", type="dict", of=(Field("address", "IPv4 address."),)),
    ),
)


class TrustedServers(Collection):
    resource = TRUSTED_SERVERS
    id_wire = "trustedServerId"


class Direct(TrustedServers):
    batched = False


def server(number: int, mac: str = "AA:BB:CC:00:00:01", vlan: Any = 100) -> Item:
    return {"trustedServerId": str(number), "mac": mac, "vlan": vlan, "ipv4": {"address": f"10.0.0.{number}"}}


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path, "meraki")


def driver(shared: Shared, documents: Sequence[Item], kind: type[Collection] = TrustedServers) -> Collection:
    asked: list[str] = []

    def items(path: str) -> list[Any]:
        asked.append(path)
        return list(documents)

    dashboard = SimpleNamespace(
        asked=asked, items=items, shared=shared, planned=shared.planned, network=lambda name: {"id": "N_1"}
    )
    return kind(cast("Dashboard", dashboard), Vault({}), "essai", "VLB essai")


def gathered(made: Collection, *desired: Item) -> dict[str, Item]:
    with reading("essai"):
        return made.gather(desired, whole=False, fresh=False)


def written(made: Collection, action: Action, key: str, before: Item | None, after: Item | None) -> list[Any]:
    operation = Operation("meraki", "essai", "trusted_server", key, action, before, after)
    return [(write.verb, write.http, write.path, write.body) for write in made.writes(operation)]


def test_a_key_of_two_parts_is_read_in_the_spelling_of_its_fields(shared: Shared) -> None:
    live = gathered(driver(shared, [server(1), server(2, vlan=200.0)]))
    assert list(live) == ["aa:bb:cc:00:00:01/100", "aa:bb:cc:00:00:01/200"]
    assert live["aa:bb:cc:00:00:01/100"]["ipv4"] == {"address": "10.0.0.1"}


def test_two_objects_of_a_key_are_refused_if_it_is_declared_and_get_two_keys_otherwise(shared: Shared) -> None:
    made = driver(shared, [server(1), server(2)])
    assert list(gathered(made)) == ["aa:bb:cc:00:00:01/100", "aa:bb:cc:00:00:01/100 (2)"]
    with pytest.raises(Ambiguous, match=r"deux objets s’appellent « aa:bb:cc:00:00:01/100 » .Serveur de confiance."):
        gathered(made, {"mac": "aa:bb:cc:00:00:01", "vlan": 100})


@pytest.mark.parametrize("spoilt", [server(1, vlan="cent"), server(1, mac=cast("str", 5)), {"mac": "a", "vlan": 1}])
def test_an_object_without_a_readable_key_or_id_is_not_read(spoilt: Item, shared: Shared) -> None:
    with pytest.raises(Unreadable):
        gathered(driver(shared, [spoilt]))


def test_its_writes_follow_from_the_table(shared: Shared) -> None:
    key, before = "aa:bb:cc:00:00:01/100", {"mac": "aa:bb:cc:00:00:01", "vlan": 100}
    body = {"mac": "aa:bb:cc:00:00:01", "vlan": 100, "ipv4": {"address": "10.0.0.9"}}
    for kind, create, destroy in ((TrustedServers, "create", "destroy"), (Direct, "", "")):
        made = driver(shared, [server(1)], kind)
        gathered(made)
        assert written(made, "create", key, None, body) == [(create, "POST", PATH, body)]
        assert written(made, "delete", key, before, None) == [(destroy, "DELETE", f"{PATH}/1", {})]
        changed = {"ipv4": body["ipv4"]}
        assert written(made, "update", key, before, {**before, **changed}) == [("update", "PUT", f"{PATH}/1", changed)]


def test_the_names_that_another_kind_asks_for_are_those_that_the_run_has_read(shared: Shared) -> None:
    made = driver(shared, [server(1)])
    gathered(made)
    names = TrustedServers.names_in(made.dashboard, "VLB essai", "N_1")
    assert names == {"1": "aa:bb:cc:00:00:01/100"}
    assert cast("Any", made.dashboard).asked == [PATH]


def test_names_are_read_anew_after_a_write_and_count_what_check_mode_has_planned(shared: Shared) -> None:
    made = driver(shared, [server(1)])
    gathered(made)
    made.apply([], cast("Any", None))
    shared.plan_object("trusted_server", "VLB essai", ["prévu"])
    assert TrustedServers.names_in(made.dashboard, "VLB essai", "N_1") == {
        "planned:prévu": "prévu",
        "1": "aa:bb:cc:00:00:01/100",
    }
    assert cast("Any", made.dashboard).asked == [PATH, PATH]
    assert TrustedServers.names_in(made.dashboard, "VLB essai", "") == {"planned:prévu": "prévu"}
