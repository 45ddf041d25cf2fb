"""The measure of computers by themselves: form, derivation, rules.

CCTP 4.4.2 and 4.4.6; RGPD, articles 5, 13 and 30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .directory.form import Rollout
from .directory.rules import WELL_KNOWN, town_places
from .forms import Date, Marked, NameIn, Time
from .wording import closest

if TYPE_CHECKING:
    from .assets.derived import Asset
    from .declaration import Declaration
    from .view import View

GroupName = Annotated[str, NameIn("directory_groups")]
ShareName = Annotated[
    str, AfterValidator(values.matching(r"[A-Za-z0-9._-]{1,78}\$?", "un nom de partage de lettres et de chiffres"))
]
"""The name of a share that a command line takes as it is; a hidden share ends with `$`."""

SPAN = 35
"""Days that the file of a computer speaks of."""
LONGEST = 400
"""Days after which a measure compares nothing any more: a year, and the month that is compared with it."""


class ComputerMeasures(Marked):
    """The measure of computers: its rollout, its share, its readers, how long it stays.

    `places`: the units of the town where the policy is linked, its root by default. `at` and `spread_min`: when the
    task runs, and the minutes over which computers spread. `silent_days`: after that, a computer without a file is
    unknown. `informed_on`: the day on which the agents were informed.
    """

    state: Rollout
    pilots: GroupName
    places: list[str] = Field(default_factory=list)
    wmi_filter: Annotated[str, NameIn("directory_wmi_filters")] | None = None
    server: str
    share: ShareName
    readers: Annotated[list[GroupName], Field(min_length=1)]
    at: Time
    spread_min: Annotated[int, Field(ge=15, le=480)] = 120
    keep_days: Annotated[int, Field(ge=1, le=3660)]
    silent_days: Annotated[int, Field(ge=2, le=60)] = 14
    informed_on: Date | None = None


class Known(TypedDict):
    """A computer of the inventory: a file of another name is not read."""

    name: str
    serial: str | None


class TownComputerMeasures(TypedDict):
    """The measure of computers; `address` is that of the server, where it has a reservation.

    `computers` are those of the inventory, whatever their state.
    """

    state: Rollout
    pilots: str
    places: list[str]
    server: str
    address: str | None
    share: str
    readers: list[str]
    at: str
    spread_min: int
    keep_days: int
    silent_days: int
    informed_on: str | None
    computers: list[Known]
    status: str | None


def derive_computer_measures(
    declaration: Declaration, servers: Mapping[str, str], assets: Iterable[Asset]
) -> TownComputerMeasures | None:
    """Derive the measure of computers; `servers` gives the address of each reservation by name."""
    town = declaration.town.variables
    if (declared := town.computer_measures) is None:
        return None
    return TownComputerMeasures(
        state=declared.state,
        pilots=declared.pilots,
        places=declared.places or [town.directory.root],
        server=declared.server,
        address=servers.get(declared.server),
        share=declared.share,
        readers=list(declared.readers),
        at=declared.at,
        spread_min=declared.spread_min,
        keep_days=declared.keep_days,
        silent_days=declared.silent_days,
        informed_on=declared.informed_on,
        computers=[
            Known(name=asset["name"], serial=asset["serial"]) for asset in assets if asset["kind"] == "computer"
        ],
        status=declared.status,
    )


def check_computer_measures(view: View) -> None:
    """M350 to M355: server, durations, readers, places, information, filter."""
    town = view.declared.town
    if (declared := town.variables.computer_measures) is None:
        return

    def fault(rule: str, message: str, *path: str | int, advice: str = "") -> None:
        where = ("computer_measures", *path)
        shown = "computer_measures" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        view.faults.add(rule, shown, town.where(where), message, advice)

    if declared.server not in view.servers and view.declared.complete:
        fault("PISTE-M350", f"« {declared.server} » n’est aucune machine déclarée", "server",
              advice=closest(declared.server, view.servers))  # fmt: skip
    if not SPAN <= declared.keep_days <= LONGEST:
        fault("PISTE-M351", f"keep_days vaut {declared.keep_days} jours", "keep_days")
    if declared.silent_days >= declared.keep_days:
        fault("PISTE-M351", f"silent_days ({declared.silent_days}) n’est pas sous keep_days", "silent_days")
    known = [*town.variables.directory_groups]
    for path, name in ((("pilots",), declared.pilots), *((("readers", n), name) for n, name in
                                                          enumerate(declared.readers))):  # fmt: skip
        if name in WELL_KNOWN:
            fault("PISTE-M352", f"« {name} » est un groupe de tout le domaine", *path)
        elif name not in known and view.declared.complete:
            fault("PISTE-M352", f"Le groupe « {name} » n’est pas déclaré", *path, advice=closest(name, known))
    places = {town.variables.directory.root, *town_places(view)}
    for number, place in enumerate(declared.places):
        inside = [other for other in declared.places if place.startswith(f"{other}/")]
        if place not in places and view.declared.complete:
            fault("PISTE-M353", f"« {place} » n’est l’unité ni de la ville, ni d’une catégorie", "places", number,
                  advice=closest(place, places))  # fmt: skip
        elif inside or place in declared.places[:number]:
            fault("PISTE-M353", f"« {place} » est déjà couvert par un autre lieu", "places", number)
    if declared.state != "off" and (declared.informed_on is None or declared.informed_on > view.today.isoformat()):
        fault("PISTE-M354", f"state vaut {declared.state}, et les agents ne sont pas encore informés", "informed_on")
    wanted = declared.wmi_filter
    if wanted is not None and wanted not in town.variables.directory_wmi_filters:
        fault("PISTE-M355", f"Le filtre WMI « {wanted} » n’est pas déclaré", "wmi_filter",
              advice=closest(wanted, town.variables.directory_wmi_filters))  # fmt: skip
