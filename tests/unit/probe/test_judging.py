"""Judgment of a place: each fault has its words, and silence proves nothing by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.probe import judged, offer, place, right, trials_of

AGENTS = place("utilisateurs")
GUESTS = place("invites")


def wrong(listed: Any, answers: Any, **more: Any) -> dict[str, Any]:
    return {id_: result for id_, result in judged(listed, answers, **more).items() if result.verdict == "wrong"}


@pytest.mark.parametrize("where", [AGENTS, GUESTS, place("administration"), place("utilisateurs", "VLB-Agents")])
def test_a_place_that_is_as_declared_conforms(where: Any) -> None:
    listed = trials_of(where)
    results = judged(listed, right(list(listed.values())))
    assert {result.verdict for result in results.values() if not listed[result.id].reason} == {"conform"}


def test_nothing_that_was_not_answered_conforms() -> None:
    for where in (AGENTS, GUESTS):
        listed = trials_of(where)
        assert {result.verdict for result in judged(listed, {}).values()} <= {"unknown", "untested"}


def test_silence_at_a_dead_place_is_no_isolation() -> None:
    listed = trials_of(GUESTS)
    answers = right(list(listed.values()))
    answers["lease"] = {"outcome": "silent", "offers": [], "ms": 4500.0}
    answers["gateway"] = {"outcome": "silent", "macs": [], "address": ""}
    for result in judged(listed, answers).values():
        assert result.kind != "isolation" or result.verdict == "unknown"


def test_a_lease_of_another_segment_is_named() -> None:
    listed = trials_of(GUESTS)
    answers = right(list(listed.values()))
    answers["lease"]["address"] = "10.93.41.60"
    result = judged(listed, answers)["lease"]
    assert result.verdict == "wrong"
    assert "utilisateurs@ecole-jaures" in result.reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dns": ["10.93.2.11"]}, "serveurs de noms : 10.93.2.11 au lieu de 10.93.2.11, 10.93.2.12"),
        ({"routers": []}, "passerelle : aucun au lieu de 10.93.41.254"),
        ({"domain": "exemple.fr"}, "domaine : exemple.fr au lieu de"),
        ({"lease": 60}, "durée : 60 s au lieu de 691200 s"),
        ({"address": "10.93.41.10"}, "10.93.41.10 n’est pas de la plage"),
        ({"server": "10.93.41.7"}, "un serveur DHCP qui n’est pas déclaré répond : 10.93.41.7"),
    ],
)
def test_each_departure_of_a_lease_is_named(changes: dict[str, Any], words: str) -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    lent = offer(dict(listed["lease"].want), **changes)
    answers["lease"] = {"outcome": "answered", **lent, "offers": [lent]}
    result = judged(listed, answers)["lease"]
    assert result.verdict == "wrong"
    assert words in result.reason


def without_lease(answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    silent = {id_: {"outcome": "silent"} for id_ in answers if id_.startswith("inform.")}
    return {**answers, **silent, "lease": {"outcome": "silent", "offers": [], "ms": 4500.0}, **more}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"gateway": {"outcome": "silent", "macs": [], "address": ""}}, "VLAN absent d’un lien"),
        (
            {
                "gateway": {"outcome": "silent", "macs": [], "address": ""},
                "elsewhere": {"outcome": "answered", "addresses": ["10.93.43.254"]},
            },
            "la passerelle de telephonie@ecole-jaures répond ici : ce port ou ce SSID mène dans un autre VLAN",
        ),
        ({"relayed.10.93.2.11": {"outcome": "answered"}}, "le relais de la passerelle manque, ou mène ailleurs"),
        ({"relayed.10.93.2.11": {"outcome": "silent"}, "inform.10.93.2.12": {"outcome": "answered"}}, "épuisée"),
        ({}, "filtrage, ou service arrêté"),
    ],
)
def test_a_missing_lease_has_its_cause(more: dict[str, Any], words: str) -> None:
    listed = trials_of(AGENTS)
    result = judged(listed, without_lease(right(list(listed.values())), **more))["lease"]
    assert result.verdict == "wrong"
    assert words in result.reason


@pytest.mark.parametrize(
    ("way", "more", "words"),
    [
        ({"relays": []}, {"relayed.10.93.2.11": {"outcome": "answered"}}, "le relais de la passerelle manque"),
        (
            {"relays": ["10.93.2.18"]},
            {"relayed.10.93.2.11": {"outcome": "answered"}},
            "le relais de la passerelle mène à 10.93.2.18, et non à 10.93.2.11, 10.93.2.12",
        ),
        (
            {"broken": "sw-hdv-01/5 ne laisse pas passer le VLAN 151"},
            {"gateway": {"outcome": "silent", "macs": [], "address": ""}},
            "le VLAN n’arrive pas jusqu’à la passerelle : sw-hdv-01/5 ne laisse pas passer le VLAN 151",
        ),
    ],
)
def test_what_a_twin_knows_of_the_way_tells_the_cause(way: dict[str, Any], more: dict[str, Any], words: str) -> None:
    listed = trials_of(AGENTS)
    result = judged(listed, without_lease(right(list(listed.values())), **more), way=way)["lease"]
    assert result.reason.endswith(words)


def test_a_missing_return_route_is_named() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    near = ("gateway#0", "quality.10.93.41.254#0")
    silent = {id_: {"outcome": "silent"} for id_ in answers if "#" in id_ and id_ not in near}
    results = judged(listed, without_lease(answers) | silent)
    assert "celle du retour" in results["lease"].reason
    assert "celle du retour" in results["flow.web.ecole-jaures"].reason
    assert results["isolation.serveurs@ailleurs"].verdict == "conform"


def test_two_gateways_of_an_address_are_named() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    answers["gateway"]["macs"].append("02:00:00:00:00:02")
    result = judged(listed, answers)["gateway"]
    assert (result.verdict, result.reason) == ("wrong", "deux passerelles ont la même adresse")


def test_a_rule_too_wide_is_named_by_its_target() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    trial = listed["isolation.serveurs@ailleurs"]
    opened = next(item for item in trial.questions if item["address"] == "10.93.2.16" and item.get("port") == 3389)
    answers[opened["id"]] = {"outcome": "answered", "ms": 1.0}
    assert list(wrong(listed, answers)) == [trial.id]
    assert judged(listed, answers)[trial.id].observed == "répond : 10.93.2.16 tcp/3389"


def test_a_refusal_by_the_target_itself_was_reached_a_refusal_by_a_filter_was_not() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    question = listed["isolation.invites@ecole-jaures"].questions[0]
    answers[question["id"]] = {"outcome": "refused", "by": "10.93.240.2", "code": 13}
    assert wrong(listed, answers) == {}
    answers[question["id"]] = {"outcome": "refused", "by": question["address"]}
    assert list(wrong(listed, answers)) == ["isolation.invites@ecole-jaures"]


def test_a_name_that_leads_elsewhere_is_named() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    answers["name.hdv-imp1.ad.lebourget.example#1"]["addresses"] = ["10.93.2.99"]
    result = judged(listed, answers)["name.hdv-imp1.ad.lebourget.example"]
    assert result.verdict == "wrong"
    assert result.observed == "10.93.2.99 selon 10.93.2.12"


def test_a_name_of_the_town_that_guests_resolve_is_wrong_and_a_silent_resolver_unknown() -> None:
    listed = trials_of(GUESTS)
    answers = right(list(listed.values()))
    id_ = "name.hdv-dc1.ad.lebourget.example"
    answers[f"{id_}#0"]["addresses"] = ["10.93.2.11"]
    assert judged(listed, answers)[id_].verdict == "wrong"
    answers[f"{id_}#0"] = {"outcome": "silent"}
    assert judged(listed, answers)[id_].verdict == "unknown"


def test_a_silent_port_of_a_known_server_is_wrong_of_a_place_unknown() -> None:
    listed = trials_of(place("telephonie"))
    answers = right(list(listed.values()))
    id_ = "flow.telephonie.ecole-jaures"
    answers[f"{id_}#0"] = {"outcome": "silent"}
    assert judged(listed, answers, everything_answers=False)[id_].verdict == "unknown"
    assert judged(listed, answers)[id_].verdict == "wrong"


def test_a_portal_that_does_not_impose_itself_is_wrong() -> None:
    listed = trials_of(place("invites", "VLB-Invites", "hotel-de-ville"))
    answers = right(list(listed.values()))
    results = judged(listed, answers)
    assert results["portal"].verdict == "conform"
    # Behind a portal nothing passes: neither flows nor isolation are proven.
    proofs = {result.verdict for result in results.values() if result.kind in ("flow", "isolation")}
    assert proofs <= {"unknown", "untested"}
    answers["portal#0"]["after"] = 204
    assert {result.verdict for result in judged(listed, answers).values() if result.kind == "isolation"} == {"conform"}
    answers["portal#0"] = {"outcome": "answered", "status": 204, "location": ""}
    assert judged(listed, answers)["portal"].verdict == "wrong"


def test_a_clock_of_another_hour_is_wrong() -> None:
    listed = trials_of(AGENTS)
    answers = right(list(listed.values()))
    answers["time.10.93.2.11#0"]["offset"] = 7200.0
    assert list(wrong(listed, answers)) == ["time.10.93.2.11"]


def test_an_error_of_the_station_is_the_reason_of_what_is_unknown() -> None:
    listed = trials_of(AGENTS)
    results = judged(listed, {}, error="interface eth9 absente")
    assert results["lease"].reason == "interface eth9 absente"
