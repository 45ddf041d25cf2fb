"""The derived assets: what is declared anywhere, as a single list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from ..equipment import Item, state_of
from .classes import CLASSES, MANDATORY

if TYPE_CHECKING:
    from ..declaration import Declaration, DeclaredSite
    from ..devices import Device
    from ..faults import Mark
    from ..hosting.derived import TownHosting
    from ..site import Site
    from .classes import State
    from .tables import Line


class Asset(TypedDict):
    """An asset of the town.

    `kind` is a class of `CLASSES`; `name` is unique in the town; `owner` is the site, or the host of the town, that
    declares it; `place` a room or a rack; `assigned_to` a service or a role, never a person. `status` is about the
    data; `doubted` names the attributes that another entry, itself to confirm, gives. `source` is the file and line
    of its declaration. None: not given.
    """

    kind: str
    variant: str | None
    name: str
    owner: str
    serial: str | None
    maker: str | None
    model: str | None
    site: str
    place: str | None
    assigned_to: str | None
    state: State
    warranty_until: str | None
    end_of_life: str | None
    contract: str | None
    address: str | None
    mac: str | None
    status: str | None
    doubted: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class TownAssets:
    """The assets of each owner, and the cells of lines that something else gives."""

    owned: dict[str, list[Asset]] = field(default_factory=dict)
    typed_twice: list[tuple[Line, str, Asset]] = field(default_factory=list)

    @property
    def all(self) -> list[Asset]:
        return [asset for owned in self.owned.values() for asset in owned]


CISCO, FORCEPOINT, NUTANIX = "Cisco", "Forcepoint", "Nutanix"
_DATES = ("warranty_until", "end_of_life")


def derive_assets(
    declaration: Declaration, sites: Mapping[str, Site], servers: Mapping[str, str], hosting: TownHosting | None
) -> TownAssets:
    """Derive the assets of each owner.

    `servers` gives the address of each reservation, and of each member of an engine, by name: what has no other address
    has that of its name. A device of a closed site that another site has is an
    asset there alone.
    """
    assets: dict[str, list[Asset]] = {}
    elsewhere = {
        device["serial"] for site in sites.values() if site["lifecycle"] != "closed" for device in site["devices"]
    }
    for declared in declaration.sites:
        site = sites[declared.id]
        left = elsewhere if site["lifecycle"] == "closed" else ()
        assets[declared.id] = [
            *(asset for asset in _devices(declared, site) if asset["serial"] is None or asset["serial"] not in left),
            *_supplies(declared, site),
            *_nexus(declared),
            *_printers(declared),
        ]
    if declaration.shared is not None:
        owner = declaration.shared.id
        machines = _hosting(declaration, owner, hosting) if hosting else ()
        assets[owner] = [*machines, *_engines(declaration, owner)]
    town = TownAssets(assets)
    _add_lines(town, declaration.assets.lines)
    for asset in town.all:
        asset["address"] = asset["address"] or servers.get(asset["name"])
    return town


def _add_lines(town: TownAssets, lines: Iterable[Line]) -> None:
    """Complete the derived assets that a line names; add the assets that lines alone declare."""
    derived = {asset["name"].casefold(): asset for asset in town.all}
    seen: set[str] = set()
    for line in lines:
        cells, name = line.cells, line.cells.name.casefold()
        if name in seen:
            continue
        seen.add(name)
        asset = derived.get(name)
        given = cells.model_dump(exclude_none=True, exclude={"name"})
        if asset is not None:
            if completes(line, asset):
                _complete(town, asset, line, given)
        elif cells.site in town.owned and cells.state is not None:
            item: Item = {**_NOTHING, "state": cells.state}
            town.owned[cells.site].append(_asset(line.kind, cells.name, cells.site, item, line.mark, **given))


def _complete(town: TownAssets, asset: Asset, line: Line, given: dict[str, str]) -> None:
    """Fill the empty cells of a derived asset.

    Its `status` becomes that of the line, which gives most of it.
    """
    known = {name: value for name, value in asset.items() if value}
    twice = [name for name in given if name in known and name != "status"]
    town.typed_twice.extend((line, name, asset) for name in twice)
    if asset["status"] == "to_confirm":
        asset["doubted"] = [name for name in MANDATORY if name in known]
    asset["status"] = None
    asset.update({name: value for name, value in given.items() if name not in twice})  # type: ignore[typeddict-item]


def completes(line: Line, asset: Asset) -> bool:
    """Tell whether a line may complete a derived asset of its name."""
    return asset["kind"] == line.kind and CLASSES[line.kind].table == "completes"


_NOTHING: Item = {
    "assigned_to": None, "state": "in_service", "warranty_until": None, "end_of_life": None, "status": None,
}  # fmt: skip


def _asset(kind: str, name: str, owner: str, item: Item, mark: Mark, **known: Any) -> Asset:
    """Make an asset from its inventory data; `known` fills or replaces any of its keys."""
    asset = Asset(
        kind=kind, variant=None, name=name, owner=owner, serial=None, maker=None, model=None, site=owner, place=None,
        assigned_to=item["assigned_to"], state=item["state"], warranty_until=item["warranty_until"],
        end_of_life=item["end_of_life"], contract=None, address=None, mac=None, status=item["status"], doubted=[],
        source=f"{mark.file}:{mark.line}",
    )  # fmt: skip
    asset.update(known)  # type: ignore[typeddict-item]
    return asset


def _devices(declared: DeclaredSite, site: Site) -> Iterator[Asset]:
    racks = {name: rack["name"] for rack in site["premises"]["racks"] for name in rack["equipment"]}
    variables = declared.variables
    lines = [("switches", index) for index in range(len(variables.switches))]
    lines += [("access_points", index) for index in range(len(variables.access_points))]
    for device, line in zip(site["devices"], lines, strict=False):
        yield _device(declared, device, declared.where(line), racks)
    for device in site["awaited"]:
        yield _device(declared, device, declared.where(("awaited_devices", device["model"])), racks)


def _device(declared: DeclaredSite, device: Device, mark: Mark, racks: Mapping[str, str]) -> Asset:
    model = declared.variables.hardware.get(device["model"])
    doubtful = model is not None and model.status == "to_confirm"
    return _asset(
        device["kind"], device["name"], declared.id, device, mark,
        serial=device["serial"] or None, maker=f"{CISCO} Meraki", model=device["model"], address=device["address"],
        place=racks.get(device["name"]),
        doubted=[name for name in _DATES if doubtful and device[name] and device[name] == getattr(model, name)],  # type: ignore[literal-required]
    )  # fmt: skip


def _supplies(declared: DeclaredSite, site: Site) -> Iterator[Asset]:
    for ups in site["premises"]["ups"]:
        yield _asset(
            "ups", ups["name"], declared.id, ups, declared.where(("premises", "ups", ups["name"])),
            serial=ups["serial"], model=ups["model"], place=ups["rack"], address=ups["address"],
        )  # fmt: skip


def _of_site(declared: DeclaredSite, status: str | None) -> Item:
    """Give the inventory data of what declares none: only the life of its site is known."""
    return {**_NOTHING, "state": state_of(declared.variables.site.lifecycle), "status": status}


def _nexus(declared: DeclaredSite) -> Iterator[Asset]:
    for name, nexus in declared.variables.nexus.items():
        yield _asset(
            "core_switch", name, declared.id, _of_site(declared, nexus.status), declared.where(("nexus", name)),
            maker=CISCO,
        )  # fmt: skip


def _printers(declared: DeclaredSite) -> Iterator[Asset]:
    macs = {
        name: reservation.mac
        for segment in declared.variables.segments.values()
        for name, reservation in segment.reservations.items()
    }
    for name, queue in declared.variables.print_queues.items():
        yield _asset(
            "printer", name, declared.id, _of_site(declared, queue.status), declared.where(("print_queues", name)),
            mac=macs.get(name), place=queue.location,
            variant=_VARIANTS.get(next(iter((queue.comment or "").casefold().split()), "")),
        )  # fmt: skip


_VARIANTS = {"copieur": "copier", "imprimante": "printer"}
"""The variant of a printer by the first word of its queue's comment, as figures count them."""


def _hosting(declaration: Declaration, owner: str, hosting: TownHosting) -> Iterator[Asset]:
    town, site = declaration.town, hosting["site"]
    declared = town.variables.hosting
    cluster: Item = {**_NOTHING, "status": declared.status if declared else None}
    yield _asset("cluster", hosting["cluster"], owner, cluster, town.where(("hosting",)), site=site, maker=NUTANIX)
    for node in hosting["nodes"]:
        yield _asset(
            "server", node["name"], owner, node, town.where(("hosting", "nodes", node["name"])),
            site=site, serial=node["serial"], model=node["model"],
        )  # fmt: skip
    for machine in hosting["machines"]:
        data: Item = {**_NOTHING, "assigned_to": machine["owner"], "status": machine["status"]}
        yield _asset(
            "virtual_machine", machine["name"], owner, data, town.where(("hosting_machines", machine["name"])),
            site=site, model=machine["role"], address=machine["address"] or None,
        )  # fmt: skip


def _engines(declaration: Declaration, owner: str) -> Iterator[Asset]:
    """Derive the appliances of the firewall: each member of a cluster, each single engine.

    They stand where the core is, since the engine is plugged in there; without routing their site is not known.
    """
    town = declaration.town
    routing, firewall = town.variables.routing, town.variables.firewall
    for index, engine in enumerate(firewall.engines):
        members = range(1, (routing.firewall.nodes if routing else 1) + 1) if engine.kind == "cluster" else (0,)
        data: Item = {**_NOTHING, "status": engine.status or firewall.status}
        for number in members:
            yield _asset(
                "firewall", f"{engine.name}-{number}" if number else engine.name, owner, data,
                town.where(("firewall", "engines", index)), site=routing.core.site if routing else "", maker=FORCEPOINT,
            )  # fmt: skip
