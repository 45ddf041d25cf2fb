"""The papers of the transfer that are kept, sealed and signed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from piste.readings import file
from piste.sites import sealed
from piste.sites.sealed import UnreadableReport
from piste.sites.transfer.form import Paper, papers
from piste.town.model.acts import Act
from piste.trials.restore.results import RESULT, UnreadableResult
from piste.trials.restore.signatures import PARTIES, Decision, Signature, signatures

type State = Literal["signed", "refused", "half", "unsigned", "none", "unreadable"]
DECISIONS: Mapping[Decision, str] = {
    "accepted": "prononcé sans réserve", "reserved": "prononcé avec réserves", "refused": "refusé",
}  # fmt: skip
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Kept(NamedTuple):
    """A paper as it is kept, and its signatures that hold."""

    paper: Paper
    signatures: list[Signature]

    @property
    def refused(self) -> bool:
        return any(signature.decision == "refused" for signature in self.signatures)

    @property
    def whole(self) -> bool:
        """Both signed, and none refused."""
        return {signature.party for signature in self.signatures} == {*PARTIES} and not self.refused

    @property
    def reserved(self) -> bool:
        return any(signature.decision == "reserved" for signature in self.signatures)


class Standing(NamedTuple):
    """The standing of a paper: its state, what shows it, and what is wrong with its folder."""

    state: State
    kept: Kept | None = None
    why: str = ""


def folder(environment: str) -> Path:
    """Locate the papers of an environment, beside its readings."""
    return file.place(environment).parent / "transfer"


def place(paper: Paper) -> Path:
    return folder(paper.environment) / paper.name / paper.day


def keep(paper: Paper) -> Kept:
    """Seal and keep a paper, unless that of its day is signed. Raises `UnreadableReport`."""
    former = _read(paper.environment, paper.name, paper.day)
    if former and former.signatures:
        return former
    return Kept(sealed.keep(place(paper), paper), [])


def every(environment: str, name: str) -> list[Kept]:
    """Read the kept papers of a name, the oldest first.

    Raises `UnreadableReport`, `UnreadableResult`.
    """
    days = (path.parent.name for path in (folder(environment) / name).glob(f"*/{RESULT}"))
    read = (_read(environment, name, day) for day in sorted(filter(_DAY.fullmatch, days)))
    return [kept for kept in read if kept]


def _read(environment: str, name: str, day: str) -> Kept | None:
    path = folder(environment) / name / day
    paper = sealed.read(path, Paper)
    if paper is None:
        return None
    if (paper.environment, paper.name, paper.day) != (environment, name, day):
        raise UnreadableReport(
            "ce papier n’est pas celui de son dossier", where=str(path),
            why=f"{paper.name}, {paper.day}, {paper.environment}",
        )  # fmt: skip
    return Kept(paper, signatures(path, paper))


def standing(environment: str, name: str) -> Standing:
    """Tell the standing of a paper: the last that both signed or either refused, else the last."""
    try:
        known = every(environment, name)
    except (UnreadableReport, UnreadableResult) as error:
        return Standing("unreadable", None, f"{error.what} ({error.where})")
    if not known:
        return Standing("none")
    best = next((kept for kept in reversed(known) if kept.whole or kept.refused), known[-1])
    if best.refused:
        return Standing("refused", best)
    return Standing("signed" if best.whole else "half" if best.signatures else "unsigned", best)


def acts(environment: str) -> Iterator[Act]:
    """Give the act that each signed paper proves, on the day of its last signature.

    A paper that does not read, or was refused since, proves nothing.
    """
    for name, now in standings(environment).items():
        if now.state == "signed" and (signed := now.kept):
            reserved = ", avec réserves" if signed.reserved else ""
            done = max(signature.signed_on for signature in signed.signatures)
            proof = f"{signed.paper.number}, {place(signed.paper)}"
            yield Act(act=name, done=done, who=f"signé des deux parties{reserved}", proof=proof, until=None)


def standings(environment: str) -> Mapping[str, Standing]:
    return {name: standing(environment, name) for name in papers()}
