"""Trials of a place: derived from the declaration, for each population."""

from __future__ import annotations

from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, places, request, trials
from tests.support.probe import SCHOOL, place, trials_of, ways


def targets(trial: Trial) -> set[tuple[str, int | None]]:
    return {(question["address"], question.get("port")) for question in trial.questions}


def test_guests_come_first_and_each_port_and_ssid_is_a_place() -> None:
    listed = places(ways(), SCHOOL)
    assert listed[0].segment == "invites"
    assert {(place.segment, place.ssid) for place in listed} >= {
        ("utilisateurs", None),
        ("utilisateurs", "VLB-Agents"),
        ("telephonie", None),
        ("pedagogique", "VLB-Pedagogique"),
    }
    assert next(place for place in listed if place.segment == "administration").wired is False


def test_a_lease_is_wanted_with_pool_options_and_relay() -> None:
    lease = trials_of(place("utilisateurs"))["lease"]
    assert (lease.want["start"], lease.want["end"]) == ("10.93.41.50", "10.93.41.239")
    assert lease.want["options"]["dns"] == ["10.93.2.11", "10.93.2.12"]
    assert lease.want["relay"] == "10.93.41.254"
    assert lease.want["servers"] == ["10.93.2.11", "10.93.2.12"]


def test_a_segment_without_a_range_wants_no_server_to_answer() -> None:
    listed = trials_of(place("administration"))
    assert listed["lease"].want == {"none": True}
    asked = request(ways(), place("administration"), list(listed.values()), Circumstances())
    assert asked["static"]["dhcp"] == []
    taken = {device["address"] for device in ways().sites[SCHOOL]["devices"]}
    assert asked["static"]["candidates"]
    assert not taken & set(asked["static"]["candidates"])
    assert not {"10.93.40.252", "10.93.40.253", "10.93.40.254"} & set(asked["static"]["candidates"])


def test_each_declared_flow_is_tried_on_its_servers_and_ports() -> None:
    listed = trials_of(place("utilisateurs"))
    assert ("10.93.2.16", 445) in targets(listed["flow.postes-fichiers.ecole-jaures"])
    assert targets(listed["flow.web.ecole-jaures"]) == {("1.1.1.1", 80), ("1.1.1.1", 443)}
    directory = targets(listed["flow.postes-annuaire.ecole-jaures"])
    assert {("10.93.2.11", 389), ("10.93.2.12", 389), ("10.93.2.11", 53)} <= directory


def test_the_flow_to_the_dhcp_servers_is_asked_with_the_lease() -> None:
    trial = trials_of(place("utilisateurs"))["flow.relais-dhcp.ecole-jaures"]
    assert [item["id"] for item in trial.questions] == ["inform.10.93.2.11", "inform.10.93.2.12"]


def test_what_a_place_may_reach_is_never_tried_as_isolation() -> None:
    listed = trials_of(place("utilisateurs"))
    knocked = {
        (question["address"], question.get("port"))
        for trial in listed.values()
        if trial.kind == "isolation"
        for question in trial.questions
    }
    assert ("10.93.2.16", 445) not in knocked
    assert ("10.93.2.16", 3389) in knocked
    assert ("10.93.44.254", None) in knocked


def test_guests_are_tried_against_every_segment_of_the_town() -> None:
    listed = trials_of(place("invites"))
    tried = {
        question["address"] for trial in listed.values() if trial.kind == "isolation" for question in trial.questions
    }
    others = {
        segment["gateway"]
        for site in ways().sites.values()
        for segment in site["segments"].values()
        if segment["subnet"] != "10.93.44.0/24"
    }
    assert others <= tried


def test_guests_must_not_resolve_the_names_of_the_town() -> None:
    listed = trials_of(place("invites"))
    assert listed["name.hdv-dc1.ad.lebourget.example"].want == {"addresses": []}
    assert listed["name.ad.lebourget.example"].want == {"addresses": []}
    assert {question["address"] for question in listed["name.hdv-dc1.ad.lebourget.example"].questions} == {
        "198.51.100.253"
    }


def test_agents_resolve_servers_and_equipment_on_each_server_of_the_lease() -> None:
    trial = trials_of(place("utilisateurs"))["name.sw-jau-01.ad.lebourget.example"]
    assert trial.want == {"addresses": ["10.93.40.11"]}
    assert [question["address"] for question in trial.questions] == ["10.93.2.11", "10.93.2.12"]


def test_an_access_list_stops_what_the_core_would_route() -> None:
    listed = trials_of(place("utilisateurs"))
    assert {"isolation.telephonie@ecole-jaures", "isolation.utilisateurs@ailleurs"} <= listed.keys()
    assert "flow.core" not in listed
    knocked = {question["address"] for question in listed["isolation.utilisateurs@ailleurs"].questions}
    assert {"10.93.1.254", "10.93.153.254"} <= knocked, "the town hall and the police"


def test_what_the_switches_permit_is_tried_at_a_few_places_of_other_sites() -> None:
    listed = trials_of(place("telephonie"))
    assert targets(listed["flow.telephones"]) == {("10.93.3.50", 16384), ("10.93.11.50", 16384)}
    assert all(question["range"] and not question["known"] for question in listed["flow.telephones"].questions)
    assert "flow.telephones" not in trials_of(place("utilisateurs"))
    assert not {question["address"] for question in listed["isolation.telephonie@ailleurs"].questions
                if question.get("port") == 16384}  # fmt: skip


def test_a_portal_is_tried_where_it_is_declared() -> None:
    town_hall = trials_of(place("invites", "VLB-Invites", "hotel-de-ville"))
    assert town_hall["portal"].kind == "portal"
    assert "portal" not in trials_of(place("utilisateurs", "VLB-Agents"))


def test_an_admission_without_an_account_is_not_tried_and_says_why() -> None:
    missing = Circumstances(joins_missing="aucun compte d’essai")
    trial = trials_of(place("utilisateurs"), missing)["admission"]
    assert trial.reason == "aucun compte d’essai"


def test_the_rate_is_measured_on_demand_only() -> None:
    assert "rate" not in trials_of(place("utilisateurs"))
    trial = trials_of(place("utilisateurs"), Circumstances(rate="10.93.2.21"))["rate"]
    assert trial.want == {"mbps": 1000}


def test_every_question_has_an_id_of_its_own_in_every_place_of_the_town() -> None:
    for site in (SCHOOL, "police-municipale", "malraux"):
        for where in places(ways(), site):
            ids = [question["id"] for trial in trials(ways(), where, Circumstances()) for question in trial.questions]
            assert len(ids) == len(set(ids)) < 1200
