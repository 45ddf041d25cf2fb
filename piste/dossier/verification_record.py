"""What a verification of a site leaves: each test, what was expected, what was seen, the evidence.

`piste verify` writes it, the fiche, the *PV de recette* and the export read it. One folder a verification:
`<folder>/<site>/<id>/verification.json`, the evidence beside it. Its id begins with its moment: the last sorts last.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from piste.converge.errors import PisteError
from piste.model.forms import Record

Verdict = Literal["conform", "wrong", "unknown", "untested"]
"""Unknown: what was asked did not answer. Untested: it was not asked, and `reason` says why. Neither is conform."""
RECORD = "verification.json"
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]


class UnreadableRecord(PisteError):
    """A verification on file is not what was written."""

    code = "PISTE-E070"


class Evidence(Record):
    """A file beside the record."""

    file: FileName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Test(Record):
    """One test. `id` is stable (`wifi.ssids`), `domain` groups tests (`Réseau`), `requirements` cite R… or the CCTP."""

    __test__ = False

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._:@/-]*$")]
    domain: str
    title: str
    requirements: list[str] = Field(default_factory=list)
    expected: str
    observed: str
    verdict: Verdict
    reason: str = ""
    evidence: list[Evidence] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_why(self) -> Test:
        if self.verdict == "untested" and not self.reason:
            raise ValueError(f"{self.id}: an untested test says why")
        return self


class Verification(Record):
    """All the tests of a site, once. `started` and `ended` are ISO 8601 with their zone; `run` is the run's record."""

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")]
    site: str
    environment: str
    started: str
    ended: str
    operator: str
    commit: str
    clean: bool
    declaration: str
    run: str | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    reserves: list[str] = Field(default_factory=list)
    tests: Annotated[list[Test], Field(min_length=1)]

    @property
    def counts(self) -> Counter[Verdict]:
        return Counter(test.verdict for test in self.tests)


def evidence(name: str, content: bytes) -> Evidence:
    """The mention of a file in a test."""
    return Evidence(file=name, sha256=hashlib.sha256(content).hexdigest())


def write_verification(folder: Path, record: Verification, files: Mapping[str, bytes]) -> Path:
    """Write a verification and its evidence; give its own folder. The record comes last: without it there is none."""
    place = folder / record.site / record.id
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    _same(record, ((name, hashlib.sha256(content).hexdigest()) for name, content in files.items()), place)
    (place / RECORD).write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return place


def latest(folder: Path, site: str) -> tuple[Verification, Path] | None:
    """The last verification of a site, its evidence checked, and its folder; None where there is none.

    Raises UnreadableRecord where it, or a file that it names, is not what was written.
    """
    for place in sorted((folder / site).glob("*/"), reverse=True):
        if (place / RECORD).is_file():
            return read_verification(place), place
    return None


def read_verification(place: Path) -> Verification:
    """Read a verification and check its evidence. Raises UnreadableRecord."""
    try:
        record = Verification.model_validate_json((place / RECORD).read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableRecord(f"{place / RECORD} ne se lit pas", why=str(error), todo=_AGAIN) from error
    names = {proof.file for test in record.tests for proof in test.evidence if (place / proof.file).is_file()}
    _same(record, ((name, hashlib.sha256((place / name).read_bytes()).hexdigest()) for name in names), place)
    return record


_AGAIN = "Refaites la vérification : piste verify."


def _same(record: Verification, found: Iterable[tuple[str, str]], place: Path) -> None:
    digests = dict(found)
    for test in record.tests:
        for proof in test.evidence:
            if digests.get(proof.file) != proof.sha256:
                what = "a changé" if proof.file in digests else "manque"
                raise UnreadableRecord(f"{place / proof.file}, preuve de {test.id}, {what}", todo=_AGAIN)
