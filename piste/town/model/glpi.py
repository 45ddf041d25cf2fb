"""GLPI, the service desk and inventory of the town: form, and what its items are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from pydantic import Field

from piste.engine.words import ARROW

from .forms import Marked

if TYPE_CHECKING:
    from .assets.derived import Asset
    from .declaration import Declaration
    from .derived import Derived
    from .site import Site

SEPARATOR = " > "
"""Between the names of a way of locations, as GLPI writes it."""


class Glpi(Marked):
    """GLPI. `location` is the top of its locations, the town by default.

    `legacy`: the town allows the legacy API, for what the High-Level API does not write (warranty, links). `changes`:
    each run leaves a change there.
    """

    location: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^>]+$")] | None = None
    legacy: bool = False
    changes: bool = True


class GlpiPart(TypedDict):
    """The part of an owner in GLPI.

    `ways` is the way of each site's location, `top` that of the town; `lists` are the names that assets need.
    """

    top: str
    ways: dict[str, str]
    legacy: bool
    changes: bool
    lists: list[list[str]]
    links: list[str]


def derive_glpi(
    declaration: Declaration, sites: Mapping[str, Site], assets: Mapping[str, Iterable[Asset]]
) -> GlpiPart | None:
    """Derive the part of the town; None where it declares no GLPI."""
    declared = declaration.town.variables.glpi
    if declared is None:
        return None
    top = declared.location or declaration.town.variables.town.name
    names = [site["name"] for site in sites.values()]
    ways = {
        name: SEPARATOR.join((top, _called(site["name"], name, names))) for name, site in sites.items()
    }
    every = [asset for owned in assets.values() for asset in owned]
    return {
        "top": top,
        "ways": ways,
        "legacy": declared.legacy,
        "changes": declared.changes,
        "lists": [[*entry] for entry in sorted(_lists(every) | _states(declaration))],
        "links": [],
    }


def part_of(town: GlpiPart | None, site: str, assets: Iterable[Asset]) -> GlpiPart | None:
    """Give the part of a site: its own way, and those of the places of its assets."""
    if town is None:
        return None
    places = {site, *(asset["site"] for asset in assets)}
    ways = {name: town["ways"][name] for name in sorted(places) if name in town["ways"]}
    return {**town, "ways": ways, "lists": [], "links": []}


def _called(name: str, site: str, names: list[str]) -> str:
    """Name of a site as a location: with its id where another site has the same name."""
    plain = name.replace(">", "›").strip()
    return plain if names.count(name) == 1 else f"{plain} ({site})"


def _states(declaration: Declaration) -> set[tuple[str, str]]:
    """Name the states of applications, with their list."""
    states = {entry.state for entry in declaration.town.variables.applications.values()}
    return {("State", state_name("retired" if state == "decommissioned" else "in_service")) for state in states}


def _lists(assets: Iterable[Asset]) -> set[tuple[str, str]]:
    from .assets.classes import CLASSES

    wanted: set[tuple[str, str]] = set()
    for asset in assets:
        kind = CLASSES[asset["kind"]]
        wanted.add(("State", state_name(asset["state"])))
        wanted.add((f"{kind.glpi}Type", type_name(asset)))
        made = "serial" in kind.mandatory
        if made and asset["maker"]:
            wanted.add(("Manufacturer", asset["maker"]))
        if made and asset["model"]:
            wanted.add((f"{kind.glpi}Model", asset["model"]))
    return wanted


def links_of(town: Derived) -> list[str]:
    """Name the relations that GLPI has a place for: the first end impacts or covers the other.

    A cable and a supervision are not impacts; flows and licences have no impact in GLPI.
    """
    from .assets.classes import CLASSES
    from .relations import End, relations

    commune = town.commune
    labels = {entry["id"]: name for name, entry in labelled(commune["applications"] if commune else [])}
    contracts = {entry["id"]: name for name, entry in labelled(commune["contracts"] if commune else [])}

    def called(end: End) -> str | None:
        if end.kind in CLASSES:
            return f"{CLASSES[end.kind].glpi} {end.name}"
        if end.kind == "application":
            return f"Appliance {labels.get(end.name, end.name)}"
        if end.kind == "contract":
            return f"Contract {contracts.get(end.name, end.name)}"
        return f"Certificate {end.name}" if end.kind == "certificate" else None

    names = []
    for relation in relations(town):
        first, second = called(relation.target), called(relation.source)
        if relation.kind in ("hosted_on", "depends_on", "covered_by") and first and second:
            names.append(f"{first}{ARROW}{second}")
    return list(dict.fromkeys(names))


def labelled[T: Mapping[str, Any]](entries: Sequence[T]) -> Iterator[tuple[str, T]]:
    """Yield each record under its label, with its id where another has the same label."""
    count = Counter(entry["label"] for entry in entries)
    for entry in entries:
        label = entry["label"]
        yield label if count[label] == 1 else f"{label} ({entry['id']})", entry


def state_name(state: str) -> str:
    """Name in GLPI of the state of an asset."""
    from .assets.classes import STATES

    return STATES[state].capitalize()


def type_name(asset: Asset) -> str:
    """Name in GLPI of the type of an asset: its variant, else its class."""
    from .assets.classes import CLASSES

    kind = CLASSES[asset["kind"]]
    label = kind.variants.get(asset["variant"] or "", kind.label)
    return label[:1].upper() + label[1:]
