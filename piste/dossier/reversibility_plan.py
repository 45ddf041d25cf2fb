"""The declared plan of reversibility, due from the first day of the contract (CCTP 6.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from piste.model.beside import Beside
from piste.model.catalogue import RULES
from piste.model.faults import Faults
from piste.model.forms import Form, Marked
from piste.model.source import read
from piste.repository import ROOT
from piste.town import refuse

PLAN = ROOT / "docs/plan-reversibilite.yml"
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Step(Form):
    """A step, and the part of each in it (RACI); `consulted` may be nobody."""

    step: Text
    when: Text
    deliverable: Text
    responsible: Text
    accountable: Text
    consulted: Annotated[str, Field(min_length=0)] = ""
    informed: Text


class Venue(Form):
    """A place to rehearse or to do a part of the hand-over."""

    name: Text
    purpose: Text


class Plan(Marked):
    """The contents that CCTP 6.1 wants; `updated` is the day of the last review."""

    title: Text
    updated: Day
    review_months: Annotated[int, Field(ge=1, le=12)]
    principles: Annotated[list[Text], Field(min_length=1)]
    steps: Annotated[list[Step], Field(min_length=1)]
    environments: Annotated[list[Venue], Field(min_length=1)]
    conditions: Annotated[list[Text], Field(min_length=1)]
    lots: Annotated[list[Text], Field(min_length=1)]


def read_plan(path: Path = PLAN) -> Plan:
    """Read the plan. Raises `piste.town.InvalidDeclaration` with every fault and its line."""
    faults = Faults(RULES)
    document = read(path, path.name, faults, path.stem)
    plan = Beside(path.stem, path.stem, document, not faults).validated(Plan, faults)
    refuse(faults)
    assert plan is not None
    return plan
