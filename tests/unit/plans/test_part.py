"""A part of a plan: what its names mean, what it needs, what refuses it."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.allowed import LEFT, is_left, named
from piste.engine.converge.plan import Operation
from piste.runs.plans import saved
from piste.runs.plans.part import NoPart, part
from piste.runs.plans.saved import StalePlan
from tests.unit.plans.plans import plan


def change(
    kind: str,
    key: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    owner: str = "ecole-jaures",
    action: Any = "update",
    slot: str | None = None,
    system: str = "meraki",
) -> dict[str, Any]:
    action = "create" if before is None else "delete" if after is None else action
    return Operation(system, owner, kind, key, action, before, after, slot=slot).to_json()


def interface(vlan: int, core: str = "coeur-a", **content: Any) -> dict[str, Any]:
    key = {"network": "VLB x", "carrier": core, "vlan": vlan}
    return change("routed_interface", f"VLB x/{core}/{vlan}", None, {**key, **content})


PROFILE = change("rf_profile", "Salles", None, {"name": "Salles"})
OLD = change("rf_profile", "Ancien", {"name": "Ancien"}, None)
RADIO = change("radio", "QZ-1", {"serial": "QZ-1", "rf_profile": "Ancien"}, {"serial": "QZ-1", "rf_profile": "Salles"})
AGENTS = change("ssid", "VLB-Agents", {"name": "VLB-Agents", "enabled": False}, {"name": "VLB-Agents", "enabled": True})
ELSEWHERE = {**AGENTS, "owner": "ccas"}
PLAN = plan(PROFILE, RADIO, OLD, AGENTS, ELSEWHERE)


def doing(names: list[str], made: dict[str, Any] = PLAN) -> list[str]:
    return [f"{described['kind']} {described['label']}" for described in part(made, names).doing]


@pytest.mark.parametrize(
    ("names", "done"),
    [
        (["rf_profile Salles"], ["rf_profile Salles"]),
        (["Salles"], ["rf_profile Salles"]),
        (["radio QZ-1"], ["rf_profile Salles", "radio QZ-1"]),
        (["Ancien"], ["rf_profile Salles", "radio QZ-1", "rf_profile Ancien"]),
        (["ecole-jaures / ssid VLB-Agents"], ["ssid VLB-Agents"]),
        (["ecole-jaures/ssid VLB-Agents", "Salles"], ["rf_profile Salles", "ssid VLB-Agents"]),
    ],
)
def test_a_part_is_what_is_named_and_what_that_needs(names: list[str], done: list[str]) -> None:
    assert doing(names) == done


def test_what_is_added_has_its_reason_and_the_rest_is_left() -> None:
    made = part(PLAN, ["radio QZ-1"])
    assert made.pulled == ["ecole-jaures / rf_profile Salles : radio QZ-1 le nomme"]
    assert [named(o) for o in made.left] == [
        "ecole-jaures / rf_profile Ancien", "ecole-jaures / ssid VLB-Agents", "ccas / ssid VLB-Agents",
    ]  # fmt: skip
    assert [o.get("waiting") for o in made.plan["operations"]] == [None, None, LEFT, LEFT, LEFT]
    assert [is_left(o) for o in made.shown["operations"]] == [False, False]
    assert made.plan["id"] == PLAN["id"]


def test_all_names_that_mean_nothing_or_too_much_are_said_at_once_with_the_nearest() -> None:
    with pytest.raises(NoPart) as refused:
        part(PLAN, ["ssid VLB-Agents", "rf_profile Sales", "radio QZ-1"])
    said = refused.value.sentence()
    assert "« ssid VLB-Agents » désigne 2 objets : ecole-jaures / ssid VLB-Agents, ccas / ssid VLB-Agents" in said
    assert "« rf_profile Sales » n’est pas un objet du plan. Vouliez-vous dire « rf_profile Salles » ?" in said
    assert "QZ-1" not in said


def test_what_the_plan_holds_back_refuses_the_part_that_needs_it() -> None:
    retained = plan({**PROFILE, "waiting": "attend rf"}, {**RADIO, "waiting": "repose sur lui"}, AGENTS)
    with pytest.raises(NoPart, match=r"cette part demande ce que le plan retient"):
        part(retained, ["radio QZ-1"])
    assert doing(["ecole-jaures / ssid VLB-Agents"], retained) == ["ssid VLB-Agents"]
    left = part(retained, ["ssid VLB-Agents"]).plan["operations"]
    assert [o.get("waiting") for o in left] == [LEFT, LEFT, None]


def test_a_part_that_needs_what_the_plan_retains_is_refused() -> None:
    retained = plan({**PROFILE, "waiting": "attend rf"}, RADIO)
    with pytest.raises(NoPart) as refused:
        part(retained, ["radio QZ-1"])
    assert "ecole-jaures / rf_profile Salles : attend rf (radio QZ-1 le nomme)" in refused.value.sentence()


@pytest.mark.parametrize(
    ("operations", "names", "done"),
    [
        (  # a new network holds what is made in it
            [change("network", "VLB x", None, {"name": "VLB x"}), change("ssid", "A", None, {"name": "A"})],
            ["ssid A"],
            ["network VLB x", "ssid A"],
        ),
        (  # the place of another
            [
                change("ssid", "A", {"name": "A"}, {"name": "A"}, slot="B"),
                change("ssid", "B", {"name": "B"}, {"name": "B", "enabled": False}, action="reset"),
                change("ssid", "C", {"name": "C"}, {"name": "C", "enabled": True}),
            ],
            ["ssid B"],
            ["ssid A", "ssid B"],
        ),
        (  # what goes may have a successor
            [change("rf_profile", "N", None, {"name": "N"}), OLD, AGENTS],
            ["Ancien"],
            ["rf_profile N", "rf_profile Ancien"],
        ),
        (  # an object of another site has the same name: it is another
            [{**PROFILE, "owner": "ccas"}, {**PROFILE}, RADIO],
            ["QZ-1"],
            ["rf_profile Salles", "radio QZ-1"],
        ),
        (  # the names of other sites' networks, which are never taken for it, are no dependency
            [
                change("network", "VLB y", None, {"name": "VLB y"}, owner="ccas"),
                change("network", "VLB x", None, {"name": "VLB x", "others": ["VLB y"], "formerly": ["VLB y"]}),
                change("ssid", "A", None, {"name": "A"}),
            ],
            ["ssid A"],
            ["network VLB x", "ssid A"],
        ),
        (  # the first interface of a core must have its default gateway
            [
                interface(10, default_gateway="192.0.2.1"),
                interface(151),
                interface(152),
                interface(153, core="coeur-b"),
            ],
            ["routed_interface VLB x/coeur-a/151"],
            ["routed_interface VLB x/coeur-a/10", "routed_interface VLB x/coeur-a/151"],
        ),
        (  # a list whose rules stand together
            [
                change("policy", "a", {"name": "a"}, {"name": "a", "x": 1}, system="smc"),
                change("policy", "b", {"name": "b"}, {"name": "b", "x": 1}, system="smc"),
            ],
            ["policy a"],
            ["policy a", "policy b"],
        ),
    ],
)
def test_what_an_operation_needs(operations: list[dict[str, Any]], names: list[str], done: list[str]) -> None:
    assert doing(names, plan(*operations)) == done


def moved(vlan: int, former: int = 155, name: str = "VLB-Agents") -> dict[str, Any]:
    sides = ({"name": name, "enabled": True, "use_vlan_tagging": True, "default_vlan_id": number}
             for number in (former, vlan))  # fmt: skip
    return change("ssid", name, *sides)


def trunk(before: str, after: str) -> dict[str, Any]:
    sides = ({"serial": "QZ-0", "port_id": "5", "allowed_vlans": vlans} for vlans in (before, after))
    return change("switch_port", "QZ-0/5", *sides, owner="hotel-de-ville")


FACE = {"network": "VLB", "carrier": "coeur", "vlan": 151, "subnet": "10.93.41.0/24", "address": "10.93.41.254"}
SCOPE = {"subnet": "10.93.41.0/24", "start": "10.93.41.50", "end": "10.93.41.99", "active": True}
GATE, LENT = "VLB/coeur/151", "10.93.41.0/24"


@pytest.mark.parametrize(
    ("operations", "names", "done"),
    [
        (  # clients that join a VLAN need its trunk, its gateway, its addresses
            [
                moved(151), trunk("1,155", "1,150-155"), change("routed_interface", GATE, None, FACE),
                change("dhcp_scope", LENT, None, SCOPE, system="dhcp"),
            ],
            ["ssid VLB-Agents"],
            ["ssid VLB-Agents", "switch_port QZ-0/5", f"routed_interface {GATE}", f"dhcp_scope {LENT}"],
        ),
        (  # a gateway that only changes its name, a trunk that lets the VLAN pass already
            [
                moved(151), trunk("1,150-155", "1,151"),
                change("routed_interface", GATE, {**FACE, "name": "a"}, {**FACE, "name": "b"}),
            ],
            ["ssid VLB-Agents"],
            ["ssid VLB-Agents"],
        ),
        (  # a gateway of the firewall, whose relay comes
            [
                change("switch_port", "QZ-1/2", {"type": "access", "vlan": 155}, {"type": "access", "vlan": 151}),
                *(change("engine_interface", f"fw/{name}", {"interface": name}, {"interface": name, "relay": ["dc1"]},
                         owner="commune", system="smc") for name in ("0.151", "0.152")),
            ],
            ["switch_port QZ-1/2"],
            ["switch_port QZ-1/2", "engine_interface fw/0.151"],
        ),
        (  # a gateway goes when nobody is left behind it
            [moved(155, 151), moved(152, 153, "VLB-Invites"), change("routed_interface", GATE, FACE, None)],
            [f"routed_interface {GATE}"],
            ["ssid VLB-Agents", f"routed_interface {GATE}"],
        ),
        (  # a VLAN leaves a trunk
            [moved(155, 151), trunk("all", "1,155")],
            ["switch_port QZ-0/5"],
            ["ssid VLB-Agents", "switch_port QZ-0/5"],
        ),
    ],
)  # fmt: skip
def test_who_joins_or_leaves_a_segment_is_tied_to_what_carries_it(
    operations: list[dict[str, Any]], names: list[str], done: list[str]
) -> None:
    assert doing(names, plan(*operations)) == done
    assert all(reason.partition(" : ")[2] for reason in part(plan(*operations), names).pulled)


def test_a_part_is_sealed_beside_its_plan_and_leaves_the_plan_as_it_is(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path))
    whole = saved.write(PLAN)
    written = whole.read_bytes()
    kept = part(saved.read(PLAN["id"]), ["Salles"]).write()
    assert kept != whole
    assert kept == part(PLAN, ["rf_profile Salles"]).write()
    assert whole.read_bytes() == written
    assert saved.known() == [PLAN["id"]]
    assert saved.read(str(kept))["id"] == PLAN["id"]
    kept.write_text(kept.read_text("utf-8").replace(LEFT, "autre"), "utf-8")
    with pytest.raises(StalePlan):
        saved.read(str(kept))


def test_a_part_goes_to_its_owners_and_domains_alone() -> None:
    order = saved.narrowed(part(PLAN, ["ccas / ssid VLB-Agents"]).plan)
    assert (order.limit, order.tags) == ("ccas", "network")
