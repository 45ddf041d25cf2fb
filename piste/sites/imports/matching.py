"""The plan of an import: each item matched with an asset, completed, added, or left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, ip_address
from typing import Literal, NamedTuple

from pydantic import ValidationError

from piste.sites.imports.item import ImportFault, Item
from piste.sites.imports.words import folded
from piste.town.model.assets.classes import CLASSES
from piste.town.model.assets.derived import Asset
from piste.town.model.assets.form import COLUMNS, AssetLine
from piste.town.model.derived import Derived
from piste.town.model.placeholder import SAMPLES, is_empty, is_placeholder
from piste.town.model.wording import explain

Outcome = Literal["add", "complete", "same", "elsewhere", "conflict"]
OUTCOMES: Mapping[Outcome, str] = {
    "add": "à ajouter",
    "complete": "à compléter",
    "same": "déjà connu",
    "elsewhere": "connu ailleurs, non saisi",
    "conflict": "en désaccord, laissé",
}
_MERAKI = re.compile(r"Q[A-Z0-9]{3}(-[A-Z0-9]{4}){2}")
"""A serial number of Meraki, which the Dashboard knows."""


class Step(NamedTuple):
    """The outcome of an item: the asset that it is, the cells to write, words for people."""

    outcome: Outcome
    item: Item
    kind: str
    name: str
    cells: Mapping[str, str]
    why: str = ""


class _Known:
    """The assets of the town, by what a file can know of them."""

    def __init__(self, town: Derived, observed: Iterable[str], site: str | None) -> None:
        assets = town.assets
        self.town, self.default = town, site
        self.observed = {serial.casefold() for serial in observed}
        self.by_serial = {asset["serial"].casefold(): asset for asset in assets if asset["serial"]}
        self.by_mac = {asset["mac"]: asset for asset in assets if asset["mac"]}
        self.by_name = {asset["name"].casefold(): asset for asset in assets}
        self.by_address = {asset["address"]: asset for asset in assets if asset["address"]}
        self.sites = {
            folded(word): name
            for name, site in town.sites.items()
            for word in (name, site["name"], site["code"] or "")
            if word
        }
        self.subnets = [
            (IPv4Network(segment["subnet"]), name)
            for name, site in town.sites.items()
            for segment in site["segments"].values()
        ]

    def match(self, item: Item) -> Asset | None:
        """Find the asset of an item: by its serial number, then MAC address, then name."""
        serial, name = item.cells.get("serial", "").casefold(), item.cells.get("name", "").casefold()
        if serial in self.by_serial and not _is_no_number(serial):
            return self.by_serial[serial]
        for mac in (*item.macs, item.cells.get("mac", "")):
            if mac in self.by_mac:
                return self.by_mac[mac]
        return self.by_name.get(name) or self.by_name.get(name.partition(".")[0])

    def site_of(self, item: Item) -> str | None:
        """Give the site of an item: the site that the file names, or that of its address."""
        if "site" in item.cells:
            return self.sites.get(folded(item.cells["site"]))
        for text in item.addresses:
            for subnet, name in self.subnets:
                if ip_address(text) in subnet:
                    return name
        return self.default


def planned(
    items: Iterable[Item], town: Derived, observed: Iterable[str] = (), site: str | None = None
) -> tuple[list[Step], list[ImportFault]]:
    """Plan an import: a step for each item, and the faults of all of them.

    `observed` are the serial numbers that systems were read to have; `site` is the default. An item that comes twice is
    a fault.
    """
    known, steps, faults = _Known(town, observed, site), list[Step](), list[ImportFault]()
    taken: dict[tuple[str, str], Item] = {}
    for item in items:
        wrong = list(_faults(item, known)) or list(_repeats(item, taken))
        faults += wrong
        if not wrong:
            step = _step(item, known)
            # Two lines may name an asset in two ways: the second would replace the first in silence.
            other = taken.setdefault(("asset", step.name.casefold()), item)
            if other is item:
                steps.append(step)
            else:
                message = f"{step.name} est déjà l’équipement de {other.file}:{other.line}"
                faults.append(ImportFault(item.file, item.line, message, "Retirez la ligne de trop."))
    for step in steps:
        faults += _form_faults(step)
    return steps, faults


def _faults(item: Item, known: _Known) -> Iterator[ImportFault]:
    if "name" not in item.cells and _is_no_number(item.cells.get("serial", "")):
        yield ImportFault(item.file, item.line, "ni nom ni numéro de série", "Donnez l’un des deux.")
    for text in item.addresses:
        try:
            ip_address(text)
        except ValueError:
            yield ImportFault(item.file, item.line, f"« {text[:40]} » n’est pas une adresse IP")
            return
    if "site" in item.cells and known.site_of(item) is None:
        message = f"aucun site ne se nomme « {item.cells['site'][:60]} »"
        yield ImportFault(item.file, item.line, message, f"Sites : {', '.join(known.town.sites)}.")


def _repeats(item: Item, taken: dict[tuple[str, str], Item]) -> Iterator[ImportFault]:
    for column in ("serial", "name", "mac"):
        if value := item.cells.get(column, "").casefold():
            other = taken.setdefault((column, value), item)
            if other is not item and not (column == "serial" and is_placeholder(value)):
                message = f"« {item.cells[column]} » est déjà à {other.file}:{other.line}"
                yield ImportFault(item.file, item.line, message, "Retirez la ligne de trop.")


def _step(item: Item, known: _Known) -> Step:
    cells = {column: value for column, value in item.cells.items() if column in COLUMNS}
    if _is_no_number(cells.get("serial", "")):
        cells.pop("serial", None)
    asset, serial = known.match(item), cells.get("serial", "")
    kind = asset["kind"] if asset else item.kind or "computer"
    name = asset["name"] if asset else cells.get("name", serial)
    if asset is None and (where := _elsewhere(item, kind, serial, known)):
        return Step("elsewhere", item, kind, name, {}, where)
    if (site := known.site_of(item)) is not None:
        cells["site"] = site
    if asset is None:
        cells = {"name": name, **cells, "state": cells.get("state", "in_service")}
        if not CLASSES[kind].variants:
            cells.pop("variant", None)
        return Step("add", item, kind, name, cells)
    return _compared(item, asset, cells)


def _is_no_number(serial: str) -> bool:
    """True for « N/A », dashes, words of a firmware; a sample's number is that of an asset."""
    return not serial or (is_placeholder(serial) and not serial.casefold().startswith(SAMPLES))


def _elsewhere(item: Item, kind: str, serial: str, known: _Known) -> str:
    """Say where an unknown item is declared, if not in a table."""
    entry = CLASSES[kind]
    if _MERAKI.fullmatch(serial) or serial.casefold() in known.observed:
        return f"le Dashboard ou Prism connaît {serial} : déclarez-le dans switches, access_points ou hosting.nodes"
    if item.virtual:
        return "une machine virtuelle se déclare dans hosting_machines"
    if entry.table == "none":
        return f"se déclare dans {entry.declared_in}"
    return ""


def _compared(item: Item, asset: Asset, cells: Mapping[str, str]) -> Step:
    """Compare an item with its asset: empty cells and examples are filled, other values stay."""
    entry, written, against, report = CLASSES[asset["kind"]], dict[str, str](), list[str](), list[str]()
    # A derived asset is completed by a line only in what nothing else gives.
    typed = asset["source"].rpartition(":")[0].endswith(f"/assets/{asset['kind']}.csv")
    for column, value in cells.items():
        live = asset.get(column)
        if column == "name" or str(live or "").casefold() == value.casefold():
            continue
        doubted = is_empty(live) or is_placeholder(live) or asset["status"] == "to_confirm"
        if column in ("variant", "site") and item.seen and live:
            continue
        words = f"{column} : « {live or ''} » ici, « {value} » dans le fichier"
        if doubted and (typed or (entry.table == "completes" and column not in ("site", "state", "address"))):
            written[column] = value
        else:
            (report if doubted else against).append(words)
    if against:
        return Step("conflict", item, asset["kind"], asset["name"], {}, " ; ".join(against))
    if report:
        why = f"à reporter à {asset['source']}, {' ; '.join(report)}"
        return Step("elsewhere", item, asset["kind"], asset["name"], {}, why)
    if written:
        return Step("complete", item, asset["kind"], asset["name"], written)
    return Step("same", item, asset["kind"], asset["name"], {}, f"vient de {asset['source']}")


def _form_faults(step: Step) -> Iterator[ImportFault]:
    """Check the cells to write as the tables of the declaration do."""
    if step.outcome not in ("add", "complete"):
        return
    if step.outcome == "add" and "site" not in step.cells:
        message = f"{step.name} : rien ne dit son site"
        advice = "Donnez une colonne site, une adresse du plan d’adressage, ou --site."
        yield ImportFault(step.item.file, step.item.line, message, advice)
    try:
        AssetLine(**{"name": step.name, **step.cells})  # type: ignore[arg-type]
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _, message, advice = explain(detail, AssetLine)
            yield ImportFault(step.item.file, step.item.line, f"{detail['loc'][-1]} : {message}", advice)
    variants = CLASSES[step.kind].variants
    if (variant := step.cells.get("variant")) and variant not in variants:
        listed = ", ".join(variants) or "aucune"
        yield ImportFault(step.item.file, step.item.line, f"variante « {variant} » inconnue ({listed})")
