"""A night: what was exported becomes a commit, beside what could not be read."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from piste.engine.clock import TOWN
from piste.engine.converge.bounded import content, survey
from piste.engine.converge.text import on_one_line
from piste.exports.bag.reading import Answers
from piste.exports.bag.scan import Admitted, suspicions
from piste.exports.configurations.home import Home, Night
from piste.exports.configurations.objects import (
    BACKUPS,
    FOLDERS,
    LIVING,
    Action,
    Difference,
    Tree,
    differences,
    timeless,
)
from piste.exports.configurations.repository import FOLLOWS, READ_AT, UNKNOWN, Repository, blob, is_name, trailers
from piste.systems.kinds import DOMAINS, TITLES

PARTIAL = "Piste-Partial"
"""The trailer of a domain that answered, and said that its reading is incomplete."""
SIGNS: Mapping[Action, str] = {"create": "+", "update": "~", "delete": "-"}
_LONGEST = 300
"""Characters of what a system said, in a message."""


@dataclass(slots=True)
class Export:
    """The reading of a night, at `read_at` (UTC): `contents` by file.

    `left_out` are the files that are never kept, each with its reason: a secret, a name.
    """

    read_at: str
    answers: Answers
    contents: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """The result of a night: the commit, empty where nothing changed, and its differences."""

    commit: str
    differences: list[Difference]
    message: str


def collected(
    folder: Path, answers: Answers, read_at: str, secrets: Mapping[str, str], admitted: Admitted | None = None
) -> Export:
    """Take the files of an export; `secrets` are the files in which a known secret was seen."""
    export = Export(read_at, answers, left_out=dict(secrets))
    for place, why in suspicions(folder, admitted):
        export.left_out.setdefault(place.rpartition(":")[0] or place, why)
    for path in survey(folder)[0]:
        name = path.relative_to(folder).as_posix()
        if name in LIVING or name in export.left_out:
            continue
        if not is_name(name):
            export.left_out[name] = "son nom n’est pas celui d’un fichier d’export"
            continue
        export.contents[name] = content(path)
    return export


def keep(home: Home, export: Export) -> Kept:
    """Commit an export where it differs from the last night; note the night. Raises `Altered`."""
    with home.lock():
        nights, note = home.nights(), home.note()
        last = nights[-1] if nights else None
        former = _tree(last)
        names = _names(export, former)
        made = differences(former, Tree(names, lambda name: _content(name, export, former)))
        year = home.year(export.read_at[:4])
        message = ""
        commit = ""
        if last is None or last.repository.folder != year.folder or names != dict(former.files):
            message = "\n".join(_message(export, made, last, year))
            commit = _committed(home, year, export, names, former, message)
        unread = {**export.answers.failed, **_left_out(export)}
        moments = {domain: export.read_at for domain in DOMAINS if domain not in unread}
        home.keep({**note, "read_at": {**note["read_at"], **moments}, "unread": unread})
        return Kept(commit, made, message)


def _tree(night: Night | None) -> Tree:
    if night is None:
        return Tree({}, lambda name: b"")
    return Tree(night.files, lambda name: night.repository.content(night.files[name]))


def _names(export: Export, former: Tree) -> dict[str, str]:
    """Give the content of each file of the night, by its id; what has no new reading stays."""
    unread = {name: former.files[name] for name in former.files if _unread(name, export)}
    read = {name: blob(raw) for name, raw in export.contents.items()}
    backups = {name: id_ for name, id_ in former.files.items() if name.startswith(f"{BACKUPS}/")}
    if backups.keys() == {name for name in read if name.startswith(f"{BACKUPS}/")} and all(
        read[name] == backups[name] or timeless(export.contents[name]) == timeless(former.content(name))
        for name in backups
    ):
        read |= backups
    return {**unread, **read}


def _content(name: str, export: Export, former: Tree) -> bytes:
    return export.contents[name] if name in export.contents else former.content(name)


def _unread(name: str, export: Export) -> bool:
    """Tell whether a file of the last night has no new reading: silent system, or left out."""
    domain = FOLDERS.get(name.partition("/")[0], "")
    silent = domain in export.answers.failed or bool(export.answers.remarks.get(domain))
    return name not in export.contents and (silent or name in export.left_out)


def _left_out(export: Export) -> dict[str, str]:
    """Give the domains of the files that were left out, with why."""
    reasons: dict[str, str] = {}
    for name, why in export.left_out.items():
        reasons.setdefault(FOLDERS.get(name.partition("/")[0], "export"), f"{name} : {why}")
    return reasons


def _committed(
    home: Home, year: Repository, export: Export, names: Mapping[str, str], former: Tree, message: str
) -> str:
    """Write the commit; the first of a year has every content of its own."""
    fresh, moment = not year.folder.exists(), _seconds(export.read_at)
    new = {name for name, id_ in names.items() if fresh or former.files.get(name) != id_}
    contents = {name: _content(name, export, former) for name in new}
    kept = {name: id_ for name, id_ in names.items() if name not in new}
    if not fresh:
        return year.write(contents, kept, message, moment)
    draft = Repository(home.folder / f".{year.folder.name}")
    shutil.rmtree(draft.folder, ignore_errors=True)
    draft.make()
    draft.write(contents, kept, message, moment)
    draft.folder.chmod(0o700)
    draft.folder.rename(year.folder)
    return year.head()


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp())


def _message(export: Export, made: Collection[Difference], last: Night | None, year: Repository) -> Iterator[str]:
    """Write the message of a commit: counts by domain, then what is unknown, then trailers."""
    day = datetime.fromisoformat(export.read_at).astimezone(TOWN)
    yield f"Configurations du {day:%d/%m/%Y} : {counted(made)}"
    yield ""
    for domain in DOMAINS:
        if own := [each for each in made if each.thing.domain == domain]:
            yield f"{TITLES[domain]} : {counted(own)}"
    for domain, why in export.answers.failed.items():
        yield f"{TITLES[domain]} : inconnu, derniers fichiers gardés ({_said(why)})"
    for name, why in export.left_out.items():
        yield f"{on_one_line(name)} : écarté, {_said(why)}"
    partial = [domain for domain, said in export.answers.remarks.items() if said]
    for domain in partial:
        yield f"{TITLES[domain]} : dit par le système, {_said(' '.join(export.answers.remarks[domain]))}"
    yield ""
    follows = last is not None and last.repository.folder != year.folder
    yield from trailers(
        [
            (READ_AT, export.read_at),
            *((UNKNOWN, domain) for domain in {**export.answers.failed, **_left_out(export)}),
            *((PARTIAL, domain) for domain in partial),
            *([(FOLLOWS, f"{last.repository.year} {last.commit.id}")] if follows and last else []),
        ]
    )


def counted(made: Collection[Difference]) -> str:
    """Count differences: `+3 ~12 -1`."""
    counts = Counter(each.action for each in made)
    return " ".join(f"{sign}{counts[action]}" for action, sign in SIGNS.items())


def _said(text: str) -> str:
    line = on_one_line(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
