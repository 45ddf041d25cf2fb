"""Tests of each segment of a site: its gateway, its scope, its ways and the ways back.

Gateways are those that the systems have, scopes as their servers lend them; ways are computed on the routers as read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from netaddr import IPAddress, IPNetwork

from piste.engine.words import agreed
from piste.papers.dossier.verification_record import VERDICTS
from piste.runs.changes import labels
from piste.sites.verdict import Verdicts
from piste.systems.forcepoint.engine_intent import engine_name
from piste.systems.windows.dhcp.lent import SCARCE, judged
from piste.town.model.flows.access_lists import ANY_PORT
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.reach import ISOLATED
from piste.town.model.routing.trace import OUTSIDE, End, Lookups, RoundTrip, Trace, core_name, gateways_in, round_trip
from piste.trials.probe.exchanges import exchanges

if TYPE_CHECKING:
    from piste.papers.dossier.verification_record import Test, Verdict
    from piste.runs.plans.play import Played
    from piste.sites.constat import Constat
    from piste.sites.flows import Rules
    from piste.town.model import Site, Town
    from piste.town.model.addressing.derived import Segment
    from piste.town.model.dhcp.derived import Scope
    from piste.town.model.routing.derived import Gateway
    from piste.town.model.routing.trace import Router

DOMAIN = "Segments"
_SERVICES = {"any": "icmp", "tcp": "tcp", "udp": "udp"}
_COMPARED = {"core": "network.gateways", "ngfw": "firewall.interfaces"}
_CARRIERS = {"core": "le cœur", "ngfw": "le pare-feu"}
_SHOWN = 3


def try_segments(constat: Constat, town: Town, site: Site, played: Played) -> None:
    """Add the tests of the segments; none where the town declares nothing that routes."""
    if not (site["core"] or site["engine"]):
        return
    scopes = {scope["segment"]: scope for scope in site["scopes"]}
    ends = _ends(town)
    for gateway in site["gateways"]:
        segment = site["segments"][gateway["segment"]]
        _try_gateway(constat, site, gateway, played)
        if scope := scopes.get(gateway["segment"]):
            _try_scope(constat, gateway, scope, played.lenders)
        elif gateway["server"]:
            _lends_by_itself(constat, gateway)
        _try_ways(constat, gateway, list(_needed(town, site, segment, gateway, scope, ends)), played.routers)


def try_exchanges(constat: Constat, town: Town, site: Site, rules: Rules) -> None:
    """Add the tests of what the list of the site must let pass, at a few other sites.

    The lists of these were not read: they count as letting all pass.
    """
    alone = {**dict.fromkeys(town.sites, ()), site["id"]: rules.access_lists[site["id"]]}
    verdicts = Verdicts(town, replace(rules, access_lists=alone))
    for key, segment in site["segments"].items():
        here = f"{key}@{site['id']}"
        for permit, ends in exchanges(town, site["id"], segment["subnet"]):
            service = _SERVICES[permit["protocol"]] + ("" if permit["port"] == ANY_PORT else f"/{permit['port']}")
            said = [
                (somebody.address, verdicts.of(*way, service))
                for somebody in ends
                for way in ((here, somebody.address), (somebody.address, here))
            ]
            wrong = [f"{address} : {', '.join(answer.by)}" for address, answer in said if answer.state == "stopped"]
            unknown = [answer.why or "une partie" for _, answer in said if answer.state in ("partly", "unknown")]
            verdict: Verdict = "wrong" if wrong else "unknown" if unknown else "conform"
            passing = f"passe vers {', '.join(dict.fromkeys(address for address, _ in said))}"
            if said:
                constat.add(
                    f"segment.{key}.reach.{permit['id']}",
                    DOMAIN,
                    f"{segment['label']}, {permit['id']} entre sites",
                    "passe par la liste du site, dans les deux sens",
                    _some(wrong) or ("pas calculé" if unknown else passing),
                    verdict,
                    requirements=("R006", "R003"),
                    reason=_some([*dict.fromkeys(unknown)]),
                    proof={"permit": permit, "answers": [[address, answer._asdict()] for address, answer in said]},
                )


def holder_of(site: Site, gateway: Gateway) -> tuple[str, str]:
    """Give the router that must have a gateway, and the key of the interface there."""
    core, engine = site["core"], site["engine"]
    if gateway["carrier"] == "core" and core:
        name = core_name(core["stack"], core["serials"])
        return name, f"{core['network']}/{name}/{gateway['vlan']}"
    if engine and gateway["interface"]:
        return engine["name"], f"{gateway['interface']}/{engine_name(engine)}"
    return "", ""


def _try_gateway(constat: Constat, site: Site, gateway: Gateway, played: Played) -> None:
    """Test that the gateway and its relay are as declared, and that nothing else routes there."""
    name, key = holder_of(site, gateway)
    address, around = gateway["address"], gateways_in(played.routers, gateway["subnet"])
    relays = f", relais vers {', '.join(gateway['relay'])}" if gateway["relay"] else ""
    holder = next((router for router in played.routers if router["name"] == name), None)
    compared = constat.test(_COMPARED[gateway["carrier"]])
    mine = [face for known, face in around if known == name and address in face["addresses"]]
    changed = [operation for operation in played.operations if operation["key"] == key]
    faults = [f"{name} n’a pas {address}"] if holder and not holder["unread"] and not mine else []
    faults += [
        f"{known} y a aussi une interface ({', '.join(face['addresses']) or face['name']})"
        for known, face in around
        if face not in mine
    ]
    faults += [f"l’interface diffère : {', '.join(labels(gap)) or gap['action']}" for gap in changed]
    faults += [line for line in played.withheld if f" {key} : " in line]
    reason = "" if faults else _unread(holder, name or _CARRIERS[gateway["carrier"]], compared)
    verdict: Verdict = "wrong" if faults else "unknown" if reason else "conform"
    observed = " ; ".join(faults) or ("pas lu" if reason else "en place")
    constat.add(
        f"segment.{gateway['segment']}.gateway",
        DOMAIN,
        f"{gateway['label']}, passerelle et relais",
        f"{address} sur {_CARRIERS[gateway['carrier']]} et lui seul{relays}",
        observed,
        verdict,
        requirements=("R030", "R012"),
        reason=reason,
        proof={"expected": gateway, "there": [[known, face] for known, face in around], "differences": changed},
        wrong=faults,
    )


def _unread(holder: Router | None, name: str, compared: Test | None) -> str:
    """Say why a gateway is not known, its router unread or not compared; empty where it is."""
    if holder is None:
        return f"{name} n’a pas été lu"
    if holder["unread"]:
        return holder["unread"]
    if compared is None:
        return "la comparaison n’a pas eu lieu"
    return (compared.reason or "la comparaison est inconnue") if compared.verdict == "unknown" else ""


def _try_scope(constat: Constat, gateway: Gateway, scope: Scope, lenders: Sequence[Mapping[str, Any]]) -> None:
    """Test that the servers lend addresses of the segment, and have some left."""
    said = judged(scope["subnet"], lenders)
    constat.add(
        f"segment.{gateway['segment']}.scope",
        DOMAIN,
        f"{gateway['label']}, adresses prêtées",
        f"étendue active, plus de {SCARCE:.0%} d’adresses libres".replace("%", " %"),
        said.seen or "pas lu",
        VERDICTS[said.state],
        requirements=("R012", "R030"),
        reason=said.silent,
        proof={"expected": scope, "lenders": lenders},
    )


def _lends_by_itself(constat: Constat, gateway: Gateway) -> None:
    constat.add(
        f"segment.{gateway['segment']}.scope",
        DOMAIN,
        f"{gateway['label']}, adresses prêtées",
        "des adresses libres",
        f"prêtées par {_CARRIERS[gateway['carrier']]}",
        "untested",
        requirements=("R012", "R030"),
        reason="son API ne dit pas ses baux ; la plage est relue avec la passerelle",
    )


def _try_ways(constat: Constat, gateway: Gateway, ends: Sequence[End], routers: Sequence[Any]) -> None:
    """Test that a segment and what it needs reach each other, by the same routers."""
    source = End(gateway["segment"], gateway["address"], gateway["subnet"], gateway["address"])
    looked_up: Lookups = {}
    trips = {end.name: round_trip(routers, source, end, looked_up) for end in ends}
    wrong = [f"{name} : {trip.why}" for name, trip in trips.items() if trip.state in ("lost", "asymmetric")]
    unknown = [f"{name} : {trip.why}" for name, trip in trips.items() if trip.state == "unknown"]
    if not routers:
        wrong, unknown = [], ["rien de ce qui route n’a été lu"]
    verdict: Verdict = "wrong" if wrong else "unknown" if unknown else "conform"
    constat.add(
        f"segment.{gateway['segment']}.ways",
        DOMAIN,
        f"{gateway['label']}, chemins aller et retour",
        f"{agreed(len(trips), 'destination(s)')}, dans les deux sens et par les mêmes équipements",
        _some(wrong) or (f"par {_through(trips)}" if not unknown else "pas calculé"),
        verdict,
        requirements=("R031", "R012"),
        reason=_some(unknown),
        proof={name: _said(trip) for name, trip in trips.items()},
        wrong=[*wrong, *unknown],
    )


def _some(lines: Sequence[str]) -> str:
    more = f" ; et {agreed(len(lines) - _SHOWN, 'autre(s)')}" if len(lines) > _SHOWN else ""
    return " ; ".join(lines[:_SHOWN]) + more


def _through(trips: Mapping[str, RoundTrip]) -> str:
    crossed = dict.fromkeys(" puis ".join(trip.forth.routers) or "aucun équipement" for trip in trips.values())
    return ", ou par ".join(crossed)


def _said(trip: RoundTrip) -> dict[str, Any]:
    return {"state": trip.state, "why": trip.why, "forth": _hops(trip.forth), "back": _hops(trip.back)}


def _hops(trace: Trace) -> list[dict[str, str]]:
    return [hop._asdict() for hop in trace.hops]


def _ends(town: Town) -> list[tuple[IPNetwork, Gateway]]:
    return [
        (IPNetwork(gateway["subnet"]), gateway)
        for site in town.sites.values()
        if site["lifecycle"] in IN_SERVICE
        for gateway in site["gateways"]
    ]


def _needed(
    town: Town,
    site: Site,
    segment: Segment,
    gateway: Gateway,
    scope: Scope | None,
    ends: Sequence[tuple[IPNetwork, Gateway]],
) -> Iterator[End]:
    """Yield the destinations of a segment: its DHCP, names, hours, servers, the outside.

    An isolated segment needs no server of the town but those that its scope names.
    """
    names = {address: name for name, address in site["relies_on"].items()}
    names |= {server["address"]: server["name"] for server in site["dhcp"]["servers"]}
    lent = scope or gateway["server"]
    options = lent["options"] if lent else None
    wanted = [*gateway["relay"], *([*options["dns"], *options["ntp"]] if options else [])]
    if segment["zone"] not in ISOLATED:
        wanted += site["relies_on"].values()
    for address in dict.fromkeys(wanted):
        near = next((known for network, known in ends if IPAddress(address) in network), None)
        name = names.get(address, address)
        yield End(name, address, near["subnet"], near["address"]) if near else End(name, address)
    engine = town.commune["firewall_engine"] if town.commune else None
    if engine and engine["default_route"]:
        yield OUTSIDE
