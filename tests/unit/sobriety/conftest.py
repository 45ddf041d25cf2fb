from typing import Any

import pytest

from piste.sobriety.figure import Figure
from tests.support.alone import lab_folder, root, sealing

__all__ = ["lab_folder", "root", "sealing"]
ROUNDED = 0.01


@pytest.fixture(autouse=True)
def within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure that these tests make lies between its bounds."""
    made = Figure.__init__

    def checked(self: Figure, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        value, low, high = self.value, self.low, self.high
        if value is not None and low is not None and high is not None:
            assert low - ROUNDED <= value <= high + ROUNDED, f"{self.id}: {value}, between {low} and {high}"

    monkeypatch.setattr(Figure, "__init__", checked)
