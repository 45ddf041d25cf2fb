"""Orphans of an SMC: elements, policies, rules of declared policies, installations."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.orphan import OPENS, WHY
from piste.engine.converge.reading import listed, text
from piste.engine.converge.request import Request
from piste.engine.words import agreed
from piste.systems.forcepoint.access_table import DANGEROUS, dangers
from piste.systems.forcepoint.element_table import TYPES
from piste.systems.forcepoint.elements import Elements
from piste.systems.forcepoint.engine_interfaces import EngineInterfaces
from piste.systems.forcepoint.engine_routes import EngineRoutes
from piste.systems.forcepoint.engine_table import INTERFACES
from piste.systems.forcepoint.installations import Installations
from piste.systems.forcepoint.log_servers import LogServers
from piste.systems.forcepoint.policies import Policies
from piste.systems.forcepoint.policy_table import WHOLE
from piste.systems.forcepoint.route_tree import unusual
from piste.systems.forcepoint.rule_codec import Rule
from piste.systems.forcepoint.rules import keys, passes_all, window
from piste.systems.forcepoint.smc import Smc, is_system

UNUSED = "et rien ne s’en sert"
OF_THE_SMC = "internal_user_domain"
"""Type of the only element that the SMC makes by itself."""
STRANGER = "compte tenu par le SMC, et aucun groupe déclaré ne le nomme"
CHILDREN = ("endpoints", "sites")
"""Fields whose undeclared entries stay, and are named."""


def elements(smc: Smc, declared: Iterable[str], items: Iterable[Mapping[str, Any]] = ()) -> Iterator[dict[str, str]]:
    """Yield the undeclared elements that are not the system's, as `{kind, key, why}`.

    The reason begins with what is dangerous; a declared element that is dangerous is named too. Then come the
    undeclared children of `items`, the declared elements, and the people whom no declared group names.
    """
    known, unused = set(declared), _unused(smc)
    by_key = {f"{item['type']}/{item['name']}": item for item in items}
    driver, asked = Elements(smc, Request(state="gathered")), [*_asked(smc, known)]
    for key, live in driver.gather(asked, whole=True, fresh=False).items() if asked else ():
        if is_system(driver.last.documents[key]):
            continue
        if key not in known and live["type"] not in (OF_THE_SMC, "admin_user"):
            why = f"{WHY}, {UNUSED}" if key in unused else WHY
            yield {"kind": "element", "key": key, "why": " ; ".join([*dangers(live), why])}
        elif said := dangers(live):
            yield {"kind": "element", "key": key, "why": " ; ".join([*said, "et la déclaration le porte"])}
        for field in CHILDREN:
            for name in sorted({*live.get(field, ())} - {*by_key.get(key, live).get(field, live.get(field, ()))}):
                yield {"kind": "element", "key": f"{key} {field} {name}", "why": WHY}
    named = {ref for item in by_key.values() for ref in item.get("users") or ()}
    for name in smc.listing("internal_user"):
        if f"internal_user/{name}" not in named:
            yield {"kind": "user", "key": f"internal_user/{name}", "why": STRANGER}


def _asked(smc: Smc, known: Container[str]) -> Iterator[dict[str, str]]:
    """Yield the elements to be read: a declared element of most types says nothing here."""
    for kind, fields in TYPES.items():
        judged = bool({*fields} & {*DANGEROUS, *CHILDREN})
        names = [name for name in smc.listing(kind) if judged or f"{kind}/{name}" not in known]
        yield from ({"type": kind, "name": name} for name in names)


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
                    orphan = {"kind": "rule", "key": f"{item['name']}/{name}/{live_rule.key}", "why": WHY}
                    yield orphan | _opening(live_rule.rule, rules[at + 1 :])


def _opening(rule: Rule, behind: Sequence[Rule]) -> dict[str, str]:
    """Say first that a rule lets everything pass, and how many it makes useless."""
    if not passes_all(rule):
        return {}
    useless = sum("section" not in other and "insert_point" not in other for other in behind)
    return {"why": f"laisse tout passer, avant {agreed(useless, 'règle(s)')} ; {WHY}", "gravity": OPENS}


def installations(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the undeclared engines, and those that run another policy than declared."""
    desired = {str(item["engine"]): item.get("policy") for item in declared}
    for engine, item in Installations(smc, Request(state="gathered"), {}).gather([], whole=True, fresh=False).items():
        runs = f"y tourne {item['policy']}" if item["policy"] else "aucune politique n’y tourne"
        if engine not in desired:
            yield {"kind": "installation", "key": engine, "why": f"{WHY}, {runs}"}
        elif item["policy"] and desired[engine] and item["policy"] != desired[engine]:
            yield {"kind": "installation", "key": engine, "why": f"{runs}, {desired[engine]} est déclarée"}


def interfaces(smc: Smc, declared: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the undeclared interfaces of engines with declared interfaces, likewise.

    A physical interface that only carries VLANs is no orphan. Antispoofing that the SMC has not derived is named too.
    """
    known = set(declared)
    engines = {INTERFACES.named(key)["engine"] for key in known}
    driver = EngineInterfaces(smc, Request(state="gathered"))
    items = driver.gather([], whole=True, fresh=False)
    for key, item in items.items():
        carries = any(other.startswith(f"{item['interface']}.") for other in items)
        if item["engine"] in engines and key not in known and (item["addresses"] or not carries):
            yield {"kind": "engine_interface", "key": key, "why": WHY}
    for engine in sorted(engines):
        for name in driver.last.others.get(engine, ()):
            yield {"kind": "engine_interface", "key": f"{name}/{engine}", "why": WHY}
        for place, why in unusual(driver.engines.antispoofing(engine)):
            yield {"kind": "antispoofing", "key": f"{engine} {place}", "why": why}


def routes(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the undeclared routes of engines with declared routes, likewise."""
    driver = EngineRoutes(smc, Request(state="gathered"))
    for item in declared:
        engine = item["engine"]
        live = driver.gather([{"engine": engine}], whole=True, fresh=False).get(engine, {}).get("routes", {})
        for destination, route in live.items():
            if destination not in item["routes"]:
                key = f"{engine} {destination} via {', '.join(route['via'])}"
                yield {"kind": "engine_routes", "key": key, "why": WHY}
        for name in driver.last.others.get(engine, ()):
            yield {"kind": "engine_routes", "key": f"{engine} {name}", "why": WHY}


def forwards(smc: Smc, declared: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the undeclared hosts to which declared log servers forward, likewise."""
    driver = LogServers(smc, Request(state="gathered"))
    for item in declared:
        live = driver.gather([{"server": item["server"]}], whole=True, fresh=False).get(item["server"], {})
        for target in live.get("forwards", {}):
            if target not in item["forwards"]:
                yield {"kind": "log_server", "key": f"{item['server']} → {target}", "why": WHY}


def undeclared(smc: Smc, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Orphans of an SMC.

    `declared` gives the names of `elements` and `engine_interfaces`, and whole `policies`, `installations`,
    `engine_routes`, `log_servers` and `whole_elements`.
    """
    yield from elements(smc, declared["elements"], declared.get("whole_elements", ()))
    yield from policies(smc, declared["policies"])
    yield from installations(smc, declared["installations"])
    yield from interfaces(smc, declared.get("engine_interfaces", ()))
    yield from routes(smc, declared.get("engine_routes", ()))
    yield from forwards(smc, declared.get("log_servers", ()))
