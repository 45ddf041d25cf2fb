"""Traffic between the places of a twin: computed on its readings, measured by packets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from piste.sites.flows import Rules
from piste.sites.verdict import Answer, Verdicts
from piste.town.model.flows.ends import reference
from piste.town.model.flows.policy import meanings
from piste.town.model.routing.trace import DEFAULT, Router, router
from piste.trials.probe import carriers
from piste.trials.probe.trials import OUTSIDE
from piste.trials.probe.ways import QUIET, Port, services
from piste.trials.twin import machine
from piste.trials.twin.place import Place
from piste.trials.twin.readings import Readings
from tests.support.twin import town

_STANDING = (
    carriers.BOOT.partition("print(")[0]
    + """
from concurrent.futures import ThreadPoolExecutor
asked = sys.modules["piste.trials.probe.onsite.questions"]
icmp = asked.Icmp(said["source"])
icmp.start()
if said["portal"]:
    sys.modules["piste.trials.probe.onsite.portal"].portal(said["portal"], icmp)
with ThreadPoolExecutor(256) as pool:
    answers = list(pool.map(lambda question: asked.QUESTIONS[question["kind"]](question, icmp), said["questions"]))
print(json.dumps(answers), flush=True)
os._exit(0)
"""
)
"""Questions alone, from a computer that has its address, once it has accepted the terms of its SSID."""
UNTRIED = {Port("udp", 67), Port("udp", 68), *QUIET}
"""Leases, which gateways serve whatever the policy says, and servers that answer their clients alone."""
Target = tuple[str, str, int]
"""An address, a protocol, a port."""


class Pair(NamedTuple):
    """A place, a target, and both evidences of what becomes of its traffic."""

    source: str
    target: str
    computed: Answer
    measured: dict[str, Any]

    @property
    def agree(self) -> bool:
        return {"passes": True, "stopped": False}.get(self.computed.state) == self.arrived

    @property
    def arrived(self) -> bool:
        """True where packets reached the target: a refusal by the target itself came from there."""
        address = self.target.partition(" ")[0]
        outcome, by = self.measured["outcome"], self.measured.get("by")
        return outcome in ("answered", "nonsense") or (outcome == "refused" and by == address)


def rules(read: Readings) -> Rules:
    """Give the filters that were read."""
    networks = read.networks.items()
    lists: dict[str, list[Any]] = {site: [] for site in read.networks}
    for site, item in ((site, item) for site, kinds in networks for item in kinds["network_settings"]):
        lists[site] += (item.get("access_lists") or {}).get("rules") or ()
    return Rules(read.elements, read.policies, {site: kinds["ssids"] for site, kinds in networks}, lists)


def routers(read: Readings) -> list[Router]:
    """Give the routers that were read."""
    made: dict[str, Router] = {}
    for item in read.routed_interfaces:
        here = made.setdefault(item["carrier"], router(item["carrier"]))
        here["interfaces"].append({"name": str(item["vlan"]), "subnet": item["subnet"], "addresses": [item["address"]]})
        if item.get("default_gateway"):
            here["routes"].append({"destination": DEFAULT, "via": [item["default_gateway"]]})
    for item in read.static_routes:
        made[item["carrier"]]["routes"].append({"destination": item["subnet"], "via": [item["next_hop"]]})
    for item in read.engine_interfaces:
        name = item["engine"].rpartition("/")[2]
        here = made.setdefault(name, router(name, verifies_sources=True))
        for entry in item.get("addresses") or ():
            known = [entry["cluster"], *entry["nodes"].values()]
            here["interfaces"].append({"name": item["interface"], "subnet": entry["network"], "addresses": known})
    for item in read.engine_routes:
        for destination, route in item["routes"].items():
            made[item["engine"].rpartition("/")[2]]["routes"].append({"destination": destination, "via": route["via"]})
    return list(made.values())


def verdicts(read: Readings) -> Verdicts:
    return Verdicts(town(), rules(read), routers(read))


def addressed(places: Sequence[Place]) -> dict[Place, str]:
    """Give each plugged computer its address; return the addresses."""

    def address(place: Place) -> str:
        machine.lease(place)
        said = json.loads(machine.run(place, ["ip", "-j", "-4", "address", "show", "dev", place.interface]).stdout)
        return next((entry["local"] for entry in said[0]["addr_info"]), "") if said else ""

    plugged = [place for place in places if place.plugged]
    with ThreadPoolExecutor(4) as pool:
        return {place: where for place, where in zip(plugged, pool.map(address, plugged), strict=True) if where}


def measured(place: Place, source: str, targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Knock on targets from a computer."""
    folder = Path(carriers.__file__).parent / "onsite"
    names = carriers.ONSITE[: carriers.ONSITE.index("portal") + 1]
    sources = [(f"piste.trials.probe.onsite.{name}", (folder / f"{name}.py").read_text("utf-8")) for name in names]
    common = {"count": 1, "patience": 1.5}
    questions = [
        {"kind": "ping" if protocol == "icmp" else protocol, "address": address, "port": port, **common}
        for address, protocol, port in targets
    ]
    terms = {"host": OUTSIDE, "address": OUTSIDE, "dns": []} if place.ssid else None
    given = json.dumps({"sources": sources, "source": source, "questions": questions, "portal": terms}).encode()
    done = machine.run(place, ["python3", "-I", "-c", _STANDING], given, 120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


def pairs(verdicts: Verdicts, place: Place, source: str, targets: Sequence[Target]) -> list[Pair]:
    """Set the computation beside the packets, target by target.

    What surprises is tried again: a busy machine may lose a packet.
    """

    def beside(some: Sequence[Target]) -> list[Pair]:
        answers = zip(some, measured(place, source, some), strict=True)
        return [_pair(verdicts, place, source, target, said) for target, said in answers]

    compared = beside(targets)
    surprising = [rank for rank, pair in enumerate(compared) if not pair.agree]
    for rank, pair in zip(surprising, beside([targets[rank] for rank in surprising]), strict=True):
        compared[rank] = pair
    return compared


def _pair(verdicts: Verdicts, place: Place, source: str, target: Target, said: dict[str, Any]) -> Pair:
    address, protocol, port = target
    service = "icmp/8" if protocol == "icmp" else f"{protocol}/{port}"
    computed = verdicts.of(source, address, service, place.ssid or "")
    return Pair(f"{place.name}@{place.site} {source}", f"{address} {service}", computed, said)


def services_of_town() -> list[tuple[str, int]]:
    """List the first port of each part of each service of the town, and an echo."""
    firewall = town().commune["firewall"]
    known = meanings(firewall["elements"])
    of_services = [element for element in firewall["elements"] if element["kind"] in ("tcp", "udp", "service_group")]
    ports = [port for element in of_services for port, _ in services(known[reference(element)])]
    return list(dict.fromkeys([("icmp", 0), *((port.protocol, port.port) for port in ports if port not in UNTRIED)]))


def servers(sites: Sequence[str]) -> list[str]:
    """List the declared servers and equipment of some sites, and an address of the Internet."""
    segments = [segment for site in sites for segment in town().sites[site]["segments"].values()]
    known = [address for segment in segments for address in segment["reservations"].values()]
    return [*dict.fromkeys(known), OUTSIDE]
