"""The workstations of the figures: the inventory first, then measures, then `pcs.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.engine.words import agreed
from piste.readings.computers.judge import Computer, Measured
from piste.sobriety.figure import Excluded
from piste.sobriety.imports import Pc
from piste.town.model.assets.classes import State

MEASURE = "Mesure des postes"
INVENTORY = "Inventaire"
_STATUS: dict[State, str] = {
    "awaited": "stock", "in_service": "in_service", "stock": "stock", "reuse": "stock", "leaving": "retired",
    "retired": "retired",
}  # fmt: skip


def workstations(measured: Measured | None, imported: Sequence[Pc] | None) -> Sequence[Pc] | None:
    """List the workstations; None where neither the inventory nor a table lists any.

    A computer that its measure says nothing of has the settings of `pcs.csv`; else it is unknown.
    """
    if measured is None or not measured.computers:
        return imported
    rows = {pc.name.casefold(): pc for pc in imported or ()}
    return [_row(computer, rows.get(computer.name.casefold())) for computer in measured.computers]


def beyond(measured: Measured | None, imported: Sequence[Pc] | None) -> Iterator[Excluded]:
    """Yield what is measured or imported, and that the inventory does not have."""
    if measured is None or not measured.computers:
        return
    known = {computer.name.casefold() for computer in measured.computers}
    for name in measured.strangers:
        yield Excluded(name, "mesuré, absent de l’inventaire")
    count = sum(pc.status == "in_service" and pc.name.casefold() not in known for pc in imported or ())
    if count:
        yield Excluded(agreed(count, "poste(s)"), "de pcs.csv, absents de l’inventaire")


def _row(computer: Computer, row: Pc | None) -> Pc:
    status = _STATUS[computer.state]
    spoke = computer.report is not None and (computer.sleeps is not None or computer.stops is not None)
    since = row.in_service_since if row else None
    model = computer.model or (row.model if row else None)
    if spoke and computer.report and computer.taken_at:
        power = computer.report.power
        return Pc(
            computer.name, computer.site, computer.kind, computer.service, status, power.sleep_ac_s if power else None,
            computer.stops, computer.taken_at.date().isoformat(), MEASURE, model, since,
        )  # fmt: skip
    if row:
        return Pc(
            computer.name, computer.site, computer.kind, computer.service, status, row.sleep_ac_seconds,
            row.shutdown_outside_hours, row.read_on, row.source, model, since,
        )  # fmt: skip
    return Pc(
        computer.name, computer.site, computer.kind, computer.service, status, None, None, None, INVENTORY, model, None,
    )  # fmt: skip
