"""The Windows servers of the lab: imports and exports of NPS, state, queues, certificates."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from lab import Lab, declared
from lab.clock import Clock
from lab.http import Request
from lab.winrm import nps_documents, nps_rules
from lab.winrm.authentication import Authentication, Refused
from lab.winrm.certificates import machine_store
from lab.winrm.machine import Machine
from lab.winrm.powershell import PowerShellError
from piste.systems.windows.winrm import pack, unpack
from tests.support.towns import generated_town

CLIENT = nps_documents.client("sw-jau-01", "10.93.50.11", "un-secret-partage")
POLICY = nps_documents.policy("VLB agents", 10, ['MATCH("NAS-Port-Type=^15$")'])
PROFILE = nps_documents.profile("VLB agents", [("msNPAllowDialin", "boolean", "1")])


def machine(document: bytes | None = None) -> Machine:
    state = {"services": {"IAS": True}, "certificates": [], "nps": (document or nps_documents.fresh()).decode()}
    return Machine("hdv-nps1", state, Clock(), list)


def exported(server: Machine) -> bytes:
    return unpack(server.snippets["nps_export"]({})["document"])


def imported(server: Machine, document: bytes) -> None:
    server.snippets["nps_import"]({"document": pack(document), "restart": False})


def town(client: str = CLIENT, policy: str = POLICY, profile: str = PROFILE) -> bytes:
    return nps_documents.document([client], {}, {"VLB agents": (policy, profile)})


@pytest.mark.parametrize("seed", [nps_documents.fresh, nps_documents.inherited, town])
def test_an_export_can_be_imported_and_is_exported_again(seed: Callable[[], bytes]) -> None:
    server = machine(seed())
    document = exported(server)
    imported(server, document)
    assert exported(server) == document
    assert document.startswith(b'<?xml version="1.0"?>\r\n')
    empty = b"".join(re.findall(rb"<Properties>.*?</Properties>", document))
    assert b"></Opaque_Data>" in empty
    assert b"/>" not in empty


def test_a_server_managed_by_hand_has_odd_names_and_an_order_of_its_own() -> None:
    root = nps_rules.parse(nps_documents.inherited())
    names = {item.get("name"): item.tag for path in nps_rules.CONTAINERS for item in nps_rules.items(root, path)}
    assert names["Réseau invité → opérateur"] == "R_seau_invit____op_rateur"
    assert names["802.1x - test imprimantes"] == "_02_1x___test_imprimantes"
    assert names["école Jaurès (borne n° 3)"] == "_cole_Jaur_s__borne_n__3_"


def edited(old: str, new: str) -> bytes:
    text = town().decode()
    assert old in text
    return text.replace(old, new, 1).encode()


DT = f'xmlns:dt="{nps_documents.DT}" dt:dt='
REFUSED: dict[str, tuple[bytes, str]] = {
    "cut short": (town()[:900], "not well-formed"),
    "another document": (b"<Root><Children/></Root>", "not an NPS configuration"),
    "a newer version": (edited('dt:dt="int">257<', 'dt:dt="int">258<'), "version 258 is newer than this server's"),
    "without groups of servers": (
        edited('<RADIUS_Server_Groups name="RADIUS_Server_Groups"><Children></Children></RADIUS_Server_Groups>', ""),
        "RADIUS_Server_Groups is missing",
    ),
    "a policy without its profile": (town(profile=""), "policy VLB agents: no profile of that name"),
    "a tag that is not its name's": (
        edited("<sw_jau_01 ", "<sw_jau_1 ").replace(b"</sw_jau_01>", b"</sw_jau_1>"),
        "sw-jau-01: tag sw_jau_1 instead of sw_jau_01",
    ),
    "two clients of one name": (town(client=CLIENT + CLIENT.replace("sw-jau", "SW-JAU").replace("sw_", "SW_")),
                                "SW-JAU-01: a second object of that name"),
    "a type that is not its property's": (
        edited(f'<NAS_Manufacturer {DT}"int">', f'<NAS_Manufacturer {DT}"string">'),
        "sw-jau-01: NAS_Manufacturer has the type « string »",
    ),
    "a value that is not its type's": (
        edited('"boolean">1</Radius_Client_Enabled>', '"boolean">yes</Radius_Client_Enabled>'),
        "sw-jau-01: Radius_Client_Enabled is not a boolean",
    ),
    "a client without its secret": (
        edited(f'<Shared_Secret {DT}"string">un-secret-partage</Shared_Secret>', ""),
        "sw-jau-01: Shared_Secret is missing",
    ),
    "a condition that is none": (
        edited("MATCH(\"NAS-Port-Type=^15$\")", "NAS-Port-Type=15"),
        "msNPConstraint is not a condition",
    ),
    "properties out of order": (
        edited("<Properties><Client_Secret", f'<Properties><Z {DT}"int">0</Z><Client_Secret'),
        "sw-jau-01: properties are not in order",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_faulty_import_is_refused_and_changes_nothing(case: str) -> None:
    document, why = REFUSED[case]
    server = machine()
    before = exported(server)
    with pytest.raises(PowerShellError, match="The NPS configuration cannot be imported") as refused:
        imported(server, document)
    assert why in str(refused.value)
    assert exported(server) == before


def test_an_import_that_is_cut_leaves_neither_the_old_configuration_nor_the_new() -> None:
    server = machine()
    before, wanted = exported(server), nps_documents.inherited()
    server.tear("nps_import", {"document": pack(wanted)})
    left = exported(server)
    assert left not in (before, wanted)
    clients = nps_rules.items(etree.fromstring(left), nps_rules.CLIENTS)
    assert [client.get("name") for client in clients] == ["Commutateur mairie 1"]


def test_servers_keep_their_state_across_a_stop_and_lose_it_to_a_seed(tmp_path: Path) -> None:
    with Lab(inventory=[], folder=tmp_path, others=("winrm",)) as lab:
        first: Any = lab.systems["winrm"]
        imported(first.simulator.machines["hdv-nps1"], nps_documents.inherited())
        store = first.state()["hdv-nps1"]["certificates"]
    with Lab(inventory=[], folder=tmp_path, others=("winrm",)) as lab:
        again: Any = lab.systems["winrm"]
        state = again.state()
        assert "VPN élus" in state["hdv-nps1"]["nps"]
        assert "VPN élus" not in state["hdv-nps2"]["nps"]
        assert state["hdv-nps1"]["certificates"] == store
        lab.reset("brownfield")
        assert "VPN élus" in again.state()["hdv-nps2"]["nps"]
        lab.reset("empty")
        assert "VPN élus" not in again.state()["hdv-nps1"]["nps"]


def test_the_print_server_has_the_declared_queues_and_others_in_a_brownfield() -> None:
    with Lab(inventory=[], others=("winrm",)) as lab:
        servers: Any = lab.systems["winrm"].simulator

        nothing = {"names": [], "prefix": None, "limit": 0}

        def names() -> set[str]:
            queues = servers.machines["hdv-imp1"].snippets["print_queues_read"](nothing)["queues"]
            return {queue["name"] for queue in queues}

        declared = names()
        assert {"imp-hdv-01", "imp-jau-03"} <= declared
        lab.reset("brownfield")
        assert names() - declared == {"HP LaserJet 4000 (RDC)", "imp-jau-couleur", "Microsoft Print to PDF"}
        assert names() > declared


def test_each_server_has_certificates_of_its_own() -> None:
    stores = [{kept["content"] for kept in machine_store(host, 1_790_000_000.0)} for host in ("nps1", "nps2")]
    assert [len(store) for store in stores] == [4, 4]
    assert stores[0].isdisjoint(stores[1])


def test_an_authenticated_connection_is_known_by_its_peer(tmp_path: Path) -> None:
    door = Authentication(tmp_path, "VILLE\\svc", "mot-de-passe")
    with pytest.raises(Refused, match='Negotiate, Basic realm="WSMAN"'):
        door.check(Request.to("POST", "/wsman", peer="127.0.0.1:4000"))
    with pytest.raises(Refused):
        door.check(Request.to("POST", "/wsman", headers={"Authorization": "Negotiate AAAA"}, peer="127.0.0.1:4000"))
    assert (tmp_path / "winrm.ntlm").stat().st_mode & 0o77 == 0


def test_the_servers_are_those_of_the_declared_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = generated_town(tmp_path, 31)
    code = town.sites[0].code
    monkeypatch.setattr(declared, "TOWN", town.inventory)
    declared.servers.cache_clear()
    try:
        with Lab(inventory=[], others=("winrm", "prism")) as lab:
            prism: Any = lab.systems["prism"]
            clusters = {item["name"] for item in prism.simulator.world.of("Cluster").values()}
            assert clusters == {f"ntnx-{code}", "pc-hdv"}
            servers: Any = lab.systems["winrm"]
            assert set(lab.info["winrm"]["hosts"]) == {
                "nps-essai",
                *(f"{code}-{end}" for end in ("nps1", "nps2", "imp1", "dc1", "dc2")),
            }
            assert set(servers.exports) == {f"{code}-nps1", f"{code}-nps2"}
            nothing = {"names": [], "prefix": None, "limit": 0}
            queues = servers.simulator.machines[f"{code}-imp1"].snippets["print_queues_read"](nothing)["queues"]
            assert f"imp-{code}-01" in {queue["name"] for queue in queues}
    finally:
        declared.servers.cache_clear()
