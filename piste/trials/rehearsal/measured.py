"""A measurement of a twin: at each computer an address, then every question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Interface
from typing import Any, NamedTuple

from piste.trials.rehearsal.asked import Asked, Computer, Target
from piste.trials.rehearsal.probing import Request, ask_all
from piste.trials.twin import machine
from piste.trials.twin.place import Place

_SECONDS = 30
_QUESTIONS = 256
"""Questions of a computer at once: a burst overflows the queues of the switches of a twin."""
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

    A target that stops, or that is to answer, is tried twice: a busy machine may lose a packet.
    """
    places = {(place.site, place.name): place for place in machine.places(identity)}
    plugged = [computer for computer in wanted if computer in places and places[computer].plugged]
    for computer in plugged:
        machine.admit(places[computer])
    leases = _all({who: _entry(places[who], wanted[who]) for who in plugged}, places)
    seen = {who: _stood(places[who], wanted[who], said) for who, said in leases.items()}
    passing = {
        who: {target for known in former if who in known for target, outcome in known[who].reached.items() if outcome}
        | asked.declared
        for who, asked in wanted.items()
    }
    standing = [who for who in plugged if seen[who].address]
    seen |= _asked(places, {who: wanted[who].targets for who in standing}, wanted, seen)
    stopped = {
        who: [target for target, outcome in seen[who].reached.items() if not outcome and target in passing[who]]
        for who in standing
    }
    seen |= _asked(places, {who: listed for who, listed in stopped.items() if listed}, {}, seen)
    return {who: seen.get(who) or Seen("", "", {}, {}, {}) for who in wanted}


def _all(requests: Mapping[Computer, Request], places: Mapping[Computer, Place]) -> dict[Computer, dict[str, Any]]:
    """Ask each computer what is asked of it, all together."""
    if not requests:
        return {}
    asking = [(places[who].namespace, request) for who, request in requests.items()]
    every = ask_all(asking, machine.surroundings(places[next(iter(requests))]))
    return dict(zip(requests, every, strict=True))


def _entry(place: Place, asked: Asked) -> dict[str, Any]:
    """Ask a computer to take an address as one that was just plugged in, and to keep it."""
    return {
        "interface": place.interface,
        "isolate": False,
        "keep": True,
        "seconds": _SECONDS,
        "waits": _WAITS,
        "static": {**_fixed(place, asked), "dhcp": [], "elsewhere": []},
        "macs": list(asked.macs),
        "questions": [],
    }


def _fixed(place: Place, asked: Asked) -> dict[str, Any]:
    """Give the address that a computer takes where nothing lends any."""
    if not place.address:
        return {"candidates": [], "gateway": asked.gateway, "length": 0}
    own = IPv4Interface(place.address)
    return {"candidates": [str(own.ip)], "gateway": place.gateway, "length": own.network.prefixlen}


def _stood(place: Place, asked: Asked, said: Mapping[str, Any]) -> Seen:
    answers = said["answers"]
    lease = answers.get("lease", {})
    lent = {name: lease.get(name) for name in _LENT} if lease.get("outcome") == "answered" else {}
    address = lease["address"] if lent else answers.get("gateway", {}).get("address", "")
    length = lease["length"] if lent else _fixed(place, asked)["length"]
    network = str(IPv4Interface(f"{address}/{length}").network) if address else ""
    lent_to = {mac: str(answers.get(f"lease.{mac}", {}).get("address", "")) for mac in asked.macs}
    reserved = {mac: address if address in asked.macs[mac] else "" for mac, address in lent_to.items()}
    return Seen(address, network, lent, {}, reserved, str(said.get("error", "")))


def _asked(
    places: Mapping[Computer, Place], targets: Mapping[Computer, Sequence[Target]], first: Mapping[Computer, Asked],
    seen: Mapping[Computer, Seen],
) -> dict[Computer, Seen]:  # fmt: skip
    """Try targets from the address of each computer; the `first` time, accept a portal's terms."""
    there = {who: {target: _address(target, seen) for target in listed} for who, listed in targets.items()}
    asking = {who: [target for target in listed if there[who][target]] for who, listed in targets.items()}
    requests = {}
    for who, listed in asking.items():
        portal = first[who].portal if who in first else None
        questions = [_question(str(number), target, there[who][target]) for number, target in enumerate(listed)]
        request = {
            "interface": places[who].interface,
            "standing": True,
            "keep": True,
            "seconds": _SECONDS,
            "at_once": _QUESTIONS,
            "questions": [*([dict(portal)] if portal else []), *questions],
        }
        requests[who] = request
    result = {}
    for who, said in _all(requests, places).items():
        outcomes = {target: _outcome(target, said["answers"].get(str(number), {}), there[who][target])
                    for number, target in enumerate(asking[who])}  # fmt: skip
        errors = dict.fromkeys(filter(None, [seen[who].error, str(said.get("error", ""))]))
        reached = {**seen[who].reached, **dict.fromkeys(targets[who], False), **outcomes}
        result[who] = seen[who]._replace(reached=reached, error=" ; ".join(errors))
    return result


def _address(target: Target, seen: Mapping[Computer, Seen]) -> str:
    """Give where a target is now; empty for a computer that has no address."""
    if target.computer is None:
        return target.address
    return seen[target.computer].address if target.computer in seen else ""


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
