"""The scopes of a DHCP server, as the cmdlets of DhcpServer read and change them.

What this server refuses is [inferred] from the pages of the cmdlets and from the DHCP console, except where a page says
it: a scope joins a relation only if the partner does not have it, and leaves it with the partner's copy.
"""

from __future__ import annotations

import copy
import gzip
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from lab.winrm.dhcp_settings import DhcpSettings, check_option, installed, refused
from lab.winrm.dhcp_xml import export
from lab.winrm.powershell import PowerShellError

Json = dict[str, Any]
_LEASE = 691_200


def server(**changes: Any) -> Json:
    """Return a server without scopes.

    scopes     by the first address of their prefix
    relations  by name: `partner`, `secret`, `share`, and what else it was made with; a captured one has its `state`
    settings   of the server itself (`lab/winrm/dhcp_settings.py`)
    """
    return {"scopes": {}, "relations": {}, "settings": installed(), **changes}


def scope(subnet: str, name: str, start: str, end: str, **changes: Any) -> Json:
    """Return a scope as the console makes it; `leases` are the addresses of clients, by address.

    A captured scope has its `uses` too: a capture may count leases that it does not list.
    """
    network = IPv4Network(subnet)
    made = {"description": "", "lease": _LEASE, "active": True, "exclusions": [], "options": {}, "reservations": {}}
    return {"mask": str(network.netmask), "name": name, "start": start, "end": end, **made, "leases": {}, **changes}


class DhcpServer:
    """The scopes of a server.

    `partner` finds the state of another server by its name, None where it is away.
    """

    def __init__(self, state: Json, name: str, partner: Callable[[str], Json | None]) -> None:
        self.state, self.name, self._partner = state, name, partner
        self.scopes: dict[str, Json] = state["scopes"]
        self.settings = DhcpSettings(state)

    def read(self, given: Mapping[str, Any]) -> Json:
        plain = ("mask", "name", "description", "start", "end", "lease", "active")
        return {
            "scopes": [{"subnet": key, **{part: it[part] for part in plain}} for key, it in self.scopes.items()],
            "exclusions": [{"subnet": key, **span} for key, it in self.scopes.items() for span in it["exclusions"]],
            "uses": [
                {"subnet": key, **(it.get("uses") or {"free": _size(it) - lent, "in_use": lent})}
                for key, it in self.scopes.items()
                for lent in (len(it["leases"]),)
            ],
            "relations": [
                {
                    "name": name,
                    "partner": it["partner"],
                    "subnets": it["subnets"],
                    "state": it.get("state")
                    or ("Normal" if self._partner(it["partner"]) else "CommunicationInterrupted"),
                    "mode": "LoadBalance" if it["reserve"] is None else "HotStandby",
                    "balance": it["balance"] or 0,
                    "reserve": it["reserve"] or 0,
                    "lead": it["lead"],
                    "switch_after": it["switch_after"],
                    "authenticated": it["secret"] is not None,
                }
                for name, it in self.state["relations"].items()
            ],
        }

    def entries(self, given: Mapping[str, Any]) -> Json:
        return {"entries": [entry for subnet in given["subnets"] for entry in self._entries(subnet)]}

    def leases(self, given: Mapping[str, Any]) -> Json:
        pairs = [(subnet, at) for subnet in given["subnets"] for at in self._scope(subnet)["leases"]]
        return {"leases": [{"subnet": subnet, "address": at} for subnet, at in pairs]}

    def write(self, given: Mapping[str, Any]) -> Json:
        return {"failed": _failures(given["scopes"], self._write)}

    def remove(self, given: Mapping[str, Any]) -> Json:
        return {"failed": _failures(given["scopes"], self._remove)}

    def export(self, given: Mapping[str, Any]) -> Json:
        document = export(self.state, leases=given["leases"])
        return {"document": b64encode(gzip.compress(document, mtime=0)).decode()}

    def replicate(self, given: Mapping[str, Any]) -> Json:
        if given["joining"]:
            relation = self._relation(given["relation"])
            self._join(relation, given["joining"])
        for subnet in given["subnets"]:
            relation = self._relation_of(subnet)
            if relation is None:
                raise refused(f"The specified scope {subnet} is not part of a failover relationship.")
            self._copy(relation, subnet)
        return {}

    def relate(self, given: Mapping[str, Any]) -> Json:
        if given["name"] in self.state["relations"]:
            raise refused("A failover relationship with the specified name already exists.")
        if (given["balance"] is None) == (given["reserve"] is None):
            raise refused("Parameter set cannot be resolved using the specified named parameters.")
        made = {name: given[name] for name in ("balance", "reserve", "lead", "switch_after", "secret")}
        mine = {**made, "partner": given["partner"], "subnets": []}
        other = self._other(mine)
        self.state["relations"][given["name"]] = mine
        theirs = {"balance": None if given["balance"] is None else 100 - given["balance"]}
        other["relations"][given["name"]] = {**made, **theirs, "partner": self.name, "subnets": []}
        self._join(mine, given["subnets"])
        return {}

    def change_relation(self, given: Mapping[str, Any]) -> Json:
        """Change the terms of a relation, on both servers as the console does [inferred]."""
        relation = self._relation(given["name"])
        other = self._other(relation)["relations"][given["name"]]
        mode = given["mode"] or ("HotStandby" if relation["balance"] is None else "LoadBalance")
        if given["balance" if mode == "HotStandby" else "reserve"] is not None:
            raise refused("The parameter is not valid for the mode of the failover relationship.")
        if given["automatic"] is False and given["switch_after"] is not None:
            raise refused("A state switch interval needs automatic state transition.")
        if given["mode"]:
            balanced = mode == "LoadBalance"
            for terms in (relation, other):
                terms |= {"balance": 50, "reserve": None} if balanced else {"balance": None, "reserve": 5}
        if given["balance"] is not None:
            relation["balance"], other["balance"] = given["balance"], 100 - given["balance"]
        for terms in (relation, other):
            terms |= {name: given[name] for name in ("reserve", "lead", "secret") if given[name] is not None}
            if given["automatic"] is not None:
                terms["switch_after"] = given["switch_after"]
            if given["unauthenticated"]:
                terms["secret"] = None
        return {}

    def _entries(self, subnet: str) -> Iterator[Json]:
        it = self._scope(subnet)
        if why := it.get("broken"):
            yield {"subnet": subnet, "error": why}
            return
        yield {"subnet": subnet, "option": 51, "values": [str(it["lease"])]}
        for number, values in it["options"].items():
            yield {"subnet": subnet, "option": int(number), "values": values}
        for at, reserved in it["reservations"].items():
            yield {"subnet": subnet, "address": at, **reserved}

    def _scope(self, subnet: str) -> Json:
        if subnet not in self.scopes:
            raise refused(f"Failed to get version of the DHCP scope {subnet}: the specified subnet does not exist.")
        return self.scopes[subnet]

    def _write(self, change: Mapping[str, Any]) -> None:
        subnet = change["subnet"]
        if change["mask"] is not None:
            self._create(change)
        it = self._scope(subnet)
        for span in change["included"]:
            if span not in it["exclusions"]:
                raise refused(f"Failed to delete exclusion range {span['start']}-{span['end']} from scope {subnet}.")
            it["exclusions"].remove(span)
        if change["mask"] is None and change["start"] is not None:
            _check_range(subnet, it["mask"], change)
            it |= {"start": change["start"], "end": change["end"]}
            it.pop("uses", None)
        it |= {part: change[part] for part in ("name", "description", "lease") if change[part] is not None}
        for span in change["excluded"]:
            if not _within(span, it):
                raise refused(f"Exclusion range {span['start']}-{span['end']} is not in the range of scope {subnet}.")
            it["exclusions"].append(dict(span))
        for number in change["cleared"]:
            if it["options"].pop(str(number), None) is None:
                raise refused(f"Failed to delete option {number} on scope {subnet}.")
        for option in change["options"]:
            check_option(option)
            it["options"][str(option["id"])] = list(option["values"])
        self._reserve(subnet, it, change)
        if change["state"] is not None:
            it["active"] = change["state"] == "Active"

    def _create(self, change: Mapping[str, Any]) -> None:
        subnet = change["subnet"]
        network = _check_range(subnet, change["mask"], change)
        if any(network.overlaps(IPv4Network(f"{key}/{it['mask']}")) for key, it in self.scopes.items()):
            raise refused(f"Failed to add scope {subnet}: the specified subnet already exists.")
        self.scopes[subnet] = scope(str(network), change["name"], change["start"], change["end"], active=False)

    def _reserve(self, subnet: str, it: Json, change: Mapping[str, Any]) -> None:
        network = IPv4Network(f"{subnet}/{it['mask']}")
        for at in change["released"]:
            if it["reservations"].pop(at, None) is None:
                raise refused(f"Failed to delete reservation {at}.")
        for reserved in (*change["moved"], *change["reserved"]):
            at = reserved["address"]
            if IPv4Address(at) not in network or (at in it["reservations"]) != (reserved in change["moved"]):
                raise refused(f"Failed to set reservation {at} on scope {subnet}.")
            taken = [key for key, known in it["reservations"].items() if known["client"] == reserved["client"]]
            if set(taken) - {at}:
                raise refused(f"The specified client {reserved['client']} is already a reserved client.")
            content = {"client": reserved["client"], "name": reserved["name"], "description": reserved["name"]}
            it["reservations"][at] = content

    def _remove(self, given: Mapping[str, Any]) -> None:
        subnet = given["subnet"]
        self._scope(subnet)
        relation = self._relation_of(subnet)
        if (relation is None) != (given["relation"] is None):
            raise refused(f"The scope {subnet} is part of a failover relationship, or is not.")
        if relation is not None:
            other = self._other(relation)
            relation["subnets"].remove(subnet)
            other["scopes"].pop(subnet, None)
            theirs = other["relations"][given["relation"]]["subnets"]
            theirs.remove(subnet)
        del self.scopes[subnet]

    def _join(self, relation: Json, subnets: list[str]) -> None:
        other = self._other(relation)
        for subnet in subnets:
            self._scope(subnet)
            if subnet in other["scopes"] or self._relation_of(subnet) is not None:
                raise refused(f"The scope {subnet} already exists on the partner server, or is in a relationship.")
        (name,) = [name for name, it in self.state["relations"].items() if it is relation]
        for subnet in subnets:
            relation["subnets"].append(subnet)
            other["relations"][name]["subnets"].append(subnet)
            self._copy(relation, subnet)

    def _copy(self, relation: Json, subnet: str) -> None:
        self._other(relation)["scopes"][subnet] = copy.deepcopy(self._scope(subnet))

    def _other(self, relation: Json) -> Json:
        state = self._partner(relation["partner"])
        if state is None:
            raise refused(f"Failed to contact the partner server {relation['partner']}.")
        return state

    def _relation(self, name: str) -> Json:
        if name not in self.state["relations"]:
            raise refused(f"The failover relationship {name} does not exist.")
        relation: Json = self.state["relations"][name]
        return relation

    def _relation_of(self, subnet: str) -> Json | None:
        return next((it for it in self.state["relations"].values() if subnet in it["subnets"]), None)


def _failures(changes: list[Json], do: Callable[[Json], None]) -> list[Json]:
    failed = []
    for change in changes:
        try:
            do(change)
        except PowerShellError as fault:
            failed.append({"subnet": change["subnet"], "error": str(fault)})
    return failed


def _size(it: Json) -> int:
    spans = [it, *it["exclusions"]]
    first, *others = [int(IPv4Address(span["end"])) - int(IPv4Address(span["start"])) + 1 for span in spans]
    return first - sum(others)


def _within(span: Mapping[str, str], it: Json) -> bool:
    return IPv4Address(it["start"]) <= IPv4Address(span["start"]) <= IPv4Address(span["end"]) <= IPv4Address(it["end"])


def _check_range(subnet: str, mask: str, span: Mapping[str, str]) -> IPv4Network:
    network = IPv4Network(f"{subnet}/{mask}")
    start, end = IPv4Address(span["start"]), IPv4Address(span["end"])
    if not (start in network and end in network and start <= end):
        raise refused(f"The range {start}-{end} is not valid for scope {subnet}.")
    return network
