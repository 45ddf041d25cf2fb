"""The record of a verification of a site: tests, expected and observed, with evidence.

`piste verify` writes it; the fiche, the *PV de recette* and the export read it. Each verification has its folder:
`<folder>/<site>/<id>/verification.json`, with the evidence beside it. The id begins with the moment, so that the last
verification sorts last.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import ahead
from piste.engine.converge.private import write_shared
from piste.town.model.forms import Moment, Record
from piste.town.model.wording import first_fault

Verdict = Literal["conform", "wrong", "unknown", "untested"]
"""Unknown: the system did not answer. Untested: it was not asked, and `reason` says why. Neither is conform."""
TestVerdict = Literal[Verdict, "kept"]
"""Kept: other than the rule by what the adoption keeps as found alone, so neither conform nor wrong."""
VERDICTS: Mapping[str, Verdict] = {"ok": "conform", "wrong": "wrong", "unknown": "unknown"}
"""The verdict of a test, by the state that was found."""
RECORD = "verification.json"
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]


class UnreadableRecord(PisteError):
    """A verification on file differs from what was written."""

    code = "PISTE-E070"


class Evidence(Record):
    """A file beside the record, with its digest."""

    file: FileName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Test(Record):
    """A test and its verdict.

    `id` is stable (`wifi.ssids`), `domain` groups tests (`Réseau`), `requirements` cite R… or the CCTP. `read_at` is
    when the system was read, by its own clock.
    """

    __test__ = False

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._:@/-]*$")]
    domain: str
    title: str
    requirements: list[str] = Field(default_factory=list)
    expected: str
    observed: str
    verdict: TestVerdict
    reason: str = ""
    evidence: list[Evidence] = Field(default_factory=list)
    read_at: str | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Test:
        if self.verdict in ("untested", "kept") and not self.reason:
            raise ValueError(f"{self.id}: a test that is {self.verdict} says why")
        return self


class Verification(Record):
    """The tests of a site on a moment.

    `started` and `ended` are ISO 8601 with their zone; `run` is the record of the run.
    """

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")]
    site: str
    environment: str
    started: Moment
    ended: Moment
    operator: str
    commit: str
    clean: bool
    declaration: str
    run: str | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    reserves: list[str] = Field(default_factory=list)
    tests: Annotated[list[Test], Field(min_length=1)]

    @property
    def counts(self) -> Counter[TestVerdict]:
        return Counter(test.verdict for test in self.tests)


def evidence(name: str, content: bytes) -> Evidence:
    """Make the evidence of a test from the name and the content of a file."""
    return Evidence(file=name, sha256=hashlib.sha256(content).hexdigest())


def write_verification(folder: Path, record: Verification, files: Mapping[str, bytes]) -> Path:
    """Write a verification and its evidence below `folder`; return its own folder.

    The record comes last: a folder without it is no verification.
    """
    place = folder / record.site / record.id
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_shared(place / name, content)
    _check(record, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}, place)
    write_shared(place / RECORD, (record.model_dump_json(indent=1) + "\n").encode())
    return place


def latest(folder: Path, site: str) -> tuple[Verification, Path] | None:
    """Read the last verification of a site, with its folder; None if there is none.

    A verification of the future is left out: what was before it holds. Raises UnreadableRecord if the record, or a file
    that it names, differs from what was written.
    """
    for place in _newest(folder, site):
        read = None if _ahead(place.name) else read_verification(place)
        if read and not ahead(read.ended):
            return read, place
    return None


def future(folder: Path, site: str) -> list[str]:
    """List the verifications of the future of a site, by the moment in their id."""
    return [place.name for place in _newest(folder, site) if _ahead(place.name)]


def _newest(folder: Path, site: str) -> Iterator[Path]:
    every = sorted((folder / site).glob("*/"), reverse=True)
    return (place for place in every if (place / RECORD).is_file())


def _ahead(id_: str) -> bool:
    return ahead(id_.partition("-")[0])


def read_verification(place: Path) -> Verification:
    """Read a verification and check its evidence. Raises UnreadableRecord."""
    try:
        record = Verification.model_validate_json((place / RECORD).read_bytes())
    except (OSError, ValidationError) as error:
        why = first_fault(error, Verification)
        raise UnreadableRecord(f"{place / RECORD} ne se lit pas", why=why, todo=_AGAIN) from error
    names = {proof.file for test in record.tests for proof in test.evidence if (place / proof.file).is_file()}
    _check(record, {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in names}, place)
    return record


_AGAIN = "Refaites la vérification : piste verify."


def _check(record: Verification, digests: Mapping[str, str], place: Path) -> None:
    """Raise UnreadableRecord if a file that a test names is missing, or has another digest."""
    for test in record.tests:
        for proof in test.evidence:
            if digests.get(proof.file) != proof.sha256:
                what = "a changé" if proof.file in digests else "manque"
                raise UnreadableRecord(f"{place / proof.file}, preuve de {test.id}, {what}", todo=_AGAIN)
