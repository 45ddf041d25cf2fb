"""The gains of each lever since its first reading, and the silences. Pure.

Silence is neither a saving nor a loss: a loss counts for what was read as lost alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from piste.sobriety.figure import Figure
from piste.sobriety.history import Reading
from piste.sobriety.savings import Saving
from piste.sobriety.value_range import NOTHING, Range

Lever = tuple[str, str]
"""A lever, and its side: `estimated` energy, or `sheets`."""
Silence = Mapping[str, int | None]
"""The levers that a reading did not read again, with the number of silent targets; None for all of them."""


class Levers:
    """The gains of levers, reading by reading.

    A lever that was not read yet may have been in place: its first reading is no saving.
    """

    def __init__(self) -> None:
        self.starts: dict[Lever, Reading] = {}
        self.gains: dict[str, dict[Lever, Range]] = {}
        self._doubtful: dict[str, set[str]] = {}
        self._silent: dict[str, set[str]] = {}

    def read(self, reading: Reading) -> Mapping[Lever, Range]:
        """Give the gains of a reading, the oldest reading first; a lever that was not read has none."""
        gains = self.gains[reading.day] = {}
        self._silent = {}
        for saving in reading.savings:
            if not _answered(reading, saving):
                continue
            lost = self._follow(reading, saving)
            for side, now, left in (
                ("estimated", saving.realised_kwh, saving.remaining_kwh),
                ("sheets", saving.realised_sheets, saving.remaining_sheets),
            ):
                if now is None:
                    continue
                start = self.starts.setdefault((saving.lever, side), reading)
                gain = _minus(now, _realised(start, saving.lever, paper=side == "sheets") or NOTHING)
                share = self._share(reading, saving) if lost else None
                explained = math.inf if share is None else left.high * share if left else 0.0
                gains[saving.lever, side] = _explained(gain, explained) if self._silent.get(saving.lever) else gain
        return gains

    def silence(self, reading: Reading) -> Silence:
        """Name the levers of the last reading that were read before, and were not wholly read again."""
        known = self.gains[reading.day]
        silent: dict[str, int | None] = {}
        for saving in reading.savings:
            if any(lever == saving.lever and (lever, side) not in known for lever, side in self.starts):
                silent[saving.lever] = None
            elif names := self._silent.get(saving.lever):
                silent[saving.lever] = len(names)
        return silent

    def _follow(self, reading: Reading, saving: Saving) -> bool:
        """Note the targets that fell silent; return whether others were read as lost.

        A target fell silent if it was in place when it was last read.
        """
        figure = _own(reading, saving)
        if figure is None:
            return True
        failing, unknown = ({_head(name) for name in names} for names in (figure.failing, figure.unknown))
        doubtful = self._doubtful.get(saving.lever)
        lost = doubtful is not None and bool(failing - doubtful)
        self._silent[saving.lever] = set() if doubtful is None else unknown - doubtful
        self._doubtful[saving.lever] = failing | (unknown if doubtful is None else unknown & doubtful)
        return lost

    def _share(self, reading: Reading, saving: Saving) -> float:
        """Compute the part of what a lever does not save that is of silent targets."""
        figure = _own(reading, saving)
        count = len(figure.failing) + len(figure.unknown) if figure else 0
        return len(self._silent.get(saving.lever, ())) / count if count else 0.0


def _own(reading: Reading, saving: Saving) -> Figure | None:
    """Find the figure of a lever in a reading; None for a lever without a figure."""
    return reading.figure(saving.measured.figure) if saving.measured else None


def _answered(reading: Reading, saving: Saving) -> bool:
    """Check that a lever was read: its figure has a value, or nobody is concerned."""
    figure = _own(reading, saving)
    return figure is None or figure.value is not None or figure.denominator == 0


def _head(name: str) -> str:
    """Give the target that a figure names, without its fault in brackets."""
    return name.partition(" (")[0]


def _explained(gain: Range, silent: float) -> Range:
    """Take off a loss what silent targets may explain of it; what is left was read as lost."""
    if gain.value >= 0:
        return gain
    if -gain.value <= silent:
        return NOTHING
    return Range(gain.value + silent, gain.low + silent, min(0.0, gain.high + silent))


def hidden(first: Reading, lever: str) -> float:
    """Compute the most that a lever may have saved already where nothing answered at first."""
    saving = next((saving for saving in first.savings if saving.lever == lever), None)
    figure = _own(first, saving) if saving else None
    if saving is None or saving.remaining_kwh is None or figure is None or not figure.unknown:
        return 0.0
    return saving.remaining_kwh.high * len(figure.unknown) / (len(figure.unknown) + len(figure.failing))


def _realised(reading: Reading, lever: str, paper: bool = False) -> Range | None:
    """Give the saving of a lever that was read as applied; None if it was not read."""
    saving = next((saving for saving in reading.savings if saving.lever == lever), None)
    if saving is None:
        return None
    return saving.realised_sheets if paper else saving.realised_kwh


def _minus(now: Range, before: Range) -> Range:
    """Subtract ranges that rest on the same factors, so that their bounds move together."""
    value, low, high = (mine - other for mine, other in zip(now, before, strict=True))
    return Range(value, min(low, high), max(low, high))
