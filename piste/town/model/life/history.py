"""The history of the assets: `assets/history.csv`, a line an action, added at its end.

It is a table of the declaration and not the history of Git: a bag, a shallow clone and GLPI have it too, and its lines
name a role, an order, a proof, where a commit names a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from piste.engine import tables

from .. import values
from ..assets.classes import State
from ..assets.form import Group
from ..assets.tables import FOLDER, HISTORY, RULES
from ..faults import Mark
from ..forms import Date, Form
from ..inventory import shown
from ..source import text_of, unreadable_because
from ..wording import explain
from .actions import STEPS, Action

if TYPE_CHECKING:
    from ..faults import Faults

MOST = 100_000
"""Lines that a history may have: ten years of the life of ten thousand assets."""
Cell = Annotated[str, Field(max_length=200)]
Digest = Annotated[str, AfterValidator(values.matching(r"[0-9a-f]{64}", "une empreinte SHA-256"))]


_REFERENCES: Mapping[Action, str] = {
    "receive": "une réception a sa commande",
    "switch_off": "une extinction a sa décision",
    "check": "une étape a sa preuve",
}


class Event(Form):
    """An action, and the asset after it, as its table then has it.

    `role` did it. `port` is where the asset is plugged, as `<switch>/<port>`; `labelled` says that its label is on it.
    `reference` is the order, the delivery note, the decision or the proof; `method` and `sha256` are those of an
    erasure, and `evidence` the name of the file that proves it; `method` is the step of a check (`computer_steps`).
    """

    date: Date
    action: Action
    asset: Annotated[str, Field(max_length=120)]
    serial: Cell | None = None
    role: Group
    state: State | None = None
    site: Cell | None = None
    place: Cell | None = None
    assigned_to: Group | None = None
    port: Cell | None = None
    labelled: Literal["yes"] | None = None
    reference: Cell | None = None
    method: Cell | None = None
    evidence: Cell | None = None
    sha256: Digest | None = None

    @model_validator(mode="after")
    def _proves(self) -> Event:
        if self.action == "erase" and not (self.serial and self.method and self.sha256):
            raise values.refuse("un effacement a un numéro de série, une méthode et l’empreinte de sa preuve")
        if (words := _REFERENCES.get(self.action)) and not self.reference:
            raise values.refuse(f"{words} (reference)")
        if self.action == "check" and not self.method:
            raise values.refuse("une étape a son nom (method)")
        return self

    @property
    def label(self) -> str:
        return STEPS[self.action].label


COLUMNS: tuple[str, ...] = tuple(Event.model_fields)


def read_history(inventory: Path, root: Path, faults: Faults) -> list[tuple[Event, Mark]]:
    """Read the history of the assets of an inventory; add its faults.

    It is empty where the file is not there.
    """
    path = inventory / FOLDER / HISTORY
    if not path.exists() and not path.is_symlink():
        return []
    return list(_events(path, shown(path, root), faults))


def _events(path: Path, name: str, faults: Faults) -> Iterator[tuple[Event, Mark]]:
    def fault(rule: str, line: int, message: str, advice: str = "") -> None:
        faults.add(rule, f"assets.history[{line}]", Mark(name, line), message, advice)

    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        fault("PISTE-M001", 1, f"Le fichier ne peut pas être lu : {unreadable_because(error)}", "Rétablissez-le.")
        return
    table = tables.read(text, _FORM)
    if tuple(table.titles) != COLUMNS:
        fault("PISTE-M293", 1, f"L’en-tête n’est pas : {','.join(COLUMNS)}")
        return
    for entry in table.faults:
        fault(RULES.get(entry.what, "PISTE-M001"), entry.line, entry.sentence)
    before = ""
    for line, row in table.rows:
        event = _event({column: cell for column, cell in row.items() if cell}, line, fault)
        if event and event.date < before:
            fault("PISTE-M293", line, f"Le {event.date} vient après le {before} : une ligne s’ajoute à la fin")
        if event:
            before = max(before, event.date)
            yield event, Mark(name, line)


_FORM = tables.Form(tuple(map(tables.Column, COLUMNS)), rows=MOST, leaves=True, formulas=False, declared=True)


def _event(cells: Mapping[str, str], line: int, fault: Callable[[str, int, str], None]) -> Event | None:
    try:
        return Event.model_validate(cells)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _, message, _ = explain(detail, Event)
            column = f"{detail['loc'][-1]} : " if detail["loc"] else ""
            fault("PISTE-M293", line, f"{column}{message}")
        return None


def orders(history: Iterable[Event]) -> list[str]:
    """List the orders of the deliveries that were received, the oldest first."""
    received = (event.reference for event in history if event.action == "receive")
    return list(dict.fromkeys(order for order in received if order))
