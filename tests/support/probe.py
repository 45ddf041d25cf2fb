"""Answers of a place as `trials.probe.onsite` gives them, made from what its trials want."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cache
from typing import Any

from piste.town import declared
from piste.trials.probe import carriers, visit
from piste.trials.probe.joins import of_twin
from piste.trials.probe.judging import Judge
from piste.trials.probe.results import KINDS, Probed, Result
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, Place, request, trials
from piste.trials.probe.ways import Ways
from piste.trials.twin import machine
from piste.trials.twin.readings import Readings
from tests.support.twin import readings, town

SCHOOL = "ecole-jaures"


@cache
def ways() -> Ways:
    return Ways(declared.rule())


def place(segment: str, ssid: str | None = None, site: str = SCHOOL) -> Place:
    return Place(site, segment, ssid)


def trials_of(where: Place, circumstances: Circumstances | None = None) -> dict[str, Trial]:
    listed = trials(ways(), where, circumstances or Circumstances(everything_answers=True))
    return {trial.id: trial for trial in listed}


def offer(want: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Make the offer that a lease trial wants."""
    options = want["options"]
    server = next(iter(want["servers"]), next(iter(options["routers"]), ""))
    base = {
        "type": 5,
        "address": want["start"],
        "length": 24,
        "server": server,
        "relay": want["relay"],
        "routers": options["routers"],
        "dns": options["dns"],
        "ntp": options["ntp"],
        "domain": options["domain"] or "",
        "boot_server": options["boot_server"] or "",
        "boot_file": options["boot_file"] or "",
        "lease": want["lease"],
        "ms": 12.0,
    }
    return {**base, **changes}


def right(listed: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Give the answers of a place where all is as declared."""
    answers: dict[str, dict[str, Any]] = {
        "link": {"outcome": "answered", "speed": "1000"},
        "gateway": {"outcome": "answered", "macs": ["02:00:00:00:00:01"], "address": "10.93.41.50"},
    }
    for trial in listed:
        if trial.kind == "lease":
            lent = {} if trial.want.get("none") else offer(dict(trial.want))
            answers["lease"] = {"outcome": "answered", **lent, "offers": [lent]} if lent else {
                "outcome": "silent", "offers": [], "ms": 1500.0}  # fmt: skip
        for question in trial.questions:
            answers[question["id"]] = _answer(trial, question)
    return answers


def _answer(trial: Trial, question: Any) -> dict[str, Any]:
    if trial.kind == "isolation":
        return {"outcome": "silent"}
    answer: dict[str, Any] = {"outcome": "answered", "ms": 1.0}
    if question["kind"] == "ping":
        count = question.get("count", 2)
        return {**answer, "sent": count, "received": count, "times": [1.0] * count}
    if question["kind"] == "name":
        wanted = trial.want["addresses"]
        return {**answer, "rcode": 0, "addresses": ["192.0.2.9"] if wanted is None else wanted}
    if question["kind"] == "time":
        return {**answer, "stratum": 3, "offset": 0.0}
    if question["kind"] == "service":
        return {**answer, "step": "done", "addresses": [question["address"]], "status": 200, "shown": True}
    if question["kind"] == "portal":
        return {**answer, "status": 302, "location": "https://n1.network-auth.com/splash/"}
    return answer


def judged(listed: dict[str, Trial], answers: dict[str, dict[str, Any]], **more: Any) -> dict[str, Result]:
    judge = Judge(ways(), list(listed.values()), answers, **{"everything_answers": True, **more})
    return {id_: judge.result(trial) for id_, trial in listed.items()}


def visited(
    identity: str, where: Place, only: Container[str] = KINDS, rate: str = "", known: Ways | None = None
) -> Probed:
    """Visit a place by its computer in a twin; `rate` is an iperf3 server, `known` a town."""
    known = known or ways()
    computer = next(
        computer
        for computer in machine.places(identity)
        if computer.site == where.site
        and computer.plugged
        and (computer.ssid == where.ssid if where.ssid else computer.ssid is None and computer.segment == where.segment)
    )
    ways_known = machine.state(identity)["ways"].get(where.site, {})
    given = Circumstances(
        way=ways_known.get(computer.name, {}),
        everything_answers=True,
        joins=of_twin(machine.credentials(computer), computer.account or ""),
        seconds=60,
        rate=rate,
        trusted=machine.authority(identity),
    )
    listed = [trial for trial in trials(known, where, given) if trial.kind in only]
    own = {"interface": computer.interface, "isolate": False, "waits": (1.0, 1.5)}
    asked = {**request(known, where, listed, given), **own}
    return visit.judged(known, where, given, listed, carriers.ask(asked, machine.asking(computer, carriers.PATIENCE)))


def as_declared(*sites: str) -> Readings:
    """Give readings as declared; controllers register their own names."""
    made = readings(*sites)
    for server in town().commune["dhcp"]["servers"]:
        address = {"values": [server["address"]], "ttl": 3600}
        made.records.append({"zone": "ad.lebourget.example", "name": server["name"], "type": "A", **address})
    return made
