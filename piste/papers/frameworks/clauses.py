"""The frameworks that the town is judged by: their clauses, and what answers each, as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from piste.readings.table import DIRECTION, NETWORK, SYSTEMS

FOLDER = Path(__file__).parent
TENDER, DIRECTORY = "tender", "directory"
OWNERS: Mapping[str, str] = {
    "network": NETWORK, "systems": SYSTEMS, "direction": DIRECTION, "contractor": "titulaire du marché",
}  # fmt: skip
ANSWERS = ("checks", "figures", "findings", "rules", "acts", "same", "blind", "outside")
"""The keys of a clause that say what answers it."""
DATA = frozenset({"checks", "figures", "findings", "rules"})
"""Those that no person answers."""
_RANGE = re.compile(r"M(\d{3})(?:-M(\d{3}))?")


class Answered(TypedDict, total=False):
    """A clause, as its file declares it; the head of `tender.yml` says what each key means."""

    place: str
    says: str
    who: str
    checks: bool
    figures: Mapping[str, str]
    findings: Sequence[str]
    rules: Sequence[str]
    acts: Mapping[str, int]
    same: Sequence[str]
    blind: str
    outside: str
    why: str


class Clause(NamedTuple):
    id: str
    framework: str
    place: str
    says: str
    who: str
    answered: Answered


class Framework(NamedTuple):
    """A framework; a `voluntary` framework binds nobody.

    `figures` are those that trials cite, each with its place and its title.
    """

    name: str
    title: str
    source: str
    voluntary: bool
    clauses: Mapping[str, Clause]
    figures: Mapping[str, Mapping[str, str]]


@cache
def frameworks() -> Mapping[str, Framework]:
    """Load every framework, by name; the ids of their clauses are unique among all."""
    made = {path.stem: _loaded(path) for path in sorted(FOLDER.glob("*.yml"))}
    made[DIRECTORY] = _directory()
    return dict(sorted(made.items(), key=lambda entry: (entry[0] != TENDER, entry[1].voluntary, entry[0])))


@cache
def clauses() -> Mapping[str, Clause]:
    """Give every clause by its id."""
    return {id_: clause for framework in frameworks().values() for id_, clause in framework.clauses.items()}


def _loaded(path: Path) -> Framework:
    import yaml

    content = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    name = path.stem
    made = {
        id_: Clause(id_, name, str(entry["place"]), entry["says"], OWNERS[entry["who"]], entry)
        for id_, entry in content["clauses"].items()
    }
    optional = content.get("voluntary", False), made, content.get("figures", {})
    return Framework(name, content["title"], content["source"], *optional)


def _directory() -> Framework:
    """Make a clause of each control point of the directory that the agency names."""
    from piste.systems.windows.points.table import points

    made = {
        id_: Clause(
            id_, DIRECTORY, f"niveau {point.level}", f"Pas de faute : {point.entry.says}", SYSTEMS,
            {"blind": point.entry.unread} if point.entry.unread else {"findings": [f"directory.{id_}"]},
        )
        for id_, point in points().items()
        if point.of_agency
    }  # fmt: skip
    source = "Agence nationale de la sécurité des systèmes d’information, points de contrôle Active Directory"
    return Framework(DIRECTORY, "Points de contrôle de l’annuaire", source, False, made, {})


def rules_of(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """List the ids of the rules that ranges (`M010-M019`) cover, among those that exist."""
    return [rule for rule in known if any(low <= int(rule[-3:]) <= high for low, high in map(_bounds, asked))]


def _bounds(asked: str) -> tuple[int, int]:
    given = _RANGE.fullmatch(asked)
    assert given, f"{asked}: M000 or M000-M000"
    return int(given[1]), int(given[2] or given[1])


def places_of(rule: str) -> list[str]:
    """List the paragraphs of the tender that ask for a rule of the declaration."""
    every = frameworks()[TENDER].clauses.values()
    asking = (clause for clause in every if rules_of(clause.answered.get("rules", ()), [rule]))
    return list(dict.fromkeys(clause.place for clause in asking))


def asked_acts() -> set[str]:
    """Name the acts that clauses ask for."""
    return {act for clause in clauses().values() for act in clause.answered.get("acts", {})}


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Load the words of acts and of figures, by their names."""
    import yaml

    loaded: Mapping[str, Mapping[str, str]] = yaml.load(
        (FOLDER / "templates/words.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    return loaded


def answers(clause: Clause) -> Iterator[str]:
    """Name the kinds of evidence of a clause."""
    return (name for name in ANSWERS if clause.answered.get(name))
