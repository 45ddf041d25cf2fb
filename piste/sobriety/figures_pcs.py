"""F1 and F2: workstations that sleep and stop, and their consumption (CCTP 4.4.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from piste.engine.words import agreed
from piste.sobriety.counting import Counted, Known, counted, sources
from piste.sobriety.driven import policies_of
from piste.sobriety.figure import Excluded, Figure
from piste.sobriety.imports import Metered, Pc
from piste.sobriety.workstations import MEASURE, beyond
from piste.town.model.sobriety.form import Drives

SLEEP_BELOW_S = 900
"""« < 15 min » is strict: 900 seconds do not conform, and 0 is never."""
_STATUS = {"stock": "en stock", "retired": "retiré(s) du service"}
_TITLES = {
    "F1": "Postes en veille en moins de 15 minutes et arrêtés en dehors des heures",
    "F1.sleep": "Postes en veille automatique en moins de 15 minutes",
    "F1.shutdown": "Postes arrêtés automatiquement en dehors des heures",
    "F1.answered": "Postes conformes parmi ceux qui ont répondu",
}
_POLICY = "Sites où les stratégies de veille et d’arrêt sont liées comme déclaré"
_F2 = "Évolution de la consommation moyenne par poste, sur la même période un an plus tôt"


def pc_figures(known: Known) -> Iterator[Figure]:
    yield from _settings(known)
    yield _policies(known)
    yield _consumption(known)


def sleeps(pc: Pc, known: Known) -> bool | None:
    """Check that a workstation sleeps in time; None if it was not read, or too long ago."""
    seconds = pc.sleep_ac_seconds
    return None if seconds is None or not _fresh(pc, known) else 0 < seconds < SLEEP_BELOW_S


def stops(pc: Pc, known: Known) -> bool | None:
    """Check that a workstation is shut down outside the hours; None as in `sleeps`."""
    return pc.shutdown_outside_hours if _fresh(pc, known) else None


def _both(pc: Pc, known: Known) -> bool | None:
    verdicts = (sleeps(pc, known), stops(pc, known))
    return False if False in verdicts else None if None in verdicts else True


Verdict = Callable[[Pc, Known], bool | None]
HALVES: Mapping[str, tuple[Verdict, tuple[Drives, ...]]] = {
    "F1": (_both, ("sleep", "shutdown")),
    "F1.sleep": (sleeps, ("sleep",)),
    "F1.shutdown": (stops, ("shutdown",)),
}
"""The verdict of each figure on a workstation, and the levers that may spare it."""


def _fresh(pc: Pc, known: Known) -> bool:
    target = known.target("F1")
    if pc.read_on is None or pc.read_on > known.day:
        return False
    oldest = known.today - timedelta(days=target.max_age_days) if target and target.max_age_days else date.min
    return date.fromisoformat(pc.read_on) >= oldest


def _settings(known: Known) -> Iterator[Figure]:
    if known.pcs is None:
        why = known.imports.why("pcs")
        yield from (known.unknown(name, title, "%", "Import pcs.csv", why) for name, title in _TITLES.items())
        return
    source = _source(known)
    on = max((pc.read_on for pc in known.in_service if pc.read_on and pc.read_on <= known.day), default="")
    both = _count(known, *HALVES["F1"])
    for name, half in HALVES.items():
        yield known.share(name, _TITLES[name], _count(known, *half), source, on=on)
    answered = Counted(both.conforming, both.failing, (), both.excluded)
    yield known.share("F1.answered", _TITLES["F1.answered"], answered, source, on=on)


def _count(known: Known, verdict: Verdict, drives: Sequence[Drives]) -> Counted:
    """Sort the workstations in service; a site that is spared one of the levers is excluded."""

    def spared(pc: Pc) -> str:
        return spared_by(pc.site, drives, known)

    count = counted(known.in_service, lambda pc: pc.name, lambda pc: verdict(pc, known), spared)
    return Counted(count.conforming, count.failing, count.unknown, (*count.excluded, *_not_in_service(known)))


def spared_by(site: str, drives: Sequence[Drives], known: Known) -> str:
    """Give the reason why one of the levers spares a site; empty if none does."""
    return next((why for lever in drives if (why := known.spared(site, lever))), "")


def _not_in_service(known: Known) -> Iterator[Excluded]:
    for status, words in _STATUS.items():
        number = sum(pc.status == status for pc in known.pcs or ())
        if number:
            yield Excluded(agreed(number, "poste(s)"), agreed(number, words).partition(" ")[2])
    yield from beyond(known.readings.computers, known.imports.pcs)


def _source(known: Known) -> str:
    """Name the sources of the settings: measures, then the table, each where it is used."""
    names = {pc.source for pc in known.in_service if pc.read_on}
    parts = [MEASURE] if MEASURE in names else []
    table = names - {MEASURE}
    if table or not parts:
        parts.append(f"Import pcs.csv ({sources(table)})" if table else f"{MEASURE}, import pcs.csv")
    return ", ".join(parts)


def _policies(known: Known) -> Figure:
    """Compare the live links of the policies of sleep and shutdown with the declared links."""
    source = "Annuaire, liens des stratégies de groupe"
    links = known.readings.links
    if links is None:
        return known.unknown("F1.policy", _POLICY, "%", source, known.readings.why("directory"))
    live = {place.casefold(): item for place, item in links.items()}
    ours = policies_of({"sleep", "shutdown"}, known.town)

    def verdict(site: str) -> bool | None:
        here = known.town.sites[site]["directory"]["links"][0]
        item = live.get(here["place"].casefold())
        if item is None:
            return None
        linked = {
            name.casefold()
            for name, link in (item.get("links") or {}).items()
            if link is not None and link.get("enabled", True)
        }
        wanted = {name.casefold() for name in here["policies"]} & ours
        gone = {name.casefold() for name in here["absent"]} & ours
        return bool(wanted) and wanted <= linked and not gone & linked

    count = counted(known.sites, str, verdict, lambda site: known.spared(site, "sleep"))
    return known.share("F1.policy", _POLICY, count, source)


def _consumption(known: Known) -> Figure:
    """Compare the mean of metered workstations with the same days of the year before.

    No estimate enters it.
    """
    source = "Import electricity.csv"
    if known.imports.electricity is None:
        return known.unknown("F2", _F2, "%", source, known.imports.why("electricity"))
    rows = [row for row in known.imports.electricity if row.equipment == "pc" and row.until <= known.day]
    before = {(row.site, row.start, row.until): row for row in rows}
    pairs = [
        (row, before[former])
        for row in rows
        if row.until > _a_year_before(known.day)
        and (former := (row.site, _a_year_before(row.start), _a_year_before(row.until))) in before
    ]
    compared = {row.site for row, _ in pairs}
    unknown = sorted(({row.site for row in rows} | {pc.site for pc in known.in_service}) - compared)
    if not pairs:
        why = "aucun site n’a de relevé sur les mêmes jours de deux années"
        return known.figure("F2", _F2, "%", None, source, unknown=unknown, why=why)
    first, last = min(row.start for row, _ in pairs), max(row.until for row, _ in pairs)
    now, former_mean = (_mean([pair[side] for pair in pairs], _days(first, last)) for side in (0, 1))
    names = sources(row.source for pair in pairs for row in pair)
    return known.figure(
        "F2", _F2, "%", 100 * (now - former_mean) / former_mean if former_mean else None, f"{source} ({names})",
        on=last, numerator=now, denominator=former_mean, unknown=unknown,
        why=f"en kWh par poste, du {first} au {last} et un an plus tôt, sur {agreed(len(compared), 'site(s)')}",
    )  # fmt: skip


def _mean(rows: Sequence[Metered], days: int) -> float:
    """Compute the kilowatt-hours of a workstation over some days, from bills of any length."""
    return sum(row.kwh for row in rows) * days / sum(row.count * _days(row.start, row.until) for row in rows)


def _days(first: str, last: str) -> int:
    """Count the days between two days, both included."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def _a_year_before(day: str) -> str:
    """Give the same day of the year before; 28 February for the 29th."""
    at = date.fromisoformat(day)
    try:
        return at.replace(year=at.year - 1).isoformat()
    except ValueError:
        return at.replace(year=at.year - 1, day=28).isoformat()
