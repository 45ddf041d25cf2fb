"""Computed equals measured: rules and packets agree on each pair of places and service.

Both start from the same readings: `piste flows` computes on them, the twin makes kernels and switches of them. Where
they differ, both evidences are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from piste.sites.verdict import Verdicts
from piste.trials.twin import machine
from piste.trials.twin.place import Place
from piste.trials.twin.readings import Readings
from tests.support.computed import Pair, Target, addressed, pairs, servers, services_of_town, verdicts
from tests.support.fuzz import WIDE
from tests.support.twin import needs_machine, readings, standing, town

pytestmark = needs_machine

SITES = ("ecole-jaures", "hotel-de-ville", "police-municipale")
USUAL = (("icmp", 0), ("tcp", 443))
TURNS = len(services_of_town()) if WIDE else 1
"""Other services tried on each pair: all, or in turn, so that each place tries each service of the town."""


def targets(number: int, source: str, others: Sequence[str]) -> list[Target]:
    every = services_of_town()
    listed: list[Target] = []
    for rank, address in enumerate(address for address in others if address != source):
        turn = [every[(number + rank * TURNS + step) % len(every)] for step in range(TURNS)]
        listed += [(address, protocol, port) for protocol, port in dict.fromkeys([*USUAL, *turn])]
    return listed


def compared(folder: Path, packets: Readings, computed: Verdicts, sites: Sequence[str], only: str = "") -> list[Pair]:
    with standing(folder, packets, *sites) as identity:
        sources = addressed(machine.places(identity))
        others = [*sources.values(), *servers(dict.fromkeys([*sites, SITES[1]]))]

        def tried(entry: tuple[int, tuple[Place, str]]) -> list[Pair]:
            number, (place, source) = entry
            return pairs(computed, place, source, targets(number, source, others))

        trying = [entry for entry in enumerate(sources.items()) if only in ("", entry[1][0].name)]
        with ThreadPoolExecutor(4) as pool:
            return [pair for some in pool.map(tried, trying) for pair in some]


def test_rules_and_packets_agree_on_each_pair_and_service(tmp_path: Path) -> None:
    read = readings(*SITES)
    every = compared(tmp_path, read, verdicts(read), SITES)
    assert [pair for pair in every if not pair.agree] == []
    states = Counter(pair.computed.state for pair in every)
    assert states["passes"] > 150
    assert states["stopped"] > 1200
    police = town().sites["police-municipale"]["segments"]["utilisateurs"]["subnet"].removesuffix("0/24")
    between = [pair.arrived for pair in every if "@ecole-jaures" in pair.source and pair.target.startswith(police)]
    assert between
    assert not any(between), "a school reaches no computer of the police"
    assert {pair.target.partition(" ")[2] for pair in every if pair.arrived} >= {"icmp/8", "tcp/443", "udp/53"}


@pytest.mark.parametrize(
    ("spoilt", "seen"), [("rule", "pedagogique"), pytest.param("list", "poste", marks=pytest.mark.story)]
)
def test_a_difference_between_rules_and_packets_is_seen(spoilt: str, seen: str, tmp_path: Path) -> None:
    site = SITES[0]
    read, packets = readings(site), readings(site)
    if spoilt == "rule":
        rules = [rule for policy in packets.policies for rule in policy.get("ipv4_access") or ()]
        (rule,) = [rule for rule in rules if rule.get("id") == "ecoles-web.ecole-jaures"]
        rule["services"] = ["any"]
    else:
        for settings in packets.networks[site]["network_settings"]:
            settings["access_lists"] = {"rules": []}
    assert not all(pair.agree for pair in compared(tmp_path, packets, verdicts(read), [site], seen))
