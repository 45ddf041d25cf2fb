"""Properties of addressing: derived prefixes are disjoint, and inside their block."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from piste.town.model.addressing.form import Addressing
from piste.town.model.addressing.plan import AddressingRule

RULES = st.integers(9, 20).flatmap(
    lambda town: st.integers(town, 24).flatmap(
        lambda site: st.builds(
            lambda segment, extensions: Addressing.model_validate(
                {
                    "town": f"10.0.0.0/{town}",
                    "extensions": extensions,
                    "site_prefix": site,
                    "segment_prefix": segment,
                    "vlan": {"base": 100, "per_site": 10},
                    "hosts": {
                        "gateway": 1,
                        "dhcp": {"first": 1, "last": 1},
                        "switches": {"first": 1, "last": 1},
                        "access_points": {"first": 1, "last": 1},
                    },
                    "shared_number": 0,
                }
            ),
            st.integers(site, 30),
            st.lists(st.sampled_from((f"11.0.0.0/{town}", f"12.0.0.0/{site}", "10.128.0.0/9")), unique=True),
        )
    )
)


@settings(derandomize=True, deadline=None)
@given(rule=RULES, data=st.data())
def test_derived_prefixes_never_overlap(rule: Addressing, data: st.DataObject) -> None:
    plan = AddressingRule(rule)
    offsets = 2 ** (rule.segment_prefix - rule.site_prefix)
    blocks = sum(map(plan.room, plan.prefixes))
    places = st.tuples(
        st.integers(0, min(1, len(plan.prefixes) - 1)).flatmap(
            lambda side: st.integers(max(0, blocks - 70), blocks - 1) if side else st.integers(0, blocks - 1)
        ),
        st.integers(0, offsets - 1),
        st.integers(rule.segment_prefix, 30),
    )
    chosen = data.draw(st.lists(places, min_size=2, max_size=12, unique_by=lambda place: place[:2]))
    subnets = sorted((plan.subnet(*place) for place in chosen), key=lambda subnet: int(subnet.first))
    assert all(left.last < right.first for left, right in pairwise(subnets))
    assert all(plan.subnet(*place) in plan.block(place[0]) for place in chosen)
    assert all(sum(plan.block(place[0]) in prefix for prefix in plan.prefixes) == 1 for place in chosen)


def test_an_extension_changes_no_earlier_block() -> None:
    plan = _plan()
    longer = _plan(extensions=["172.20.0.0/20", "10.95.0.0/16"])
    assert [longer.block(number) for number in plan.site_numbers] == [plan.block(n) for n in plan.site_numbers]
    assert (len(plan.site_numbers), len(longer.site_numbers)) == (32, 66)
    assert [str(longer.block(number)) for number in (31, 32, 33, 34, 65)] == [
        "10.93.248.0/21", "172.20.0.0/21", "172.20.8.0/21", "10.95.0.0/21", "10.95.248.0/21",
    ]  # fmt: skip


def test_numbers_end_with_the_vlan_ids_and_the_order_of_policies() -> None:
    assert len(_plan(town="10.0.0.0/8").site_numbers) == 399
    assert _plan(town="10.0.0.0/8").vlan(398, 9) == 4089
    assert len(_plan(town="10.0.0.0/8", vlan={"base": 1, "per_site": 1}).site_numbers) == 800
    assert not _plan(vlan={"base": 4090, "per_site": 10}).site_numbers


def _plan(**changes: object) -> AddressingRule:
    ranks = {"first": 1, "last": 1}
    declared = {
        "town": "10.93.0.0/16",
        "site_prefix": 21,
        "segment_prefix": 24,
        "vlan": {"base": 100, "per_site": 10},
        "hosts": {"gateway": 254, "dhcp": ranks, "switches": ranks, "access_points": ranks},
        "shared_number": 30,
    }
    return AddressingRule(Addressing.model_validate({**declared, **changes}))
