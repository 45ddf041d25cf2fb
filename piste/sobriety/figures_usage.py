"""Use of the network: mean and peak load, idle radios, hours of SSIDs (CCTP 4.4.2).

An hour that was not measured is in the denominator of idleness, and never in its numerator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from piste.sobriety.activity import FRENCH_DAYS, Use, hour_words, on_air, open_shares, use_of
from piste.sobriety.breakdown import Heading, Listing, Share
from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures_network import open_windows
from piste.sobriety.readings import Item
from piste.sobriety.usage import HOURS, Week, places
from piste.town.model import Site

LOAD, IDLE, SSID_HOURS = "F8.load", "F8.idle", "F8.ssid_hours"
CCTP = "4.4.2"
_SOURCE, _LIVE = "Dashboard Meraki, clients par heure", "Dashboard Meraki, SSID et leurs horaires"
CLIENTS, PER_WEEK = "clients", "SSID × borne × h/semaine"
PROFILE = "profil-usage"
NO_WEEK = "aucune semaine entière n’a encore été relevée"


class Radio(NamedTuple):
    """An access point: hours of a week on the air, and of them those that were idle and unknown."""

    site: str
    name: str
    serial: str
    emitted: float
    idle: float
    unknown: float


def network_usage_figures(known: Known) -> Iterator[Figure]:
    yield _load(known)
    yield _idle(known)
    yield _ssid_hours(known)


def uses(known: Known) -> dict[str, Use]:
    """Give the use of each site that has access points or ports; empty where no week was read."""
    weeks = known.readings.usage or ()
    points = {name: places(site)["access_points"] for name, site in known.sites.items()}
    return {name: use_of(weeks, name, points[name]) for name in points} if weeks else {}


def wireless(known: Known) -> dict[str, Site]:
    """List the sites with access points."""
    return {name: site for name, site in known.sites.items() if places(site)["access_points"]}


def last_day(weeks: Sequence[Week]) -> str:
    """Give the day of the end of the last week."""
    return weeks[-1]["end"][:10] if weeks else ""


def radios(known: Known) -> tuple[list[Radio], list[str]]:
    """List the access points of the sites whose SSIDs were read; name the others' sites."""
    listed, unread = [], []
    by_site = uses(known)
    for name, site in wireless(known).items():
        shares = emission(site, known.readings.networks.get(name))
        if shares is None:
            unread.append(name)
            continue
        use = by_site.get(name)
        for device in site["devices"]:
            if device["kind"] == "access_point":
                on = shares[device["serial"]]
                seen = use.points[device["serial"]].peak if use else [None] * HOURS
                listed.append(Radio(
                    name, device["name"], device["serial"], sum(on),
                    sum(share for share, value in zip(on, seen, strict=True) if value == 0),
                    sum(share for share, value in zip(on, seen, strict=True) if value is None),
                ))  # fmt: skip
    return listed, unread


def emission(site: Site, read: Item | None) -> dict[str, list[float]] | None:
    """Give, by access point, the share of each hour with an SSID on the air; None if not read."""
    carried = carried_ssids(site, read)
    if carried is None:
        return None
    return {
        serial: [max(shares, default=0.0) for shares in zip(*curves, strict=True)] if curves else [0.0] * HOURS
        for serial, curves in carried.items()
    }


def carried_ssids(site: Site, read: Item | None) -> dict[str, list[list[float]]] | None:
    """Give, by access point, the hours of each SSID that it carries; None if not read."""
    if read is None or "ssids" not in read:
        return None
    try:
        curves = [(ssid, on_air(ssid.get("schedule"))) for ssid in read["ssids"] if ssid.get("enabled")]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    return {
        device["serial"]: [
            curve
            for ssid, curve in curves
            if ssid.get("available_on_all_aps", True) or {*device["tags"]} & {*(ssid.get("availability_tags") or ())}
        ]
        for device in site["devices"]
        if device["kind"] == "access_point"
    }


def _why(known: Known) -> str:
    unseen = "aucune borne n’est mesurée dans les semaines relevées"
    return known.readings.why("usage") or (unseen if known.readings.usage else NO_WEEK)


def _load(known: Known) -> Figure:
    title = "Clients Wi-Fi par heure, en moyenne pendant l’ouverture des sites"
    loads = {share.name: share for share in _loads(known)}
    values = [share.value for share in loads.values() if share.value is not None]
    unknown = [name for name, share in loads.items() if share.value is None]
    if not values:
        return known.unknown(LOAD, title, CLIENTS, _SOURCE, _why(known), CCTP)
    return known.figure(
        LOAD, title, CLIENTS, sum(values), _SOURCE, on=last_day(known.readings.usage or ()), unknown=unknown,
        why="une borne qui voit passer un client le compte : un client qui se déplace compte plusieurs fois", cctp=CCTP,
    )  # fmt: skip


def _loads(known: Known) -> Iterator[Share]:
    by_site = uses(known)
    for name, site in wireless(known).items():
        use = by_site.get(name)
        value, unknown = _mean_open(site, use) if use else (None, HOURS)
        yield Share(LOAD, "site", name, None, None, value, unknown, CLIENTS)


def _mean_open(site: Site, use: Use) -> tuple[float | None, int]:
    """Compute the mean of the opening hours, all hours if the service is continuous.

    Give the number of unknown hours too.
    """
    shares = open_shares(open_windows(site)) if site["opening_hours"] else [1.0] * HOURS
    pairs = [(share, value) for share, value in zip(shares, use.clients.mean, strict=True) if share]
    known = [(share, value) for share, value in pairs if value is not None]
    weight = sum(share for share, _ in known)
    return (sum(share * value for share, value in known) / weight if weight else None), len(pairs) - len(known)


def _idle(known: Known) -> Figure:
    title = "Heures d’émission des bornes où personne ne s’en sert"
    listed, unread = radios(known)
    emitted = sum(radio.emitted for radio in listed)
    measured = [radio for radio in listed if radio.unknown < radio.emitted]
    if not measured:
        return known.unknown(IDLE, title, "%", _SOURCE, _why(known), CCTP)
    idle = sum(radio.idle for radio in listed)
    unknown = [radio.name for radio in listed if radio.emitted and radio.unknown >= radio.emitted]
    return known.figure(
        IDLE, title, "%", 100 * idle / emitted, _SOURCE, on=last_day(known.readings.usage or ()),
        numerator=round(idle, 1), denominator=round(emitted, 1), unknown=[*unknown, *unread],
        why="heures de borne par semaine ; une heure non mesurée n’est pas comptée comme oisive", cctp=CCTP,
    )  # fmt: skip


def _ssid_hours(known: Known) -> Figure:
    title = "Heures d’émission des SSID, par borne et par semaine"
    shares = list(_ssid_shares(known))
    read = [share for share in shares if share.value is not None]
    if not read:
        reasons = [why for name, why in known.readings.unread.items() if name.startswith("network/")]
        why = next(iter(reasons), "aucun SSID n’a été lu")
        return known.unknown(SSID_HOURS, title, PER_WEEK, _LIVE, why, CCTP)
    now, always = (sum(getattr(share, side) for share in read) for side in ("numerator", "denominator"))
    return known.figure(
        SSID_HOURS, title, PER_WEEK, now, _LIVE, numerator=now, denominator=always,
        unknown=[share.name for share in shares if share.value is None],
        why=f"sans aucun horaire : {always:.0f}", cctp=CCTP,
    )  # fmt: skip


def _ssid_shares(known: Known) -> Iterator[Share]:
    for name, site in wireless(known).items():
        carried = carried_ssids(site, known.readings.networks.get(name))
        if carried is None:
            yield Share(SSID_HOURS, "site", name, None, None, None, 1, PER_WEEK)
            continue
        now = sum(sum(curve) for curves in carried.values() for curve in curves)
        always = float(HOURS * sum(len(curves) for curves in carried.values()))
        yield Share(SSID_HOURS, "site", name, round(now, 1), always, round(now, 1), 0, PER_WEEK)


def network_usage_breakdowns(known: Known) -> Iterator[Share]:
    """Give the load, the idleness and the hours on the air of each site."""
    yield from _loads(known)
    listed, unread = radios(known)
    for name in wireless(known):
        here = [radio for radio in listed if radio.site == name]
        emitted, idle = sum(radio.emitted for radio in here), sum(radio.idle for radio in here)
        unknown = sum(radio.unknown for radio in here)
        value = 100 * idle / emitted if emitted and unknown < emitted and name not in unread else None
        yield Share(IDLE, "site", name, round(idle, 1), round(emitted, 1), value, round(unknown))
    yield from _ssid_shares(known)


def network_usage_lists(known: Known) -> Iterator[Listing]:
    """List what an engineer acts on: loads, idle radios, quiet ports, the profile of each site."""
    by_site = uses(known)
    yield _load_list(known, by_site)
    yield _idle_list(known)
    yield _quiet_list(known, by_site)
    yield profile_list(by_site)


def _load_list(known: Known, by_site: Mapping[str, Use]) -> Listing:
    columns = (
        Heading("site", "Site"), Heading("mean", "Charge moyenne, ouverture", "clients"),
        Heading("peak", "Pointe", "clients"), Heading("when", "Heure de pointe"),
        Heading("radio", "Ports de bornes, en moyenne", "kbit/s"),
        Heading("access", "Ports d’accès, en moyenne", "kbit/s"),
        Heading("weeks", "Semaines mesurées"), Heading("unknown", "Heures non mesurées", "h/semaine"),
    )  # fmt: skip
    rows = []
    for name, use in by_site.items():
        site = known.sites[name]
        mean = _mean_open(site, use)[0] if use.points else None
        busiest = use.clients.busiest
        peaks = [value for value in use.clients.peak if value is not None]
        rows.append((
            name, _rounded(mean), max(peaks, default=None), None if busiest is None else hour_words(busiest),
            _mean(use.radio.mean), _mean(use.access.mean), max(use.clients.weeks, use.access.weeks),
            sum(value is None for value in use.clients.mean) if use.points else None,
        ))  # fmt: skip
    rows.sort(key=lambda row: (-(row[2] or 0), row[0]))
    return Listing("charge-reseau", "Charge du réseau par site", columns, rows, LOAD)


def _idle_list(known: Known) -> Listing:
    columns = (
        Heading("site", "Site"), Heading("access_point", "Borne"), Heading("emitted", "Heures d’émission", "h/semaine"),
        Heading("idle", "Sans aucun client", "h/semaine"), Heading("unknown", "Non mesurées", "h/semaine"),
    )  # fmt: skip
    listed, _ = radios(known)
    rows = [
        (radio.site, radio.name, round(radio.emitted, 1), round(radio.idle, 1), round(radio.unknown, 1))
        for radio in sorted(listed, key=lambda radio: (-radio.idle, radio.name))
        if radio.idle
    ]
    todo = "Régler les heures du Wi-Fi du site (piste sobriety network), ou retirer une borne dont personne ne se sert."
    return Listing("bornes-oisives", "Bornes qui émettent sans que personne ne s’en serve", columns, rows, IDLE, todo)


def _quiet_list(known: Known, by_site: Mapping[str, Use]) -> Listing:
    columns = (
        Heading("site", "Site"), Heading("switch", "Commutateur"), Heading("port", "Port"),
        Heading("profile", "Profil"), Heading("weeks", "Semaines sans trafic"),
    )  # fmt: skip
    rows = []
    for name, use in by_site.items():
        ports = {
            f"{device['serial']}/{port['port']}": (device["name"], port)
            for device in known.sites[name]["devices"]
            for port in device["ports"]
        }
        rows += [
            (name, ports[quiet][0], str(ports[quiet][1]["port"]), ports[quiet][1]["profile"], use.quiet_weeks)
            for quiet in use.quiet
            if quiet in ports
        ]
    todo = "Éteindre un port dont le service confirme qu’il ne sert pas : enabled: false dans son profil (libre)."
    return Listing("ports-sans-trafic", "Ports d’accès qui n’ont rien transporté", columns, rows, "", todo)


def profile_list(by_site: Mapping[str, Use]) -> Listing:
    """List the mean clients of each hour of the week, a row a day of a site."""
    columns = (
        Heading("site", "Site"), Heading("day", "Jour"), *(Heading(f"h{hour:02}", f"{hour} h") for hour in range(24)),
    )  # fmt: skip
    rows = [
        (name, day, *(_rounded(value) for value in use.clients.mean[rank * 24 : rank * 24 + 24]))
        for name, use in by_site.items()
        if use.clients.known
        for rank, day in enumerate(FRENCH_DAYS)
    ]
    return Listing(PROFILE, "Clients Wi-Fi par heure de la semaine, en moyenne", columns, rows, LOAD)


def _mean(curve: Sequence[float | None]) -> float | None:
    known = [value for value in curve if value is not None]
    return round(sum(known) / len(known), 1) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
