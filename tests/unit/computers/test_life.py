"""The reasons to keep a computer, or to let it go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.readings.computers import life
from tests.support.computers import NOW, moment
from tests.unit.computers.test_judge import a_computer
from tests.unit.sobriety.small import SCHOOL, TODAY, town

WORKED = {"since": moment(NOW), "minutes": [60, *[0] * 167]}


@pytest.mark.parametrize(("sessions", "why"), [(WORKED, "il sert encore"), (None, "il répond encore")])
def test_a_computer_serves_where_somebody_worked_on_it(sessions: Any, why: str) -> None:
    """A Mac, and a computer whose sessions were not read, answers: nobody knows if it serves."""
    row = replace(a_computer(sessions=sessions), end_of_life="2026-12-31")
    (future,) = life.futures([row], town(SCHOOL), TODAY)
    assert (future.verdict, future.why) == ("prolong", f"fin de vie le 2026-12-31, et {why}")
