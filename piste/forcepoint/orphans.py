"""Orphans of an SMC: elements, policies, rules of declared policies, installations."""

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
    """Yield the undeclared elements that are not the system's, as `{kind, key, why}`."""
    known, unused = set(declared), _unused(smc)
    for key in Elements(smc, Request(state="gathered")).gather([], whole=True, fresh=False):
        if key not in known:
            yield {"kind": "element", "key": key, "why": f"{WHY}, {UNUSED}" if key in unused else WHY}


def _unused(smc: Smc) -> set[str]:
    place = smc.entry_points.get("search_unused")
    entries = listed(smc.results(place) if place else None)
    return {f"{text(entry['type'])}/{text(entry['name'])}" for entry in entries}


def policies(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the undeclared policies, and the undeclared rules of declared policies, likewise.

    `declared` is the declaration of all owners.
    """
    driver = Policies(smc, Request(state="gathered"))
    items = driver.asked(declared)
    live = driver.gather([], whole=True, fresh=False)
    for item in live.values():
        mine = [entry for entry in items if (entry["type"], entry["name"]) == (item["type"], item["name"])]
        policy = f"{item['type']}/{item['name']}"
        if not mine:
            yield {"kind": "policy", "key": policy, "why": WHY}
            continue
        for name, lives in driver.stands[policy].lists.items():
            known = {key for entry in mine if name in entry for key in keys(entry[name] or [])}
            rules = [live_rule.rule for live_rule in lives]
            headers = {f"section {entry['scope'].partition(':')[2]}" for entry in mine if entry["scope"] != WHOLE}
            covered = {at for entry in mine if name in entry for at in window(rules, entry["scope"])}
            for at, live_rule in enumerate(lives):
                if live_rule.key not in known | headers and (at in covered or "section" not in live_rule.rule):
                    yield {"kind": "rule", "key": f"{item['name']}/{name}/{live_rule.key}", "why": WHY}


def installations(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the undeclared engines, and those that run another policy than declared."""
    desired = {str(item["engine"]): item.get("policy") for item in declared}
    for engine, item in Installations(smc, Request(state="gathered"), {}).gather([], whole=True, fresh=False).items():
        runs = f"y tourne {item['policy']}" if item["policy"] else "aucune politique n'y tourne"
        if engine not in desired:
            yield {"kind": "installation", "key": engine, "why": f"{WHY}, {runs}"}
        elif item["policy"] and desired[engine] and item["policy"] != desired[engine]:
            yield {"kind": "installation", "key": engine, "why": f"{runs}, {desired[engine]} est déclarée"}


def undeclared(smc: Smc, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Orphans of an SMC.

    `declared` gives the names of `elements`, and whole `policies` and `installations`.
    """
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
