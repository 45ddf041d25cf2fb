"""The successful tests of 802.1X of one environment: `<site>.yml`, as `verify` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from . import values
from .beside import read_beside
from .forms import Record

if TYPE_CHECKING:
    from .faults import Faults


class Tried(Record):
    """A test on one server: the expected answer, and the answer."""

    server: str
    test: str
    state: Literal["conform", "wrong", "unknown"]
    expected: str
    answer: str = Field(alias="found")


class Proof(Record):
    """A run of the tests of a site, on all servers; `date` is in the town's time."""

    site: str
    date: Annotated[str, AfterValidator(values.moment)]
    servers: Annotated[list[str], Field(min_length=1)]
    tests: Annotated[list[Tried], Field(min_length=1)]

    @property
    def day(self) -> str:
        return self.date[:10]

    @property
    def succeeded(self) -> bool:
        return all(test.state == "conform" for test in self.tests)


def read_proofs(folder: Path, faults: Faults, root: Path) -> dict[str, Proof]:
    """Read the files of a folder, by site.

    A file of a site that is no longer declared is left alone: it is evidence.
    """
    result: dict[str, Proof] = {}
    for file in read_beside(folder, faults, root):
        proof = file.validated(Proof, faults)
        if proof is None:
            continue
        if proof.site == file.name:
            result[file.name] = proof
        else:
            message = f"L’essai est celui de {proof.site}, pas de {file.name}"
            faults.add("PISTE-M007", f"{file.path}.site", file.mark, message)
    return result
