"""The readings of shares that are kept, and what they say of each share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import AfterValidator

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.finding import Finding
from piste.engine.repository import LAB, ROOT
from piste.readings import store
from piste.readings.belief import Doubted, Last, Reading, Tried, Unread, UnreadableReading, silence_of
from piste.readings.due import own_due
from piste.readings.former import Content, Former, of_folder
from piste.readings.storage.reading import ShareReading
from piste.readings.table import READERS, SUBJECTS, Answer
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.town.model.storage import TargetedShare

SUBJECT = SUBJECTS["storage"]
_ENDLESS = (
    "relevé commencé le {}, et toujours pas fini : augmentez storage.limits (vitesse ; minutes, pour « piste storage "
    "scan »), excluez un dossier, ou visez-en un plus petit"
)
MINUTES = 30
"""Minutes of a scan that `piste read` begins, so that what it reads each hour does not wait: the next goes on."""
ENDLESS = timedelta(days=3)
"""Days after which a scan that has not ended is a failed attempt: its nights do not suffice."""


class Kept(TypedDict):
    """The readings of a share: the first whole, the last whole, the last.

    `chosen` where a person made the first whole the reference (`--reference`).
    """

    share: str
    before: ShareReading | None
    after: ShareReading | None
    last: ShareReading
    chosen: NotRequired[bool]


def _of_a_share(kept: Kept) -> Kept:
    whole = [reading for reading in (kept["before"], kept["after"]) if reading]
    if {kept["share"]} != {reading["share"] for reading in (*whole, kept["last"])}:
        raise ValueError("elle n’est pas celle de ce partage")
    if any(reading["state"] != "complete" for reading in whole):
        raise ValueError("elle n’est pas entière")
    return kept


Readings = Annotated[Kept, AfterValidator(_of_a_share)]
"""The form of a share."""


def targeted(town: Derived) -> list[str]:
    """Name the targeted shares."""
    return [share["name"] for share in _shares(town)]


def stands(town: Derived, share: str) -> bool:
    """Tell whether a share is still targeted."""
    return share in targeted(town)


def _shares(town: Derived) -> Iterable[TargetedShare]:
    storage = town.commune["storage"] if town.commune else None
    return storage["shares"] if storage else ()


def last(town: Derived, environment: str) -> dict[str, Last[Kept]]:
    """Give the last readings of each share. Raises `UnreadableReading`."""
    return store.last(SUBJECT, environment, ages(town))


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of a scan: the shares that are due, else all of them, for some minutes."""
    names = own_due(READERS[SUBJECT.name], town, environment) or targeted(town)
    storage = town.commune["storage"] if town.commune else None
    return {"names": names, "scan_minutes": min(MINUTES, storage["limits"]["minutes"]) if storage else MINUTES}


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what a scan gave, and the silence of the others; tell whether a share answered."""
    made: list[ShareReading] = answer.content or []
    given = {reading["share"] for reading in made}
    silent = [name for name in answer.asked.get("names", targeted(town)) if name not in given]
    store.keep(SUBJECT, environment, dict.fromkeys(silent, store.unanswered(answer)))
    return keep(environment, made) or not targeted(town)


def keep(environment: str, made: Iterable[ShareReading], *, anew: bool = False) -> bool:
    """Keep the readings of shares; tell whether a share answered.

    A scan that has not ended is no reading yet: the next goes on with it. After some nights it is an attempt that
    failed, as old as its beginning, so that it is due each hour still. With `anew`, a whole reading becomes the
    reference of those that follow. Raises `NotWritten`, and `UnreadableReading` for a share whose kept readings make no
    sense, once the others are kept.
    """
    readings = [*made]
    known = store.last(SUBJECT, environment)
    tried: dict[str, Tried[Kept]] = {}
    spoilt = dict[str, str]()
    for reading in readings:
        name, moment = reading["share"], datetime.fromisoformat(reading["read_at"])
        former = None if anew and reading["state"] == "complete" else known.get(name)
        if reading["state"] == "silent":
            tried[name] = Unread(reading["why"], moment)
        elif reading["state"] == "unfinished":
            begun, silence = datetime.fromisoformat(reading["begun_at"]), silence_of(former) if former else None
            if moment - begun >= ENDLESS:
                tried_at = max(begun, silence.read_at) if silence else begun
                tried[name] = Unread(_ENDLESS.format(in_town(begun, DAY)), tried_at)
        elif isinstance(former, Doubted):
            tried[name] = Unread("relevé, sans relevés lisibles auxquels le joindre", moment)
            spoilt[name] = former.why
        else:
            value = added(former.value if isinstance(former, Reading) else None, reading)
            tried[name] = Reading({**value, "chosen": True} if anew and value["before"] == reading else value, moment)
    store.keep(SUBJECT, environment, tried)
    if spoilt:
        raise UnreadableReading(
            "les relevés gardés ne se relisent pas, et le nouveau ne s’y joint pas",
            where=", ".join(spoilt),
            why=" ; ".join(dict.fromkeys(spoilt.values())),
            todo=f"Repartez d’une nouvelle référence : {_anew(next(iter(spoilt)))}.",
        )
    return any(reading["state"] != "silent" for reading in readings)


def _anew(name: str) -> str:
    """Give the command that replaces what is kept of a share."""
    return f"{SUBJECT.again} {name} --reference"


def added(before: Kept | None, made: ShareReading) -> Kept:
    """Add a reading to those that are kept; only a whole reading replaces a whole reading."""
    kept = before or Kept(share=made["share"], before=None, after=None, last=made)
    if made["state"] != "complete":
        return {**kept, "last": made}
    return {**kept, "before": kept["before"] or made, "after": made, "last": made}


def joined(kept: Reading[Kept], sent: Reading[Kept]) -> Kept:
    """Join what another machine sent: the newer readings, the reference that compares.

    The last that a person chose is the reference of its scope, else the kept.
    """
    wholes = [reading.value["after"] for reading in (kept, sent)]
    after = max(filter(None, wholes), key=lambda whole: whole["read_at"], default=None)
    last = max(sent, kept, key=lambda reading: reading.read_at).value["last"]

    def rank(of: Kept) -> tuple[bool, bool, str]:
        before = of["before"]
        chosen = before["read_at"] if before and of.get("chosen") else ""
        return before is not None, before is not None and before["scope"] == last["scope"], chosen

    return {**max(kept.value, sent.value, key=rank), "after": after, "last": last}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each targeted share."""
    known, joint = last(town, environment), store.last(SUBJECT, environment)
    for name in targeted(town):
        id_, made = f"{SUBJECT.name}.{name}", known.get(name)
        if isinstance(made, Reading) and made.value["last"]["state"] == "complete":
            yield Finding(id_, "ok", f"{name} : relevé entier le {in_town(made.read_at, DAY)}")
        else:
            said = made.value["last"]["why"] if isinstance(made, Reading) else made.why if made else "jamais relevé"
            todo = _anew(name) if isinstance(joint.get(name), Doubted) else f"{SUBJECT.again} {name}"
            yield Finding(id_, "unknown", f"{name} : {said or 'pas lu en entier'}", todo)


def former(environment: str) -> Mapping[Path, Former]:
    """Give the files in which earlier versions kept the readings, a share each."""
    lab = Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab")
    folder = (lab if environment == LAB else ROOT / "inventories" / environment) / "storage"
    return of_folder(folder, "*.json", _former)


def _former(kept: Any) -> Content:
    return {str(kept["share"]): Reading(kept, zoned(kept["last"]["read_at"]))}
