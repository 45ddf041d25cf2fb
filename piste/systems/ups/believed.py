"""Judges of the variables of supplies, for the beliefs about them (`beliefs/ups.yml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.ups.judgment import DATES, FULLEST, HARMLESS, STATES, parsed

_CHARGE, _LOAD = "battery.charge", "ups.load"
_HEAVIEST = 200.0
"""Percent: more than any supply can give."""


def lists(answers: Sequence[Answer]) -> Verdict:
    """Each supply has variables, and says its status among them."""
    said = [("ups.status" in read, f"{len(read)} variables") for read in _read(answers)]
    return shown((what for good, what in said if good), (what for good, what in said if not good))


def mains(answers: Sequence[Answer]) -> Verdict:
    """Each status says whether the mains are there; a supply that is off, or starts, need not."""
    said = list(filter(None, (read.get("ups.status") for read in _read(answers))))
    return shown(
        (status for status in said if {"OL", "OB"} & {*status.split()}),
        (status for status in said if not {"OL", "OB", "OFF", "WAIT"} & {*status.split()}),
    )


def words(answers: Sequence[Answer]) -> Verdict:
    """Each word of each status is known."""
    said = [word for read in _read(answers) for word in read.get("ups.status", "").split()]
    known = HARMLESS | STATES.keys()
    return shown((word for word in said if word in known), (word for word in said if word not in known))


def percents(answers: Sequence[Answer]) -> Verdict:
    """Charges and loads are numbers of percent; a whole number above 1 is no fraction."""
    right, wrong, above = list[str](), list[str](), set[str]()
    for read in _read(answers):
        for name, most in ((_CHARGE, FULLEST), (_LOAD, _HEAVIEST)):
            if name in read:
                value = _figure(read[name])
                (right if 0 <= value <= most else wrong).append(f"{name} {read[name]}")
                above |= {name} if 1 < value <= most else set()
    return shown(right if above == {_CHARGE, _LOAD} else (), wrong)


def battery_dates(answers: Sequence[Answer]) -> Verdict:
    """Each date of a battery has a known form; what has fewer than four digits is no date."""
    said = [read[name] for read in _read(answers) for name in ("battery.date", "battery.mfr.date") if name in read]
    dates = [text for text in said if sum(letter.isdecimal() for letter in text) >= 4]
    legible = {text for text in dates if any(parsed(text, form) for form in DATES)}
    return shown((text for text in dates if text in legible), (text for text in dates if text not in legible))


def _read(answers: Sequence[Answer]) -> Iterator[Mapping[str, str]]:
    yield from answered(answers, "LIST /*/VAR/*")


def _figure(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1
