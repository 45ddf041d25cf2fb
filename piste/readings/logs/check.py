"""A check of the logs: the tree, the seals, Piste's own journal, the exports; then F12.

Believed: [belief smc.collector].
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings.belief import Reading as Believed
from piste.readings.logs import access, judgment, kept
from piste.readings.logs.errors import UnreadTree
from piste.readings.logs.exports import beyond, expected_months, owed, sound_months
from piste.readings.logs.judgment import (
    Fault,
    Reading,
    StreamState,
    figure,
    judge,
    read_all,
    read_stream,
    unread,
    withdrawn,
)
from piste.readings.logs.kept import Access, Check
from piste.readings.logs.places import former, kept_in_tree, now, store_folder, tree_folder
from piste.readings.logs.seals import Sealed, SealedDay, read_seals, verify_seals
from piste.readings.logs.tree import Tree, read_tree
from piste.readings.table import Answer
from piste.runs.records.chain import ID, journal_folder
from piste.runs.records.journal import chains
from piste.runs.records.journal import verify as verify_journal
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.town.model.logs.derived import EXPORTED, TownLogs

OWN = "piste_journal"


class Checked(NamedTuple):
    """A check, and its findings."""

    check: Check
    findings: list[Finding]


def check(environment: str, logs: TownLogs, folder: Path, store: Path, now: datetime, *, whole: bool = True) -> Checked:
    """Read all that is declared, judge it, compute F12. What is unread is unknown."""
    in_tree, sealed = kept_in_tree(logs), read_seals(environment)
    closed = {stream["name"]: stream for stream in former(logs, sealed)}
    others = sorted({name for name, _ in sealed.days} - {stream["name"] for stream in in_tree})
    tree, why = _tree(folder, [*(stream["name"] for stream in in_tree), *others])
    states: list[StreamState] = []
    if tree:
        states += read_all(in_tree, tree, sealed, now, whole=whole)
    else:
        states += [unread(stream, why) for stream in in_tree]
    for stream in logs["streams"]:
        if stream["kind"] == OWN:
            states.append(judge(stream, _own_journal(environment, now), now))
    # A source that is declared no more is asked for nothing, but what it sealed is still there, whole, or deleted.
    gone = [
        withdrawn(name, read_stream(tree.days[name], name, sealed, now, whole=whole), closed.get(name), now)
        for name in others
        if tree
    ]
    states += [entry for entry in gone if entry["faults"]]
    chain = [str(fault) for fault in verify_seals(environment)]
    strays = [f"{stray.name} : {stray.why}" for stray in tree.strays] if tree else []
    files = owed(environment, [*logs["streams"], *closed.values()])
    exported = sound_months(store, expected_months(now.date()), files, whole=whole)
    f12 = figure(states, chain, exported, str(folder), now)
    made = Check(
        read_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        whole=whole,
        streams=states,
        chain=chain,
        strays=strays,
        figure=f12,
    )
    rights = [*access.findings(logs, folder, tree)] if tree else []
    for finding in rights:
        made["access"] = Access(state=finding.state, what=finding.what, todo=finding.todo)
    listed = [*judgment.findings(states), _seals(chain, sealed), *_beside(logs, made, exported, store, now.date())]
    listed += _kept_still([entry for entry in gone if entry["name"] not in closed])
    return Checked(made, [*listed, *rights])


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Check the logs, and keep the check; tell whether a source was read, if one is declared.

    Contents are compared with their seals each night, by `piste logs check`: that takes hours, and this minutes. It
    never takes the place of a whole check that is still believed.
    """
    if town.commune is None or town.commune["logs"] is None:
        return True
    logs = town.commune["logs"]
    folder, store = tree_folder(environment, logs), store_folder(environment, logs)
    made = check(environment, logs, folder, store, now(environment), whole=False).check
    last = kept.last(environment, ages(town))
    if not (isinstance(last, Believed) and last.value["whole"]):
        kept.keep(environment, made)
    return any(stream["state"] != "unknown" for stream in made["streams"])


def _seals(chain: list[str], sealed: Sealed) -> Finding:
    if chain:
        return Finding("logs.seals", "wrong", " ; ".join(chain[:3]), judgment.TODO["chain"])
    if not sealed.days:
        todo = "Lancez piste logs seal ; s’il y en avait, rendez-les d’une sauvegarde, puis comparez (--anchor)."
        return Finding("logs.seals", "unknown", "il n’y a aucun sceau", todo)
    return Finding("logs.seals", "ok", "la chaîne des sceaux est intacte")


def _kept_still(gone: list[StreamState]) -> Iterator[Finding]:
    """Yield the days that nothing declares any more: neither their purpose, nor their end."""
    for entry in gone:
        if entry["days"]:
            what = f"{entry['label']} : {agreed(entry['days'], 'jour(s)')} du {entry['oldest']} au {entry['newest']}"
            todo = "Redéclarez la source jusqu’à leur durée, puis piste logs purge : ne les retirez pas à la main."
            yield Finding(f"logs.former.{entry['name'].replace('/', '.')}", "wrong", what, todo)


def _tree(folder: Path, names: list[str]) -> tuple[Tree | None, str]:
    try:
        return read_tree(folder, names), ""
    except UnreadTree as error:
        return None, str(error)


def _own_journal(environment: str, now: datetime) -> Reading:
    """Read the days of Piste's own journal, by the names of its records; its chain seals them."""
    moments = sorted(
        moment
        for chain in chains(journal_folder())
        if chain.environment == environment
        for path in chain.folder.glob("*.json")
        if ID.fullmatch(path.stem) and (moment := _moment(path.stem))
    )
    days: dict[str, list[datetime]] = {}
    for moment in moments:
        days.setdefault(str(moment.date()), []).append(moment)
    today = str(now.date())
    sealed = [
        SealedDay(stream="", day=day, sha256="", bytes=0, lines=len(mine), first=_text(mine[0]), last=_text(mine[-1]))
        for day, mine in days.items()
        if day != today
    ]
    faults = [Fault("chain", str(fault)) for fault in verify_journal(journal_folder())]
    first, last = (days[today][0], days[today][-1]) if today in days else (None, None)
    return Reading(sealed, first, last, faults)


def _moment(id_: str) -> datetime | None:
    try:
        return datetime.strptime(id_[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _beside(logs: TownLogs, made: Check, exported: list[str] | None, store: Path, today: date) -> Iterator[Finding]:
    """Yield the findings of what no stream has: strays, exports, sites that owe logs."""
    if made["strays"]:
        todo = "Déclarez la source, ou retirez ce que nul n’attend."
        yield Finding("logs.tree", "wrong", " ; ".join(made["strays"][:5]), todo)
    yield from _exports(logs, exported, store, today)
    states = {entry["name"]: entry["state"] for entry in made["streams"]}
    for duty in logs["duties"]:
        why = "Wi-Fi public" if duty["public"] else "caméras"
        mine = [name for name in duty["streams"] if name.endswith(f"/{duty['site']}")]
        seen = {states[name] for name in mine}
        id_ = f"logs.site.{duty['site']}"
        if not mine:
            yield Finding(id_, "wrong", f"{duty['site']} ({why}) n’a aucune source à lui", "Ajoutez-le (per_site).")
        elif seen == {"ok"}:
            yield Finding(id_, "ok", f"{duty['site']} ({why}) : journaux gardés")
        else:
            state: State = "wrong" if "wrong" in seen else "unknown"
            yield Finding(id_, state, f"{duty['site']} ({why}) : {', '.join(mine)}", "Voyez cette source ci-dessus.")


def _exports(logs: TownLogs, exported: list[str] | None, store: Path, today: date) -> Iterator[Finding]:
    if not any(stream["log_class"] in EXPORTED for stream in logs["streams"]):
        return
    if exported is None:
        todo = "Montez le référentiel ici, ou donnez-le (--store)."
        yield Finding("logs.export", "unknown", f"le référentiel ne se lit pas d’ici ({store})", todo)
        return
    missing = [month for month in expected_months(today) if month not in exported]
    what = f"{len(exported)} mois exportés sur 12"
    if missing:
        todo = f"piste logs export --month {missing[-1]}"
        yield Finding("logs.export", "wrong", f"{what} ; manquent {', '.join(missing)}", todo)
    else:
        yield Finding("logs.export", "ok", what)
    most = max(stream["most_days"] for stream in logs["streams"] if stream["log_class"] in EXPORTED)
    if old := beyond(store, most, today):
        todo = "Que le tenant du référentiel les supprime : ils ont dépassé la durée déclarée."
        yield Finding("logs.export.beyond", "wrong", f"le référentiel garde encore {', '.join(old)}", todo)
