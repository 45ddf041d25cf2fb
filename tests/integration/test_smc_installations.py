"""Installations: only a policy written whole, only when something is pending, to the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, Interrupted, InvalidConfig, Missing
from piste.engine.converge.plan import Operation
from piste.engine.converge.waiting import Holding, Waiting
from piste.runs.domains.waits import Waits
from piste.systems.forcepoint.living import uninstalled
from piste.systems.forcepoint.smc import Smc
from tests.support.inprocess import Killed
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, TOWN, policy, rule, section
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/FW-Bourget"
INSTALLED = [{"engine": ENGINE, "policy": "fw_policy/VLB"}]
NODE = {"activate_test": True, "loopback_node_dedicated_interface": []}


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    nodes = [{"firewall_node": {**NODE, "name": f"nœud {at}", "nodeid": at}} for at in (1, 2)]
    made.simulator.edit("POST", "/elements/fw_cluster", {"name": "FW-Bourget", "nodes": nodes})
    made.module("smc_elements", ELEMENTS)
    made.module("smc_policies", [TOWN])
    made.forget_requests()
    return made


def install(world: SmcWorld, policies: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    return world.module("smc_installations", INSTALLED, policies=policies, **options)


def uploads(world: SmcWorld) -> list[str]:
    return [path for method, path in world.requests if method == "POST" and "/upload" in path]


def running(world: SmcWorld) -> str | None:
    (installation,) = [candidate for candidate in world.gathered("smc_installations") if candidate["engine"] == ENGINE]
    policy: str | None = installation["policy"]
    return policy


def test_a_policy_is_installed_once_and_again_only_when_something_is_pending(world: SmcWorld) -> None:
    result = install(world, [TOWN])
    assert [operation["fields"] for operation in result["operations"]] == [["policy"]]
    assert running(world) == "fw_policy/VLB"
    assert len(uploads(world)) == 1
    assert install(world, [TOWN])["operations"] == []
    changed = policy(ADMIN, *JAURES, DENY)
    world.module("smc_policies", [changed])
    result = install(world, [changed])
    assert [operation["fields"] for operation in result["operations"]] == [["pending"]]
    assert len(uploads(world)) == 2
    assert install(world, [changed])["operations"] == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("none", ""),
        ("offline", "nœud 1 : Offline ; nœud 2 : Offline"),
        ("unheard", "nœud 1 : le SMC n’en a pas de nouvelles (Online)"),
        ("another policy", "fw_policy/VLB y est installée, non fw_policy/autre"),
        ("no node", f"{ENGINE.partition('/')[2]} : aucun nœud visible"),
        ("no answer", "le SMC ne dit pas ce qui attend l’installation"),
    ],
)
def test_an_engine_is_not_believed_to_run_its_policy_unless_all_says_so(
    world: SmcWorld, damage: str, said: str
) -> None:
    install(world, [TOWN])
    (engine,) = (entry for entry in world.simulator.world.of_type("fw_cluster") if entry["data"]["name"] in ENGINE)
    nodes = world.simulator.world.children(engine, "firewall_node")
    if damage == "offline":
        for node in nodes:
            node["state"] = "OFFLINE"
    elif damage == "unheard":
        engine["installed"]["answered"] = True
        nodes[0]["answered"] = {"monitoring_state": "NO_STATUS"}
    elif damage == "no node":
        for node in nodes:
            world.simulator.world.remove(node)
    elif damage == "no answer":
        world.spoil = lambda method, answer: replace(answer, status=404) if "pending_" in answer.url else answer
    with world.run():
        policy = "fw_policy/autre" if damage == "another policy" else "fw_policy/VLB"
        why = uninstalled(Smc(world.connection()), ENGINE.partition("/")[2], policy)
    assert said in why if said else why == ""


def test_connections_stay_open_and_a_snapshot_is_kept(world: SmcWorld) -> None:
    install(world, [TOWN])
    assert "preserve_connections=True" in uploads(world)[0]
    assert "generate_snapshot=True" in uploads(world)[0]
    assert len(list(world.simulator.world.of_type("snapshot"))) == 1


def test_nothing_is_installed_as_long_as_a_change_of_the_firewall_awaits_a_word(world: SmcWorld) -> None:
    """For any owner: the policy is that of all."""
    asked: Any = {"installations": INSTALLED}
    step = {"step": "installation", "site": None, "undo": None}
    change = Operation("smc", "ecole-jaures", "element", "host/h", "update", {"address": "a"}, {"address": "b"})
    with world.run() as run:
        Waits("ecole-jaures", "firewall", "").note(Holding([Waiting(change, "attend elements", ("elements",))]))
        foreseen = run.module("piste_firewall", asked, check=True, **step)
        assert [bool(described["waiting"]) for described in foreseen["operations"]] == [True]
        assert "tant qu’un changement de ce domaine attend un mot" in foreseen["withheld"][0]
        with pytest.raises(Guarded) as stopped:
            run.module("piste_firewall", asked, **step)
        assert (stopped.value.kind, uploads(world)) == ("partial", [])
        Waits("ecole-jaures", "firewall", "").note(Holding())
        with pytest.raises(Guarded, match="rien ne dit ce qu’elle doit être"):
            run.module("piste_firewall", asked, **step)


def test_check_mode_installs_nothing_and_foresees_what_the_run_does(world: SmcWorld) -> None:
    install(world, [TOWN])
    changed = policy(ADMIN, *JAURES, DENY)
    world.forget_requests()
    foreseen, done = [], []
    with world.run() as run:
        for name, config in (("smc_policies", [changed]), ("smc_installations", INSTALLED)):
            more = {"policies": [changed]} if name == "smc_installations" else {}
            foreseen += run.module(name, config, check=True, **more)["operations"]
    assert world.writes == []
    with world.run() as run:
        for name, config in (("smc_policies", [changed]), ("smc_installations", INSTALLED)):
            more = {"policies": [changed]} if name == "smc_installations" else {}
            done += run.module(name, config, **more)["operations"]
    assert done == foreseen
    assert [operation["kind"] for operation in done] == ["policy", "installation"]


def test_a_policy_that_is_not_what_is_declared_is_not_installed(world: SmcWorld) -> None:
    missing = policy(*TOWN["ipv4_access"], rule("de-plus"))
    with pytest.raises(Guarded, match="autre chose que ce qui est déclaré"):
        install(world, [missing])
    assert uploads(world) == []


def test_a_policy_that_no_task_names_is_not_installed(world: SmcWorld) -> None:
    with pytest.raises(Guarded, match="rien ne dit"):
        install(world, [])
    assert uploads(world) == []


def test_rules_of_piste_that_nobody_declares_here_forbid_the_installation(world: SmcWorld) -> None:
    """Another owner's section may be half written: a task that names all sections installs."""
    with pytest.raises(Guarded, match="jaures-web"):
        install(world, [section("Socle", ADMIN), section("Fin", DENY)])
    assert uploads(world) == []
    install(world, [section("Socle", ADMIN), section("Site jaures", *JAURES), section("Fin", DENY)])
    assert len(uploads(world)) == 1


def test_what_another_has_changed_since_the_run_read_the_rules_is_not_installed(world: SmcWorld) -> None:
    (dc,) = [
        world.simulator.world.path(record)
        for record in world.simulator.world.of_type("fw_ipv4_access_rule")
        if "[id:jaures-dc]" in str(record["data"].get("comment"))
    ]
    anything = {cell: {"any": True} for cell in ("sources", "destinations", "services")}
    with world.run() as run:
        assert run.module("smc_policies", [TOWN])["operations"] == []
        world.simulator.edit("PUT", dc, {"comment": "[id:jaures-dc]", **anything}, **{"If-Match": "*"})
        with pytest.raises(Guarded, match="autre chose que ce qui est déclaré"):
            run.module("smc_installations", INSTALLED, policies=[TOWN])
    assert uploads(world) == []


def test_rules_that_nobody_declares_are_not_installed_unasked(world: SmcWorld) -> None:
    (record,) = world.simulator.world.of_type("fw_policy")
    anything = {cell: {"any": True} for cell in ("sources", "destinations", "services")}
    body = {"name": "tout ouvert", **anything, "action": {"action": ["allow"]}}
    world.simulator.edit("POST", world.simulator.world.path(record) + "/fw_ipv4_access_rule", body)
    parts = [section("Socle", ADMIN), section("Site jaures", *JAURES), section("Fin", DENY)]
    with pytest.raises(Guarded, match=r"foreign:fw_policy/VLB.*personne ne déclare : tout ouvert"):
        install(world, parts)
    assert uploads(world) == []
    install(world, parts, confirm=["foreign:fw_policy/VLB"])
    assert len(uploads(world)) == 1


def test_an_interrupted_run_does_not_install_what_it_left(world: SmcWorld) -> None:
    before = [section("Site jaures", *JAURES)]
    world.simulator.faults.add("status", method="POST", path="fw_ipv4_access_rule", nth=2, status=400)
    with world.run() as run:
        with pytest.raises(Interrupted):
            run.module("smc_policies", [section("Site jaures", rule("a"), rule("b"), *JAURES)])
        with pytest.raises(Guarded, match="pas écrit toutes les règles"):
            run.module("smc_installations", INSTALLED, policies=before)
    assert uploads(world) == []


def test_at_no_write_can_a_killed_run_lead_to_the_installation_of_a_part(tmp_path: Path) -> None:
    changed = policy({"section": "Socle"}, rule("n"), ADMIN, {"section": "Site jaures"}, JAURES[1], DENY)
    for number in range(1, 20):
        world = _world(tmp_path / f"{number}")
        world.kill_before = number
        try:
            world.module("smc_policies", [changed])
            killed = False
        except Killed:
            killed = True
        world.kill_before = 0
        if killed:
            with pytest.raises(Guarded):
                install(world, [changed])
            assert uploads(world) == []
        world.module("smc_policies", [changed])
        install(world, [changed])
        assert len(uploads(world)) == 1
        if not killed:
            break
    assert number == 1 + 3  # one rule made, one rule and a header removed


def _world(folder: Path) -> SmcWorld:
    made = SmcWorld(folder)
    nodes = [{"firewall_node": {**NODE, "name": "nœud", "nodeid": 1}}]
    made.simulator.edit("POST", "/elements/fw_cluster", {"name": "FW-Bourget", "nodes": nodes})
    made.module("smc_elements", ELEMENTS)
    made.module("smc_policies", [TOWN])
    made.forget_requests()
    return made


def demand_approval(world: SmcWorld) -> None:
    properties = world.simulator.world.of_type("system_property")
    (wanted,) = [record for record in properties if record["data"]["system_key"] == 50]
    wanted["data"]["value"] = "true"


def test_what_nobody_has_approved_is_said_and_not_installed_where_the_smc_demands_it(world: SmcWorld) -> None:
    install(world, [TOWN])
    demand_approval(world)
    changed = policy(ADMIN, *JAURES, DENY)
    world.module("smc_policies", [changed])
    world.forget_requests()
    foreseen = install(world, [changed], check=True)
    assert any("ce SMC demande une approbation (" in warning for warning in foreseen["warnings"])
    with pytest.raises(Guarded, match=r"que soient approuvées d’abord .* Approve All"):
        install(world, [changed])
    assert uploads(world) == []
    place = next(
        record for record in world.simulator.world.of_type("fw_cluster") if record["data"]["name"] == "FW-Bourget"
    )
    world.simulator.edit("POST", world.simulator.world.path(place) + "/approve_all_changes")
    install(world, [changed])
    assert install(world, [changed])["operations"] == []


def test_an_smc_that_refuses_what_is_not_approved_is_explained(
    world: SmcWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal says what to do even where the demand cannot be read."""
    install(world, [TOWN])
    demand_approval(world)
    changed = policy(ADMIN, *JAURES, DENY)
    world.module("smc_policies", [changed])
    monkeypatch.setattr("piste.systems.forcepoint.rights.approval", lambda smc: None)
    with pytest.raises(Interrupted, match=r"approved first.*les approuve dans le Management Client"):
        install(world, [changed])


def test_a_policy_that_a_colleague_has_open_is_explained(world: SmcWorld) -> None:
    """An SMC before 7.1 does not list its locks: it refuses."""
    world.simulator.behaviour.smc_version = "7.0.1"
    (record,) = world.simulator.world.of_type("fw_policy")
    record["lock"] = {"by": "a.dupont", "reason": ""}
    with pytest.raises(Interrupted, match=r"is locked by a\.dupont.*ouvert l’objet dans le Management Client"):
        world.module("smc_policies", [policy(ADMIN, *JAURES, DENY)], confirm=["rules"])


def test_a_failure_says_the_words_of_the_engine(world: SmcWorld) -> None:
    world.simulator.faults.add("upload_fail", body="Moteur plein : 100 % de /data")
    with pytest.raises(Interrupted, match="Moteur plein"):
        install(world, [TOWN])
    assert running(world) is None
    install(world, [TOWN])
    assert running(world) == "fw_policy/VLB"


def test_a_task_whose_end_is_not_reported_leaves_it_unknown(world: SmcWorld) -> None:
    world.simulator.faults.add("status", method="GET", path="task_progress", status=404)
    with pytest.raises(Interrupted, match="ne dit pas comment") as stopped:
        install(world, [TOWN])
    assert stopped.value.kind == "unknown"


def test_an_installation_without_end_is_aborted_at_its_time_limit(world: SmcWorld) -> None:
    world.simulator.faults.add("upload_hang")
    with pytest.raises(Interrupted, match="pas finie après 60 s") as stopped:
        install(world, [TOWN], time_limit=60)
    assert stopped.value.kind == "unknown"
    assert 55 < sum(world.time.slept) < 90
    install(world, [TOWN])
    assert running(world) == "fw_policy/VLB"


def test_an_engine_that_does_not_exist_is_said(world: SmcWorld) -> None:
    with pytest.raises(Missing, match="FW-Autre"):
        world.module("smc_installations", [{"engine": "single_fw/FW-Autre", "policy": "fw_policy/VLB"}])


def test_another_policy_than_the_running_policy_asks_for_a_word(world: SmcWorld) -> None:
    install(world, [TOWN])
    other = {**policy(ADMIN, DENY), "name": "AUTRE"}
    world.module("smc_policies", [other])
    asked = [{"engine": ENGINE, "policy": "fw_policy/AUTRE"}]
    with pytest.raises(Guarded, match="installation:fw_cluster/FW-Bourget"):
        world.module("smc_installations", asked, policies=[other])
    assert running(world) == "fw_policy/VLB"
    world.module("smc_installations", asked, policies=[other], confirm=["installation"])
    assert running(world) == "fw_policy/AUTRE"


def test_a_name_that_the_smc_would_take_for_a_pattern_is_refused(world: SmcWorld) -> None:
    for name in ("fw_policy/V*", "sub_ipv4_fw_policy/VLB"):
        with pytest.raises(InvalidConfig, match="sans étoile"):
            world.module("smc_installations", [{"engine": ENGINE, "policy": name}], policies=[TOWN])
    assert uploads(world) == []


def test_check_mode_says_why_the_run_would_refuse(world: SmcWorld) -> None:
    install(world, [TOWN])
    world.module("smc_policies", [policy(ADMIN, *JAURES, DENY)])
    foreseen = install(world, [TOWN], check=True)
    assert any("ne s’installera pas : le SMC tient autre chose" in line for line in foreseen["withheld"])
    assert len(foreseen["refused"]) == 1
    assert any(line.endswith("1 modification en attente : VLB") for line in foreseen["warnings"])
    world.module("smc_policies", [TOWN])
    left = install(world, [section("Socle", ADMIN), section("Fin", DENY)], check=True)
    assert any("ne s’installera pas : des règles de Piste n’y sont" in line for line in left["refused"])
