"""Aliases by engine and roles of administrators: made, read again, taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.smc.world import mark
from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from tests.support.inprocess import Killed
from tests.support.rules import ELEMENTS
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/fw-hdv"
ALIAS: dict[str, Any] = {
    "type": "alias",
    "name": "$ controleurs",
    "default_values": ["host/srv-dc1"],
    "engine_values": {ENGINE: {"elements": ["network/net-jaures", "host/srv-dc1"]}},
}
ROLE: dict[str, Any] = {
    "type": "role",
    "name": "Lecture et installation",
    "permissions": ["view_logs", "upload_policy"],
}


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    made.forget_requests()
    made.operations.clear()
    return made


def run(world: SmcWorld, *items: dict[str, Any], **options: Any) -> dict[str, Any]:
    return world.module("smc_elements", [*items], **{"confirm": ["administrators"], **options})


def live(world: SmcWorld) -> dict[str, dict[str, Any]]:
    return {f"{item['type']}/{item['name']}": item for item in world.gathered("smc_elements")}


def document(world: SmcWorld, kind: str, name: str) -> dict[str, Any]:
    record = world.simulator.world.named(kind, name)
    assert record is not None
    return dict(record["data"])


def test_an_alias_has_a_value_by_engine_and_a_role_its_rights_alone(world: SmcWorld) -> None:
    run(world, ALIAS, ROLE)
    world.forget_requests()
    assert run(world, ALIAS, ROLE)["operations"] == []
    assert world.writes == []
    there = live(world)
    assert there["alias/$ controleurs"]["engine_values"][ENGINE]["elements"] == ["host/srv-dc1", "network/net-jaures"]
    assert there["role/Lecture et installation"]["permissions"] == ["upload_policy", "view_logs"]
    assert document(world, "role", "Lecture et installation")["admin_mgmt"] is False
    assert run(world, *there.values(), state="replaced")["operations"] == []


def test_an_alias_and_a_role_are_taken_back(world: SmcWorld) -> None:
    run(world, ALIAS, ROLE)
    before = live(world)
    world.operations.clear()
    run(world, {**ALIAS, "default_values": ["network/net-mermoz"], "engine_values": {ENGINE: None}})
    with pytest.raises(Guarded, match="administrators:role/Lecture"):
        run(world, {**ROLE, "permissions": ["view_logs"]}, confirm=[])
    run(world, {**ROLE, "permissions": ["view_logs"]}, confirm=["administrators"])
    run(world, absent=["alias/$ controleurs"])
    tasks, lost = inverse(json.loads(json.dumps(world.operations)))
    assert lost == []
    for phase in (RESTORED, RETURNED):
        for module, asked in tasks["essai"].get(phase, {}).items():
            world.module(module, asked["config"], absent=asked["absent"], confirm=["administrators"])
    assert live(world) == before


def test_a_right_that_nobody_knows_is_turned_off_by_a_write(world: SmcWorld) -> None:
    world.simulator.edit("POST", "/elements/role", {"name": "Autre", "fly": True, "view_logs": True})
    run(world, {"type": "role", "name": "Autre", "permissions": ["view_logs"]})
    assert document(world, "role", "Autre")["fly"] is False


def test_a_role_keeps_its_rights_where_only_its_comment_changes(world: SmcWorld) -> None:
    run(world, {**ROLE, "permissions": ["view_logs", "upload_policy"]})
    world.simulator.edit("POST", "/elements/role", {"name": "Autre", "fly": True, "view_logs": True})
    run(world, {"type": "role", "name": ROLE["name"], "comment": "un mot"})
    run(world, {"type": "role", "name": "Autre", "comment": "un mot"})
    assert live(world)["role/Lecture et installation"]["permissions"] == ["upload_policy", "view_logs"]
    autre = document(world, "role", "Autre")
    assert (autre["fly"], autre["view_logs"], autre["comment"]) == (True, True, "un mot")


def test_a_change_that_gives_no_right_asks_for_no_word(world: SmcWorld) -> None:
    run(world, ROLE)
    run(world, {"type": "role", "name": ROLE["name"], "comment": "un mot"}, confirm=[])
    assert document(world, "role", ROLE["name"])["comment"] == "un mot"
    with pytest.raises(Guarded, match="gagneraient des droits"):
        run(world, {**ROLE, "permissions": [*ROLE["permissions"], "view_audit"]}, confirm=[])


ADMIN: dict[str, Any] = {
    "type": "admin_user",
    "name": "astreinte",
    "grants": {"role/Operator > admin_domain/Shared Domain": {"elements": [ENGINE]}},
    "password": {"secret": "smc/astreinte/password"},
}
SECRETS = {FINGERPRINT_KEY: "clef-des-empreintes", "smc/astreinte/password": "un-mot-de-passe-long"}


def test_an_administrator_has_roles_by_domain_and_a_password_that_is_never_read(world: SmcWorld) -> None:
    with_secrets: dict[str, Any] = {"secrets": SECRETS, "secrets_lock": str(world.folder / "empreintes.yml")}
    with pytest.raises(Guarded, match="gagneraient des droits"):
        run(world, ADMIN, **{**with_secrets, "confirm": []})
    run(world, ADMIN, **with_secrets)
    assert document(world, "admin_user", "astreinte")["superuser"] is False
    world.forget_requests()
    assert run(world, ADMIN, **with_secrets)["operations"] == []
    there = live(world)["admin_user/astreinte"]
    assert there["grants"] == ADMIN["grants"]
    assert there["password"] == ADMIN["password"]
    assert "un-mot-de-passe-long" not in json.dumps([there, world.simulator.world.data], default=str)
    fewer = {**ADMIN, "grants": {"role/Operator > admin_domain/Shared Domain": None}}
    with pytest.raises(Guarded, match="administrators:admin_user/astreinte"):
        run(world, fewer, **{**with_secrets, "confirm": []})
    run(world, fewer, **with_secrets)
    assert live(world)["admin_user/astreinte"]["grants"] == {}


def test_a_password_is_written_by_itself_and_only_where_it_turns(world: SmcWorld) -> None:
    with_secrets: dict[str, Any] = {"secrets": SECRETS, "secrets_lock": str(world.folder / "empreintes.yml")}
    run(world, ADMIN, **with_secrets)
    assert world.simulator.accounts["astreinte"] == "un-mot-de-passe-long"
    world.simulator.accounts["astreinte"] = "choisi-par-la-personne"
    world.forget_requests()
    run(world, {**ADMIN, "comment": "un mot"}, **with_secrets)
    run(world, {"type": "admin_user", "name": "astreinte", "comment": "un autre"})
    assert world.simulator.accounts["astreinte"] == "choisi-par-la-personne"
    assert "un-mot-de-passe-long" not in json.dumps(world.bodies)
    turned = {**SECRETS, "smc/astreinte/password": "un-mot-de-passe-neuf"}
    world.forget_requests()
    with pytest.raises(Guarded, match=r"mot de passe.*password"):
        run(world, ADMIN, **{**with_secrets, "secrets": turned, "confirm": []})
    run(world, ADMIN, **{**with_secrets, "secrets": turned})
    assert world.simulator.accounts["astreinte"] == "un-mot-de-passe-neuf"
    ((method, path),) = world.writes
    assert (method, path.partition("?")[0].rpartition("/")[2]) == ("PUT", "change_password")


def test_a_password_that_a_killed_run_did_not_give_is_given_by_the_next(world: SmcWorld) -> None:
    with_secrets: dict[str, Any] = {"secrets": SECRETS, "secrets_lock": str(world.folder / "empreintes.yml")}
    world.kill_before = 2
    with pytest.raises(Killed):
        run(world, ADMIN, **with_secrets)
    world.kill_before = 0
    run(world, ADMIN, **with_secrets)
    assert world.simulator.accounts["astreinte"] == "un-mot-de-passe-long"


def test_an_administrator_of_all_rights_is_never_touched_and_never_exported(world: SmcWorld) -> None:
    names = [record["data"]["name"] for record in world.simulator.world.of_type("admin_user")]
    assert names
    assert [key for key in live(world) if key.startswith("admin_user/")] == []
    for options in ({"absent": [f"admin_user/{names[0]}"]}, {}):
        items = [] if options else [{"type": "admin_user", "name": names[0], "comment": "autre"}]
        with pytest.raises(Guarded, match="se règle dans la console"):
            run(world, *items, **options)
    assert world.writes == []


def signed_in_with(world: SmcWorld, role: str) -> None:
    """Make the account of Piste an API client that has one role, and not all rights."""
    (client,) = world.simulator.world.of_type("api_client")
    (domain,) = world.simulator.world.of_type("admin_domain")
    known = world.simulator.world.named("role", role)
    assert known is not None
    permission = {"role_ref": mark(known["key"]), "granted_domain_ref": mark(domain["key"]), "granted_elements": []}
    client["data"] |= {"superuser": False, "permissions": {"permission": [permission]}}


def test_a_role_of_piste_itself_is_never_narrowed(world: SmcWorld) -> None:
    run(world, ROLE, {**ROLE, "name": "Autre"})
    signed_in_with(world, ROLE["name"])
    world.forget_requests()
    with pytest.raises(Guarded, match=r"Lecture et installation.*session de Piste"):
        run(world, {**ROLE, "permissions": ["view_logs"]})
    with pytest.raises(Guarded, match=r"Lecture et installation.*session de Piste"):
        run(world, absent=[f"role/{ROLE['name']}"])
    assert world.writes == []
    run(world, {**ROLE, "comment": "un mot", "permissions": [*ROLE["permissions"], "view_audit"]})
    run(world, {**ROLE, "name": "Autre", "permissions": ["view_logs"]})
    assert live(world)["role/Autre"]["permissions"] == ["view_logs"]


@pytest.mark.parametrize("path", ["/current_user", "/elements/api_client/"])
@pytest.mark.parametrize("status", [403, 404])
def test_no_right_is_taken_where_the_account_of_piste_is_unknown(world: SmcWorld, path: str, status: int) -> None:
    run(world, ROLE)
    world.forget_requests()
    world.simulator.faults.add("status", method="GET", path=path, status=status, times=9)
    with pytest.raises(Guarded, match="ne dit pas quel compte"):
        run(world, {**ROLE, "permissions": ["view_logs"]})
    assert world.writes == []
    run(world, {**ROLE, "comment": "un mot"})
    assert document(world, "role", ROLE["name"])["comment"] == "un mot"


def test_faults_of_both_come_before_any_write(world: SmcWorld) -> None:
    bad = [
        {**ALIAS, "engine_values": {"host/srv-dc1": {"elements": []}}},
        {**ROLE, "permissions": ["fly"]},
        {"type": "alias", "name": "x", "engine_values": {"fw_cluster/nulle-part": {"elements": []}}},
    ]
    with pytest.raises(InvalidConfig) as caught:
        run(world, *bad)
    said = str(caught.value)
    assert all(words in said for words in ("host/srv-dc1", "fly", "fw_cluster/nulle-part")), said
    assert world.writes == []
