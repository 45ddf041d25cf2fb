"""Links, certificates and applications: what is watched of them, by which host."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.declared import declared_town
from piste.runs.domains.supervision import Supervision
from piste.systems.zabbix.coverage import coverage
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.templates import files
from piste.town.model.applications import Application
from piste.town.model.supervision.form import Supervision as Form
from piste.town.model.supervision.points import application_points

SITE = "ecole-jaures"


def host(owner: str, name: str) -> dict[str, Any]:
    town = declared_town()
    [entry] = [host for host in zabbix_intent(town.owners[owner])["hosts"] if host["name"] == name]
    return entry


def test_a_link_answers_by_the_first_switch_behind_it() -> None:
    entry = host(SITE, "lien-ineo-jau")
    assert entry["interfaces"] == [{"kind": "agent", "address": "10.93.40.11"}]
    assert entry["templates"] == ["ICMP Ping"]
    assert [group.rpartition("/")[2] for group in entry["groups"]] == ["Liaisons", declared_town().sites[SITE]["name"]]
    tags = {tag["tag"]: tag["value"] for tag in entry["tags"]}
    assert (tags["site"], tags["operator"], tags["class"]) == (SITE, "Ineo", "link")


def test_a_link_depends_on_nothing_and_is_of_the_site_that_declares_it() -> None:
    town = declared_town()
    intent = zabbix_intent(town.sites[SITE])
    assert all(entry["host"] != "lien-ineo-jau" for entry in intent["dependencies"])
    # Its answer is that of the first switch, which alone is behind it; all others are behind that switch.
    assert [entry["host"] for entry in intent["dependencies"] if entry["parent"] == "lien-ineo-jau"] == ["sw-jau-01"]
    assert {entry["parent"] for entry in intent["dependencies"]} == {"lien-ineo-jau", "sw-jau-01"}
    assert not any(entry["name"].startswith("lien-") for entry in zabbix_intent(town.sites["hotel-de-ville"])["hosts"])


def test_a_site_without_a_switch_has_a_link_that_nothing_answers() -> None:
    town = declared_town()
    share: Any = town.sites[SITE]["supervision"]
    [point] = share["points"]
    lost = {**point, "address": None, "why": "sans adresse"}
    owner: Any = {**town.sites[SITE], "supervision": {**share, "points": [lost]}}
    assert not any(entry["name"] == "lien-ineo-jau" for entry in zabbix_intent(owner)["hosts"])


def test_a_certificate_is_watched_where_it_is_served() -> None:
    inside, outside = (host("commune", f"certificat-{name}") for name in ("annuaire-dc1", "vpn-agents"))
    assert inside["interfaces"] == [{"kind": "agent", "address": "10.93.2.11"}]
    assert inside["macros"] == {"{$CERT.PORT}": "636", "{$CERT.ALERT_DAYS}": "30"}
    assert outside["interfaces"] == [{"kind": "agent", "dns": "vpn.lebourget.example"}]
    names = {entry["name"] for entry in zabbix_intent(declared_town().commune)["hosts"]}
    assert not names & {"certificat-ac-ville", "certificat-radius-nps1"}


def application(**given: Any) -> Application:
    [entry] = [item for item in declared_town().commune["applications"] if item["id"] == "ixbus"]
    return {**entry, **given}  # type: ignore[typeddict-item]


def test_an_application_is_watched_where_its_address_is_known() -> None:
    [named] = application_points([application()])
    assert named["why"] == "adresse à renseigner"
    [point] = application_points([application(url="https://ixbus.example/", status=None)])
    assert (point["name"], point["why"], point["macros"]) == (
        "application-ixbus", None, {"{$WEB.URL}": "https://ixbus.example/"},
    )  # fmt: skip
    [point] = application_points([application(url="https://ixbus.example/", shows="IXBus (SRCI)", status=None)])
    assert point["macros"]["{$WEB.SHOWS}"] == r"IXBus\ \(SRCI\)", "a text, never an expression of its own"
    away_to_sign_in = application(url="https://ixbus.example/", shows="IXBus", sign_in="id.example", status=None)
    [point] = application_points([away_to_sign_in])
    assert "{$WEB.SHOWS}" not in point["macros"], "a redirection has no text"
    away = [
        application(state="decommissioned"),
        application(same_as="fast"),
        application(hosting="on_premise"),
    ]
    assert list(application_points(away)) == []
    assert len(list(application_points([application(hosting="on_premise", url="https://a.example/")]))) == 1


def test_an_application_whose_address_is_to_confirm_is_not_watched_and_says_so() -> None:
    """An invented address answers nothing, or for somebody else."""
    [point] = application_points([application(url="https://ixbus.example/", status="to_confirm")])
    assert point["why"] == "adresse à confirmer"
    town = declared_town()
    share: Any = town.commune["supervision"]
    owner: Any = {**town.commune, "supervision": {**share, "hosts": [], "others": [], "points": [point]}}
    assert zabbix_intent(owner)["hosts"] == []
    # A host that an earlier version made still measures.
    now = datetime(2026, 11, 27, 22, tzinfo=UTC)
    item = {"key": "piste.web.status", "delay": "5m", "last": now.timestamp() - 30}
    hosts = {"application-ixbus": {"enabled": True, "items": [item]}}
    [row] = coverage([], {"read_at": now.isoformat(), "hosts": hosts, "problems": {}}, [point])
    assert (row.state, row.why) == ("absent", point["why"])


def test_an_application_has_no_interface_and_a_class_that_is_not_declared_no_host() -> None:
    town = declared_town()
    share: Any = town.commune["supervision"]
    [point] = application_points([application(url="https://ixbus.example/", status=None)])
    owner: Any = {**town.commune, "supervision": {**share, "hosts": [], "others": [], "points": [point]}}
    [entry] = zabbix_intent(owner)["hosts"]
    assert (entry["interfaces"], entry["templates"]) == ([], ["Piste web by HTTP"])
    owner["supervision"]["classes"] = {}
    assert zabbix_intent(owner)["hosts"] == []


def services(share: dict[str, Any]) -> dict[str, Any]:
    commune: Any = declared_town().commune
    return zabbix_intent({**commune, "supervision": {**commune["supervision"], **share}})  # type: ignore[typeddict-item]


def test_a_class_is_present_where_any_owner_has_a_host_of_it() -> None:
    town = declared_town()
    hosts = [entry for owner in town.owners.values() for entry in zabbix_intent(owner)["hosts"]]
    seen = {tag["value"] for entry in hosts for tag in entry["tags"] if tag["tag"] == "class"} - {"other"}
    share: Any = town.commune["supervision"]
    assert seen == {*share["present"]}


def test_a_service_exists_only_for_a_class_with_a_host_and_the_missing_class_is_named() -> None:
    intent = services({"present": ["switch"]})
    assert [entry["name"] for entry in intent["services"]] == ["Ville du Bourget, Commutateurs"]
    idle = {"Commutateurs Nexus", "Pare-feu", "Serveurs", "Machines virtuelles", "Liaisons"}
    assert {name.rpartition(", ")[2] for name in intent["idle_services"]} == idle
    assert Supervision().absent(intent) == {"services": intent["idle_services"]}
    [network] = [entry for entry in intent["objectives"] if "réseau" in entry["name"]]
    assert network["description"].startswith("Ne compte pas : Commutateurs Nexus, Pare-feu (aucun hôte surveillé)")


def test_an_objective_is_about_classes_that_are_described() -> None:
    given = {"root": "Ville", "classes": {"switch": {"label": "Commutateurs", "templates": ["ICMP Ping"]}}}
    objective = {"label": "Réseau", "classes": ["swich"], "availability": 99, "since": "2026-09-01"}
    with pytest.raises(ValueError, match=r"objectives\.reseau : la classe « swich »"):
        Form.model_validate({**given, "objectives": {"reseau": objective}})


def test_a_page_or_an_answer_is_lost_at_the_third_failure_and_not_at_the_first() -> None:
    """A minimum over three trials is that of the first trial, for as long as there is no other."""
    template: Any = files()["Piste web by HTTP"]
    over = [trigger["expression"] for item in template["items"] for trigger in item["triggers"]]
    assert len(over) == 2
    assert [expression for expression in over if not re.fullmatch(r"count\(.*,#3.*\)=3", expression)] == []
