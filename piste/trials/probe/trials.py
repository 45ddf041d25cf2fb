"""The trials of a place, derived from the declaration.

Pure. A trial has the questions that `piste.trials.probe.onsite` asks, and what their answers must be (`want`). A trial
that cannot be asked has a reason instead, and is never conform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from netaddr import IPAddress, IPNetwork, IPRange

from piste.town.model.flows.reach import NOWHERE, WIRE
from piste.trials.probe import services
from piste.trials.probe.traffic import flows, isolation
from piste.trials.probe.trial import Trial, question
from piste.trials.probe.ways import Port, Ways

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.addressing.derived import Segment
    from piste.town.model.dhcp.derived import Options, Scope
    from piste.town.model.flows.reach import Access

OUTSIDE = "1.1.1.1"
"""An address of the Internet that answers on the ports of the web and of names."""
CHECKED = "connectivitycheck.gstatic.com"
"""A host name that telephones ask to know whether a portal stands before the Internet."""
_WAITS, _NO_LEASE = (1.0, 1.5, 2.0), (1.5,)
_CANDIDATES = 3
_SMB = Port("tcp", 445)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a site: a port in a segment, or an SSID that leads there."""

    site: str
    segment: str
    ssid: str | None = None
    wired: bool = True

    @property
    def name(self) -> str:
        return self.ssid or self.segment


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The circumstances of a probe, which no declaration knows.

    `outside` is an address of the Internet to try. `everything_answers`: in a twin every port of every server answers,
    so silence is a refusal. `joins` are the admissions to try first, in order.
    `rate` is an iperf3 server, `seconds` the most that a place may take. `trusted` are authorities of services (PEM),
    besides those that the probe has. `way` is what a twin knows of the way from the
    place to its gateway (`piste.trials.twin.trunks`).
    """

    outside: str = OUTSIDE
    everything_answers: bool = False
    joins: Sequence[Mapping[str, Any]] = ()
    joins_missing: str = ""
    rate: str = ""
    seconds: int = 15
    trusted: str = ""
    way: Mapping[str, Any] = field(default_factory=dict)


def places(ways: Ways, site: str) -> list[Place]:
    """List the places of a site: its segments by wire, its SSIDs; isolated populations first."""
    here = [access for access in ways.accesses if access.site == site]
    listed = [
        Place(site, access.segment, None if access.medium in (WIRE, NOWHERE) else access.medium,
              access.medium != NOWHERE)
        for access in sorted(here, key=lambda access: access.zone != "invite")
    ]  # fmt: skip
    return list(dict.fromkeys(listed))


def trials(ways: Ways, place: Place, circumstances: Circumstances) -> list[Trial]:
    """Derive the trials of a place, in the order in which people read them."""
    site = ways.sites[place.site]
    segment, access = site["segments"][place.segment], ways.access(place.site, place.segment, place.ssid)
    scope = lent(site, place.segment)
    made = [
        Trial("link", "link", "Port actif", "actif", ("R031", "R067")),
        *_admission(place, site, segment, circumstances),
        _lease(site, segment, scope),
        _gateway(segment),
        *_portal(site, place, circumstances),
    ]
    if scope:
        made += _names(ways, site, access, scope["options"])
        made += _times(ways, access, scope["options"])
    resolvers = scope["options"]["dns"] if scope else []
    made += [*_printing(ways, site, access), *flows(ways, access, circumstances.outside)]
    outside, zone = circumstances.outside, forward_zone(ways)
    made += services.trials(ways, access, resolvers, zone, outside, port_alone=circumstances.everything_answers)
    made += _quality(ways, site, access, segment, circumstances)
    made += isolation(ways, access, resolvers)
    return made


def request(ways: Ways, place: Place, listed: Sequence[Trial], circumstances: Circumstances) -> dict[str, Any]:
    """Make the request of a place, all but the interface."""
    site = ways.sites[place.site]
    segment, scope = site["segments"][place.segment], lent(site, place.segment)
    central = [server["address"] for server in site["dhcp"]["servers"]]
    relayed = next((gateway["relay"] for gateway in site["gateways"] if gateway["segment"] == place.segment), [])
    return {
        "seconds": circumstances.seconds,
        "waits": _WAITS if scope else _NO_LEASE,
        "joins": list(circumstances.joins),
        "trusted": circumstances.trusted,
        "static": {
            "candidates": _free(site, segment),
            "length": IPNetwork(segment["subnet"]).prefixlen,
            "gateway": segment["gateway"],
            "dhcp": (relayed or central) if scope in site["scopes"] else [],
            "elsewhere": [other["gateway"] for key, other in site["segments"].items() if key != place.segment],
        },
        "questions": [asked for trial in listed for asked in trial.questions],
    }


def lent(site: Site, segment: str) -> Scope | None:
    """Give the scope of a segment, lent by the town's servers or by the gateway."""
    own = [gateway["server"] for gateway in site["gateways"] if gateway["server"]]
    return next((scope for scope in (*site["scopes"], *own) if scope["segment"] == segment), None)


def _free(site: Site, segment: Segment) -> list[str]:
    """List a few last addresses of a segment that nothing declared has."""
    subnet = IPNetwork(segment["subnet"])
    taken = {segment["gateway"], *segment["reservations"].values(), *(item["address"] for item in site["devices"])}
    taken |= {node for gateway in site["gateways"] for node in gateway["nodes"]}
    pool = segment["dhcp"]
    span = IPRange(pool["start"], pool["end"]) if pool else ()
    free = (str(address) for address in reversed(list(subnet.iter_hosts())) if address not in span)
    return [address for address in free if address not in taken][:_CANDIDATES]


def _admission(place: Place, site: Site, segment: Segment, given: Circumstances) -> Iterator[Trial]:
    """Yield the trials of 802.1X: wrong credentials are refused, the right admitted."""
    ssid = next((ssid for ssid in site["ssids"] if ssid["name"] == place.ssid), None)
    requirements = ("R034", "R037", "R067")
    needed = ssid["authentication"] == "dot1x" if ssid else admitted(site, segment)
    if given.joins:
        for attempt in given.joins:
            wanted = "admis" if attempt["expected"] == "answered" else "refusé"
            yield Trial(attempt["id"], "admission", attempt["title"], wanted, requirements,
                        want={"outcome": attempt["expected"]})  # fmt: skip
    elif given.joins_missing or needed:
        reason = given.joins_missing or "aucun compte d’essai n’a été donné à la sonde (piste_eap.accounts)"
        yield Trial("admission", "admission", "Admission sur le réseau", "admis", requirements, reason=reason)


def admitted(site: Site, segment: Segment) -> bool:
    """Tell whether a port of the segment asks for an admission."""
    ports = (port for device in site["devices"] for port in device["ports"])
    return any(port["access_policy"] and port["vlan"] == segment["vlan"] for port in ports)


def _lease(site: Site, segment: Segment, scope: Scope | None) -> Trial:
    requirements = ("R012", "R030", "R067")
    if scope is None:
        return Trial("lease", "lease", "Aucun serveur DHCP ne répond", "aucun bail", requirements, want={"none": True})
    want = {
        "start": scope["start"],
        "end": scope["end"],
        "subnet": scope["subnet"],
        "exclusions": scope["exclusions"],
        "lease": scope["lease"],
        "options": scope["options"],
        "relay": segment["gateway"] if scope in site["scopes"] else "",
        "servers": [server["address"] for server in site["dhcp"]["servers"]] if scope in site["scopes"] else [],
        "relays": next((item["relay"] for item in site["gateways"] if item["segment"] == segment["key"]), []),
    }
    expected = f"une adresse de {scope['start']} à {scope['end']}, avec ses options"
    return Trial("lease", "lease", "Bail DHCP", expected, requirements, want=want)


def _gateway(segment: Segment) -> Trial:
    asked = (question("gateway", "ping", segment["gateway"]),)
    title, expected = f"Passerelle {segment['gateway']}", "une seule machine répond"
    return Trial("gateway", "gateway", title, expected, ("R030", "R067"), asked, {"address": segment["gateway"]})


def _portal(site: Site, place: Place, given: Circumstances) -> Iterator[Trial]:
    ssid = next((ssid for ssid in site["ssids"] if ssid["name"] == place.ssid), None)
    if ssid and ssid["portal"]:
        scope = lent(site, place.segment)
        more = {"host": CHECKED, "dns": scope["options"]["dns"] if scope else []}
        asked = ({**question("portal", "portal", given.outside), **more},)
        title, expected = "Portail captif", "sa page s’impose au premier accès"
        yield Trial("portal", "portal", title, expected, ("R036", "R062"), asked)


def _names(ways: Ways, site: Site, access: Access, options: Options) -> Iterator[Trial]:
    """Yield a trial of each name that the segment needs, or must not resolve."""
    if not options["dns"]:
        return
    zone = forward_zone(ways)
    wanted = {f"{name}.{zone}": [address] for name, address in site["relies_on"].items()}
    wanted |= {
        f"{record['name']}.{record['zone']}": record["values"] for record in site["records"] if record["type"] == "A"
    }
    central = {server["address"] for server in site["dhcp"]["servers"]}
    hidden = access.zone == "invite" and not central & set(options["dns"])
    if hidden:
        wanted = {name: [] for name in [*(f"{name}.{zone}" for name in list(site["relies_on"])[:2]), zone]}
        yield _name(options, CHECKED, None, "une adresse", "R067")
    for name, values in wanted.items():
        expected = "inconnu des invités" if hidden else ", ".join(values)
        yield _name(options, name, values, expected, "R036" if hidden else "R067")


def _name(options: Options, name: str, addresses: list[str] | None, expected: str, requirement: str) -> Trial:
    """Make the trial of a name on each server that the lease gives; None: any address is right."""
    servers = enumerate(options["dns"])
    asked = tuple({**question(f"name.{name}", "name", server, number), "name": name} for number, server in servers)
    want = {"addresses": None if addresses is None else sorted(addresses)}
    return Trial(f"name.{name}", "name", f"Nom {name}", expected, ("R012", requirement), asked, want)


def forward_zone(ways: Ways) -> str:
    assert ways.town.commune is not None
    return next((zone["name"] for zone in ways.town.commune["zones"] if not zone["reverse"]), "")


def _times(ways: Ways, access: Access, options: Options) -> Iterator[Trial]:
    for server in options["ntp"]:
        title, requirements = f"Heure de {server}", ("R012", "R067")
        if not ways.passes(access, server, Port("udp", 123)):
            reason = "la matrice des flux ne laisse pas ce segment joindre ce serveur"
            yield Trial(f"time.{server}", "time", title, "une heure juste", requirements, reason=reason)
            continue
        yield Trial(f"time.{server}", "time", title, "une heure juste", requirements,
                    (question(f"time.{server}", "time", server),))  # fmt: skip


def _printing(ways: Ways, site: Site, access: Access) -> Iterator[Trial]:
    """Yield the trial of the print server, from where printing is allowed."""
    printing = site["printing"]
    address = site["relies_on"].get(printing["server"]) if printing else None
    if printing and address and ways.passes(access, address, _SMB):
        title = f"Serveur d’impression {printing['server']}"
        asked = (question("printing", "tcp", address, port=_SMB.port, known=True),)
        yield Trial("printing", "printing", title, "répond sur tcp/445", ("R067",), asked)


def _quality(ways: Ways, site: Site, access: Access, segment: Segment, given: Circumstances) -> Iterator[Trial]:
    ends = [("passerelle", segment["gateway"])] if ways.near(access, segment["gateway"]) else []
    far = (entry for entry in site["relies_on"].items() if ways.passes(access, entry[1], Port("icmp", 0)))
    ends += list(far)[:1]
    for name, address in ends:
        asked = ({**question(f"quality.{address}", "ping", address), "count": 10},)
        yield Trial(f"quality.{address}", "quality", f"Latence et perte vers {name}", "aucune perte", ("R032",), asked)
    if given.rate:
        asked = (question("rate", "rate", given.rate),)
        want = {"mbps": max((link["rate_mbps"] or 0 for link in site["premises"]["links"]), default=0)}
        expected = f"{want['mbps']} Mbit/s déclarés" if want["mbps"] else "un débit mesuré"
        yield Trial("rate", "rate", f"Débit vers {given.rate}", expected, ("R032",), asked, want)


def of_pool(address: str, want: Mapping[str, Any]) -> bool:
    """Tell whether an address may be lent by a scope."""
    where = IPAddress(address)
    excluded = any(where in IPRange(span["start"], span["end"]) for span in want["exclusions"])
    return where in IPRange(want["start"], want["end"]) and not excluded
