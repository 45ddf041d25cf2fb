"""A computer as a row, for the verb and the bag; never the hours of its sessions."""

from __future__ import annotations

from typing import TypedDict

from piste.readings.computers.causes import main_cause, starting
from piste.readings.computers.judge import Computer
from piste.readings.computers.life import battery


class Row(TypedDict):
    """A measured computer; None: not known. Hours are those of a week; `battery` is in per cent."""

    name: str
    site: str
    service: str
    kind: str
    model: str | None
    serial: str | None
    state: str
    taken_at: str | None
    silent_since: str | None
    owner_checked: bool
    sleep_ac_seconds: int | None
    sleeps: bool | None
    stops: bool | None
    nights: int
    slept: bool | None
    stopped: bool | None
    defied: bool
    awake_hours: float | None
    main_cause: str | None
    starting_programs: int | None
    battery: int | None
    mismatch: str | None


def row(computer: Computer) -> Row:
    report, hours, cells = computer.report, computer.awake_hours, battery(computer)
    return Row(
        name=computer.name, site=computer.site, service=computer.service, kind=computer.kind,
        model=computer.model or None, serial=computer.serial, state=computer.state,
        taken_at=computer.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ") if computer.taken_at else None,
        silent_since=computer.silent_since.isoformat() if computer.silent_since else None,
        owner_checked=computer.checked, sleep_ac_seconds=report.power.sleep_ac_s if report and report.power else None,
        sleeps=computer.sleeps, stops=computer.stops, nights=computer.behaviour.nights if computer.behaviour else 0,
        slept=computer.slept, stopped=computer.stopped, defied=computer.defied,
        awake_hours=None if hours is None else round(hours, 1), main_cause=main_cause(computer) or None,
        starting_programs=starting(computer), battery=None if cells is None else round(100 * cells),
        mismatch=computer.mismatch or None,
    )  # fmt: skip
