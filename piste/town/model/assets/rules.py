"""Rules of the assets: unique names and serial numbers, known sites, nothing typed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..placeholder import is_placeholder
from ..wording import closest
from .classes import CLASSES
from .derived import completes

if TYPE_CHECKING:
    from ..view import View
    from .tables import Line


def check_assets(view: View) -> None:
    """M251 to M256, M154 for the dates of a line, M006 for a line without site or state."""
    known = {asset["name"].casefold(): asset for asset in view.assets.all}
    names: dict[str, Line] = {}
    for line in view.declared.assets.lines:
        cells, name = line.cells, line.cells.name.casefold()
        asset = known.get(name)
        derived = asset if asset is not None and asset["source"] != place(line) else None
        if name in names:
            message = f"« {cells.name} » est déjà déclaré à {place(names[name])}"
            view.faults.add("PISTE-M251", line.path, line.mark, message)
            continue
        names[name] = line
        if derived is not None and not completes(line, derived):
            label = CLASSES[derived["kind"]].label
            message = f"« {cells.name} » est déjà dans l’inventaire ({label}) : il vient de {derived['source']}"
            view.faults.add("PISTE-M251", line.path, line.mark, message, "Retirez la ligne.")
        elif derived is None:
            _check_own(view, line)
        _check_values(view, line)
    _check_serials(view)
    for line, column, asset in view.assets.typed_twice:
        message = f"{asset['name']} : « {column} » vient déjà de {asset['source']}"
        view.faults.add("PISTE-M253", f"{line.path}.{column}", line.mark, message)


def place(line: Line) -> str:
    return f"{line.mark.file}:{line.mark.line}"


def _check_own(view: View, line: Line) -> None:
    """Judge a line that alone declares its asset: it has a site and a state.

    Where a site could not be read, the line may complete an asset of that site.
    """
    cells = line.cells
    if CLASSES[line.kind].table == "completes" and cells.site is None and cells.state is None:
        if view.declared.complete:
            message = f"{cells.name} ne complète aucun équipement déclaré ({CLASSES[line.kind].declared_in})"
            view.faults.add("PISTE-M256", line.path, line.mark, message)
        return
    for column in ("site", "state"):
        if getattr(cells, column) is None:
            message = f"{cells.name} : la cellule « {column} » est vide, et rien d’autre ne la donne"
            view.faults.add("PISTE-M006", f"{line.path}.{column}", line.mark, message, "Remplissez-la.")
    if cells.site is not None and cells.site not in view.sites and view.declared.complete:
        message = f"{cells.name} : aucun site de l’inventaire ne se nomme « {cells.site} »"
        view.faults.add("PISTE-M254", f"{line.path}.site", line.mark, message, closest(cells.site, view.sites))


def _check_values(view: View, line: Line) -> None:
    cells, variants = line.cells, CLASSES[line.kind].variants
    if cells.variant is not None and cells.variant not in variants:
        listed = ", ".join(variants) or "aucune"
        message = f"{cells.name} : « {cells.variant} » n’est pas une variante de cette classe ({listed})"
        view.faults.add("PISTE-M255", f"{line.path}.variant", line.mark, message, closest(cells.variant, variants))
    if cells.warranty_until and cells.end_of_life and cells.warranty_until > cells.end_of_life:
        message = f"{cells.name} est sous garantie jusqu’au {cells.warranty_until}, après sa fin de vie"
        view.faults.add("PISTE-M154", f"{line.path}.warranty_until", line.mark, f"{message}, le {cells.end_of_life}")


def _check_serials(view: View) -> None:
    """M252: two assets have the same serial number, whatever declares them.

    Words that hold its place are no number.
    """
    owners: dict[str, str] = {}
    lines = {line.cells.name.casefold(): line for line in view.declared.assets.lines}
    ordered = sorted(view.assets.all, key=lambda asset: asset["name"].casefold() in lines)
    for asset in ordered:
        serial, line = (asset["serial"] or "").casefold(), lines.get(asset["name"].casefold())
        if not serial or _promises(serial):
            continue
        other = owners.setdefault(serial, asset["name"])
        if other != asset["name"] and line is not None:
            message = f"{asset['name']} : le numéro de série {asset['serial']} est déjà celui de {other}"
            view.faults.add("PISTE-M252", f"{line.path}.serial", line.mark, message)


def _promises(serial: str) -> bool:
    """True for words and dashes in the place of a number: many assets may have the same."""
    return is_placeholder(serial) and not any(character.isdigit() for character in serial)
