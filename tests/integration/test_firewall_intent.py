"""The town's policy on an SMC: written once, a section a site, judged live, installed whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.sites.flows import ISOLATED, UNKNOWN, VIOLATED, Picture, Rules, declared_rules
from piste.systems.forcepoint.filtering import unread
from piste.systems.forcepoint.intent import smc_intent
from piste.town.model import Town, load
from tests.support.small_town import small_town
from tests.support.smc import SmcRun, SmcWorld

SITES = ("hotel-de-ville", "ecole-jaures", "mediatheque")
PUPIL = "pedagogique"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return load(small_town(tmp_path_factory.mktemp("town"))).require()


@pytest.fixture
def world(tmp_path: Path, town: Town) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    with made.run() as run:
        converge(run, town)
    made.forget_requests()
    return made


def converge(run: SmcRun, town: Town, *names: str, check: bool = False) -> list[dict[str, Any]]:
    """Converge the town and its sites as the role does; return the operations."""
    done = []
    for name in names or ("commune", *SITES):
        intent = smc_intent(town.owners[name])
        common = {"owner": name, "check": check}
        if intent["elements"]:
            done += run.module("smc_elements", intent["elements"], keep=intent["kept"], **common)["operations"]
        for kind in ("engine_interfaces", "engine_routes", "engine_settings"):
            done += run.module(f"smc_{kind}", intent[kind], **common)["operations"]
        done += run.module("smc_policies", intent["policies"], keep=intent["keep"], **common)["operations"]
    return done


def again(world: SmcWorld, town: Town, *names: str, check: bool = False) -> list[tuple[str, str]]:
    with world.run() as run:
        return [(operation["action"], operation["label"]) for operation in converge(run, town, *names, check=check)]


def install(world: SmcWorld, town: Town) -> dict[str, Any]:
    intent = smc_intent(town.owners["commune"])
    return world.module("smc_installations", intent["installations"], policies=intent["installed"], owner="commune")


def rules(world: SmcWorld) -> list[dict[str, Any]]:
    (policy,) = world.gathered("smc_policies")
    return list(policy["ipv4_access"])


def seen(world: SmcWorld, town: Town) -> Picture:
    """Return the picture of the town as its SMC holds it, with the declared Wi-Fi."""
    own = declared_rules(town)
    live = Rules(world.gathered("smc_elements"), world.gathered("smc_policies"), own.ssids, own.access_lists)
    return Picture(town, live)


def verdicts(picture: Picture) -> dict[str, str]:
    """Return the worst verdict on each isolated segment."""
    rank = (ISOLATED, UNKNOWN, VIOLATED)
    worst: dict[str, str] = {}
    for cell in picture.judged():
        key = f"{cell.segment}@{cell.site}"
        worst[key] = max(worst.get(key, ISOLATED), cell.verdict, key=rank.index)
    return worst


def add(world: SmcWorld, body: Mapping[str, Any], at: int) -> None:
    """Put a rule into the town's policy as another administrator, after the n-th of the list."""
    look = world.simulator.look
    policy = next(element["href"] for element in look("/elements/fw_policy")["result"] if element["name"] == "VLB")
    listed = look(f"{policy}/fw_ipv4_access_rule")["result"]
    tag = look(listed[at]["href"])["tag"]
    world.simulator.edit("POST", f"{policy}/fw_ipv4_access_rule?after={tag}", dict(body))


def test_what_is_read_back_lets_pass_what_was_declared_and_a_second_run_changes_nothing(
    world: SmcWorld, town: Town
) -> None:
    assert seen(world, town).rows() == Picture(town, declared_rules(town)).rows()
    assert again(world, town) == []
    assert world.writes == []
    assert [rule["section"] for rule in rules(world) if "section" in rule] == [
        "Ville",
        *(f"Site {name}" for name in SITES),
        "Tout le reste",
    ]


def test_what_is_done_to_the_section_of_a_site_touches_no_other(world: SmcWorld, town: Town) -> None:
    others = smc_intent(town.owners["mediatheque"])["policies"][0]
    emptied = {**others, "ipv4_access": [], "ipv6_access": []}
    with world.run() as run:
        run.module("smc_policies", [emptied], owner="mediatheque", max_removals=99)
    left = [rule["id"] for rule in rules(world) if "id" in rule]
    assert [name for name in left if name.endswith(".mediatheque")] == []
    assert [name for name in left if name.endswith(".ecole-jaures")]


def test_the_policy_is_installed_once_it_is_whole_and_not_again(world: SmcWorld, town: Town) -> None:
    partial = smc_intent(town.owners["mediatheque"])["policies"][0]
    with world.run() as run:
        run.module("smc_policies", [{**partial, "ipv4_access": partial["ipv4_access"][1:]}], owner="mediatheque")
    with pytest.raises(Guarded, match=r"VLB \[Site mediatheque\]"):
        install(world, town)
    assert again(world, town, "mediatheque") == [("update", "VLB [Site mediatheque]")]
    assert [operation["key"] for operation in install(world, town)["operations"]] == ["fw_cluster/fw-hdv"]
    assert install(world, town)["operations"] == []


def test_a_rule_that_somebody_slips_in_is_judged_named_and_taken_out(world: SmcWorld, town: Town) -> None:
    everything = {"any": True}
    body = {"name": "dépannage", "sources": everything, "destinations": everything, "services": everything}
    add(world, {**body, "action": {"action": ["allow"]}}, at=0)
    picture = seen(world, town)
    # The guests' Wi-Fi is stopped by its SSID all the same; the wire of the town hall is not.
    assert {key for key, verdict in verdicts(picture).items() if verdict == VIOLATED} == {
        "invites@hotel-de-ville",
        "invites@ecole-jaures",
        "pedagogique@ecole-jaures",
        "public@mediatheque",
        "exterieur@ville",
    }
    wrong = [row for cell in picture.judged() if cell.access == "filaire" for row in cell.wrong]
    assert {rule for row in wrong for rule in row.rules} == {"pare-feu : dépannage"}
    assert again(world, town) == [("update", "VLB [Ville]")]
    assert set(verdicts(seen(world, town)).values()) == {ISOLATED}


def test_what_cannot_be_computed_leaves_isolation_unknown(world: SmcWorld, town: Town) -> None:
    look, edit = world.simulator.look, world.simulator.edit
    name = edit("POST", "/elements/domain_name", {"name": "exemple.fr"}).location
    pupils = next(
        element["href"]
        for element in look("/elements/network")["result"]
        if element["name"].endswith("jaures-pedagogique")
    )
    body = {
        "name": "par le nom",
        "sources": {"src": [pupils]},
        "destinations": {"dst": [name]},
        "services": {"any": True},
        "action": {"action": ["allow"]},
    }
    add(world, body, at=0)
    isolation = verdicts(seen(world, town))
    assert isolation.pop("pedagogique@ecole-jaures") == UNKNOWN
    assert set(isolation.values()) == {ISOLATED}


def test_the_policy_of_a_contractor_is_judged_as_it_is_found(tmp_path: Path, town: Town) -> None:
    inherited = SmcWorld(tmp_path / "prestataire", "inherited")
    elements, policies = inherited.gathered("smc_elements"), inherited.gathered("smc_policies")
    with inherited.run() as run:
        system = run.module("smc_elements", unread(elements, policies), state="gathered")["gathered"]
    live = Rules([*elements, *system], policies, declared_rules(town).ssids)
    picture = Picture(town, live, "POL_VILLE_LB")
    (pupils,) = (cell for cell in picture.judged("ecole-jaures") if (cell.segment, cell.access) == (PUPIL, "filaire"))
    assert (pupils.verdict, pupils.excepted) == (VIOLATED, ("dns ecoles",))
    through = {rule for row in pupils.wrong for rule in row.rules if row.exact}
    assert {"pare-feu : GLPI web", "pare-feu : fichiers"} < through
    # After the refusal of the sub-policy, neither a dead rule nor the final any-any lets a pupil in.
    assert not {"pare-feu : peda vers imprimante", "pare-feu : TEMPORAIRE"} & through


def test_check_mode_predicts_the_whole_on_an_empty_smc(tmp_path: Path, town: Town) -> None:
    empty = SmcWorld(tmp_path / "vide")
    predicted = again(empty, town, check=True)
    assert empty.writes == []
    assert again(empty, town) == predicted


def test_who_administers_and_by_what_is_kept_down_to_the_members(town: Town) -> None:
    commune = town.owners["commune"]
    kept = smc_intent(commune)["kept"]
    assert {"host/VLB-hdv-exp1", "tcp_service/VLB-ssh"} <= set(kept)
    assert not any(key.startswith("network/") for key in kept)
    firewall = {**commune["firewall"], "keep": ["noms-exterieurs"]}
    assert {"group/VLB-controleurs", "host/VLB-hdv-dc1"} < set(smc_intent({**commune, "firewall": firewall})["kept"])
    assert smc_intent(town.owners["mediatheque"])["kept"] == []
