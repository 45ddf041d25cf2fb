"""Radios of access points: the RF profile of each, and the settings by hand over it.

Source: Dashboard API, `updateDeviceWirelessRadioSettings`, and
`getOrganizationWirelessRfProfilesAssignmentsByDevice`, which gives the profiles of the organization in one read.
Settings by hand are read access point by access point, where they are declared or where a change of profile would
clear them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.normalise import Names, to_wire
from piste.engine.converge.plan import Item, Operation, Plan, changed_fields
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import Vault
from piste.engine.converge.survey import touched_since_made
from piste.engine.words import agreed
from piste.systems.meraki.batches import Write
from piste.systems.meraki.connection import NETWORK
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import At, LazyNames, MerakiDriver, defaults, retry_fresh
from piste.systems.meraki.replaced import REPLACED, heirs, inherit
from piste.systems.meraki.rf_profiles import RfProfiles, assignments, is_built_in, shut_out

CHANNELS_2_4 = tuple(range(1, 15))
CHANNELS_5 = (*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4))
BY_HAND = ("two_four_ghz", "five_ghz")
"""Fields set on an access point over its profile; assigning a profile clears all of them [documented]."""


def _set(name: str, doc: str, **options: Any) -> Field:
    return Field(name, f"{doc}; null leaves it to the profile.", type="int", nullable=True, default=None, **options)


RADIOS = Resource(
    system="meraki",
    name="radio",
    doc="Radio d’une borne",
    shape=Shape.FIXED,
    key=("serial",),
    parents={"network": "", "device": "serial"},
    endpoint=At("/devices/{serial}/wireless/radio/settings"),
    known=frozenset({"serial"}),
    fields=(
        Field("serial", "Serial number of the access point.", required=True, normalise=str.upper, path_only=True),
        Field(
            "rf_profile",
            "Name of its RF profile; null for the vendor's own, indoor or outdoor. Another profile clears what was set "
            "by hand and is not declared.",
            wire="rfProfileId",
            ref="rf_profile",
            nullable=True,
            default=None,
            carries=BY_HAND,
        ),
        Field(
            "two_four_ghz",
            "What is set by hand of the 2.4 GHz radio.",
            type="dict",
            wire="twoFourGhzSettings",
            of=(_set("channel", "Channel", choices=CHANNELS_2_4), _set("target_power", "Power, dBm")),
        ),
        Field(
            "five_ghz",
            "What is set by hand of the 5 GHz radio.",
            type="dict",
            wire="fiveGhzSettings",
            of=(
                _set("channel", "Channel", choices=CHANNELS_5),
                _set("channel_width", "Width of the channel, MHz, 0 for automatic", choices=(0, 20, 40, 80, 160)),
                _set("target_power", "Power, dBm"),
            ),
        ),
    ),
)


class Radios(MerakiDriver):
    resource = RADIOS
    options = (NETWORK, REPLACED)
    product_type = "wireless"
    states = ("merged", "replaced", "deleted", "gathered")

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._names = LazyNames({"rf_profile": self._profiles})
        self._labels: dict[str, str] = {}

    @cached_property
    def _heirs(self) -> Mapping[str, str]:
        return heirs(self)

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """Add the new access points whose radio nobody declares: they have it from the old."""
        items = super().asked(config)
        named = {str(item.get("serial")).upper() for item in items if isinstance(item, Mapping)}
        return [*items, *({"serial": new} for new in self._heirs if new not in named)]

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Give the radio of a new access point the live settings of the old."""
        named = {item["serial"] for item in desired}
        old = [{"serial": serial} for new, serial in self._heirs.items() if new in named]
        return inherit(self, desired, self.gather(old, whole=True, fresh=False)) if old else desired

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the radios that the task names, or those of the network."""
        bands: Item = {name: {} for name in BY_HAND}
        desired = [{**bands, **item} if item["serial"] in self._heirs else item for item in desired]
        places = self._access_points()
        serials = list(dict.fromkeys(item["serial"] for item in desired)) or (list(places) if whole else [])
        strangers = [serial for serial in serials if serial not in places]
        if strangers:
            raise Missing(
                f"{agreed(len(strangers), 'borne(s) absente(s)')} du réseau : {', '.join(strangers)}",
                where=self.scope,
                todo="Affectez-les d’abord (tâche meraki_devices), ou corrigez le numéro de série.",
            )
        live = [serial for serial in serials if not places[serial]["planned"]]
        assigned = assignments(self.dashboard, self.network_id, fresh=fresh) if live else {}
        asked = {item["serial"]: item for item in desired}
        radios = {serial: self._radio(serial, assigned.get(serial)) for serial in live}
        closely = [serial for serial in live if whole or self._looked_into(asked[serial], radios[serial])]
        for serial, document in zip(closely, self.dashboard.transport.map(self._read, closely), strict=True):
            kept = whole or any(name in asked[serial] for name in BY_HAND)
            radios[serial] |= self._by_hand(serial, document, kept=kept)
        radios |= {serial: _planned(asked[serial]) for serial in serials if places[serial]["planned"]}
        self._labels |= {serial: places[serial]["name"] or serial for serial in serials}
        self._check_profiles(desired)
        return radios

    def strays(self, desired: Sequence[Item]) -> Iterator[tuple[str, str]]:
        """Access points whose radio nobody declares, with a profile of the town or settings by hand."""
        declared = {item["serial"] for item in desired}
        there = [{"serial": serial} for serial in self._live() if serial not in declared]
        for serial, item in (self.gather(there, whole=True, fresh=False) if there else {}).items():
            if touched := touched_since_made(self, serial, item):
                yield self.label(serial, item), ", ".join(name for name in touched if name != "serial")

    def _access_points(self) -> dict[str, dict[str, Any]]:
        """Access points of the network, those planned by check mode included."""
        known = {serial: {"name": name, "planned": False} for serial, name in self._live().items()}
        for serial, device in self.dashboard.planned("device").items():
            if device["network"] == self.scope:
                known.setdefault(serial, {"name": None, "planned": device["new"]})
                known[serial]["name"] = device["item"].get("name", known[serial]["name"])
        return known

    def _live(self) -> dict[str, Any]:
        """Names of the access points in service in the network, by serial number."""
        return {
            device["serial"]: device.get("name")
            for device in self.dashboard.devices()
            if self.exists
            and device.get("networkId") == self.network_id
            and device.get("productType") == self.product_type
        }

    def _radio(self, serial: str, profile: Mapping[str, Any] | None) -> Item:
        """Radio of an access point according to the assignments; only its serial where they omit it."""
        item: Item = {"serial": serial}
        if profile:
            built_in = is_built_in(profile)
            item["rf_profile"] = None if built_in else str(profile["name"])
            self.raw[serial] = {"rfProfileId": None if built_in else profile["id"]}
        return item

    def _by_hand(self, serial: str, document: Mapping[str, Any], *, kept: bool) -> Item:
        """Settings by hand over the profile; a band without any is left out unless `kept`."""
        known = self.raw.get(serial, {})
        item = self.canonical(serial, {name: value for name, value in document.items() if name != "rfProfileId"})
        self.raw[serial] |= known
        bands = {name: item[name] for name in BY_HAND if name in item}
        return {name: band for name, band in bands.items() if kept or any(value is not None for value in band.values())}

    def _looked_into(self, desired: Item, live: Item) -> bool:
        moved = "rf_profile" in desired and desired["rf_profile"] != live.get("rf_profile")
        return moved or any(name in desired for name in BY_HAND)

    def _read(self, serial: str) -> Any:
        return retry_fresh(self, lambda: self.dashboard.get(fill(RADIOS.endpoint.read, {"serial": serial})))

    def _check_profiles(self, desired: Sequence[Item]) -> None:
        asked = {str(item["rf_profile"]) for item in desired if item.get("rf_profile") is not None}
        unknown = sorted(asked - set(self._names["rf_profile"].values())) if asked else []
        if unknown:
            raise Missing(
                f"{agreed(len(unknown), 'profil(s) radio inexistant(s)')} : {', '.join(unknown)}",
                where=self.scope,
                todo="Convergez d’abord les profils (tâche meraki_rf_profiles), ou corrigez leur nom ; null donne "
                "celui du constructeur.",
            )

    def _profiles(self) -> dict[str, str]:
        return RfProfiles.names_in(self.dashboard, self.scope, self.network_id)

    def names(self) -> Names:
        return self._names

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"serial": key}

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Guard an access point that takes a profile which shuts clients out."""
        moved = [operation for operation in operations if "rf_profile" in changed_fields(operation)]
        if not moved:
            return {}
        live = RfProfiles(self.dashboard, self.vault, self.owner, self.scope).gather([], whole=True, fresh=False)
        known = {**self.dashboard.planned("made_rf_profile").get(self.scope, {}), **live}
        needed: dict[str, str] = {}
        for operation in moved:
            names = [(side or {}).get("rf_profile") for side in (operation.before, operation.after)]
            if lost := shut_out(*(known.get(name, {}) for name in names)):
                needed[f"radio:{operation.key}"] = f"{operation.name} : {lost} ; de vieux appareils perdent le Wi-Fi"
        return needed

    def label(self, key: str, item: Item) -> str:
        return self._labels.get(key, key)

    def reset(self, key: str, item: Item) -> Item:
        return {name: value for name, value in defaults(RADIOS.fields).items() if name in item}

    def announce(self, planned: Plan) -> None:
        """Announce the profiles that access points will leave, so that those may be removed."""
        left = {
            operation.key: known
            for operation in planned.operations
            if "rf_profile" in changed_fields(operation)
            and (known := self.raw.get(operation.key, {}).get("rfProfileId"))
        }
        if left:
            before = self.dashboard.planned("left_rf_profile").get(self.scope, {})
            self.dashboard.plan_object("left_rf_profile", self.scope, {**before, **left})

    def writes(self, operation: Operation) -> Iterator[Write]:
        """Write the profile first and alone, because it clears settings by hand; then the bands."""
        body, after = self.body(operation), operation.after or {}
        path = fill(RADIOS.endpoint.target, self.ids(operation.place, {}))
        if "rfProfileId" in body:
            yield Write(operation, path, {"rfProfileId": body.pop("rfProfileId")})
            bands = [RADIOS.field(name) for name in BY_HAND if name in after]
            body |= to_wire(bands, {band.name: after[band.name] for band in bands}, {})
        if body:
            yield Write(operation, path, body)


def _planned(desired: Item) -> Item:
    """Build the radio of an access point that check mode has planned, as the claim will make it."""
    made = {**defaults(RADIOS.fields), "serial": desired["serial"]}
    return {name: value for name, value in made.items() if name not in BY_HAND or name in desired}
