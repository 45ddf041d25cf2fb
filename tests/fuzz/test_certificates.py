"""Any bytes are a certificate that is judged, or are refused; so are kept readings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from lab.winrm.certificates import machine_store
from piste.readings.certificates.facts import facts
from piste.readings.certificates.judgment import covers, judge
from tests.support.fuzz import examples
from tests.unit.certificates.test_judgment import certificate, town

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@cache
def sound() -> bytes:
    from base64 import b64decode

    return b64decode(machine_store("hdv-nps1.ad.lebourget.example", NOW.timestamp())[1]["content"])


@examples(small=38, wide=20000)
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=4), st.binary(max_size=20))
def test_a_spoilt_certificate_is_judged_or_refused(changes: list[tuple[int, int]], end: bytes) -> None:
    content = bytearray(sound() + end)
    for place, value in changes:
        content[place % len(content)] = value
    try:
        read = facts(bytes(content), trusted=False, why="x")
    except ValueError:
        return
    declared = certificate(not_after="2027-06-30")
    item = judge(declared, read, town(declared), NOW)
    assert item.state == "wrong"
    json.dumps(item.trial(town(declared)))


@examples(small=25, wide=10000)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_names_compare(pattern: str, name: str) -> None:
    assert covers(pattern, name) in (True, False)
