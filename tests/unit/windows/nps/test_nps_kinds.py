"""The three kinds on a pair: every field to the server and back, drift, states, refusals."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from lab.winrm import nps_documents
from lab.winrm.certificates import machine_store
from lab.winrm.nps_documents import MODEL
from piste.engine.converge.errors import Ambiguous, Guarded, InvalidConfig
from piste.engine.transport.shared import Shared
from piste.runs.domains.access import MODULES
from piste.systems.windows.nps.certificates import Certificate
from piste.systems.windows.nps.document import CLIENTS, NETWORK_POLICIES, NETWORK_PROFILES, SERVER_GROUPS, Document
from piste.systems.windows.nps.radius_clients import ROTATION
from tests.support.breadth import breadth
from tests.support.directory import DOMAIN_SID
from tests.support.nps import SERVERS, TEMPLATE, World, operations
from tests.support.rich_nps import RICH, varied

EACH = pytest.mark.parametrize("module", list(RICH))
VARIED = [(module, field, value) for module in RICH for field, value in varied(module)]
CLIENT = {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": {"secret": "radius/hdv"}, "enabled": True}
POLICY = {
    "name": "Ville - Agents",
    "order": 10,
    "conditions": {"machine_groups": ["GP-hdv"]},
    "eap": [{"method": "tls", "certificate": {"template": TEMPLATE}}],
    "vlan": 101,
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def canonical(content: bytes) -> bytes:
    return etree.tostring(etree.fromstring(content), method="c14n")


def keep(world: World) -> Any:
    return [world.document(server).flat() for server in SERVERS]


def give_group(world: World) -> None:
    for server in SERVERS:
        world.edit(server, lambda live: live.write(SERVER_GROUPS, "Opérateur", {}))


# every field


@EACH
def test_an_export_replayed_on_an_empty_pair_gives_the_same_export(module: str, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    world, other = World(folders[0]), World(folders[1])
    for server in SERVERS:
        other.machines[server].state.update(world.machines[server].state)
    world.once(module, [RICH[module]])
    exported = world.once(module, [], state="gathered", prefix=["ville"])["gathered"]
    assert "fingerprint" not in str(exported)
    other.once(module, exported)
    assert other.once(module, [], state="gathered", prefix=["ville"])["gathered"] == exported
    for server in SERVERS:
        assert canonical(world.exported(server)) == canonical(other.exported(server))


@EACH
def test_an_export_is_what_was_declared_in_words_that_hold_on_any_server(module: str, world: World) -> None:
    world.once(module, [RICH[module]])
    (exported,) = world.once(module, [], state="gathered", prefix=["Ville"])["gathered"]
    said = RICH[module]
    assert {name: exported[name] for name in said} == said
    assert set(exported) - set(said) <= {"eap", "vendor_attributes"}
    text = str(exported)
    assert "S-1-5" not in text
    assert not any(secret in text for secret in ("1.3.6.1", "thumbprint"))


@EACH
def test_the_table_and_the_rich_item_have_the_same_fields(module: str) -> None:
    resource = MODULES[module].resource
    assert resource is not None
    names = {field.name for field in resource.fields} - {"server"}
    assert names == set(RICH[module]) | {field for field, _ in varied(module)}
    if "conditions" in names:
        said = {name for _, value in varied(module) if isinstance(value, dict) for name in value}
        assert {field.name for field in resource.field("conditions").of} == said | set(RICH[module]["conditions"])


@EACH
def test_an_export_replayed_as_replaced_changes_nothing(module: str, tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    world.once(module, [RICH[module]])
    before = keep(world)
    exported = world.once(module, [], state="gathered")["gathered"]
    assert len(exported) > 1
    assert world.once(module, exported, state="replaced")["changed"] is False
    assert keep(world) == before


@pytest.mark.parametrize(("module", "field", "value"), breadth(VARIED, 4))
def test_drift_of_any_field_on_a_server_is_seen_and_corrected(
    module: str, field: str, value: Any, world: World
) -> None:
    give_group(world)
    rich = RICH[module]
    world.once(module, [rich], state="replaced")
    before = keep(world)
    drifted = {"server": SERVERS[1], "name": rich["name"], field: value}
    assert world.once(module, [drifted], confirm=[ROTATION])["changed"]
    assert keep(world) != before
    world.called.clear()
    (operation,) = world.once(module, [rich], state="replaced", confirm=[ROTATION])["operations"]
    expected = ("update", f"{SERVERS[1]}/{rich['name']}", [field])
    assert (operation["action"], operation["key"], operation["fields"]) == expected
    assert world.imports == [SERVERS[1]]
    assert keep(world) == before


def test_a_condition_that_nobody_declares_goes_whatever_the_state(world: World) -> None:
    world.once("nps_network_policies", [POLICY])
    more = {"conditions": {"machine_groups": ["GP-hdv"], "client_name": "^x"}, "name": POLICY["name"]}
    world.once("nps_network_policies", [more])
    result = world.once("nps_network_policies", [POLICY])
    assert [operation["fields"] for operation in result["operations"]] == [["conditions"]] * 2
    assert world.document().values(NETWORK_POLICIES, "Ville - Agents", "msNPConstraint") == [
        f'MACHINENTGROUPS("{DOMAIN_SID}-1301")'
    ]


# states


@EACH
def test_a_removed_item_leaves_no_trace(module: str, world: World) -> None:
    before = keep(world)
    world.once(module, [RICH[module]])
    result = world.once(module, [], absent=[RICH[module]["name"]])
    assert operations(result) == [("delete", f"{server}/{RICH[module]['name']}") for server in SERVERS]
    assert keep(world) == before


def test_overridden_removes_only_names_with_the_owner_s_prefix(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    config = [CLIENT, {**CLIENT, "name": "SW-HDV-02", "address": "10.93.0.13"}]
    world.once("nps_radius_clients", config)
    names = world.document().names(CLIENTS)
    result = world.once("nps_radius_clients", config[:1], state="overridden", prefix=["sw-hdv-", "ap-hdv-"])
    assert operations(result) == [("delete", f"{server}/SW-HDV-02") for server in SERVERS]
    assert world.document().names(CLIENTS) == [name for name in names if name != "SW-HDV-02"]


def test_overridden_without_a_prefix_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    with pytest.raises(InvalidConfig, match="ce que d’autres possèdent"):
        world.once("nps_radius_clients", [CLIENT], state="overridden")
    assert world.imports == []


def test_a_name_in_another_case_is_the_same_item(world: World) -> None:
    world.once("nps_radius_clients", [CLIENT])
    assert world.once("nps_radius_clients", [{**CLIENT, "name": "SW-hdv-01"}])["changed"] is False


def test_an_item_may_name_a_single_server(world: World) -> None:
    result = world.once("nps_radius_clients", [{**CLIENT, "server": SERVERS[1]}])
    assert operations(result) == [("create", f"{SERVERS[1]}/sw-hdv-01")]
    (exported,) = world.once("nps_radius_clients", [], state="gathered")["gathered"]
    assert exported["server"] == SERVERS[1]


def test_replaced_resets_undeclared_fields(world: World) -> None:
    world.once("nps_network_policies", [{**POLICY, "filter_id": "agents", "authentication": ["pap"]}])
    result = world.once("nps_network_policies", [POLICY], state="replaced")
    assert [sorted(operation["fields"]) for operation in result["operations"]] == [["authentication", "filter_id"]] * 2
    assert world.document().values(NETWORK_PROFILES, "Ville - Agents", "msRADIUSFilterId") == []


# what others have put into an owned item stays


def test_what_no_field_expresses_stays_and_an_export_reports_it(world: World) -> None:
    world.once("nps_network_policies", [POLICY])
    extra = {"msRASBapLinednTime": ("int", ["60"]), "msRASFilter": ("bin.hex", ["00"])}
    for server in SERVERS:
        world.edit(server, lambda live: live.write(NETWORK_PROFILES, "Ville - Agents", extra))
    result = world.once("nps_network_policies", [{"name": "Ville - Agents", "vlan": 102}])
    assert result["changed"]
    assert world.document().values(NETWORK_PROFILES, "Ville - Agents", "msRASFilter") == ["00"]
    warnings = world.once("nps_network_policies", [], state="gathered", prefix=["Ville"])["warnings"]
    assert [line.rpartition(" : ")[2] for line in warnings] == ["msRASBapLinednTime, msRASFilter"] * 2


def test_the_configuration_of_eap_that_a_server_has_is_followed_with_its_own_certificate(world: World) -> None:
    blob = world.document().values(NETWORK_PROFILES, MODEL, "msEAPConfiguration")[0]
    odd = blob[:-2] + "7f"
    world.edit(SERVERS[0], lambda live: live.write(NETWORK_PROFILES, MODEL, {"msEAPConfiguration": ("bin.hex", [odd])}))
    world.once("nps_network_policies", [POLICY])
    assert world.document().values(NETWORK_PROFILES, "Ville - Agents", "msEAPConfiguration") == [odd]
    other = {**POLICY, "name": "Ville - École", "order": 20}
    world.once("nps_network_policies", [other])
    assert world.document().values(NETWORK_PROFILES, "Ville - École", "msEAPConfiguration") == [odd]


def test_a_renewed_certificate_is_a_change_on_its_server(world: World) -> None:
    world.once("nps_network_policies", [POLICY])
    later = machine_store(f"{SERVERS[1]}.ad.ville.test", world.clock.now() + 10 * 86400)
    world.machines[SERVERS[1]].state["certificates"].append(later[1])
    result = world.once("nps_network_policies", [POLICY])
    assert operations(result) == [("update", f"{SERVERS[1]}/Ville - Agents")]
    ((method,), (renewed,)) = (result["operations"][0]["content"][when]["eap"] for when in ("before", "after"))
    assert (method["certificate"].keys(), renewed["certificate"]) == ({"thumbprint"}, {"template": TEMPLATE})
    blob = world.document(SERVERS[1]).values(NETWORK_PROFILES, "Ville - Agents", "msEAPConfiguration")[0]
    assert blob[80:120].upper() == Certificate.read(later[1]["content"], True).thumbprint


# refused before any write


def faults(world: World, module: str, config: list[dict[str, Any]], **options: Any) -> list[str]:
    with pytest.raises(InvalidConfig) as stop:
        world.once(module, config, **options)
    assert world.imports == []
    return [str(fault) for fault in stop.value.faults]


def test_all_that_is_wrong_in_policies_comes_at_once(world: World) -> None:
    wrong = faults(
        world,
        "nps_network_policies",
        [
            {**POLICY, "conditions": {"machine_groups": ["GP-inconnu"]}, "server": SERVERS[0]},
            {**POLICY, "name": "VILLE - AGENTS", "server": SERVERS[0], "vlan": 4095},
            {**POLICY, "name": "B", "order": 11, "conditions": {}, "server": SERVERS[0]},
            {
                **POLICY,
                "name": "C",
                "order": 12,
                "server": SERVERS[0],
                "eap": [{"method": "tls", "certificate": {"template": "Inconnu"}}],
            },
            {
                **POLICY,
                "name": "D",
                "order": 13,
                "server": SERVERS[0],
                "eap": [
                    {"method": "md5", "certificate": {"template": TEMPLATE}},
                    {"method": "tls", "fast_reconnect": True},
                ],
            },
            {**POLICY, "name": "E", "order": 14, "server": "hdv-nps9", "conditions": {"client_name": 'a"b'}},
            {
                **POLICY,
                "name": "F",
                "order": 15,
                "server": SERVERS[0],
                "eap": [{"method": "peap", "certificate": {"template": TEMPLATE, "subject": "x"}}],
            },
        ],
    )
    assert wrong == [
        "config[hdv-nps1/VILLE - AGENTS].vlan : 4095 est hors des bornes (1 à 4094)",
        "config[hdv-nps1/VILLE - AGENTS].name : « Ville - Agents » est le même nom : NPS ne distingue pas la casse",
        "config[hdv-nps9/E].server : n’est pas un serveur de la tâche (hdv-nps1, hdv-nps2)",
        "config[hdv-nps1/VILLE - AGENTS].order : 10 est déjà celui de « Ville - Agents »",
        "config[hdv-nps1/B].conditions : au moins une condition est attendue",
        "config[hdv-nps9/E].conditions.client_name : un guillemet n’y tient pas",
        "config[hdv-nps1/Ville - Agents].conditions.machine_groups[GP-inconnu] : inconnu dans ce domaine",
        "config[hdv-nps1/C].eap[tls].certificate : hdv-nps1 n’a pas de certificat de serveur en cours de validité du "
        "modèle « Inconnu »",
        "config[hdv-nps1/D].eap[md5] : cette méthode n’a ni certificate ni fast_reconnect",
        "config[hdv-nps1/D].eap[tls].fast_reconnect : n’a de sens que pour peap",
        "config[hdv-nps1/F].eap[peap].certificate : une seule chose : template, subject ou thumbprint",
    ]


def test_what_many_policies_lack_is_reported_once(world: World) -> None:
    eap = [{"method": "tls", "certificate": {"template": "Inconnu"}}]
    policy = {**POLICY, "conditions": {"machine_groups": ["GP-inconnu"]}, "eap": eap, "server": SERVERS[0]}
    group, certificate = faults(world, "nps_network_policies", [{**policy, "name": x, "order": ord(x)} for x in "AB"])
    assert group.endswith("machine_groups[GP-inconnu] : inconnu dans ce domaine ; 1 autre stratégie de même")
    assert certificate.endswith("du modèle « Inconnu » ; 1 autre stratégie de même")


def test_a_certificate_that_a_server_lacks_is_reported_for_that_server(world: World) -> None:
    del world.machines[SERVERS[1]].state["certificates"][1]
    (fault,) = faults(world, "nps_network_policies", [POLICY])
    assert "hdv-nps2 n’a pas de certificat" in fault


def test_all_that_is_wrong_in_clients_comes_at_once(world: World) -> None:
    world.secrets["radius/court"] = "trop-court"
    wrong = faults(
        world,
        "nps_radius_clients",
        [
            {**CLIENT, "secret": {"secret": "radius/court"}, "server": SERVERS[0]},
            {**CLIENT, "name": "sw-hdv-02", "server": SERVERS[0]},
            {**CLIENT, "name": "x", "address": "10.0.0.300", "vendor": "Meraki", "server": SERVERS[0]},
        ],
    )
    assert wrong == [
        "config[hdv-nps1/x].address : « 10.0.0.300 » n’a pas la forme attendue",
        "config[hdv-nps1/x].vendor : « Meraki » n’a pas la forme attendue",
        "config[hdv-nps1/sw-hdv-01].secret : un secret RADIUS a de 16 à 128 caractères",
        "config[hdv-nps1/sw-hdv-02].address : 10.93.0.12 est déjà celle de « sw-hdv-01 »",
    ]


def refusal(world: World, module: str, config: list[dict[str, Any]]) -> str:
    with pytest.raises(Guarded) as stop:
        world.once(module, config)
    assert world.imports == []
    return str(stop.value)


def test_conflicts_with_live_items_are_refused_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    said = refusal(
        world,
        "nps_network_policies",
        [
            {**POLICY, "order": 3},
            {"name": "Nouvelle", "vlan": 3},
            {"name": "Sans preuve", "order": 30, "conditions": {"client_name": "^x"}},
        ],
    )
    assert "« Ville - Agents (hdv-nps1) » : « Wi-Fi agents (ancien) » a déjà le rang 3" in said
    assert "« Nouvelle (hdv-nps2) » n’existe pas, et ses conditions (conditions)" in said
    assert "« Nouvelle (hdv-nps2) » n’existe pas, et son rang (order)" in said
    assert "« Sans preuve (hdv-nps1) » admet sans qu’aucune preuve" in said


def test_a_policy_of_others_moves_once_it_is_declared(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    world.once("nps_network_policies", [{**POLICY, "order": 3}, {"name": "Wi-Fi agents (ancien)", "order": 40}])
    assert world.document().values(NETWORK_POLICIES, "Wi-Fi agents (ancien)", "msNPSequence") == ["40"]


def test_a_condition_that_is_not_read_is_neither_kept_nor_dropped_without_a_word(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    name = "Connexions au serveur de routage et d'accès à distance Microsoft"
    desired = {"name": name, "conditions": {"client_name": "^sw-"}}
    assert 'MATCH("MS-RAS-Vendor=^311$")' in refusal(world, "nps_network_policies", [desired])
    desired["conditions"] = {"client_name": "^sw-", "verbatim": []}
    world.once("nps_network_policies", [desired])
    assert world.document().values(NETWORK_POLICIES, name, "msNPConstraint") == ['MATCH("Client-Friendly-Name=^sw-")']


def test_a_request_is_forwarded_to_a_group_that_the_servers_have(world: World) -> None:
    policy = {"name": "Invités", "order": 5, "conditions": {"client_name": "^x"}, "authentication": "forward"}
    assert "son groupe (server_group)" in refusal(world, "nps_connection_request_policies", [policy])
    policy["server_group"] = "Opérateur"
    assert "pas de groupe RADIUS « Opérateur »" in refusal(world, "nps_connection_request_policies", [policy])
    give_group(world)
    assert world.once("nps_connection_request_policies", [policy])["changed"]


def test_policies_of_others_that_decide_first_are_reported(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    warnings = world.once("nps_network_policies", [POLICY], check=True)["warnings"]
    assert "hdv-nps1 : « Wi-Fi agents (ancien) », qui n’est pas déclarée, passe avant (rang 3)" in warnings
    assert not any("imprimantes" in line for line in warnings)  # not in use
    request = {"name": "Ville", "order": 9, "conditions": {"nas_port_type": ["wired"]}}
    assert "rang 1)" in str(world.once("nps_connection_request_policies", [request], check=True)["warnings"])


def test_two_items_of_the_same_name_are_refused(world: World) -> None:
    world.once("nps_radius_clients", [CLIENT])

    def twin(document: Document) -> None:
        item = next(element for element in document.root.iter("*") if element.get("name") == "sw-hdv-01")
        parent = item.getparent()
        assert parent is not None
        parent.append(Document(document.to_bytes()).root.find(f".//{item.tag}"))

    world.edit(SERVERS[0], twin)
    with pytest.raises(Ambiguous, match="deux objets"):
        world.once("nps_radius_clients", [CLIENT])


@pytest.mark.parametrize("servers", [[], ["hdv-nps1", "HDV-NPS1"], ["a/b"]])
def test_the_servers_of_a_task_are_named_once(servers: list[str], world: World) -> None:
    with pytest.raises(InvalidConfig):
        world.once("nps_radius_clients", [], servers=servers)


def test_a_group_that_the_run_has_only_planned_is_known(world: World) -> None:
    desired = {**POLICY, "conditions": {"machine_groups": ["GP-nouveau"]}}
    with world.run() as run:
        Shared(run.folder, "windows-dc").plan_object("group", "GP-nouveau", {})
        assert run.module("nps_network_policies", [desired], check=True)["changed"]
