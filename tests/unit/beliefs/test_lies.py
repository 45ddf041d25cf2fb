"""Simulators that lie: each belief that a lie touches is refuted by its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding
from piste.engine.transport.shared import VARIABLE
from piste.runs.read import of
from piste.systems.beliefs.answers import Answer, Lacking, judged, verdicts
from piste.systems.beliefs.asked import SAMPLE
from piste.systems.beliefs.form import beliefs
from piste.systems.beliefs.kept import checked
from piste.systems.nutanix.prism import PAGE

RULES = r"/accessControlLists$"
WPA3 = {"authMode": "psk", "encryptionMode": "wpa3"}
INTERFACES = [{"vlanId": 10, "defaultGateway": "10.0.0.1"}, {"vlanId": 20, "defaultGateway": "10.0.0.2"}]
Edit = Callable[[Any], Any]


def put(name: str, value: Any, at: tuple[Any, ...] = (0,)) -> Edit:
    """Make an edit that gives a key of a part of a document another value."""

    def edit(document: Any) -> Any:
        part = document
        for step in at:
            part = part[step]
        part[name] = value
        return document

    return edit


STRANGER = {"data": [{"extId": "u-1", "username": "quelqu'un"}], "metadata": {"totalAvailableResults": 1}}
LIES: list[tuple[str, str, Edit]] = [
    ("meraki.factory_profiles", r"/rfProfiles$", put("name", "Profil intérieur")),
    ("meraki.unnamed_switch", r"/ports/bySwitch$", lambda page: [{**switch, "name": "switch"} for switch in page]),
    ("meraki.never_reported", r"/devices/statuses$", put("lastReportedAt", "never")),
    ("meraki.writers", r"/admins$", put("orgAccess", "owner")),
    ("meraki.ssid_slots", r"/wireless/ssids$", lambda ssids: ssids[:14]),
    ("meraki.ssid_slots", r"/wireless/ssids$", lambda ssids: [*ssids, {**ssids[0], "number": 15}]),
    ("meraki.syslog_roles", r"/syslog/servers/byNetwork$", lambda _: [{"servers": [{"roles": ["AirMarshal"]}]}]),
    ("meraki.ssid_slots", r"/wireless/ssids$", lambda s: [{**s[0], **WPA3}, *s[1:]]),
    ("meraki.secrets_hidden", r"/accessPolicies$", lambda _: [{"radiusServers": [{"host": "h", "secret": "s"}]}]),
    ("meraki.default_rule", RULES, put("comment", "Règle de la ville", ("rules", -1))),
    ("meraki.default_rule", RULES, put("srcCidr", "10.0.0.0/8", ("rules", -1))),
    ("meraki.no_routing", r"/switch/routing/interfaces$", lambda _: INTERFACES[:1]),
    ("meraki.one_uplink", r"/switch/routing/interfaces$", lambda _: INTERFACES),
    ("meraki.syslog_roles", r"/syslog/servers/byNetwork$", lambda _: [{"servers": [{"roles": ["switchEvents"]}]}]),
    ("meraki.syslog_roles", r"/roles/byNetwork$", put("value", "switchEvents", ("items", 0, "available", 0))),
    ("smc.name_space", r"/elements/network$", lambda page: {**page, "result": page["result"][:1] * 2}),
    ("smc.rule_place", r"/fw_ipv4_access_rule$", put("href", "https://smc/7.4/elements/rule", ("result", 0))),
    ("smc.secrets_hidden", r"/log_server/\d+$", put("api_key", "en clair", ())),
    ("prism.node_version", r"/config/hosts$", put("fullName", "AHV", ("data", 0, "hypervisor"))),
    ("prism.node_states", r"/config/hosts$", put("state", "CASSÉ", ("data", 0, "hypervisor"))),
    ("prism.admin_in_charge", r"/authn/users$", lambda page: {**page, **STRANGER}),
]  # fmt: skip
CLUSTERS, USERS = "GET /api/clustermgmt/v4.0/config/clusters", "GET /api/iam/v4.0/authn/users"
CHECKS = ("meraki.templates", "smc.approval", "veeam.version", "prism.certificate")
"""Checks of the doctor that settle a belief."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab("brownfield", tls=True, folder=tmp_path_factory.mktemp("lab")) as opened:
        opened.meraki.behaviour.set(rate_limit=None)
        yield opened


@pytest.fixture(autouse=True)
def alone(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    yield
    for system in ("meraki", "smc", "prism"):
        lab.systems[system].faults.clear()


def asked(lab: Lab, system: str) -> dict[str, Any]:
    info: Any = lab.info
    option, url = {"meraki": ("dashboard", "base_url"), "smc": ("smc", "url"), "prism": ("prism", "base_url")}[system]
    names = ("api_key",) if system != "prism" else ("username", "password")
    more: dict[str, Any] = {"smc": {"api_version": "7.4"}}.get(system, {"rate": 0})
    more |= {"organization": "Ville du Bourget"} if system == "meraki" else {}
    given = {name: info[system][name] for name in names} | {url: info[system]["url"], "ca_file": info["ca_file"]}
    return dict(of(f"{system}_answers").run({option: {**given, **more}}, True))


def seen(lab: Lab, system: str) -> dict[str, str]:
    return {id_: verdict["state"] for id_, verdict in asked(lab, system)["verdicts"].items()}


def test_the_lab_confirms_what_it_follows(lab: Lab) -> None:
    every = {**seen(lab, "meraki"), **seen(lab, "smc"), **seen(lab, "prism")}
    assert set(every.values()) == {"confirmed"}
    assert {"meraki.default_rule", "meraki.factory_profiles", "smc.name_space", "prism.node_version"} <= every.keys()
    assert asked(lab, "smc")["version"].startswith("7.5.1")


def batches(system: str) -> Iterator[list[tuple[str, str, Edit]]]:
    """Share out the lies of a system: no two of a batch are about an answer or a belief."""
    left = [lie for lie in LIES if lie[0].partition(".")[0] == system]
    while left:
        chosen: dict[str, tuple[str, str, Edit]] = {}
        for lie in left:
            if lie[1] not in chosen and lie[0] not in {other[0] for other in chosen.values()}:
                chosen[lie[1]] = lie
        yield [*chosen.values()]
        left = [lie for lie in left if lie not in chosen.values()]


@pytest.mark.parametrize("system", ["meraki", "smc", "prism"])
def test_a_lie_refutes_the_belief_by_its_name(lab: Lab, system: str) -> None:
    for batch in batches(system):
        for _, path, edit in batch:
            lab.systems[system].faults.add("lie", method="GET", path=path, edit=edit, times=None)
        known = seen(lab, system)
        assert {id_: known.get(id_) for id_, _, _ in batch} == {id_: "refuted" for id_, _, _ in batch}
        lab.systems[system].faults.clear()


def test_there_are_twenty_lies() -> None:
    assert len(LIES) >= 20


def test_a_lie_at_a_place_is_armed_by_the_command_too(lab: Lab) -> None:
    lab.meraki.faults.add("lie", path=r"/admins$", edit={"at": "0/orgAccess", "value": "owner"}, times=None)
    assert seen(lab, "meraki")["meraki.writers"] == "refuted"


@pytest.mark.parametrize("id_", CHECKS)
def test_a_check_of_the_doctor_refutes_and_confirms(id_: str) -> None:
    (belief,) = (belief for belief in beliefs().values() if id_ in belief.findings)
    right = [Finding(name, "ok", "bien") for name in belief.findings]
    assert checked(belief, right).state == "confirmed"
    wrong = checked(belief, [Finding(id_, "wrong", "un modèle décide de VLB ccas"), *right])
    assert (wrong.state, wrong.evidence) == ("refuted", "un modèle décide de VLB ccas"), "another device is well"
    assert checked(belief, [*right, Finding(id_, "unknown", "muet")]).state == "unknown"
    assert checked(belief, [known for known in right if known.id != id_]).state == "unknown"


def test_an_answer_that_makes_no_sense_shows_nothing(lab: Lab) -> None:
    for belief in beliefs().values():
        assert judged(belief, []).state == "unknown"
        for question in ("/organizations/1/admins", "/7.4/elements/host", "/api/iam/v4.0/authn/users"):
            for content in (None, [None], {"result": 3}, "portail", [{}]):
                assert judged(belief, [Answer(f"GET {question}", content)]).state != "confirmed"


@pytest.mark.parametrize("content", [None, [], {}, {"data": []}])
def test_an_empty_answer_proves_no_version_nor_place(content: Any) -> None:
    assert judged(beliefs()["prism.older_versions"], [Answer(CLUSTERS, content)]).state == "unknown"
    assert judged(beliefs()["meraki.ssid_slots"], [Answer("GET /networks/N_1/wireless/ssids", content)]).state == (
        "unknown"
    )


def test_the_evidence_is_about_what_is_believed() -> None:
    devices = [{"serial": "Q1", "model": "MS250-48"}, {"serial": "Q2", "model": "MS120-8"}]
    every = Answer("GET /organizations/1/devices", devices)
    core, small = (Answer(f"GET /devices/{serial}/switch/routing/interfaces", []) for serial in ("Q1", "Q2"))
    routed = core._replace(content=INTERFACES)
    assert judged(beliefs()["meraki.no_routing"], [every, routed]).state == "unknown"
    assert judged(beliefs()["meraki.no_routing"], [every, routed, small]).state == "confirmed"
    without_key = [{"number": number, "authMode": "open"} for number in range(15)]
    ssids = Answer("GET /networks/N_1/wireless/ssids", without_key)
    assert judged(beliefs()["meraki.ssid_slots"], [ssids]).state == "unknown"


def test_a_belief_is_judged_by_whole_answers_alone(lab: Lab) -> None:
    kind = [network["id"] for network in lab.meraki.world.networks.values() if "switch" in network["productTypes"]]
    assert len(kind) > SAMPLE
    for network in (kind[1], kind[-1]):
        lab.meraki.faults.add("status", method="GET", path=f"/{network}/switch/accessControlLists$", status=403)
        result = asked(lab, "meraki")
        assert [*result["unanswered"]] == ["GET /networks/{network}/switch/accessControlLists"]
        assert "meraki.default_rule" not in result["verdicts"]
        lab.meraki.faults.clear()


def test_a_refutation_stays_though_a_later_place_is_silent(lab: Lab) -> None:
    kind = [network["id"] for network in lab.meraki.world.networks.values() if "switch" in network["productTypes"]]
    rules = {"rules": [{"comment": "Règle de la ville"}]}
    path = "/switch/accessControlLists$"
    lab.meraki.faults.add("lie", method="GET", path=f"/{kind[0]}{path}", edit=lambda _: rules)
    lab.meraki.faults.add("status", method="GET", path=f"/{kind[-1]}{path}", status=403)
    assert asked(lab, "meraki")["verdicts"]["meraki.default_rule"]["state"] == "refuted"
    lab.meraki.faults.clear()


USER, BACKUP = {"username": "agent"}, {"repositoryId": "r2"}
HALVES = {
    "prism.admin_in_charge": [(USERS, {"data": [USER]}), (f"{USERS}?$page=1", None)],
    "veeam.scale_out": [
        ("GET /api/v1/backupInfrastructure/repositories?skip=0&limit=200", {"data": [{"id": "r1"}]}),
        ("GET /api/v1/backupInfrastructure/repositories?skip=200&limit=200", None),
        ("GET /api/v1/backups?skip=0&limit=200", {"data": [BACKUP]}),
    ],
    "veeam.sessions_gone": [
        ("GET /api/v1/sessions?skip=0&limit=200", {"data": [{"id": "s1"}]}),
        ("GET /api/v1/sessions?skip=200&limit=200", None),
        ("GET /api/v1/restorePoints?skip=0&limit=200", {"data": [{"id": "p1", "sessionId": "s2"}]}),
    ],
}


@pytest.mark.parametrize("name", HALVES)
def test_a_part_of_a_list_refutes_nothing(name: str) -> None:
    lacking = Lacking("lecture refusée (403)")
    answers = [Answer(path, lacking if content is None else content) for path, content in HALVES[name]]
    assert judged(beliefs()[name], answers[:1] + answers[2:]).state == "refuted"
    assert judged(beliefs()[name], answers).state == "unknown"
    given = [answer for answer in answers if answer.content is not lacking]
    assert name not in dict(verdicts(name.partition(".")[0], given, beliefs()[name].questions[:1]))


def test_every_account_is_asked_and_none_is_named(lab: Lab) -> None:
    users = [{"extId": f"u-{number}", "username": f"agent-{number}"} for number in range(PAGE + 1)]
    assert "agent" not in json.dumps(judged(beliefs()["prism.admin_in_charge"], [Answer(USERS, {"data": users})]))


def test_a_silence_stops_no_other_question(lab: Lab) -> None:
    lab.meraki.faults.add("status", method="GET", path=r"/admins$", status=403, times=None)
    result = asked(lab, "meraki")
    assert list(result["unanswered"]) == ["GET /organizations/{organization}/admins"]
    assert "meraki.factory_profiles" in result["verdicts"]
    lab.meraki.faults.clear()
    lab.meraki.faults.add("cut", times=None)
    with pytest.raises(PisteError):
        asked(lab, "meraki")


def test_no_person_leaves_with_the_verdicts(lab: Lab) -> None:
    assert "@" not in json.dumps(asked(lab, "meraki"), ensure_ascii=False)


def test_what_a_capture_alone_shows_is_judged_alike() -> None:
    path = "GET /organizations/1/clients/search?mac=x"
    assert dict(verdicts("meraki", [Answer(path, {"records": []})]))["meraki.unknown_client"].state == "confirmed"
    assert dict(verdicts("meraki", [Answer(path, ["rien"])]))["meraki.unknown_client"].state == "refuted"
    status = "POST /7.4/system/monitoring_status"
    for value, state in (("2026-12-01T08:00:00Z", "confirmed"), (1796112000000, "confirmed"), ("hier", "refuted")):
        known = dict(verdicts("smc", [Answer(status, {"last_upload_time": value})]))
        assert known["smc.installed_at"].state == state
