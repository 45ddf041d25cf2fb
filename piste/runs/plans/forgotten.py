"""Readings that the journal has and the store lacks: it was rebuilt from an older copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from piste.engine.clock import in_town
from piste.engine.converge.moments import ahead, zoned
from piste.engine.finding import Finding
from piste.engine.words import agreed, safe, some
from piste.readings import store
from piste.readings.belief import FAILED, tried_at
from piste.readings.table import READERS, SUBJECTS, Reader
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import newest
from piste.runs.records.record import KEPT_BY, Record
from piste.town.model.dates import now

BACK = timedelta(days=31)
"""How far back the journal is read: every reading is due again before, or too old to be believed."""
CLOCKS = timedelta(minutes=10)
"""How far the clock of a system may be behind that of this machine: readings have the time of the system."""
_BY_THEIR_DATA = ("printing",)
"""Readers whose readings have the moment of their data: a run says nothing of them."""


def findings(environment: str, node: str | None = None) -> Iterator[Finding]:
    """Name what the journal says read after all that the store keeps, and what wrote since.

    With a `node`, only what it read itself.
    """
    kept = {name: _kept(reader, environment) for name, reader in READERS.items() if _dated(reader)}
    waiting, forgotten, writes = dict(kept), dict[str, Record](), list[Record]()
    for record in newest(journal_folder(), environment):
        waiting = {name: at for name, at in waiting.items() if at < _begun(record) - CLOCKS}
        if not waiting:
            break
        writes += [record] if record["counts"]["writes"] and not record["check"] else []
        for name in waiting.keys() - forgotten.keys():
            own = node in (None, record["node"])
            if own and record["outcome"] != "killed" and _is_of(record, READERS[name]):
                forgotten[name] = record
    if forgotten:
        since = min(kept[name] for name in forgotten)
        yield _finding(environment, forgotten, [record["id"] for record in writes if _begun(record) > since])


def _begun(record: Record) -> datetime:
    return zoned(record["started"] or record["ended"])


def _dated(reader: Reader) -> bool:
    return bool(reader.playbook) and reader.name not in _BY_THEIR_DATA


def _kept(reader: Reader, environment: str) -> datetime:
    """Give the newest attempt that the store keeps of a reader; the first moment without any."""
    every = []
    for name in reader.subjects:
        try:
            every += [at for last in store.last(SUBJECTS[name], environment).values() if (at := tried_at(last))]
        except FAILED:  # its own finding says why
            return now()
    return max((at for at in every if not ahead(at)), default=now() - BACK)


def _is_of(record: Record, reader: Reader) -> bool:
    """Tell whether a run read for a reader, to keep it.

    A playbook that is played alone, or in check mode, keeps nothing.
    """
    kept_by = f'"{KEPT_BY}": "{reader.name}"'
    return not record["check"] and any(kept_by in word for word in record["command"] or ())


def _finding(environment: str, forgotten: Mapping[str, Record], wrote: list[str]) -> Finding:
    named = [
        f"{name}, le {in_town(record['ended'])} sur {safe(record['node'])}"
        for name, record in sorted(forgotten.items())
    ]
    said = f"ce poste a oublié {agreed(len(named), 'lecture(s)')} que le journal connaît : {some(named, len(named))}"
    if wrote:
        said += f" ; depuis, {agreed(len(wrote), 'exécution(s)')} ont écrit ({some(wrote)})"
    on = "" if environment == "lab" else f" --environment {environment}"
    again = f"Relisez avant d’appliquer : piste read {' '.join(sorted(forgotten))}{on}"
    return Finding("readings.forgotten", "unknown", said, again)
