"""The documents that were established: of known names alone, with date and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.moments import ahead
from piste.engine.converge.reading import FAULTS, text
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS, Kind
from piste.papers.dossier.forms import OPENING
from piste.papers.dossier.verification_record import Verification
from piste.town.model import Town

FORMS = ("pdf", "html")
LARGEST = 64_000_000
"""Bytes of a document; a report has its evidence attached."""
COPIED, BESIDE = "documents", "../documents"
"""Where the documents lie from the portal: in it, or beside it, as in a bag."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document of a subject: a site, the town, a third party.

    `date` is written for people; without it, the document is illegible. `unsigned`: it does not say its town, as those
    of before. `contents` are its files by form, None for a file that stays where it is.
    """

    subject: str
    kind: str
    title: str
    date: str = ""
    verdict: Cell | None = None
    contents: Mapping[str, bytes | None] = field(default_factory=dict)
    place: str = COPIED
    unsigned: bool = False

    def path(self, form: str) -> str:
        return f"{self.place}/{self.subject}/{self.kind}.{form}"


def filed(folder: Path, town: Town, environment: str, *, beside: bool = False) -> list[Filed]:
    """List the documents of an environment below the folder where `piste dossier` writes.

    Names come from the declaration and from the kinds, never from the folder; a link is never followed. A page
    that does not begin as Piste begins its own is left out. Those that lie `beside` the portal are not copied.
    """
    every = (_filed(folder, town, subject, kind, environment, beside=beside) for subject, kind in _known(town))
    return [made for made in every if made]


def _known(town: Town) -> Iterator[tuple[str, Kind[Any]]]:
    commune = town.commune
    yield from ((commune["id"], kind) for kind in TOWN_KINDS if commune)
    yield from ((party["id"], kind) for party in (commune["third_parties"] if commune else ()) for kind in PARTY_KINDS)
    yield from ((site, kind) for site in town.sites for kind in KINDS)


def _filed(folder: Path, town: Town, subject: str, kind: Kind[Any], environment: str, *, beside: bool) -> Filed | None:
    place = folder / subject
    if place.is_symlink():
        return None
    try:
        data = parse_json(read_plain(place / f"{kind.name}.json", LARGEST))
        if data["origin"]["environment"] != environment or data["document"] != kind.name:
            return None
        if text(data.get("town", town.name)) != town.name:
            return None
        if kind in KINDS and data["site"]["id"] != subject:
            raise ValueError("document of another site")
        if ahead(data["origin"]["date"]):
            raise ValueError("document of the future")
        datetime.fromisoformat(data["origin"]["date"]).astimezone(UTC)  # no moment, or out of the calendar, raises
        date = notation.moment(data["origin"]["date"])
        if "town" not in data:
            return Filed(subject, kind.name, kind.title, date, unsigned=True)
        verdict = _verdict(kind, data["content"], subject, environment)
    except FileNotFoundError:
        return None
    except (OSError, *FAULTS):
        return Filed(subject, kind.name, kind.title)
    contents: dict[str, bytes | None] = {}
    for form in FORMS:
        try:
            content = read_plain(place / f"{kind.name}.{form}", LARGEST)
        except OSError:
            continue
        if form == "html" and not content.startswith(OPENING.encode()):
            continue  # It would run its scripts among the pages of the portal.
        contents[form] = None if beside else content
    return Filed(subject, kind.name, kind.title, date, verdict, contents, BESIDE if beside else COPIED)


def _verdict(kind: Kind[Any], content: object, subject: str, environment: str) -> Cell | None:
    """Give the verdict of a document that decides. Raises what Python does for another content."""
    if kind.headline is None:
        return None
    read = kind.read(content)
    if isinstance(read, Verification) and (read.site, read.environment) != (subject, environment):
        raise ValueError("tests of another site, or of another environment")
    return kind.headline(read)
