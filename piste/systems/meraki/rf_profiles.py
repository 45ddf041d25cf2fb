"""RF profiles: the powers, bit rates and channels that an access point may use.

Source: Dashboard API, `createNetworkWirelessRfProfile`, `updateNetworkWirelessRfProfile`. Settings by SSID
(`perSsidSettings`) and the default profile of a network are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from piste.engine.converge.errors import Fault, Guarded
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.words import agreed
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.dashboard import Dashboard, fill

if TYPE_CHECKING:
    from piste.town.model.wifi.radio import Radio, RfProfile

_DECLARED: tuple[Literal["two_four_ghz", "five_ghz"], ...] = ("two_four_ghz", "five_ghz")
BUILT_IN = frozenset({"Basic Indoor Profile", "Basic Outdoor Profile"})
"""Names of the vendor's profiles, in every network, immutable [belief meraki.factory_profiles]."""


def is_built_in(profile: Mapping[str, Any]) -> bool:
    """True for the vendor's own profile, listed or assigned: its id is a word, not a number."""
    return text(profile["name"]) in BUILT_IN or text(profile["id"]) in ("indoor", "outdoor")


def _power(name: str, doc: str, default: int) -> Field:
    return Field(name, f"{doc} power, dBm.", type="int", default=default, minimum=2, maximum=30)


def _band(name: str, title: str, wire: str, lowest: int, rate: Field, *own: Field) -> Field:
    return Field(
        name,
        f"The {title} GHz radio.",
        type="dict",
        wire=wire,
        of=(
            _power("min_power", "Lowest", lowest),
            _power("max_power", "Highest", 30),
            rate,
            Field("valid_auto_channels", "Channels that may be chosen.", type="list", elements="int", unordered=True),
            *own,
            Field(
                "rxsop",
                "Level under which a frame is not listened to, dBm; null for the default.",
                type="int",
                nullable=True,
                minimum=-95,
                maximum=-65,
            ),
        ),
    )


_BANDS = ("2.4", "5", "6", "disabled")
_RATE = Field(
    "min_bitrate", "Lowest bit rate, Mbit/s.", type="int", choices=(6, 9, 12, 18, 24, 36, 48, 54), default=12
)
_WIDTH = "Width of the channels, MHz: C(auto), C(20), C(40), C(80)"

RF_PROFILES = Resource(
    system="meraki",
    name="rf_profile",
    doc="Profil radio",
    parents={"network": ""},
    endpoint=in_list("/networks/{network_id}/wireless/rfProfiles"),
    known=frozenset({"id", "networkId", "perSsidSettings", "isIndoorDefault", "isOutdoorDefault"}),
    fields=(
        Field("name", "Name of the profile; its identity.", required=True),
        Field("band_selection_type", "Whether bands are chosen by access point or by SSID.", choices=("ap", "ssid")),
        Field("client_balancing_enabled", "Whether clients are shared out.", type="bool", default=True),
        Field("min_bitrate_type", "Whether bit rates are by band or SSID.", choices=("band", "ssid"), default="band"),
        Field(
            "ap_band_settings",
            "Bands of the access point.",
            type="dict",
            of=(
                Field(
                    "band_operation_mode",
                    "Bands in use.",
                    choices=("2.4ghz", "5ghz", "6ghz", "dual", "multi"),
                    default="dual",
                ),
                Field(
                    "bands",
                    "The same, band by band.",
                    type="dict",
                    of=(Field("enabled", "Those in use.", type="list", choices=_BANDS, unordered=True),),
                ),
                Field("band_steering_enabled", "Whether clients are led to 5 GHz.", type="bool", default=True),
            ),
        ),
        _band(
            "two_four_ghz",
            "2.4",
            "twoFourGhzSettings",
            5,
            Field("min_bitrate", "Lowest bit rate, Mbit/s.", type="float", default=11),
            Field("ax_enabled", "Whether 802.11ax is spoken.", type="bool", default=True),
        ),
        _band("five_ghz", "5", "fiveGhzSettings", 8, _RATE, Field("channel_width", f"{_WIDTH}.")),
        _band("six_ghz", "6", "sixGhzSettings", 8, _RATE, Field("channel_width", f"{_WIDTH}, C(160).")),
        Field(
            "transmission",
            "Transmission of the access point.",
            type="dict",
            of=(Field("enabled", "Whether it transmits at all.", type="bool", default=True),),
        ),
    ),
)


def assignments(dashboard: Dashboard, network_id: str, *, fresh: bool) -> dict[str, dict[str, Any]]:
    """Profile `{id, name, …}` of each access point of a network, by serial number.

    They come from the read of the whole organization that a run makes once; with `fresh`, from a new read of that
    network.
    """
    path = f"/organizations/{dashboard.organization}/wireless/rfProfiles/assignments/byDevice"

    def read(query: Mapping[str, Any]) -> list[dict[str, Any]]:
        # The description puts the envelope of each page in a list; both forms are accepted.
        pages = dashboard.pages(path, 1000, query)
        entries = [entry for page in pages for entry in listed(page.get("items", [page]))]
        return [
            {"serial": text(entry["serial"]), **{name: mapped(entry.get(name)) for name in ("network", "rfProfile")}}
            for entry in entries
        ]

    if fresh:
        known = read({"networkIds[]": [network_id]})
        for entry in known:
            dashboard.learn("rf_assignments", "serial", entry, _ASSIGNED)
    else:
        known = dashboard.shared.once("rf_assignments", lambda: read({}))
    return {
        str(entry["serial"]): dict(entry["rfProfile"]) for entry in known if text(entry["network"]["id"]) == network_id
    }


_ASSIGNED = ("serial", "network", "rfProfile")


def config_of(profile: RfProfile) -> dict[str, Any]:
    """Give the config of a declared profile: what that leaves out stays as it is."""
    config: dict[str, Any] = {"name": profile["name"]}
    steering, bands = profile.get("band_steering"), profile.get("bands")
    air: dict[str, Any] = {} if steering is None else {"band_steering_enabled": steering}
    if bands:
        mode = "dual" if len(bands) > 1 else f"{bands[0]}ghz"
        air |= {"band_operation_mode": mode, "bands": {"enabled": bands}}
    config |= {"band_selection_type": "ap", "ap_band_settings": air} if air else {}
    if profile.get("client_balancing") is not None:
        config["client_balancing_enabled"] = profile["client_balancing"]
    if any(profile[band].get("min_bitrate") for band in _DECLARED):
        config["min_bitrate_type"] = "band"
    return config | {band: radio for band in _DECLARED if (radio := _radio(profile[band]))}


def _radio(radio: Radio) -> dict[str, Any]:
    power = radio["power"]
    config: dict[str, Any] = {"min_power": power["lowest"], "max_power": power["highest"]} if power else {}
    width = radio.get("width")
    named: dict[str, Any] = {"channel_width": width and str(width), "valid_auto_channels": radio.get("channels")}
    named["min_bitrate"] = radio.get("min_bitrate")
    return config | {name: value for name, value in named.items() if value is not None}


_MODES: Mapping[str, set[str]] = {
    "2.4ghz": {"2.4"},
    "5ghz": {"5"},
    "6ghz": {"6"},
    "dual": {"2.4", "5"},
    "multi": {"2.4", "5", "6"},
}


def shut_out(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say what shuts clients out from a profile to another; empty where nothing does.

    What is not known is taken as the system makes it.
    """
    said = [f"{band} GHz s’éteint" for band in sorted(_on(before) - _on(after))]
    for name in _DECLARED:
        old, new = (_slowest(item, name) for item in (before, after))
        if new > old:
            band = "2.4" if name == "two_four_ghz" else "5"
            said.append(f"le débit minimal passe de {old:g} à {new:g} Mbit/s à {band} GHz")
    return ", ".join(said).replace(".", ",")


def _slowest(item: Mapping[str, Any], name: str) -> float:
    """Give the lowest bit rate of a band; those of each SSID are not known."""
    rate = None if item.get("min_bitrate_type") == "ssid" else (item.get(name) or {}).get("min_bitrate")
    return float(rate or next(part.default for part in RF_PROFILES.field(name).of if part.name == "min_bitrate"))


def _on(item: Mapping[str, Any]) -> set[str]:
    """Give the bands in use; those of each SSID are not known."""
    air = item.get("ap_band_settings") or {}
    if item.get("band_selection_type") == "ssid" or not air:
        return _MODES["dual"]
    if (named := (air.get("bands") or {}).get("enabled")) is not None:
        return {*named} - {"disabled"}
    return _MODES.get(air.get("band_operation_mode", ""), _MODES["dual"])


class RfProfiles(Collection):
    resource = RF_PROFILES

    @classmethod
    def documents(cls, dashboard: Dashboard, network_id: str) -> list[dict[str, Any]]:
        """List the profiles of the network, without the vendor's.

        The description gives a single object for the list.
        """
        path = fill(RF_PROFILES.endpoint.read, {"network_id": network_id})
        answer = dashboard.request("GET", path).document()
        profiles = answer if isinstance(answer, list) else [answer]
        return [profile for profile in profiles if not is_built_in(profile)]

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        why = "profil du constructeur, que rien ne change : donnez un autre nom au vôtre"
        return [Fault(f"config[{name}]", why) for item in desired if (name := item.get("name")) in BUILT_IN]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse to remove a profile that access points still use: they would take the vendor's own.

        Guard what shuts clients out.
        """
        gone = {self.raw[o.key]["id"]: o.key for o in operations if o.action == "delete"}
        refused: list[str] = []
        if gone:
            left = self.dashboard.planned("left_rf_profile").get(self.scope, {})
            users = [
                text(profile["id"])
                for serial, profile in assignments(self.dashboard, self.network_id, fresh=True).items()
                if profile and left.get(serial) != profile["id"]
            ]
            used = {name: users.count(profile_id) for profile_id, name in gone.items()}
            refused = [f"{name} ({agreed(count, 'borne(s)')})" for name, count in used.items() if count]
        if refused:
            raise Guarded(
                f"{agreed(len(refused), 'profil(s)')} radio encore en usage : {', '.join(refused)}",
                where=self.scope,
                todo="Donnez d’abord un autre profil à ces bornes.",
            )
        return {
            f"radio:{operation.key}": f"{operation.name} : {lost} ; de vieux appareils perdent le Wi-Fi"
            for operation in operations
            if operation.action == "update" and (lost := shut_out(operation.before or {}, operation.after or {}))
        }

    def announce(self, planned: Plan) -> None:
        super().announce(planned)
        made = {o.key: o.after for o in planned.operations if o.action == "create"}
        if made:
            self.dashboard.plan_object("made_rf_profile", self.scope, made)

    def created(self, operation: Operation) -> dict[str, Any]:
        return {"bandSelectionType": "ap", **super().created(operation)}
