"""The gravity of what a plan and a drift show: its words, its order."""

from __future__ import annotations

from typing import Any

import pytest

from piste.runs.plans import gravity, show
from piste.systems.kinds import KINDS
from tests.unit.plans.plans import operation, plan

RULE = {"id": "test-ineo", "action": ["allow"], "sources": ["any"], "destinations": ["any"], "services": ["any"]}
RANGE = {"start": "10.0.0.10", "end": "10.0.0.20", "exclusions": [], "active": True}
WHOLE = [{"start": "10.0.0.10", "end": "10.0.0.15"}, {"start": "10.0.0.16", "end": "10.0.0.20"}]
DNS = {"id": "dns", "action": ["allow"], "sources": ["network/agents"]}


def change(kind: str, before: dict[str, Any], after: dict[str, Any], key: str = "x") -> dict[str, Any]:
    described = operation(key, kind=kind)
    return {**described, "fields": [*after], "content": {"before": before, "after": after}}


@pytest.mark.parametrize(
    ("described", "said"),
    [
        (
            change("ssid", {"auth_mode": "open", "enabled": True}, {"auth_mode": "psk", "enabled": True}),
            "aujourd’hui : OUVERT, n’importe qui s’y connecte",
        ),
        (
            change("ssid", {"auth_mode": "psk"}, {"auth_mode": "open"}),
            "ensuite : OUVERT, n’importe qui s’y connecte",
        ),
        (change("ssid", {"auth_mode": "open", "enabled": False}, {"auth_mode": "psk", "enabled": False}), ""),
        (
            change("policy", {"ipv4_access": [DNS, RULE, DNS, DNS]}, {"ipv4_access": [DNS, DNS, DNS]}),
            "aujourd’hui : « test-ineo » laisse tout passer, avant 2 règles",
        ),
        (change("policy", {"ipv4_access": [{**RULE, "disabled": True}]}, {"ipv4_access": []}), ""),
        (change("dhcp_scope", {"active": False}, {"active": True}), "aujourd’hui : ne donne aucune adresse"),
        (change("dhcp_scope", {"lease": 1}, {"lease": 2}), ""),
        (change("dhcp_scope", RANGE, {"exclusions": WHOLE}), "ensuite : ne donne aucune adresse"),
        (
            change("dhcp_scope", {**RANGE, "exclusions": WHOLE}, {"exclusions": []}),
            "aujourd’hui : ne donne aucune adresse",
        ),
        (
            change("dhcp_scope", {**RANGE, "reservations": {"10.0.0.12": {}}}, {"exclusions": WHOLE}),
            "ensuite : ne donne que ses adresses réservées",
        ),
        (change("dhcp_scope", RANGE, {"exclusions": WHOLE[:1]}), ""),
        (
            change("gpo", {"filtering": ["Agents"], "exempt": []}, {"exempt": ["agents"]}),
            "ensuite : ne s’applique à personne",
        ),
        (
            change("gpo", {"filtering": [], "exempt": []}, {"filtering": ["Agents"]}),
            "aujourd’hui : ne s’applique à personne",
        ),
        (change("gpo", {"filtering": ["Agents"], "exempt": []}, {"comment": "x"}), ""),
        (
            change("policy", {"ipv4_access": [DNS]}, {"ipv4_access": [{**DNS, "sources": ["none"]}]}),
            "ensuite : « dns » ne laisse plus rien passer",
        ),
    ],
)
def test_what_is_grave_is_said_first(described: dict[str, Any], said: str) -> None:
    assert gravity.words(described) == (f" — {said}" if said else "")
    if said:
        assert said in show.lines(plan(described))[2][1]


def test_a_drift_begins_with_what_opens_then_with_what_cuts() -> None:
    name = change("ssid", {"name": "a"}, {"name": "b"}, "un")
    trunk = change("switch_port", {"allowed_vlans": "1"}, {"allowed_vlans": "1-2"}, "deux")
    opened = {**change("group", {"members": {}}, {"members": {"a": {}}}, "trois"), "owner": "voirie", "system": "ad"}
    orphans = [
        {"kind": "dns_record", "key": "a", "why": "x"},
        {"kind": "rule", "key": "b", "why": "laisse tout passer", "gravity": "opens"},
    ]
    drift = {**plan(name, trunk, opened, orphans=orphans), "playbook": show.DRIFT}
    shown = [text for _, text in show.lines(drift, brief=True)]
    assert shown == [
        "voirie", "  annuaire", "    ~ group trois : membres",
        "ecole-jaures", "  réseau", "    ~ switch_port deux : VLAN autorisés", "    ~ ssid un : nom",
        "! orphelin : rule b, laisse tout passer", "! orphelin : dns_record a, x",
    ]  # fmt: skip


def test_the_scale_knows_only_kinds_and_fields_that_are() -> None:
    tables = {kind.table.name: {field.name for field in kind.table.fields} for kind in KINDS}
    named = [(kind, field) for kinds in gravity.FIELDS.values() for kind, fields in kinds.items() for field in fields]
    assert [pair for pair in named if pair[1] != gravity.ALL and pair[1] not in tables[pair[0]]] == []
    assert {kind for kind, _ in named} <= tables.keys()
