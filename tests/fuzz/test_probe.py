"""Spoilt words of a station: judged or unknown. Packets of anybody: read or left."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.trials.probe import carriers, visit
from piste.trials.probe.onsite import wire
from piste.trials.probe.onsite.questions import name
from piste.trials.probe.results import Probed
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances
from tests.support.fuzz import examples
from tests.support.probe import place, right, trials_of, ways

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2), st.just({"outcome": "answered"}),
    st.just({"outcome": "refused"}), st.just({"outcome": ["answered"]}), st.just("2099-13-45"),
)  # fmt: skip
WHERE = place("utilisateurs")


@cache
def said() -> str:
    return json.dumps({"format": 1, "started": 1.0, "ended": 2.0, "machine": {}, "interface": "eth0",
                       "answers": right(trials())})  # fmt: skip


@cache
def trials() -> list[Trial]:
    return list(trials_of(WHERE).values())


def judged(output: str) -> Probed:
    listed = trials()
    return visit.judged(ways(), WHERE, Circumstances(everything_answers=True), listed, carriers.unpacked(0, output, ""))


@examples(small=10, wide=2000)
@given(data=st.data(), junk=JUNK)
def test_a_spoilt_answer_is_judged_or_unknown(data: st.DataObject, junk: Any) -> None:
    spoilt = json.loads(said())
    answers = spoilt["answers"]
    key = data.draw(st.sampled_from(["lease", "gateway", "link", "portal#0", *list(answers)[:40]]))
    field = data.draw(st.sampled_from([None, *answers.get(key, {})]))
    if field is None:
        answers[key] = junk
    else:
        answers[key][field] = junk
    judged(json.dumps(spoilt))


@examples(small=5, wide=500)
@given(part=st.sampled_from(["started", "ended", "machine", "interface", "error", "left", "answers"]), junk=JUNK)
def test_a_spoilt_report_is_judged_or_unknown(part: str, junk: Any) -> None:
    probed = judged(json.dumps({**json.loads(said()), part: junk}))
    if part == "answers":
        assert probed.counts["conform"] == 0


@examples(small=10, wide=2000)
@given(message=st.binary(max_size=320), cut=st.integers(0, 320))
def test_any_datagram_is_read_or_left(message: bytes, cut: int) -> None:
    wire.read_dhcp(message, b"abcd")
    made = bytearray(wire.dhcp(wire.OFFER, b"\2" * 6, b"abcd", {3: message[:40], 6: message[:9]}))
    made[0] = 2
    wire.read_dhcp(bytes(made[:cut]), b"abcd")
    wire.read_dhcp(bytes(made[:240]) + message, b"abcd")


@examples(small=10, wide=2000)
@given(rest=st.binary(max_size=120))
def test_any_answer_of_names_is_read_or_nonsense(rest: bytes) -> None:
    def stand_in(question: object, icmp: object, payload: bytes, port: int) -> tuple[dict[str, object], bytes]:
        return {"outcome": "answered", "ms": 1.0}, payload[:2] + rest

    true, name.__globals__["exchange"] = name.__globals__["exchange"], stand_in
    try:
        answer = name({"address": "192.0.2.1", "name": "a.b"}, None)  # type: ignore[arg-type]
    finally:
        name.__globals__["exchange"] = true
    assert answer["outcome"] in ("answered", "nonsense")


def test_an_address_that_is_none_is_unknown() -> None:
    spoilt = json.loads(said())
    spoilt["answers"]["lease"]["address"] = -1
    (lease,) = [result for result in judged(json.dumps(spoilt)).results if result.kind == "lease"]
    assert (lease.verdict, lease.observed) == ("unknown", "réponse illisible")
