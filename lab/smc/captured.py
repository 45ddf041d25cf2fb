"""A Management Server made of the answers of a real SMC.

It has their elements, rules in order, engines and routes. An address of an element becomes a reference, whatever
server it names. What only an engine knows (its state, its versions) is served as it was answered, until a policy is
installed. An element that is named and was not read has its name alone. Fields that the simulator does not have are
joined to its answers; what cannot be taken is listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lab.beyond import SECRET, Captured, made_up, missing, with_secrets
from lab.clock import Clock
from lab.fields import Type
from lab.smc import kinds, versions
from lab.smc.call import identity, question
from lab.smc.elements import ADMIN_DOMAIN, SECRETS
from lab.smc.engines import PARTS, STATES
from lab.smc.simulator import SmcSimulator
from lab.smc.tables import READ_ONLY, TABLES
from lab.smc.world import Json, World, mark

_VERSION = re.compile(r"\d{1,3}\.\d{1,3}")
_ASKED = re.compile(r"/(\d{1,3}\.\d{1,3})/(.+)")
_ADDRESS = re.compile(r"(?:https?://[^/]+)?/\d{1,3}\.\d{1,3}/(elements/[^?]+)(?:\?.*)?")
_PAIR = re.compile(r"([a-z0-9_]{1,80})/(\d{1,15})")
_LEVELS = 3
"""Most elements of a path: a policy, an engine or a VPN has parts, and a gateway of an engine has others."""
_OTHER = 10**15
"""First key of an element whose number another has."""
_OURS = frozenset({"key", "link", "system_key", "etag", "tag", "rank", "parent_insert_point", "hashed_preshared_key"})
"""What the lab gives by itself, or gives otherwise: its keys, its addresses, the digest of a key."""
_ADDED = READ_ONLY | {"tag", "parent_policy", "parent_insert_point"}
_NODE = ("level", "name", "ip", "href", "nic_id", "related_element_type", "probe_test")
_SPOOFED = (*_NODE[:-1], "auto_generated", "validity")
"""Fields of the nodes of trees that people have put there."""
_STATUS = (
    "configuration_status", "dyn_up", "installed_policy", "monitoring_state", "monitoring_status", "name", "platform",
    "state", "status", "engine_node_status", "version", "last_upload_time", "master_node",
)  # fmt: skip
_LIVING = ("status", "monitoring_status")
_COMPUTED = re.compile(r"api|current_user|elements|elements/search_\w+|system/(smc_version|references_by_element)")
_MOST = 200
"""Most lines of what could not be taken."""


def world_of(answers: Iterable[Captured], clock: Clock, secrets: Mapping[str, str]) -> tuple[World, list[str]]:
    """Build the state of an SMC from its answers; list what could not be taken."""
    maker = _Maker(clock, secrets)
    maker.hear(answers)
    return maker.world, maker.made()


class _Maker:
    def __init__(self, clock: Clock, secrets: Mapping[str, str]) -> None:
        self.world, self._clock, self._secrets = World(), clock, secrets
        self._keys: dict[str, int] = {}
        self._heard: dict[str, Any] = {}
        self._read: set[int] = set()
        self._left: list[str] = []
        self._api, self._switches = "", dict[str, Any]()

    def hear(self, answers: Iterable[Captured]) -> None:
        for answer in answers:
            match = _ASKED.fullmatch(answer.path)
            if answer.status != 200:
                self._refused(answer)
            elif answer.path == "/api":
                offered = [str(entry["rel"]) for entry in answer.answer["version"]]
                if known := [rel for rel in offered if _VERSION.fullmatch(rel)]:
                    self._switches["api_versions"] = ",".join(known)
            elif match:
                self._api, path = match[1], match[2]
                about = answer.body.get("value", "") if isinstance(answer.body, Mapping) else ""
                query = dict(answer.query)
                if query.pop("expand", None):
                    self._switches["expand"] = "all" if "element" in answer.answer else "ignored"
                if not query:
                    self._heard[question(answer.method, path, self._below(about))] = answer.answer
            else:
                self._left.append(f"{answer.path} : le laboratoire n’a pas cette lecture")

    def _refused(self, answer: Captured) -> None:
        if "expand" in dict(answer.query):
            self._switches["expand"] = "refused"

    @staticmethod
    def _below(address: str) -> str:
        match = _ADDRESS.fullmatch(address)
        return match[1] if match else ""

    def made(self) -> list[str]:
        for _, content in sorted(self._heard.items(), key=lambda pair: pair[0].count("/")):
            self._listed(content)
        for content in self._heard.values():
            for document in _documents(content):
                self._document(document)
        for asked, content in self._heard.items():
            self._part(asked, content)
        self._server()
        self.world.data["next"] = max([record["key"] for record in self.world.elements.values()], default=0) + 1
        self._compare()
        named = [record for record in self.world.of_type(*kinds.KINDS) if record["key"] not in self._read]
        counts: dict[str, int] = {}
        for record in named:
            counts[record["type"]] = counts.get(record["type"], 0) + 1
        self._left += [f"{kind} : {count} dont seul le nom est connu" for kind, count in sorted(counts.items())]
        more = len(self._left) - _MOST
        return [*self._left[:_MOST], *([f"et {more} autres"] if more > 0 else [])]

    # elements

    def _placed(self, path: str) -> Json | None:
        """Give the record of an element, by its path; None for what is no element."""
        pairs = _pairs(path)
        if not pairs:
            return None
        above: Json | None = None
        walked = "elements"
        for kind, number in pairs:
            walked = f"{walked}/{kind}/{number}"
            if walked not in self._keys:
                taken = self.world.get(int(number)) is not None
                key = _OTHER + len(self._keys) if taken else int(number)
                self._keys[walked] = key
                parent = above["key"] if above else None
                self.world.add(kind, {}, parent, "", 0, key=key)
                if above and kind in kinds.LISTS.get(above["type"], ()):
                    above.setdefault("lists", {}).setdefault(kind, []).append(key)
            above = self.world[self._keys[walked]]
        return above

    def _listed(self, content: Any) -> None:
        """Place the elements of a list, in its order, by name."""
        for entry in _entries(content):
            record = self._placed(self._below(str(entry.get("href", ""))))
            if record is not None and not record["data"] and entry.get("name"):
                named = record if kinds.is_rule(record["type"]) else record["data"]
                named["listed" if named is record else "name"] = str(entry["name"])

    def _document(self, document: Json) -> None:
        """Fill an element with what was read of it."""
        record = self._placed(self._below(_itself(document)))
        if record is None or record["key"] in self._read:
            return
        kind = record["type"]
        body = versions.inward(self._api, document) if kinds.is_rule(kind) else document
        record |= {"system": document.get("system") is True, "trashed": document.get("trashed") is True}
        record["lock"] = {"by": "", "reason": ""} if document.get("locked") is True else None
        if kinds.is_rule(kind):
            edits = str(document.get("tag", "")).partition(".")[2]
            record["edits"] = int(edits) if edits.isdecimal() and len(edits) < 10 else 0
            point = self._placed(self._below(str(document.get("parent_insert_point", ""))))
            record["insert_point"] = point["key"] if point else None
            body = {name: value for name, value in body.items() if name != "rank"}
        body = {name: value for name, value in body.items() if name not in _ADDED}
        kept = {name: self._state(value, name) for name, value in _fitting(body, TABLES.get(kind)).items()}
        if kind == "system_property":
            kept["system_key"] = document.get("system_key")
        if kind == "gateway_tunnel":
            kept |= self._tunnel(document)
        for name in PARTS:
            if kind in kinds.ENGINES and name in kept:
                kept.pop(name)
                for wrapped in document[name]:
                    for part in wrapped.values() if isinstance(wrapped, Mapping) else ():
                        self._document(dict(part))
        self.world.keep(record, kept)
        self._read.add(record["key"])

    def _tunnel(self, document: Json) -> Json:
        """Give the ends of a tunnel, and a key where the real tunnel has one."""
        sides = [document.get(f"gateway_node_{side}") for side in (1, 2)]
        hrefs = [_itself(side) if isinstance(side, Mapping) else str(side) for side in sides]
        ends = [end["key"] for end in (self._placed(self._below(href)) for href in hrefs) if end]
        kept: Json = {"_ends": ends} if len(ends) == 2 else {}
        if document.get("hashed_preshared_key"):
            kept["preshared_key"] = self.world.seal(made_up(_itself(document)))
        return kept

    def _state(self, value: Any, name: str = "") -> Any:
        """Give a value as the state has it: addresses as references, secrets as digests."""
        if isinstance(value, Mapping):
            return {key: self._state(item, key) for key, item in value.items() if key != "link"}
        if isinstance(value, list):
            return [self._state(item, name) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith(SECRET) or name in SECRETS:
            shown = str(with_secrets(value, self._secrets))
            return self.world.seal(shown) if name in SECRETS else shown
        record = self._placed(self._below(value))
        return mark(record["key"]) if record else value

    # what is beside the elements

    def _part(self, asked: str, content: Any) -> None:
        _, path, about = _parts(asked)
        holder, _, name = path.rpartition("/")
        record = self._placed(about if name == "monitoring_status" else holder)
        if record is None or not isinstance(content, Mapping):
            return
        if name in _LIVING and record["type"] in kinds.NODE_KINDS:
            self._lives(record, content)
        elif name == "ip_address_list":
            record["data"]["_ip"] = [str(address) for address in content["ip"]]
        elif name == "routing":
            self._routes(record, content)
        elif name == "antispoofing":
            for interface in content.get("antispoofing_node", []):
                nodes = interface["antispoofing_node"]
                added = [{key: node[key] for key in _SPOOFED if key in node} for node in nodes if _by_hand(node)]
                if added:
                    record.setdefault("antispoofing", {})[str(interface["nic_id"])] = self._state(added)
        elif name == "pending_changes":
            for row in content["result"]:
                element = self._placed(self._below(str(row.get("element", ""))))
                about_it = {"element": element["key"] if element else 0, "element_path": "", "engine": record["key"]}
                texts = {name: str(row.get(name, "")) for name in ("element_name", "event_type", "modifier")}
                moments = {"changed_on": _moment(row.get("changed_on")) or 0}
                moments |= {"approved_on": _moment(row.get("approved_on")), "approver": row.get("approver") or None}
                self.world.data["pending"].append({**about_it, **texts, **moments})

    def _lives(self, node: Json, content: Mapping[str, Any]) -> None:
        """Keep the state of a node, and the policy that its engine has."""
        engine = self.world[node["parent"]]
        if content.get("state") in STATES:
            node["state"] = content["state"]
        node["answered"] = {**node.get("answered", {}), **{key: content[key] for key in _STATUS if key in content}}
        policy = content.get("installed_policy")
        if policy:
            known = next((r for r in self.world.of_type("fw_policy") if r["data"].get("name") == policy), None)
            at = str(content.get("last_upload_time", ""))
            moment = int(at) if at.isdecimal() and len(at) < 16 else (engine.get("installed") or {}).get("at", 0)
            installed = {"policy": known["key"] if known else 0, "name": policy, "at": moment, "by": "", "rows": {}}
            engine["installed"] = {**installed, "answered": True}

    def _routes(self, engine: Json, root: Mapping[str, Any]) -> None:
        for interface in root["routing_node"]:
            for network in interface["routing_node"]:
                kept = [self._route(gateway) for gateway in network["routing_node"]]
                if kept:
                    place = engine.setdefault("gateways", {}).setdefault(str(interface["nic_id"]), {})
                    place[str(network.get("ip"))] = kept

    def _route(self, node: Mapping[str, Any], levels: int = 2) -> Json:
        """Keep a gateway with its destinations; a node of the tree keeps its number."""
        below = node.get("routing_node") or []
        number = _itself(node).rpartition("/")[2]
        kept = {"id": number, **self._state({key: node[key] for key in _NODE if key in node})}
        return {**kept, "below": [self._route(end, levels - 1) for end in below] if levels > 1 else []}

    def _server(self) -> None:
        version = self._heard.get(question("GET", "system/smc_version"), {}).get("value", "")
        if match := re.match(r"\d{1,3}\.\d{1,3}\.\d{1,3}", str(version)):
            self._switches["smc_version"] = match[0]
        user = self._heard.get(question("GET", "current_user"), {})
        clients = [*self.world.of_type("api_client")]
        client = self._placed(self._below(str(user.get("value", "")))) or (clients[0] if clients else None)
        if client is not None and client["data"].get("name"):
            self.world.data["client"] = client["data"]["name"]
        for record in self.world.of_type("admin_domain"):
            record["data"].setdefault("name", ADMIN_DOMAIN)
        self.world.data["switches"] = self._switches

    # what the simulator would not show

    def _compare(self) -> None:
        simulator = SmcSimulator("", world=self.world, clock=self._clock)
        extras: Json = {}
        for asked, content in self._heard.items():
            method, path, about = _parts(asked)
            if _COMPUTED.fullmatch(path):
                continue
            place, whom = self._moved(path), self._moved(about)
            try:
                shown = simulator.shown(f"/{place}", self._api, whom and f"/{whom}")
            except Exception as fault:  # the state is what a real system answered: any rule of ours may not fit it
                self._left.append(f"{path} : le laboratoire ne le redit pas ({type(fault).__name__} : {fault})")
                continue
            captured = self._state(content)
            if "element" in captured and "result" in shown:
                continue  # each of its objects is compared by itself
            more = missing(captured, shown, path, self._left.append, named=identity, ours=_OURS)
            if more:
                extras[question(method, place, whom)] = more
        self.world.data["extras"] = extras

    def _moved(self, path: str) -> str:
        """Give the path of the lab for a captured path: a number may be another's here."""
        parts = path.split("/")
        for cut in range(len(parts), 2, -1):
            key = self._keys.get("/".join(parts[:cut]))
            if key is not None:
                return "/".join([self.world.path(self.world[key]).strip("/"), *parts[cut:]])
        return path


def _pairs(path: str) -> list[tuple[str, str]]:
    """Give the kinds and numbers of a path of elements; empty where it is none."""
    head, _, rest = path.partition("/")
    parts = rest.split("/")
    if head != "elements" or len(parts) % 2 or len(parts) > 2 * _LEVELS:
        return []
    pairs = [_PAIR.fullmatch("/".join(parts[at : at + 2])) for at in range(0, len(parts), 2)]
    return [(pair[1], pair[2]) for pair in pairs if pair] if all(pairs) else []


def _entries(content: Any) -> Iterator[Json]:
    """Yield what a list names."""
    for name in ("result", "element"):
        for entry in content.get(name, []) if isinstance(content, Mapping) else ():
            if isinstance(entry, Mapping):
                yield entry if name == "result" else {"href": _itself(entry), "name": entry.get("name")}


def _documents(content: Any) -> Iterator[Json]:
    """Yield the whole objects of an answer."""
    if isinstance(content, Mapping):
        if "link" in content and "key" in content:
            yield dict(content)
        for item in content.get("element", []) if isinstance(content.get("element"), list) else ():
            if isinstance(item, Mapping):
                yield dict(item)


def _itself(document: Mapping[str, Any]) -> str:
    links = document.get("link")
    own = (link for link in links if isinstance(link, Mapping)) if isinstance(links, list) else iter(())
    return next((str(link.get("href", "")) for link in own if link.get("rel") == "self"), "")


def _parts(asked: str) -> tuple[str, str, str]:
    method, _, rest = asked.partition(" ")
    path, _, about = rest.partition(" ")
    return method, path, about


def _fitting(value: Any, table: Type | None) -> Any:
    """Give a value without the fields that the table of its kind does not have."""
    if table is None:
        return value
    if table.fields is not None and isinstance(value, Mapping):
        known = table.fields
        return {name: _fitting(item, known[name].type) for name, item in value.items() if name in known}
    return [_fitting(item, table.item) for item in value] if table.item and isinstance(value, list) else value


def _by_hand(node: Mapping[str, Any]) -> bool:
    return str(node.get("auto_generated")).lower() == "false"


def _moment(written: Any) -> int | None:
    """Read a moment as the system writes it, in milliseconds; None for any other text."""
    try:
        return int(datetime.strptime(str(written), "%Y-%m-%d %H:%M:%S (GMT)").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None
