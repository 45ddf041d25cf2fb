"""The map of the sites with their state: around the core, each beside what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.engine.finding import State
from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.places import in_service, site_path
from piste.exports.portal.states import FINDINGS, site_state
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Drawing
from piste.papers.drawings.graph import Sign, Thing, graph

_TINTS: Mapping[State, int] = {"ok": 1, "wrong": 4, "unknown": 2}
_WIDE = 216


def site_map(known: Known) -> Drawing:
    """Draw the sites by category, a site reached by another beside it; each leads to its page."""
    things = [*_things(known)]
    counts = {state: sum(thing.tint == tint for thing in things) for state, tint in _TINTS.items()}
    said = ", ".join(f"{number} {FINDINGS[state][0]}" for state, number in counts.items() if number)
    drawn = "Schéma par rattachement, sans coordonnées. Le tableau des sites dit la même chose"
    words = f"{agreed(len(in_service(known)), 'site(s)')} : {said}. {drawn}"
    signs = [Sign(FINDINGS[state][0], tint=tint) for state, tint in _TINTS.items() if counts[state]]
    places = {name: site_path(name) for name in in_service(known)}
    return Drawing.drawn("site-map", "Les sites et leur état", words, graph(things, (), signs, places))


def _things(known: Known) -> Iterator[Thing]:
    """Yield the core, the categories, then the sites, each after what it hangs on."""
    sites = in_service(known)
    core = next((site["core"]["site"] for site in sites.values() if site["core"]), None)
    root = core if core in sites else ""
    yield _thing(known, root, None) if root else Thing("", known.town.name, width=_WIDE)
    beyond = {
        name: link["to"]
        for name, site in sites.items()
        for link in site["premises"]["links"]
        if link["to"] in sites and link["to"] not in (core, name)
    }
    others = [site for name, site in sites.items() if name != root]
    for label in dict.fromkeys(site["category_label"] for site in others):
        mine = [site["id"] for site in others if site["category_label"] == label]
        near = [name for name in mine if name not in beyond]
        if near:
            yield Thing(f"/{label}", label, [agreed(len(near), "site(s)")], root, width=136)
            yield from (_thing(known, name, f"/{label}") for name in near)
    placed, waiting = {root, *sites} - beyond.keys(), {name: beyond[name] for name in beyond if name != root}
    while ready := [name for name, far in waiting.items() if far in placed]:
        yield from (_thing(known, name, waiting.pop(name)) for name in ready)
        placed |= {*ready}
    yield from (_thing(known, name, root) for name in waiting)


def _thing(known: Known, name: str, under: str | None) -> Thing:
    site = known.town.sites[name]
    if site["lifecycle"] not in ("open", "closing"):
        return Thing(name, f"○ {site['name']}", [notation.LIFECYCLE[site["lifecycle"]]], under, width=_WIDE)
    state = site_state(known, name)
    return Thing(name, f"{FINDINGS[state][0][0]} {site['name']}", (), under, width=_WIDE, tint=_TINTS[state])
