"""A capture of the Nexus: reads alone reach a terminal, texts are kept word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.nexus.configuration import by_hand
from lab.nexus.server import Nexus
from lab.nexus.terminal import ADMIN, Terminal
from piste.engine.converge.errors import Misused, PisteError
from piste.exports.bag import bagit
from piste.exports.capture import forms, make, store, verify
from piste.exports.capture.masks import Masks
from piste.systems.nexus import tables
from piste.systems.nexus.commands import OF_TERMINAL, Command
from piste.systems.nexus.configuration import tree
from piste.systems.nexus.connection import Access
from piste.systems.nexus.shell import Shell
from piste.systems.nexus.state import of_configuration
from piste.systems.nexus.unjudged import unjudged
from tests.support.breadth import breadth
from tests.support.capture import capturing
from tests.support.nexus import option, run, switches

NAME = "nx-hdv-1"
SUBJECTS = ("nexus_checks", "nexus_tests", "nexus_orphans")


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexus]:
    with switches(tmp_path_factory.mktemp("nexus")) as made:
        made.configs[NAME] = by_hand(made.configs[NAME], "10.2.3.4")
        yield made


def captured(nexus: Nexus, data: Path, *, keep_names: bool = True) -> dict[str, store.Answer]:
    with capturing(data, keep_names=keep_names):
        for subject in SUBJECTS:
            run(subject, option(nexus), switches=[NAME])
    return {answer.path.rpartition("/")[2]: answer for _, answer in store.answers(data)}


def test_every_read_is_kept_with_a_form_and_no_setting_of_the_terminal(nexus: Nexus, tmp_path: Path) -> None:
    kept = captured(nexus, tmp_path)
    assert {*kept} == {command.partition(" ")[2] for command in Command if command not in OF_TERMINAL}
    assert {answer.path.split("/")[1] for answer in kept.values()} == {NAME}
    assert {(answer.method, answer.status) for answer in kept.values()} == {("SHOW", 200)}
    assert [(answer.path, answer.odd) for answer in kept.values() if answer.odd] == []


def test_the_readers_read_the_same_of_what_is_kept(nexus: Nexus, tmp_path: Path) -> None:
    kept = {name: answer.answer for name, answer in captured(nexus, tmp_path, keep_names=False).items()}
    with Shell(NAME, "", Access.of(option(nexus))) as shell:
        heard = {command.partition(" ")[2]: shell.ask(command) for command in Command}
    read: dict[str, Any] = {
        "version": tables.version, "vlan brief": tables.active_vlans, "interface brief": tables.ports,
        "port-channel summary": tables.bundled, "running-config": lambda text: unjudged(tree(text)),
    }  # fmt: skip
    for name, reader in read.items():
        assert reader(kept[name]) == reader(heard[name]), name
    was, now = (of_configuration(tree(text["running-config"])) for text in (heard, kept))
    assert (now.hostname, now.vlans.keys(), now.ports.keys(), now.vpc_domain) != ("", set(), set(), None)
    assert (now.vlans, now.vpc_domain, len(now.gateways)) == (was.vlans, was.vpc_domain, len(was.gateways))
    assert [(port.trunk, port.up, port.allowed, port.group) for port in now.ports.values()] == [
        (port.trunk, port.up, port.allowed, port.group) for port in was.ports.values()
    ]
    assert {len(roles) for roles in tables.roles(kept["user-account"]).values()} == {1}


def test_a_captured_switch_settles_the_beliefs_about_it(nexus: Nexus, tmp_path: Path) -> None:
    about = make.opened(tmp_path, "lab", True, systems=["nexus"])
    captured(nexus, tmp_path / "data")
    make.ended(tmp_path / "data", about)
    bagit.seal(tmp_path, {})
    seen = verify.examine(tmp_path)
    assert {finding.state for finding in seen.findings} == {"ok"}
    assert seen.verdicts["nexus.tables"].state == "confirmed"


@pytest.mark.parametrize(
    "text", breadth(["configure terminal", "reload", "copy running-config startup-config", "show tech"], 2)
)
def test_another_command_reaches_no_switch(text: str, nexus: Nexus, tmp_path: Path) -> None:
    with Shell(NAME, "", Access.of(option(nexus))) as shell, capturing(tmp_path):
        nexus.heard.clear()
        with pytest.raises(Misused, match="Rien n’a été envoyé"):
            shell.ask(text)  # type: ignore[arg-type]
    assert nexus.heard == []


def test_a_refused_read_is_kept_as_refused(nexus: Nexus, tmp_path: Path) -> None:
    with capturing(tmp_path), pytest.raises(PisteError):
        run("nexus_orphans", option(nexus, "operateur"), switches=[NAME])
    ((_, answer),) = store.answers(tmp_path)
    assert (answer.path, answer.status, answer.answer) == (f"/{NAME}/running-config", 403, None)


WRITTEN = """
version 9.3(13) Bios:version 05.47
hostname nx-hdv-1
username jdupont password 5 $5$EXEMPL$laboratoire0sans0valeur0hors0du0lab  role network-admin
snmp-server contact Jean Dupont 01 02 03 04 05
snmp-server location Bureau de Jean Dupont
snmp-server community Communaute-de-Dupont group network-operator
snmp-server host 192.0.2.9 traps version 2c Communaute-de-Dupont
radius-server host 192.0.2.8 key 7 "Clef-de-Dupont" authentication accounting
tacacs-server key 7 "Clef-de-Dupont"
ip domain-name dupont.example
feature lacp
banner motd !
Appeler Dupont, mot de passe Soleil-93
!
banner exec #Dupont#
ip access-list depuis-dupont
  remark Dupont
  10 permit ip 192.0.2.0/24 any
event manager applet dupont
  action 1.0 cli Dupont
vlan 20
  name salle-dupont
interface Ethernet1/1
  description Bureau de Dupont
  vrf member dupont
  nouveau-mot Dupont 12
"""


@pytest.mark.parametrize("keep_names", [True, False])
def test_no_secret_is_kept_nor_a_word_of_nobody_knows_what(keep_names: bool) -> None:
    line = forms.template("nexus", f"/{NAME}/running-config")
    assert line
    shown, odd = forms.kept(WRITTEN, line[1], Masks(b"clef", keep_names, {}, [NAME]))
    assert [word for word in ("laboratoire0", "Communaute", "Clef", "Soleil-93") if word in shown] == []
    assert "nouveau-mot" not in shown
    assert "xxxxxxxxxxx xxxxxx 12" in shown
    assert {place.why for place in odd} == {"unseen"}
    assert ("upont" in shown) is keep_names
    assert ("description Bureau de Dupont" in shown) is keep_names
    assert "192.0.2.9" not in shown or keep_names
    again, same = forms.kept(shown, line[1], Masks(b"", keep_names=True))
    assert (again, {(place.at, place.size) for place in same}) == (shown, {(place.at, place.size) for place in odd})


def test_switches_from_a_capture_are_read_as_the_captured_were(nexus: Nexus, tmp_path: Path) -> None:
    def said(there: Nexus) -> str:
        read = [run(subject, option(there), switches=[NAME]) for subject in SUBJECTS]
        written = json.dumps([{**result, "calls": 0} for result in read], default=str)
        return re.sub(r"\d{4}-\d\d-\d\d[T ][0-9:.+Z]+", "", written)  # the moment of each reading

    kept = [*captured(nexus, tmp_path / "data").values()]
    before = said(nexus)
    with switches(tmp_path / "other") as other:
        assert said(other) != before
        unknown = kept[0].model_copy(update={"path": "/nx-inconnu/version"})
        configs, left = other.captured([*kept, unknown], {})
        assert left == ["nx-inconnu : aucun Nexus déclaré ne porte ce nom, il est laissé"]
        other.become(configs)
        assert said(other) == before
        config = other.configs[NAME]
        terminal = Terminal(config, ADMIN, {"admin": ADMIN}, lambda: "")
        for line in ("configure terminal", "vlan 777", "name A-LA-MAIN", "end"):
            assert "%" not in terminal.answer(line)
        shown = terminal.answer("show vlan brief")
        assert "A-LA-MAIN" in shown
        assert all(vlan["name"][:32] in shown for vlan in config["vlans"].values())
