"""A school, the town hall and the police with real packets: leases, names, gates, kills."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused
from piste.trials.twin import machine
from piste.trials.twin.build import build
from piste.trials.twin.namespaces import named
from piste.trials.twin.readings import Readings
from tests.support.twin import computer, needs_machine, python, reached, readings, standing
from tests.support.twin import town as declared

pytestmark = needs_machine

SCHOOL, HALL, POLICE = "ecole-jaures", "hotel-de-ville", "police-municipale"
_NAMES = """
import json, socket, struct, sys
def ask(server, name):
    words = b"".join(bytes([len(word)]) + word.encode() for word in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(2)
        made.connect((server, 53))
        made.send(b"\\x12\\x34\\x01\\0\\0\\x01" + b"\\0" * 6 + words + b"\\0\\0\\x01\\0\\x01")
        try:
            answer = made.recv(512)
        except OSError:
            return None
    return socket.inet_ntoa(answer[-4:]) if answer[7] else answer[3] & 15
print(json.dumps([ask(*asked.split("/")) for asked in sys.argv[1:]]))
"""
_PAGES = """
import json, sys
from http.client import HTTPConnection
for page in sys.argv[1:]:
    made = HTTPConnection("203.0.113.80", timeout=3)
    made.request("GET", f"/{page}")
    said = made.getresponse()
    said.read()
print(json.dumps([said.status, said.getheader("Location")]))
"""
_TIME = """
import json, socket, struct, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    made.settimeout(2)
    made.connect((sys.argv[1], 123))
    made.send(b"\\x23" + b"\\0" * 47)
    print(json.dumps(abs(struct.unpack("!I", made.recv(100)[40:44])[0] - 2208988800 - time.time())))
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Raise the twin of the three sites, a lease on the computers that the tests use."""
    with standing(tmp_path_factory.mktemp("twins"), readings(SCHOOL, HALL, POLICE), SCHOOL, HALL, POLICE) as identity:
        yield identity


def address(identity: str, site: str, name: str) -> str:
    """Lease, and give the address of a computer."""
    place = computer(identity, site, name)
    assert machine.lease(place), f"{site} {name} : aucun bail"
    said = machine.run(place, ["ip", "-4", "-o", "address", "show", "dev", place.interface]).stdout.decode()
    return said.split()[3].partition("/")[0]


def test_each_population_gets_a_lease_of_its_segment(town: str) -> None:
    for site, name, prefix in (
        (SCHOOL, "poste", "10.93.41."),  # by the relay of the core
        (SCHOOL, "telephone", "10.93.43."),  # tagged, behind the port of a computer
        (SCHOOL, "VLB-Pedagogique", "10.93.45."),  # by the relay of the firewall
        (POLICE, "VLB-Invites", "10.93.156."),  # by the firewall itself
    ):
        assert address(town, site, name).startswith(prefix)


def test_declared_ports_answer_and_others_do_not(town: str) -> None:
    place = computer(town, SCHOOL, "poste")
    assert machine.lease(place)
    answers = reached(place, ["10.93.2.18:443", "10.93.2.16:445", "10.93.2.16:80", "203.0.113.5:443", "203.0.113.5:25"])
    assert answers == {
        "10.93.2.18:443": "piste-twin 10.93.2.18 443",
        "10.93.2.16:445": "piste-twin 10.93.2.16 445",
        "10.93.2.16:80": None,
        "203.0.113.5:443": "piste-twin 203.0.113.5 443",
        "203.0.113.5:25": None,
    }


def test_names_and_time_are_those_that_were_read(town: str) -> None:
    place = computer(town, SCHOOL, "poste")
    assert machine.lease(place)
    asked = ["10.93.2.11/hdv-imp1.ad.lebourget.example", "10.93.2.12/rien.ad.lebourget.example",
             "10.93.2.12/www.example.org", "198.51.100.253/www.example.org"]  # fmt: skip
    assert python(place, _NAMES, *asked) == ["10.93.2.18", 3, "203.0.113.80", None]
    assert python(place, _TIME, "10.93.2.12") < 5


def test_guests_reach_internet_and_nothing_of_the_town(town: str) -> None:
    users = address(town, POLICE, "poste")
    guest = computer(town, POLICE, "VLB-Invites")
    assert machine.lease(guest)
    # Before the terms, pages lead to the portal and nothing else passes but names.
    assert reached(guest, ["203.0.113.5:443"]) == {"203.0.113.5:443": None}
    assert python(guest, _PAGES, "generate_204") == [302, "/piste-portal"]
    assert python(guest, _PAGES, "piste-portal", "piste-grant")[0] == 200
    # On a busy machine the switch takes a moment to let the guest through.
    deadline = time.monotonic() + 20
    while python(guest, _PAGES, "generate_204") != [204, None]:
        assert time.monotonic() < deadline
    inside = [f"{users}:443", "10.93.153.254:443", "10.93.2.11:53", "10.93.2.18:443", "10.93.41.254:80"]
    answers = reached(guest, [*inside, "203.0.113.5:443"])
    assert answers == {**dict.fromkeys(inside), "203.0.113.5:443": "piste-twin 203.0.113.5 443"}
    assert python(guest, _NAMES, "198.51.100.253/www.example.org", "198.51.100.253/hdv-dc1.ad.lebourget.example") == [
        "203.0.113.80", 3,
    ]  # fmt: skip
    # Their own gateway too is an address of the town, which the SSID denies.
    for target in ("10.93.156.254", "10.93.2.254", users):
        assert machine.run(guest, ["ping", "-c", "1", "-W", "1", target]).returncode == 1


def test_phones_and_the_police_are_out_of_reach_of_computers_of_a_school(town: str) -> None:
    phone = address(town, SCHOOL, "telephone")
    police = address(town, POLICE, "poste")
    users = computer(town, SCHOOL, "poste")
    assert machine.lease(users)
    assert reached(users, [f"{phone}:443", f"{police}:443"]) == {
        f"{phone}:443": None,
        f"{police}:443": None,
    }


def admissions(identity: str) -> str:
    return (machine.folder(identity) / "authenticator.log").read_text("utf-8")


def test_a_guarded_port_leads_where_the_policies_say_and_nowhere_for_a_stranger(town: str) -> None:
    assert address(town, HALL, "poste").startswith("10.93.1.")
    assert "sw-hdv-03/7 : essai-1 admis, VLAN 101" in admissions(town)
    stranger = computer(town, HALL, "imprimante")
    configuration = machine.folder(town) / "stranger.wpa"
    configuration.write_text(
        'ap_scan=0\nnetwork={\n key_mgmt=IEEE8021X\n eapol_flags=0\n eap=PEAP\n identity="inconnu"\n'
        ' password="faux"\n phase2="auth=MSCHAPV2"\n}\n',
        "utf-8",
    )
    words = ["wpa_supplicant", "-D", "wired", "-i", stranger.interface, "-c", str(configuration)]
    machine.run(stranger, ["timeout", "4", *words])
    assert "sw-hdv-03/43 : inconnu refusé, bloqué" in admissions(town)


def test_no_link_of_a_twin_lies_on_the_machine_itself(town: str) -> None:
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    own = {state.split(": ")[1].partition("@")[0] for state in links.splitlines()}
    assert not {name for name in own if name.startswith(("tw", "p1", "b0", "eth0.", "f0.", "v1"))} - {"eth0"}


def test_two_twins_stand_side_by_side(town: str, tmp_path: Path) -> None:
    with standing(tmp_path, readings(SCHOOL), SCHOOL) as other:
        assert other != town
        assert address(other, SCHOOL, "poste").startswith("10.93.41.")
        assert named(f"tw{other}-")
        assert named(f"tw{town}-")
    assert not named(f"tw{other}-")
    assert named(f"tw{town}-")


def dying(step: int) -> Callable[..., Any]:
    """Stand in for `subprocess.run`: at a step, start the program and die at once."""
    run, done = subprocess.run, [0]

    def stand_in(words: Sequence[str], **more: Any) -> Any:
        done[0] += 1
        if done[0] <= step:
            return run(words, **more)
        with subprocess.Popen(words, stdin=subprocess.PIPE, env=more["env"]) as program:
            assert program.stdin
            program.stdin.write(more["input"])
            program.stdin.close()
            os.kill(os.getpid(), signal.SIGKILL)

    return stand_in


@pytest.mark.parametrize("step", [12, *(pytest.param(n, marks=pytest.mark.story) for n in (0, 1, 2, 5, 20, 24))])
def test_down_leaves_nothing_at_whatever_step_up_was_killed(tmp_path: Path, step: int) -> None:
    """Kill in the middle; the other steps are stories."""
    layout = build(readings(SCHOOL), declared(), [SCHOOL])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(machine.VARIABLE, str(tmp_path))
        identity = machine.new_identity()
        if (child := os.fork()) == 0:
            patch.setattr(subprocess, "run", dying(step))
            try:
                machine.up(layout, identity, {})
            finally:  # Whatever happened, the tests go on in the parent alone.
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        machine.down(identity)
        assert machine.processes(identity) == []
        assert named(f"tw{identity}-") == []
        assert machine.ids() == []


def test_a_twin_of_what_little_was_read_stands_too(tmp_path: Path) -> None:
    whole = readings(SCHOOL)
    for known in (Readings(networks={SCHOOL: whole.networks[SCHOOL]}), replace(whole, networks={}, cables=[])):
        with standing(tmp_path, known, SCHOOL) as identity:
            assert machine.state(identity)["unsaid"]


def test_a_program_that_fails_leaves_nothing_and_says_its_words(tmp_path: Path) -> None:
    layout = build(readings(SCHOOL), declared(), [SCHOOL])
    layout.hosts["serveurs-102"].ruleset = "table ip {"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(machine.VARIABLE, str(tmp_path))
        identity = machine.new_identity()
        with pytest.raises(Misused, match="nft"):
            machine.up(layout, identity, {})
        assert (machine.ids(), machine.processes(identity), named(f"tw{identity}-")) == ([], [], [])
