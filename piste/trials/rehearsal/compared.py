"""Differences between the measurements of a rehearsal: losses, gains, changes, cuts.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from piste.trials.rehearsal.asked import Computer, Target
from piste.trials.rehearsal.measured import Measure, Seen

Turn = Literal["lost", "gained", "changed"]
LENT: Mapping[str, str] = {
    "routers": "passerelle",
    "dns": "serveurs de noms",
    "ntp": "serveurs de temps",
    "domain": "domaine",
    "boot_server": "serveur de démarrage",
    "boot_file": "fichier de démarrage",
    "lease": "durée du bail",
}


class Change(NamedTuple):
    """A difference at a computer: of a target, or of what it is lent, named by `what`."""

    computer: Computer
    turn: Turn
    target: Target | None
    what: str = ""
    was: str = ""
    becomes: str = ""


class Cut(NamedTuple):
    """A loss that a later state takes back.

    `first` is the rank of the first state without, `back` that of the first with.
    """

    change: Change
    first: int
    back: int


def changes(before: Measure, after: Measure) -> list[Change]:
    """List the differences of two measurements, computer by computer."""
    return [change for computer in before for change in _of_computer(computer, before[computer], after[computer])]


def _of_computer(computer: Computer, was: Seen, becomes: Seen) -> Iterator[Change]:
    if was.error or becomes.error:
        return
    if was.network != becomes.network:
        turn: Turn = "lost" if not becomes.network else "gained" if not was.network else "changed"
        yield Change(computer, turn, None, "réseau", was.network, becomes.network)
    elif bool(was.lent) != bool(becomes.lent):
        turn = "gained" if becomes.lent else "lost"
        yield Change(computer, turn, None, "bail", *map(_said, (was.lent, becomes.lent)))
    for name, said in LENT.items() if was.lent and becomes.lent else ():
        if was.lent[name] != becomes.lent[name]:
            yield Change(computer, "changed", None, said, _said(was.lent[name]), _said(becomes.lent[name]))
    for mac, address in was.reserved.items():
        if address != (now := becomes.reserved.get(mac, "")):
            yield Change(computer, "changed", None, f"adresse réservée de {_spaced(mac)}", address, now)
    if was.address and becomes.address:
        for target, outcome in was.reached.items():
            outcome_now = becomes.reached[target]
            if outcome != outcome_now:
                turn = "lost" if not outcome_now else "gained" if not outcome else "changed"
                yield Change(computer, turn, target, "", _said(outcome), _said(outcome_now))


def cuts(measures: Sequence[Measure]) -> list[Cut]:
    """List what a plan cuts on its way, though it passes before and after.

    What has no address meanwhile has nothing: that is one cut.
    """
    first, last = measures[0], measures[-1]
    listed: list[Cut] = []
    for computer, seen in first.items():
        known = [measure[computer] for measure in measures]
        if not (seen.network and last[computer].network):
            continue
        away = [not state.network and not state.error for state in known]
        listed += _spans(Change(computer, "lost", None, "réseau", seen.network), away)
        for target, outcome in seen.reached.items():
            if outcome and last[computer].reached.get(target):
                stopped = [
                    not gone and not state.error and not state.reached.get(target)
                    for state, gone in zip(known, away, strict=True)
                ]
                listed += _spans(Change(computer, "lost", target, "", _said(outcome)), stopped)
    return listed


def _spans(change: Change, stopped: Sequence[bool]) -> Iterator[Cut]:
    """Yield each stretch of states in which something is stopped."""
    start: int | None = None
    for rank, stops in enumerate(stopped):
        if stops and start is None:
            start = rank
        elif not stops and start is not None:
            yield Cut(change, start, rank)
            start = None


def moments(measures: Sequence[Measure], change: Change) -> int:
    """Give the rank of the state since which a change holds, to the end."""
    known = [_value(measure[change.computer], change) for measure in measures]
    return next(rank for rank in range(len(known)) if all(value == known[-1] for value in known[rank:]))


def _value(seen: Seen, change: Change) -> Any:
    if change.target is not None:
        return seen.reached.get(change.target)
    fields = {said: name for name, said in LENT.items()}
    if change.what in fields:
        return seen.lent.get(fields[change.what])
    return {"réseau": seen.network, "bail": bool(seen.lent)}.get(change.what, seen.reserved)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "passe" if value else "ne passe pas"
    if isinstance(value, Mapping):
        return "un bail" if value else "aucun"
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    return "aucun" if value in (None, "") else str(value)


def _spaced(mac: str) -> str:
    return ":".join(mac[at : at + 2] for at in range(0, len(mac), 2))
