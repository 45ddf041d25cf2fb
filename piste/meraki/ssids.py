"""SSIDs: fifteen slots a network, known by name, each with documents of its own for rules, portal and hours.

Source: Dashboard API, ``updateNetworkWirelessSsid`` and the operations under ``…/ssids/{number}``. Defaults of an
unconfigured slot were recorded from a real system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.converge.errors import Ambiguous
from piste.converge.normalise import from_wire
from piste.converge.plan import Item, Operation
from piste.converge.reading import text
from piste.converge.resource import Field, Resource, Shape
from piste.converge.secrets import Vault
from piste.converge.values import stable
from piste.meraki.dashboard import Dashboard
from piste.meraki.driver import At, MerakiDriver
from piste.meraki.radius import rotations
from piste.meraki.rf_profiles import assignments, is_built_in
from piste.meraki.ssid_fields import ADMISSION, BODY, OF_DEFAULT_PROFILE
from piste.meraki.ssid_parts import PARTS

SLOTS = 15

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
"""An unconfigured slot [recorded]; to empty a slot is to write this."""

SSIDS = Resource(
    system="meraki",
    name="ssid",
    doc="Réseau Wi-Fi (SSID)",
    shape=Shape.SLOTS,
    key=("name",),
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
    """What the system calls the first SSID of a new network, which it makes open and enabled."""
    return f"{network} WiFi"


class Ssids(MerakiDriver):
    resource = SSIDS
    of_template = True

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._limited: Sequence[str] = ()
        """Names of the declared SSIDs with a limit that some radio profiles ignore."""

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """The fifteen slots by name, with the parts that the task declares (all those of used slots for an export)."""
        documents = (
            self.dashboard.items(f"/networks/{self.network_id}/wireless/ssids") if self.exists else self._initial()
        )
        names = {item["name"] for item in wanted}
        self._limited = [item["name"] for item in wanted if any(item.get(name) for name in OF_DEFAULT_PROFILE)]
        found: dict[str, Item] = {}
        for document in documents:
            name = text(document["name"])
            if name in found:
                if name in names:
                    raise Ambiguous(
                        f"deux SSID s'appellent « {name} »",
                        where=self.scope,
                        todo="Renommez-en un dans le Dashboard : le nom est leur identité.",
                    )
                name = f"{name} (emplacement {document['number']})"
            found[name] = self.canonical(name, document)
        if self.exists:
            self.read_parts(found, self._by_slot(wanted, found), whole=whole, fresh=fresh)
        else:
            self._initial_parts(found, wanted)
        return found if not whole else {key: item for key, item in found.items() if not self.free(key, item)}

    def remarks(self) -> list[str]:
        """Also access points on which a limit of an SSID has no effect, read only where one is declared."""
        if not self._limited or not self.exists:
            return super().remarks()
        profiles = assignments(self.dashboard, self.network_id, fresh=False)
        others = sorted({str(one["name"]) for one in profiles.values() if one and not is_built_in(one)})
        note = (
            f"débit ou bandes de {', '.join(self._limited)} : sans effet sur les bornes d'un autre profil radio que "
            f"celui d'intérieur par défaut ({', '.join(others)}) ; réglez-les dans ce profil"
        )
        return [*super().remarks(), *([note] if others else [])]

    def _initial(self) -> list[dict[str, Any]]:
        """What the system puts in a new network: fifteen slots, the first named after the network and enabled."""
        slots = [{"number": n, "name": unconfigured_name(n), **UNCONFIGURED} for n in range(SLOTS)]
        slots[0] |= {"name": first_name(self.scope), "enabled": True}
        return slots

    def _initial_parts(self, found: dict[str, Item], wanted: Sequence[Item]) -> None:
        for name, item in self._by_slot(wanted, found).items():
            for part in PARTS:
                if part.name in item:
                    found[name][part.name] = self._initial_part(part)

    def _by_slot(self, wanted: Sequence[Item], found: Mapping[str, Item]) -> dict[str, Item]:
        """What is wanted, under the name of the slot in which it is or is likely to be put. Of what is only named, to
        be removed, everything is asked: what is not read before it is erased cannot be given back."""
        places = {item["number"]: name for name, item in found.items()}
        renamed = self.traced(wanted, found)
        result: dict[str, Item] = {}
        for item in wanted:
            name = item["name"] if item["name"] in found else renamed.get(item["name"], places.get(item.get("number")))
            if name is not None:
                whole = dict.fromkeys(part.name for part in PARTS) if set(item) == {"name"} else {}
                result[name] = {**result.get(name, {}), **whole, **item}
        return result

    def traced(self, wanted: Sequence[Item], live: Mapping[str, Item]) -> dict[str, str]:
        """SSIDs that somebody has renamed: the name is not there, while a slot that nobody declares holds all that is
        declared. Of several such slots the declared one counts; two SSIDs that one slot may be are not traced."""
        declared = {item["name"] for item in wanted}
        strangers = {key: item for key, item in live.items() if key not in declared and not self.free(key, item)}
        found: dict[str, str] = {}
        for item in wanted:
            if item["name"] not in live and item.keys() >= set(self.resource.telling):
                alike = [key for key, other in strangers.items() if _same(item, other)]
                here = [key for key in alike if strangers[key]["number"] == item.get("number")] or alike
                if len(here) == 1:
                    found[item["name"]] = here[0]
        claims = list(found.values())
        return {name: place for name, place in found.items() if claims.count(place) == 1}

    def alarm(self, key: str, item: Item) -> str:
        if not item.get("enabled"):
            return ""
        return f"il est allumé {_OPEN.get(item.get('auth_mode', ''), '')}".rstrip()

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"network_id": self.network_id, "number": self.raw[key]["number"]}

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return rotations(operations)

    def body(self, operation: Operation) -> dict[str, Any]:
        """The body of a slot; one with a shared key says that the key is WPA's, as the vendor's other clients do. A
        slot whose key is WEP's keeps it where no WPA version is declared."""
        body = super().body(operation)
        kept = self.raw.get(operation.place, {}).get("encryptionMode") == "wep" and "wpaEncryptionMode" not in body
        return body | ({"encryptionMode": "wpa"} if body.get("authMode") == "psk" and not kept else {})

    def free(self, key: str, item: Item) -> bool:
        """True for a slot as the system made it: never configured, or named after a new network."""
        if item.get("enabled"):
            return key == first_name(self.scope)
        return key.startswith(unconfigured_name(item["number"]))

    def reset(self, key: str, item: Item) -> Item:
        """An unconfigured slot; of one that was in use, the rules, portal and hours go too, unread: whoever takes the
        slot next must not inherit them."""
        empty = from_wire(BODY, {"name": unconfigured_name(item["number"]), **UNCONFIGURED}, self.vault, {}, {})
        if not self.free(key, item):
            empty |= {part.name: self._initial_part(part) for part in PARTS}
        return empty

    def _initial_part(self, part: Field) -> Item:
        return from_wire(part.of, part.part.initial, self.vault, {}, {})


_OPEN: Mapping[str, str] = {
    "open": "et OUVERT : n'importe qui s'y connecte",
    "open-enhanced": "et OUVERT, quoique chiffré : n'importe qui s'y connecte",
}
"""Ways of admission that admit everybody, in words for people."""
_NAMING = ("name", "number", "enabled")
"""What a slot may differ by and still be the SSID that somebody has renamed."""


def _same(wanted: Item, live: Item) -> bool:
    """True where the slot holds all that its own document is declared to hold. A key that differs counts only in
    another slot than the declared one: where Piste put the SSID, who renamed it may have changed the key too."""
    moved = live["number"] != wanted.get("number")
    for entry in BODY:
        name = entry.name
        if name not in wanted or name in _NAMING or (entry.secret and not moved):
            continue
        ours, theirs = wanted[name], live.get(name)
        if entry.identity:
            ours, theirs = ([entry.identity_of(one) for one in told or ()] for told in (ours, theirs))
        if stable(ours or None) != stable(theirs or None):
            return False
    return True
