"""A capture is taken up where it was killed, sealed, verified, and refused where hostile."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab.captured import take
from piste.commands.capture import capture
from piste.engine.converge.errors import Misused
from piste.engine.converge.locks import exclusive
from piste.engine.transport.response import Response
from piste.engine.transport.witness import CAPTURE, Question
from piste.exports.bag import bagit
from piste.exports.capture import make, store, verify
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.runs.plans.play import Order, Played, Trouble
from piste.town import declared
from piste.town.model.derived import Derived
from tests.unit.repository.tree import ROOT

ORG = "/organizations/930093"


@cache
def town() -> Derived:
    return declared.sound("lab")


def hear(data: Path, path: str, content: Any, *, status: int = 200, system: str = "meraki") -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    question = Question(system, "GET", path, (), None)
    Recording(data, Masks(b"clef", keep_names=True)).heard(question, Response(status, {}, body), 0.1)


def network(**more: Any) -> dict[str, Any]:
    return {"id": "L_1", "organizationId": "930093", "name": "VLB", "productTypes": ["switch"], "tags": [], **more}


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    draft = tmp_path / "capture"
    about = make.opened(draft, "lab", names_kept=True, systems=["meraki"])
    hear(draft / "data", f"{ORG}/networks", [network()])
    make.ended(draft / "data", about)
    bagit.seal(draft, {})
    return draft


def states(capture: Path) -> dict[str, str]:
    return {finding.id: finding.state for finding in verify.examine(capture).findings}


def test_a_sealed_capture_is_verified(sealed: Path) -> None:
    assert states(sealed) == {"capture.digests": "ok", "capture.form": "ok"}


@pytest.mark.parametrize("killed_at", range(len(make.PARTS)))
def test_a_killed_capture_goes_on_with_the_steps_that_are_left(
    killed_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CAPTURE, str(tmp_path))
    played: list[str] = []

    def play(order: Order) -> Played:
        if len(played) == killed_at and "killed" not in played:
            played.append("killed")
            (tmp_path / "draft" / "data" / ".abc.json.0a1b.draft").write_bytes(b'{"half')
            raise KeyboardInterrupt
        played.append(f"{order.playbook} {order.tags}")
        return Played()

    draft = tmp_path / "draft"
    with pytest.raises(KeyboardInterrupt):
        make.run(draft / "data", make.opened(draft, "lab", True), play, lambda command: None, town())
    about = make.opened(draft, "lab", True)
    assert len(about.steps) == killed_at
    done = make.run(draft / "data", about, play, lambda command: None, town())
    assert [step.name for step in done.steps] == [part.name for part in make.PARTS]
    once = [f"{part.playbook} {part.tags}" for part in make.PARTS]
    assert [name for name in played if name != "killed"] == once
    assert [path.name for path in (draft / "data").iterdir()] == [store.ABOUT]


def test_the_draft_of_another_capture_is_not_gone_on_with(tmp_path: Path) -> None:
    make.opened(tmp_path / "draft", "lab", names_kept=True)
    with pytest.raises(Misused, match="une autre capture"):
        make.opened(tmp_path / "draft", "lab", names_kept=False)


def test_a_draft_is_not_gone_on_with_by_another_key_or_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "draft"
    assert make.opened(draft, "lab", True, key="une clé").resumed == []
    assert len(make.opened(draft, "lab", True, key="une clé").resumed) == 1
    with pytest.raises(Misused, match="une autre clé"):
        make.opened(draft, "lab", True, key="une autre")
    monkeypatch.setattr(make, "commit", lambda: ("f" * 40, False))
    with pytest.raises(Misused, match="une autre version"):
        make.opened(draft, "lab", True, key="une clé")


def test_what_did_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPTURE, str(tmp_path))
    draft = tmp_path / "capture"
    said = "10.20.30.40 : ne répond pas. Le compte de Jean Dupont est fermé."
    silent = Played(troubles=[Trouble("commune", "Relever", "unknown", said)])
    about = make.opened(draft, "lab", True)
    about = make.run(draft / "data", about, lambda order: silent, lambda command: None, town())
    make.ended(draft / "data", about)
    bagit.seal(draft, {})
    lines = [finding.what for finding in verify.examine(draft).findings if finding.state == "unknown"]
    assert f"{make.PARTS[0].name} : commune : Relever : n’a pas répondu" in lines
    raw = b"".join(path.read_bytes() for path in draft.rglob("*") if path.is_file())
    assert [word for word in (b"Dupont", b"10.20.30.40") if word in raw] == []


@pytest.mark.parametrize(("kind", "message", "lacking"), [
    ("error", "PISTE-E021 127.0.0.1 : 2 objets (vm) s’appellent « hdv-glpi1 »", 0),
    ("refused", "PISTE-E001 1 erreur dans la configuration demandée", 0),
    ("refused", "PISTE-E023 hotel-de-ville : 2 changements impossibles", 0),
    ("refused", "PISTE-E030 une capture ne pose que des questions connues", 1),
    ("error", "PISTE-E011 le système refuse la lecture", 1),
])  # fmt: skip
def test_a_plan_that_is_refused_leaves_the_capture_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str, lacking: int
) -> None:
    monkeypatch.setenv(CAPTURE, str(tmp_path))
    refused = Played(troubles=[Trouble("commune", "Converger", kind, message)])
    about = make.run(tmp_path / "data", about_prism(tmp_path), lambda order: refused, lambda command: None, town())
    silent = {step.name: len(step.silent) for step in about.steps}
    assert silent["ce que la dérive lit de l’hébergement"] == lacking
    assert silent["l’hébergement entier"] == 1


def test_after_what_plans_a_step_reads_the_same_systems_whole() -> None:
    after = {part.name: following for part, following in pairwise(make.PARTS) if "drift" in part.playbook}
    lacking = [name for name, part in after.items() if not part.playbook.startswith("playbooks/export_")]
    assert (len(after), lacking) == (10, [])


def test_a_capture_asks_what_the_doctor_asks() -> None:
    """Of Microsoft 365 it asks for a token alone, which no capture keeps."""
    read = {
        name: {*re.findall(r"subject: (\w+_checks)", (ROOT / f"playbooks/{name}.yml").read_text("utf-8"))}
        for name in ("doctor", "capture")
    }
    assert read["doctor"] - read["capture"] == {"microsoft_checks"}
    assert len(read["doctor"]) > 10


def about_prism(folder: Path) -> store.About:
    return make.opened(folder, "lab", names_kept=True, systems=["prism"])


def resealed(capture: Path) -> list[tuple[str, str]]:
    make.ended(capture / "data", store.read_about(capture / "data"))
    bagit.seal(capture, {})
    return [(finding.id, finding.state) for finding in verify.examine(capture).findings]


def test_an_empty_capture_and_refused_readings_are_said(sealed: Path, tmp_path: Path) -> None:
    whole = [("capture.digests", "ok"), ("capture.form", "ok")]
    hear(sealed / "data", "/networks/L_1/switch/mtu", {"errors": ["rien"]}, status=404)
    assert resealed(sealed) == [*whole, ("capture.status", "ok")]
    hear(sealed / "data", "/networks/L_1/switch/mtu", {"errors": ["interdit"]}, status=403)
    assert resealed(sealed) == [*whole, ("capture.status", "unknown")]
    code = {"error": {"code": "AadPremiumLicenseRequired", "message": "Tenant"}}
    hear(sealed / "data", "/v1.0/auditLogs/signIns", code, status=400, system="microsoft")
    hear(sealed / "data", "/v1.0/auditLogs/directoryAudits", {"error": {"code": "accessDenied"}}, status=400,
         system="microsoft")  # fmt: skip
    resealed(sealed)
    refused = {finding.what: finding.todo for finding in verify.examine(sealed).findings if finding.state != "ok"}
    licence = "microsoft : 1 lecture refusée (400, AadPremiumLicenseRequired) : GET /v1.0/auditLogs/signIns"
    right = "meraki : 1 lecture refusée (403) : GET /networks/L_1/switch/mtu"
    denied = "microsoft : 1 lecture refusée (400, accessDenied) : GET /v1.0/auditLogs/directoryAudits"
    assert {*refused} == {licence, right, denied}
    assert "levez sa cause" in refused[denied], "the licence that another reading lacks excuses nothing"
    assert "Il y faut une licence" in refused[licence]
    assert "le droit de cette lecture" in refused[right]
    make.opened(tmp_path / "empty", "lab", names_kept=True, systems=["meraki", "smc"])
    assert resealed(tmp_path / "empty") == [*whole, ("capture.silent", "unknown"), ("capture.silent", "unknown")]


def test_a_capture_that_says_it_has_nothing_unknown_is_judged_again(sealed: Path) -> None:
    hear(sealed / "data", f"{ORG}/networks", [network(moods=["calme"], tags=None, productTypes=["toaster"])])
    hear(sealed / "data", f"{ORG}/somethingNew", {"a": 1})
    resealed(sealed)
    before = verify.examine(sealed).odd
    for path in (sealed / "data/answers/meraki").iterdir():
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "odd": []}), "utf-8")
    resealed(sealed)
    assert [odd._replace(size=0) for odd in verify.examine(sealed).odd] == [odd._replace(size=0) for odd in before]
    assert len(before) == 4


def test_what_piste_does_not_know_is_a_line_that_says_what_it_means(sealed: Path, tmp_path: Path) -> None:
    data = sealed / "data"
    hear(data, f"{ORG}/networks", [network(moods=["calme"], tags=None, productTypes=["toaster"])])
    hear(data, f"{ORG}/devices", [{"serial": 12}])
    hear(data, f"{ORG}/somethingNew", {"a": 1})
    make.ended(data, store.read_about(data))
    bagit.seal(sealed, {})
    said = [odd.said for odd in verify.examine(sealed).odd]
    assert [line.partition(" : ")[2].partition(" (")[0] for line in said] == [
        f"GET {ORG}/somethingNew", "GET /organizations/{}/devices [].serial", "GET /organizations/{}/networks [].moods",
        "GET /organizations/{}/networks [].productTypes[]", "GET /organizations/{}/networks [].tags",
    ]  # fmt: skip
    assert "« toaster »" in said[3]
    assert all(verify.MEANS[odd.why] in odd.said for odd in verify.examine(sealed).odd)


def test_what_a_capture_shows_of_the_beliefs_is_said_by_name(sealed: Path) -> None:
    data = sealed / "data"
    profiles = [{"id": "indoor", "networkId": "L_1", "name": "Un nom que personne ne connaît"}]
    hear(data, "/networks/L_1/wireless/rfProfiles", profiles)
    make.ended(data, store.read_about(data))
    bagit.seal(sealed, {})
    assert verify.examine(sealed).verdicts["meraki.factory_profiles"].state == "refuted"


def test_the_command_says_that_no_signature_was_checked_and_prints_nothing_that_commands(sealed: Path) -> None:
    about = store.read_about(sealed / "data")
    hostile = about.model_copy(update={"version": "\x1b[2J", "begun": "hier\x1b[2J"})
    store.keep_about(sealed / "data", hostile)
    bagit.seal(sealed, {})
    result = CliRunner().invoke(capture, ["verify", str(sealed)])
    assert result.exit_code == 0
    assert "Signature non vérifiée" in result.output
    assert result.stderr.splitlines() == ["Empreintes et réponses…", "Croyances, par 1 réponse…", "Formes de meraki…"]
    assert "\x1b" not in result.output


def test_two_commands_at_once_do_not_make_one_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "sound", lambda environment: None)
    folder = tmp_path / "capture"
    with exclusive(f"capture {folder}"):
        result = CliRunner().invoke(capture, ["take", "--to", str(folder), "--environment", "lab"])
    assert result.exit_code == 4
    assert "est en cours" in result.output
    assert not make.draft_of(folder).exists()


def rewritten(**changes: Any) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        (path,) = (data / "answers" / "meraki").iterdir()
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")

    return change


def linked(data: Path) -> None:
    (path,) = (data / "answers" / "meraki").iterdir()
    path.unlink()
    path.symlink_to("/etc/hostname")


def elsewhere(data: Path) -> None:
    shutil.move(data / "answers" / "meraki", data / "answers" / "zabbix")


HOSTILE: dict[str, Callable[[Path], None]] = {
    "of another system": rewritten(system="../../etc"),
    "of a write": rewritten(method="POST"),
    "of no form": rewritten(answers=[]),
    "too deep": lambda data: (data / "answers" / "meraki" / "deep.json").write_text("[" * 5000, "utf-8") and None,
    "a number without end": lambda data: (data / "capture.json").write_text("9" * 100_000, "utf-8") and None,
    "a link": linked,
    "moved": elsewhere,
    "no account": lambda data: (data / "capture.json").unlink(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_capture_is_refused_in_words_and_by_the_lab(name: str, sealed: Path, tmp_path: Path) -> None:
    HOSTILE[name](sealed / "data")
    assert "wrong" in states(sealed).values()  # its seal
    if name != "a link":
        bagit.seal(sealed, {})
    assert "wrong" in states(sealed).values()
    with pytest.raises(ValueError, match="pas conforme"):
        take(sealed, {}, tmp_path)


def test_a_text_of_a_capture_is_no_template(sealed: Path) -> None:
    data = sealed / "data"
    hear(data, f"{ORG}/networks", [network(name="{{ lookup('pipe', 'id') }}")])
    kept = [answer.answer[0]["name"] for _, answer in store.answers(data)]
    assert kept == ["{{ lookup('pipe', 'id') }}"]


def test_a_capture_of_one_system_asks_no_other() -> None:
    asked = {part.name for part in make.PARTS if part.concerns(["meraki"])}
    assert "le réseau entier" in asked
    assert "le trafic des liaisons" not in asked
    assert all(part.concerns(make.SYSTEMS) for part in make.PARTS)
