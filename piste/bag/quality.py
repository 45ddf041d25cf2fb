"""The two figures of acceptance of a bag: mandatory completeness (F9), concordance (F10).

A figure over an unread system says so: an unobserved item is in no denominator, and has a count of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from piste.bag.contents import Contents
from piste.bag.inventory import FILLINGS, RECORDS, counted, filling, gaps
from piste.bag.table import NAME, SITE, Column, Row, Table
from piste.bag.tables import declared_devices, observed_models
from piste.model import Town
from piste.model.assets.classes import CLASSES, MANDATORY

F9_TARGET, F10_TARGET = 98.0, 98.0


def share(numerator: int, denominator: int) -> float | None:
    return round(100 * numerator / denominator, 2) if denominator else None


def completeness(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F9 by attribute and whole, over the assets of each class, then over all.

    A placeholder and an example to confirm are no values: each has a count of its own. A class without an asset is
    named without a figure, and keeps the whole below its target, unless the town declares that it has none.
    """
    listed = counted(town.assets)
    lacking = [
        *(name for name in CLASSES if name not in town.empty_classes and all(name != a["kind"] for a in listed)),
        *RECORDS,
    ]
    for name in (*CLASSES, "*"):
        whole: Counter[str] = Counter()
        of_class = [asset for asset in listed if name in (asset["kind"], "*")]
        for attribute in MANDATORY:
            asked = [asset for asset in of_class if attribute in CLASSES[asset["kind"]].mandatory]
            fillings = Counter[str](filling(asset, attribute) for asset in asked)
            whole += fillings
            if asked:
                yield _completeness(name, attribute, fillings, whole=not lacking)
        if of_class or name == "*":
            yield _completeness(name, "*", whole, whole=not lacking)
    for name in lacking:
        yield _completeness(name, "*", Counter(), whole=False)


def _completeness(name: str, attribute: str, fillings: Mapping[str, int], *, whole: bool) -> dict[str, object]:
    row = _figure(name, attribute, fillings.get("filled", 0), sum(fillings.values()), F9_TARGET)
    other: dict[str, object] = {state: fillings.get(state, 0) for state in FILLINGS if state != "filled"}
    return {**row, **other, "reached": row["reached"] and (name != "*" or whole)}


def _gaps(contents: Contents, town: Town) -> Iterator[Row]:
    for gap in gaps(town.assets):
        yield {**gap._asdict(), "class": gap.kind}


def _figure(name: str, attribute: str, numerator: int, denominator: int, target: float) -> dict[str, object]:
    value = share(numerator, denominator)
    return {
        "class": name,
        "attribute": attribute,
        "numerator": numerator,
        "denominator": denominator,
        "percent": value,
        "target": target,
        "reached": value is not None and value >= target,
    }


def concordance(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F10: items declared as they were read (serial, site, model; name, size, network)."""
    yield from _class("device", *_devices(contents, town), unread="network" in contents.unread)
    yield from _class("virtual_machine", *_machines(contents, town), unread="hosting" in contents.unread)
    yield from _class("print_queue", *_queues(contents, town), unread="printing" in contents.unread)
    yield from _class("radius_client", *_clients(contents, town), unread="access" in contents.unread)


def _class(
    name: str, declared: Mapping[str, object], observed: Mapping[str, object], *, unread: bool
) -> Iterator[dict[str, object]]:
    """Compute a row; the figure of an unread class is unknown."""
    both = {} if unread else {key: value for key, value in declared.items() if key in observed}
    equal = [key for key, value in both.items() if observed[key] == value]
    yield {
        **_figure(name, "*", len(equal), 0 if unread else len(declared), F10_TARGET),
        "absent": None if unread else sorted(declared.keys() - observed.keys()),
        "different": sorted(both.keys() - set(equal)),
        "undeclared": None if unread else sorted(observed.keys() - declared.keys()),
    }


def _devices(contents: Contents, town: Town) -> tuple[dict[str, object], dict[str, object]]:
    models = observed_models(contents)
    in_service = {name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")}
    declared = {
        serial: (site, device["model"])
        for serial, (site, device) in declared_devices(town).items()
        if site in in_service
    }
    live = {item["serial"]: (site, models.get(item["serial"])) for site, item in contents.of("network", "devices")}
    return dict(declared), dict(live)


def _machines(contents: Contents, town: Town) -> tuple[dict[str, object], dict[str, object]]:
    hosting = town.commune["hosting"] if town.commune else None
    machines = hosting["machines"] if hosting else []
    declared = {
        machine["name"]: (machine["vcpus"], f"{machine['memory_gib']} GiB", machine["network"]) for machine in machines
    }
    live = {
        item["name"]: (item["num_sockets"] * item["num_cores_per_socket"], item["memory"], ", ".join(item["nics"]))
        for _, item in contents.of("hosting", "vms")
    }
    return dict(declared), dict(live)


def _queues(contents: Contents, town: Town) -> tuple[dict[str, object], dict[str, object]]:
    declared = {
        queue["name"]: queue["settings"].get("duplexing")
        for site in town.sites.values()
        for queue in (site["printing"] or {"queues": ()})["queues"]
    }
    return dict(declared), {item["name"]: item.get("duplexing") for _, item in contents.of("printing", "print_queues")}


def _clients(contents: Contents, town: Town) -> tuple[dict[str, object], dict[str, object]]:
    declared = {
        client["name"]: client["address"]
        for site in town.sites.values()
        for client in (site["access"] or {"clients": ()})["clients"]
    }
    return dict(declared), {item["name"]: item.get("address") for _, item in contents.of("access", "radius_clients")}


_FIGURE = (
    Column("class", "Classe ; « * » : toutes celles qui sont tenues"),
    Column("attribute", "Attribut ; « * » : tous"),
    Column("numerator", "Numérateur", "integer"),
    Column("denominator", "Dénominateur", "integer"),
    Column("percent", "Pourcentage ; vide : rien d'observable", "number"),
    Column("target", "Seuil, en pour cent", "number"),
    Column("reached", "Seuil atteint", "boolean"),
)

QUALITY: tuple[Table, ...] = (
    Table(
        "completeness",
        "F9 : complétude des attributs obligatoires (CCTP 3.4.1 et 6.6)",
        (
            *_FIGURE,
            Column("to_confirm", "Donnés à titre d'exemple, à confirmer : non comptés", "integer"),
            Column("placeholder", "Tenant lieu de valeur (EX-…, QZZZ-…, tirets) : non comptés", "integer"),
            Column("empty", "Vides", "integer"),
        ),
        completeness,
    ),
    Table(
        "inventory_gaps",
        "Les attributs obligatoires qui manquent, par qui peut les donner",
        (
            Column("filler", "Qui : system (un système lu par Piste), supplier, site_manager ou dsi"),
            Column("reader", "Le système qui le sait"),
            Column("class", "Classe"),
            Column("attribute", "Attribut obligatoire (CCTP 3.4.1)"),
            SITE,
            NAME,
            Column("filling", "empty (vide), placeholder (tenant lieu de valeur) ou to_confirm"),
            Column("source", "Où l'équipement est déclaré : fichier et ligne"),
        ),
        _gaps,
    ),
    Table(
        "concordance",
        "F10 : concordance de ce qui est déclaré avec ce qui a été lu (CCTP 6.6)",
        (
            *_FIGURE,
            Column("absent", "Déclarés, absents de ce qui a été lu"),
            Column("different", "Lus, autrement que déclarés"),
            Column("undeclared", "Lus, que rien ne déclare"),
        ),
        concordance,
    ),
)
