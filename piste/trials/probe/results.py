"""The results of a probe: their shape, their folder, the tests of a *PV* that they give.

`piste probe` writes a file a run, `<folder>/<site>/<id>.json`; the id begins with the moment. The last result of each
place counts, since a person walks from place to place.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from piste.engine.clock import in_town
from piste.engine.converge.private import write_shared
from piste.engine.converge.untrusted import read_plain
from piste.engine.repository import ROOT
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import Verdict
from piste.readings.belief import Reading, Tried, Unread
from piste.town.model.forms import Moment, Record

Carrier = Literal["twin", "here", "ssh"]
GRAVEST: Sequence[Verdict] = ("wrong", "unknown", "untested", "conform")
KINDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "link": ("Port", "Réseau", ("R031",)),
    "admission": ("Admission 802.1X ou Wi-Fi", "Contrôle d’accès", ("R034", "R037")),
    "lease": ("Bail DHCP et options", "Adresses", ("R012", "R030")),
    "gateway": ("Passerelle", "Réseau", ("R030",)),
    "portal": ("Portail captif", "Réseau", ("R036", "R062")),
    "name": ("Noms", "Noms", ("R012",)),
    "time": ("Heure", "Noms", ("R012",)),
    "printing": ("Serveur d’impression", "Impression", ("R067",)),
    "flow": ("Flux déclarés", "Flux", ("R003", "R149")),
    "service": ("Applications", "Applications", ("R067", "R081")),
    "isolation": ("Isolement, par des paquets", "Isolement", ("R053", "R036", "R003", "R063", "R065")),
    "quality": ("Latence et perte", "Réseau", ("R032",)),
    "rate": ("Débit", "Réseau", ("R032",)),
}
"""Title, domain of a PV and requirements of each kind of trial."""


_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


class Result(Record):
    """A trial, its verdict and its evidence: what was asked, what was answered."""

    id: str
    kind: str
    title: str
    expected: str
    observed: str
    verdict: Verdict
    reason: str = ""
    requirements: list[str] = Field(default_factory=list)
    evidence: list[dict[str, Any]] = Field(default_factory=list)


class Probed(Record):
    """The results of a place: a segment by wire, or an SSID."""

    segment: str
    ssid: str | None = None
    interface: str = ""
    machine: dict[str, str] = Field(default_factory=dict)
    started: str
    ended: Moment
    error: str = ""
    causes: list[str] = Field(default_factory=list)
    results: Annotated[list[Result], Field(min_length=1)]

    @property
    def name(self) -> str:
        return self.ssid or self.segment

    @property
    def counts(self) -> Counter[Verdict]:
        return Counter(result.verdict for result in self.results)


class Probing(Record):
    """A run of the probe at a site; times are ISO 8601 with their zone."""

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=f"^{_ID.pattern}$")]
    site: str
    environment: str
    carrier: Carrier
    operator: str
    commit: str
    clean: bool
    declaration: str
    places: list[Probed]


class Latest(Record):
    """The last result of a place, with the way to it."""

    carrier: Carrier
    operator: str
    place: Probed


def folder(environment: str) -> Path:
    """Locate the results of an environment, beside the records of its runs."""
    given = os.environ.get("PISTE_PROBES_DIR")
    return (Path(given) if given else ROOT / ".piste" / "probes") / environment


def write(record: Probing) -> Path:
    """Write the results of a run in a single step; return their file."""
    path = folder(record.environment) / record.site / f"{record.id}.json"
    write_shared(path, (record.model_dump_json(indent=1) + "\n").encode())
    return path


def latest(environment: str, site: str) -> list[Latest]:
    """Read the last result of each place of a site; a file that does not read gives nothing.

    A twin is made of what the systems hold: it rehearses the lab, and proves nothing of a real site.
    """
    return list(_read(environment, site)[0].values())


def _read(environment: str, site: str) -> tuple[dict[str, Latest], dict[str, Unread]]:
    """Read the last result of each place; doubt those that a newer file may be about.

    What a file that does not read is about, nobody knows: all places of before, and the site (empty) where it is the
    newest.
    """
    places, doubts = dict[str, Latest](), dict[str, Unread]()
    spoilt: Unread | None = None
    for path in sorted((folder(environment) / site).glob("*.json"), key=_placed, reverse=True):
        try:
            record = Probing.model_validate_json(read_plain(path))
        except (OSError, ValidationError) as error:
            if _ID.fullmatch(path.stem) and spoilt is None:
                why = error.strerror if isinstance(error, OSError) else "il n’a pas la forme d’un résultat"
                said = f"{path.name} ne se lit pas ({why}) : ce que cette sonde a vu est inconnu"
                spoilt = Unread(said, _moment(path))
                doubts |= {} if places else {"": spoilt}
            continue
        if record.carrier == "twin" and environment != "lab":
            continue
        for place in record.places:
            if place.name not in places:
                places[place.name] = Latest(carrier=record.carrier, operator=record.operator, place=place)
                if spoilt:
                    doubts[place.name] = spoilt
    return places, doubts


def _placed(path: Path) -> tuple[datetime, str]:
    return _moment(path), path.name


def _moment(path: Path) -> datetime:
    """The moment in the name of a result, or that of its file where the date is impossible."""
    try:
        return datetime.strptime(f"{path.stem[:15]}+0000", "%Y%m%dT%H%M%S%z")
    except ValueError:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def kept(environment: str) -> dict[str, Tried[Latest]]:
    """Give the last result of each place, named `<site>/<place>`.

    The former is not believed where a newer file does not read; the site, `<site>/`, is then unread too.
    """
    tried: dict[str, Tried[Latest]] = {}
    for site in sorted(path.name for path in folder(environment).glob("*/")):
        places, doubts = _read(environment, site)
        read = {name: Reading(last, datetime.fromisoformat(last.place.ended)) for name, last in places.items()}
        tried |= {f"{site}/{name}": outcome for name, outcome in (read | doubts).items()}
    return tried


def pv_tests(probed: Sequence[Latest], doubts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the tests of a PV, one a place and a kind, as the arguments of `Constat.add`.

    `doubts` says by place why its result says nothing of now.
    """
    for last in probed:
        place = last.place
        # A cause is that of several tests: the first says it.
        said: set[str] = set()
        for kind, (title, domain, requirements) in KINDS.items():
            some = [result for result in place.results if result.kind == kind]
            if some:
                test = _test(last, kind, title, domain, requirements, some, doubts.get(place.name))
                causes = test.pop("causes")
                fresh = [cause for cause in causes if cause not in said] if test["verdict"] == "wrong" else causes
                said.update(fresh)
                yield {**test, "reason": " ; ".join(fresh)}


def _test(
    last: Latest,
    kind: str,
    title: str,
    domain: str,
    requirements: Sequence[str],
    some: Sequence[Result],
    doubt: str | None,
) -> dict[str, Any]:
    place = last.place
    verdict = next(state for state in GRAVEST if any(result.verdict == state for result in some))
    at_fault = [result for result in some if result.verdict == verdict != "conform"]
    parts = [f"{result.title} : {result.observed}" for result in at_fault[:3]]
    more = [f"et {agreed(len(at_fault) - 3, 'autre(s)')}"] if len(at_fault) > 3 else []
    reasons = dict.fromkeys(result.reason for result in at_fault if result.reason)
    when = f"sonde du {in_town(place.ended)} ({last.operator})"
    if doubt:
        verdict, reasons = "unknown", {doubt: None}
    alone = some[0] if len(some) == 1 else None
    said = " ; ".join([*parts, *more]) or (alone.observed if alone else agreed(len(some), "essai(s) conforme(s)"))
    return {
        "id_": f"probe.{slug(place.name)}.{kind}",
        "domain": domain,
        "title": f"{place.name} : {title}",
        "expected": alone.expected if alone else "chacun comme déclaré",
        "observed": f"{said}, {when}",
        "verdict": verdict,
        "requirements": requirements,
        "causes": [*reasons],
        "proof": json.loads(last.model_dump_json(include={"carrier", "operator"}))
        | {"results": [json.loads(result.model_dump_json()) for result in some]},
    }


def slug(text: str) -> str:
    """Write a name with the letters of an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "endroit"
