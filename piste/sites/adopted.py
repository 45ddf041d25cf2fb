"""Tests of a verification that depart from the rule by what the adoption keeps as found.

They are counted beside those that conform and those that are wrong.

A comparison lays what is kept over the rule: its empty plan proves the rule only where nothing is kept. The other
trials judge by the rule alone. Such a test is kept where what is kept foresees each of its faults, word for word;
with one more fault it stays wrong, and says which are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from piste.engine.converge.as_found import ABSENT, UNDECLARED, is_absent, lay_over
from piste.papers.dossier.verification_record import Test
from piste.sites.compared import COMPARED, HOSTING
from piste.sites.constat import Constat
from piste.sites.living import supervision
from piste.sites.living.hosting import MISSING, machines
from piste.sites.living.network import SILENT
from piste.sites.segments import holder_of, try_segments
from piste.sites.trials import WAITS, Ran
from piste.systems.forcepoint.living import OTHER_POLICY
from piste.systems.kinds import BY_MODULE
from piste.systems.windows.dns_tests import differing, misplaced
from piste.systems.zabbix.coverage import WORDS
from piste.town.model import Commune, Site, Town
from piste.town.model.routing.trace import Router, core_name, declared_routers

WHO = "la DSI décide de ce qui est rendu à la règle (docs/adopter.md)"
ROUTING = (("smc", "engine_interface"), ("smc", "engine_routes"), ("meraki", "routed_interface"),
           ("meraki", "static_route"))  # fmt: skip
CONTAINERS = (("meraki", "network"), ("meraki", "switch_stack"), ("meraki", "device"))
NAMES = (("dns", "dns_record"), ("dns", "dns_zone"))


class Foreseen(NamedTuple):
    """The faults that what is kept gives a test, and where it is kept."""

    faults: Collection[str]
    places: Sequence[str]


def mark_kept(constat: Constat, ran: Ran) -> None:
    """Mark each test that departs from the rule by what is kept as found alone."""
    if not any(owner["as_found"] for owner in ran.town.owners.values()):
        return
    laid, foreseen = dict(_laid_over(ran)), dict(_foreseen(constat, ran))
    nothing = Foreseen((), ())
    constat.tests = [
        _judged(test, constat.wrong[test.id], laid.get(test.id, ()), foreseen.get(test.id, nothing))
        for test in constat.tests
    ]


def _judged(test: Test, wrong: Sequence[str], laid: Sequence[str], foreseen: Foreseen) -> Test:
    kept = [fault for fault in wrong if fault in foreseen.faults]
    if (test.verdict == "conform" and laid) or (test.verdict == "wrong" and kept and kept == wrong):
        said = ", ".join(laid or foreseen.places)
        return test.model_copy(update={"verdict": "kept", "reason": f"gardé tel que trouvé, {said} ; {WHO}"})
    if test.verdict == "wrong" and kept:
        said = f"{len(kept)} sur {len(wrong)} gardés tels que trouvés, {', '.join(foreseen.places)}"
        return test.model_copy(update={"reason": " ; ".join(filter(None, [test.reason, said]))})
    return test


def _laid_over(ran: Ran) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what is laid over the rule in each comparison, and in each gateway."""
    site, commune = ran.site, ran.town.commune
    for test in COMPARED:
        yield test.id, _places(site, *sorted(test.kinds))
    if commune and set(machines(ran.town, site)) & {*_kept(commune, "prism", "vm")}:
        yield HOSTING.id, _places(commune, ("prism", "vm"))
    for gateway in site["gateways"]:
        _, key = holder_of(site, gateway)
        kinds = [(system, kind) for system, kind in ROUTING if key in _kept(site, system, kind)]
        yield f"segment.{gateway['segment']}.gateway", _places(site, *kinds)


def _foreseen(constat: Constat, ran: Ran) -> Iterator[tuple[str, Foreseen]]:
    """Yield, by test, the faults that what is kept gives."""
    site, commune = ran.site, ran.town.commune
    yield from _of_segments(constat, ran)
    records = _places(site, *NAMES) + (_places(commune, *NAMES) if commune else [])
    names = Foreseen([*_unresolved(ran)], records)
    yield from ((test.id, names) for test in constat.tests if test.id.startswith("dns."))
    hosts = _kept(site, "zabbix", "host")
    words = {name: WORDS["absent" if is_absent(entry) else "disabled"] for name, entry in hosts.items() if _off(entry)}
    watched = [f"{name} : {word}" for name, word in words.items()]
    yield supervision.ID, Foreseen(watched, _places(site, ("zabbix", "host")))
    ssids = [name for name, entry in _kept(site, "meraki", "ssid").items() if _off(entry)]
    silent = [f"{device['name']}{SILENT.format(name)}" for device in site["devices"] for name in ssids]
    yield "living.ssids", Foreseen(silent, _places(site, ("meraki", "ssid")))
    if commune is None:
        return
    missing = [f"{name}{MISSING}" for name, entry in _kept(commune, "prism", "vm").items() if is_absent(entry)]
    yield "living.machines", Foreseen(missing, _places(commune, ("prism", "vm")))
    policy = commune["firewall"]["policy"]
    if is_absent(_kept(commune, "smc", "policy").get(f"fw_policy/whole/{policy}")):
        other = OTHER_POLICY.format(f"fw_policy/{policy}")
        lines = [fault for fault in constat.wrong.get("living.engines", ()) if fault.endswith(other)]
        yield "living.engines", Foreseen(lines, _places(commune, ("smc", "policy")))


def _of_segments(constat: Constat, ran: Ran) -> Iterator[tuple[str, Foreseen]]:
    """Try the segments with what is kept given back: the faults that are gone are kept."""
    site, commune = ran.site, ran.town.commune
    if commune is None:
        return
    gone, by = _core_gone(ran)
    waiting = [line for line in ran.played.withheld if f"{WAITS}« {gone} »" in line] if gone else []
    yield "network.gateways", Foreseen([line.removeprefix(f"{site['id']} : ") for line in waiting], by)
    places = [*_places(site, *ROUTING), *_places(commune, *ROUTING), *by]
    left = [line for line in ran.played.withheld if line not in waiting]
    drawn = Constat()
    given_back = [*_given_back(ran.town, commune, ran.played.routers, gone)]
    try_segments(drawn, ran.town, site, replace(ran.played, routers=given_back, withheld=left))
    for test in drawn.tests:
        still = {_about(fault) for fault in drawn.wrong[test.id]}
        lines = [fault for fault in constat.wrong.get(test.id, ()) if _about(fault) not in still]
        yield test.id, Foreseen(lines, places)


def _about(fault: str) -> str:
    """Give the destination of a fault of ways, whose reason may change once another is mended."""
    return fault.partition(" : ")[0]


def _given_back(town: Town, commune: Commune, read: Sequence[Router], gone: str) -> Iterator[Router]:
    """Yield the routers as read, with what is kept there given back to the rule."""
    for rule in declared_routers(commune, town.sites):
        at = next((router for router in read if router["name"] == rule["name"]), None)
        if rule["name"] == gone:
            yield rule
        elif at:
            yield _mended(at, rule, *_kept_of(town, rule))
    known = {router["name"] for router in declared_routers(commune, town.sites)}
    yield from (router for router in read if router["name"] not in known)


def _mended(read: Router, rule: Router, faces: Collection[str], routes: Collection[str]) -> Router:
    """Give a router that was read the interfaces and routes of the rule where others are kept."""
    interfaces = [face for face in read["interfaces"] if face["name"] not in faces]
    interfaces += [face for face in rule["interfaces"] if face["name"] in faces]
    ways = [route for route in read["routes"] if route["destination"] not in routes]
    ways += [route for route in rule["routes"] if route["destination"] in routes]
    return {**read, "interfaces": interfaces, "routes": ways}


def _kept_of(town: Town, rule: Router) -> tuple[set[str], set[str]]:
    """Name the interfaces and destinations of a router that are kept other than the rule."""
    faces, routes, end = set[str](), set[str](), f"/{rule['name']}"
    for owner in town.owners.values():
        for key, entry in _kept(owner, "smc", "engine_interface").items():
            if key.endswith(end) and {*entry} & {ABSENT, UNDECLARED, "addresses"}:
                faces.add(key.partition("/")[0])
        for key, entry in _kept(owner, "meraki", "routed_interface").items():
            if f"{end}/" in key and {*entry} & {ABSENT, UNDECLARED, "address", "subnet"}:
                faces.add(f"VLAN {key.rpartition('/')[2]}")
        for key, entry in _kept(owner, "smc", "engine_routes").items():
            if key.endswith(end) and "routes" in entry:
                laid = {to: [*way["via"]] for to, way in entry["routes"].items()}
                routes |= {way["destination"] for way in rule["routes"] if laid.get(way["destination"]) != way["via"]}
        for key, entry in _kept(owner, "meraki", "static_route").items():
            if f"{end}/" in key and {*entry} & {ABSENT, UNDECLARED, "next_hop"}:
                routes.add(key.partition(f"{end}/")[2])
    return faces, routes


def _core_gone(ran: Ran) -> tuple[str, list[str]]:
    """Name the core whose stack, switch or network is kept absent, and where; else empty."""
    core = ran.site["core"]
    if core is None:
        return "", []
    name, at = core_name(core["stack"], core["serials"]), ran.town.sites[core["site"]]
    keys = {"network": core["network"], "switch_stack": name, "device": name}
    by = [(system, kind) for system, kind in CONTAINERS if is_absent(_kept(at, system, kind).get(keys[kind]))]
    return (name, _places(at, *by)) if by else ("", [])


def _unresolved(ran: Ran) -> Iterator[str]:
    """Yield what the names of a site answer as kept, where the rule says otherwise."""
    table, owners = BY_MODULE["dns_records"].table, ran.town.owners.values()
    key_of, kept = table.key_of, dict[str, list[str]]()
    for owner in owners:
        laid, *_ = lay_over(table, owner["records"], (), owner["as_found"].get("dns") or {})
        kept |= {key_of(item): [*item["values"]] for item in laid}
    yield from filter(None, (differing(record, kept.get(key_of(record), ())) for record in ran.site["records"]))
    rule = {
        record["name"]: kept.get(key_of(record), [])
        for owner in owners for record in owner["records"] if record["type"] == "A"
    }  # fmt: skip
    for name, address in ran.site["relies_on"].items():
        if rule.get(name, [address]) != [address]:
            yield misplaced(name, rule[name], address)


def _off(entry: Mapping[str, Any]) -> bool:
    return is_absent(entry) or entry.get("enabled") is False


def _kept(owner: Site | Commune, system: str, kind: str) -> Mapping[str, Mapping[str, Any]]:
    kept: Mapping[str, Mapping[str, Any]] = owner["as_found"].get(system, {}).get(kind, {})
    return kept


def _places(owner: Site | Commune, *kinds: tuple[str, str]) -> list[str]:
    """Say where an owner keeps something of some kinds, as `piste adopt --release` takes it."""
    return [f"{system}/{kind} de {owner['id']}" for system, kind in kinds if _kept(owner, system, kind)]
