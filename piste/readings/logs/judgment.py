"""The judgment of the logs: rhythm, holes, age, seals, retention; the figure F12."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple, TypedDict

from piste.engine.clock import in_town
from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings.logs.seals import Sealed, SealedDay
from piste.readings.logs.tree import DayFile, Tree, Unreadable, edges, is_closed, moment, read_day
from piste.town.model.logs.derived import EXPORTED, LogStream

HOLE = timedelta(hours=24)
"""Longest gap between two messages of a source (F12)."""
MONTHS = 12
"""Months of the export that must be there (CCTP 3.3.3)."""
What = Literal[
    "altered", "lost", "unsealed", "unreadable", "hole", "silent", "young", "beyond", "ahead", "empty", "chain"
]
TODO: Mapping[What, str] = {
    "altered": "Gardez ce fichier et son sceau, et cherchez qui l’a changé : il ne prouve plus rien.",
    "lost": "Rendez ce jour d’une sauvegarde ; aucune suppression ne l’explique.",
    "unsealed": "Lancez piste logs seal, et vérifiez sa minuterie.",
    "unreadable": "Rendez ce fichier lisible par Piste, ou rendez-le d’une sauvegarde.",
    "hole": "Cherchez pourquoi rien n’est arrivé : expéditeur, pare-feu, collecteur.",
    "silent": "Vérifiez que la source envoie, et que le collecteur reçoit.",
    "young": "Rien à faire, sinon attendre : l’ancienneté vient avec le temps.",
    "beyond": "Lancez piste logs purge : rien ne se garde au-delà de ce qui est déclaré.",
    "ahead": "Mettez le collecteur à l’heure, et gardez ce fichier à part : son jour n’est pas le sien.",
    "empty": "Réglez l’envoi de la source, puis vérifiez que le collecteur reçoit.",
    "chain": "Gardez la chaîne en l’état, et comparez-la à sa dernière ancre (piste logs anchor).",
}


class Fault(NamedTuple):
    """A fault of a stream; `day` and `until` where it has them."""

    what: What
    message: str
    day: str | None = None
    until: str | None = None


class StreamState(TypedDict):
    """The state of a stream; days are those that can still be read."""

    name: str
    label: str
    log_class: str
    site: str | None
    days: int
    oldest: str | None
    newest: str | None
    last: str | None
    silent_hours: float | None
    faults: list[Fault]
    state: State
    unknown: str


class Reading(NamedTuple):
    """A stream as it was read, whatever keeps it: its days in order.

    `first` and `last` are the moments of the days that are still written.
    """

    days: list[SealedDay]
    first: datetime | None
    last: datetime | None
    faults: list[Fault]


def read_stream(files: Sequence[DayFile], stream: str, sealed: Sealed, now: datetime, *, whole: bool) -> Reading:
    """Compare the days of a stream with their seals; `whole` reads each sealed day again."""
    days, faults = list[SealedDay](), list[Fault]()
    here = {str(file.day): file for file in files}
    first: datetime | None = None
    last: datetime | None = None
    for day, file in here.items():
        seal = sealed.days.get((stream, day))
        if (stream, day) in sealed.deleted:
            faults.append(Fault("beyond", f"{day} est là, et sa suppression est attestée", day))
            continue
        if file.day > now.astimezone(UTC).date():
            faults.append(Fault("ahead", f"{day} n’est pas encore venu", day))
            continue
        if not is_closed(file.day, now):
            begun, ended = edges(file)
            first, last = first or begun, ended or last
            continue
        if seal and not whole:
            days.append(seal)
            if file.path.suffix == ".log" and _size(file) not in (None, seal["bytes"]):
                faults.append(Fault("altered", f"{day} n’a plus la longueur qui a été scellée", day))
            continue
        try:
            content = read_day(file)
        except (Unreadable, FileNotFoundError) as error:
            faults.append(Fault("unreadable", f"{day} : {error}", day))
            if seal:
                days.append(seal)
            continue
        if seal is None and is_closed(file.day + timedelta(days=1), now):
            faults.append(Fault("unsealed", f"{day} est fini et n’est pas scellé", day))
        elif seal and seal["sha256"] != content["sha256"]:
            faults.append(Fault("altered", f"{day} n’est plus ce qui a été scellé", day))
        days.append(seal or SealedDay(**content, stream=stream, day=day))
    for name, day in sealed.days:
        if name == stream and day not in here and (name, day) not in sealed.deleted:
            faults.append(Fault("lost", f"{day} a été scellé et n’est plus là", day))
    return Reading(sorted(days, key=lambda entry: entry["day"]), first, last, faults)


def _size(file: DayFile) -> int | None:
    try:
        return file.path.stat().st_size
    except OSError:
        return None


def judge(stream: LogStream, reading: Reading, now: datetime) -> StreamState:
    """Judge a stream against its declaration."""
    # A day without a line is a file, and no log.
    days, faults = [day for day in reading.days if day["lines"]], list(reading.faults)
    last = reading.last or (_end(days[-1]) if days else None)
    silent = (now - last) / timedelta(hours=1) if last else None
    oldest = days[0]["day"] if days else None
    if not days and last is None:
        faults.append(Fault("empty", "aucun journal n’est arrivé"))
    else:
        faults += _holes(days, reading.first)
        if silent is None or silent > stream["silence_hours"]:
            since = f"{silent:.0f} h" if silent is not None else "on ne sait quand"
            faults.append(Fault("silent", f"rien depuis {since}, pour {stream['silence_hours']} h attendues"))
        elif last and now - last > HOLE and stream["transport"] != "file":
            # What is deposited comes later than what it says: its rhythm judges it until the next deposit.
            words = f"{silent:.0f} h sans rien, depuis {in_town(last)}"
            faults.append(Fault("hole", words, str(last.date())))
        faults += _ages(stream, days, now.date())
    return StreamState(
        name=stream["name"],
        label=stream["label"],
        log_class=stream["log_class"],
        site=stream["site"],
        days=len(days),
        oldest=oldest,
        newest=days[-1]["day"] if days else None,
        last=last.strftime("%Y-%m-%dT%H:%M:%SZ") if last else None,
        silent_hours=round(silent, 1) if silent is not None else None,
        faults=faults,
        state="wrong" if faults else "ok",
        unknown="",
    )


def unread(stream: LogStream, why: str) -> StreamState:
    """Give the state of a stream that was not read: unknown."""
    return StreamState(
        name=stream["name"], label=stream["label"], log_class=stream["log_class"], site=stream["site"], days=0,
        oldest=None, newest=None, last=None, silent_hours=None, faults=[], state="unknown", unknown=why,
    )  # fmt: skip


def withdrawn(name: str, reading: Reading, stream: LogStream | None, now: datetime) -> StreamState:
    """Give the state of a stream that is expected no more: what it sealed, and its term."""
    days, faults = reading.days, list(reading.faults)
    label = f"{name} (que nulle source ne déclare plus)"
    if stream:
        label = f"{stream['label']}, {stream['site']} (hors service)"
        faults += _beyond(stream, days, now.date())
    return StreamState(
        name=name, label=label, log_class=stream["log_class"] if stream else "", site=None, days=len(days),
        oldest=days[0]["day"] if days else None, newest=days[-1]["day"] if days else None, last=None,
        silent_hours=None, faults=faults, state="wrong" if faults else "ok", unknown="",
    )  # fmt: skip


def _holes(days: Sequence[SealedDay], now_first: datetime | None) -> Iterator[Fault]:
    """Yield the gaps over 24 h between two days; the days still written end the list."""
    for before, after in pairwise(days):
        yield from _hole(before["day"], _end(before), after["day"], _start(after))
    if days and now_first:
        yield from _hole(days[-1]["day"], _end(days[-1]), str(now_first.date()), now_first)


def _hole(day: str, end: datetime | None, until: str, start: datetime | None) -> Iterator[Fault]:
    if end and start:
        gap = start - end
        if gap > HOLE:
            words = f"{gap / timedelta(hours=1):.0f} h sans rien, du {in_town(end)} au {in_town(start)}"
            yield Fault("hole", words, day, until)
    elif (missing := (date.fromisoformat(until) - date.fromisoformat(day)).days - 1) > 0:
        yield Fault("hole", f"{agreed(missing, 'jour(s)')} sans rien entre {day} et {until}", day, until)


def _start(day: SealedDay) -> datetime | None:
    return _within(day, day["first"])


def _end(day: SealedDay) -> datetime | None:
    return _within(day, day["last"])


def _within(day: SealedDay, said: str | None) -> datetime | None:
    """Read a moment of a day; None where it is another day's, which a message may say."""
    read = moment(said)
    return read if read and str(read.date()) == day["day"] else None


def _ages(stream: LogStream, days: Sequence[SealedDay], today: date) -> Iterator[Fault]:
    if not days:
        yield Fault("young", f"aucun jour fini, pour {stream['least_days']} attendus")
        return
    oldest = date.fromisoformat(days[0]["day"])
    age = (today - oldest).days
    if age < stream["least_days"]:
        full = oldest + timedelta(days=stream["least_days"])
        yield Fault("young", f"{agreed(age, 'jour(s)')} gardés sur {stream['least_days']}, plein le {full:%d/%m/%Y}")
    yield from _beyond(stream, days, today)


def _beyond(stream: LogStream, days: Sequence[SealedDay], today: date) -> Iterator[Fault]:
    if beyond := sum(1 for day in days if (today - date.fromisoformat(day["day"])).days > stream["most_days"]):
        yield Fault("beyond", f"{agreed(beyond, 'jour(s)')} au-delà des {stream['most_days']} déclarés", days[0]["day"])


class Figure(TypedDict):
    """F12: sources whose logs are there, over those that are declared and could be read."""

    figure: str
    state: State
    value: float | None
    numerator: int
    denominator: int
    source: str
    date: str
    method: str
    excluded: list[str]
    failing: list[str]
    unknown: list[str]
    exported: int | None
    exported_of: int


METHOD = (
    "Par source : le plus ancien jour a au moins l’âge déclaré (365 jours), aucun trou de plus de 24 h, aucun silence "
    "plus long que son rythme, chaque jour fini scellé et inchangé, rien au-delà du maximum déclaré ; la chaîne des "
    "sceaux se vérifie ; l’export mensuel des journaux de réseau et d’authentification est là pour 12 mois."
)


def figure(
    states: Sequence[StreamState], chain: Sequence[object], exported: Sequence[str] | None, tree: str, now: datetime
) -> Figure:
    """Compute F12; `exported` are the months of the last twelve that the store has, None unread."""
    failing = [entry["name"] for entry in states if entry["state"] == "wrong"]
    unknown = [entry["name"] for entry in states if entry["state"] == "unknown"]
    sound = sum(1 for entry in states if entry["state"] == "ok")
    known = len(states) - len(unknown)
    concerned = any(entry["log_class"] in EXPORTED for entry in states)
    late = concerned and exported is not None and len(exported) < MONTHS
    state: State = "wrong" if failing or chain or late else "unknown"
    if state == "unknown" and not unknown and states and not (concerned and exported is None):
        state = "ok"
    return Figure(
        figure="F12",
        state=state,
        value=round(100 * sound / known, 2) if known and not chain else None,
        numerator=sound,
        denominator=known,
        source=tree,
        date=now.astimezone(UTC).strftime("%Y-%m-%d"),
        method=METHOD,
        excluded=[f"{name} : pas lue" for name in unknown],
        failing=failing,
        unknown=unknown,
        exported=None if exported is None else len(exported),
        exported_of=MONTHS if concerned else 0,
    )


def written(f12: Figure) -> str:
    """Write F12 in a line."""
    parts = [f"{f12['numerator']} sur {agreed(f12['denominator'], 'source(s) lue(s)')}"]
    if f12["unknown"]:
        parts.append(agreed(len(f12["unknown"]), "inconnue(s)"))
    if f12["exported_of"]:
        count = "inconnu" if f12["exported"] is None else f"{f12['exported']}/{f12['exported_of']}"
        parts.append(f"export mensuel {count}")
    return f"F12 : {', '.join(parts)}"


def findings(states: Iterable[StreamState]) -> Iterator[Finding]:
    """Yield a finding a stream: its faults, or its age."""
    for entry in states:
        id_ = f"logs.{entry['name'].replace('/', '.')}"
        if entry["state"] == "unknown":
            todo = "Lisez le collecteur : piste logs check (docs/journaux.md)."
            yield Finding(id_, "unknown", f"{entry['label']} : {entry['unknown']}", todo)
        elif entry["faults"]:
            shown = " ; ".join(fault.message for fault in entry["faults"][:4])
            rest = len(entry["faults"]) - 4
            more = f" ; et {agreed(rest, 'autre(s) constat(s)')}" if rest > 0 else ""
            yield Finding(id_, "wrong", f"{entry['label']} : {shown}{more}", TODO[entry["faults"][0].what])
        else:
            what = f"{entry['label']} : {agreed(entry['days'], 'jour(s)')} depuis le {entry['oldest']}, sans trou"
            yield Finding(id_, "ok", what)


def read_all(
    streams: Iterable[LogStream], tree: Tree, sealed: Sealed, now: datetime, *, whole: bool
) -> Iterator[StreamState]:
    """Judge every stream that the tree keeps."""
    for stream in streams:
        reading = read_stream(tree.days[stream["name"]], stream["name"], sealed, now, whole=whole)
        yield judge(stream, reading, now)
