"""The demands of a hand-over, ticked against the files of a bag (CCTP 6.2, 6.3, 6.6).

The bag alone answers: its files, and the verdicts of the clauses that it holds. A file that is there proves no clause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

from piste.engine.converge.bounded import Unreadable, content, of_json, survey
from piste.engine.converge.text import on_one_line
from piste.papers.dossier.asked import Asked, demands
from piste.papers.frameworks.clauses import TENDER
from piste.sites.conformity import WORDS

CLAUSES = "quality/conformity.json"
TITLES = {
    "scope": "Périmètre (CCTP 6.2)", "deliverables": "Livrables (CCTP 6.3)",
    "criteria": "Critères de recette (CCTP 6.6)",
}  # fmt: skip
_WORDS: Mapping[str, str] = dict(WORDS.items())
LONGEST = 300
"""Most characters of what a bag says of a clause."""


class Ticked(NamedTuple):
    """A demand, and all that the bag lacks of it: files, then clauses that are not kept."""

    part: str
    asked: Asked
    lacks: list[str]

    @property
    def line(self) -> str:
        """Say it in a line: what lacks, where the rest is, the command that shows it."""
        if not self.lacks:
            return self.asked.what
        elsewhere = [f"ailleurs : {self.asked.elsewhere}"] if self.asked.elsewhere else []
        return f"{self.asked.what} : {' ; '.join([*self.lacks, *elsewhere])} → {self.asked.proof}"


def ticked(data: Path) -> list[Ticked]:
    """Compare the demands to the payload of a bag; what does not read is unknown."""
    names = [path.relative_to(data).as_posix() for path in survey(data)[0]]
    verdicts = _verdicts(data / CLAUSES)
    return [
        Ticked(part, asked, [*_lacking(asked, names, verdicts)])
        for part in TITLES for asked in getattr(demands(), part)
    ]  # fmt: skip


def _lacking(asked: Asked, names: Collection[str], verdicts: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    absent = [pattern for pattern in asked.bag if not any(fnmatchcase(name, pattern) for name in names)]
    if absent:
        yield f"absent du sac : {', '.join(absent)}"
    for clause in asked.clauses:
        verdict, why = verdicts.get(clause, ("unknown", ""))
        if verdict != "kept":
            yield f"{clause} {_WORDS.get(verdict, WORDS['unknown'])}{f', {why}' if why else ''}"


def _verdicts(path: Path) -> Mapping[str, tuple[str, str]]:
    """Read the verdict of each clause, and what lacks; none where it does not read."""
    try:
        rows: Any = of_json(content(path))
    except (OSError, Unreadable):
        return {}
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {
        str(row.get("clause")): (str(row.get("verdict")), _in_a_line(row.get("evidence")))
        for row in known if row.get("framework") == TENDER
    }  # fmt: skip


def _in_a_line(evidence: object) -> str:
    return on_one_line(shorten(str(evidence or ""), LONGEST, placeholder=" […]"))


def counted(every: list[Ticked]) -> Iterator[tuple[str, list[Ticked]]]:
    """Give each part with its count, and its demands."""
    for part, title in TITLES.items():
        mine = [each for each in every if each.part == part]
        done = sum(not each.lacks for each in mine)
        yield f"{title} : {done} sur {len(mine)}", mine


def page(data: Path) -> str:
    """Write the list to tick, in Markdown: what the bag cannot prove is ticked by hand."""
    lines = [
        "# Recette de la réversibilité, d’après ce sac", "",
        "Coché : les fichiers sont là, et les clauses sont tenues d’après les preuves du jour. Le reste dit ce qui",
        "manque, et la commande qui le montre. Les motifs sont sous `data/`. « piste bag verify » refait cette liste.",
    ]  # fmt: skip
    for head, mine in counted(ticked(data)):
        lines += ["", f"## {head}", *(f"- [{' ' if each.lacks else 'x'}] {each.line}" for each in mine)]
    return "\n".join(lines) + "\n"
