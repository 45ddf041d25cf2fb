"""Devices, ports, aggregates and radios of a site, as reported, against the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from piste.engine.clock import in_town
from piste.engine.finding import Gravity
from piste.engine.words import agreed
from piste.sites.living.seen import STALE, Faults, Reading, Seen, age, oldest, stale

if TYPE_CHECKING:
    from piste.town.model import Site, Town
    from piste.town.model.devices import Device
    from piste.town.model.layer2.derived import LinkPort
    from piste.town.model.outside_hours import Window
    from piste.town.model.ports import Port

KINDS = {"switch": ("Réseau", "Commutateurs", "switches"), "access_point": ("Wi-Fi", "Bornes", "access-points")}
UP, DOWN, WITHOUT_POWER = "Connected", ("Disconnected", "Disabled"), "disconnected"
STATES = {
    "offline": "hors ligne",
    "dormant": "hors ligne depuis longtemps",
    "alerting": "en alerte",
}
"""Statuses of a device that does not live as it should, in French; `online` is the other."""
ALERTING = "alerting"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def network(site: Site, reading: Reading) -> Iterator[Seen]:
    """Judge what lives of the network of a site."""
    for kind in KINDS:
        if devices := [device for device in site["devices"] if device["kind"] == kind]:
            yield _devices(site, kind, devices, reading)
    if any(device["kind"] == "switch" for device in site["devices"]):
        yield _ports(site, reading)
    if site["aggregates"]:
        yield _aggregates(site, reading)
    if any(device["kind"] == "access_point" for device in site["devices"]) and any(map(_on_air, site["ssids"])):
        yield _radios(site, reading)


def _unread(id_: str, domain: str, title: str, requirements: tuple[str, ...], expected: str, reading: Reading,
            why: str) -> Seen:  # fmt: skip
    return Seen(id_, domain, title, requirements, expected, "pas lu", "unknown", why, None, reading.read_at)


# devices


def _devices(site: Site, kind: str, devices: Sequence[Device], reading: Reading) -> Seen:
    domain, words, name = KINDS[kind]
    id_, title, requirements = f"living.{name}", f"{words} en ligne", ("R031" if kind == "switch" else "R033", "R067")
    expected = f"{len(devices)} en ligne, rapport de moins de {age(STALE)}"
    if why := reading.unread("devices"):
        return _unread(id_, domain, title, requirements, expected, reading, why)
    known = reading.parts["devices"]
    faults, here = Faults(), {device["name"]: known.get(device["serial"]) for device in devices}
    if kind == "access_point" and (since := _asleep_since(site, reading)):
        return _asleep(id_, expected, here, since, reading)
    for device in devices:
        _device(device["name"], here[device["name"]], reading, faults, _gravity(site, device))
    well = f"{len(devices)} en ligne{oldest(reading, [live['reported_at'] for live in here.values() if live])}"
    proof = {"devices": here, "read_at": reading.read_at}
    observed, at = faults.said(well), reading.read_at
    return Seen(id_, domain, title, requirements, expected, observed, faults.verdict, "", proof, at, faults.each)


def _device(label: str, live: Mapping[str, Any] | None, reading: Reading, faults: Faults, gravity: Gravity) -> None:
    if live is None:
        faults.add(label, " n’est dans aucun réseau du Dashboard", gravity=gravity)
        return
    seconds = reading.age(live["reported_at"])
    last = "" if seconds is None else f", dernier rapport il y a {age(seconds)}"
    if seconds is not None and seconds < 0 and stale(seconds):
        last = ", dernier rapport daté de l’avenir"
    if live["status"] in STATES:
        gone = live["status"] != ALERTING
        faults.add(label, f" {STATES[live['status']]}{last}", gravity=gravity if gone else "minor")
    elif live["status"] != "online":
        faults.add(label, f" : « {live['status']} »{last}", "unknown")
    elif stale(seconds):
        faults.add(label, f" en ligne{last}", "unknown")
    elif WITHOUT_POWER in live["supplies"]:
        faults.add(label, " : une alimentation sans courant", gravity=gravity)


def _gravity(site: Site, device: Device) -> Gravity:
    """Give the gravity of a device that is gone: grave where it carries others."""
    if device["kind"] != "switch":
        return "minor"
    core = site["core"]["serials"] if site["core"] else ()
    return "critical" if device["serial"] in core or any(port["uplink"] for port in device["ports"]) else "major"


_ASLEEP = "les bornes sont éteintes hors des heures du site : à relire à une heure d’ouverture"


def _asleep(
    id_: str, expected: str, here: Mapping[str, Mapping[str, Any] | None], since: datetime, reading: Reading
) -> Seen:
    """Judge access points that are off by hours: wrong where the last report is older."""
    domain, words, _ = KINDS["access_point"]
    faults, at = Faults(), reading.read_at
    for name, live in here.items():
        if live is None:
            faults.add(name, " n’est dans aucun réseau du Dashboard", gravity="minor")
        elif live["status"] in ("online", ALERTING) or not live["reported_at"]:
            continue
        elif (since - datetime.fromisoformat(live["reported_at"])).total_seconds() > STALE:
            last = in_town(live["reported_at"])
            faults.add(name, f" hors ligne avant ses heures de veille, dernier rapport le {last}", gravity="minor")
    named = {fault.thing for fault in faults.each}
    why = "" if named else _ASLEEP
    return Seen(
        id_, domain, f"{words} en ligne", ("R033", "R067"), expected, faults.said("pas essayé"),
        "wrong" if named else "untested", why, {"devices": here, "read_at": at} if named else None, at, faults.each,
        [name for name in here if name not in named],
    )  # fmt: skip


def _asleep_since(site: Site, reading: Reading) -> datetime | None:
    """Give since when ports of access points are off by their hours; None where some are on."""
    followed = {port["schedule"] for device in site["devices"] for port in device["ports"] if port["schedule"]}
    schedules = [entry["open"] for entry in site["port_schedules"] if entry["name"] in followed]
    if not schedules or any(_open(windows, site, reading.moment) for windows in schedules):
        return None
    return min(_closed(windows, site, reading.moment) for windows in schedules)


def _closed(windows: Sequence[Window], site: Site, moment: datetime) -> datetime:
    """Give the last end of windows before a moment; a week before where there is none."""
    local = moment.astimezone(ZoneInfo(site["timezone"]))
    days = [local - timedelta(days=past) for past in range(8)]
    ends = [
        day.replace(hour=0, minute=0, second=0, microsecond=0)
        + timedelta(hours=int(window["end"][:2]), minutes=int(window["end"][3:]))
        for day in days for window in windows if window["day"] == _DAYS[day.weekday()]
    ]  # fmt: skip
    return max((end for end in ends if end <= local), default=days[-1])


def _open(windows: Sequence[Window], site: Site, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(site["timezone"]))
    day, hour = _DAYS[local.weekday()], local.strftime("%H:%M")
    return any(window["day"] == day and window["start"] <= hour < window["end"] for window in windows)


# ports


def _ports(site: Site, reading: Reading) -> Seen:
    id_, title, requirements = "living.ports", "Liaisons et ports branchés, débit et erreurs", ("R031", "R067")
    expected = "chaque liaison déclarée en service, à son débit, en duplex intégral, sans erreur"
    if why := reading.unread("devices", "ports"):
        return _unread(id_, "Réseau", title, requirements, expected, reading, why)
    faults, judged, up = Faults(), dict[str, Any](), 0
    for device in site["devices"]:
        if device["kind"] == "switch" and (live := live_ports(device, reading, faults)) is not None:
            if not _linked(site, device, reading):
                faults.add(device["name"], " : aucune liaison montante en service", gravity="critical")
            judged |= {f"{device['name']}/{number}": port for number, port in live.items()}
            for port in device["ports"]:
                judge_port(device, port, live.get(port["port"]), faults)
                up += live.get(port["port"], {}).get("status") == UP
    well = f"{agreed(up, 'port(s) branché(s)')}, aucune erreur"
    proof = {"ports": judged, "read_at": reading.read_at}
    observed, at = faults.said(well), reading.read_at
    return Seen(id_, "Réseau", title, requirements, expected, observed, faults.verdict, "", proof, at, faults.each)


def live_ports(device: Device, reading: Reading, faults: Faults) -> Mapping[str, Any] | None:
    """Give the ports of a switch; None where it does not report, which is noted."""
    live = reading.parts["devices"].get(device["serial"])
    seconds = reading.age(live["reported_at"]) if live else None
    if live is None or live["status"] not in ("online", "alerting") or stale(seconds):
        faults.add(device["name"], " : ses ports ne sont pas connus, il ne rend pas compte", "unknown")
        return None
    ports: Mapping[str, Any] | None = reading.parts["ports"].get(device["serial"])
    if ports is None:
        faults.add(device["name"], " : le Dashboard ne dit rien de ses ports", "unknown")
    return ports


def _linked(site: Site, device: Device, reading: Reading) -> bool:
    """True where a switch, or the stack that it is a member of, has an uplink in service."""
    stack = next((stack["members"] for stack in site["stacks"] if _member(stack["members"], device)), ())
    serials = {device["serial"], *(member["serial"] for member in stack)}
    uplinks = {
        (other["serial"], port["port"]) for other in site["devices"] for port in other["ports"] if port["uplink"]
    }
    return any(
        port["status"] == UP and (port["uplink"] or (serial, number) in uplinks)
        for serial in serials
        for number, port in reading.parts["ports"].get(serial, {}).items()
    )


def _member(members: Sequence[Mapping[str, Any]], device: Device) -> bool:
    return any(member["serial"] == device["serial"] for member in members)


def far_ends(town: Town, site: Site) -> Iterator[tuple[Device, Port]]:
    """List the ports of other sites where the links of this site arrive."""
    for link in site["premises"]["links"]:
        if link["far_port"] and link["to"] in town.sites:
            name, _, number = link["far_port"].rpartition("/")
            devices = [device for device in town.sites[link["to"]]["devices"] if device["name"] == name]
            yield from ((device, port) for device in devices for port in device["ports"] if port["port"] == number)


def judge_port(device: Device, port: Port, live: Mapping[str, Any] | None, faults: Faults) -> None:
    label = f"{device['name']}/{port['port']} ({port['name']})"
    if live is None:
        if port["in_use"]:
            faults.add(label, " : le Dashboard ne le montre pas", "unknown")
        return
    gravity: Gravity = "critical" if port["uplink"] else "major"
    if live["status"] != UP:
        if live["status"] not in DOWN:
            faults.add(label, f" : « {live['status']} »", "unknown")
        elif port["in_use"]:
            faults.add(label, " sans lien", gravity=gravity)
        return
    speed, least = live["speed_mbps"], port["rate_mbps"]
    if least and speed is None:
        faults.add(label, " : débit inconnu", "unknown")
    elif least and speed < least:
        faults.add(label, f" à {speed} Mb/s au lieu de {least}")
    if live["duplex"] == "half":
        faults.add(label, " en semi-duplex")
    elif live["duplex"] != "full" and least:
        faults.add(label, " : duplex inconnu", "unknown")
    for said in (*live["errors"], *live["warnings"]):
        faults.add(label, f" : {said}")


# aggregates


def _aggregates(site: Site, reading: Reading) -> Seen:
    id_, title, requirements = "living.aggregates", "Agrégats, tous leurs ports en service", ("R031", "R067")
    expected = f"{agreed(len(site['aggregates']), 'agrégat(s)')}, tous leurs ports, à un même débit"
    if why := reading.unread("devices", "ports"):
        return _unread(id_, "Réseau", title, requirements, expected, reading, why)
    faults, devices = Faults(), {device["serial"]: device for device in site["devices"]}
    proof: dict[str, Any] = {}
    for aggregate in site["aggregates"]:
        ports = aggregate["ports"]
        lives = {f"{port['device']}/{port['port']}": _member_port(devices, port, reading) for port in ports}
        proof[aggregate["name"]] = lives
        silent = [port for port, live in lives.items() if live is None]
        down = [port for port, live in lives.items() if live and live["status"] != UP]
        speeds = {live["speed_mbps"] for live in lives.values() if live and live["status"] == UP}
        for port in silent:
            faults.add(aggregate["name"], f" : {port} n’est pas connu", "unknown")
        for port in down:
            faults.add(aggregate["name"], f" : {port} sans lien")
        if len(speeds) > 1:
            faults.add(aggregate["name"], " : ses ports n’ont pas le même débit")
    observed, at = faults.said("tous leurs ports en service"), reading.read_at
    evidence = {"aggregates": proof, "read_at": at}
    return Seen(id_, "Réseau", title, requirements, expected, observed, faults.verdict, "", evidence, at, faults.each)


def _member_port(devices: Mapping[str, Device], port: LinkPort, reading: Reading) -> Mapping[str, Any] | None:
    device = devices.get(port["serial"])
    live = live_ports(device, reading, Faults()) if device else None
    return live.get(port["port"]) if live else None


# radios


SILENT = " n’émet pas {}"
"""What a point that does not emit an SSID is said to do, after its name."""


def _on_air(ssid: Mapping[str, Any]) -> bool:
    return bool(ssid["enabled"])


def _radios(site: Site, reading: Reading) -> Seen:
    id_, title, requirements = "living.ssids", "SSID émis par les bornes", ("R033", "R035", "R067")
    expected = "chaque borne en ligne émet les SSID déclarés"
    if why := reading.unread("devices", "radios"):
        return _unread(id_, "Wi-Fi", title, requirements, expected, reading, why)
    faults, proof, points, clients = Faults(), dict[str, Any](), 0, 0
    for device in site["devices"]:
        live = reading.parts["devices"].get(device["serial"])
        if device["kind"] != "access_point" or live is None or live["status"] not in ("online", "alerting"):
            continue
        points += 1
        clients += reading.parts["clients"].get(device["serial"], 0)
        wanted = [ssid["name"] for ssid in site["ssids"] if _emitted(ssid, device, site, reading)]
        on_air = reading.parts["radios"].get(device["serial"], [])
        proof[device["name"]] = {"wanted": wanted, "on_air": on_air}
        for name in wanted:
            if name not in on_air:
                faults.add(device["name"], SILENT.format(name), gravity="minor")
    if not points and _asleep_since(site, reading):
        return _unread(id_, "Wi-Fi", title, requirements, expected, reading, _ASLEEP)._replace(
            observed="pas essayé", verdict="untested"
        )
    if not points:
        return _unread(id_, "Wi-Fi", title, requirements, expected, reading, "aucune borne n’est en ligne")
    counted = "" if reading.unread("clients") else f", {agreed(clients, 'client(s)')}"
    observed, at = faults.said(f"{agreed(points, 'borne(s)')}{counted}"), reading.read_at
    evidence = {"access_points": proof, "clients": clients, "read_at": at}
    return Seen(
        id_, "Wi-Fi", title, requirements, expected, observed, faults.verdict, "", evidence, at, faults.each,
        wrong=faults.lines,
    )  # fmt: skip


def _emitted(ssid: Mapping[str, Any], device: Device, site: Site, reading: Reading) -> bool:
    """True where an access point must have an SSID on the air at the moment of the reading."""
    tags, schedule = ssid["availability_tags"], ssid["schedule"]
    here = not tags or bool({*tags} & {*device["tags"]})
    opened = not schedule or not schedule["open"] or _open(schedule["open"], site, reading.moment)
    return _on_air(ssid) and here and opened
