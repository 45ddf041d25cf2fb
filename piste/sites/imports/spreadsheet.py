"""A list of a spreadsheet: its columns in any order, in the words of other inventories."""

from __future__ import annotations

from collections.abc import Iterator

from piste.engine import tables
from piste.sites.imports import words
from piste.sites.imports.item import MOST, ImportFault, Item, Items
from piste.town.model.assets.form import COLUMNS
from piste.town.model.assets.titles import TITLES, titled

_STATE = tables.Column("state", titles=TITLES["state"], form=words.state_of)
_LIST = tables.Form(
    titled((*COLUMNS, "class", "address"), state=_STATE), rows=MOST, leaves=True, formulas=False
)  # fmt: skip


def read(raw: bytes, file: str, kind: str | None) -> Items:
    """Read a list; `kind` is the class of its lines where no column gives it."""
    table = tables.read(raw, _LIST)
    items = Items(faults=[ImportFault(file, fault.line, str(fault)) for fault in table.faults])
    for title in table.left:
        why = "elle nomme des personnes" if words.is_personal(title) else "rien ne lui correspond"
        items.remarks.append(f"colonne « {title[:40]} » non lue : {why}")
    if table.titles and not {"name", "serial"} & set(table.columns):
        fault = ImportFault(file, 1, "ni nom ni numéro de série parmi les colonnes", "Nommez-les name, serial, site…")
        items.faults.append(fault)
        return items
    for row in table.rows:
        cells = {column: cell for column, cell in row.values.items() if cell}
        items.items += _item(cells, items, file, row.line, kind)
    return items


def _item(cells: dict[str, str], items: Items, file: str, line: int, kind: str | None) -> Iterator[Item]:
    variant = ""
    if name := cells.pop("class", None):
        meant = words.class_of(name)
        if meant is None:
            items.faults.append(
                ImportFault(file, line, f"« {name[:40]} » n’est aucune classe connue", "Donnez --class.")
            )
            return
        kind, variant = meant
    elif kind is None:
        items.faults.append(ImportFault(file, line, "rien ne dit de quelle classe est la ligne", "Donnez --class."))
        return
    if variant:
        cells.setdefault("variant", variant)
    address = cells.pop("address", None)
    yield Item(file, line, kind, cells, addresses=(address,) if address else ())
