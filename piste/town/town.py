"""The declared town, validated by the model and by the tables of the vendors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.as_found import misfits
from piste.engine.converge.errors import PisteError
from piste.engine.converge.resource import Resource
from piste.engine.kind import ACCOUNT
from piste.engine.words import agreed
from piste.systems.kinds import DOMAINS, KINDS
from piste.town import model
from piste.town.model.derived import Derived

if TYPE_CHECKING:
    from piste.town.model.as_found import FoundFile
    from piste.town.model.view import View


class InvalidDeclaration(PisteError):
    """The declaration has faults; nothing was sent to any system."""

    code = "PISTE-E002"
    kind = "refused"


def tables() -> dict[tuple[str, str], Resource]:
    """Give the tables of the objects that may be kept as found, by system and kind."""
    return {(kind.system, kind.table.name): kind.table for kind in KINDS}


def load_town(
    inventory: Path, as_found: Path | None = None, proofs: Path | None = None, rehearsed: Path | None = None
) -> model.Town:
    """Load the town with `town.model.load`, and add the faults that the vendors' tables see."""
    return model.load(inventory, as_found, proofs, rehearsed=rehearsed, checks=(_settings, _as_found, _review))


def _settings(view: View) -> None:
    """Check the settings of group policies against the table of policies.

    Settings of a site's own ADMX files, whose names have a colon, a slash or a backslash, are for the module to judge.
    """
    # Imported here: the table costs 0.1 s, which a kept derivation need not pay.
    from piste.systems.windows.gpo.policies import Names, Policies
    from piste.systems.windows.gpo.policy_table import TABLE

    known, town = Policies(Names(TABLE)), view.declared.town
    for name, policy in town.variables.directory_policies.items():
        for side in ("computer", "user"):
            given = _mapping(_mapping(getattr(policy, side)).get("policies"))
            ours = {setting: value for setting, value in given.items() if not set(":/\\") & set(str(setting))}
            for setting, value in ours.items():
                for fault in known.misfits({setting: value}, f"{side}.policies"):
                    path = ("directory_policies", name, side, "policies", setting)
                    message = f"{name} : {setting} : {fault.message}"
                    view.faults.add("PISTE-M087", ".".join(path), town.where(path), message)


def _kinds() -> set[str]:
    """Name the kinds of objects that a plan may have."""
    return {ACCOUNT, *(kind.table.name for kind in KINDS)}


def _review(view: View) -> None:
    """Check the domains and the kinds that the rules of review name."""
    review = view.declared.town.variables.review
    approvals = review.approvals if review else ()
    # The tables import all the vendors, which a declaration that names no kind need not pay.
    known = _kinds() if any(approval.kinds for approval in approvals) else set[str]()
    for index, approval in enumerate(approvals):
        unknown = {"domaine": set(approval.domains) - set(DOMAINS), "genre d’objet": set(approval.kinds) - known}
        for what, names in unknown.items():
            for name in sorted(names):
                some = ", ".join(DOMAINS if what == "domaine" else sorted(known))
                mark = view.declared.town.where(("review", "approvals", index))
                message, advice = f"« {name} » n’est pas un {what}", f"Ceux qui existent : {some}."
                view.faults.add("PISTE-M170", f"review.approvals[{index + 1}]", mark, message, advice)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_found(view: View) -> None:
    """Check what is kept as found against the kinds and their tables."""
    for name, file in view.as_found.items():
        for system, kinds in file.content.as_found.items():
            for kind, keys in kinds.items():
                _misfits(view, name, file, f"{system}.{kind}", keys)


def _misfits(view: View, name: str, file: FoundFile, kind: str, keys: Mapping[str, Any]) -> None:
    known, (system, _, what) = tables(), kind.partition(".")
    resource, where, place = known.get((system, what)), f"as_found[{name}].{kind}", ("as_found", system, what)
    if resource is None:
        some = ", ".join(sorted(f"{system}.{other}" for system, other in known))
        message, advice = f"« {kind} » n’est pas un genre d’objet", f"Ceux qui existent : {some}."
        view.faults.add("PISTE-M005", where, file.document.mark(place), message, advice)
        return
    for key, entry in keys.items():
        for fault in misfits(resource, key, entry, name):
            inner = fault.path.removeprefix(f"config[{resource.key_of(resource.named(key))}]").lstrip(".")
            mark = file.document.mark((*place, key, *inner.split(".")[:1]))
            message = f"{where}[{key}].{inner} : {fault.message}"
            view.faults.add("PISTE-M007", f"{where}[{key}].{inner}", mark, message, _ADVICE)


_ADVICE = "Corrigez la valeur, ou retirez l’entrée : l’objet est alors rendu à la règle."


def refuse_faults[T: Derived](town: T) -> T:
    """Return the town; raise with all its errors, where it has any."""
    refuse(town.errors)
    return town


def refuse(errors: Sequence[model.Fault]) -> None:
    """Raise with all errors, each with its file and line; return where there is none."""
    if errors:
        listing = "\n".join(str(fault) for fault in errors)
        raise InvalidDeclaration(
            f"la déclaration a {agreed(len(errors), 'erreur(s)')}, rien n’a été envoyé",
            todo=f"Corrigez :\n{listing}\n",
        )
