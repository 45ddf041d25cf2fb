"""State of the pilots of an upgrade, by the last readings: what stops the waves after them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from piste.engine.clock import in_town
from piste.engine.finding import Finding
from piste.readings.belief import FAILED, Reading
from piste.readings.findings import about, findings
from piste.readings.history import dated
from piste.readings.store import standing
from piste.readings.table import SUBJECTS
from piste.town import declared
from piste.town.model.derived import Derived

JUDGED = ("network", "nexus", "supervision", "services")
READ = ("network", "supervision")
"""Subjects that must have been read since the pilot took its version."""


class Pilots(dict[str, Mapping[str, Any]]):
    """The health of networks in an environment, each judged where it is first asked for.

    A health is `{wrong, unread, read_at}`: the findings, each `{said, since, minor}`, what is unknown, and the moment
    of the oldest reading. What somebody puts off neither stops nor waits.
    """

    def __init__(self, environment: str) -> None:
        super().__init__()
        self._environment = environment

    def __missing__(self, network: str) -> Mapping[str, Any]:
        try:
            self[network] = self._judged(network)
        except FAILED as error:
            self[network] = {"wrong": [], "unread": str(error), "read_at": ""}
        return self[network]

    @cached_property
    def _every(self) -> list[Finding]:
        made = findings(self._town, self._environment, [SUBJECTS[name] for name in JUDGED])
        return dated(self._environment, made)

    @cached_property
    def _town(self) -> Derived:
        return declared.sound(self._environment)

    def _judged(self, network: str) -> Mapping[str, Any]:
        site = next((name for name, site in self._town.sites.items() if site["network_name"] == network), "")
        mine = [finding for finding in about(site, self._every) if not finding.put_off]
        unknown = [finding.what for finding in mine if finding.state == "unknown"]
        moments = []
        for name in READ:
            read = standing(SUBJECTS[name], self._town, self._environment).values()
            moments += [last.read_at.isoformat() for last in read if isinstance(last, Reading)]
            if not any(isinstance(last, Reading) for last in read):
                unknown.append(f"{SUBJECTS[name].label} : rien de lu ({SUBJECTS[name].again})")
        return {
            "wrong": [
                {"said": _said(finding), "since": finding.since, "minor": finding.gravity == "minor"}
                for finding in mine
                if finding.state == "wrong"
            ],
            "unread": " ; ".join(unknown) if site else "aucun site déclaré n’a ce réseau",
            "read_at": min(moments, default=""),
        }


def _said(finding: Finding) -> str:
    since = f"depuis le {in_town(finding.since)}" if finding.since else ""
    who = f"agit : {finding.who}" if finding.who else ""
    return " ; ".join(filter(None, (f"{finding.what} [{finding.id}]", since, finding.evidence, who)))
