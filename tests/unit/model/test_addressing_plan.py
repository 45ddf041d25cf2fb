"""Properties of addressing: derived prefixes are disjoint, and inside their block."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from piste.model.addressing.form import Addressing
from piste.model.addressing.plan import AddressingRule

RULES = st.integers(8, 20).flatmap(
    lambda town: st.integers(town, 24).flatmap(
        lambda site: st.builds(
            lambda segment: Addressing.model_validate(
                {
                    "town": f"10.0.0.0/{town}",
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
        )
    )
)


@settings(derandomize=True, deadline=None)
@given(rule=RULES, data=st.data())
def test_derived_prefixes_never_overlap(rule: Addressing, data: st.DataObject) -> None:
    plan = AddressingRule(rule)
    offsets = 2 ** (rule.segment_prefix - rule.site_prefix)
    places = st.tuples(
        st.integers(0, plan.site_numbers[-1]),
        st.integers(0, offsets - 1),
        st.integers(rule.segment_prefix, 30),
    )
    chosen = data.draw(st.lists(places, min_size=2, max_size=12, unique_by=lambda place: place[:2]))
    subnets = sorted((plan.subnet(*place) for place in chosen), key=lambda subnet: int(subnet.first))
    assert all(left.last < right.first for left, right in pairwise(subnets))
    assert all(plan.subnet(*place) in plan.block(place[0]) for place in chosen)
    assert all(plan.block(place[0]) in plan.town for place in chosen)
