"""Signatures of papers, verified file by file; nothing of a folder is trusted.

A paper is a PDF of a folder whose `result.json` names it by its digest, or a report that is kept by its own. Who
changes a folder can seal it again: only a key that the reader brings says who signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, ValidationError

from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_shared
from piste.engine.converge.untrusted import read_plain
from piste.papers.dossier import notation
from piste.runs.records.chain import Damaged, encode, seal, unseal
from piste.town.model import values
from piste.town.model.forms import Record
from piste.town.model.wording import first_fault
from piste.trials.restore.results import RESULT, UnreadableResult
from piste.trials.restore.signatures import LONGEST, PARTIES, Signature, signature_of

type State = Literal["altered", "unknown", "by_hand", "unsigned", "signed"]
_SCANS = {f"signe-{party}.pdf" for party in PARTIES}
WORST: tuple[State, ...] = ("altered", "unknown", "by_hand", "unsigned", "signed")


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise values.refuse(f"« {name} » sort de ce dossier")
    return name


class Papers(Record):
    """The papers of a folder that is signed as a whole: the SHA-256 of each PDF, by its path."""

    format: int = 1
    papers: dict[Annotated[str, AfterValidator(_inside)], str]
    hash: str = ""


class Examined(NamedTuple):
    """A paper and what its signatures are worth."""

    paper: Path
    state: State
    says: str


class Sealed(NamedTuple):
    """The file that is signed, by its digest."""

    hash: str


def gather(folder: Path) -> Papers:
    """Seal the papers of a folder, to be signed. Raises `Misused`."""
    own = {name: path for name, path in _by_place(folder)[folder].items() if name not in _SCANS}
    try:
        digests = {name: _digest(path) for name, path in own.items()}
    except OSError as error:
        raise Misused(f"un papier de {folder} ne se lit pas", why=str(error)) from None
    if not digests:
        raise Misused(f"{folder} n’a aucun papier", why="Un papier se signe en PDF.", todo="piste dossier all --out …")
    path, sealed = folder / RESULT, seal(Papers(papers=digests).model_dump(exclude={"hash"}))
    if not path.exists():
        write_shared(path, encode(sealed))
    if _quiet(path) != Papers(**sealed):
        raise Misused(
            f"{folder} a d’autres papiers que ceux qui ont été réunis pour être signés", why=str(path),
            todo=f"Établissez-les dans un autre dossier, ou retirez {RESULT} et ses signatures.",
        )  # fmt: skip
    return Papers(**sealed)


def examine(asked: Path, keys: Collection[str]) -> Iterator[Examined]:
    """Examine a paper or the papers of a folder; `keys` are those that the reader knows."""
    for place, pdfs in sorted(_by_place(_signed_above(asked)).items()):
        for each in _of(place, pdfs, keys):
            if each.paper.is_relative_to(asked) or place.is_relative_to(asked):
                yield each


def _by_place(top: Path) -> Mapping[Path, Mapping[str, Path]]:
    """Give the papers of each folder that is signed as a whole, by their path in it."""
    own: dict[Path, dict[str, Path]] = {place: {} for place in (top, *(path.parent for path in top.rglob(RESULT)))}
    for path in sorted(top.rglob("*.pdf")):
        if path.is_file() and not path.is_symlink():
            nearest = next(folder for folder in path.parents if folder in own)
            own[nearest][path.relative_to(nearest).as_posix()] = path
    return own


def _signed_above(asked: Path) -> Path:
    """Locate the folder that was signed with this paper or folder; else its own."""
    for folder in (asked, *asked.parents):
        if (folder / RESULT).exists() and (folder == asked or _signs_below(folder)):
            return folder
    return asked if asked.is_dir() else asked.parent


def _signs_below(folder: Path) -> bool:
    """Tell whether a folder was signed as a whole, though its list may be damaged."""
    record = _quiet(folder / RESULT)
    return isinstance(record, Papers) or (record is None and any(folder.glob("signed-*.json")))


def _quiet(path: Path) -> Papers | Sealed | None:
    try:
        return _record(path)[0]
    except (OSError, Damaged):
        return None


def _record(path: Path) -> tuple[Papers | Sealed, str]:
    """Read what is signed, and how it names itself. Raises `OSError`, `Damaged`."""
    content = unseal(read_plain(path))
    if "papers" in content:
        try:
            return Papers.model_validate(content), ""
        except ValidationError as error:
            raise Damaged(why=first_fault(error, Papers)) from None
    return Sealed(str(content["hash"])), " ".join(str(content[name]) for name in ("title", "id", "made")
                                                  if isinstance(content.get(name), str))  # fmt: skip


def _of(place: Path, pdfs: Mapping[str, Path], keys: Collection[str]) -> Iterator[Examined]:
    """Examine the papers of a place that is signed as a whole."""
    path = place / RESULT
    if not path.exists():
        yield from (Examined(pdf, "unsigned", "rien ne le signe") for pdf in pdfs.values())
        return
    try:
        record, title = _record(path)
    except (OSError, Damaged) as error:
        why = first_fault(error, Papers) or "sceau rompu"
        says = f"ce qui a été signé ne se lit plus ou a changé ({path.name}, {why})"
        yield from (Examined(paper, "altered", says) for paper in pdfs.values() or [path])
        return
    state, says, scans = _signatures(place, record, keys)
    if not isinstance(record, Papers):
        yield Examined(place, state, f"{title} : {says}" if title else says)
        strangers: Collection[str] = {*pdfs} - scans
    else:
        for name, digest in record.papers.items():
            change = _changed(place / name, digest)
            yield Examined(place / name, "altered", change) if change else Examined(place / name, state, says)
        strangers = {*pdfs} - {*record.papers} - scans
    yield from (Examined(pdfs[name], "unsigned", "rien ne le signe") for name in sorted(strangers))


def _changed(paper: Path, digest: str) -> str:
    """Say what happened to a paper since it was signed; empty where nothing did."""
    try:
        return "" if _digest(paper) == digest else "ce n’est plus le papier qui a été signé"
    except FileNotFoundError:
        return "absent de ce dossier, où il a été signé"
    except OSError as error:
        return f"ne se lit pas ({first_fault(error, Papers)})"


def _signatures(place: Path, record: Papers | Sealed, keys: Collection[str]) -> tuple[State, str, set[str]]:
    """Judge the signatures of a place: the worst state, who signed, the scanned papers."""
    states: dict[State, list[str]] = {}
    scans, parties, used = set(), {*PARTIES}, set()
    for path in sorted(place.glob("signed-*.json")):
        try:
            made = signature_of(path, place, record)
        except UnreadableResult as error:
            states.setdefault("altered", []).append(f"{path.name}, {error.why}")
            continue
        parties.discard(made.party)
        state: State = "by_hand" if made.key is None else "signed" if made.key in keys else "unknown"
        states.setdefault(state, []).append(_said(made, state))
        if made.key is None:
            scans.add(made.file)
        elif made.key in used:
            states.setdefault("unknown", []).append("une seule clé signe pour les deux parties")
        used.add(made.key)
    if parties:
        states.setdefault("unsigned", []).extend(f"pas signé {PARTIES[party].lower()}" for party in sorted(parties))
    says = " ; ".join(text for state in WORST for text in states.get(state, ()))
    return next(state for state in WORST if state in states), says, scans


def _said(made: Signature, state: State) -> str:
    by = f"signé {PARTIES[made.party].lower()} ({made.role}), le {notation.day(made.signed_on)}"
    if made.key is None:
        return f"{by}, à la main : regardez {made.file}"
    return f"{by}, par la clé {made.key[:16]}{'' if state == 'signed' else ', que vous n’avez pas donnée'}"


def _digest(path: Path) -> str:
    return hashlib.sha256(read_plain(path, LONGEST)).hexdigest()
