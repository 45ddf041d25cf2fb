"""Users, authentication and VPN of an SMC: made, read again, taken back, replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from smc import session
from smc.administration.user_auth.servers import ActiveDirectoryServer, AuthenticationMethod
from smc.administration.user_auth.users import InternalUser
from smc.vpn.elements import ExternalGateway, VPNProfile
from smc.vpn.policy import PolicyVPN

from lab.server import Listener
from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.engine.converge.text import as_declaration
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from tests.support.inprocess import Killed
from tests.support.orphans import MODULES
from tests.support.smc import SmcWorld
from tests.support.smc_access import ALL, ENGINE, SECRET, SECRETS, STRONG, TUNNEL, USERS


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    return SmcWorld(tmp_path / "smc", "inherited")


def run(world: SmcWorld, config: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    return world.module("smc_elements", config, **{"secrets": SECRETS, **options})


def live(world: SmcWorld) -> dict[str, dict[str, Any]]:
    return {f"{item['type']}/{item['name']}": item for item in world.gathered("smc_elements")}


def changed(name: str, **fields: Any) -> list[dict[str, Any]]:
    """One of the declared elements, with other values."""
    (item,) = (item for item in ALL if f"{item['type']}/{item['name']}" == name)
    return [{**item, **fields}]


def sorted_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: sorted_lists(inner) for name, inner in value.items()}
    return sorted(value) if isinstance(value, list) else value


def test_all_is_made_as_foreseen_and_read_again_and_the_second_run_writes_nothing(world: SmcWorld) -> None:
    run(world, [*reversed(ALL)], rehearse=True)
    assert world.writes == []
    with world.run() as task:
        checked = task.module("smc_elements", [*reversed(ALL)], check=True, secrets=SECRETS)
    done = run(world, [*reversed(ALL)])
    assert done["operations"] == checked["operations"]
    assert done["withheld"] == []
    assert any("le SMC répond à sa vérification" in line for line in done["warnings"])
    world.forget_requests()
    assert run(world, ALL)["operations"] == []
    assert world.writes == []
    there = live(world)
    for item in ALL:
        shown = there[f"{item['type']}/{item['name']}"]
        assert shown.get("servers") == item.get("servers")
        for name, value in item.items():
            if name in ("endpoints", "tunnels"):
                assert {key: {**shown[name][key], **entry} for key, entry in value.items()} == {
                    key: {**entry, **{name: value[key][name] for name in SECRET & value[key].keys()}}
                    for key, entry in shown[name].items()
                }
            else:
                assert sorted_lists(shown[name]) == sorted_lists(value), name
    assert run(world, [*there.values()], state="replaced")["operations"] == []


def test_no_secret_is_in_a_result_a_state_or_an_export(world: SmcWorld) -> None:
    texts = [run(world, ALL), world.gathered("smc_elements"), world.simulator.world.data]
    said = json.dumps(texts, ensure_ascii=False, default=str)
    assert [path for path, value in SECRETS.items() if value in said] == []
    export = live(world)
    assert export["radius_server/nps1"]["shared_secret"] == {"secret": "smc/nps1/shared_secret"}
    assert "bind_password" not in export["host/SRV-AD1"]


def test_what_lacks_its_secret_waits_and_the_rest_is_made(world: SmcWorld) -> None:
    few = {path: value for path, value in SECRETS.items() if path != "smc/nps1/shared_secret"}
    done = run(world, [*USERS[:2], USERS[4]], secrets=few)
    assert [operation["key"] for operation in done["operations"]] == ["radius_server/nps2", "ldap_server/autre"]
    assert any("smc/nps1/shared_secret" in line for line in done["withheld"])


def test_a_whole_write_never_loses_a_secret(world: SmcWorld) -> None:
    run(world, ALL)
    world.forget_requests()
    for item, words in (
        ({"type": "radius_server", "name": "nps1", "timeout": 20}, "shared_secret"),
        ({"type": "active_directory_server", "name": "annuaire", "timeout": 20}, "bind_password"),
        ({"type": "vpn", "name": "maintenance", "tunnels": {TUNNEL: {"enabled": False}}}, "preshared_key"),
    ):
        with pytest.raises(Guarded, match=words):
            run(world, [item], confirm=["authentication", "vpn"])
    assert world.writes == []
    run(world, changed("radius_server/nps1", timeout=20), confirm=["authentication"])
    requests = zip(world.requests, world.bodies, strict=True)
    (sent,) = [body for (method, path), body in requests if method == "PUT" and "/radius_server/" in path]
    assert sent["shared_secret"] == SECRETS["smc/nps1/shared_secret"]


def test_a_secret_that_turns_is_written_once(world: SmcWorld, tmp_path: Path) -> None:
    memory = {"secrets_lock": str(tmp_path / "empreintes.yml")}
    run(world, ALL, **memory)
    assert run(world, ALL, **memory)["operations"] == []
    turned = {**SECRETS, "smc/nps1/shared_secret": "un-secret-tout-neuf", "smc/vpn/prestataire/psk": "une-clef-neuve"}
    done = run(world, ALL, **memory, secrets=turned, confirm=["authentication", "vpn"])
    assert [(each["key"], each["fields"]) for each in done["operations"]] == [
        ("radius_server/nps1", ["shared_secret"]), ("vpn/maintenance", ["tunnels"]),
    ]  # fmt: skip
    assert run(world, ALL, **memory, secrets=turned)["operations"] == []


def test_what_would_keep_people_or_tunnels_out_asks_for_a_word(world: SmcWorld) -> None:
    run(world, ALL)
    world.forget_requests()
    for config, word in (
        (changed("authentication_service/Second facteur", servers=["radius_server/nps2"]), "authentication:"),
        (changed("vpn_profile/Solide", capabilities=STRONG[:-1]), "vpn:vpn_profile/Solide"),
        (changed("vpn/maintenance", satellites=[], tunnels={}), "vpn:vpn/maintenance"),
        (changed("external_gateway/mainteneur", endpoints={"principal": None}), "vpn:external_gateway/mainteneur"),
    ):
        with pytest.raises(Guarded, match=word):
            run(world, config)
    assert world.writes == []
    run(world, changed("external_gateway/mainteneur", endpoints={"principal": None}), confirm=["vpn"])
    assert list(live(world)["external_gateway/mainteneur"]["endpoints"]) == ["secours"]
    more = {"tiers": {"address": "203.0.113.11"}}
    run(world, changed("external_gateway/mainteneur", comment="nouveau", endpoints=more))
    assert sorted(live(world)["external_gateway/mainteneur"]["endpoints"]) == ["secours", "tiers"]


def test_faults_come_at_once_before_any_write(world: SmcWorld) -> None:
    bad = [
        {"type": "internal_user_domain", "name": "Autre"},
        {"type": "vpn_profile", "name": "x", "capabilities": ["aes512_for_ike"]},
        {"type": "vpn", "name": "y", "vpn_profile": "vpn_profile/nulle-part", "central": ["host/SRV-AD1"]},
        {"type": "internal_user_group", "name": "z", "expires": "31/12/2027"},
        {"type": "radius_server", "name": "r", "address": "10.0.0.1", "shared_secret": "en clair"},
    ]
    with pytest.raises(InvalidConfig) as refused:
        run(world, bad)
    for words in ("aes512_for_ike", "host/SRV-AD1", "31/12/2027", "un secret ne s’écrit pas ici"):
        assert words in str(refused.value)
    with pytest.raises(InvalidConfig) as refused:
        run(world, [bad[0], {**bad[2], "central": [ENGINE]}])
    for words in ("n’a qu’un domaine interne", "vpn_profile/nulle-part"):
        assert words in str(refused.value)
    with pytest.raises(InvalidConfig, match="nom distinctif"):
        run(world, [{"type": "internal_user_group", "name": "a,cn=b"}])
    assert world.writes == []


def test_a_vpn_that_cannot_be_made_whole_is_not_begun(world: SmcWorld) -> None:
    profile = [item for item in ALL if item["type"] != "vpn"]
    run(world, profile)
    world.forget_requests()
    bad = changed("vpn/maintenance", satellites=[])
    with pytest.raises(Guarded, match="aucun tunnel n’est possible"):
        run(world, bad)
    for gateway in [*world.simulator.world.of_type("internal_gateway")]:
        world.simulator.world.remove(gateway)
    with pytest.raises(Guarded, match="n’a pas de passerelle VPN"):
        run(world, changed("vpn/maintenance", tunnels={}))
    assert world.writes == []


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path, moment: str, step: int) -> None:
    for number in range(1, 80, step):
        world = SmcWorld(tmp_path / f"{number}", "inherited")
        setattr(world, moment, number)
        try:
            run(world, ALL)
            killed = False
        except Killed:
            killed = True
        world.kill_before = world.kill_after = 0
        run(world, ALL, confirm=["vpn", "authentication"])
        assert run(world, ALL)["operations"] == []
        assert len(live(world)["vpn/maintenance"]["central"]) == 1
        (vpn,) = world.simulator.world.of_type("vpn")
        if not killed:
            assert not vpn.get("open")
            break
    assert number > 20


def test_a_run_is_taken_back(world: SmcWorld) -> None:
    run(world, ALL)
    before = as_declaration({"e": [*live(world).values()]})
    world.operations.clear()
    run(world, changed("vpn/maintenance", nat=True, mobile=[]), confirm=["vpn"])
    run(world, changed("external_gateway/mainteneur", endpoints={"secours": None}), confirm=["vpn"])
    run(world, [], absent=["internal_user_group/Prestataires"], confirm=["authentication"])
    assert as_declaration({"e": [*live(world).values()]}) != before
    tasks, lost = inverse(json.loads(json.dumps(world.operations)))
    assert lost == []
    for phase in (RESTORED, RETURNED):
        if asked := tasks["essai"].get(phase, {}).get("smc_elements"):
            run(world, asked["config"], absent=asked["absent"], confirm=["vpn", "authentication", "removals"])
    assert as_declaration({"e": [*live(world).values()]}) == before


@pytest.mark.parametrize(("source", "target"), [("7.4", "7.1"), ("7.1", "7.5")])
def test_an_export_replayed_elsewhere_is_exported_the_same(tmp_path: Path, source: str, target: str) -> None:
    first = SmcWorld(tmp_path / "a", "inherited", version=source)
    run(first, ALL)
    second = SmcWorld(tmp_path / "b", "inherited", host="smc-b.invalid", version=target)
    psk = {"smc/vpn/maintenance/external_gatewaymainteneurfw_clusterfw-hdv": "clef-partagee-du-tunnel"}
    export = first.gathered("smc_elements")
    run(second, export, secrets={**SECRETS, **psk})
    assert as_declaration({"e": second.gathered("smc_elements")}) == as_declaration({"e": export})


@contextmanager
def library(world: SmcWorld) -> Iterator[None]:
    world.simulator.behaviour.null_values = "ignore"  # the vendor's library sends some
    listener = Listener({"": world.simulator})
    session.login(url=listener.url, api_key=world.key, api_version="7.4")
    try:
        yield
    finally:
        session.logout()
        listener.close()


def test_the_library_reads_what_we_write_and_its_changes_are_drifts(world: SmcWorld) -> None:
    run(world, ALL)
    with library(world):
        servers = AuthenticationMethod("Second facteur").authentication_servers
        assert [server["rank"] for server in servers] == [1, 2]
        assert ActiveDirectoryServer("annuaire").protocol == "ldaps"
        assert VPNProfile("Solide").capabilities["aes256_for_ike"] is True
        assert VPNProfile("Solide").capabilities["des_for_ike"] is False
        gateway = ExternalGateway("mainteneur")
        assert sorted(endpoint.name for endpoint in gateway.external_endpoint) == [
            "principal (203.0.113.9)", "secours (203.0.113.10)",
        ]  # fmt: skip
        assert [node.name for node in PolicyVPN("maintenance").satellite_gateway_node] == ["mainteneur"]
        capabilities = {**VPNProfile("Solide").capabilities, "des_for_ike": True}
        VPNProfile("Solide").update(capabilities=capabilities)
        gateway.external_endpoint.create("de trop", "203.0.113.99")
        ActiveDirectoryServer("annuaire").update(protocol="ldap")
    with world.run() as task:
        shown = task.module("smc_elements", ALL, check=True, secrets=SECRETS)["operations"]
    assert [(each["key"], each["fields"]) for each in shown] == [
        ("active_directory_server/annuaire", ["ldap_protocol"]), ("vpn_profile/Solide", ["capabilities"]),
    ]  # fmt: skip
    run(world, ALL, confirm=["vpn", "authentication"])
    assert "des_for_ike" not in live(world)["vpn_profile/Solide"]["capabilities"]


def test_the_end_of_a_drift_names_what_lets_in_badly_and_whom_nobody_declares(world: SmcWorld) -> None:
    run(world, ALL)
    with library(world):
        VPNProfile.create("Ancien", capabilities={"des_for_ike": True, "aes256_for_ike": True})
        ExternalGateway("mainteneur").external_endpoint.create("de trop", "203.0.113.99")
        InternalUser.create("inconnu")
    declared: dict[str, Any] = {"policies": [], "installations": [], "whole_elements": ALL}
    declared["elements"] = [f"{item['type']}/{item['name']}" for item in ALL]
    with world.run():
        orphans = MODULES["smc_orphans"].run({"smc": world.connection(), **declared}, False)["orphans"]
    said = {orphan["key"]: orphan["why"] for orphan in orphans}
    assert "admet des_for_ike" in said["vpn_profile/Ancien"]
    assert "toute autorité" in said["vpn_profile/Ancien"]
    assert "external_gateway/mainteneur endpoints de trop" in said
    assert "aucun groupe" in said["internal_user/inconnu"]
    assert "vpn_profile/Solide" not in said
    declared["elements"].append("vpn_profile/Ancien")
    with world.run():
        orphans = MODULES["smc_orphans"].run({"smc": world.connection(), **declared}, False)["orphans"]
    (why,) = (orphan["why"] for orphan in orphans if orphan["key"] == "vpn_profile/Ancien")
    assert "admet des_for_ike" in why
    assert "la déclaration le porte" in why
