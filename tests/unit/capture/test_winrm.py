"""A capture of Windows servers: the snippets that read, and what is kept of their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.transport.contents import content_of
from piste.exports.capture import forms, store
from piste.exports.capture.masks import Masks
from piste.systems.beliefs.answers import Answer, verdicts
from piste.systems.windows.nps.document import CLIENTS, Document
from piste.systems.windows.snippets import SNIPPETS, documented
from piste.systems.windows.winrm import Session, pack
from piste.systems.windows.winrm_access import Access
from tests.support.breadth import breadth
from tests.support.capture import capturing

READING = sorted(name for name, snippet in SNIPPETS.items() if not snippet.writes)
GIVEN: dict[str, dict[str, Any]] = {
    "dhcp_export": {"leases": True},
    "host": {"services": ["IAS", "DHCPServer"], "commands": ["Get-DhcpServerv4Scope"]},
    "print_log_read": {"after": 0, "limit": 100, "queues": []},
    "print_queues_read": {"names": [], "prefix": None, "limit": 10},
}

OF_SCOPES = ("dhcp_leases_read", "dhcp_scopes_read")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",), seed="brownfield") as running:
        yield running


def session(lab: Lab, host: str) -> Session:
    info = lab.info["winrm"]
    named = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
    return Session(Access.of({**named, "authentication": "basic", "ca_file": lab.info["ca_file"]}), host)


@pytest.fixture(scope="module", params=[True, False], ids=["names kept", "masked"])
def kept(
    request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, list[store.Answer], set[str]]:
    answers, answered = captured(lab, tmp_path_factory.mktemp("capture"), keep_names=request.param)
    return request.param, answers, answered


def captured(lab: Lab, data: Path, *, keep_names: bool) -> tuple[list[store.Answer], set[str]]:
    """Capture every server; give the answers, and the snippets that answered."""
    answered = set()
    for host in lab.info["winrm"]["hosts"]:
        with session(lab, host) as there, capturing(data, keep_names=keep_names):
            subnets: list[str] = []
            for snippet in ("dhcp_server_read", *READING):
                try:
                    given = {"subnets": subnets} if snippet in OF_SCOPES else GIVEN.get(snippet, {})
                    answer = there.run(snippet, **given)
                    subnets = [scope["subnet"] for scope in answer.get("scopes", ())] or subnets
                    answered.add(snippet)
                except PisteError:
                    continue  # a server has not every role
    return [answer for _, answer in store.answers(data)], answered


def test_every_reading_snippet_is_kept_with_a_form(kept: tuple[bool, list[store.Answer], set[str]]) -> None:
    _, answers, answered = kept
    assert {answer.body["method"] for answer in answers if answer.status == 200} == answered
    assert answered >= {*READING} - {"language"}
    odd = {(answer.body["method"], place.at, place.why) for answer in answers for place in answer.odd}
    assert odd == set()


def test_an_export_of_nps_reads_again_and_has_no_shared_secret(
    lab: Lab, kept: tuple[bool, list[store.Answer], set[str]]
) -> None:
    keep_names, answers, _ = kept
    exports = [answer for answer in answers if answer.body["method"] == "nps_export" and answer.status == 200]
    assert exports
    for answer in exports:
        with session(lab, answer.path[1:]) as there:
            from piste.systems.windows.winrm import unpack

            former = Document(unpack(there.run("nps_export")["document"]))
        read = Document(content_of(answer.answer["document"]))
        names = read.names(CLIENTS)
        assert len(names) == len(former.names(CLIENTS))
        assert (names == former.names(CLIENTS)) is (keep_names or not names)
        for name in names:
            assert set(read.values(CLIENTS, name, "Shared_Secret")) <= {"secret:", ""}


@pytest.mark.parametrize("snippet", sorted({*SNIPPETS} - {*READING}))
def test_a_snippet_that_writes_reaches_no_host(snippet: str, lab: Lab, tmp_path: Path) -> None:
    lab.calls.clear()
    with session(lab, next(iter(lab.info["winrm"]["hosts"]))) as there, capturing(tmp_path):
        with pytest.raises(Misused, match="Rien n’a été envoyé"):
            there.run(snippet)
        there._protocol = there._connect()
        there._shell = "une-session"
        for command in ("powershell.exe", "cmd.exe"):
            with pytest.raises(Misused, match="Rien n’a été envoyé"):
                there._protocol.run_command(there._shell, command, ("Remove-Item", "C:\\"))
        there._shell = ""
    assert lab.calls.of("winrm") == {"reads": 0, "writes": 0, "sessions": 0}


NPS = """<?xml version="1.0"?>
<Root xmlns:dt="urn:schemas-microsoft-com:datatypes"><Children><Microsoft_Internet_Authentication_Service><Children>
<Protocols><Children><Microsoft_Radius_Protocol><Children><Clients><Children>
<Bureau_de_Dupont name="Bureau de Dupont"><Properties>
<IP_Address dt:dt="string">10.20.30.40</IP_Address><Shared_Secret dt:dt="string">Soleil-93-levant</Shared_Secret>
<Nouveau_Secret dt:dt="string">Lune-93-couchante</Nouveau_Secret><Opaque_Data dt:dt="string">voir Dupont</Opaque_Data>
</Properties></Bureau_de_Dupont></Children></Clients></Children></Microsoft_Radius_Protocol></Children></Protocols>
<NetworkPolicy><Children><Dupont name="Dupont"><Properties>
<msNPConstraint dt:dt="string">MATCH("User-Name=^jdupont$")</msNPConstraint>
<msNPConstraint dt:dt="string">NTGROUPS("S-1-5-21-1-2-3-1104")</msNPConstraint>
</Properties></Dupont></Children></NetworkPolicy>
</Children></Microsoft_Internet_Authentication_Service><Version>257</Version></Children></Root>
"""


def test_the_name_of_a_host_in_an_address_of_nps_is_masked() -> None:
    line = forms.template("winrm", "/hdv-nps1/nps_export")
    assert line
    document = pack(NPS.replace("10.20.30.40", "borne-dupont.ville.example").encode())
    kept, _ = forms.kept({"document": document}, line[1], Masks(b"clef", names=["ville.example"]))
    assert "upont" not in kept["document"]
    assert ".ville.example<" in kept["document"]


@pytest.mark.parametrize("snippet", ["dhcp_scopes_read", "dhcp_settings_read"])
def test_a_number_of_an_option_of_dhcp_stays_and_a_name_is_masked(snippet: str) -> None:
    line = forms.template("winrm", f"/hdv-dc1/{snippet}")
    assert line
    part = "entries" if snippet == "dhcp_scopes_read" else "options"
    wanted = {51: "691200", 58: "345600", 46: "0x8", 15: "jdupont.example", 3: "10.20.30.1", 66: "123456789"}
    of_vendor: dict[str, str] = {} if snippet == "dhcp_scopes_read" else {"vendor": ""}
    read = [{"option": number, **of_vendor, "values": [value]} for number, value in wanted.items()]
    kept, odd = forms.kept({part: read}, line[1], Masks(b"clef"))
    shown = {entry["option"]: entry["values"][0] for entry in kept[part]}
    assert {number: shown[number] for number in (51, 58, 46)} == {51: "691200", 58: "345600", 46: "0x8"}
    assert "dupont" not in shown[15]
    assert shown[3].startswith("10.")
    assert shown[3] != "10.20.30.1"
    assert shown[66] != "123456789"
    assert odd == []


def test_a_number_of_an_option_of_a_vendor_is_masked() -> None:
    line = forms.template("winrm", "/hdv-dc1/dhcp_settings_read")
    assert line
    read = [{"option": 58, "vendor": "Autocom", "values": ["12345678"]}]
    kept, odd = forms.kept({"options": read}, line[1], Masks(b"clef"))
    assert kept["options"][0]["values"] != ["12345678"]
    assert odd == []


@pytest.mark.parametrize("keep_names", [True, False])
def test_an_export_is_masked_by_what_each_element_is(keep_names: bool) -> None:
    line = forms.template("winrm", "/hdv-nps1/nps_export")
    assert line
    kept, odd = forms.kept({"document": pack(NPS.encode())}, line[1], Masks(b"clef", keep_names))
    shown = kept["document"]
    assert [word for word in ("Soleil", "Lune") if word in shown] == []
    assert ("upont" in shown) is keep_names
    assert ("S-1-5-21-1-2-3-1104" in shown) is keep_names
    assert "-1104" in shown
    assert [(place.at, place.why, place.size) for place in odd] == [(".document.Nouveau_Secret", "unseen", 17)]
    again, same = forms.kept(kept, line[1], Masks(b"", keep_names=True))
    assert (again, [place.at for place in same]) == (kept, [])


def test_the_words_of_a_form_are_those_documented() -> None:
    types = documented()["types"]
    relation = form("dhcp_server_read")["relations"][0]
    assert of(relation["state"]) == {*types["DhcpServerv4Failover"]["words"]["State"]}
    assert of(relation["mode"]) == {*types["DhcpServerv4Failover"]["words"]["Mode"]}
    queue = form("print_queues_read")["queues"][0]
    assert of(queue["duplexing"]) == {*types["MSFT_PrinterConfiguration"]["words"]["DuplexingMode"]}
    assert of(form("print_log_read")["mode"]) == {*types["EventLogConfiguration"]["words"]["LogMode"]}


def form(snippet: str) -> Any:
    line = forms.template("winrm", f"/hdv-dc1/{snippet}")
    assert line
    return line[1]


def of(text: str) -> set[str]:
    return set(text.removeprefix("text(").rstrip(")").split(","))


@pytest.mark.parametrize(("word", "state"), [("Normal", "confirmed"), ("Normale", "refuted")])
def test_a_captured_answer_settles_a_belief(word: str, state: str) -> None:
    relation = {"state": word, "mode": "LoadBalance"}
    given = [
        Answer("RUN /hdv-dc1/dhcp_server_read", {"relations": [relation]}),
        Answer("RUN /hdv-dc1/dhcp_settings_read", {"account": {"domain": "", "name": ""}}),
    ]
    settled = {name: verdict.state for name, verdict in verdicts("windows", given)}
    assert settled == {"windows.dhcp_words": state, "windows.dhcp_no_account": "confirmed"}


def heard(lab: Lab, answers: list[store.Answer]) -> list[Any]:
    """Ask the snippets of a capture again, past its masks."""
    simulator: Any = lab.systems["winrm"].simulator
    said = []
    for answer in answers:
        method, given = answer.body["method"], answer.body["params"]
        if answer.status == 200 and method not in ("dhcp_export", "nps_export", "print_log_read"):
            shown = simulator.run(answer.path[1:], method, **given)
            said.append((answer.path, method, {**shown, "time": ""}))
    return said


def test_servers_from_a_capture_answer_as_the_captured_did(lab: Lab, tmp_path: Path) -> None:
    source: Any = lab.systems["winrm"].simulator
    host = next(name for name, machine in source.machines.items() if "dhcp" in machine.state)
    alone = source.machines[host].state["dhcp"]["scopes"]["192.168.10.0"]
    by_hand = {"client": "00-11-22-33-44-55", "name": "badgeuse", "description": "à la main"}
    alone["reservations"]["192.168.10.30"] = by_hand
    alone["exclusions"].append({"start": "192.168.10.40", "end": "192.168.10.49"})
    alone["leases"]["192.168.10.60"] = "00-11-22-33-44-56"
    answers, _ = captured(lab, tmp_path / "data", keep_names=True)
    before = heard(lab, answers)
    with Lab(folder=tmp_path / "other", inventory=[], others=("winrm",)) as other:
        system: Any = other.systems["winrm"]
        unknown = answers[0].model_copy(update={"path": "/hdv-inconnu"})
        states, left = system.captured([*answers, unknown], {})
        system.become(states)
        assert heard(other, answers) == before
        assert "hdv-inconnu : le laboratoire n’a pas ce serveur, il est laissé" in left
        assert [line for line in left if "redit pas" in line or "et non" in line] == []
        for name, machine in system.simulator.machines.items():
            if "nps" in machine.state:
                there, here = source.machines[name].configuration.decode(), machine.configuration.decode()
                hidden = [re.sub("(<Shared_Secret[^>]*>)[^<]+", r"\1", text) for text in (there, here)]
                assert hidden[0] == hidden[1]
        there = system.simulator.machines[host].state["dhcp"]["scopes"]["192.168.10.0"]
        assert there["reservations"]["192.168.10.30"] == by_hand
        added = {"address": "192.168.10.31", "client": "00-11-22-33-44-57", "name": "x"}
        nothing = dict.fromkeys(("mask", "start", "end", "name", "description", "lease", "state"))
        lists = {key: [] for key in ("included", "excluded", "cleared", "options", "released", "moved")}
        change = {"subnet": "192.168.10.0", **nothing, **lists, "reserved": [added]}
        assert system.simulator.run(host, "dhcp_scopes_write", scopes=[change]) == {"failed": []}


def test_servers_from_a_masked_capture_hold_as_much(lab: Lab, tmp_path: Path) -> None:
    def counts(there: Any) -> dict[str, tuple[int, int, int, int]]:
        shown = {}
        for name, state in there.items():
            scopes = state.get("dhcp", {}).get("scopes", {}).values()
            reserved = sum(len(scope["reservations"]) for scope in scopes)
            names = len(Document(state["nps"].encode()).names(CLIENTS)) if "nps" in state else 0
            shown[name] = (len(scopes), reserved, len(state.get("queues") or ()), names)
        return {name: counted for name, counted in shown.items() if any(counted)}

    answers, _ = captured(lab, tmp_path / "data", keep_names=False)
    real: Any = lab.systems["winrm"]
    with Lab(folder=tmp_path / "other", inventory=[], others=("winrm",)) as other:
        system: Any = other.systems["winrm"]
        states, left = system.captured(answers, {})
        assert counts(states) == counts(real.state())
        assert [line for line in left if "redit pas" in line or "et non" in line or "refuse" in line] == []
        for name in (
            name for name, state in states.items() if "nps" in state and f"/{name}" in {a.path for a in answers}
        ):
            read = Document(states[name]["nps"].encode())
            shared = [value for it in read.names(CLIENTS) for value in read.values(CLIENTS, it, "Shared_Secret")]
            assert [value for value in shared if value.startswith("secret:")] == []
            assert len({*shared}) == len(shared)


def test_a_secret_of_an_export_is_the_one_that_the_lab_has(lab: Lab) -> None:
    line = forms.template("winrm", "/hdv-nps1/nps_export")
    assert line
    known = Masks(b"clef", keep_names=True, known={"Soleil-93-levant": "radius/bureau"})
    kept, _ = forms.kept({"document": pack(NPS.encode())}, line[1], known)
    asked = {"method": "nps_export", "params": {}}
    (answer,) = [
        store.Answer(
            system="winrm",
            method="RUN",
            path="/hdv-nps1",
            query=[],
            body=asked,
            at="",
            seconds=0.1,
            status=200,
            answer=kept,
        )
    ]
    states, _ = lab.systems["winrm"].captured([answer], {"radius/bureau": "Du-laboratoire-1"})  # type: ignore[attr-defined]
    assert "Du-laboratoire-1" in states["hdv-nps1"]["nps"]


NO_SCOPES: dict[str, Any] = {"scopes": [], "exclusions": [], "uses": [], "relations": []}
TEXTS = ("subnet", "mask", "name", "description", "start", "end")


@pytest.mark.parametrize(
    ("method", "params", "answer"),
    breadth([
        ("dhcp_server_read", {}, {**NO_SCOPES, "scopes": [{"subnet": "x"}]}),
        ("dhcp_server_read", {}, {**NO_SCOPES, "scopes": [{**dict.fromkeys(TEXTS, "x"), "lease": 1, "active": True}]}),
        ("dhcp_server_read", {}, {**NO_SCOPES, "uses": [{"subnet": "192.0.2.0", "free": 1, "in_use": 1}]}),
        ("nps_export", {}, {"document": "<pas du XML"}),
        ("print_queues_read", {}, {"queues": "toutes"}),
        ("inconnu", {}, {}),
        ("host", None, {}),
    ], 3),
)  # fmt: skip
def test_a_hostile_answer_changes_no_server(method: str, params: Any, answer: Any, lab: Lab) -> None:
    before = lab.systems["winrm"].image()
    heard = store.Answer(
        system="winrm",
        method="RUN",
        path="/hdv-nps1",
        query=[],
        at="",
        seconds=0.1,
        status=200,
        body={"method": method, "params": params},
        answer=answer,
    )
    with pytest.raises((ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)):
        lab.systems["winrm"].captured([heard], {})  # type: ignore[attr-defined]
    assert lab.systems["winrm"].image() == before
