"""Computed equals measured: rules and packets agree on each pair of places and service.

Both start from the same readings: `piste flows` computes on them, the twin makes kernels and switches of them. Where
they differ, both evidences are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from piste.sites.verdict import Verdicts
from piste.trials.probe.trials import OUTSIDE
from piste.trials.twin import machine
from piste.trials.twin.place import Place
from piste.trials.twin.readings import Readings
from tests.support.computed import Pair, Target, addressed, pairs, servers, services_of_town, verdicts
from tests.support.fuzz import WIDE
from tests.support.twin import needs_machine, readings, standing, town

pytestmark = [needs_machine, pytest.mark.drawn]

SITES = ("ecole-jaures", "hotel-de-ville", "police-municipale")
USUAL = (("icmp", 0), ("tcp", 443), ("udp", 53))
TURNS = len(services_of_town()) if WIDE else 1
"""Other services tried on each pair: all, or in turn, so that each place tries each service of the town."""
SHARE = 1 if WIDE else 3
"""One target in so many, in turn: each place has another share of them."""


def targets(number: int, source: str, others: Sequence[str]) -> list[Target]:
    every = services_of_town()
    listed: list[Target] = []
    shared = [address for rank, address in enumerate(others) if address != source and (rank + number) % SHARE == 0]
    for rank, address in enumerate(shared):
        turn = [every[(number + rank * TURNS + step) % len(every)] for step in range(TURNS)]
        listed += [(address, protocol, port) for protocol, port in dict.fromkeys([*USUAL, *turn])]
    return listed


def compared(
    folder: Path, packets: Readings, computed: Verdicts, sites: Sequence[str], only: str = "", also: Sequence[str] = ()
) -> list[Pair]:
    with standing(folder, packets, *sites) as identity:
        sources = addressed(machine.places(identity))
        others = [*sources.values(), *servers(dict.fromkeys([*sites, SITES[1]])), *also]

        def tried(entry: tuple[int, tuple[Place, str]]) -> list[Pair]:
            number, (place, source) = entry
            return pairs(computed, place, source, targets(number, source, others))

        trying = [entry for entry in enumerate(sources.items()) if only in ("", entry[1][0].name)]
        with ThreadPoolExecutor(4) as pool:
            return [pair for some in pool.map(tried, trying) for pair in some]


# The town hall has as many places as the other two, and its servers answer there without it.
@pytest.mark.parametrize(
    ("sites", "least"),
    [((SITES[0], SITES[2]), (80, 1200)), pytest.param(SITES, (150, 1200), marks=pytest.mark.story)],
    ids=["two sites", "three sites"],
)
def test_rules_and_packets_agree_on_each_pair_and_service(
    sites: tuple[str, ...], least: tuple[int, int], tmp_path: Path
) -> None:
    read = readings(*sites)
    every = compared(tmp_path, read, verdicts(read), sites)
    unknown = [pair for pair in every if pair.computed.state == "unknown"]
    assert [pair for pair in every if not pair.agree and pair not in unknown] == []
    # A charter refuses sites of the Web, which no address tells.
    assert {pair.target.partition(" ")[0] for pair in unknown} <= {OUTSIDE}
    states = Counter(pair.computed.state for pair in every)
    assert states["passes"] > least[0] // SHARE
    assert states["stopped"] > least[1] // SHARE
    police = town().sites["police-municipale"]["segments"]["utilisateurs"]["subnet"].removesuffix("0/24")
    between = [pair.arrived for pair in every if "@ecole-jaures" in pair.source and pair.target.startswith(police)]
    assert between
    assert not any(between), "a school reaches no computer of the police"
    assert {pair.target.partition(" ")[2] for pair in every if pair.arrived} >= {"icmp/8", "tcp/443", "udp/53"}


@pytest.mark.story
@pytest.mark.parametrize(("spoilt", "seen"), [("rule", "pedagogique"), ("list", "poste")])
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


@pytest.mark.parametrize("first", [pytest.param("installed", marks=pytest.mark.story), "routed"])
def test_rules_and_packets_agree_while_a_gateway_passes_to_the_firewall(first: str, tmp_path: Path) -> None:
    """Between its two steps, in each order, packets deny nothing that is concluded."""
    site, segment = SITES[2], town().sites[SITES[2]]["segments"]["utilisateurs"]
    read = readings(site)
    if first == "installed":
        at_core = next(item for item in read.routed_interfaces if item.get("dhcp") and not item.get("default_gateway"))
        moving = {"vlan": segment["vlan"], "subnet": segment["subnet"], "address": segment["gateway"]}
        read.routed_interfaces.append({**at_core, **moving, "name": "encore-au-coeur"})
    else:
        number = f".{segment['vlan']}"
        read.engine_interfaces[:] = [item for item in read.engine_interfaces if not item["interface"].endswith(number)]
    printer = next(iter(segment["reservations"].values()), segment["dhcp"]["start"])
    every = compared(tmp_path, read, verdicts(read), [site], also=[printer])
    concerned = [pair for pair in every if _in(pair.source.partition(" ")[2], segment["subnet"])
                 or _in(pair.target.partition(" ")[0], segment["subnet"])]  # fmt: skip
    others = [pair for pair in every if pair not in concerned]
    assert others
    assert [pair for pair in others if not pair.agree] == []
    states = {pair.computed.state for pair in concerned}
    # Within the segment, nothing is routed.
    assert states - {"passes"} == ({"unknown"} if first == "installed" else {"stopped"})
    assert [pair for pair in concerned if pair.computed.state != "unknown" and not pair.agree] == []


def _in(address: str, subnet: str) -> bool:
    return ip_address(address) in ip_network(subnet)
