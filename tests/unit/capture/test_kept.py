"""The verdicts of a capture are kept for its environment, where the town signed it."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.commands.capture import capture
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
from piste.town.model.dates import now

RULE = "meraki.default_rule"
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
        heard.heard(Question("meraki", "GET", path, (), None), Response(status, {}, rules), 0.1)
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
        ({"others": [("/networks/L_2/switch/accessControlLists", 403)]}, "n’a pas tout répondu"),
        ({"others": [("/networks/L_2/switch/accessControlLists", 500)]}, "n’a pas tout répondu"),
        ({"others": [("/networks/L_2/switch/accessControlLists", 429)]}, "n’a pas tout répondu"),
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


@pytest.mark.parametrize(("systems", "kept_too"), [(1, False), (2, True)])
def test_a_silence_is_that_of_the_systems_that_say_nothing(
    systems: int, kept_too: bool, tmp_path: Path, keys: Any
) -> None:
    read_version("v1")
    part = next(part for part in make.PARTS if part.systems[0] == "meraki" and len(part.systems) == systems)
    kept_of(captured(tmp_path / "capture", keys[0], silent=[part.name]), keys[1])
    assert (state().state == "confirmed") == kept_too


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
    other = "/networks/L_2/switch/accessControlLists"
    kept_of(captured(tmp_path / "capture", keys[0], others=[(other, status) for status in statuses]), keys[1])
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
