"""A capture of Zabbix: calls of JSON-RPC that read pass, each kept with its own answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture import store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems import questions

PATH = "/api_jsonrpc.php"


def call(method: str, number: int = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": number}


def asked(body: Any) -> Question:
    return Question("zabbix", "POST", PATH, (), body)


@pytest.mark.parametrize(
    "body",
    [
        call("host.create", host="a"),
        call("host.update", hostid="1"),
        call("host.delete"),
        call("configuration.import", source=""),
        call("history.push"),
        call("history.clear"),
        call("script.execute"),
        call("user.login", username="Admin", password="zabbix"),
        call("task.create"),
        call("host.get.delete"),
        [call("host.get"), call("host.delete", 2)],
        [call("host.get"), call("user.checkAuthentication", 2)],
        [],
        None,
        "host.get",
        {"method": ["host.get"]},
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_call_that_could_write_is_no_read(body: Any) -> None:
    assert questions.sort(asked(body)) is None


@pytest.mark.parametrize("method", ["host.get", "apiinfo.version", "configuration.export", "problem.get", "sla.getsli"])
def test_a_call_that_reads_is_a_read(method: str) -> None:
    assert questions.sort(asked(call(method))) == "read"
    assert questions.sort(asked([call(method), call("user.get", 2)])) == "read"


def test_several_calls_are_kept_each_with_its_answer(tmp_path: Path) -> None:
    recording = Recording(tmp_path, Masks(b"clef", known={"jeton-du-compte": "zabbix/token"}))
    users = [{"userid": "3", "username": "j.durand", "name": "Jeanne", "surname": "Durand", "newField": "Jeanne"}]
    hosts = [{"hostid": "1", "host": "sw", "macros": [{"macro": "{$K}", "value": "public", "type": "0"}]}]
    answers = [{"jsonrpc": "2.0", "result": users, "id": 2}, {"jsonrpc": "2.0", "result": hosts, "id": 1}]
    body = [call("host.get", 1, filter={"host": ["sw"]}), call("user.get", 2)]
    recording.heard(asked(body), Response(200, {}, json.dumps(answers).encode()), 0.1)
    token = asked(call("user.checkAuthentication", token="jeton-du-compte"))
    recording.heard(token, Response(200, {}, b'{"result": {"sessionid": "abc"}}'), 0.1)
    kept = {answer.body["method"]: answer for _, answer in store.answers(tmp_path)}
    assert set(kept) == {"host.get", "user.get"}
    assert kept["host.get"].answer[0]["macros"][0]["value"] == "secret:"
    assert [(odd.at, odd.why) for odd in kept["user.get"].odd] == [("[].newField", "unseen")]
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    assert [word for word in (b"Jeanne", b"Durand", b"durand", b"public", b"jeton") if word in raw] == []
