"""Any answer of a server of NUT is read as variables, or refused."""

from __future__ import annotations

import socket
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import PisteError
from piste.systems.ups.judgment import trial
from piste.systems.ups.nut import Nut
from tests.support.fuzz import examples

KEYS = ("ups.status", "ups.load", "battery.charge", "battery.runtime", "battery.date", "battery.mfr.date", "x")
SAID = ["OL", "OB LB", "23", "100", "nan", "inf", "-1", "1e400", "2025/03/01", "2025/99/99", "01/31/19", "", "WAIT"]
VALUES = st.sampled_from(SAID)
LINES = st.one_of(
    st.tuples(st.sampled_from(KEYS), VALUES | st.text(max_size=5)).map(lambda pair: f'VAR a {pair[0]} "{pair[1]}"'),
    st.sampled_from(["ERR DATA-STALE", "ERR UNKNOWN-UPS", "END LIST VAR a", 'VAR b x "1"', 'VAR a x "']),
    st.text(max_size=20),
)


class Said:
    """A socket that says what it was given."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def sendall(self, text: bytes) -> None: ...

    def settimeout(self, seconds: float) -> None: ...

    def close(self) -> None: ...

    def recv(self, size: int) -> bytes:
        part, self.content = self.content[:7], self.content[7:]
        return part


@examples(small=50, wide=20000)
@given(st.lists(LINES, max_size=6), st.binary(max_size=6), st.booleans())
def test_any_answer_is_variables_or_is_refused(lines: list[str], end: bytes, closed: bool) -> None:
    listed = ["ERR FEATURE-NOT-CONFIGURED", "BEGIN LIST VAR a", *lines, *(["END LIST VAR a"] if closed else [])]
    said: Any = Said("\n".join(listed).encode() + b"\n" + end)
    real = socket.create_connection
    socket.create_connection = lambda *_, **__: said  # type: ignore[assignment]
    read = None
    try:
        with Nut("192.0.2.1") as asked:
            read = asked.variables("a")
    except PisteError:
        pass
    finally:
        socket.create_connection = real
    ups = {"name": "a", "runtime_minutes": 10, "battery_until": None}
    assert trial(ups, read, date(2026, 11, 27))["state"] in ("ok", "wrong", "unknown")
