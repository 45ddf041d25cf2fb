"""The findings on what lives: the judges of a verification, on the last readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING, Any

from piste.engine.clock import in_town
from piste.engine.converge.errors import PisteError
from piste.engine.converge.reading import FAULTS
from piste.engine.figure import Figure
from piste.engine.finding import GRAVITIES, WORST, Finding, State
from piste.runs.plans.play import Played
from piste.sites.coverage import figure_rows
from piste.sites.living import hosting as machines
from piste.sites.living import kept
from piste.sites.living.firmware import firmware
from piste.sites.living.network import network as devices
from piste.sites.living.seen import SYSTEMS, Fault, Faults, Reading, Seen
from piste.sites.living.supervision import GRAVITY, problem_text
from piste.sites.living.supervision import supervision as watched
from piste.systems.zabbix.coverage import covered
from piste.town.declared import serving

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived

type Readings = Mapping[str, Reading]
_Judge = Callable[["Derived", "Site", Readings], Iterable[Seen]]


def network(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge devices, ports, aggregates and radios of each site, and the versions that run there."""
    yield from _each("meraki", town, environment, _network)


def hosting(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge the machines on the segments of each site, and the nodes of their cluster."""
    yield from _each("prism", town, environment, _hosting)


def supervision(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge what is watched of each site, and the open problems."""
    yield from _each("zabbix", town, environment, _supervision)
    yield from _of_town(town, environment)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F11 by the last reading of the supervision; none where nothing asks one."""
    known = kept.known(town, environment)["zabbix"]
    if not known:
        return
    reading = kept.readings({"zabbix": known}, town)["zabbix"]
    if reading.unread("hosts"):
        yield Figure("F11", None)
        return
    for row in figure_rows(covered(town.owners.values(), reading.parts)):
        if row["class"] == "*":
            yield Figure("F11", row["percent"], "%", row["numerator"], row["denominator"], row["unknown"])


def nexus(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge the declared links of each Nexus."""
    yield from _each("nexus", town, environment, _nexus)


def _of_town(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge what the town itself owns, and the problems of hosts that no site has."""
    reading = kept.readings(kept.known(town, environment), town)["zabbix"]
    if town.commune is None or not reading.parts or reading.unread("hosts", "problems"):
        return
    own, subject = town.commune["id"], kept.SUBJECT["zabbix"].name
    at = f"{SYSTEMS['zabbix']}, lu le {in_town(reading.read_at)}" if reading.read_at else ""
    here = {row.name for name in serving(town) for row in covered([town.sites[name]], reading.parts)}
    rows = {row.name: row for row in covered([town.commune], reading.parts) if row.name not in here}
    for row in rows.values():
        if row.state != "watched" and not reading.parts["problems"].get(row.name):
            state: State = "unknown" if row.state == "unknown" else "wrong"
            yield Finding(f"{subject}.{own}.{row.name}", state, f"{row.name} : {row.why}", AGAIN, site=row.site or own,
                          gravity="minor", evidence=at)  # fmt: skip
    for host, problems in reading.parts["problems"].items():
        if host not in here and problems:
            worst = max(problem["severity"] for problem in problems)
            said = " ; ".join(problem_text(problem) for problem in problems)
            yield Finding(f"{subject}.{own}.{host}", "wrong", f"{host} : {said}", f"piste find {quote(host)}",
                          site=(rows[host].site if host in rows else "") or own, gravity=GRAVITY[worst],
                          evidence=at)  # fmt: skip


def _each(system: str, town: Derived, environment: str, judge: _Judge) -> Iterator[Finding]:
    """Yield a finding a thing that is wrong or unknown, a finding a site where all is well.

    A system that nobody asks in this environment says nothing, nor does a lab where nothing was ever read. Raises
    `UnreadableReading`.
    """
    known, subject = kept.known(town, environment), kept.SUBJECT[system]
    readings = kept.readings(known, town)
    reading = readings[system]
    if (not reading.parts and not reading.why) or (environment == "lab" and not any(known.values())):
        return
    at = reading.read_at
    evidence = f"{SYSTEMS[system]}, lu le {in_town(at)}" if at else ""
    for name in serving(town):
        site = town.sites[name]
        try:
            seen = list(judge(town, site, readings))
        except (PisteError, *FAULTS) as error:
            said = f"{name} : ce qui a été lu ne se comprend pas ({type(error).__name__} : {error})"
            yield Finding(f"{subject.name}.{name}", "unknown", said, subject.again, site=name)
            continue
        asleep = tuple(f"{subject.name}.{name}.{thing}" for test in seen for thing in test.asleep)
        for finding in _of_site(subject.name, name, seen):
            yield Finding(
                finding.id, finding.state, finding.what, "" if finding.state == "ok" else finding.todo, site=name,
                gravity=finding.gravity, evidence=evidence, asleep=asleep,
            )  # fmt: skip


def _of_site(subject: str, site: str, seen: Iterable[Seen]) -> Iterator[Finding]:
    tests = [test for test in seen if test.verdict != "untested"]
    by_thing: dict[str, list[Fault]] = {}
    for fault in (fault for test in tests for fault in test.faults):
        by_thing.setdefault(fault.thing, []).append(fault)
    for thing, faults in by_thing.items():
        first = min(faults, key=lambda fault: (WORST.index(fault.state), GRAVITIES.index(fault.gravity)))
        said = " ; ".join(dict.fromkeys(fault.said for fault in faults))
        named = thing.partition("/" if subject == "nexus" else " ")[0]
        todo = f"piste find {quote(named)}" if first.state == "wrong" else AGAIN
        yield Finding(f"{subject}.{site}.{thing}", first.state, f"{thing} : {said}", todo, gravity=first.gravity)
    whys = list(dict.fromkeys(test.reason for test in tests if test.verdict == "unknown" and not test.faults))
    if whys:
        yield Finding(f"{subject}.{site}", "unknown", f"{site} : {' ; '.join(whys)}", AGAIN)
    elif tests and not by_thing:
        said = " ; ".join(f"{test.title.lower()} : {test.observed}" for test in tests)
        yield Finding(f"{subject}.{site}", "ok", f"{site} : {said}")


AGAIN = "piste living read"


def _network(town: Derived, site: Site, readings: Readings) -> Iterator[Seen]:
    yield from devices(site, readings["meraki"])
    if readings["meraki"].unread("devices"):
        return
    # The engines are read at a verification only, and what is not approved is said there.
    elsewhere = {**readings, "smc": Reading()}
    seen = firmware(town, {**site, "engine": None}, bool(machines.machines(town, site)), elsewhere)
    if old := [fault for fault in seen.faults if fault.state == "wrong"]:
        yield seen._replace(faults=old)


def _hosting(town: Derived, site: Site, readings: Readings) -> Iterable[Seen]:
    return machines.hosting(town, machines.machines(town, site), readings["prism"])


def _supervision(town: Derived, site: Site, readings: Readings) -> Iterator[Seen]:
    reading = readings["zabbix"]
    if not reading.parts and site["supervision"] is not None:
        yield Seen("living.supervision", "Supervision", "supervision", (), "", "pas lu", "unknown", reading.why)
    yield from watched(site, reading, Played())


def _nexus(town: Derived, site: Site, readings: Readings) -> Iterator[Seen]:
    reading = readings["nexus"]
    for switch in town.commune["nexus"]["switches"] if town.commune else ():
        if switch["site"] != site["id"]:
            continue
        faults, title = Faults(), f"liaisons de {switch['name']}"
        ports: Mapping[str, Any] | None = (reading.parts.get(kept.NEXUS_PORTS) or {}).get(switch["name"])
        if ports is None:
            why = reading.unread(switch["name"]) or kept.NEVER
            faults.add(switch["name"], f" : {why}", "unknown")
        named = {
            port.removeprefix("Ethernet"): f"{link['name']} vers {link['to']}"
            for link in switch["links"] for port in link["ports"] or [link["name"]]
        }  # fmt: skip
        for number, link in named.items() if ports is not None else ():
            live, thing = (ports or {}).get(number), f"{switch['name']}/{number} ({link})"
            if live is None:
                faults.add(thing, " : le Nexus ne le montre pas", "unknown")
            elif live["status"] != "up":
                why = f" : {live['reason']}" if live["reason"] else ""
                faults.add(thing, f" : {NEXUS[live['status']]}{why}", gravity="critical")
        said = faults.said("en service")
        yield Seen("living.nexus", "Réseau", title, (), "", said, faults.verdict, faults=faults.each)


NEXUS = {"down": "sans lien", "off": "désactivé", "error": "en erreur"}
