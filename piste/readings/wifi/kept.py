"""The last reading of the air of each site, by access point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from pydantic import Field, FiniteFloat

from piste.engine.converge.moments import zoned
from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.table import SUBJECTS, Answer
from piste.town.declared import serving
from piste.town.model import Site
from piste.town.model.derived import Derived

SUBJECT = SUBJECTS["wifi"]
Share = Annotated[FiniteFloat, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]


class Band(TypedDict, total=False):
    """The radio of a band.

    Channel, width in MHz, power in dBm; share of the channel that is taken, in percent.
    """

    channel: int | None
    width: int | None
    power: int | None
    total: Share | None
    other: Share | None


class Point(TypedDict):
    """An access point.

    `min_bitrate` is by band, None where its profile leaves it to SSIDs; `why` says why no signal was read.
    """

    bands: dict[str, Band]
    snr: int | None
    rssi: int | None
    why: str
    profile: str | None
    min_bitrate: dict[str, FiniteFloat | None]


class Ports(TypedDict):
    """Access ports that are on, and those of them under an access policy."""

    access: Count
    dot1x: Count


class OnAir(TypedDict):
    """An SSID on the air.

    Its admission; kbit/s of a client up and down, of the SSID up and down, 0 without limit.
    """

    mode: str
    limits: Annotated[list[int | None], Field(min_length=4, max_length=4)]


class Air(TypedDict):
    """The air of a site, its SSIDs by name; `unread`, the reason by part."""

    points: dict[str, Point]
    ssids: dict[str, OnAir] | None
    ports: Ports | None
    unread: dict[str, str]


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the air of each site; tell whether something came."""
    tried: dict[str, Tried[Air]] = dict.fromkeys(serving(town), store.unanswered(answer))
    if answer.content:
        air = answer.content["air"]
        tried = {name: Reading(_of_site(town.sites[name], air), zoned(air["read_at"])) for name in tried}
    store.keep(SUBJECT, environment, tried, only=())
    return bool(answer.content)


def _of_site(site: Site, air: Mapping[str, Any]) -> Air:
    def part(name: str) -> Mapping[str, Any]:
        given: Mapping[str, Any] = air.get(name) or {}
        return given

    points = [device["serial"] for device in site["devices"] if device["kind"] == "access_point"]
    switches = [part("ports")[device["serial"]] for device in site["devices"] if device["serial"] in part("ports")]
    counts = Ports(access=sum(s["access"] for s in switches), dot1x=sum(s["dot1x"] for s in switches))
    silent = "" if "signals" in air["unread"] else "pas relevé"
    seen = [serial for serial in points if serial in part("radios") or serial in part("uses")]
    return {
        "points": {serial: _point(serial, part, silent) for serial in seen},
        "ssids": part("ssids").get(site["network_name"]),
        "ports": counts if switches else None,
        "unread": dict(air["unread"]),
    }


def _point(serial: str, part: Any, silent: str) -> Point:
    """Gather what was read of an access point; `silent` says why its signal was not."""
    radios, uses = part("radios").get(serial, {}), part("uses").get(serial, {})
    signal = part("signals").get(serial, {"snr": None, "rssi": None, "why": silent})
    profile = part("profiles").get(serial, {"name": None, "min_bitrate": {}})
    bands: dict[str, Any] = {
        band: {**radios.get(band, {}), **uses.get(band, {})} for band in dict.fromkeys([*radios, *uses])
    }
    return {
        "bands": bands,
        "snr": signal["snr"],
        "rssi": signal["rssi"],
        "why": signal["why"],
        "profile": profile["name"],
        "min_bitrate": profile["min_bitrate"],
    }
