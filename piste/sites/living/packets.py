"""Packets that a probe sent at the places of a site: its last results, while believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.table import SUBJECTS
from piste.sites.living.seen import Seen
from piste.town.declared import serving
from piste.town.model.freshness import ages
from piste.trials.probe.results import GRAVEST, latest, pv_tests

if TYPE_CHECKING:
    from piste.papers.dossier.verification_record import Verdict
    from piste.town.model import Site
    from piste.town.model.derived import Derived

UNTRIED = "untried.packets"
_TITLE = "Des paquets passent comme déclaré, et pas autrement"
_REQUIREMENTS = ("R053", "R149", "R067")
_STATES: Mapping[Verdict, State] = {"conform": "ok", "wrong": "wrong", "unknown": "unknown", "untested": "unknown"}


def packets(town: Derived, site: Site, environment: str) -> Iterator[Seen]:
    """Judge by the last results of each place that the site still has."""
    tried = store.last(SUBJECTS["probes"], environment, ages(town))
    doubts = {name.partition("/")[2]: last.why for name, last in tried.items()
              if name.startswith(f"{site['id']}/") and not isinstance(last, Reading)}  # fmt: skip
    known = [last for last in latest(environment, site["id"]) if last.place.name in _places(site)]
    for test in pv_tests(known, doubts):
        yield Seen(**{**test, "requirements": tuple(dict.fromkeys([*test["requirements"], "R067"]))})
    if not known and "" in doubts:
        yield Seen(UNTRIED, "Recette sur place", _TITLE, _REQUIREMENTS, "essayé", "pas lu", "unknown", doubts[""])
    elif not known:
        why = f"aucune sonde n’y est passée : piste probe {site['id']} (docs/recette-sur-place.md)"
        yield Seen(UNTRIED, "Recette sur place", _TITLE, _REQUIREMENTS, "essayé", "pas essayé", "untested", why)


def stands(town: Derived, name: str) -> bool:
    """Tell whether a place, `<site>/<place>`, is still one of a site in service."""
    site, _, place = name.partition("/")
    return site in serving(town) and (not place or place in _places(town.sites[site]))


def _places(site: Site) -> set[str]:
    return {*site["segments"], *(ssid["name"] for ssid in site["ssids"])}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each place where a probe was, of its site."""
    for name, last in store.last(SUBJECTS["probes"], environment, ages(town)).items():
        if not stands(town, name):
            continue
        id_, _, place = name.partition("/")
        state: State = "unknown"
        if isinstance(last, Reading):
            counts = last.value.place.counts
            state = _STATES[next(verdict for verdict in GRAVEST if counts[verdict])]
            at_fault = [result.title for result in last.value.place.results if _STATES[result.verdict] == state != "ok"]
            said = " ; ".join(at_fault) or agreed(counts["conform"], "essai(s) conforme(s)")
        else:
            said = last.why
        todo = "" if state == "ok" else f"piste probe {id_}"
        where = f"{id_}, {place}" if place else id_
        yield Finding(f"probes.{name.rstrip('/')}", state, f"{where} : {said}", todo, site=id_)
