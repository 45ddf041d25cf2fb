"""The values of a month, each from what was kept in it: unknown where nothing was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property, reduce
from statistics import mean

from piste.engine.converge.moments import zoned
from piste.engine.words import agreed, some
from piste.readings import history, store
from piste.readings.belief import FAILED, Reading
from piste.readings.history import COUNTED, Was
from piste.readings.links import kept as links_kept
from piste.readings.links.declared import town_links
from piste.readings.links.figures import figures as link_figures
from piste.readings.table import SUBJECTS
from piste.runs.records import journal
from piste.runs.records.chain import journal_folder
from piste.runs.records.record import Record
from piste.sites.month import services
from piste.sites.month.lines import Line, Value, amount, table
from piste.sites.month.open_hours import hours_open
from piste.sites.month.period import period
from piste.sites.spending import whole
from piste.sites.status import is_drift
from piste.town.declared import serving
from piste.town.model.derived import Derived
from piste.town.model.incidents import Incident, notice
from piste.trials.probe.services import tried
from piste.trials.restore.results import RestoreResult, results

_ACTIONS = ("create", "update", "delete", "reset")
_DELAYS = {"desk.first_answer_hours_median": "opened", "desk.resolution_hours_median": "solved"}
"""Delays, and the count without which there is none."""
_UNFINISHED = ("error", "unknown", "partial", "killed")


class Month:
    """A month of an environment as it was kept; `now` bounds a month that is not over."""

    def __init__(self, town: Derived, environment: str, name: str, now: datetime) -> None:
        self.town, self.environment, self.period, self.now = town, environment, period(name), now

    @property
    def end(self) -> datetime:
        return min(self.period.end, self.now)

    @property
    def last(self) -> str:
        """The last day of the month that has begun."""
        return min(self.period.last, self.end.astimezone(self.period.start.tzinfo).date()).isoformat()

    @property
    def days(self) -> int:
        """Days of the month that have begun."""
        last = min(self.period.last, self.now.astimezone(self.period.start.tzinfo).date())
        return max(0, (last - self.period.first).days + 1)

    @cached_property
    def figures(self) -> Mapping[str, list[history.Past]]:
        return history.past(self.environment, self.period.first.isoformat(), self.period.last.isoformat())

    @cached_property
    def noted(self) -> set[str]:
        """The days whose state was noted."""
        first, last = self.period.first.isoformat(), self.period.last.isoformat()
        return {day for day in self._every if first <= day <= last}

    @property
    def begins(self) -> bool:
        """Tell whether the history begins in the month: a fault that it sees first may be old."""
        return min(self._every, default="") >= self.period.first.isoformat()

    @cached_property
    def _every(self) -> list[str]:
        return [day.day for day in history.days(self.environment)]

    @cached_property
    def findings(self) -> list[Was]:
        return history.were(self.environment, self.period.start, self.end)

    def within(self, moment: str | None) -> bool:
        """Tell whether a moment is in the month."""
        try:
            return moment is not None and self.period.start <= _moment(moment) < self.period.end
        except ValueError:
            return False

    @cached_property
    def records(self) -> list[Record] | None:
        """The runs that began in the month; None where the journal does not have or read them all."""
        paths, root = journal.begun(journal_folder(), self.environment), journal_folder()
        first, end = (f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (self.period.start, self.period.end))
        for chain in journal.chains(root):
            pruned = journal.base(chain) if chain.environment == self.environment else None
            if pruned and str(pruned["month"]) >= self.period.name:
                return None
        if not paths or paths[0].stem[:16] >= end:
            return None
        mine = [journal.readable(path) for path in paths if first <= path.stem[:16] < end]
        read = [record for record in mine if record]
        return read if len(read) == len(mine) else None

    @cached_property
    def register(self) -> list[Incident] | None:
        """Every incident; None where nobody says that the register is whole for the month."""
        register = self.town.commune["incidents"] if self.town.commune else None
        if register is None or register["since"] > self.period.first.isoformat() or register["until"] < self.last:
            return None
        return register["entries"]

    @cached_property
    def incidents(self) -> list[Incident] | None:
        """The incidents of the month; None where nobody says that the register is whole."""
        if self.register is None:
            return None
        begun = (entry for entry in self.register if _moment(entry["started"]) < self.end)
        return [entry for entry in begun if not entry["ended"] or _moment(entry["ended"]) > self.period.start]

    @cached_property
    def restores(self) -> list[RestoreResult] | None:
        """The real restores that ended in the month; None where no test was kept before its end."""
        every = [result for result, _ in results(self.environment)]
        if not any(_moment(result.ended) < self.period.end for result in every):
            return None
        return [result for result in every if not result.rehearsal and self.within(result.ended)]

    @cached_property
    def tries(self) -> services.Tries:
        """The trials of each service in the month, and around it."""
        return services.tries(self.environment, self.period)

    def tried(self, service: str) -> list[services.Trial]:
        """Give the trials of a service that the month has, and that say something."""
        mine = self.tries.get(service, ())
        said = (each for each in mine if each.worked is not None and self.period.start <= each.at < self.period.end)
        return sorted(said, key=lambda each: each.at)

    def share(self, service: str) -> services.Share:
        """Give the opening hours that the trials of a service account for."""
        return services.share(self.tries.get(service, ()), self.town.sites, self.period.start, self.end)

    def values(self) -> dict[str, Value]:
        """Give every indicator; a source that cannot be read leaves its own unknown."""
        made: dict[str, Value] = {}
        for line in table().lines.values():
            try:
                made[line.id] = _OF[line.of](self, line)
            except FAILED as error:
                made[line.id] = Value(None, why=str(error) or type(error).__name__)
        return made


def _moment(text: str) -> datetime:
    return zoned(text)


def _figure(month: Month, line: Line) -> Value:
    rows = month.figures.get(line.id, ())
    known = [row for row in rows if row.value is not None]
    if not known:
        return Value(None, why="relevé, sans rien qui se lise" if rows else "aucun relevé ce mois-là")
    last = known[-1]
    if line.over == "worst":
        last = (max if line.better == "less" else min)(reversed(known), key=lambda row: row.value or 0)
    why = f"{agreed(last.unknown, 'non lu(s)')}" if last.unknown else ""
    return Value(last.value, last.unit, last.unknown, last.day, why)


def _open(month: Month, line: Line) -> Value:
    subject = line.id.partition(".")[0]
    counted = _figure(month, line._replace(id=f"{COUNTED}{subject}", over="last"))
    return counted._replace(unit=line.unit)


def _new(month: Month, line: Line) -> Value:
    """Count the new faults of a subject, where it was read on a day of the month at least."""
    subject = line.id.partition(".")[0]
    known = sum(row.value is not None for row in month.figures.get(f"{COUNTED}{subject}", ()))
    if not known:
        return Value(None, why="aucun relevé ce mois-là")
    mine = (was for was in month.findings if was.id.startswith(f"{subject}.") and was.state == "wrong")
    blind = month.days - known
    why = [f"{agreed(blind, 'jour(s)')} sans relevé"] if blind > 0 else []
    why += ["l’historique commence : ce qui durait y compte"] if month.begins else []
    return Value(sum(month.within(was.first) for was in mine), line.unit, max(0, blind), why=" ; ".join(why))


def _links(month: Month, line: Line) -> Value:
    last = links_kept.known(month.environment).get(month.period.name)
    if not isinstance(last, Reading):
        return Value(None, why=last.why if last else "aucune mesure de ce mois n’est gardée (piste links)")
    rows = link_figures(town_links(month.town), last.value)
    if line.id == "links.met":
        due = [row["verdict"] for row in rows if row["link"]["objective"] is not None]
        judged = len(due) - due.count("unknown")
        if not judged:
            return Value(None, why="aucun objectif ne se juge" if due else "aucun objectif n’est déclaré")
        return Value(
            round(100 * due.count("conform") / len(due), 2), "%", due.count("unknown"),
            why=f"{due.count('conform')} sur {len(due)}" + _left(due.count("unknown"), "inconnue(s)"),
        )  # fmt: skip
    known = [(row["availability"]["percent"], row["link"]["name"]) for row in rows]
    measured = [(value, name) for value, name in known if value is not None]
    if not measured:
        return Value(None, why="aucune liaison n’a été mesurée")
    left = len(rows) - len(measured)
    said = _left(left, "liaison(s) non mesurée(s)").removeprefix(", ")
    if line.id == "links.available":
        return Value(round(mean(value for value, _ in measured), 3), "%", left, why=said)
    value, name = min(measured)
    return Value(round(value, 3), "%", left, why=f"{name}{_left(left, 'liaison(s) non mesurée(s)')}")


def _left(count: int, words: str) -> str:
    return f", {agreed(count, words)}" if count else ""


def _desk(month: Month, line: Line) -> Value:
    last = store.last(SUBJECTS["desk"], month.environment).get(month.period.name)
    if not isinstance(last, Reading):
        return Value(None, why=last.why if last else "les tickets de ce mois ne sont pas lus (piste read desk)")
    value = last.value.get(line.id.partition(".")[2])
    if value is None and (counted := _DELAYS.get(line.id)) and last.value[counted] == 0:
        return Value(None, why="aucun ticket", void=True)
    return Value(value, line.unit, why="" if value is not None else "GLPI ne le dit pas")


def _incidents(month: Month, line: Line) -> Value:
    known = month.incidents
    if known is None:
        return Value(None, why="le registre n’est pas dit tenu pour ce mois (incidents.yml)")
    begun = [entry for entry in known if month.within(entry["started"])]
    ended = [entry for entry in known if month.within(entry["ended"])]
    if line.id == "incidents.repair":
        hours = [(_moment(e["ended"] or "") - _moment(e["started"])).total_seconds() / 3600 for e in ended]
        return Value(round(mean(hours), 1), "h") if hours else Value(None, why="aucun incident n’a fini", void=True)
    if line.id in ("incidents.breaches", "incidents.late", "incidents.notice"):
        return _breaches(month, line)
    if line.section == "incidents":
        counts = {
            "incidents.count": len(begun),
            "incidents.major": sum(entry["gravity"] == "major" for entry in begun),
            "incidents.open": sum(not entry["ended"] or _moment(entry["ended"]) >= month.end for entry in known),
        }
        return Value(counts[line.id], line.unit)
    opened = lost = 0.0
    sites = [month.town.sites[name] for name in serving(month.town) if month.town.sites[name]["opening_hours"]]
    for site in sites:
        cut = [(_moment(e["started"]), _moment(e["ended"]) if e["ended"] else month.end)
               for e in known if site["id"] in e["sites"]]  # fmt: skip
        whole, down = hours_open(site["opening_hours"] or {}, month.period.start, month.end, cut)
        opened, lost = opened + whole, lost + down
    without = len(serving(month.town)) - len(sites)
    why = f"{agreed(without, 'site(s)')} sans heures déclarées" if without else ""
    if not opened:
        return Value(None, why="aucun site n’a d’heures d’ouverture déclarées")
    if line.id == "sites.lost":
        return Value(round(lost, 2), "h", without, why=why)
    return Value(round(100 * (1 - lost / opened), 3), "%", without, why=why)


def _breaches(month: Month, line: Line) -> Value:
    """Count a breach in the month of its knowledge, a late notice in that of its deadline."""
    judged = [(entry, made) for entry in month.register or () if (made := notice(entry, month.end))]
    if line.id == "incidents.notice":
        hours = [made.hours for entry, made in judged
                 if made.hours is not None and entry["breach"] and month.within(entry["breach"]["cnil"])]  # fmt: skip
        return Value(max(hours), "h") if hours else Value(None, why="aucune notification", void=True)
    begun = [(entry, made) for entry, made in judged if month.within(entry["known"] or entry["started"])]
    if line.id == "incidents.breaches":
        return Value(len(begun), line.unit)
    if silent := [entry["id"] for entry, made in begun if made.state == "unknown"]:
        return Value(None, why=f"nul ne dit quand la Ville a su : {some(silent)}")
    late = [made.due for _, made in judged if made.state in ("late", "overdue")]
    return Value(sum(due is not None and month.period.start <= due < month.period.end for due in late), line.unit)


def _journal(month: Month, line: Line) -> Value:
    records = month.records
    if records is None:
        return Value(None, why="le journal de ce poste ne remonte pas à ce mois, ou ne se lit pas en entier")
    wrote = [record for record in records if changed(record)]
    counts = {
        "changes.runs": len(wrote),
        "changes.objects": sum(record["counts"][action] for record in wrote for action in _ACTIONS),
        "changes.failed": sum(not record["check"] and record["outcome"] in _UNFINISHED for record in records),
        "drifts.made": sum(is_drift(record) for record in records),
    }
    return Value(counts[line.id], line.unit)


def changed(record: Record) -> bool:
    """Tell whether a run changed a system."""
    return not record["check"] and any(record["counts"][action] for action in _ACTIONS)


def _orders(month: Month, line: Line) -> Value:
    spending = month.town.commune["spending"] if month.town.commune else None
    first, last = month.period.first.isoformat(), month.last
    if line.id == "orders.year":
        first = f"{first[:4]}-01-01"
    if spending is None or not whole(spending, max(first, spending["start"] or first), last):
        return Value(None, why="nul ne dit les bons de commande tous inscrits (spending.yml)")
    mine = [each for each in spending["lines"] if each["kind"] == "order" and first <= each["day"] <= last]
    return Value(round(sum(each["excl_tax"] for each in mine), 2), "€")


def _services(month: Month, line: Line) -> Value:
    """Share of the opening hours in which services worked; what is not known is counted."""
    declared = tried(month.town.commune["applications"]) if month.town.commune else []
    made = [month.share(each["id"]) for each in declared if month.tried(each["id"])]
    whole = reduce(services.Share.plus, made, services.Share())
    if whole.percent is None:
        return Value(None, why="aucune sonde n’a assez essayé un service, d’un site aux heures déclarées (piste probe)")
    left, part = len(declared) - len(made), sum(each.unknown > 0 for each in made)
    lost, known, unknown = (
        amount(round(each, 2), "h") for each in (whole.lost, whole.opened - whole.unknown, whole.unknown)
    )
    said = f"{lost} perdues sur {known} connues" + (f", {unknown} inconnues" if whole.unknown else "")
    return Value(whole.percent, line.unit, left + part, why=said + _left(left, "service(s) sans essai"))


def _restores(month: Month, line: Line) -> Value:
    known = month.restores
    if known is None:
        return Value(None, why="aucun essai de restauration n’est gardé avant la fin de ce mois")
    outcome = line.id.partition(".")[2]
    return Value(sum(result.outcome == outcome for result in known), line.unit)


_OF: Mapping[str, Callable[[Month, Line], Value]] = {
    "figure": _figure, "open": _open, "new": _new, "links": _links, "desk": _desk, "incidents": _incidents,
    "journal": _journal, "restores": _restores, "orders": _orders, "services": _services,
}  # fmt: skip


def unread(month: Month) -> Iterator[Was]:
    """Yield what was unknown in the month."""
    return (was for was in month.findings if was.state == "unknown")
