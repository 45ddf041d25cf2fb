"""Rules of the protection: names that exist, requirements that the stores can satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from piste.engine.words import agreed

from ..paths import dotted
from ..wording import closest
from .derived import VARIABLE, carrier_of, medium_of, outlives

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View
    from . import form
    from .derived import ProtectedSet, Store

LEAST = {"copies": 3, "media": 2, "off_site": 1}
"""The 3-2-1 scheme (CCTP 3.2.4), the original counted."""
_WORDS = {"copies": "exemplaire(s)", "media": "support(s)", "off_site": "copie(s) externalisée(s)"}
_SERVED = ("machine", "share", "database", "directory")


def check_names(view: View) -> None:
    """M300, M304, M309: names that exist; a name is that of a single set."""
    variables = view.declared.town.variables
    for rule, where, what, name, known in _references(view):
        if name not in known:
            _add(view, rule, where, f"{what} « {name} » n’est pas déclaré", closest(name, known))
    for name, entry in variables.protection.sets.items():
        if name in variables.hosting_machines:
            _add(view, "PISTE-M309", (VARIABLE, "sets", name), f"« {name} » est aussi le nom d’une machine")
        elif entry.kind == "machine" and entry.server in variables.hosting_machines:
            message = f"« {entry.server} » est une machine de la grappe, déjà protégée par sa famille"
            _add(view, "PISTE-M309", (VARIABLE, "sets", name, "server"), message)


def _references(view: View) -> Iterator[tuple[str, KeyPath, str, str, Iterable[str]]]:
    variables, whole = view.declared.town.variables, view.declared.complete
    declared, hosting = variables.protection, variables.hosting
    spare = (plan.cluster for plan in variables.hosting_recovery.values())
    carriers = [*variables.hosting_machines, *([hosting.cluster] if hosting else []), *spare]
    servers = [*variables.hosting_machines, *view.servers]
    for name, store in declared.stores.items():
        at: KeyPath = (VARIABLE, "stores", name)
        if store.carried_by:
            yield "PISTE-M300", (*at, "carried_by"), f"{name} : la grappe ou la machine", store.carried_by, carriers
        if store.site and whole:
            yield "PISTE-M300", (*at, "site"), f"{name} : le site", store.site, view.sites
    for name, family in declared.families.items():
        for index, store_name in enumerate(family.stores):
            at = (VARIABLE, "families", name, "stores", index)
            yield "PISTE-M300", at, f"{name} : l’endroit", store_name, declared.stores
    for name, entry in declared.sets.items():
        at = (VARIABLE, "sets", name)
        yield "PISTE-M300", (*at, "family"), f"{name} : la famille", entry.family, declared.families
        for index, store_name in enumerate(entry.stores or ()):
            yield "PISTE-M300", (*at, "stores", index), f"{name} : l’endroit", store_name, declared.stores
        if entry.site and whole:
            yield "PISTE-M300", (*at, "site"), f"{name} : le site", entry.site, view.sites
        if entry.server and whole:
            yield "PISTE-M304", (*at, "server"), f"{name} : le serveur", entry.server, servers


def check_sets(view: View) -> None:
    """M303: a set says what it protects, by its server or its parts."""
    for name, entry in view.declared.town.variables.protection.sets.items():
        lacks = "server" if entry.kind in _SERVED else "parts"
        if not getattr(entry, lacks):
            what = "serveur" if lacks == "server" else "service" if entry.kind == "microsoft365" else "système"
            _add(view, "PISTE-M303", (VARIABLE, "sets", name), f"{name} ne nomme aucun {what}")


def check_stores(view: View) -> None:
    """M308: a store of a site is not off-site."""
    for name, store in view.declared.town.variables.protection.stores.items():
        if store.off_site and (store.site or store.carried_by):
            place = store.site or store.carried_by
            where = (VARIABLE, "stores", name, "off_site")
            _add(view, "PISTE-M308", where, f"{name} est dit hors site, et il est à « {place} »")


def check_families(view: View) -> None:
    """M302, M305 to M307: 3-2-1 or a reason, retention, families in use, distinct media."""
    variables = view.declared.town.variables
    declared = variables.protection
    used = {
        *(machine.protection for machine in variables.hosting_machines.values()),
        *(retired.protection for retired in variables.hosting_retired.values()),
        *(entry.family for entry in declared.sets.values()),
    }
    cluster = variables.hosting.cluster if variables.hosting else None
    for name, family in declared.families.items():
        at: KeyPath = (VARIABLE, "families", name)
        for key, least in LEAST.items():
            if (asked := getattr(family, key)) < least and not family.exempt:
                message = f"{name} demande {agreed(asked, _WORDS[key])}, {least} au moins sans motif"
                _add(view, "PISTE-M302", (*at, key), message)
        if family.keep_days * 24 < family.rpo_hours:
            message = f"{name} garde une copie {family.keep_days} j, et admet une perte de {family.rpo_hours} h"
            _add(view, "PISTE-M305", (*at, "keep_days"), message)
        if name not in used:
            _add(view, "PISTE-M306", at, f"Rien ne suit la famille « {name} »")
        stores = {store: declared.stores[store] for store in family.stores if store in declared.stores}
        carried: dict[str, list[str]] = {}
        for store_name, store in stores.items():
            if carrier := carrier_of(store, cluster, variables.hosting_machines):
                carried.setdefault(carrier, []).append(store_name)
        for carrier, names in carried.items():
            if len(names) > 1:
                message = f"{name} : {' et '.join(names)} sont sur « {carrier} », un seul support"
                _add(view, "PISTE-M307", (*at, "stores"), message)


def check_satisfied(view: View) -> None:
    """M301: the stores of each set, machines included, can satisfy its family."""
    protection = view.protection
    stores = {store["name"]: store for store in protection["stores"]}
    seen: set[tuple[object, ...]] = set()
    for item in protection["sets"]:
        # Machines of a family lack the same: said once, at the family.
        where = _stores_of(view, item)
        lacks = tuple(lacking(item, [stores[name] for name in item["stores"] if name in stores]))
        if lacks and (where, lacks) not in seen:
            seen.add((where, lacks))
            message = f"{item['family']} ({item['name']}) : ses endroits donnent au plus {', '.join(lacks)}"
            _add(view, "PISTE-M301", where, message)


def lacking(item: ProtectedSet, stores: Sequence[Store]) -> Iterator[str]:
    """Yield what a set cannot have with such stores, even if each of them has a copy."""
    requirement, home = item["requirement"], medium_of(item["medium"], item["carrier"])
    safe = [store for store in stores if outlives(store, item)]
    given = {
        "copies": 1 + len(safe),
        "media": len({home, *(medium_of(store["medium"], store["carrier"]) for store in safe)}),
        "off_site": sum(store["off_site"] for store in safe),
    }
    for key, number in given.items():
        if number < requirement[key]:  # type: ignore[literal-required]
            yield f"{agreed(number, _WORDS[key])} sur {requirement[key]}"  # type: ignore[literal-required]
    if requirement["immutable"] and not any(store["immutable_days"] for store in safe):
        yield "aucune copie immuable"


def _stores_of(view: View, item: ProtectedSet) -> KeyPath:
    entry: form.ProtectedThing | None = view.declared.town.variables.protection.sets.get(item["name"])
    if entry is not None and entry.stores is not None:
        return (VARIABLE, "sets", item["name"], "stores")
    return (VARIABLE, "families", item["family"], "stores")


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    mark = view.declared.town.where(where)
    view.faults.add(rule, dotted(where, {}), mark, message, *([advice] if advice else []))
