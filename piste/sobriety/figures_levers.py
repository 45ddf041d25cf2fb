"""F1.autostart and F1.telemetry: programs at start and telemetry, as computers say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from piste.readings.computers.judge import Computer
from piste.readings.computers.report import Program
from piste.sobriety.counting import Known, counted
from piste.sobriety.figure import Figure
from piste.town.model.sobriety.autostart import DerivedProgram
from piste.town.model.sobriety.form import Drives

_SOURCE = "Mesure des postes"
_AUTOSTART = "Postes où aucun programme de la liste ne démarre plus de lui-même"
_TELEMETRY = "Postes dont les données de diagnostic sont au niveau déclaré, ou en dessous"
LEVELS = {"security": 0, "required": 1, "optional": 3}
"""The words of the policy, and the level that a computer reads (DataCollection.admx)."""
NO_WINDOWS = "pas un poste Windows"


def lever_figures(known: Known) -> Iterator[Figure]:
    programs, level = stopped(known), declared_level(known)
    listed = "" if programs else "aucune liste de programmes n’est déclarée (sobriety_autostart)"
    asked = "" if level is not None else "aucune stratégie ne déclare de niveau (telemetry.level)"
    yield _share(known, "F1.autostart", _AUTOSTART, "autostart", lambda row: quiet(row, programs), listed)
    yield _share(known, "F1.telemetry", _TELEMETRY, "telemetry", lambda row: _within(row, level), asked)


def _share(
    known: Known, name: str, title: str, drives: Drives, verdict: Callable[[Computer], bool | None], why: str
) -> Figure:
    measured = known.readings.computers
    if measured is None or why:
        reason = why or known.readings.why("computers") or "les postes ne sont pas mesurés"
        return known.unknown(name, title, "%", _SOURCE, reason, cctp="4.4.4")

    def spared(row: Computer) -> str:
        return NO_WINDOWS if _other(row) else known.spared(row.site, drives)

    count = counted(measured.in_service, lambda row: row.name, verdict, spared)
    return known.share(name, title, count, _SOURCE, why=measured.silence, cctp="4.4.4")


def _other(row: Computer) -> bool:
    """Check that a computer is not of Windows, by its report, else by its kind."""
    if row.report is not None:
        return row.report.system.family != "windows"
    return row.kind in ("mac", "thin_client")


def stopped(known: Known) -> list[DerivedProgram]:
    """List the programs that the policy of the lever stops."""
    policies = known.town.commune["directory"]["policies"] if known.town.commune else []
    startups = (policy["startup"] for policy in policies if policy["filtering"] is None and policy["startup"])
    return next((startup["programs"] for startup in startups if not startup["given_back"]), [])


def declared_level(known: Known) -> int | None:
    """Give the level of diagnostic data that the policy of the lever asks for."""
    for policy in known.town.commune["directory"]["policies"] if known.town.commune else ():
        if policy["lever"] == "telemetry":
            settings = (policy["computer"] or {}).get("policies") or {}
            return LEVELS.get(settings.get("telemetry.level", ""))
    return None


def quiet(row: Computer, programs: Sequence[DerivedProgram]) -> bool | None:
    """Check that no program of the list starts by itself; None where the list was not read."""
    started = row.report.startup if row.report else None
    if started is None:
        return None
    mine = [entry for entry in started if any(_same(entry, program) for program in programs)]
    states = [entry.enabled for entry in mine]
    return False if True in states else None if None in states else True


def _same(entry: Program, program: DerivedProgram) -> bool:
    """Check that a program is in the list: same place, same name or end of path."""
    names = {program["entry"].casefold(), program["entry"].casefold().rpartition("\\")[2]}
    return entry.place == program["place"] and entry.name.casefold() in names


def _within(row: Computer, level: int | None) -> bool | None:
    read = row.report.telemetry.level if row.report and row.report.telemetry else None
    return None if read is None or level is None else read <= level
