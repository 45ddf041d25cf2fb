"""The home page of those who decide: the verdict of the town, and who loses which service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding
from piste.engine.words import agreed, some
from piste.exports.portal.known import Known
from piste.exports.portal.places import TEMPLATES, in_service, site_path
from piste.exports.portal.states import site_state
from piste.exports.portal.unread import doubtful, never
from piste.papers.dossier.blocks import Cell, Column, Mark, Table, Text, optional

TOWN, OPERATORS = "toute la Ville", "les exploitants seuls"
_NAMED = 3
"""Services that the verdict names, and sites that a line names; more are counted."""


Effect = Literal["hit", "risk", "work", "unknown"]
EFFECTS: Mapping[Effect, tuple[str, Mark]] = {
    "hit": ("✗ touché", "bad"), "risk": ("! à risque", "bad"), "work": ("! à corriger", "bad"),
    "unknown": ("? inconnu", "doubt"),
}  # fmt: skip
"""The fate of a service, the worst first: hit, at risk, work for operators alone, unknown."""


class Loss(NamedTuple):
    """A service that is hit, at risk or unknown, for a site, a population or operators alone."""

    effect: Effect
    service: str
    whom: str
    site: str
    number: int
    since: str
    who: str


_ORDER = [*EFFECTS]


@cache
def words() -> Mapping[str, Any]:
    """Load what the home page says of classes, subjects and figures."""
    import yaml

    loaded: Mapping[str, Any] = yaml.load((TEMPLATES / "home.yml").read_text("utf-8"), yaml.CSafeLoader)
    return loaded


def losses(known: Known, waiting: Iterable[Finding]) -> list[Loss]:
    """Put together what waits by service and by who loses it; each finding counts once.

    Where many sites lose a service, they are a line.
    """
    places = _Places(known)
    grouped: dict[tuple[Effect, str, str, str], list[Finding]] = {}
    for finding in waiting:
        grouped.setdefault(places.of(finding), []).append(finding)
    sites: dict[tuple[Effect, str], list[tuple[Effect, str, str, str]]] = {}
    for key in grouped:
        if key[3]:
            sites.setdefault(key[:2], []).append(key)
    for (effect, service), alike in sites.items():
        if len(alike) > _NAMED:
            together = [finding for key in alike for finding in grouped.pop(key)]
            names = some([whom for _, _, whom, _ in alike], _NAMED)
            grouped[effect, service, f"{agreed(len(alike), 'site(s)')} : {names}", ""] = together
    made = [
        Loss(*key, len(every), min((each.since for each in every if each.since), default=""),
             some([*dict.fromkeys(each.who for each in every if each.who)]))
        for key, every in grouped.items()
    ]  # fmt: skip
    return sorted(made, key=lambda loss: (_ORDER.index(loss.effect), -loss.number, loss[1:4]))


class _Places:
    """The services behind the names of things."""

    def __init__(self, known: Known) -> None:
        self._sites = in_service(known)
        self._kinds = {asset["name"]: asset["kind"] for asset in known.town.assets}
        self._used: dict[str, list[tuple[str, Sequence[str]]]] = {}
        self._tried: dict[str, tuple[str, str]] = {}
        for application in known.town.commune["applications"] if known.town.commune else ():
            if application["state"] != "decommissioned":
                self._tried[application["id"]] = application["label"], some(application["services"], _NAMED)
                for machine in application["machines"]:
                    self._used.setdefault(machine, []).append((application["label"], application["services"]))

    def of(self, finding: Finding) -> tuple[Effect, str, str, str]:
        """Give the effect, the service, who loses it, and the site where it is that of a site."""
        subject, _, thing = finding.id.partition(".")
        thing = thing.removeprefix(f"{finding.site}.")
        every = words()
        said = every["subjects"].get(subject) or every["others"]
        name = next((name for name in _names(thing) if name in self._kinds), "") if said.get("by_thing") else ""
        said = every["classes"].get(self._kinds.get(name)) or said
        effect: Effect = "work" if said["whom"] == "operators" else "risk" if said.get("risk") else "hit"
        if finding.state == "unknown" or (effect == "hit" and finding.gravity == "minor"):
            effect = "unknown" if finding.state == "unknown" else "risk"
        if subject == "services" and thing in self._tried and finding.state == "wrong":
            return effect, *self._tried[thing], ""
        if used := self._used.get(name):
            populations = [*dict.fromkeys(population for _, services in used for population in services)]
            return effect, f"Applications : {some([label for label, _ in used], _NAMED)}", some(populations, _NAMED), ""
        site = self._sites.get(finding.site) if said["whom"] == "site" else None
        whom = OPERATORS if said["whom"] == "operators" else site["name"] if site else TOWN
        return effect, said["service"], whom, finding.site if site else ""


def _names(thing: str) -> Iterator[str]:
    """Yield what may name the thing: all of it, else what is before a port or a word."""
    yield from (thing, thing.partition(" ")[0], thing.partition("/")[0])


def lost(known: Known, every: Sequence[Loss]) -> Table:
    """List what is wrong and unknown, for whom: its numbers add up to what the page counts."""
    return Table.of(
        "services", "Ce qui ne va pas, et pour qui", every, lambda loss: "/".join(loss[:4]),
        (Column("service", "Service", 4), lambda loss: Cell(loss.service)),
        (Column("effect", "Effet", 1.5), lambda loss: Cell(*EFFECTS[loss.effect])),
        (Column("whom", "Pour qui", 3), lambda loss: Cell(loss.whom, link=site_path(loss.site) if loss.site else None)),
        (Column("number", "Points", 1), lambda loss: Cell(str(loss.number))),
        (Column("since", "Depuis le", 1.3), lambda loss: optional(in_town(loss.since, DAY) if loss.since else "")),
        (Column("who", "Qui agit", 2), lambda loss: optional(loss.who)),
        empty="Rien, d’après ce qui a été lu.",
    )  # fmt: skip


def verdict(known: Known, every: Sequence[Loss]) -> Text:
    """Say whether the town is well, and how old that is; well, only where all was read."""
    serving = [name for name, site in in_service(known).items() if site["lifecycle"] in ("open", "closing")]
    count = {effect: sum(loss.number for loss in every if loss.effect == effect) for effect in EFFECTS}
    unread = bool(count["unknown"] or [*never(known)] or [*doubtful(known)] or known.read is None)
    unread = unread or any(site_state(known, name) != "ok" for name in serving)
    hit = [f"{loss.service} ({loss.whom})" for loss in every if loss.effect == "hit"]
    wrong = bool(hit or count["risk"] or count["work"])
    if hit:
        said = [f"{agreed(len(hit), 'service(s) touché(s)')} : {some(hit, _NAMED, ' ; ')}"]
    elif wrong:
        said = ["Aucun service touché, d’après ce qui a été lu"]
    elif unread:
        said = ["Rien à corriger de ce qui a été lu, mais tout n’a pas été lu : rien ne dit que la Ville va bien"]
    else:
        said = ["La Ville va bien : tout ce qui devait être lu l’a été, et rien n’est à corriger"]
    waits: Sequence[tuple[Effect, str]] = (
        ("risk", "point(s) à risque"),
        ("work", "point(s) à corriger par les exploitants"),
        ("unknown", "point(s) inconnu(s)"),
    )
    more = [agreed(count[effect], label) for effect, label in waits if count[effect]]
    if decisions := sum(decision.taken is None for decision in known.decisions):
        more.append(agreed(decisions, "décision(s) attendue(s)"))
    said += [", ".join(more)] if more else []
    return Text(f"{'. '.join(said)}. {_age(known)}", "bad" if wrong else "doubt" if unread else "good")


def _age(known: Known) -> str:
    if known.read is None:
        return "Aucune lecture n’est connue de ce poste."
    first, last = (in_town(moment, DAY) for moment in known.read)
    return f"D’après ce qui a été lu le {last}." if first == last else f"D’après ce qui a été lu du {first} au {last}."
