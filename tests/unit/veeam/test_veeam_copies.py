"""Copies of Veeam: restore points of mapped repositories, and nothing that a job only says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from piste.readings.protection.copies import moment
from piste.readings.protection.kept import SUBJECT
from piste.systems.veeam import client
from tests.support.veeam import MACHINES, NOON, PROTECTION, run, simulator

NOW = datetime.fromtimestamp(NOON, UTC)


def copies(result: dict[str, Any], store: str = "sauvegarde") -> list[dict[str, Any]]:
    (reading,) = (reading for reading in result["readings"] if reading["store"] == store)
    assert reading["unknown"] is None, reading["unknown"]
    return list(reading["copies"])


def unknown(result: dict[str, Any]) -> set[str]:
    assert not [reading for reading in result["readings"] if reading["copies"]]
    return {reading["unknown"] for reading in result["readings"]}


def newest(listed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {copy["set"]: copy for copy in sorted(listed, key=lambda copy: copy["taken_at"])}


def test_each_restore_point_is_a_copy_of_its_set_in_its_store() -> None:
    simulated = simulator(page_limit=7)
    result = run("veeam_copies", simulated)
    assert [reading["store"] for reading in result["readings"]] == ["sauvegarde", "durci"]
    for reading in result["readings"]:
        assert SUBJECT.parsed(json.dumps(reading["copies"]).encode()) == reading["copies"]
        assert {copy["set"] for copy in reading["copies"]} == set(MACHINES)
        assert len(reading["copies"]) == 14 * len(MACHINES)
    last = newest(copies(result))["srv-app1"]
    assert NOW - moment(last["taken_at"]) < timedelta(days=1)
    assert (last["state"], last["size_bytes"], last["immutable_until"]) == ("complete", 9_000_000_000, None)
    hardened = newest(copies(result, "durci"))["srv-app1"]
    assert moment(hardened["immutable_until"]) - moment(hardened["taken_at"]) == timedelta(days=14)
    assert result["warnings"] == ["objets copiés que rien ne déclare : vm-inconnue"]
    assert simulated.sessions == 0, "the session is given back"
    assert result["calls"]["writes"] == 0


def test_a_job_that_says_success_without_a_restore_point_is_no_copy() -> None:
    result = run("veeam_copies", simulator(lost_days=5))
    assert NOW - moment(newest(copies(result))["srv-app1"]["taken_at"]) > timedelta(days=5)
    lies = [warning for warning in result["warnings"] if "se dit réussie" in warning]
    assert len(lies) == 2
    assert "sans point de restauration : le dernier est du" in lies[0]
    assert copies(run("veeam_copies", simulator(lost_days=14))) == []


def test_a_job_that_somebody_disabled_is_named_while_its_copies_are_young() -> None:
    result = run("veeam_copies", simulator(disabled_jobs=["Nuit durci"]))
    assert [warning for warning in result["warnings"] if "désactivée" in warning] == [
        "la tâche « Nuit durci » est désactivée dans Veeam : elle ne copie plus rien"
    ]
    assert len(copies(result, "durci")) == 14 * len(MACHINES)


def test_a_failed_session_malware_and_a_session_that_is_forgotten() -> None:
    result = run("veeam_copies", simulator(failed=["srv-bdd1"], infected=["srv-fic1"]))
    last = newest(copies(result))
    assert {name: copy["state"] for name, copy in last.items()} == {
        "srv-app1": "complete", "srv-bdd1": "failed", "srv-fic1": "failed",
    }  # fmt: skip
    assert "la tâche « Nuit durci » a échoué à sa dernière exécution" in result["warnings"]
    # Veeam keeps sessions for less long than points: a point that lets itself be restored is one.
    assert newest(copies(run("veeam_copies", simulator(forgotten=True))))["srv-app1"]["state"] == "complete"


def test_a_repository_that_is_absent_or_off_line_leaves_its_store_unknown() -> None:
    result = run("veeam_copies", simulator(offline=["durci"]))
    assert [reading["unknown"] for reading in result["readings"]] == [None, "dépôt hors ligne : durci"]
    result = run("veeam_copies", simulator(), repositories={"sauvegarde": ["ancien"]})
    assert result["readings"][0]["unknown"] == "Veeam n’a pas de dépôt 'ancien'"
    assert "dépôts de Veeam qu’aucun endroit ne désigne : sauvegarde" in result["warnings"]


def test_the_medium_of_a_repository_is_compared_with_the_declared_medium() -> None:
    stores = [{**store, "medium": "object"} for store in PROTECTION["stores"]]
    result = run("veeam_copies", simulator(), {**PROTECTION, "stores": stores})
    assert "durci : support « object » déclaré, dépôt durci (LinuxHardened)" in result["warnings"]


def test_a_store_that_is_fed_less_often_is_read_further_back() -> None:
    """Its last copy may be older than what is read of others: not read, it would be no copy."""
    stores = [{**store, "max_age_hours": 24 * 10} for store in PROTECTION["stores"]]
    few = run("veeam_copies", simulator(), days=2)
    assert NOW - min(moment(copy["taken_at"]) for copy in copies(few)) < timedelta(days=2)
    more = run("veeam_copies", simulator(), {**PROTECTION, "stores": stores}, days=2)
    assert NOW - min(moment(copy["taken_at"]) for copy in copies(more)) > timedelta(days=9)


def test_an_object_of_another_name_protects_the_set_that_people_say() -> None:
    result = run("veeam_copies", simulator(), objects={"VM-Inconnue": "annuaire"})
    assert "annuaire" in newest(copies(result))


def test_what_does_not_answer_is_unknown_for_every_store_and_tells_no_secret() -> None:
    for switches, connection, why in (
        ({}, {"password": "faux-mot-de-passe"}, "refuse de donner un jeton (401)"),
        ({"version": "1.1-rev0"}, {}, "ne parle pas la révision 1.2-rev1"),
        ({"forbidden": ["/api/v1/restorePoints"]}, {}, "refusé (403)"),
        ({"moving": True}, {}, "la liste change à chaque lecture"),
        ({}, {"base_url": ""}, "aucune adresse"),
        ({}, {"password": ""}, "aucun secret"),
        ({}, {"api_version": "9.9"}, "n’est pas une révision connue"),
    ):
        reasons = unknown(run("veeam_copies", simulator(**switches), **connection))
        assert len(reasons) == 1
        assert why in reasons.pop()
        assert "faux-mot-de-passe" not in str(reasons)


def test_sizes_that_a_server_does_not_say_are_not_known() -> None:
    assert {copy["size_bytes"] for copy in copies(run("veeam_copies", simulator(without_sizes=True)))} == {None}


def test_a_token_that_ends_in_the_middle_is_asked_for_again() -> None:
    simulated = simulator(page_limit=3)
    simulated.faults.add("edit", path="/api/v1/restorePoints", nth=4, edit=simulated.expire)
    assert len(copies(run("veeam_copies", simulated))) == 14 * len(MACHINES)


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"data": {}, "pagination": {"total": 0}}', '{"data": [], "pagination": null}',
        '{"data": [], "pagination": {"total": "2"}}', '{"data": [], "pagination": {"total": 3}}',
        '{"data": [{"id": 4}], "pagination": {"total": 1}}', '{"data": [], "pagination": {"total": 99999999}}',
        '{"data": [{"id": "a"}, {"id": "a"}], "pagination": {"total": 2}}',
        '{"data": [], "pagination": {"total": true}}',
    ],
)  # fmt: skip
def test_pages_that_make_no_list_are_unknown_and_never_empty(body: str) -> None:
    simulated = simulator()
    simulated.faults.add("status", status=200, body=body, path="/api/v1/restorePoints", times=None)
    (why,) = unknown(run("veeam_copies", simulated))
    assert "veeam.invalid" in why


@pytest.mark.parametrize("field", ["id", "name", "backupId", "creationTime"])
@pytest.mark.parametrize("value", [None, 7, "", [], "2026-09-21T21:00:00"])
def test_a_restore_point_that_makes_no_sense_leaves_its_store_unknown(field: str, value: Any) -> None:
    from piste.systems.veeam.copies import Read, readings

    world, now = simulator().world, NOON
    behaviour = simulator().behaviour
    points = world.points(now, behaviour)
    points[0] = {**points[0], field: value}
    read = Read(
        repositories=[world.repository(name) for name in world.repositories],
        states=[world.repository_state(name, behaviour) for name in world.repositories],
        jobs=[], backups=[world.backup(name, now) for name in world.repositories], points=points, sessions=[],
    )  # fmt: skip
    sets = {name: name for name in MACHINES}
    made = readings(read, {"sauvegarde": ["sauvegarde"]}, {}, sets, NOW, [])[0]
    if field in ("name", "backupId", "id") and value == "2026-09-21T21:00:00":
        assert made["unknown"] is None, "a text is a name"
    else:
        assert (made["copies"], "autre chose que ce qui se lit" in str(made["unknown"])) == ([], True)


def test_a_copy_of_the_future_has_no_age() -> None:
    simulated = simulator()
    result = run("veeam_copies", simulated)
    assert copies(result)
    from piste.systems.veeam.copies import Read, readings

    world, behaviour = simulated.world, simulated.behaviour
    point = {**world.points(NOON, behaviour)[0], "creationTime": (NOW + timedelta(days=2)).isoformat()}
    read = Read(
        repositories=[world.repository("sauvegarde")], states=[world.repository_state("sauvegarde", behaviour)],
        jobs=[], backups=[world.backup("sauvegarde", NOON)], points=[point], sessions=[],
    )  # fmt: skip
    made = readings(read, {"sauvegarde": ["sauvegarde"]}, {}, {"srv-app1": "srv-app1"}, NOW, [])[0]
    assert [copy["state"] for copy in made["copies"]] == ["unknown"]


def test_doctor_says_what_to_do() -> None:
    def states(**given: Any) -> dict[str, str]:
        connection = given.pop("connection", {})
        result = run("veeam_checks", simulator(**given), **connection)
        return {finding["id"]: finding["state"] for finding in result["findings"]}

    assert set(states().values()) == {"ok"}
    assert states(connection={"password": "faux"}) == {"veeam.account": "wrong"}
    assert states(version="1.1-rev0") == {"veeam.version": "wrong"}
    assert states(forbidden=["/api/v1/sessions"])["veeam.rights"] == "wrong"
    assert states(connection={"repositories": {"durci": ["absent"]}})["veeam.repositories"] == "wrong"
    assert states(connection={"base_url": ""}) == {"veeam.reachable": "unknown"}


def test_nothing_is_asked_where_no_store_is_fed_by_veeam() -> None:
    simulated = simulator()
    result = run("veeam_copies", simulated, {"stores": PROTECTION["stores"][:1], "sets": []})
    assert (result["readings"], result["calls"]["reads"]) == ([], 0)


def test_the_simulator_refuses_what_veeam_refuses() -> None:
    from lab.http import Request

    simulated = simulator()
    version = {"x-api-version": client.DEFAULT}

    def status(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> int:
        return simulated.handle(Request.to(method, target, headers=headers, body=body)).status

    assert status("GET", "/api/v1/jobs/states", {}) == 400, "the revision is required"
    assert status("GET", "/api/v1/jobs/states", {"x-api-version": "1.3-rev0"}) == 400
    assert status("GET", "/api/v1/jobs/states", version) == 401
    assert status("GET", "/api/v1/jobs/states", {**version, "Authorization": "Bearer faux"}) == 401
    form = {**version, "Content-Type": "application/x-www-form-urlencoded"}
    assert status("POST", "/api/oauth2/token", form, b"grant_type=password&username=svc-piste&password=x") == 401
    asked = b"grant_type=password&username=svc-piste&password=mot-de-passe-de-veeam"
    answer = simulated.handle(Request.to("POST", "/api/oauth2/token", headers=form, body=asked)).json()
    signed = {**version, "Authorization": f"Bearer {answer['access_token']}"}
    assert status("GET", "/api/v1/jobs/states?limit=0", signed) == 400
    assert status("GET", "/api/v1/jobs/states?inconnu=1", signed) == 400
    assert status("POST", "/api/v1/jobs/states", signed) == 405
    assert status("GET", "/api/v1/absent", signed) == 404
    simulated.expire()
    assert status("GET", "/api/v1/jobs/states", signed) == 401
