"""The air of each access point against the plan of the town, and F18 as it is in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure, share
from piste.engine.finding import Finding, State, worst
from piste.engine.words import agreed, some
from piste.readings import store
from piste.readings.belief import Last, Reading
from piste.readings.wifi.kept import SUBJECT, Air, Band, Point
from piste.town.declared import serving
from piste.town.model import Site
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

if TYPE_CHECKING:
    from piste.town.model.devices import Device
    from piste.town.model.wifi.derived import RadioPlan

NEVER = f"jamais lu : {SUBJECT.again}"
WIDTH_2_4 = 20
"""Width at 2.4 GHz, in MHz: three channels do not overlap, and no more."""
ADD = "ajoutez ou déplacez une borne, ou répartissez les canaux (docs/wifi.md)"
PROFILE = "corrigez le profil radio de la borne (docs/wifi.md)"
PARTS = {
    "radios": "canaux", "uses": "occupation des canaux", "signals": "signal des clients", "profiles": "profils radio",
}  # fmt: skip

MEASURED = (
    ("radios", "channel", "canal pas relevé"), ("radios", "width", "largeur du canal pas relevée"),
    ("uses", "total", "usage du canal pas relevé"), ("uses", "other", "brouillage pas relevé"),
)  # fmt: skip
"""Values of a band that are judged, each with the part of the reading that gives it."""


class Fault(NamedTuple):
    said: str
    todo: str
    state: State = "wrong"


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each access point in service, and for 802.1X where a site has it.

    A laboratory where nothing was ever read says nothing.
    """
    known = store.last(SUBJECT, environment, ages(town))
    if town.commune is None or (environment == "lab" and not known):
        return
    plan = town.commune["radio_plan"]
    for name in serving(town):
        site, last = town.sites[name], known.get(name)
        air = last.value if isinstance(last, Reading) else None
        evidence = f"Dashboard, lu le {in_town(last.read_at)}" if isinstance(last, Reading) else ""
        for device in site["devices"]:
            if device["kind"] == "access_point":
                faults = [*_of_point(device, site, air, plan)] if air else [Fault(_why(last), SUBJECT.again, "unknown")]
                well = "" if faults else _well(device, air)
                yield _finding(f"{name}.{device['name']}", _named(device), faults, well, site, evidence)
        if site["dot1x"] != "off":
            said = [*_admission(site, air)] if air else [Fault(_why(last), SUBJECT.again, "unknown")]
            well = "SSID internes en 802.1X, comme déclaré"
            yield _finding(f"{name}.802.1X", f"{name}, 802.1X", said, well, site, evidence)
        if day := _settled(site):
            early = isinstance(last, Reading) and in_town(last.read_at, "%Y-%m-%d") < day
            why = f"{evidence}, avant le changement du {date.fromisoformat(day):{DAY}}" if early else _why(last)
            said = [Fault(why, SUBJECT.again, "unknown")] if early or not air else [*_limits(site, air)]
            well = "débits des SSID comme déclarés ce jour"
            yield _finding(f"{name}.affluence", f"{name}, affluence", said, well, site, evidence)


def _why(last: Last[Air] | None) -> str:
    return NEVER if last is None or isinstance(last, Reading) else last.why


def _named(device: Device) -> str:
    return f"{device['name']} ({device['covers']})" if device["covers"] else device["name"]


def _finding(id_: str, named: str, faults: list[Fault], well: str, site: Site, evidence: str) -> Finding:
    state = worst(fault.state for fault in faults)
    said = " ; ".join(fault.said for fault in faults) or well
    todo = " ; ".join(dict.fromkeys(fault.todo for fault in faults))
    return Finding(
        f"{SUBJECT.name}.{id_}", state, f"{named} : {said}", todo, site=site["id"], gravity="minor", evidence=evidence
    )


def _well(device: Device, air: Air | None) -> str:
    point = air["points"].get(device["serial"]) if air else None
    if point is None:
        return ""
    bands = ", ".join(
        f"{name.replace('.', ',')} GHz canal {band.get('channel')} occupé à {band.get('total'):.0f} %"
        for name, band in sorted(point["bands"].items())
    )
    return f"{bands} ; {'aucun client' if point['snr'] is None else f'SNR {point['snr']} dB'}"


def _of_point(device: Device, site: Site, air: Air, plan: RadioPlan) -> Iterator[Fault]:
    for part in PARTS:
        if part in air["unread"]:
            yield Fault(f"{PARTS[part]} : {air['unread'][part]}", SUBJECT.again, "unknown")
    point = air["points"].get(device["serial"])
    if point is None:
        if not {"radios", "uses"} & {*air["unread"]}:
            yield Fault("le Dashboard n’en dit rien, elle n’émettait pas", f"piste find {device['name']}", "unknown")
        return
    shared = Counter(
        (name, band.get("channel"))
        for serial, other in air["points"].items() if serial != device["serial"]
        for name, band in other["bands"].items()
    )  # fmt: skip
    if not point["bands"]:
        yield Fault("elle n’émet sur aucune bande", f"piste find {device['name']}", "unknown")
    for name, band in sorted(point["bands"].items()):
        ghz = f"{name.replace('.', ',')} GHz"
        for part, value, said in MEASURED:
            if band.get(value) is None and part not in air["unread"]:
                yield Fault(f"{said} à {ghz}", SUBJECT.again, "unknown")
        yield from _channel(name, ghz, band, plan, dense=device["dense"])
        if (count := shared[name, band.get("channel")]) > plan["neighbours"] and band.get("channel") is not None:
            yield Fault(f"{agreed(count, 'autre(s) borne(s)')} du site sur son canal à {ghz}", ADD)
        yield from _use(ghz, band, plan)
    yield from _signal(point, plan)
    if not point["min_bitrate"] and "profiles" not in air["unread"]:
        yield Fault("débit minimal : son profil radio n’est pas relevé", SUBJECT.again, "unknown")
    yield from _rates(point, plan)


def _channel(name: str, ghz: str, band: Band, plan: RadioPlan, *, dense: bool) -> Iterator[Fault]:
    channel, width = band.get("channel"), band.get("width")
    widest = WIDTH_2_4 if name == "2.4" else plan["widths_5"]["dense" if dense else "usual"] if name == "5" else None
    if name == "2.4" and channel is not None and channel not in plan["channels_2_4"]:
        yield Fault(f"canal {channel} à {ghz}, hors de {', '.join(map(str, plan['channels_2_4']))}", PROFILE)
    if widest is not None and width is not None and width > widest:
        yield Fault(f"canal large de {width} MHz à {ghz}, {widest} au plus", PROFILE)


def _use(ghz: str, band: Band, plan: RadioPlan) -> Iterator[Fault]:
    total, other = band.get("total"), band.get("other")
    if total is not None and total > plan["use"]:
        yield Fault(f"canal occupé à {total:.0f} % à {ghz}, {plan['use']} au plus", ADD)
    if other is not None and other > plan["other"]:
        todo = "cherchez ce qui brouille (docs/wifi.md)"
        yield Fault(f"{other:.0f} % du canal pris par autre chose que le Wi-Fi à {ghz}, {plan['other']} au plus", todo)


def _signal(point: Point, plan: RadioPlan) -> Iterator[Fault]:
    if point["why"]:
        yield Fault(f"signal des clients : {point['why']}", SUBJECT.again, "unknown")
    elif point["snr"] is not None and point["snr"] < plan["snr"]:
        yield Fault(f"signal des clients à {point['snr']} dB du bruit, {plan['snr']} au moins", ADD)


def _rates(point: Point, plan: RadioPlan) -> Iterator[Fault]:
    for name, rate in sorted(point["min_bitrate"].items()):
        ghz = f"{name.replace('.', ',')} GHz"
        if rate is None:
            yield Fault(f"débit minimal à {ghz} laissé aux SSID par {point['profile']}", PROFILE, "unknown")
        elif rate < plan["min_bitrate"]:
            yield Fault(f"débit minimal de {rate:g} Mbit/s à {ghz}, {plan['min_bitrate']:g} au moins", PROFILE)


def _admission(site: Site, air: Air) -> Iterator[Fault]:
    if air["ssids"] is None:
        why = air["unread"].get("ssids", "le Dashboard ne dit rien de ses SSID")
        yield Fault(why, SUBJECT.again, "unknown")
        return
    wanted = [ssid["name"] for ssid in site["ssids"] if ssid["enabled"] and ssid["authentication"] == "dot1x"]
    if other := [name for name in wanted if not _dot1x(air, name)]:
        yield Fault(f"pas en 802.1X : {some(other)}", f"piste plan {site['id']}")
    if stray := _undeclared(site, air):
        yield Fault(f"SSID que rien ne déclare : {some(stray)}", f"piste drift {site['id']}")


def _settled(site: Site) -> str:
    """Give the last day on which the declared limits of a site changed; empty before a crowd."""
    day = today()
    starts = [crowd["start"] for crowd in site["crowds"]]
    ends = [(date.fromisoformat(crowd["until"]) + timedelta(days=1)).isoformat() for crowd in site["crowds"]]
    return max((moved for moved in (*starts, *ends) if moved <= day.isoformat()), default="")


def _limits(site: Site, air: Air) -> Iterator[Fault]:
    """Compare the limits on the air with those that the site declares for today."""
    for ssid in site["ssids"]:
        read = (air["ssids"] or {}).get(ssid["name"])
        if not ssid["enabled"] or (limits := ssid["bandwidth"]) is None:
            continue
        ways = (
            limits["client_up_kbps"], limits["client_down_kbps"], limits["ssid_up_kbps"], limits["ssid_down_kbps"]
        )  # fmt: skip
        wanted = [limit or 0 for limit in ways]
        if read is None or None in read["limits"]:
            yield Fault(f"débits de {ssid['name']} pas relevés", SUBJECT.again, "unknown")
        elif read["limits"] != wanted:
            said = f"{ssid['name']} : {_kbps(read['limits'])}, {_kbps(wanted)} déclarés"
            yield Fault(said, f"piste plan {site['id']}")


def _kbps(limits: Sequence[int | None]) -> str:
    """Write limits, of a client then of the whole SSID."""
    return " / ".join(f"{limit or 0} kbit/s" for limit in limits)


def _undeclared(site: Site, air: Air) -> list[str]:
    """Name the SSIDs that are on the air of a site, and that its declaration does not turn on."""
    wanted = {ssid["name"] for ssid in site["ssids"] if ssid["enabled"]}
    return sorted({*(air["ssids"] or ())} - wanted)


def _dot1x(air: Air, name: str) -> bool:
    """Tell whether an SSID is on the air in 802.1X."""
    read = (air["ssids"] or {}).get(name)
    return read is not None and in_dot1x(read["mode"])


def in_dot1x(mode: str) -> bool:
    """Tell whether a way of admission, as the Dashboard names it, is 802.1X."""
    return mode.startswith("8021x-")


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F18 as read, the declaration beside it: SSIDs that are not for guests, access ports.

    An SSID that nobody declares counts among the internal SSIDs.
    """
    # The forms of the access policies cost a command that shows no figure.
    from piste.town.model.access import dot1x_share

    known = store.last(SUBJECT, environment, ages(town))
    read = {name: last.value for name, last in known.items() if isinstance(last, Reading)}
    declared = {name: dot1x_share(town.sites[name]) for name in serving(town)}
    total = {key: sum(counts[key] for counts in declared.values()) for key in COUNTS}  # type: ignore[literal-required]
    counted = {name: _in_force(town.sites[name], read.get(name)) for name in declared}
    here = [name for name, count in counted.items() if count is not None]
    ssids = sum(counted[name] or 0 for name in here)
    every = total["internal_ssids"] + sum(len(_undeclared(town.sites[name], read[name])) for name in here)
    unknown = sum(declared[name]["internal_ssids"] for name in declared if name not in here)
    ports = [air["ports"] for air in read.values() if air["ports"]]
    wired, access = sum(port["dot1x"] for port in ports), sum(port["access"] for port in ports)
    said = (
        f"802.1X : {ssids if here else '?'} des {every} SSID internes (déclaré : {total['ssids']}), "
        f"{wired if ports else '?'} des {access if ports else '?'} ports d’accès "
        f"(déclaré : {total['ports']} des {total['access_ports']})"
    )
    value = share(ssids, every) if here else None
    yield Figure("F18", value, "%", ssids if here else None, every, unknown, said=said)
    lacking = len([name for name in declared if declared[name]["access_ports"] and not _ports(read.get(name))])
    yield Figure(
        "F18.wired", share(wired, access) if ports else None, "%", wired if ports else None, access, lacking
    )


COUNTS = ("ssids", "internal_ssids", "ports", "access_ports")


def _ports(air: Air | None) -> bool:
    return bool(air and air["ports"])


def _in_force(site: Site, air: Air | None) -> int | None:
    """Count the internal SSIDs of a site on the air in 802.1X; None where it was not read."""
    if air is None or air["ssids"] is None:
        return None
    internal = [ssid["name"] for ssid in site["ssids"] if ssid["enabled"] and not ssid["guest"]]
    internal += _undeclared(site, air)
    return sum(_dot1x(air, name) for name in internal)
