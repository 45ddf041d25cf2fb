"""Traces through random tables: each ends, crosses a router once, and gives its reason."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.town.model.routing.trace import OUTSIDE, End, Face, Leads, Router, round_trip
from tests.support.fuzz import examples

SUBNETS = st.sampled_from(["10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16", "10.0.2.0/30", "2001:db8::/64", ""])
ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2", "10.0.2.1", "2001:db8::1"])
DESTINATIONS = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24", "10.0.0.2/32", "::/0"])
FACES = st.builds(
    lambda name, subnet, addresses: Face(name=name, subnet=subnet, addresses=addresses),
    st.sampled_from("abc"), SUBNETS, st.lists(ADDRESSES, max_size=2),
)  # fmt: skip
ROUTES = st.builds(
    lambda destination, via: Leads(destination=destination, via=via),
    DESTINATIONS,
    st.lists(ADDRESSES, min_size=1, max_size=2),
)
TABLES = st.lists(
    st.tuples(
        st.lists(FACES, max_size=3), st.lists(ROUTES, max_size=3), st.booleans(), st.sampled_from([[], ["OSPF"]]),
        st.sampled_from(["", "", "", "sans réponse"]),
    ),
    max_size=4,
)  # fmt: skip
ENDS = st.sampled_from(
    [
        End("postes", "10.0.0.9", "10.0.0.0/24", "10.0.0.1"),
        End("serveur", "10.0.1.9", "10.0.1.0/24", "10.0.1.1"),
        End("ailleurs", "10.9.9.9", "10.9.9.0/24", "10.9.9.1"),
        OUTSIDE,
    ]
)


def routers(tables: list[tuple[Any, ...]]) -> list[Router]:
    return [
        Router(name=f"r{rank}", interfaces=faces, routes=routes, verifies_sources=checks, others=others, unread=unread)
        for rank, (faces, routes, checks, others, unread) in enumerate(tables)
    ]


@examples(small=38, wide=20_000)
@given(TABLES, ENDS, ENDS)
def test_a_trace_ends_and_says_why(tables: list[tuple[Any, ...]], source: End, destination: End) -> None:
    trip = round_trip(routers(tables), source, destination)
    assert (trip.state == "both") is (trip.why == "")
    for trace in (trip.forth, trip.back):
        assert len(trace.routers) == len(set(trace.routers)) <= len(tables)
        assert (trace.state == "arrives") is (trace.why == "")
