"""Changes drawn where no packet shows them, against a second computation; unread systems."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from typing import Any

import pytest

from piste.engine.converge.resource import Shape
from piste.runs.plans.play import Trouble
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from piste.systems.kinds import KINDS, of_object
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import CORE, SCHOOL, item, items, operation, plan, town
from tests.unit.consequences.felt import FELT, feels

pytestmark = pytest.mark.drawn

DOMAINS = ("directory", "names", "addressing", "access", "printing", "hosting", "supervision", "inventory")
SWITCHED = ("network", "device", "trusted_server", "access_policy", "port_schedule", "rf_profile", "radio",
            "switch_stack", "link_aggregation", "network_settings")  # fmt: skip
"""Kinds of the network that no packet shows; what decides who reaches what is drawn beside."""
TAGGED = {"available_on_all_aps": False, "availability_tags": ["suivi"]}
MANAGED = {"wan1": {"using_static_ip": False, "vlan": 150}}
SCHOOL_RADIO, SCHOOL_PORT = "QZZZ-0005-0041", "QZZZ-0005-0002/2"
DRAWN = (*DOMAINS, "network")
OWNERS = ("commune", SCHOOL, CORE)
LEAST, IDLE = (40, 10) if WIDE else (10, 0)
"""The least changes of a domain, and the least of them that nobody notices."""
GONE = 0.25
"""The share of deletions."""


@cache
def objects(domain: str) -> tuple[tuple[Any, str, dict[str, Any]], ...]:
    if domain == "network":
        return switched()
    made = []
    for kind in KINDS:
        if kind.domain == domain and kind.declared and not kind.step:
            given = {"server": "hdv-nps1"} if "server" in kind.table.key else {}
            made += [(kind, owner, {**given, **item}) for owner in OWNERS for item in items(kind.module, owner)]
    return tuple(made)


@cache
def switched() -> tuple[tuple[Any, str, dict[str, Any]], ...]:
    """Give objects of these kinds, those too that the town declares none of, or without tags."""
    band = {"min_bitrate": 11, "ax_enabled": True}
    hours = {"active": True, "start": "07:00", "end": "19:00"}
    mine: dict[str, list[dict[str, Any]]] = {
        "port_schedule": [{"name": name, "week": {"monday": hours, "friday": hours}} for name in ("Suivi", "Seul")],
        "rf_profile": [{"name": name, "band_selection_type": "ap", "two_four_ghz": band, "five_ghz": band}
                       for name in ("Suivi", "Seul")],
        "radio": [radio()],
        "trusted_server": [{"mac": "02:93:00:00:00:01", "vlan": 151, "ipv4": {"address": "10.93.41.10"}}],
        "device": [{**item("meraki_devices", SCHOOL, serial), "tags": ["suivi"], "management_interface": MANAGED}
                   for serial in (SCHOOL_RADIO, SCHOOL_PORT.partition("/")[0])],
    }  # fmt: skip
    kinds = [of_object(name) for name in SWITCHED]
    made = [(kind, SCHOOL, item) for kind in kinds for item in mine.get(kind.table.name, ())]
    sites = [name for name in town().sites if town().owners[name]["lifecycle"] == "open"]
    return (*made, *((kind, owner, item) for kind in kinds for owner in sites for item in items(kind.module, owner)))


def radio() -> dict[str, Any]:
    return {"serial": SCHOOL_RADIO, "rf_profile": "Suivi", "two_four_ghz": {"channel": 1}}


def follower(change: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the operation that shows what follows an object of the school, on both sides."""
    if change["kind"] == "device":
        tagged = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), **TAGGED}
        later = operation("meraki_ssids", SCHOOL, tagged, {**tagged, "visible": not tagged.get("visible")})
        return [{**later, "waiting": "un mot"}]
    if change["label"] != "Suivi":
        return []
    if change["kind"] == "rf_profile":
        after = {**radio(), "two_four_ghz": {"channel": 6}}
        return [operation("meraki_radios", SCHOOL, radio(), after)]
    port = {**item("meraki_switch_ports", SCHOOL, SCHOOL_PORT), "port_schedule": "Suivi"}
    return [operation("meraki_switch_ports", SCHOOL, port, {**port, "name": "x"})]


def neighbours(owner: str, beside: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Give what names objects of a site, and what broadcasts there."""
    shown = [each["content"]["before"] for each in beside]
    ssids = {each["name"]: each for each in (*items("meraki_ssids", owner), *shown) if "availability_tags" in each}
    radios = [each for each in town().sites[owner]["devices"] if each["kind"] == "access_point"]
    return {"follower": [*items("meraki_switch_ports", owner), *shown], "ssid": [*ssids.values()],
            "access_point": radios}  # fmt: skip


@cache
def world() -> dict[str, list[dict[str, Any]]]:
    """Give the policies of the whole town, and where they are linked."""
    modules = {"gpo": "ad_gpos", "gpo_links": "ad_gpo_links", "network_policy": "nps_network_policies",
               "connection_request_policy": "nps_connection_request_policies"}  # fmt: skip
    known = {name: [item for owner in town().owners for item in items(module, owner)]
             for name, module in modules.items()}  # fmt: skip
    policies = ("prism_protection_policies", "prism_affinity_policies", "prism_recovery_plans")
    return {**known, "following": [item for module in policies for item in items(module, "commune")]}


def altered(draw: random.Random, value: Any) -> Any:
    """Give another value of the same form."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return value[1:]
    if isinstance(value, dict):
        left = dict(value)
        if left and draw.random() < 0.5:
            left.pop(draw.choice([*left]))
        return left
    try:
        return str(ip_address(value) + 1)
    except ValueError:
        return f"{value}x"


def drawn(draw: random.Random, domain: str) -> tuple[Any, str, dict[str, Any], dict[str, Any] | None]:
    """Draw a kind, an object of it, and what it becomes: some fields otherwise, or nothing."""
    kinds = [*dict.fromkeys(kind for kind, _, _ in objects(domain))]
    chosen = draw.choice(kinds)
    kind, owner, before = draw.choice([known for known in objects(domain) if known[0] is chosen])
    refused = kind.table.name == "access_policy"  # The Dashboard keeps what ports follow.
    if draw.random() < GONE and kind.table.shape is not Shape.FIXED and not refused:
        return kind, owner, before, None
    after = copy.deepcopy(before)
    fields = [name for name in after if name not in (*kind.table.key, "access_lists")]
    fields += [field.name for field in kind.table.fields if field.type == "str" and field.name not in after
               and field.name not in kind.table.key and not field.choices]  # fmt: skip
    for name in draw.sample(fields, min(len(fields), draw.choice([1, 1, 2]))):
        choices = () if isinstance(after.get(name), dict) else kind.table.field(name).choices
        others = [choice for choice in choices if choice != after.get(name)]
        after[name] = draw.choice(others) if others else altered(draw, after.get(name, ""))
    return kind, owner, before, after


def changes(domain: str) -> Iterator[tuple[dict[str, Any], bool]]:
    draw, made, idle = random.Random(domain), 0, 0
    while made < LEAST or idle < IDLE:
        kind, owner, before, after = drawn(draw, domain)
        if before != after:
            change = operation(kind.module, owner, before, after)
            around = neighbours(owner, follower(change)) if domain == "network" else {}
            noticed = feels(kind.table.name, before, after, {**world(), **around})
            made, idle = made + 1, idle + (not noticed)
            yield change, noticed


def closing(result: Consequences) -> list[str]:
    return [*said.ending(result, lambda owner: "")]


@pytest.mark.parametrize("domain", DRAWN)
def test_what_people_notice_of_a_drawn_change_is_what_is_said(domain: str) -> None:
    wrong = []
    for change, noticed in changes(domain):
        result = of(plan(change, *follower(change), limit=""), town())
        lines = [line for line in result.lines if line.gravity != "nothing" and 0 in line.operations]
        if bool(lines) is not noticed:
            wrong.append((change["kind"], change["label"], change["action"], change["fields"], noticed, result.lines))
        elif not noticed:
            assert closing(result) == ["= rien ne change pour personne"]
            assert [*result.idle.values()] == [[0]]
    assert wrong == []


@pytest.mark.parametrize("domain", DRAWN)
def test_a_system_that_did_not_answer_leaves_no_drawn_change_certain(domain: str) -> None:
    for change, _ in [*changes(domain)][: 10 if WIDE else 2]:
        silent = Trouble(change["owner"], "Lire", "unknown", "ne répond pas")
        result = of(plan(change, limit="", troubles=(silent,)), town())
        assert not result.nothing
        texts = closing(result)
        assert "= rien ne change pour personne" not in texts
        assert any(text.startswith(f"? {change['owner']} / Lire : pas lu") for text in texts)


def test_enough_changes_are_drawn_and_enough_of_them_change_nothing() -> None:
    noticed = [felt for domain in DRAWN for _, felt in changes(domain)]
    assert len(noticed) >= 40
    assert noticed.count(False) >= 10
    assert noticed.count(True) >= 10
    assert {kind.table.name for domain in DRAWN for kind, _, _ in objects(domain)} <= FELT.keys()
