"""The sheet on which people decide: reserves, decision, signatures; approval, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import NOTHING, Block, Cell, Column, Section, Signatures, Steps, Table, required
from piste.papers.dossier.identity import Edition, IdentityData
from piste.papers.dossier.verification_record import Test

HOLDER = "Titulaire"
_KEPT = ("DSI", "", "La rendre à la règle, ou la garder : docs/adopter.md")
_BY_HAND = 2
"""Rows for the reserves that people write on the day."""


class Reserve(NamedTuple):
    """A reserve: who lifts it, before which day, how; people write what is empty on the paper."""

    what: str = ""
    who: str = ""
    by: str = ""
    how: str = ""


def failing(declared: Sequence[str], tests: Sequence[Test], again: str) -> list[Reserve]:
    """List the reserves of people, then each test that does not conform; `again` retries it.

    Who lifts a reserve of people is theirs to say; what an adoption keeps as found is lifted by who decides of it.
    """
    left = [test for test in tests if test.verdict != "conform"]
    return [
        *(Reserve(what) for what in declared),
        *(
            Reserve(f"{test.title} : {notation.VERDICT[test.verdict]}", *(_KEPT if test.verdict == "kept" else
                                                                         (HOLDER, "", again)))
            for test in left
        ),
    ]  # fmt: skip


def decided(
    choices: Sequence[str], parties: Sequence[str], reserves: Sequence[Reserve] | None = None,
    received: Sequence[Block] = (),
) -> Section:  # fmt: skip
    """Give the section that is signed; `received` says who signed already.

    `reserves` are those of what was judged; None where nothing was: people write them.
    """
    steps, title = ([Steps(choices, ordered=False)], "Réserves, décision et signatures") if choices else (
        [], "Réserves et signatures"
    )  # fmt: skip
    return Section("decision", title, [_reserves(reserves), *received, *steps, Signatures(parties)])


def _reserves(reserves: Sequence[Reserve] | None) -> Table:
    # A table of blank cells alone is no table to a screen reader.
    none = Reserve("Aucune, au jour de ce document", NOTHING, NOTHING, NOTHING)
    known = [Reserve("À écrire en signant, s’il y en a", *["à écrire"] * 3)] if reserves is None else reserves or [none]
    return Table.of(
        "reserves", "Réserves", enumerate([*known, *[Reserve()] * _BY_HAND], 1), lambda each: str(each[0]),
        (Column("what", "Réserve", 4), lambda each: Cell(each[1].what)),
        (Column("who", "Qui la lève", 2), lambda each: Cell(each[1].who)),
        (Column("by", "Avant le", 1.5), lambda each: Cell(each[1].by)),
        (Column("how", "Comment elle se lève", 3), lambda each: Cell(each[1].how)),
    )  # fmt: skip


def approval(known: IdentityData) -> Section:
    """Give the section that ends a paper on which nothing else is signed."""
    return Section(
        "approval", "Approbation",
        [Signatures([f"Établi par : {known['author']}", f"Approuvé par : {known['approver']}"])],
    )  # fmt: skip


def history(editions: Sequence[Edition]) -> Section:
    """Give the versions of a paper; an undeclared first version begins at its approval."""
    table = Table.of(
        "editions", "Ce que chaque version a changé", editions, lambda each: each["version"],
        (Column("version", "Version", 1), lambda each: Cell(each["version"])),
        (Column("day", "Depuis", 1.5), lambda each: _since(each)),
        (Column("author", "Par", 3), lambda each: required(each["author"])),
        (Column("what", "Ce qui a changé", 5), lambda each: required(each["what"])),
    )  # fmt: skip
    return Section("editions", "Versions", [table])


def _since(edition: Edition) -> Cell:
    if edition["day"] is None and edition["what"]:
        return Cell("son approbation")
    return required(notation.day(edition["day"]) if edition["day"] else None)
