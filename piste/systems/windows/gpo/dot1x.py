"""802.1X policies of a GPO, wired and wireless: objects of the directory.

Source: MS-GPWL 2.2 and 3.1.5. A side holds at most one wired and one wireless policy. They do not merge: the client
takes the policy of the GPO of highest precedence. Settings without a field here stay in the policy and are shown under
`other`.
Believed: [belief windows.authentication], [belief windows.wired_service], [belief windows.wireless_profiles].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Ambiguous, Fault, InvalidConfig
from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows import dn as dns
from piste.systems.windows.gpo import dot1x_profile as profile
from piste.systems.windows.gpo.guid import derived
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.schema import violation
from piste.systems.windows.gpo.xml import elements, fragment, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

SERVICE = "dot3svc"
"""Service of the wired supplicant. Windows does not start it by itself: the policy needs it."""

_OTHER = Field(
    "other",
    "Settings of the policy that have no field here, as XML, by the element that holds them.",
    type="raw",
)
_WIRED = (
    Field("enforced", "No network without 802.1X; false lets a laptop work elsewhere.", type="bool", default=False),
    Field("enabled", "Try 802.1X.", type="bool", default=True),
    *profile.FIELDS,
)
_SSID = (
    Field("names", "Names of the network, where they are not that of the entry.", type="list"),
    Field("hidden", "The network does not tell its name.", type="bool", default=False),
    Field("auto_connect", "Connect where it is in range.", type="bool", default=True),
    Field("auto_switch", "Leave it for a preferred one.", type="bool", default=False),
    Field("authentication", "Authentication.", choices=("WPA2", "WPA3ENT", "WPA3ENT192"), default="WPA2"),
    Field("encryption", "Encryption.", choices=("AES", "GCMP256"), default="AES"),
    *profile.FIELDS,
)


@dataclass(frozen=True, slots=True)
class Network:
    """Differences between the wired and the wireless policy.

    `flags` are the elements of `globalFlags`, in the schema's order; a flag may be absent where its default is UNSET.
    """

    name: str
    doc: str
    root: str
    namespace: str
    profile: str
    profile_namespace: str
    container: str
    object_class: str
    prefix: str
    pair: Pair
    flags: tuple[Field, ...]
    contents: tuple[Field, ...]


def _flag(name: str, wire: str, doc: str, default: Any = UNSET) -> Field:
    return Field(name, doc, type="bool", wire=wire, default=default)


WIRED_NETWORK = Network(
    "wired",
    "802.1X policy of wired networks. The service dot3svc must start, or it does nothing.",
    "LANPolicy",
    "http://www.microsoft.com/networking/LAN/policy/v1",
    "LANProfile",
    profile.LAN,
    "IEEE8023",
    "ms-net-ieee-8023-GroupPolicy",
    "ms-net-ieee-8023-GP-",
    Pair("B587E2B1-4D59-4E7E-AED9-22B9DF11D053", "06993B16-A5C7-47EB-B61C-B1CB7EE600AC"),
    (_flag("managed", "enableAutoConfig", "Windows manages the connection.", True),),
    _WIRED,
)
WIRELESS_NETWORK = Network(
    "wireless",
    "802.1X policy of wireless networks.",
    "WLANPolicy",
    "http://www.microsoft.com/networking/WLAN/policy/v1",
    "WLANProfile",
    profile.WLAN,
    "IEEE80211",
    "ms-net-ieee-80211-GroupPolicy",
    "ms-net-ieee-80211-GP-",
    Pair("0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63", "2DA6AA7F-8C88-4194-A558-0D36E7FD3E64"),
    (
        _flag("managed", "enableAutoConfig", "Windows manages the connection.", True),
        _flag("show_denied", "showDeniedNetwork", "Show the networks that are denied.", False),
        _flag("all_user_profiles", "allowEveryoneToCreateAllUserProfiles", "Anybody may add networks for all.", True),
    ),
    (Field("ssids", "Networks, in order of preference; new ones come last.", type="map", of=_SSID),),
)


class Dot1x:
    """The part `wired` or `wireless` of a side."""

    sides: frozenset[Side] = frozenset({"computer"})

    def __init__(self, network: Network) -> None:
        self.network = network
        self.field = Field(
            network.name,
            network.doc,
            type="dict",
            of=(
                Field("name", "Name of the policy.", required=True, minimum=1, maximum=255),
                Field("description", "What it is for.", default="", maximum=255),
                *network.flags,
                *network.contents,
                _OTHER,
            ),
        )

    def take(self, content: Content, principals: Principals) -> dict[str, Any] | None:
        places = self._objects(content)
        if len(places) != 1:
            return None
        policy = _policy(content.objects[places[0]].get(self._data), self.network)
        if policy is None:
            return None
        del content.objects[places[0]]
        return _value(policy, self.network)

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        if before == after:
            return
        places = self._objects(content)
        if len(places) > 1:
            raise Ambiguous(
                f"{len(places)} politiques {self.network.name} dans un même GPO : {', '.join(places)}",
                why="Les postes prennent la première venue.",
                todo="Ôtez dans l’éditeur celles qui sont de trop, puis relancez.",
            )
        live = content.objects.pop(places[0]) if places else {}
        if not after:
            return
        policy = _policy(live.get(self._data), self.network)
        if live and policy is None and not _is_noise(live.get(self._data)):
            reason = _defect(live.get(self._data), self.network)
            message = f"l’objet {places[0]} ne respecte pas son schéma ({reason}) : ôtez-le dans l’éditeur"
            raise InvalidConfig([Fault(self.network.name, message)])
        written = _written(policy, before or {}, after, self.network)
        if broken := violation(self.network.root, written):
            raise InvalidConfig([Fault(self.network.name, f"la politique ne respecterait pas son schéma ({broken})")])
        kept = places and before and before.get("name") == after["name"]
        place = places[0] if kept else _place(after["name"], self.network)
        identifier = live.get(f"{self.network.prefix}PolicyGUID") or derived(content.gpo, self.network.name)
        description = {"description": after["description"]} if after.get("description") else {}
        content.objects[place] = {
            **{name: attribute for name, attribute in live.items() if name != "description"},
            "objectClass": live.get("objectClass") or ["top", self.network.object_class],
            f"{self.network.prefix}PolicyGUID": identifier,
            self._data: etree.tostring(written, encoding="unicode"),
            **description,
        }

    def illegible(self, content: Content) -> list[str]:
        """DNs of the objects whose policy is not XML."""
        return [dn for dn in self._objects(content) if _is_noise(content.objects[dn].get(self._data))]

    def pairs(self, content: Content) -> frozenset[Pair]:
        return frozenset({self.network.pair}) if self._objects(content) else frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        if not value:
            return []
        if self.network is WIRED_NETWORK:
            return profile.check(value, self.network.profile, path)
        faults = []
        for ssid, entry in (value.get("ssids") or {}).items():
            where = f"{path}.ssids[{ssid}]"
            if entry is None:
                continue
            faults += profile.check(entry, self.network.profile, where)
            faults += [
                Fault(f"{where}.names", f"« {name} » fait plus de 32 octets, ou rien")
                for name in entry.get("names") or [ssid]
                if not 1 <= len(name.encode()) <= 32
            ]
        return faults

    @property
    def _data(self) -> str:
        return f"{self.network.prefix}PolicyData"

    def _objects(self, content: Content) -> list[str]:
        """DNs of the policies of this kind, by the class of the objects."""
        desired = self.network.object_class.casefold()
        return [
            dn
            for dn, attributes in content.objects.items()
            if desired in map(str.casefold, attributes.get("objectClass", ()))
        ]


def missing_service(side: Mapping[str, Any], path: str) -> list[Fault]:
    """Fault of a side that declares a wired policy without its service."""
    if not side.get("wired"):
        return []
    for section in (side.get("security") or {}, side.get("preferences") or {}):
        for name, service in (section.get("services") or {}).items():
            if name.casefold() == SERVICE and (service or {}).get("startup") == "automatic":
                return []
    return [
        Fault(
            f"{path}.security.services.{SERVICE}",
            "la politique filaire ne fait rien sans ce service, que Windows ne démarre pas de lui-même : "
            f"déclarez security.services.{SERVICE} avec startup: automatic",
        )
    ]


def _place(name: str, network: Network) -> str:
    return f"CN={dns.escape(name)},CN={network.container},CN=Windows,CN=Microsoft"


def _policy(data: Any, network: Network) -> _Element | None:
    """Policy of an object; None where it breaks its schema."""
    return None if _defect(data, network) else parse(data)


def _is_noise(data: Any) -> bool:
    """True for data that is no XML, which the declared policy may replace."""
    try:
        parse(data or "")
    except ValueError:
        return True
    return False


def _defect(data: Any, network: Network) -> str:
    """Violation of the schema by the text of a policy; empty where there is none."""
    try:
        return violation(network.root, parse(data)) if data else "l’objet est vide"
    except ValueError as error:
        return str(error)


def _value(policy: _Element, network: Network) -> dict[str, Any]:
    flags = _child(policy, "globalFlags")
    value: dict[str, Any] = {"name": _text(policy, "name") or "", "description": _text(policy, "description") or ""}
    for field in network.flags:
        text = _text(flags, field.wire_name)
        value[field.name] = field.default if text is None else text in ("true", "1")
    profiles = _profiles(policy, network)
    if network is WIRED_NETWORK:
        for element in profiles[:1]:
            value |= _entry(element, "", network)
    elif profiles:
        names = [_text(element, "name") or "" for element in profiles]
        value["ssids"] = {name: _entry(element, name, network) for name, element in zip(names, profiles, strict=True)}
    other = _rest(policy, network)
    return value | ({"other": other} if other else {})


def _rest(policy: _Element, network: Network) -> dict[str, list[str]]:
    """Elements of the policy without a field, by their parent element."""
    known = {"name", "description", "globalFlags", "profileList"}
    flags = {field.wire_name for field in network.flags}
    rest = {
        network.root: [child for child in elements(policy) if local(child) not in known],
        "globalFlags": [child for child in elements(_child(policy, "globalFlags")) if local(child) not in flags],
        "profileList": _profiles(policy, network)[1:] if network is WIRED_NETWORK else [],
    }
    return {name: list(map(fragment, children)) for name, children in rest.items() if children}


def _profiles(policy: _Element, network: Network) -> list[_Element]:
    return list(policy.iterfind(f"{{*}}profileList/{{{network.profile_namespace}}}{network.profile}"))


def _entry(element: _Element, name: str, network: Network) -> dict[str, Any]:
    """Value of a profile: its fields where they express all of it, else its XML."""
    security = element.find("{*}MSM/{*}security")
    if security is not None:
        value = profile.read_onex(security)
        if network is WIRED_NETWORK:
            value["enforced"] = _text(security, "OneXEnforced") == "true"
            value["enabled"] = _text(security, "OneXEnabled") == "true"
        else:
            value |= _ssid_value(element, name)
        if profile.shape(_profile(value, name, network)) == profile.shape(element):
            return value
    fields = _WIRED if network is WIRED_NETWORK else _SSID
    plain = {field.name: field.default for field in fields if field.default is not UNSET}
    return {**plain, "eap": "other", "xml": fragment(element)}


def _ssid_value(element: _Element, name: str) -> dict[str, Any]:
    names = [child.text or "" for child in element.iterfind("{*}SSIDConfig/{*}SSID/{*}name")]
    value = {
        "hidden": element.findtext("{*}SSIDConfig/{*}nonBroadcast") == "true",
        "auto_connect": element.findtext("{*}connectionMode") != "manual",
        "auto_switch": element.findtext("{*}autoSwitch") == "true",
        "authentication": element.findtext("{*}MSM/{*}security/{*}authEncryption/{*}authentication") or "",
        "encryption": element.findtext("{*}MSM/{*}security/{*}authEncryption/{*}encryption") or "",
    }
    return value | ({"names": names} if names != [name] else {})


def _profile(value: Mapping[str, Any], name: str, network: Network) -> _Element:
    """Profile of a value, its elements in the schema's order."""
    if "xml" in value:
        return parse(value["xml"])
    space = network.profile_namespace
    fields = _WIRED if network is WIRED_NETWORK else _SSID
    value = {field.name: field.default for field in fields if field.default is not UNSET} | dict(value)
    root = etree.Element(f"{{{space}}}{network.profile}", nsmap={None: space})
    if network is WIRED_NETWORK:
        security = profile.add(profile.add(root, space, "MSM"), space, "security")
        profile.add(security, space, "OneXEnforced", value["enforced"])
        profile.add(security, space, "OneXEnabled", value["enabled"])
    else:
        profile.add(root, space, "name", name)
        config = profile.add(root, space, "SSIDConfig")
        for ssid_name in value.get("names") or [name]:
            ssid = profile.add(config, space, "SSID")
            profile.add(ssid, space, "hex", ssid_name.encode().hex().upper())
            profile.add(ssid, space, "name", ssid_name)
        profile.add(config, space, "nonBroadcast", value["hidden"])
        profile.add(root, space, "connectionType", "ESS")
        profile.add(root, space, "connectionMode", "auto" if value["auto_connect"] else "manual")
        profile.add(root, space, "autoSwitch", value["auto_switch"])
        security = profile.add(profile.add(root, space, "MSM"), space, "security")
        encryption = profile.add(security, space, "authEncryption")
        profile.add(encryption, space, "authentication", value["authentication"])
        profile.add(encryption, space, "encryption", value["encryption"])
        profile.add(encryption, space, "useOneX", True)
    profile.write_onex(security, value)
    return root


def _written(
    policy: _Element | None, before: Mapping[str, Any], after: Mapping[str, Any], network: Network
) -> _Element:
    """Policy of `after`; unchanged profiles stay letter for letter."""
    space = network.namespace
    root = etree.Element(f"{{{space}}}{network.root}", nsmap={None: space})
    profile.add(root, space, "name", after["name"])
    if after.get("description"):
        profile.add(root, space, "description", after["description"])
    flags = profile.add(root, space, "globalFlags")
    for field in network.flags:
        profile.add(flags, space, field.wire_name, after.get(field.name, field.default))
    live = {} if policy is None else {_text(part, "name") or "": part for part in _profiles(policy, network)}
    desired = {"": _wired_entry(after)} if network is WIRED_NETWORK else dict(after.get("ssids") or {})
    known = {"": _wired_entry(before)} if network is WIRED_NETWORK else dict(before.get("ssids") or {})
    other = {name: list(map(parse, texts)) for name, texts in (after.get("other") or {}).items()}
    order = [*(name for name in live if name in desired), *(name for name in desired if name not in live)]
    profiles = [
        live[name] if name in live and known.get(name) == desired[name] else _profile(desired[name], name, network)
        for name in order
    ] + other.get("profileList", [])
    flags.extend(other.get("globalFlags", ()))
    rest = other.get(network.root, [])
    root.extend(part for part in rest if local(part) == "networkFilter")
    if profiles:
        profile.add(root, space, "profileList").extend(profiles)
    root.extend(part for part in rest if local(part) != "networkFilter")
    return root


def _wired_entry(value: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in _WIRED}
    return {name: setting for name, setting in value.items() if name in names}


def _child(element: _Element, name: str) -> _Element:
    child = element.find(f"{{*}}{name}")
    assert child is not None  # the schema has seen to it
    return child


def _text(element: _Element, name: str) -> str | None:
    child = element.find(f"{{*}}{name}")
    return None if child is None else child.text or ""


WIRED, WIRELESS = Dot1x(WIRED_NETWORK), Dot1x(WIRELESS_NETWORK)
