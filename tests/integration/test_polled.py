"""The lab's Zabbix polls in a twin: live data of each class, problems raised and cleared.

The real server asks, at the declared addresses and through the firewall's own rules, real agents of SNMP, of Zabbix and
a real server of NUT; its own API judges.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.polled.trees import OUTPUT_STATUS
from piste.engine.clock import TOWN
from piste.readings.links.period import bounds
from piste.systems.zabbix.living import PRESENCE
from piste.trials.twin import machine
from tests.integration.test_links import put, rows
from tests.integration.test_zabbix_lab import processes
from tests.support.playbooks import Console
from tests.support.polled import PING, Polling, needs_polling, polling, until
from tests.support.terminal import Terminal
from tests.support.twin import town
from tests.support.zabbix import ON_BATTERY

pytestmark = [pytest.mark.story, *needs_polling]

LINK, SITE, UPS, CERTIFICATE = "lien-ineo-med", "mediatheque", "ups-hdv-1", "certificat-assistance"
OUTPUT, CHARGE = "output.status[upsBasicOutputStatus]", "battery.capacity[upsHighPrecBatteryCapacity]"
UNSEEN = {
    "access_control": "absent",
    "application": "absent",
    "certificate": "silent",
    "cluster": "absent",
    "server": "absent",
}
"""Classes without live data: no such asset has an address, no application a `url`; certificates are pushed."""


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polling]:
    with polling(tmp_path_factory.mktemp("polled")) as made:
        made.zabbix.secrets |= dict.fromkeys(town().secret_paths(planned=True), "secret-des-essais")
        made.declare()
        known = [item for item in made.items if item[1] in PRESENCE and not item[1].startswith("piste.")]
        until(lambda: _first(made, known))
        yield made


def _first(made: Polling, known: list[tuple[str, str]]) -> bool:
    """Ask again: the server learns of an item seconds later, and drops a task before that."""
    made.ask(*known)
    time.sleep(3)
    states = Counter(row.state for row in made.covered() if row.kind not in UNSEEN)
    return states["silent"] == 0


def test_each_class_that_has_an_address_has_live_data(polled: Polling) -> None:
    rows = polled.covered()
    seen = {kind: {row.state for row in rows if row.kind == kind} for kind in {row.kind for row in rows}}
    assert {kind: states for kind, states in seen.items() if kind in UNSEEN} == {
        kind: {state} for kind, state in UNSEEN.items()
    }
    # A printer without a reserved address cannot be watched; all else is.
    assert seen.pop("printer") == {"watched", "absent"}
    assert {kind for kind, states in seen.items() if states == {"watched"}} == {
        "access_point", "core_switch", "firewall", "link", "switch", "ups", "virtual_machine",
    }  # fmt: skip


def test_the_values_are_those_of_the_devices(polled: Polling) -> None:
    polled.ask((UPS, CHARGE), ("nx-hdv-1", "system.hw.model"), ("hdv-nps1", "agent.ping"))
    until(lambda: polled.value(UPS, CHARGE) == "100")
    until(lambda: polled.value("nx-hdv-1", "system.hw.model") == "N9K-C93180YC-EX")
    until(lambda: polled.value("hdv-nps1", "agent.ping") == "1")
    # Machines of another segment answer through the firewall.
    assert polled.value("hdv-pm1", "zabbix[host,agent,available]") == "1"
    assert polled.value(UPS, "zabbix[host,snmp,available]") == "1"


def test_a_supply_on_battery_raises_its_problem_and_nut_says_the_same(polled: Polling) -> None:
    file = polled.zabbix.lab.folder / "polled" / f"{UPS}.snmp"
    before = file.read_text("utf-8")
    assert _nut(polled) == "OL"
    file.write_text(before.replace(f"{OUTPUT_STATUS} integer 2", f"{OUTPUT_STATUS} integer 3"), "utf-8")
    polled.ask((UPS, OUTPUT))
    problem = str(ON_BATTERY["name"])
    until(lambda: problem in polled.problems(UPS)[UPS])
    until(lambda: _nut(polled) == "OB")
    file.write_text(before, "utf-8")
    polled.ask((UPS, OUTPUT))
    until(lambda: problem not in polled.problems(UPS)[UPS])
    until(lambda: _nut(polled) == "OL")


def test_a_dead_link_is_the_only_problem_of_its_site_and_is_cleared(polled: Polling) -> None:
    share: Any = town().sites[SITE]["supervision"]
    behind = [host["name"] for host in share["hosts"] if (host["name"], PING) in polled.items]
    first = next(host["name"] for host in share["hosts"] if host["kind"] == "switch")
    machine.cut(polled.identity, SITE, mend=False)
    problem = "ICMP Ping: Unavailable by ICMP ping"
    silent = [first, *[name for name in behind if name != first][-3:]]
    polled.miss({LINK: 1})
    polled.miss({LINK: 3, **dict.fromkeys(silent, 2)})
    until(lambda: polled.problems(LINK)[LINK] == {problem})
    polled.miss(dict.fromkeys(silent, 3))
    time.sleep(1)
    assert {name: open_ for name, open_ in polled.problems(LINK, *behind).items() if problem in open_} == {
        LINK: {problem}
    }
    machine.cut(polled.identity, SITE, mend=True)
    polled.ask((LINK, PING), *((name, PING) for name in behind))
    until(lambda: polled.problems(LINK)[LINK] == set())
    until(lambda: all(values[-1] == "1" for values in polled.values(PING, *behind)))
    assert all(problem not in open_ for open_ in polled.problems(*behind).values())


def test_an_expired_certificate_raises_its_problem_by_the_verbs_and_its_renewal_clears_it(
    polled: Polling, tmp_path: Path
) -> None:
    lab = polled.zabbix.lab
    assert lab.beside.endpoints is not None
    terminal = Terminal(Console(lab, tmp_path, ["certificates", "supervision"]))
    here = {"PISTE_STATE_DIR": str(tmp_path / "readings")}
    expired = "Certificat : expiré"
    for state, outcome in (("expired", {expired}), ("sound", set())):
        lab.beside.endpoints.set(assistance=state)
        scanned = terminal.piste("certificates", "scan", **here)
        assert ("expiré depuis" in scanned.out) == bool(outcome), scanned
        said = terminal.piste("supervision", "push", **here)
        assert said.code == 0, said
        assert said.out.startswith("La supervision est à jour de "), said
        until(lambda: polled.problems(CERTIFICATE)[CERTIFICATE] & {expired} == outcome)  # noqa: B023
    assert {row.state for row in polled.covered() if row.kind == "certificate"} == {"watched"}


def test_the_links_of_a_month_are_those_that_the_server_measured(polled: Polling, tmp_path: Path) -> None:
    month = bounds("2026-10", TOWN)
    hours = {month.start + 3600 * rank: "60, 1, 1, 1" for rank in range(10)}
    put(polled.zabbix, f"insert into trends_uint values {rows(polled.items[LINK, PING], hours)}")
    said = Terminal(Console(polled.zabbix.lab, tmp_path, ["supervision", "network"])).piste(
        "links", "--month", "2026-10", "--format", "json", PISTE_STATE_DIR=str(tmp_path / "readings")
    )
    assert said.code == 3, said
    [row] = [row for row in json.loads(said.out)["links"] if row["link"]["name"] == LINK.removeprefix("lien-")]
    assert row["availability"]["percent"] == 100.0
    assert 0 < row["availability"]["measured"] < 0.02


def test_a_twin_that_goes_away_sends_the_server_home(polled: Polling) -> None:
    """The last test: nothing stays in the twin's name, and the server goes on by itself."""
    machine.down(polled.identity)
    assert machine.processes(polled.identity) == []
    system: Any = polled.zabbix.lab.systems["zabbix"]
    until(lambda: system.polling.place is None and system.polling.runs)
    until(lambda: _accepts(polled))


_LIVES = """
import sys, time
from pathlib import Path
from tests.support.polled import polling
with polling(Path(sys.argv[1])) as made:
    print(made.identity, flush=True)
    time.sleep(600)
"""


def test_a_lab_killed_while_it_polls_in_a_twin_leaves_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(machine.VARIABLE, str(tmp_path / "twins"))
    started = subprocess.Popen(
        [sys.executable, "-c", _LIVES, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    identity = started.stdout.readline().strip()
    try:
        polling_there = {"snmpd", "zabbix_agent2", "snmp-ups", "upsd"}
        until(lambda: polling_there <= _programs(identity) and "zabbix_server" in " ".join(_in(tmp_path)))
        started.send_signal(signal.SIGKILL)
        started.wait()
        started.stdout.close()
        until(lambda: not polling_there & _programs(identity) and not _in(tmp_path))
        assert "ovs-vswitchd" in _programs(identity)
    finally:
        machine.down(identity)
    assert machine.processes(identity) == []


def _programs(identity: str) -> set[str]:
    """Name the programs of a twin."""
    return {_named(number) for number in machine.processes(identity)}


def _in(folder: Path) -> list[str]:
    """List the commands that work in the folder of a lab."""
    return [*processes(folder / "lab").values()]


def _named(number: int) -> str:
    try:
        return Path(Path(f"/proc/{number}/cmdline").read_text("utf-8").partition("\0")[0]).name
    except OSError:
        return ""


def _accepts(polled: Polling) -> bool:
    value = {"host": "piste", "key": "piste.run.outcome", "value": "0", "clock": int(time.time())}
    try:
        return "error" not in polled.zabbix.api("history.push", [value])["data"][0]
    except AssertionError:
        # The server does not listen yet.
        return False


def _nut(polled: Polling) -> str:
    """Ask the server of NUT, where the server of the supervision is."""
    place = f"tw{polled.identity}-supervision"
    command = ["ip", "netns", "exec", place, "upsc", f"{UPS}@10.93.2.23", "ups.status"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
