"""What an SMC holds and nobody declares: elements, policies, rules of the policies that are declared, engines and what
runs on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.orphan import WHY
from piste.converge.orphans import module
from piste.converge.reading import listed, text
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.forcepoint.connection import FORCEPOINT
from piste.forcepoint.elements import Elements
from piste.forcepoint.installations import Installations
from piste.forcepoint.policies import Policies
from piste.forcepoint.policy_table import WHOLE
from piste.forcepoint.rules import keys, window
from piste.forcepoint.smc import Smc

UNUSED = "et rien ne s'en sert"


def elements(smc: Smc, declared: Iterable[str]) -> Iterator[dict[str, str]]:
    """``{kind, key, why}`` an element that is not the system's and that nobody declares."""
    known, unused = set(declared), _unused(smc)
    for key in Elements(smc, Request(state="gathered")).gather([], whole=True, fresh=False):
        if key not in known:
            yield {"kind": "element", "key": key, "why": f"{WHY}, {UNUSED}" if key in unused else WHY}


def _unused(smc: Smc) -> set[str]:
    place = smc.entry_points.get("search_unused")
    found = listed(smc.results(place) if place else None)
    return {f"{text(entry['type'])}/{text(entry['name'])}" for entry in found}


def policies(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """The same of policies, and of the rules of those that are declared; ``declared`` is that of all owners."""
    driver = Policies(smc, Request(state="gathered"))
    items = driver.asked(declared)
    live = driver.gather([], whole=True, fresh=False)
    for item in live.values():
        mine = [one for one in items if (one["type"], one["name"]) == (item["type"], item["name"])]
        policy = f"{item['type']}/{item['name']}"
        if not mine:
            yield {"kind": "policy", "key": policy, "why": WHY}
            continue
        for name, lives in driver.stands[policy].lists.items():
            known = {key for one in mine if name in one for key in keys(one[name] or [])}
            rules = [one.rule for one in lives]
            headers = {f"section {one['scope'].partition(':')[2]}" for one in mine if one["scope"] != WHOLE}
            covered = {at for one in mine if name in one for at in window(rules, one["scope"])}
            for at, one in enumerate(lives):
                if one.key not in known | headers and (at in covered or "section" not in one.rule):
                    yield {"kind": "rule", "key": f"{item['name']}/{name}/{one.key}", "why": WHY}


def installations(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Engines that are not declared, and those on which somebody has installed another policy than the declared one."""
    wanted = {str(item["engine"]): item.get("policy") for item in declared}
    for engine, item in Installations(smc, Request(state="gathered"), {}).gather([], whole=True, fresh=False).items():
        runs = f"y tourne {item['policy']}" if item["policy"] else "aucune politique n'y tourne"
        if engine not in wanted:
            yield {"kind": "installation", "key": engine, "why": f"{WHY}, {runs}"}
        elif item["policy"] and wanted[engine] and item["policy"] != wanted[engine]:
            yield {"kind": "installation", "key": engine, "why": f"{runs}, {wanted[engine]} est déclarée"}


def undeclared(smc: Smc, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The orphans of an SMC; ``declared`` holds ``elements`` by name, ``policies`` and ``installations`` whole."""
    yield from elements(smc, declared["elements"])
    yield from policies(smc, declared["policies"])
    yield from installations(smc, declared["installations"])


MODULES: Mapping[str, Module] = {
    "smc_orphans": module(
        "smc_orphans",
        FORCEPOINT,
        (
            Field("elements", "All elements that are declared, C(type/name) each.", type="list", required=True),
            Field(
                "policies",
                "All entries that are declared, of all owners, as C(config) of M(smc_policies).",
                type="list",
                elements="dict",
                required=True,
            ),
            Field(
                "installations",
                "All entries that are declared, as C(config) of M(smc_installations).",
                type="list",
                elements="dict",
                required=True,
            ),
        ),
        undeclared,
    )
}
