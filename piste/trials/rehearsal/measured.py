"""A measurement of a twin: at each computer an address, then every question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Interface
from typing import Any, NamedTuple

from piste.trials.probe.carriers import PATIENCE, ask
from piste.trials.rehearsal.asked import Asked, Computer, Target
from piste.trials.twin import machine
from piste.trials.twin.place import Place

AT_ONCE = 16
"""Computers that ask at once: those of a school, most of whom wait."""
_SECONDS = 30
_WAITS = (0.8, 1.2)
_LENT = ("routers", "dns", "ntp", "domain", "boot_server", "boot_file", "lease")


class Seen(NamedTuple):
    """The view of a computer: its address, the options of its lease, the outcome of each target.

    An outcome is True, False, or the addresses of a name. `lent` is empty where nothing lends; `reserved` has the
    reserved address that each hardware address gets, if any. `error` says why nothing was seen.
    """

    address: str
    network: str
    lent: Mapping[str, Any]
    reached: Mapping[Target, Any]
    reserved: Mapping[str, str]
    error: str = ""


Measure = Mapping[Computer, Seen]


def measure(identity: str, wanted: Mapping[Computer, Asked], former: Sequence[Measure] = ()) -> Measure:
    """Measure a twin.

    A target that stops is tried twice: a busy machine may lose a packet.
    """
    places = {(place.site, place.name): place for place in machine.places(identity)}
    plugged = [computer for computer in wanted if computer in places and places[computer].plugged]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        stood = dict(zip(plugged, pool.map(lambda who: _stand(places[who], wanted[who]), plugged), strict=True))
        addresses = {computer: seen.address for computer, seen in stood.items() if seen.address}

        def tried(computer: Computer) -> Seen:
            if computer not in addresses:
                return stood.get(computer) or Seen("", "", {}, {}, {})
            passing = {target for known in former if computer in known
                       for target, outcome in known[computer].reached.items() if outcome}  # fmt: skip
            return _ask(places[computer], wanted[computer], stood[computer], addresses, passing)

        return dict(zip(wanted, pool.map(tried, wanted), strict=True))


def _stand(place: Place, asked: Asked) -> Seen:
    """Take an address as a computer does that was just plugged in, and keep it."""
    machine.admit(place)
    fixed = {"candidates": [str(IPv4Interface(place.address).ip)], "gateway": place.gateway,
             "length": IPv4Interface(place.address).network.prefixlen} if place.address else {
             "candidates": [], "gateway": asked.gateway, "length": 0}  # fmt: skip
    request = {
        "interface": place.interface,
        "isolate": False,
        "keep": True,
        "seconds": _SECONDS,
        "waits": _WAITS,
        "static": {**fixed, "dhcp": [], "elsewhere": []},
        "macs": list(asked.macs),
        "questions": [],
    }
    said = ask(request, machine.asking(place, PATIENCE))
    answers = said["answers"]
    lease = answers.get("lease", {})
    lent = {name: lease.get(name) for name in _LENT} if lease.get("outcome") == "answered" else {}
    address = lease["address"] if lent else answers.get("gateway", {}).get("address", "")
    length = lease["length"] if lent else fixed["length"]
    network = str(IPv4Interface(f"{address}/{length}").network) if address else ""
    lent_to = {mac: str(answers.get(f"lease.{mac}", {}).get("address", "")) for mac in asked.macs}
    reserved = {mac: address if address in asked.macs[mac] else "" for mac, address in lent_to.items()}
    return Seen(address, network, lent, {}, reserved, str(said.get("error", "")))


def _ask(
    place: Place, asked: Asked, stood: Seen, addresses: Mapping[Computer, str], passing: Collection[Target]
) -> Seen:
    """Try every target from the address that the computer has."""

    def tried(some: Sequence[Target], portal: Mapping[str, Any] | None) -> dict[Target, Any]:
        there = {target: addresses.get(target.computer, "") if target.computer else target.address for target in some}
        asking = [target for target in some if there[target]]
        questions = [_question(str(number), target, there[target]) for number, target in enumerate(asking)]
        request = {
            "interface": place.interface,
            "standing": True,
            "keep": True,
            "seconds": _SECONDS,
            "questions": [*([dict(portal)] if portal else []), *questions],
        }
        said = ask(request, machine.asking(place, PATIENCE))
        errors.extend(filter(None, [str(said.get("error", ""))]))
        outcomes = {target: _outcome(target, said["answers"].get(str(number), {}), there[target])
                    for number, target in enumerate(asking)}  # fmt: skip
        return dict.fromkeys(some, False) | outcomes

    errors: list[str] = []
    reached = tried(asked.targets, asked.portal)
    again = [target for target, outcome in reached.items() if not outcome and target in passing]
    if again:
        reached |= tried(again, None)
    return stood._replace(reached=reached, error=" ; ".join([*filter(None, [stood.error]), *errors]))


def _question(number: str, target: Target, address: str) -> dict[str, Any]:
    more: dict[str, Any] = {"port": target.port} if target.port else {}
    more |= {"name": target.name} if target.name else {}
    return {"id": number, "kind": target.kind, "address": address, "count": 1, "patience": 1.2, **more}


def _outcome(target: Target, answer: Mapping[str, Any], address: str) -> Any:
    """Give what becomes of a question: a refusal by the target itself came from there."""
    if target.name:
        return tuple(answer.get("addresses", ()))
    outcome = answer.get("outcome")
    return outcome in ("answered", "nonsense") or (outcome == "refused" and answer.get("by") == address)
