"""Refusals and wrong answers of a Zabbix, our own templates there, its checks by doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, PisteError, Unreachable
from piste.exports.capture import store
from piste.runs.plans.undo import inverse
from piste.systems.zabbix.administrators import MODULES as ADMINISTRATORS
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.checks import checks
from piste.systems.zabbix.living import living
from piste.systems.zabbix.templates import files
from tests.support.capture import capturing
from tests.support.zabbix import Watched, watched

TOWN = "commune"
PASSWORD = "Un-secret-de-lecture-9"
CHECKED = ("reachable", "certificate", "clock", "version", "account", "templates")


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("zabbix")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html>portail</html>", "JSON"),
        ('{"jsonrpc": "2.0", "id": 1}', "lue|liste|result"),
        ('[{"jsonrpc": "2.0", "id": 0, "result": "non"}]', "list|manque|lit"),
        ('[{"jsonrpc": "2.0", "id": 0, "error": {"data": "Not authorized."}}]', "jeton"),
    ],
)
def test_an_answer_that_makes_no_sense_is_unknown(zabbix: Watched, body: str, said: str) -> None:
    zabbix.lab.systems["zabbix"].faults.add("status", status=200, body=body, times=None)
    with pytest.raises(Unreachable, match=said) as refused:
        zabbix.run("hosts", [], state="gathered")
    zabbix.lab.systems["zabbix"].faults.clear()
    assert refused.value.kind == "unknown"


def test_a_token_that_is_refused_is_unknown_and_never_shown(zabbix: Watched) -> None:
    client = Zabbix({**zabbix.connection, "token": "f" * 64})
    with pytest.raises(Unreachable, match="refuse le jeton") as refused:
        client.call("host.get", {"output": ["hostid"]})
    client.close()
    assert "f" * 20 not in str(refused.value)


def _error(code: int) -> str:
    """One error, as a frontend answers a batch that it does not take."""
    error = {"code": code, "message": "Internal error.", "data": "Too many connections"}
    return json.dumps({"jsonrpc": "2.0", "error": error, "id": None})


def test_one_error_to_a_batch_is_what_zabbix_says(zabbix: Watched) -> None:
    faults = zabbix.lab.systems["zabbix"].faults
    faults.add("status", status=200, body=_error(-32603), times=2)
    assert "gathered" in zabbix.run("hosts", [], state="gathered")
    faults.clear()
    for code, kind in ((-32603, "unknown"), (-32600, "error")):
        faults.add("status", status=200, body=_error(code), times=None)
        with pytest.raises(PisteError, match="Too many connections") as refused:
            zabbix.run("hosts", [], state="gathered")
        faults.clear()
        assert refused.value.kind == kind
        assert "mandataire" not in refused.value.sentence()


def test_an_account_that_does_not_see_everything_makes_nothing(zabbix: Watched) -> None:
    """A token without its rights is answered empty lists: what exists is not made again."""
    groups = [{"name": "Groupe d’essai"}]
    zabbix.run("host_groups", groups)
    with _reader(zabbix) as token:
        blind = Watched(zabbix.lab, zabbix.lock.parent, token)
        for check in (True, False):
            with pytest.raises(Unreachable, match="ne montre pas tout au compte de Piste"):
                blind.run("host_groups", groups, check=check)
        client = blind.client()
        with pytest.raises(Unreachable, match="ne montre pas tout au compte de Piste"):
            living(client)
        client.close()
    assert zabbix.run("host_groups", groups)["operations"] == []
    zabbix.run("host_groups", [], absent=[groups[0]["name"]])


def test_empty_lists_are_no_empty_system(zabbix: Watched) -> None:
    answers = json.dumps([{"jsonrpc": "2.0", "result": [], "id": number} for number in range(99)])
    zabbix.lab.systems["zabbix"].faults.add("status", status=200, body=answers, times=None)
    with pytest.raises(Unreachable, match="ne montre pas tout"):
        zabbix.run("host_groups", [{"name": "Groupe d’essai"}], check=True)
    zabbix.lab.systems["zabbix"].faults.clear()


@contextmanager
def _reader(zabbix: Watched) -> Iterator[str]:
    """Give the token of an account without rights."""
    group = zabbix.api("usergroup.create", {"name": "Essai"})["usrgrpids"][0]
    user = {"username": "lecteur-essai", "passwd": PASSWORD, "roleid": "1", "usrgrps": [{"usrgrpid": group}]}
    made = zabbix.api("user.create", user)["userids"][0]
    token = zabbix.api("token.create", {"name": "essai", "userid": made})["tokenids"][0]
    yield zabbix.api("token.generate", [token])[0]["token"]
    zabbix.api("user.delete", [made])
    zabbix.api("usergroup.delete", [group])


def test_a_refusal_names_the_object(zabbix: Watched) -> None:
    groups = [{"name": "Groupe d’essai 1"}, {"name": "Groupe//d’essai 2"}]
    with pytest.raises(PisteError, match=r"en échec \(1\) : Groupe//d’essai 2") as refused:
        zabbix.run("host_groups", groups)
    assert refused.value.kind == "error"
    assert zabbix.run("host_groups", [], absent=[groups[0]["name"]])["operations"] == []


def test_our_own_templates_are_what_the_server_exports(zabbix: Watched) -> None:
    """Each file, imported and exported, is itself; a change by hand is seen and put back."""
    templates = [{"name": name, "content": content} for name, content in files().items()]
    zabbix.run("templates", templates, owner=TOWN)
    assert zabbix.run("templates", templates, owner=TOWN)["operations"] == []
    [item] = zabbix.api("item.get", {"filter": {"key_": "smc.api"}, "templated": 1, "output": ["itemid"]})
    zabbix.api("item.update", {"itemid": item["itemid"], "delay": "1h"})
    [operation] = zabbix.run("templates", templates, owner=TOWN)["operations"]
    assert (operation["key"], operation["fields"]) == ("Piste SMC by HTTP", ["content"])
    assert zabbix.run("templates", templates, owner=TOWN)["operations"] == []
    known = [text for content in files().values() for text in _uuids(content)]
    assert len(known) == len(set(known)) > 30


def _uuids(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        own = [value["uuid"]] if "uuid" in value else []
        return [*own, *(uuid for inner in value.values() for uuid in _uuids(inner))]
    return [uuid for inner in value for uuid in _uuids(inner)] if isinstance(value, list) else []


def test_doctor_says_what_is_wrong_with_the_access(zabbix: Watched) -> None:
    def findings(token: str, templates: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        client = Zabbix({**zabbix.connection, "token": token})
        try:
            return {finding.id: (finding.state, finding.what) for finding in checks(client, templates)}
        finally:
            client.close()

    good = zabbix.connection["token"]
    well = findings(good, {"ICMP Ping": "7.0-2", "APC UPS by SNMP": ""})
    assert {state for state, _ in well.values()} == {"ok"}
    assert set(well) == {f"zabbix.{name}" for name in CHECKED}
    assert findings(good, {"ICMP Ping": "7.0-1"})["zabbix.templates"][0] == "wrong"
    assert "« Absent » n’y est pas" in findings(good, {"Absent": ""})["zabbix.templates"][1]
    assert findings("0" * 64, {})["zabbix.account"][0] == "wrong"
    with _reader(zabbix) as token:
        assert findings(token, {})["zabbix.account"][0] == "wrong"
    zabbix.lab.systems["zabbix"].faults.add(
        "status", status=200, body='{"jsonrpc": "2.0", "result": "8.0.1", "id": 1}', path="apiinfo", times=1
    )
    assert findings(good, {})["zabbix.version"] == ("wrong", "Zabbix 8.0.1, et Piste parle à la branche 7.0")
    zabbix.lab.systems["zabbix"].faults.add("status", status=503, times=None)
    silent = ("unknown", "127.0.0.1/api_jsonrpc.php : a répondu 503 (2 essais)")
    assert findings(good, {}) == {"zabbix.reachable": silent}
    zabbix.lab.systems["zabbix"].faults.clear()


def test_accounts_show_their_role_and_one_that_leaves_is_shut_and_keeps_its_groups(
    zabbix: Watched, tmp_path: Path
) -> None:
    module = ADMINISTRATORS["zabbix_administrators"]

    def run(**given: Any) -> dict[str, Any]:
        return module.run({**module.defaults, "zabbix": zabbix.connection, **given}, False)

    group = zabbix.api("usergroup.create", {"name": "Prestataires"})["usrgrpids"][0]
    role = next(
        role["roleid"] for role in zabbix.api("role.get", {"output": ["roleid", "type"]}) if role["type"] == "2"
    )
    made = {
        "username": "prestataire",
        "passwd": "Une-valeur-secrete-9",
        "roleid": role,
        "usrgrps": [{"usrgrpid": group}],
    }
    zabbix.api("user.create", made)
    with capturing(tmp_path, keep_names=False):
        listed = {account["name"]: account for account in run()["administrators"]}
    kept = [answer for _, answer in store.answers(tmp_path)]
    assert {answer.body["method"] for answer in kept} >= {"user.get", "token.get", "authentication.get"}
    assert [odd for answer in kept for odd in answer.odd] == []
    facts = [(listed[name]["whole"], listed[name]["mfa"], listed[name]["active"]) for name in ("Admin", "prestataire")]
    assert facts == [(True, False, True), (False, False, True)]
    assert listed["svc-piste"]["used_at"], "the token of Piste has just been used"
    done = run(outgoing=["prestataire"], remove=True)
    assert done["removed"] == ["prestataire"]
    (user,) = zabbix.api("user.get", {"filter": {"username": "prestataire"}, "selectUsrgrps": ["name", "users_status"]})
    assert {entry["name"] for entry in user["usrgrps"]} == {"Prestataires", "Disabled"}
    again = run(outgoing=["prestataire"], remove=True)
    assert (again["changed"], again["removed"]) == (False, [])
    config = inverse(done["operations"])[0]["commune"]["returned"]["zabbix_administrators"]["config"]
    assert run(accounts=config)["findings"][0]["state"] == "ok"
    (user,) = zabbix.api("user.get", {"filter": {"username": "prestataire"}, "selectUsrgrps": ["name"]})
    assert [entry["name"] for entry in user["usrgrps"]] == ["Prestataires"]
    with pytest.raises(Guarded, match="ne laisserait personne"):
        run(outgoing=["Admin", "svc-*"], remove=True)
