"""Lists of VLANs, keys of aggregations and rules of quality, whatever they hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Operation
from piste.engine.converge.secrets import Vault
from piste.systems.meraki.link_aggregations import ports_of, spelt
from piste.systems.meraki.traffic import RULE, in_order, quality_writes
from piste.systems.meraki.vlans import keeps, vlan_ranges
from tests.support.fuzz import examples

VLANS = st.lists(st.integers(1, 4094), min_size=1, max_size=30)


def members(text: str) -> set[int]:
    ends = [[int(end) for end in part.split("-")] for part in text.split(",")]
    return {number for edge in ends for number in range(edge[0], edge[-1] + 1)}


@examples(small=10, wide=4000)
@given(VLANS, VLANS)
def test_a_list_of_vlans_has_a_single_spelling_and_keeps_its_members(some: list[int], others: list[int]) -> None:
    text = vlan_ranges(" , ".join(map(str, some)))
    assert members(text) == {*some}
    assert vlan_ranges(text) == text
    assert vlan_ranges(",".join(map(str, sorted(some, reverse=True)))) == text
    assert keeps(text, vlan_ranges(",".join(map(str, [*some, *others]))))
    assert keeps(text, vlan_ranges(",".join(map(str, others)))) == ({*some} <= {*others})


@examples(small=10, wide=4000)
@given(st.text(max_size=20))
def test_any_text_is_a_list_of_vlans_or_stays_as_it_is(text: str) -> None:
    assert vlan_ranges(vlan_ranges(text)) == vlan_ranges(text)


@examples(small=10, wide=2000)
@given(st.sets(st.tuples(st.sampled_from(["QZZZ-0000-0001", "QZZZ-0000-0002"]), st.integers(1, 52)), min_size=2,
               max_size=8), st.randoms())  # fmt: skip
def test_an_aggregation_has_a_single_key(ports: set[tuple[str, int]], random: Any) -> None:
    names = [f"{serial}/{port}" for serial, port in ports]
    key = spelt("+".join(names))
    random.shuffle(names)
    assert spelt(", ".join(names).lower()) == key
    assert spelt(key) == key
    assert {*ports_of(key)} == {*names}


RULES = st.lists(
    st.fixed_dictionaries(
        {"vlan": st.none() | st.integers(1, 3), "protocol": st.just("ANY"), "dscp": st.integers(-1, 3)}
    ),
    max_size=6,
)


def normal(rules: Any) -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = [{"src_port": None, "dst_port": None, **from_wire(RULE, rule, Vault(), {}, {})}
                                   for rule in rules]  # fmt: skip
    return known


@examples(small=15, wide=4000)
@given(RULES, RULES)
def test_rules_become_those_that_are_wanted_in_their_order(before: Any, after: Any) -> None:
    live = {str(number): rule for number, rule in enumerate(before)}
    operation = Operation("meraki", "essai", "network_settings", "r", "update", {}, {})
    documents = [{"id": known, **rule} for known, rule in live.items()]
    writes = list(quality_writes(operation, ("/r", "/r/{id}"), documents, normal(before), normal(after)))
    for write in writes:
        known = write.path.removeprefix("/r").strip("/")
        if write.http == "DELETE":
            del live[known]
        elif write.http == "POST":
            live[str(len(before) + len(live))] = dict(write.body)
        else:
            live[known] = {**live[known], **write.body}
    documents = [{"id": known, **rule} for known, rule in live.items()]
    order = in_order(documents, normal(live.values()), normal(after))
    assert normal(live[known] for known in order) == normal(after)
