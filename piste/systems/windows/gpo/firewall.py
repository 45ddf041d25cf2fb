"""Windows Defender Firewall of a computer: settings of each profile, and rules by name.

Source: MS-GPFAS 2.2. A rule is one text, `v2.30|Action=Allow|Dir=In|…|`; a field of several values is repeated. Unknown
fields of a rule stay with it, under `other`.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from piste.engine.converge.errors import Ambiguous, Fault
from piste.engine.converge.resource import Field
from piste.engine.converge.values import stable
from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.edits import changes
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.policies import Names, Policies
from piste.systems.windows.gpo.policy import COMPUTER, Flag, Form, Number, Policy, Text, Words, policy
from piste.systems.windows.gpo.registry_pol import Entry

_KEY = extensions.FIREWALL_KEY
_RULES = f"{_KEY}\\FirewallRules"
_VERSION = "v2.30"
_POLICY_VERSION = 0x21E
_NAMESPACE = uuid.UUID("5a4b6d0e-6a47-5d4e-9b0b-3f6f0d9d4c11")  # of Piste, for the hidden names of new rules
_DEFAULT = Words({"allow": 0, "block": 1})
_FLAG, _INVERTED = Flag(1, 0), Flag(0, 1)
_SETTINGS: tuple[tuple[str, str, Form], ...] = (
    # MS-GPFAS 2.2.2, values of a profile
    ("enabled", "EnableFirewall", _FLAG),
    ("inbound", "DefaultInboundAction", _DEFAULT),
    ("local_ipsec_rules", "AllowLocalIPsecPolicyMerge", _FLAG),
    ("local_rules", "AllowLocalPolicyMerge", _FLAG),
    ("log_dropped", "Logging!LogDroppedPackets", _FLAG),
    ("log_file", "Logging!LogFilePath", Text()),
    ("log_kib", "Logging!LogFileSize", Number(1, 32767)),
    ("log_successful", "Logging!LogSuccessfulConnections", _FLAG),
    ("notifications", "DisableNotifications", _INVERTED),
    ("outbound", "DefaultOutboundAction", _DEFAULT),
    ("stealth", "DisableStealthMode", _INVERTED),
    ("unicast_answers", "DisableUnicastResponsesToMulticastBroadcast", _INVERTED),
)
_PROFILES = {"domain": "Domain", "private": "Private", "public": "Public"}


def _profile(profile: str, name: str, value: str, form: Form) -> Policy:
    key = f"{_KEY}\\{_PROFILES[profile]}Profile"
    return policy(f"{profile}.{name}", COMPUTER, f"{key}\\{value}" if "!" in value else f"{key}!{value}", form, "")


SETTINGS: Final = Policies(
    Names(_profile(profile, *setting) for profile in _PROFILES for setting in _SETTINGS),
    Field(
        "profiles",
        "Settings of the profiles `domain`, `private` and `public`, as `domain.inbound`. Names:"
        f" {', '.join(f'C({name})' for name, _, _ in _SETTINGS)}.",
        type="map",
        elements="raw",
    ),
    lambda content: frozenset(),
)

_PROTOCOLS = {"icmp4": "1", "tcp": "6", "udp": "17", "icmp6": "58"}
_WORDS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    # field of a rule: its name on the wire, and the words of the wire
    "action": ("Action", {"allow": "Allow", "block": "Block", "bypass": "ByPass"}),
    "enabled": ("Active", {True: "TRUE", False: "FALSE"}),
    "direction": ("Dir", {"in": "In", "out": "Out"}),
}
_TEXTS = {"program": "App", "service": "Svc", "description": "Desc", "group": "EmbedCtxt"}
_LISTS = {"local_ports": "LPort", "remote_ports": "RPort", "local_addresses": "LA", "remote_addresses": "RA"}
_KEYWORDS = (
    "LocalSubnet",
    "DNS",
    "DHCP",
    "WINS",
    "DefaultGateway",
    "IntrAnet",
    "RmtIntrAnet",
    "IntErnet",
    "Ply2Renders",
)


def _list(name: str, doc: str, **more: Any) -> Field:
    return Field(name, doc, type="list", unordered=True, **more)


def _address(text: str) -> str:
    """Normalise an address, a network, a range or a keyword."""
    for word in _KEYWORDS:
        if text.casefold() == word.casefold():
            return word
    if "-" in text:
        first, last = (ipaddress.ip_address(part.strip()) for part in text.split("-", 1))
        return f"{first}-{last}"
    network = ipaddress.ip_network(text, strict=False)
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


def _port(text: str) -> str:
    low, _, high = text.partition("-")
    if low.isdigit() and (not high or high.isdigit()):
        if not 0 <= int(low) <= int(high or low) <= 65535:
            raise ValueError(text)
    elif not text.isalnum() or text.isdigit():  # keywords such as RPC, RPC-EPMap
        raise ValueError(text)
    return text


RULE = (
    Field("action", "What it does.", required=True, choices=tuple(_WORDS["action"][1])),
    Field("direction", "Whose initiative it is about.", required=True, choices=tuple(_WORDS["direction"][1])),
    Field("enabled", "Whether it is in force.", type="bool", default=True),
    Field(
        "protocol", f"{', '.join(_PROTOCOLS)}, or a number; all where absent.", normalise=lambda text: _protocol(text)
    ),
    _list("local_ports", "Ports or ranges of the machine.", normalise=_port),
    _list("remote_ports", "Ports or ranges of the peer.", normalise=_port),
    _list("local_addresses", "Addresses of the machine.", normalise=_address),
    _list("remote_addresses", f"Addresses, networks, ranges of the peer, or {_KEYWORDS[0]}.", normalise=_address),
    Field("program", "Path of the program."),
    Field("service", "Short name of the service."),
    _list("profiles", "Profiles; all where absent.", choices=tuple(_PROFILES)),
    Field("group", "Group under which the console shows it."),
    Field("description", "Description."),
    Field("other", "Other fields of the rule, each as `Name=value`, in order.", type="list"),
)


def _protocol(text: str) -> str:
    return text if text in _PROTOCOLS else str(int(text))


def _ordered(values: Iterable[str]) -> list[str]:
    return sorted(set(values), key=stable)


def read_rule(text: str) -> tuple[str, dict[str, Any]]:
    """Name and fields of a rule. Raises ValueError for another text, or a field given twice."""
    version, *fields = text.split("|")
    if not version.startswith("v2.") or not fields or fields.pop():
        raise ValueError("ce n’est pas une règle")
    name = ""
    rule: dict[str, Any] = {"enabled": False}
    other: list[str] = []
    for field in fields:
        wire, separator, value = field.partition("=")
        if not separator:
            raise ValueError(field)
        if wire == "Name":
            name = value
        elif not _read_field(rule, wire, value):
            other.append(field)
    for key in (*_LISTS, "profiles"):
        if key in rule:
            rule[key] = _ordered(rule[key])
    if not name or "action" not in rule or "direction" not in rule:
        raise ValueError("il manque un nom, une action ou un sens")
    return name, rule | ({"other": other} if other else {})


def _read_field(rule: dict[str, Any], wire: str, value: str) -> bool:
    """Read one field into the rule; False for an unknown field."""
    for name, (known, words) in _WORDS.items():
        if wire == known:
            rule[name] = next(word for word, text in words.items() if text.casefold() == value.casefold())
            return True
    for name, known in _TEXTS.items():
        if wire == known and name not in rule:
            rule[name] = value
            return True
    if wire == "Protocol" and "protocol" not in rule:
        rule["protocol"] = next((name for name, number in _PROTOCOLS.items() if number == value), value)
    elif wire == "Profile" and value.casefold() in _PROFILES:
        rule.setdefault("profiles", []).append(value.casefold())
    elif wire in ("LPort", "RPort", "LPort2_10", "RPort2_10"):
        rule.setdefault("local_ports" if wire[0] == "L" else "remote_ports", []).append(value)
    elif wire in ("LA4", "LA6", "RA4", "RA6"):
        rule.setdefault("local_addresses" if wire[0] == "L" else "remote_addresses", []).append(_address(value))
    else:
        return False
    return True


def write_rule(name: str, rule: Mapping[str, Any], version: str = _VERSION) -> str:
    """Text of a rule, fields in the order of Windows' editor."""
    fields = [(_WORDS[key][0], _WORDS[key][1][rule.get(key, True)]) for key in ("action", "enabled", "direction")]
    if "protocol" in rule:
        fields.append(("Protocol", _PROTOCOLS.get(rule["protocol"], rule["protocol"])))
    fields += [("Profile", _PROFILES[profile]) for profile in rule.get("profiles", ())]
    for key, wire in _LISTS.items():
        for value in rule.get(key, ()):
            if wire.endswith("Port"):
                fields.append((f"{wire}2_10" if "-" in value and value[0].isdigit() else wire, value))
            else:
                fields += [(f"{wire}{family}", _wire_address(value)) for family in _families(value)]
    texts = {"Name": name} | {wire: rule[key] for key, wire in _TEXTS.items() if key in rule}
    fields += [(wire, texts[wire]) for wire in ("App", "Svc", "Name", "Desc", "EmbedCtxt") if wire in texts]
    return "|".join([version, *(f"{wire}={value}" for wire, value in fields), *rule.get("other", ()), ""])


def _families(address: str) -> tuple[str, ...]:
    if address in _KEYWORDS:
        return ("4", "6")
    return ("6",) if ":" in address else ("4",)


def _wire_address(address: str) -> str:
    """Spell an IPv4 network with its whole mask, as the editor does."""
    return ipaddress.ip_network(address).with_netmask if "/" in address and ":" not in address else address


class Firewall:
    """The part `firewall`: profiles and rules."""

    field = Field(
        "firewall",
        "Windows Defender Firewall.",
        type="dict",
        of=(SETTINGS.field, Field("rules", "Rules, by name.", type="map", of=RULE)),
    )
    sides: frozenset[Side] = frozenset({"computer"})

    def take(self, content: Content, principals: Principals) -> dict[str, Any] | None:
        profiles = SETTINGS.take(content, principals)
        rules = {name: rule for name, (_, rule) in self._rules(content).items()}
        content.registry[:] = [entry for entry in content.registry if _name(entry) not in rules and not _header(entry)]
        return {name: value for name, value in (("profiles", profiles), ("rules", rules)) if value} or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        SETTINGS.put(content, (before or {}).get("profiles"), (after or {}).get("profiles"), principals)
        live = self._rules(content)
        several = Counter(_name(entry) for entry in content.registry)
        for name, _, rule in changes((before or {}).get("rules"), (after or {}).get("rules")):
            if several[name] > 1:
                raise Ambiguous(
                    f"{several[name]} règles de pare-feu s’appellent « {name} »",
                    where=content.gpo,
                    todo="Renommez-en une ou supprimez-la dans l’éditeur de stratégies, puis relancez.",
                )
            old = live[name][0] if name in live else None
            hidden = old.name if old else f"{{{uuid.uuid5(_NAMESPACE, f'{content.gpo}/{name}')}}}".upper()
            version = registry_pol.from_data("sz", old.data).partition("|")[0] if old else _VERSION
            desired = [] if rule is None else [registry_pol.make(_RULES, hidden, "sz", write_rule(name, rule, version))]
            place = registry_pol.identity(Entry(_RULES, hidden, 0, b""))
            registry_pol.replace(
                content.registry,
                lambda entry, place=place: registry_pol.identity(entry) == place,  # type: ignore[misc]
                desired,
            )
        self._set_header(content)

    def pairs(self, content: Content) -> frozenset[Pair]:
        return frozenset({extensions.FIREWALL}) if any(map(extensions.of_firewall, content.registry)) else frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = SETTINGS.check((value or {}).get("profiles"), f"{path}.profiles", principals)
        for name, rule in ((value or {}).get("rules") or {}).items():
            where = f"{path}.rules[{name}]"
            if "|" in name or not name:
                faults.append(Fault(where, "le nom d’une règle ne contient pas « | »"))
                continue
            if rule is None or not {"action", "direction"} <= rule.keys():
                continue  # a removal, or a fault of the table
            texts = [rule.get(key, "") for key in _TEXTS] + list(rule.get("other", ()))
            if any("|" in text for text in texts) or any("=" not in text for text in rule.get("other", ())):
                faults.append(Fault(where, "un texte contient « | », ou un autre champ n’est pas « Nom=valeur »"))
            elif ("local_ports" in rule or "remote_ports" in rule) and rule.get("protocol") not in ("tcp", "udp"):
                faults.append(Fault(where, "des ports demandent protocol: tcp ou udp"))
            else:
                faults += _said_otherwise(name, rule, where)
        return faults

    def _rules(self, content: Content) -> dict[str, tuple[Entry, dict[str, Any]]]:
        """Rules that the fields can express, by name; namesakes stay raw."""
        rules = []
        for entry in content.registry:
            if entry.key.casefold() == _RULES.casefold() and entry.type == registry_pol.TYPES["sz"]:
                try:
                    rules.append((entry, *read_rule(registry_pol.from_data("sz", entry.data))))
                except (ValueError, StopIteration):
                    continue
        names = Counter(name for _, name, _ in rules)
        return {name: (entry, rule) for entry, name, rule in rules if names[name] == 1}

    def _set_header(self, content: Content) -> None:
        """Write or remove the version that any value of the firewall needs (MS-GPFAS 2.2.1)."""
        others = [entry for entry in content.registry if extensions.of_firewall(entry) and not _header(entry)]
        if not others:
            registry_pol.replace(content.registry, _header, [])
        elif not any(_header(entry) for entry in content.registry):
            registry_pol.replace(
                content.registry, _header, [registry_pol.make(_KEY, "PolicyVersion", "dword", _POLICY_VERSION)]
            )


def _header(entry: Entry) -> bool:
    return registry_pol.identity(entry) == (_KEY.casefold(), "policyversion") and not registry_pol.is_order(entry)


def _name(entry: Entry) -> str:
    if entry.key.casefold() != _RULES.casefold() or entry.type != registry_pol.TYPES["sz"]:
        return ""
    try:
        return read_rule(registry_pol.from_data("sz", entry.data))[0]
    except (ValueError, StopIteration):
        return ""


def _said_otherwise(name: str, rule: Mapping[str, Any], where: str) -> list[Fault]:
    """Fault of a rule that would be read back under another key, or not at all."""
    if read_rule(write_rule(name, rule)) == (name, {"enabled": True} | dict(rule)):
        return []
    return [Fault(where, "une liste est vide, ou un champ de « other » se déclare par sa propre clé")]
