"""Sites, links and subnets on a real controller, judged by Samba's own tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from tests.support.ad import Town, summary
from tests.support.inprocess import Killed
from tests.support.samba import Domain

SITES, SUBNETS = "ad_sites", "ad_subnets"
FIRST = "Default-First-Site-Name"
DECLARED: list[dict[str, Any]] = [
    {"name": "Stade", "description": "Stade municipal", "links": {"STADE-PISCINE": {"sites": ["Piscine"]}}},
    {"name": "Piscine", "links": {"HDV-PISCINE": {"sites": [FIRST.lower()], "cost": 50, "interval": 15}}},
]
PREFIXES: list[dict[str, Any]] = [
    {"subnet": "10.93.64.0/24", "site": "stade", "description": "Stade, utilisateurs"},
    {"subnet": "2001:DB8:64::/48", "site": FIRST},
]


@pytest.fixture
def town(domain_of_module: Domain, tmp_path: Path) -> Iterator[Town]:
    town = Town(domain_of_module, tmp_path)
    yield town
    town.kill_after = 0
    town.module(SUBNETS, absent=[item["subnet"] for item in town.module(SUBNETS, state="gathered")["gathered"]])
    there = {item["name"] for item in town.module(SITES, state="gathered")["gathered"]}
    town.module(SITES, absent=sorted(there - {FIRST}))


def test_sites_come_with_their_links_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(SITES, DECLARED, check=True)
    done = town.module(SITES, DECLARED)
    assert done["operations"] == planned["operations"]
    assert summary(done) == ["+ ad_site Stade", "+ ad_site Piscine"]
    domain = town.domain
    assert {"Stade", "Piscine"} <= {*domain.tool("sites", "list").split()}
    with domain.ldap() as directory:
        place = f"CN=IP,CN=Inter-Site Transports,CN=Sites,CN=Configuration,{domain.base_dn}"
        directory.search(place, "(objectClass=siteLink)", attributes=["cn", "cost", "replInterval", "siteList"])
        links = {entry.cn.value: entry for entry in directory.entries}
    assert (links["HDV-PISCINE"].cost.value, links["HDV-PISCINE"].replInterval.value) == ("50", "15")
    assert {dn.partition(",")[0] for dn in links["STADE-PISCINE"].siteList.values} == {"CN=Stade", "CN=Piscine"}
    before = domain.usn()
    again = town.module(SITES, DECLARED)
    assert (again["changed"], again["calls"], domain.usn()) == (False, {"reads": 4, "writes": 0}, before)
    change = [{"name": "Stade", "description": None, "links": {"STADE-PISCINE": {"sites": ["Piscine"], "cost": 7}}}]
    assert summary(town.module(SITES, change)) == ["~ ad_site Stade : description, links"]
    assert [write.partition(" ")[0] for write in town.writes] == ["modifier", "modifier"]
    gone = [{"name": "Stade", "links": {"STADE-PISCINE": None}}]
    assert summary(town.module(SITES, gone)) == ["~ ad_site Stade : links"]
    assert [write.partition(",")[0] for write in town.writes] == ["supprimer CN=STADE-PISCINE"]
    gathered = town.module(SITES, state="gathered")["gathered"]
    mine = [item for item in gathered if item["name"] != FIRST]
    assert not town.module(SITES, mine, state="replaced")["changed"]


def test_subnets_name_their_site_and_foreign_changes_are_put_back(town: Town) -> None:
    town.module(SITES, DECLARED)
    assert summary(town.module(SUBNETS, PREFIXES)) == [
        "+ ad_subnet 10.93.64.0/24",
        "+ ad_subnet 2001:db8:64::/48",
    ]
    domain = town.domain
    assert "10.93.64.0/24" in domain.tool("sites", "subnet", "list", "Stade")
    domain.tool("sites", "subnet", "set-site", "10.93.64.0/24", FIRST)
    domain.tool("sites", "subnet", "remove", "2001:db8:64::/48")
    domain.tool("sites", "subnet", "create", "192.0.2.0/24", FIRST)
    assert summary(town.module(SUBNETS, PREFIXES)) == [
        "~ ad_subnet 10.93.64.0/24 : site",
        "+ ad_subnet 2001:db8:64::/48",
    ]
    before = domain.usn()
    again = town.module(SUBNETS, PREFIXES, state="replaced")
    assert (again["changed"], again["calls"], domain.usn()) == (False, {"reads": 4, "writes": 0}, before)
    read = town.module(SUBNETS, state="gathered")["gathered"]
    assert {item["subnet"] for item in read} == {"10.93.64.0/24", "2001:db8:64::/48", "192.0.2.0/24"}
    assert not town.module(SUBNETS, read, state="replaced")["changed"]
    assert summary(town.module(SUBNETS, PREFIXES[:1], state="deleted")) == ["- ad_subnet 10.93.64.0/24"]


def test_what_is_wrong_is_refused_all_at_once_and_a_controller_keeps_its_site(town: Town) -> None:
    with pytest.raises(InvalidConfig) as refused:
        town.module(SUBNETS, [{"subnet": "10.93.64.0/24", "site": "Ailleurs"}, {"subnet": "10.93.64.7/24"}])
    assert {fault.path for fault in refused.value.faults} >= {"config[10.93.64.7/24].subnet"}
    waiting = town.module(SUBNETS, [{"subnet": "10.93.64.0/24", "site": "Ailleurs"}])
    assert (waiting["operations"], len(waiting["withheld"])) == ([], 1)
    assert "attend le site Active Directory « Ailleurs »" in waiting["withheld"][0]
    with pytest.raises(InvalidConfig, match="site inconnu : Ailleurs"):
        town.module(SITES, [{"name": "Stade", "links": {"X": {"sites": ["Ailleurs"]}}}])
    with pytest.raises(Guarded, match="a encore des contrôleurs : DC1"):
        town.module(SITES, absent=[FIRST])
    town.module(SITES, DECLARED)
    town.module(SUBNETS, PREFIXES)
    with pytest.raises(Guarded, match=r"ad_site:Stade : n’auraient plus de site : 10\.93\.64\.0/24"):
        town.module(SITES, absent=["Stade"])


def test_a_site_whose_making_was_cut_short_is_finished(town: Town) -> None:
    for number in (1, 2, 3, 1):
        town.kill_after = number
        with pytest.raises(Killed):
            town.module(SITES, DECLARED)
    town.kill_after = 0
    town.module(SITES, DECLARED)
    assert not town.module(SITES, DECLARED)["changed"]
    read = {item["name"]: item for item in town.module(SITES, state="gathered")["gathered"]}
    assert sorted(read["Piscine"]["links"]) == ["HDV-PISCINE", "STADE-PISCINE"]
