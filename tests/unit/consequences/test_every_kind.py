"""Drawn changes of every kind: each is in a line, or among those that change nothing."""

from __future__ import annotations

import copy
import random
from ipaddress import ip_address
from typing import Any

import pytest

from piste.sites.consequences import said
from piste.sites.consequences.computed import of
from piste.systems.kinds import KINDS
from piste.systems.kinds import of_object as kind_of
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import SCHOOL, changed, items, operation, plan, town

pytestmark = pytest.mark.drawn

DECLARED = [kind for kind in KINDS if not kind.step and kind.declared]


def objects(kind: Any) -> list[tuple[str, dict[str, Any]]]:
    owners = [name for name in town().owners if name in town().sites or kind.domain != "network"]
    every = [(name, item) for name in (SCHOOL, "commune", "hotel-de-ville") if name in owners
             for item in items(kind.module, name)]  # fmt: skip
    return [(name, item) for name, item in every if all(part in item for part in kind.table.key)]


def altered(draw: random.Random, kind: Any, item: dict[str, Any]) -> dict[str, Any]:
    """Change the value of a drawn field; the key stays."""
    after = copy.deepcopy(item)
    names = [name for name in after if name not in kind.table.key and kind.table.field(name)]
    for name in draw.sample(names, min(2, len(names))):
        value = after[name]
        if isinstance(value, bool):
            after[name] = not value
        elif isinstance(value, int):
            after[name] = value + 1
        elif isinstance(value, list):
            after[name] = value[1:]
        elif not (isinstance(value, str) and _is_address(value)):
            choices = [choice for choice in kind.table.field(name).choices if choice != value]
            after[name] = draw.choice(choices) if choices else value
    return after


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text.partition("/")[0]))
    except ValueError:
        return False


@pytest.mark.parametrize("kind", DECLARED, ids=[kind.module for kind in DECLARED])
def test_a_change_is_in_a_line_or_changes_nothing(kind: Any) -> None:
    draw, known = random.Random(kind.module), objects(kind)
    made = []
    for owner, item in draw.sample(known, min(3 if WIDE else 1, len(known))):
        after = altered(draw, kind, item)
        made += [operation(kind.module, owner, item, after)] if after != item else []
        made.append(operation(kind.module, owner, item, None))
    whole = plan(*made, limit="")
    result = of(whole, town())
    lines = {at for line in result.lines for at in line.operations}
    idle = {at for places in result.idle.values() for at in places}
    assert lines | idle == {*range(len(made))}
    assert not lines & idle
    assert all(line.said and line.operations for line in result.lines)
    assert said.markdown(result, whole, lambda owner: "")


SCOPE, USERS = "10.93.41.0/24", "VLB hotel-de-ville/coeur-hdv/151"
LENDS: dict[str, tuple[str, str, dict[str, Any], bool]] = {
    "relay off": ("meraki_routed_interfaces", USERS, {"dhcp": {"mode": "dhcpDisabled"}}, False),
    "relay to another": (
        "meraki_routed_interfaces", USERS, {"dhcp": {"mode": "dhcpRelay", "relay_servers": ["10.93.2.12"]}}, True,
    ),
    "lends by itself": ("meraki_routed_interfaces", USERS, {"dhcp": {"mode": "dhcpServer"}}, True),
    "scope off": ("dhcp_scopes", SCOPE, {"active": False}, False),
    "all excluded": ("dhcp_scopes", SCOPE, {"exclusions": [{"start": "10.93.41.1", "end": "10.93.41.254"}]}, False),
    "half excluded": ("dhcp_scopes", SCOPE, {"exclusions": [{"start": "10.93.41.50", "end": "10.93.41.99"}]}, True),
    "excluded but one": ("dhcp_scopes", SCOPE, {"exclusions": [{"start": "10.93.41.50", "end": "10.93.41.238"}]}, True),
    "shorter": ("dhcp_scopes", SCOPE, {"end": "10.93.41.60"}, True),
}  # fmt: skip


@pytest.mark.parametrize("change", LENDS.values(), ids=LENDS)
def test_a_segment_lends_or_not(change: tuple[str, str, dict[str, Any], bool]) -> None:
    """Addresses are lent where a relay leads to a scope that is on, with an address left."""
    module, key, values, lends = change
    result = of(plan(changed(module, SCHOOL, key, lambda item: item.update(values))), town())
    texts = [line.said for line in result.lines if line.subject == "addresses"]
    assert ("un appareil n’obtiendra plus d’adresse" in texts) is not lends
    assert kind_of("dhcp_scope")
