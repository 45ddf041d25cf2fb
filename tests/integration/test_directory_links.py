"""WMI filters and policy links on a real controller: console order, others' links kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from tests.support.ad import Town
from tests.support.samba import Domain

LINKS, FILTERS = "ad_gpo_links", "ad_wmi_filters"
SOCLE, SOBRE, AUTRE = "Socle Écoles", 'Sobriété, "veille"', "Posée à la main"
GUIDS = {name: f"{{{number:08X}-0000-4000-8000-000000000000}}" for number, name in enumerate((SOCLE, SOBRE, AUTRE), 1)}
GONE = "{DEADBEEF-0000-4000-8000-000000000000}"
DECLARED: dict[str, Any] = {
    "target": "Ville/Ecoles",
    "block_inheritance": True,
    "links": {SOCLE: {"enforced": True}, SOBRE: {}},
    "order": [SOBRE, SOCLE],
}
W11: dict[str, Any] = {"name": "Windows 11, portables", "queries": [{"query": "SELECT * FROM Win32_Battery"}]}


@pytest.fixture
def town(domain: Domain, tmp_path: Path) -> Town:
    built = Town(domain, tmp_path)
    built.module("ad_organizational_units", [{"path": "Ville"}, {"path": "Ville/Ecoles"}])
    for name in GUIDS:
        policy(domain, name)
    return built


def policy(domain: Domain, name: str) -> None:
    with domain.ldap() as connection:
        connection.add(policy_dn(domain, GUIDS[name]), ["groupPolicyContainer"], {"displayName": name})


def policy_dn(domain: Domain, guid: str) -> str:
    return f"CN={guid},CN=Policies,CN=System,{domain.base_dn}"


def put(domain: Domain, *links: tuple[str, int]) -> None:
    """Link policies by hand; the console's first comes first."""
    text = "".join(f"[LDAP://{policy_dn(domain, guid).lower()};{bits}]" for guid, bits in reversed(links))
    with domain.ldap() as connection:
        connection.modify(f"OU=Ecoles,OU=Ville,{domain.base_dn}", {"gPLink": [("MODIFY_REPLACE", [text])]})


def shown(domain: Domain) -> list[tuple[str, str]]:
    """Return names and options as `samba-tool` reads them; the console's first comes first."""
    lines = domain.tool("gpo", "getlink", f"OU=Ecoles,OU=Ville,{domain.base_dn}").splitlines()
    pairs = [line.partition(":")[2].strip() for line in lines if line.strip().startswith(("Name", "Options"))]
    return list(zip(pairs[::2], pairs[1::2], strict=True))[::-1]


def test_links_come_in_the_console_s_order_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(LINKS, [DECLARED], check=True)
    assert town.writes == []
    done = town.module(LINKS, [DECLARED])
    assert done["operations"] == planned["operations"]
    assert len(town.writes) == 1
    assert shown(town.domain) == [(SOBRE, "NONE"), (SOCLE, "GPLINK_OPT_ENFORCE")]
    assert "GPO_BLOCK_INHERITANCE" in town.domain.tool(
        "gpo", "getinheritance", f"OU=Ecoles,OU=Ville,{town.domain.base_dn}"
    )
    before = town.domain.usn()
    again = town.module(LINKS, [DECLARED], state="replaced")
    assert (again["changed"], again["calls"]["writes"], town.domain.usn()) == (False, 0, before)


def test_the_links_of_others_stay_in_their_place_and_dead_links_are_shown(town: Town) -> None:
    put(town.domain, (GUIDS[AUTRE], 1), (GUIDS[SOCLE], 0), (GONE, 0))
    done = town.module(LINKS, [DECLARED])
    assert done["summary"] == ["~ gpo_links Ville/Ecoles : block_inheritance, links, order"]
    assert f"Ville/Ecoles : lien vers une stratégie qui n’existe plus, laissé : {GONE}" in done["warnings"]
    (left,) = done["orphans"]
    assert (left["kind"], left["key"]) == ("gpo_link", f"Ville/Ecoles → {AUTRE}")
    assert "reste en service, configuré par personne ; redéclarez-le" in left["why"]
    with town.domain.ldap() as connection:
        connection.search(f"OU=Ecoles,OU=Ville,{town.domain.base_dn}", "(objectClass=*)", "BASE", attributes=["gPLink"])
        raw = connection.entries[0]["gPLink"].value
    order = sorted((GONE, *GUIDS.values()), key=lambda guid: -raw.lower().index(guid.lower()))
    assert order == [GUIDS[AUTRE], GUIDS[SOBRE], GONE, GUIDS[SOCLE]]
    assert not town.module(LINKS, [DECLARED])["changed"]
    assert town.module(LINKS, [DECLARED], state="replaced")["summary"] == ["~ gpo_links Ville/Ecoles : links"]
    town.module(LINKS, [{"target": "Ville/Ecoles", "links": {GONE.lower(): None}}])
    assert not town.module(LINKS, [DECLARED], state="replaced")["warnings"]


def test_drift_made_by_hand_is_put_back(town: Town) -> None:
    town.module(LINKS, [DECLARED])
    town.domain.tool("gpo", "dellink", f"OU=Ecoles,OU=Ville,{town.domain.base_dn}", GUIDS[SOBRE])
    town.domain.tool("gpo", "dellink", f"OU=Ecoles,OU=Ville,{town.domain.base_dn}", GUIDS[SOCLE])
    town.domain.tool("gpo", "setlink", f"OU=Ecoles,OU=Ville,{town.domain.base_dn}", GUIDS[SOCLE], "--disable")
    assert town.module(LINKS, [DECLARED])["summary"] == ["~ gpo_links Ville/Ecoles : links, order"]
    assert shown(town.domain) == [(SOBRE, "NONE"), (SOCLE, "GPLINK_OPT_ENFORCE")]


def test_what_is_gathered_replays_and_is_taken_away_whole(town: Town) -> None:
    town.module(LINKS, [DECLARED])
    gathered = town.module(LINKS, state="gathered")["gathered"]
    assert [item["target"] for item in gathered] == ["/", "Domain Controllers", "Ville/Ecoles"]
    assert not town.module(LINKS, gathered, state="overridden")["changed"]
    assert (
        town.module(LINKS, gathered[2:], state="deleted")["summary"]
        == ["- gpo_links Ville/Ecoles : block_inheritance, links"]
        or shown(town.domain) == []
    )
    assert shown(town.domain) == []


def test_the_domain_s_own_policies_stay_linked_without_a_word(town: Town) -> None:
    with pytest.raises(Guarded, match="default_policy:/") as refused:
        town.module(LINKS, [], state="overridden")
    assert "default_policy:Domain Controllers" in str(refused.value)
    assert town.writes == []


def test_all_faults_are_said_at_once_and_nothing_is_sent(town: Town) -> None:
    with town.domain.ldap() as connection:
        twin = policy_dn(town.domain, "{0000000F-0000-4000-8000-000000000000}")
        connection.add(twin, ["groupPolicyContainer"], {"displayName": AUTRE.upper()})
    wrong = [
        {"target": "Ville/Ecoles", "links": {"Inconnue": {}, AUTRE: {}, SOCLE: {"forced": True}}},
        {"target": "Nulle/Part", "links": {SOCLE: {}}},
    ]
    with pytest.raises(InvalidConfig) as refused:
        town.module(LINKS, wrong)
    assert [fault.path for fault in refused.value.faults] == [
        f"config[Ville/Ecoles].links[{SOCLE}].forced",
        "config[Ville/Ecoles].links[Inconnue]",
        f"config[Ville/Ecoles].links[{AUTRE}]",
        "config[Nulle/Part].target",
    ]
    with pytest.raises(Guarded, match=f"« {SOBRE} » est ordonnée sur « Ville », mais n’y est pas liée"):
        town.module(LINKS, [{"target": "Ville", "links": {SOCLE: {}}, "order": [SOBRE]}])
    assert town.writes == []


def test_filters_come_change_and_go_and_the_second_run_writes_nothing(town: Town) -> None:
    planned = town.module(FILTERS, [W11], check=True)
    done = town.module(FILTERS, [W11])
    assert done["operations"] == planned["operations"]
    assert not town.module(FILTERS, [W11], state="replaced")["changed"]
    changed = W11 | {"description": "Ceux qui ont une batterie", "queries": [*W11["queries"], {"query": "SELECT 2;"}]}
    assert town.module(FILTERS, [changed])["summary"] == [f"~ wmi_filter {W11['name']} : description, queries"]
    gathered = town.module(FILTERS, state="gathered")["gathered"]
    assert gathered == [changed | {"queries": [{"namespace": "root\\CIMv2", **query} for query in changed["queries"]]}]
    with town.domain.ldap() as connection:
        place = f"CN=SOM,CN=WMIPolicy,CN=System,{town.domain.base_dn}"
        connection.search(place, "(objectClass=msWMI-Som)", attributes=["msWMI-ID"])
        reference = f"[{town.domain.realm.lower()};{connection.entries[0]['msWMI-ID'].value};0]"
        policy = policy_dn(town.domain, GUIDS[SOCLE])
        connection.modify(policy, {"gPCWQLFilter": [("MODIFY_REPLACE", [reference])]})
    with pytest.raises(Guarded, match=f"used:{W11['name']} : .*{SOCLE}"):
        town.module(FILTERS, [], state="overridden")
    done = town.module(FILTERS, [], state="overridden", confirm=["used"])
    assert done["summary"] == [f"- wmi_filter {W11['name']}"]


def test_a_place_that_does_not_exist_is_not_taken_for_a_place_without_links(town: Town) -> None:
    with pytest.raises(InvalidConfig, match="« Nulle » n’existe pas"):
        town.module(LINKS, [{"target": "Nulle", "block_inheritance": True}])
