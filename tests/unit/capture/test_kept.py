"""The verdicts of a capture are kept for its environment, where the town signed it."""

from __future__ import annotations

import json
import subprocess
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.commands.capture import capture
from piste.engine.converge.errors import Misused
from piste.engine.transport import witness
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.bag import bagit
from piste.exports.capture import make, store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.readings import store as readings
from piste.readings.belief import Reading
from piste.readings.table import SUBJECTS
from piste.systems.beliefs import kept
from piste.systems.beliefs.form import beliefs
from piste.town import declared
from piste.town.model.dates import now

RULE = "meraki.default_rule"
OTHER = "/networks/L_2/switch/accessControlLists"
ALONE = next(part.name for part in make.PARTS if part.systems == ("meraki",))
LAST = {
    "comment": "Default rule", "policy": "allow", "ipVersion": "any", "protocol": "any", "srcCidr": "any",
    "srcPort": "any", "dstCidr": "any", "dstPort": "any", "vlan": "any",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "ancre.pem", tmp_path / "ancre.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(private)], check=True)
    subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
    return private, public


def captured(folder: Path, key: Path | None, environment: str = "production", **more: Any) -> Path:
    """Make a capture of an access list; `more` gives a rule, refused readings, versions."""
    about = make.opened(
        folder, environment, names_kept=True, systems=["meraki"], versions=more.get("before", {})
    )
    steps = [store.Step(name=name, ended="", silent=["muet"]) for name in more.get("silent", ())]
    about, data = about.model_copy(update={"steps": steps}), folder / "data"
    heard = Recording(data, Masks(b"clef", keep_names=True))
    rules = json.dumps({"rules": [{**LAST, **more.get("rule", {})}]}).encode()
    for path, status in (("/networks/L_1/switch/accessControlLists", 200), *more.get("others", ())):
        body = rules if "accessControlLists" in path else b"{}" if status != 200 else more.get("other", b"[]")
        heard.heard(Question("meraki", "GET", path, (), None), Response(status, {}, body), 0.1)
    make.ended(data, about, more.get("versions", {"meraki": "v1", "smc": "7.4"}))
    bagit.seal(folder, {})
    if key:
        bagit.sign(folder, key)
    return folder


def kept_of(folder: Path, public: Path | None) -> Result:
    signed = ["--public-key", str(public)] if public else []
    return CliRunner().invoke(capture, ["verify", str(folder), "--keep", *signed])


def state(environment: str = "production") -> kept.State:
    return kept.states(environment)[RULE]


def read_version(said: str) -> None:
    readings.keep(SUBJECTS["versions"], "production", {"meraki": Reading(kept.Version(version=said), now())})


def test_a_signed_capture_settles_beliefs_for_its_environment_and_version(tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    folder = captured(tmp_path / "capture", keys[0])
    assert store.read_about(folder / "data").versions["meraki"] == "v1"
    done = kept_of(folder, keys[1])
    assert done.exit_code == 0, done.output
    assert "1 croyance gardée pour « production »" in done.output
    known = state()
    assert known.state == "confirmed"
    assert known.settled
    assert (known.settled["by"], known.settled["version"]) == ("capture", "v1")
    assert bagit.digest(folder / bagit.TAGS)[:12] in known.said
    assert "par une capture" in known.said
    read_version("v2")
    assert state().state == "unknown"
    assert state("lab").state == "unknown"


def test_a_capture_that_lies_refutes(tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    done = kept_of(captured(tmp_path / "capture", keys[0], rule={"comment": "Règle de la ville"}), keys[1])
    assert done.exit_code == 2
    assert f"✗ {RULE}, réfutée" in done.output
    assert state().state == "refuted"


def _stop(*given: Any) -> None:
    raise Misused("rien n’est demandé ici")


def test_a_capture_begins_with_the_systems_whose_version_nobody_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_version("v1")
    monkeypatch.setattr(declared, "sound", lambda environment: None)
    monkeypatch.setattr(make, "opened", _stop)
    asked = ["take", "--to", str(tmp_path / "capture"), "--environment", "production"]
    known = ["--system", "meraki", "--system", "nut", "--system", "microsoft"]
    said = CliRunner().invoke(capture, [*asked, *known]).output
    assert "beliefs --check" not in said
    said = CliRunner().invoke(capture, [*asked, "--system", "meraki", "--system", "winrm", "--system", "smc"]).output
    assert "Jamais fait dans « production » pour smc, windows : piste beliefs --check" in said


@pytest.mark.parametrize("signed", ["by nobody", "by another", "without a key to verify"])
def test_what_the_town_has_not_signed_is_not_kept(signed: str, tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    private = None
    if signed == "by another":
        private = tmp_path / "autre.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(private)], check=True)
    folder = captured(tmp_path / "capture", private)
    done = kept_of(folder, None if signed == "without a key to verify" else keys[1])
    assert done.exit_code != 0
    assert state().state == "unknown"


def test_the_capture_of_a_laboratory_is_kept_for_it_alone(tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    done = kept_of(captured(tmp_path / "capture", keys[0], environment="lab"), keys[1])
    assert "gardée pour « lab »" in done.output
    assert state().state == "unknown"


def test_the_capture_of_another_town_is_not_kept(tmp_path: Path, keys: Any) -> None:
    done = kept_of(captured(tmp_path / "capture", keys[0], environment="ailleurs"), keys[1])
    assert "n’est pas de ce dépôt" in done.output


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"others": [(OTHER, 403)]}, f"? {RULE}, inconnue : GET {OTHER} : lecture refusée (403)"),
        ({"others": [(OTHER, 500)]}, f"? {RULE}, inconnue : GET {OTHER} : lecture refusée (500)"),
        ({"others": [(OTHER, 429)]}, f"? {RULE}, inconnue : GET {OTHER} : lecture refusée (429)"),
        ({"others": [(OTHER, 0)]}, f"? {RULE}, inconnue : GET {OTHER} : sans réponse"),
        ({"versions": {}}, "n’était pas lue"),
        ({"before": {"meraki": "v0"}}, "a changé de version"),
    ],
)
def test_what_is_partial_or_of_no_version_is_named_and_not_kept(
    more: dict[str, Any], why: str, tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    done = kept_of(captured(tmp_path / "capture", keys[0], **more), keys[1])
    assert why in done.output
    assert "0 croyance" in done.output
    assert state().state == "unknown"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/networks/L_1/wireless/ssids", 403, b"{}"), ("/organizations/930093/admins", 0, b""),
        ("/networks/L_1/wireless/rfProfiles", 200, b"<html>Portail</html>"),
    ],
)  # fmt: skip
def test_an_answer_that_a_verdict_does_not_need_takes_nothing_from_it(
    path: str, status: int, body: bytes, tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    done = kept_of(captured(tmp_path / "capture", keys[0], others=[(path, status)], other=body), keys[1])
    assert done.exit_code == (2 if status == 200 else 3), done.output
    assert f" : GET {path} : " in done.output
    assert state().state == "confirmed"


@pytest.mark.parametrize(
    ("system", "path", "body", "content"),
    [
        ("zabbix", "/api_jsonrpc.php", {"method": "host.get", "params": {}, "id": 1},
         {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params."}, "id": 1}),
        ("zabbix", "/api_jsonrpc.php", [{"method": "host.get", "params": {}, "id": 1}],
         {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid request."}, "id": None}),
        ("glpi", "/api.php/v2.0/Assets/Computer", None, {"status": "ERROR_RIGHT_MISSING", "title": "Non"}),
        ("glpi", "/api.php/v1/Computer", None, ["ERROR_RIGHT_MISSING", "You don't have permission"]),
        ("veeam", "/api/v1/backups", None, {"errorCode": "AccessDenied", "message": "Access is denied."}),
    ],
)  # fmt: skip
def test_a_refusal_that_comes_as_a_success_is_a_refusal(
    system: str, path: str, body: Any, content: Any, tmp_path: Path
) -> None:
    heard = Recording(tmp_path, Masks(b"clef", keep_names=True))
    question = Question(system, "POST" if body else "GET", path, (), body)
    heard.heard(question, Response(200, {}, json.dumps(content).encode()), 0.1)
    assert [(answer.status, answer.odd) for _, answer in store.answers(tmp_path)] == [(403, [])]


def test_a_question_without_an_answer_is_heard_and_its_answer_takes_its_place(tmp_path: Path) -> None:
    answers = iter([TimeoutError("rien"), ValueError("illisible"), Response(200, {}, b"[]")])

    def ask() -> Response:
        given = next(answers)
        if isinstance(given, Exception):
            raise given
        return given

    question = Question("meraki", "GET", "/organizations", (), None)
    witness.call(Recording(tmp_path, Masks(b"clef", keep_names=True)))
    try:
        for error, status in ((TimeoutError, 0), (ValueError, 0), (None, 200)):
            with pytest.raises(error) if error else nullcontext():
                witness.observed(question, ask, lambda response: response)
            assert [answer.status for _, answer in store.answers(tmp_path)] == [status]
    finally:
        witness.dismiss()


@pytest.mark.parametrize("more", [{"others": [(OTHER, 403)]}, {"silent": [ALONE]}])
def test_what_a_place_refutes_stays_refuted_though_another_does_not_answer(
    more: dict[str, Any], tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    before = now() - timedelta(days=1)
    kept.settle("production", {RULE: kept.Verdict("confirmed", "lu hier")}, "read", before)
    wrong = captured(tmp_path / "capture", keys[0], rule={"comment": "Règle de la ville"}, **more)
    assert f"✗ {RULE}, réfutée" in kept_of(wrong, keys[1]).output
    assert state().state == "refuted"


@pytest.mark.parametrize(("systems", "kept_too"), [(1, False), (2, True)])
def test_a_silence_is_that_of_the_systems_that_say_nothing(
    systems: int, kept_too: bool, tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    part = next(part for part in make.PARTS if part.systems[0] == "meraki" and len(part.systems) == systems)
    kept_of(captured(tmp_path / "capture", keys[0], silent=[part.name]), keys[1])
    assert (state().state == "confirmed") == kept_too


@pytest.mark.parametrize(("silent", "expected"), [([], "confirmed"), ([ALONE], "unknown")])
def test_a_partial_capture_confirms_no_belief_whose_error_would_be_a_false_green(
    silent: list[str], expected: str, tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    ssids = json.dumps([{"number": 0, "authMode": "8021x-radius", "radiusServers": [{"host": "h"}]}]).encode()
    asked = [("/networks/L_1/wireless/ssids", 200), ("/networks/L_1/switch/accessPolicies", 200)]
    kept_of(captured(tmp_path / "capture", keys[0], silent=silent, others=asked, other=ssids), keys[1])
    assert kept.states("production")["meraki.secrets_hidden"].state == expected


def test_each_switch_is_a_place() -> None:
    assert beliefs()["nexus.no_shutdown"].everywhere
    assert not beliefs()["prism.node_version"].everywhere


def test_an_older_capture_does_not_take_the_place_of_a_newer_verdict(tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    folder = captured(tmp_path / "capture", None)
    before = (now() - timedelta(hours=1)).isoformat(timespec="seconds")
    store.keep_about(folder / "data", store.read_about(folder / "data").model_copy(update={"ended": before}))
    bagit.seal(folder, {})
    bagit.sign(folder, keys[0])
    kept.settle("production", {RULE: kept.Verdict("refuted", "lu depuis")}, "read")
    assert "plus récent" in kept_of(folder, keys[1]).output
    assert state().state == "refuted"


def test_a_verdict_has_the_moment_of_the_oldest_answer_not_of_the_end(tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    folder = captured(tmp_path / "capture", None)
    (_, answer), *_ = store.answers(folder / "data")
    old = (now() - timedelta(days=30)).isoformat()
    store.keep_answer(folder / "data", answer.model_copy(update={"at": old}))
    bagit.seal(folder, {})
    bagit.sign(folder, keys[0])
    kept.settle("production", {RULE: kept.Verdict("refuted", "lu hier")}, "read", now() - timedelta(days=1))
    assert "plus récent" in kept_of(folder, keys[1]).output
    assert state().state == "refuted"


@pytest.mark.parametrize("statuses", [(500, 200), (429, 200), (200, 503)])
def test_a_refusal_that_passes_leaves_no_trace(statuses: tuple[int, ...], tmp_path: Path, keys: Any) -> None:
    read_version("v1")
    kept_of(captured(tmp_path / "capture", keys[0], others=[(OTHER, status) for status in statuses]), keys[1])
    assert state().state == "confirmed"


@pytest.mark.parametrize("status", [200, 503])
def test_each_call_of_zabbix_has_its_status_though_a_gateway_refuses_them(status: int, tmp_path: Path) -> None:
    heard = Recording(tmp_path, Masks(b"clef", keep_names=True))
    for number, given in enumerate((503, status)):
        methods = enumerate(("host.get", "item.get"), number * 2)
        calls = [{"method": method, "params": {}, "id": id_} for id_, method in methods]
        body = json.dumps([{"id": call["id"], "result": []} for call in calls]).encode() if given == 200 else b"<html>"
        heard.heard(Question("zabbix", "POST", "/api_jsonrpc.php", (), calls), Response(given, {}, body), 0.1)
    assert [answer.status for _, answer in store.answers(tmp_path)] == [status, status]
