"""The tenant of Microsoft 365: what a right or a licence closes is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused, Unreachable
from piste.readings.table import SUBJECTS, Answer
from piste.readings.tenant import kept
from piste.readings.tenant.rules import GLOBAL, HIGHLY, RULES, TESTS, Tenant, verdict
from piste.systems.microsoft.client import Microsoft
from piste.systems.microsoft.tenant import LEGACY, PARTS, PERMISSIONS
from piste.town import declared
from piste.town.model.dates import now
from tests.support import microsoft
from tests.support.microsoft import CONNECTION, run, simulator, spoken

TODAY = date(2026, 9, 21)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    return run("microsoft_tenant", simulator(licence="P2", page_limit=2))


def judged(read: Mapping[str, Any], **parts: Rows | None) -> dict[str, tuple[str, str]]:
    """Judge what was read, with other rows in some parts; None: not read."""
    changed = {**read["parts"], **parts}
    unread = {**read["unread"], **{name: "demande P1" for name, rows in parts.items() if rows is None}}
    tenant = Tenant({name: rows for name, rows in changed.items() if rows is not None}, unread, TODAY)
    return {id_: verdict(rule, tenant)[:2] for id_, rule in RULES.items()}


def test_every_part_is_read_in_pages_and_fits_the_form(read: Mapping[str, Any]) -> None:
    assert {*read["parts"]} == {*PARTS}
    assert read["unread"] == {}
    assert read["calls"]["writes"] == 0
    for rows in read["parts"].values():
        assert SUBJECTS["tenant"].parsed(json.dumps(rows).encode()) == rows
    assert len(read["parts"]["methods"]) == 5
    names = {str(row["name"]).partition("@")[0] for row in read["parts"]["registrations"]}
    assert names == {"dsi.admin", "j.martin", "secours", ""}
    assert "agent1" not in json.dumps({**read["parts"], "eligible": []}), "nobody but administrators is named"


def test_members_of_a_group_that_holds_a_role_are_named(read: Mapping[str, Any]) -> None:
    named = {row["name"]: row["via"] for row in read["parts"]["administrators"] if row["role"] == GLOBAL}
    assert named["j.martin@lebourget.example"] == "Administrateurs du nuage"
    assert judged(read)["MS.AAD.7.1v1"] == ("ok", "il y en a 4")
    rights = [right for right in PERMISSIONS if not right.startswith("Group")]
    closed = run("microsoft_tenant", simulator(rights=rights))
    assert judged(closed)["MS.AAD.7.1v1"] == ("unknown", "les membres de 1 groupe ne sont pas lus")


def test_what_a_licence_closes_is_unknown_and_says_it() -> None:
    read = run("microsoft_tenant", simulator(licence="none"))
    assert {name: why for name, why in read["unread"].items() if "Entra" in why} == {
        **dict.fromkeys(("guests", "registrations", "signins", "access"), "demande Microsoft Entra ID P1"),
        **dict.fromkeys(("eligible", "terms"), "demande Microsoft Entra ID P2"),
    }
    verdicts = judged(read)
    assert verdicts["MS.AAD.3.2v2"] == verdicts["VLB.M365.1"] == ("unknown", "demande Microsoft Entra ID P1")
    assert verdicts["MS.AAD.8.2v1"] == ("wrong", "tous, invités compris")
    assert verdicts["MS.AAD.7.1v1"][0] == "ok", "without P2 nobody is eligible"


def test_what_a_right_closes_is_unknown_and_names_it() -> None:
    read = run("microsoft_tenant", simulator(rights=["User.Read.All"]))
    assert {*read["parts"]} == {"accounts"}
    assert read["unread"]["sharing"].startswith("demande le droit SharePointTenantSettings.Read.All : Authorization")
    assert {state for state, _ in judged(read).values()} == {"unknown"}


def test_report_only_is_not_in_force(read: Mapping[str, Any]) -> None:
    assert judged(read)["MS.AAD.3.2v2"] == ("wrong", "1 règle en mode rapport, donc sans effet")
    enforced = [{**row, "state": "enabled"} for row in read["parts"]["access"]]
    assert judged(read, access=enforced)["MS.AAD.3.2v2"] == ("ok", "une règle, sauf 1 compte")


@pytest.mark.parametrize(
    "narrow",
    [
        {"users": ["u1"]}, {"applications": ["Office365"]}, {"platforms": ["iOS"]}, {"places": ["bureau"]},
        {"without_places": ["AllTrusted"]}, {"clients": ["browser"]}, {"risks": ["high"]}, {"filter": "device.x"},
        {"grants": ["mfa", "compliantDevice"]}, {"grants": []}, {"state": "disabled"},
        {"flows": "deviceCodeFlow"}, {"insider_risks": "elevated"}, {"without_platforms": ["iOS"]},
        {"application_filter": "app.x"}, {"terms": ["t1"]}, {"factors": ["f1"]},
    ],
    ids=str,
)  # fmt: skip
def test_a_policy_that_lets_somebody_by_is_not_for_all(narrow: dict[str, Any], read: Mapping[str, Any]) -> None:
    enforced = [{**row, "state": "enabled", **narrow} for row in read["parts"]["access"]]
    assert judged(read, access=enforced)["MS.AAD.3.2v2"] == ("wrong", "aucune règle en vigueur pour tous")


@pytest.mark.parametrize(
    "change",
    [{"platforms": ["all"]}, {"places": ["All"]}, {"flows": "none"}, {"terms": ["t1"], "operator": "AND"}],
    ids=str,
)  # fmt: skip
def test_a_condition_that_is_always_met_narrows_nothing(change: dict[str, Any], read: Mapping[str, Any]) -> None:
    enforced = [{**row, "state": "enabled", **change} for row in read["parts"]["access"]]
    assert judged(read, access=enforced)["MS.AAD.3.2v2"][0] == "ok"


@pytest.mark.parametrize(
    ("out", "state", "said"),
    [
        ({"users": []}, "ok", ""),
        ({"users": ["u1", "u2"]}, "ok", ", sauf 2 comptes"),
        ({"users": ["u1", "u2", "u3"]}, "wrong", ", sauf 3 comptes"),
        ({"groups": ["g1"]}, "unknown", ", sauf 1 compte, 1 groupe, dont les membres ne sont pas lus"),
        ({"roles": [GLOBAL]}, "wrong", ", sauf 1 compte, 1 rôle"),
        ({"applications": ["Office365"], "groups": ["g1"]}, "wrong", ", sauf 1 compte, 1 groupe, 1 application"),
        ({"guests": "internalGuest,b2bCollaborationGuest"}, "wrong", ", sauf 1 compte, les invités"),
        ({"guests": "none"}, "ok", ", sauf 1 compte"),
        ({"users": ["GuestsOrExternalUsers"]}, "wrong", ", sauf les invités"),
    ],
)  # fmt: skip
def test_whom_a_policy_leaves_out_decides(out: dict[str, Any], state: str, said: str, read: Mapping[str, Any]) -> None:
    (policy,) = (row for row in read["parts"]["access"] if row["grants"] == ["mfa"])
    policy = {**policy, "state": "enabled"} | {f"without_{name}": value for name, value in out.items()}
    assert judged(read, access=[policy])["MS.AAD.3.2v2"] == (state, f"une règle{said}")
    whole = {**policy, "name": "Sans trou", **{name: [] for name in policy if name.startswith("without_")}}
    assert judged(read, access=[policy, whole])["MS.AAD.3.2v2"][0] == "ok", "the best of them is judged"


def test_a_policy_of_the_device_code_is_no_second_factor(read: Mapping[str, Any]) -> None:
    assert judged(read)["MS.AAD.3.9v1"] == ("wrong", "une règle, sauf les invités")
    (policy,) = (row for row in read["parts"]["access"] if row["grants"] == ["mfa"])
    asked = {**policy, "state": "enabled", "flows": "deviceCodeFlow,authenticationTransfer"}
    assert judged(read, access=[asked])["MS.AAD.3.9v1"][0] == "wrong", "a second factor blocks nothing"
    blocked = {**asked, "grants": ["block"]}
    verdicts = judged(read, access=[blocked])
    assert (verdicts["MS.AAD.3.9v1"][0], verdicts["MS.AAD.3.2v2"][0]) == ("ok", "wrong")


@pytest.mark.parametrize(
    ("grants", "operator", "state"),
    [
        (["compliantDevice", "domainJoinedDevice"], "OR", "ok"), (["compliantDevice", "mfa"], "AND", "ok"),
        (["compliantDevice", "mfa"], "OR", "wrong"), (["mfa"], "AND", "wrong"),
    ],
)  # fmt: skip
def test_a_managed_device_is_asked_for_and_nothing_in_its_place(
    grants: list[str], operator: str, state: str, read: Mapping[str, Any]
) -> None:
    (policy,) = (row for row in read["parts"]["access"] if row["grants"] == ["mfa"])
    policy = {**policy, "state": "enabled", "grants": grants, "operator": operator}
    assert judged(read, access=[policy])["MS.AAD.3.7v1"][0] == state
    if operator == "OR":
        assert judged(read, access=[{**policy, "strength": "x"}])["MS.AAD.3.7v1"][0] == "wrong"


def test_security_defaults_block_the_old_protocols_and_no_more(read: Mapping[str, Any]) -> None:
    verdicts = judged(read, defaults=[{"enabled": True}], access=None)
    assert verdicts["MS.AAD.1.1v1"] == ("ok", "par les paramètres de sécurité par défaut")
    assert verdicts["MS.AAD.3.2v2"][0] == "wrong"
    assert judged(read, access=None)["MS.AAD.1.1v1"] == ("unknown", "demande P1")


def test_a_strength_is_that_of_its_combinations(read: Mapping[str, Any]) -> None:
    (policy,) = (row for row in read["parts"]["access"] if row["grants"] == ["mfa"])
    strong = {**policy, "state": "enabled", "grants": [], "strength": "x", "satisfies": "mfa"} | {
        "combinations": ["fido2"]
    }
    verdicts = judged(read, access=[strong])
    assert [verdicts[id_][0] for id_ in ("MS.AAD.3.1v1", "MS.AAD.3.2v2", "MS.AAD.3.6v1")] == ["ok"] * 3
    weak = {**strong, "combinations": ["fido2", "password,sms"]}
    assert judged(read, access=[weak])["MS.AAD.3.1v1"][0] == "wrong"
    for_roles = {**strong, "users": [], "roles": [*HIGHLY][1:]}
    assert judged(read, access=[for_roles])["MS.AAD.3.6v1"] == ("wrong", "sans elle : Global Administrator")
    for change, state in (
        ({"without_roles": [GLOBAL]}, "wrong"), ({"risks": ["high"]}, "wrong"), ({"without_groups": ["g"]}, "unknown"),
        ({"without_users": ["a", "b", "c"]}, "wrong"), ({"terms": ["t"]}, "wrong"), ({"terms": []}, "ok"),
    ):  # fmt: skip
        assert judged(read, access=[{**strong, **change}])["MS.AAD.3.6v1"][0] == state, change


@pytest.mark.parametrize(
    ("id_", "part", "change", "state"),
    [
        ("VLB.M365.1", "registrations", lambda rows: [{**row, "capable": True} for row in rows], "ok"),
        ("VLB.M365.2", "signins", lambda rows: [row for row in rows if row["error"]], "ok"),
        ("VLB.M365.3", "guests", lambda rows: [{**row, "last": None} for row in rows], "unknown"),
        ("VLB.M365.3", "guests", lambda rows: rows[:1], "ok"),
        ("VLB.M365.4", "licences", lambda rows: [{**row, "used": row["bought"]} for row in rows], "ok"),
        ("VLB.M365.4", "licences", lambda rows: [{**row, "used": None} for row in rows], "unknown"),
        ("MS.AAD.7.1v1", "administrators", lambda rows: rows[:1], "ok"),
        ("MS.AAD.7.3v1", "administrators", lambda rows: rows[:1], "ok"),
        ("MS.AAD.7.4v1", "terms", lambda rows: [{**row, "end": "2027-01-01T00:00:00Z"} for row in rows], "ok"),
        ("MS.AAD.8.1v1", "authorization", lambda rows: [{**rows[0], "guest_role": "a0b1b346-4d3e"}], "wrong"),
        ("EIDSCA.CR04", "consent", lambda rows: [{**rows[0], "days": 31}], "wrong"),
        ("EIDSCA.CR02", "consent", lambda rows: [{**rows[0], "notifies": 1}], "wrong"),
        ("MS.SHAREPOINT.1.3v1", "sharing", lambda rows: [{**rows[0], "domains": None}], "unknown"),
        ("MS.AAD.3.5v2", "methods", lambda rows: [{**row, "state": "disabled"} for row in rows], "unknown"),
        ("MS.AAD.3.5v2", "methods", lambda rows: [], "unknown"),
        ("VLB.M365.1", "registrations", lambda rows: [{**row, "capable": None} for row in rows], "unknown"),
        ("VLB.M365.1", "registrations", lambda rows: [], "unknown"),
        ("VLB.M365.3", "guests", lambda rows: [{**row, "enabled": None, "last": None} for row in rows], "unknown"),
        ("MS.SHAREPOINT.1.3v1", "sharing", lambda rows: [], "unknown"),
        ("EIDSCA.CR04", "consent", lambda rows: [{**rows[0], "days": "trente"}], "unknown"),
        ("MS.AAD.1.1v1", "access", lambda rows: [{**rows[0], "clients": True}], "unknown"),
    ],
)
def test_a_rule_follows_what_is_read(
    id_: str, part: str, change: Callable[[Rows], Rows], state: str, read: Mapping[str, Any]
) -> None:
    before = judged(read)[id_][0]
    after = judged(read, **{part: change(read["parts"][part])})[id_][0]
    assert after == state
    assert before != after or id_ == "MS.AAD.7.1v1"


def test_the_share_of_rules_is_of_all_of_them_and_the_unknown_are_counted(
    read: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    town, content = declared.sound("lab"), {**read, "read_at": now().isoformat()}
    parts = {name: rows for name, rows in read["parts"].items() if name != "access"}
    assert kept.take(town, "lab", Answer({**content, "parts": parts, "unread": {"access": "demande P1"}}, {}, {}))
    states = [finding.state for finding in kept.findings(town, "lab")]
    figure = next(kept.figures(town, "lab"))
    assert (figure.numerator, figure.denominator, figure.unknown) == (states.count("ok"), 32, states.count("unknown"))
    assert figure.value == round(100 * states.count("ok") / 32, 2)
    unknown = [finding for finding in kept.findings(town, "lab") if finding.state == "unknown"]
    assert {finding.todo for finding in unknown if "demande P1" in finding.what} == {
        "Voyez dans Entra ce que cette raison dit (docs/microsoft-365.md), puis : piste read tenant."
    }


def test_old_settings_may_still_let_text_messages_in(read: Mapping[str, Any]) -> None:
    methods = [{"method": method, "state": "disabled"} for method in ("Sms", "Voice", "Email")]
    said = "d’anciens réglages valent tant que MS.AAD.3.4v1 n’est pas tenu"
    assert judged(read, methods=methods)["MS.AAD.3.5v2"] == ("unknown", said)
    done = [{"state": "migrationComplete"}]
    assert judged(read, methods=methods, migration=done)["MS.AAD.3.5v2"][0] == "ok"
    assert judged(read, methods=methods[1:], migration=done)["MS.AAD.3.5v2"][0] == "unknown"


def test_a_rule_names_what_exists() -> None:
    for id_, rule in RULES.items():
        assert rule["part"] in PARTS, id_
        assert ("test" in rule) != ("column" in rule), id_
        assert rule.get("test", "legacy") in TESTS, id_
        assert rule.get("after", id_) in RULES, id_
        assert rule["effect"], id_
        assert {rule["column"]} if "column" in rule else set() <= {*PARTS[rule["part"]]["columns"]}, id_
    assert {rule["test"] for rule in RULES.values() if "test" in rule} == {*TESTS}


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_no_write_leaves_the_client(method: str) -> None:
    simulated = simulator()
    with spoken(simulated):
        client = Microsoft(CONNECTION)
        client.items("/organization")
        left = len(client.transport.left)  # type: ignore[attr-defined]
        with pytest.raises(Misused, match="n’est pas envoyé"):
            client.transport.request(method, "/v1.0/users", body={}, changes=False)
        assert len(client.transport.left) == left  # type: ignore[attr-defined]
        assert {name for name, _ in client.transport.left} == {"GET", "POST"}  # type: ignore[attr-defined]
        assert [path for name, path in client.transport.left if name == "POST"] == [  # type: ignore[attr-defined]
            "/11111111-2222-4333-8444-555555555555/oauth2/v2.0/token"
        ]


def test_too_many_requests_are_waited_for_as_it_asks() -> None:
    simulated = simulator()
    simulated.faults.add("status", path="/users", status=429, retry_after=17)
    with spoken(simulated):
        client = Microsoft(CONNECTION)
        assert client.items("/users")
        assert client.transport.clock.slept == [17.0]  # type: ignore[attr-defined]


def test_a_token_that_ends_is_asked_for_again() -> None:
    simulated = simulator(token_seconds=30)
    with spoken(simulated):
        client = Microsoft(CONNECTION)
        client.items("/users")
        simulated.clock.advance(60)
        assert client.items("/groups")


def _linked(link: Any, document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "@odata.nextLink": link}


def test_a_list_that_leads_elsewhere_or_never_ends_is_not_read() -> None:
    simulated = simulator()
    for link in ("https://ailleurs.invalid/v1.0/users", f"{microsoft.BASE}/v1.0/users", 7):
        edit = partial(_linked, link)
        simulated.faults.add("lie", path="/users", edit=edit, times=None)
        read = run("microsoft_tenant", simulated)
        assert "accounts" in read["unread"]
        assert "administrators" in read["parts"], "the others are read"
        simulated.faults.clear()


@pytest.mark.parametrize("lie", [{"value": None}, {"value": [1]}, {"value": [{"id": "x", "isEnabled": {"a": 1}}]}, []])
def test_an_answer_of_another_form_is_unknown(lie: Any) -> None:
    simulated = simulator()
    simulated.faults.add("lie", path="Enforcement", edit=lambda document: lie)
    assert "defaults" in run("microsoft_tenant", simulated)["unread"]


@pytest.mark.parametrize(
    "wrong", [{"application": "autre"}, {"tenant": "autre"}, {"private_key": ""}, {"base_url": ""}], ids=str
)
def test_a_wrong_application_is_refused_before_anything_is_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        run("microsoft_tenant", simulator(), **wrong)


@pytest.mark.parametrize("wrong", [{"certificate": "x"}, {"private_key": "x"}], ids=str)
def test_a_key_that_is_not_that_of_the_certificate_is_not_used(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misused, match="ne vont pas ensemble"):
        run("microsoft_tenant", simulator(), **wrong)


def test_the_doctor_names_rights_that_lack_and_those_too_many() -> None:
    said = {finding["id"]: finding for finding in run("microsoft_checks", simulator())["findings"]}
    assert {finding["state"] for finding in said.values()} == {"ok"}
    rights = [*PERMISSIONS[1:], "Directory.ReadWrite.All"]
    said = {finding["id"]: finding for finding in run("microsoft_checks", simulator(rights=rights))["findings"]}
    assert PERMISSIONS[0] in said["microsoft.rights"]["what"]
    assert said["microsoft.excess"]["what"] == "l’application a des droits de trop : Directory.ReadWrite.All"


def test_sign_ins_are_asked_for_by_the_clients_of_old_protocols() -> None:
    simulated = simulator()
    run("microsoft_tenant", simulated)
    assert {row["client"] for row in run("microsoft_tenant", simulated)["parts"]["signins"]} <= {*LEGACY}


def test_the_rights_for_defender_are_the_least_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def machines(**switches: Any) -> dict[str, Any]:
        return {finding["id"]: finding for finding in run("microsoft_checks", simulator(**switches))["findings"]}

    assert machines()["microsoft.machines"]["state"] == "ok"
    said = machines(machine_rights=["Machine.Isolate"])
    assert (said["microsoft.machines"]["state"], said["microsoft.excess"]["state"]) == ("wrong", "wrong")
    assert "Machine.Read.All" in said["microsoft.machines"]["what"]
    assert said["microsoft.excess"]["what"] == "l’application a des droits de trop : Machine.Isolate"
    whole = Microsoft.rights

    def of_graph(self: Microsoft, audience: str = "") -> list[str]:
        if audience:
            raise Unreachable("Defender n’est pas là")
        return whole(self)

    monkeypatch.setattr(Microsoft, "rights", of_graph)
    said = machines()
    assert said["microsoft.machines"]["state"] == "unknown"
    assert said["microsoft.excess"]["what"] == "l’application n’a aucun droit de trop sur Graph"


def test_a_town_without_defender_is_asked_for_no_right_of_it() -> None:
    fewer = [right for right in PERMISSIONS if right != "SecurityIncident.Read.All"]
    with spoken(simulated := simulator(rights=fewer, machine_rights=[])):
        said = {finding["id"]: finding for finding in run("microsoft_checks", simulated, defender=False)["findings"]}
    assert {finding["state"] for finding in said.values()} == {"ok"}
    assert "hors périmètre" in said["microsoft.machines"]["what"]
    read = run("microsoft_tenant", simulated, defender=False)
    assert "incidents" not in {*read["parts"], *read["unread"]}
    said = {finding["id"]: finding for finding in run("microsoft_checks", simulator(), defender=False)["findings"]}
    assert "SecurityIncident.Read.All" in said["microsoft.excess"]["what"]


def test_the_score_is_the_newest_and_is_read_in_a_single_request(
    read: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (score,) = read["parts"]["score"]
    assert (score["score"], score["most"], score["active"], score["licensed"]) == (241.5, 420, 231, 300)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    town = declared.sound("lab")
    kept.take(town, "lab", Answer({**read, "read_at": now().isoformat()}, {}, {}))
    figures = {figure.id: figure for figure in kept.figures(town, "lab")}
    assert (figures["M365.score"].value, figures["M365.active"].value) == (57.5, 77.0)
    silent = [{**score, "score": None, "active": None}]
    parts = {**read["parts"], "score": silent}
    kept.take(town, "lab", Answer({**read, "parts": parts, "read_at": now().isoformat()}, {}, {}))
    figures = {figure.id: figure for figure in kept.figures(town, "lab")}
    assert (figures["M365.score"].value, figures["M365.active"].value) == (None, None)
