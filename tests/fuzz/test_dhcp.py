"""Any scope becomes any other by its change, on a server and by its normal form."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.winrm.dhcp_server import DhcpServer, server
from piste.engine.converge.normalise import declared
from piste.engine.converge.overlay import overlay
from piste.engine.converge.plan import Operation
from piste.engine.converge.secrets import Vault
from piste.systems.windows.dhcp import table
from piste.systems.windows.dhcp.server import _scopes as listed
from tests.support.fuzz import examples

SUBNET = "10.93.41.0/24"
HOSTS = st.integers(1, 254)
ADDRESSES = HOSTS.map("10.93.41.{}".format)
TEXTS = st.one_of(st.none(), st.text("abé'$`{};", min_size=1, max_size=8))
LISTS = st.lists(ADDRESSES, max_size=3)


def spans(edges: list[int]) -> list[dict[str, str]]:
    """Return ranges that do not meet, between sorted hosts two by two."""
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [{"start": f"10.93.41.{first}", "end": f"10.93.41.{last}"} for first, last in pairs]


OPTIONS = st.fixed_dictionaries(
    {
        **dict.fromkeys(table.LISTS, LISTS),
        **dict.fromkeys(table.TEXTS, TEXTS),
        "other": st.dictionaries(
            st.sampled_from(("2", "12", "43", "119", "252")),
            st.fixed_dictionaries({"values": st.lists(st.text("0x1fF ", min_size=1), min_size=1, max_size=3)}),
        ),
    }
)
RESERVATIONS = st.dictionaries(ADDRESSES, st.text("abc.-", min_size=1, max_size=6), max_size=4)
EDGES = st.lists(HOSTS, unique=True, min_size=4, max_size=8).map(sorted)


@st.composite
def scopes(draw: st.DrawFn) -> dict[str, Any]:
    first, *middle, last = draw(EDGES)
    macs = draw(st.permutations(range(8)))
    reserved = draw(RESERVATIONS)
    return {
        "subnet": SUBNET,
        "name": draw(st.text("abé'", min_size=1, max_size=5)),
        "description": draw(st.text("abé'", max_size=5)),
        "start": f"10.93.41.{first}",
        "end": f"10.93.41.{last}",
        "exclusions": spans(middle),
        "lease": draw(st.integers(60, 10**6)),
        "active": draw(st.booleans()),
        "options": draw(OPTIONS),
        "reservations": {
            at: {"name": name, "mac": f"02:00:00:00:00:0{mac}"}
            for (at, name), mac in zip(reserved.items(), macs, strict=False)
        },
    }


def read(live: DhcpServer, names: dict[str, str]) -> dict[str, Any]:
    scope = listed(live.read({}))[SUBNET]
    entries = live.entries({"subnets": ["10.93.41.0"]})["entries"]
    return table.item({**scope, "entries": entries, "error": ""}, names)


def normal(scope: dict[str, Any]) -> dict[str, Any]:
    (item,) = declared(table.SCOPES, [scope], Vault())
    return item


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without what is empty: an option that is not given."""
    options = {name: value for name, value in item["options"].items() if value not in (None, [], {})}
    return {**item, "options": options}


def without(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Declare also that the map entries which `after` lacks go."""
    gone = dict.fromkeys(before["reservations"].keys() - after["reservations"].keys())
    other = dict.fromkeys(before["options"].get("other", {}).keys() - after["options"]["other"].keys())
    options = {**after["options"], "other": {**after["options"]["other"], **other}}
    return {**after, "options": options, "reservations": {**after["reservations"], **gone}}


@examples(small=10, wide=2000)
@given(scopes(), scopes())
def test_any_scope_becomes_any_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    live = DhcpServer(server(), "hdv-dc1", lambda name: None)
    first, second = normal(before), normal(after)

    made = Operation("dhcp", "site", "dhcp_scope", SUBNET, "create", None, first)
    assert live.write({"scopes": [table.change(made)]}) == {"failed": []}
    names = {at: reserved["name"] for at, reserved in first["reservations"].items()}
    there = read(live, names)
    assert bare(there) == bare(first)

    wanted = overlay(table.SCOPES.fields, there, normal(without(there, after)), whole=False)
    changed = Operation("dhcp", "site", "dhcp_scope", SUBNET, "update", there, wanted)
    assert live.write({"scopes": [table.change(changed)]}) == {"failed": []}
    names = {at: reserved["name"] for at, reserved in second["reservations"].items()}
    assert bare(read(live, names)) == bare(second)
