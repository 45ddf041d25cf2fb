"""The documents that were established: of known names alone, with date and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from piste.converge.untrusted import parse_json, read_plain
from piste.dossier.accessibility import headline as accessible
from piste.dossier.blocks import Cell
from piste.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS, Kind
from piste.dossier.report import headline
from piste.dossier.verification_record import Verification
from piste.model import Town

FORMS = ("pdf", "html")
LARGEST = 64_000_000
"""Bytes of a document; a report has its evidence attached."""
COPIED, BESIDE = "documents", "../documents"
"""Where the documents lie from the portal: in it, or beside it, as in a bag."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document of a subject: a site, the town, a third party.

    `contents` are its files by form, None for a file that stays where it is. A document without a `date` is illegible.
    """

    subject: str
    kind: str
    title: str
    date: str = ""
    verdict: Cell | None = None
    contents: Mapping[str, bytes | None] = field(default_factory=dict)
    place: str = COPIED

    def path(self, form: str) -> str:
        return f"{self.place}/{self.subject}/{self.kind}.{form}"


def filed(folder: Path, town: Town, environment: str, *, beside: bool = False) -> list[Filed]:
    """List the documents of an environment below the folder where `piste dossier` writes.

    Names come from the declaration and from the kinds, never from the folder; a link is never followed. Those that lie
    `beside` the portal are not copied.
    """
    every = (_filed(folder, subject, kind, environment, beside=beside) for subject, kind in _known(town))
    return [made for made in every if made]


def _known(town: Town) -> Iterator[tuple[str, Kind[Any]]]:
    commune = town.commune
    yield from ((commune["id"], kind) for kind in TOWN_KINDS if commune)
    yield from ((party["id"], kind) for party in (commune["third_parties"] if commune else ()) for kind in PARTY_KINDS)
    yield from ((site, kind) for site in town.sites for kind in KINDS)


def _filed(folder: Path, subject: str, kind: Kind[Any], environment: str, *, beside: bool) -> Filed | None:
    place = folder / subject
    if place.is_symlink():
        return None
    try:
        data = parse_json(read_plain(place / f"{kind.name}.json", LARGEST))
        if data["origin"]["environment"] != environment or data["document"] != kind.name:
            return None
        date = datetime.fromisoformat(data["origin"]["date"]).isoformat()
        verdict = _verdict(kind.name, data["content"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Filed(subject, kind.name, kind.title)
    contents: dict[str, bytes | None] = {}
    for form in FORMS:
        try:
            content = read_plain(place / f"{kind.name}.{form}", LARGEST)
        except OSError:
            continue
        contents[form] = None if beside else content
    return Filed(subject, kind.name, kind.title, date, verdict, contents, BESIDE if beside else COPIED)


def _verdict(kind: str, content: Any) -> Cell | None:
    """Give the verdict of a document that decides. Raises `ValueError`, `KeyError`, `TypeError`."""
    if kind == "pv-recette":
        return headline(Verification.model_validate(content))
    return accessible(content) if kind == "declaration-accessibilite" else None
