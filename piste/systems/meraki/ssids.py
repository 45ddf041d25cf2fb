"""SSIDs of a network: fifteen slots, known by name, with rules, portal and hours.

Source: Dashboard API, `updateNetworkWirelessSsid` and the operations under `…/ssids/{number}`. The defaults of an
unconfigured slot were recorded from a real system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Ambiguous
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import stable
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.driver import At, MerakiDriver
from piste.systems.meraki.radius import rotations
from piste.systems.meraki.rf_profiles import assignments, is_built_in
from piste.systems.meraki.ssid_fields import ADMISSION, BODY, OF_DEFAULT_PROFILE
from piste.systems.meraki.ssid_parts import PARTS

SLOTS = 15
"""SSIDs of every network [belief meraki.ssid_slots]."""

UNCONFIGURED: Mapping[str, Any] = {
    "enabled": False,
    "authMode": "open",
    "splashPage": "None",
    "ipAssignmentMode": "NAT mode",
    "minBitrate": 11,
    "bandSelection": "Dual band operation",
    "perClientBandwidthLimitUp": 0,
    "perClientBandwidthLimitDown": 0,
    "perSsidBandwidthLimitUp": 0,
    "perSsidBandwidthLimitDown": 0,
    "visible": True,
    "availableOnAllAps": True,
    "availabilityTags": [],
    "mandatoryDhcpEnabled": False,
    "adultContentFilteringEnabled": False,
    "dnsRewrite": {"enabled": False, "dnsCustomNameservers": []},
    "speedBurst": {"enabled": False},
    "ssidAdminAccessible": False,
}
"""Wire document of an unconfigured slot [recorded], written to empty a slot."""

SSIDS = Resource(
    system="meraki",
    name="ssid",
    doc="Réseau Wi-Fi (SSID)",
    shape=Shape.SLOTS,
    parents={"network": ""},
    endpoint=At("/networks/{network_id}/wireless/ssids", "/networks/{network_id}/wireless/ssids/{number}"),
    slots=SLOTS,
    slot_field="number",
    off={"enabled": False},
    telling=("auth_mode", "ip_assignment_mode"),
    together=("auth_mode", "psk", "wpa_encryption_mode", "radius_servers", "radius_accounting_servers"),
    needs_secret=tuple(field.name for field in BODY if field.name.startswith(("auth_mode", *ADMISSION))),
    known=frozenset(
        {"adminSplashUrl", "wlanIdentifier", "localAuth", "radiusEnabled", "splashTimeout", "ssidAdminAccessible"}
        | {"encryptionMode", "wifiPersonalNetworkEnabled", "enterpriseAdminAccess", "dnsRewrite", "localAuthFallback"}
    ),
    fields=(*BODY, *PARTS),
)


def unconfigured_name(number: int) -> str:
    return f"Unconfigured SSID {number + 1}"


def first_name(network: str) -> str:
    """Name that the system gives the first SSID of a new network, which is open and enabled."""
    return f"{network} WiFi"


class Ssids(MerakiDriver):
    resource = SSIDS
    of_template = True

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._limited: Sequence[str] = ()
        """Names of the declared SSIDs whose bit rate or bands some radio profiles ignore."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the fifteen slots by name, with the parts that the task declares.

        An export reads all parts of the slots in use.
        """
        path = self.resource.endpoint.read
        if not self.exists:
            documents = self._initial()
        else:
            nothing = not desired and self.unanswered(path)
            documents = [] if nothing else self.dashboard.items(self.address(path, {"network_id": self.network_id}))
        names = {item["name"] for item in desired}
        self._limited = [item["name"] for item in desired if any(item.get(name) for name in OF_DEFAULT_PROFILE)]
        slots: dict[str, Item] = {}
        for document in documents:
            name = text(document["name"])
            if name in slots:
                if name in names:
                    raise Ambiguous(
                        f"deux SSID s’appellent « {name} »",
                        where=self.scope,
                        todo="Renommez-en un dans le Dashboard : le nom est leur identité.",
                    )
                name = f"{name} (emplacement {document['number']})"
            slots[name] = self.canonical(name, document)
        if self.exists:
            self.read_parts(slots, self._by_slot(desired, slots), whole=whole, fresh=fresh)
        else:
            self._initial_parts(slots, desired)
        return slots if not whole else {key: item for key, item in slots.items() if self.exportable(key, item)}

    def exportable(self, key: str, item: Item) -> bool:
        return not self.free(key, item)

    def remarks(self) -> list[str]:
        """Remarks, with the radio profiles that ignore a declared limit of an SSID.

        The profiles are read only where such a limit is declared.
        """
        if not self._limited or not self.exists:
            return super().remarks()
        profiles = assignments(self.dashboard, self.network_id, fresh=False)
        others = sorted({str(profile["name"]) for profile in profiles.values() if profile and not is_built_in(profile)})
        note = (
            f"débit ou bandes de {', '.join(self._limited)} : sans effet sur les bornes d’un autre profil radio que "
            f"celui d’intérieur par défaut ({', '.join(others)}) ; réglez-les dans ce profil"
        )
        return [*super().remarks(), *([note] if others else [])]

    def _initial(self) -> list[dict[str, Any]]:
        """Slots of a new network: fifteen, the first enabled and named after the network."""
        slots = [{"number": n, "name": unconfigured_name(n), **UNCONFIGURED} for n in range(SLOTS)]
        slots[0] |= {"name": first_name(self.scope), "enabled": True}
        return slots

    def _initial_parts(self, slots: dict[str, Item], desired: Sequence[Item]) -> None:
        for name, item in self._by_slot(desired, slots).items():
            for part in PARTS:
                if part.name in item:
                    slots[name][part.name] = self._initial_part(part)

    def _by_slot(self, desired: Sequence[Item], slots: Mapping[str, Item]) -> dict[str, Item]:
        """Wanted items, by the name of the slot in which each is or is likely to be put.

        An item that is only named is to be removed: all its parts are wanted, because only what was read before can be
        given back. A slot as the system made it keeps its parts.
        """
        places = {item["number"]: name for name, item in slots.items()}
        renamed = self.traced(desired, slots)
        result: dict[str, Item] = {}
        for item in desired:
            name = item["name"] if item["name"] in slots else renamed.get(item["name"], places.get(item.get("number")))
            if name is not None:
                removed = set(item) == {"name"} and not (name in slots and self.free(name, slots[name]))
                whole = dict.fromkeys(part.name for part in PARTS) if removed else {}
                result[name] = {**result.get(name, {}), **whole, **item}
        return result

    def traced(self, desired: Sequence[Item], live: Mapping[str, Item]) -> dict[str, str]:
        """Live name, by declared name, of the SSIDs that somebody has renamed.

        The declared name is not live, and an undeclared slot has all the declared settings. Among several such slots
        the slot of the declared number is meant. A slot that matches two SSIDs is traced to neither.
        """
        declared = {item["name"] for item in desired}
        strangers = {key: item for key, item in live.items() if key not in declared and not self.free(key, item)}
        traced: dict[str, str] = {}
        for item in desired:
            if item["name"] not in live and item.keys() >= set(self.resource.telling):
                alike = [key for key, other in strangers.items() if _same(item, other)]
                here = [key for key in alike if strangers[key]["number"] == item.get("number")] or alike
                if len(here) == 1:
                    traced[item["name"]] = here[0]
        claims = list(traced.values())
        return {name: place for name, place in traced.items() if claims.count(place) == 1}

    def alarm(self, key: str, item: Item) -> str:
        if not item.get("enabled"):
            return ""
        return f"il est allumé {_OPEN.get(item.get('auth_mode', ''), '')}".rstrip()

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"network_id": self.network_id, "number": self.raw[key]["number"]}

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return rotations(operations)

    def body(self, operation: Operation) -> dict[str, Any]:
        """Body of a slot; with a shared key it says that the key is WPA's, as other clients do.

        A slot whose key is WEP's keeps it where no WPA version is declared.
        """
        body = super().body(operation)
        kept = self.raw.get(operation.place, {}).get("encryptionMode") == "wep" and "wpaEncryptionMode" not in body
        return body | ({"encryptionMode": "wpa"} if body.get("authMode") == "psk" and not kept else {})

    def free(self, key: str, item: Item) -> bool:
        """True for a slot as the system made it: never configured, or the first of a new network."""
        if item.get("enabled"):
            return key == first_name(self.scope)
        return key.startswith(unconfigured_name(item["number"]))

    def reset(self, key: str, item: Item) -> Item:
        """State of an emptied slot.

        The rules, portal and hours of a slot in use are reset too, unread: the next SSID of the slot must not inherit
        them.
        """
        empty = from_wire(BODY, {"name": unconfigured_name(item["number"]), **UNCONFIGURED}, self.vault, {}, {})
        if not self.free(key, item):
            empty |= {part.name: self._initial_part(part) for part in PARTS}
        return empty

    def _initial_part(self, part: Field) -> Item:
        return from_wire(part.of, part.part.initial, self.vault, {}, {})


_OPEN: Mapping[str, str] = {
    "open": "et OUVERT : n’importe qui s’y connecte",
    "open-enhanced": "et OUVERT, quoique chiffré : n’importe qui s’y connecte",
}
"""Sentence for people, by mode of admission that admits everybody."""
_NAMING = ("name", "number", "enabled")
"""Fields by which a slot may differ and still be the SSID that somebody has renamed."""


def _same(desired: Item, live: Item) -> bool:
    """True where the slot has all the settings declared for the SSID's own document.

    A different key counts only in another slot than the declared slot: in the slot where Piste put the SSID, the
    person who renamed it may have changed the key too.
    """
    moved = live["number"] != desired.get("number")
    for entry in BODY:
        name = entry.name
        if name not in desired or name in _NAMING or (entry.secret and not moved):
            continue
        ours, theirs = desired[name], live.get(name)
        if entry.identity:
            ours, theirs = ([entry.identity_of(element) for element in servers or ()] for servers in (ours, theirs))
        if stable(ours or None) != stable(theirs or None):
            return False
    return True
