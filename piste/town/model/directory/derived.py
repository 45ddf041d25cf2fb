"""The directory of the town and of each site: units, groups, policies, links.

The town's own objects go to its own host, all under a site's unit to the site. A policy that follows a state has two
forms, for all and for the pilot group; a site links the form that its state asks for, and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypedDict, final

from ..sobriety.autostart import Startup, derive_programs, lasting
from ..sobriety.levers import at_site, was_applied
from .policy_names import PILOT, RETURN

if TYPE_CHECKING:
    from ..changes import OpeningHours
    from ..computer_measures import ComputerMeasures
    from ..declaration import Declaration, DeclaredSite
    from ..forms import Day
    from ..sobriety.form import Drives
    from ..variables import TownLevel
    from .form import Directory, Follows, Rollout


class DirectoryUnit(TypedDict):
    path: str
    description: str | None


class DirectoryGroup(TypedDict):
    name: str
    ou: str
    description: str
    scope: str
    members: list[str]


class WmiFilter(TypedDict):
    name: str
    description: str | None
    queries: list[dict[str, str]]


class Shutdown(TypedDict):
    """Shutdown of computers outside hours.

    `delay_min` counts from the end of hours, `warning_min` is the length of the warning.
    """

    days: list[Day]
    start: str
    end: str
    delay_min: int
    warning_min: int


class MeasureTask(TypedDict):
    """The task that measures a computer: its hour, the spread in minutes, where its file goes."""

    at: str
    spread_min: int
    server: str
    share: str


class DirectoryPolicy(TypedDict):
    """A group policy; `filtering` None: everybody applies it.

    `lever` is the part that it follows. `startup` are programs that it stops, or whose start it gives back.
    """

    name: str
    comment: str
    computer: dict[str, Any] | None
    user: dict[str, Any] | None
    filtering: list[str] | None
    exempt: list[str]
    wmi_filter: str | None
    exclusive: bool
    shutdown: Shutdown | None
    measure: MeasureTask | None
    startup: Startup | None
    lever: Drives | None


class DirectoryLinks(TypedDict):
    """Policies linked at a place, the winner first; `absent` are those to unlink."""

    place: str
    policies: list[str]
    absent: list[str]


@final
class SiteDirectory(TypedDict):
    """A part of the directory; `populations` has the unit of the computers of each segment."""

    path: str
    units: list[DirectoryUnit]
    groups: list[DirectoryGroup]
    links: list[DirectoryLinks]
    populations: dict[str, str]


@final
class TownDirectory(TypedDict):
    """The town's own part of the directory; `site_places` are the units that belong to sites."""

    root: str
    units: list[DirectoryUnit]
    site_places: list[str]
    groups: list[DirectoryGroup]
    wmi_filters: list[WmiFilter]
    policies: list[DirectoryPolicy]
    links: list[DirectoryLinks]


MEASURE = "Mesure des postes"
"""Name of the policy by which computers measure themselves."""
LEVERS: Mapping[Follows, Drives] = {"sobriety": "sleep", "autostart": "autostart", "telemetry": "telemetry"}
"""The lever that a policy follows."""


def derive_town_directory(declaration: Declaration, today: date) -> TownDirectory:
    """Derive the town's own part of the directory."""
    town = declaration.town.variables
    root = town.directory.root
    categories = dict.fromkeys(site.variables.category.label for site in declaration.sites)
    units = {root: town.town.name} | {f"{root}/{name}": text for name, text in town.directory.units.items()}
    units |= {f"{root}/{label}": label for label in categories}
    return TownDirectory(
        root=root,
        units=[DirectoryUnit(path=path, description=text) for path, text in units.items()],
        site_places=[site_place(site) for site in declaration.sites],
        groups=[
            DirectoryGroup(
                name=name,
                ou=_groups_place(town.directory),
                description=group.description,
                scope=group.scope,
                members=list(group.members),
            )
            for name, group in town.directory_groups.items()
        ],
        wmi_filters=[
            WmiFilter(
                name=name,
                description=entry.description,
                queries=[query.model_dump(exclude_none=True) for query in entry.queries],
            )
            for name, entry in town.directory_wmi_filters.items()
        ],
        policies=list(_policies(declaration, today)),
        links=list(_town_links(town)),
    )


def derive_site_directory(
    declared: DeclaredSite, segments: Iterable[str], declaration: Declaration, today: date
) -> SiteDirectory:
    """Derive a site's part of the directory: all of it lies under its own unit."""
    variables, place = declared.variables, site_place(declared)
    units = {
        f"{place}/{name}": unit
        for name, unit in variables.directory.site_units.items()
        if unit.segment is None or unit.segment in segments
    }
    descriptions = {place: variables.site.name} | {path: unit.description for path, unit in units.items()}
    linked = list(_followed(declared, today))
    followed = [name for name, policy in variables.directory_policies.items() if policy.follows]
    returned = [name + RETURN for name in followed if variables.directory_policies[name].follows == "autostart"]
    every = [name for form in (*followed, *returned, *_shutdown_names(declared)) for name in (form, form + PILOT)]
    here = DirectoryLinks(place=place, policies=linked, absent=[name for name in every if name not in linked])
    return SiteDirectory(
        path=place,
        units=[DirectoryUnit(path=path, description=text) for path, text in descriptions.items()],
        groups=[
            DirectoryGroup(
                name=f"{prefix}-{declared.id}",
                ou=place,
                description=f"{label}, {variables.site.name}",
                scope="global",
                members=[],
            )
            for prefix, label in variables.directory.site_groups.items()
        ],
        links=[
            here,
            *(
                DirectoryLinks(place=path, policies=list(unit.policies), absent=[])
                for path, unit in units.items()
                if unit.policies
            ),
        ],
        populations={key: path for path, unit in units.items() for key in unit.stand_in if key in segments},
    )


def site_place(declared: DeclaredSite) -> str:
    """Give the path of a site's unit: `Ville/Écoles/ecole-jaures`."""
    variables = declared.variables
    return f"{variables.directory.root}/{variables.category.label}/{declared.id}"


def shutdown_hours(declared: DeclaredSite, today: date) -> OpeningHours | None:
    """Give the hours outside which the site's computers shut down; None where they do not."""
    on = at_site(declared.variables, declared.id, "shutdown", today.isoformat()).state != "off"
    return declared.variables.opening_hours if on else None


def shutdown_name(declared: DeclaredSite) -> str:
    """Name the shutdown policy of a site: its category's, or its own if it declares hours.

    The hours are not in the name: when they change, the policy changes, and no site keeps a link to a former policy.
    """
    category, own = _shutdown_names(declared)
    shared = "group_vars" in PurePath(declared.where(("opening_hours",)).file).parts
    return category if shared else own


def _shutdown_names(declared: DeclaredSite) -> tuple[str, str]:
    return f"Sobriété - Arrêt - {declared.variables.category.label}", f"Sobriété - Arrêt - {declared.id}"


def _groups_place(directory: Directory) -> str:
    first = next(iter(directory.units), None)
    return f"{directory.root}/{first}" if first else directory.root


def _state(declared: DeclaredSite, follows: Follows, today: date) -> Rollout:
    if follows == "dot1x":
        return declared.variables.dot1x.state
    return at_site(declared.variables, declared.id, LEVERS[follows], today.isoformat()).state


def _followed(declared: DeclaredSite, today: date) -> Iterator[str]:
    """Name the policies that the states of a site call for, in order."""
    for name, policy in declared.variables.directory_policies.items():
        if not policy.follows:
            continue
        state, form = _state(declared, policy.follows, today), name
        if state == "off" and policy.follows == "autostart" and lasting(declared.variables):
            state, form = was_applied(declared.variables, declared.id, "autostart"), name + RETURN
        if state != "off":
            yield form + (PILOT if state == "pilot" else "")
    if shutdown_hours(declared, today):
        piloted = at_site(declared.variables, declared.id, "shutdown", today.isoformat()).state == "pilot"
        yield shutdown_name(declared) + (PILOT if piloted else "")


def _shutdowns(declaration: Declaration, today: date) -> Mapping[str, OpeningHours]:
    """Give the hours outside which computers shut down, by the name of the policy."""
    shutdowns = {}
    for site in declaration.sites:
        hours = shutdown_hours(site, today)
        if hours and site.variables.site.lifecycle != "closed":
            shutdowns[shutdown_name(site)] = hours
    return shutdowns


def _policies(declaration: Declaration, today: date) -> Iterator[DirectoryPolicy]:
    town = declaration.town.variables
    for name, policy in town.directory_policies.items():
        made = DirectoryPolicy(
            name=name,
            comment=policy.comment,
            computer=policy.computer,
            user=policy.user,
            filtering=policy.filtering,
            exempt=list(policy.exempt),
            wmi_filter=policy.wmi_filter,
            exclusive=policy.exclusive,
            shutdown=None,
            measure=None,
            startup=None,
            lever=LEVERS.get(policy.follows) if policy.follows else None,
        )
        forms = [made]
        if policy.follows == "autostart" and (programs := derive_programs(town)):
            made["startup"] = Startup(given_back=False, programs=programs)
            if left := lasting(town):
                forms.append(_given_back(made, Startup(given_back=True, programs=left)))
        for form in forms:
            yield form
            if policy.follows:
                yield _for_pilots(form, town, policy.follows)
    rule = town.sobriety_shutdown
    for name, hours in _shutdowns(declaration, today).items():
        made = DirectoryPolicy(
            name=name,
            comment="Arrêt hors des heures d’ouverture d’un poste dont personne ne se sert (CCTP 4.4.6)",
            computer=None,
            user=None,
            filtering=None,
            exempt=list(rule.exempt),
            wmi_filter=None,
            exclusive=False,
            shutdown={
                "days": list(hours.days),
                "start": hours.start,
                "end": hours.end,
                "delay_min": rule.delay_min,
                "warning_min": rule.warning_min,
            },
            measure=None,
            startup=None,
            lever="shutdown",
        )
        yield made
        yield _for_pilots(made, town, "sobriety")
    if (measures := town.computer_measures) and measures.state != "off":
        yield _measure(measures, town)


def _measure(measures: ComputerMeasures, town: TownLevel) -> DirectoryPolicy:
    """Derive the form of the policy that its state asks for; a place links no other."""
    piloted = measures.state == "pilot"
    return DirectoryPolicy(
        name=MEASURE + (PILOT if piloted else ""),
        comment="Mesure de la sobriété des postes par eux-mêmes, sans donnée d’agent (CCTP 4.4.2)",
        computer=None,
        user=None,
        filtering=[measures.pilots] if piloted else None,
        exempt=[],
        wmi_filter=measures.wmi_filter,
        exclusive=False,
        shutdown=None,
        measure={
            "at": measures.at,
            "spread_min": measures.spread_min,
            "server": f"{measures.server}.{town.directory.domain}",
            "share": measures.share,
        },
        startup=None,
        lever=None,
    )


def _town_links(town: TownLevel) -> Iterator[DirectoryLinks]:
    """Derive the links of the town; the policy of the measure comes last."""
    measured: Mapping[str, list[str]] = {}
    absent: list[str] = []
    if measures := town.computer_measures:
        every = [MEASURE, MEASURE + PILOT]
        name = MEASURE + (PILOT if measures.state == "pilot" else "")
        linked = [] if measures.state == "off" else [name]
        absent = [other for other in every if other not in linked]
        measured = dict.fromkeys(measures.places or [town.directory.root], linked)
    for place, names in town.directory_links.items():
        yield DirectoryLinks(
            place=place, policies=[*names, *measured.get(place, ())], absent=absent if place in measured else []
        )
    for place, linked in measured.items():
        if place not in town.directory_links:
            yield DirectoryLinks(place=place, policies=linked, absent=absent)


def _for_pilots(policy: DirectoryPolicy, town: TownLevel, follows: Follows) -> DirectoryPolicy:
    group = town.pilot_groups.dot1x if follows == "dot1x" else town.pilot_groups.sobriety
    return {**policy, "name": policy["name"] + PILOT, "filtering": [group]}


def _given_back(policy: DirectoryPolicy, startup: Startup) -> DirectoryPolicy:
    """Derive the form of a policy that gives the start of programs back, and sets nothing else."""
    comment = f"Rend ce que laisse sur les postes « {policy['name']} »"
    name = policy["name"] + RETURN
    return {**policy, "name": name, "comment": comment, "computer": None, "user": None, "startup": startup}
