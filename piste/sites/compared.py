"""The tests of a site that compare: live is as declared where a plan is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from piste.systems.forcepoint.intent import smc_intent
from piste.systems.kinds import BY_MODULE
from piste.systems.meraki.intent import meraki_intent
from piste.systems.meraki.routing_intent import routing_intent
from piste.systems.windows.dhcp.intent import addressing_intent
from piste.systems.windows.intent import ad_intent, names_intent, printing_intent
from piste.systems.windows.nps.intent import nps_intent

INTENTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "network": meraki_intent,
    "routing": routing_intent,
    "access": nps_intent,
    "directory": ad_intent,
    "names": names_intent,
    "firewall": smc_intent,
    "printing": printing_intent,
    "addressing": addressing_intent,
}
"""The intent of a site for each role, in the words of its modules."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A test by comparison, as `compared.yml` describes it."""

    id: str
    domain: str
    title: str
    requirements: Sequence[str]
    role: str
    modules: Sequence[str]
    parts: Sequence[str]

    @property
    def kinds(self) -> set[tuple[str, str]]:
        """Give the system and name of the objects that the modules plan."""
        tables = (BY_MODULE[name].table for name in self.modules)
        return {(table.system, table.name) for table in tables}


_FILE = Path(__file__).with_name("compared.yml")
_TESTS = [Compared(**test) for test in yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)]
COMPARED, HOSTING = _TESTS[:-1], _TESTS[-1]
