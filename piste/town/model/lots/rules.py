"""Rules of the lots of thin clients: known machines, each in one lot, never before a study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..paths import dotted
from ..wording import closest
from .derived import needed

if TYPE_CHECKING:
    from ..assets.derived import Asset
    from ..paths import KeyPath
    from ..view import View
    from .form import Study, ThinClientLot

LOTS = "thin_client_lots"


def check_lots(view: View) -> None:
    """M290, M291, M292: machines of a lot, verdict of its study, order of both."""
    used: dict[str, str] = {}
    assets = {asset["name"]: asset for asset in view.assets.all} if view.declared.complete else {}
    for name, lot in view.declared.town.variables.thin_client_lots.items():
        if lot.site not in view.sites and view.declared.complete:
            message = f"{name} : « {lot.site} » n’est pas un site de la déclaration"
            _add(view, "PISTE-M290", (LOTS, name, "site"), message, closest(lot.site, view.sites))
        for part in ("thin_clients", "replaces"):
            for index, machine in enumerate(getattr(lot, part)):
                if machine in used:
                    message = f"{name} : « {machine} » est déjà dans le lot {used[machine]}"
                    _add(view, "PISTE-M290", (LOTS, name, part, index), message)
                used.setdefault(machine, name)
                if machine not in assets and not view.declared.complete:
                    continue
                for message in _misplaced(lot, part, assets.get(machine), machine, known=lot.site in view.sites):
                    _add(view, "PISTE-M290", (LOTS, name, part, index), f"{name} : {message}", closest(machine, assets))
        if lot.study:
            for where, message in _contradictions(lot.study):
                _add(view, "PISTE-M291", (LOTS, name, "study", *where), f"{name} : {message}")
        if lot.deployed_on and (lot.study is None or lot.study.verdict == "unfavourable"):
            why = "sans étude" if lot.study is None else "malgré un avis défavorable"
            _add(view, "PISTE-M292", (LOTS, name, "deployed_on"), f"{name} est déployé {why}")
        elif lot.deployed_on and lot.study and lot.deployed_on < lot.study.made_on:
            message = f"{name} est déployé le {lot.deployed_on}, avant son étude du {lot.study.made_on}"
            _add(view, "PISTE-M292", (LOTS, name, "deployed_on"), message)


def _misplaced(lot: ThinClientLot, part: str, asset: Asset | None, name: str, *, known: bool) -> Iterator[str]:
    """Say why an asset has no place in a lot; `known` is true where its site is a site."""
    if asset is None:
        yield f"« {name} » n’est pas à l’inventaire"
    elif part == "thin_clients" and asset["variant"] != "thin_client":
        yield f"« {name} » n’est pas un client léger"
    elif part == "thin_clients" and known and asset["site"] != lot.site and asset["state"] != "retired":
        yield f"« {name} » est à {asset['site']}, pas à {lot.site}"
    elif part == "thin_clients" and lot.deployed_on and asset["state"] in ("awaited", "stock"):
        yield f"le lot est déployé, et « {name} » n’est pas en service"


def _contradictions(study: Study) -> Iterator[tuple[KeyPath, str]]:
    if study.verdict == "with_reserves" and not study.reserves:
        yield ("verdict",), "l’avis est avec réserves, et n’en dit aucune"
    if study.verdict == "unfavourable":
        return
    for index, application in enumerate(study.applications):
        if application.fitness == "incompatible":
            yield ("applications", index), f"l’avis est favorable, {application.name} est incompatible"
        if application.fitness == "adapted" and not application.note:
            yield ("applications", index), f"{application.name} est adaptée : dites comment (note)"
    storage = needed(study.storage.per_user_gib, study.users)
    if storage > study.storage.available_gib:
        message = f"l’avis est favorable, il faut {storage:g} Gio et il y en a {study.storage.available_gib:g}"
        yield ("storage",), message
    iops = needed(study.iops.per_user, study.users)
    if iops > study.iops.available:
        yield ("iops",), f"l’avis est favorable, il faut {iops:g} IOPS et il y en a {study.iops.available:g}"


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    view.faults.add(rule, dotted(where), view.declared.town.where(where), message, advice)
