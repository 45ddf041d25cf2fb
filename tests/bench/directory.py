"""Group policies on a real domain controller: our modules beside Samba's own tools.

The terms are equal. Ours is a whole `ansible-playbook`, whose modules count their requests; theirs is a process for
each question or change, whose requests nobody counts.
"""

from __future__ import annotations

import json
import re
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trustme
import yaml

from lab.ad import Controller
from lab.ad.controller import ADMINISTRATION, CONFIGURATION
from piste.systems.windows.wmi_filters import written
from tests.bench.measure import Measure, RunFailed, played, timed
from tests.bench.town import empty_plays

PLAYBOOK = Path(__file__).parent / "playbooks/directory_ours.yml"
KEY = "Software\\Policies\\Banc"
SETTINGS = {f"Réglage {number:02}": number for number in range(1, 21)}
QUERY = {"namespace": "root\\CIMv2", "query": "SELECT * FROM Win32_OperatingSystem WHERE ProductType = 1"}
PLACES, POLICIES = 20, 10
CALLS = re.compile(r'"calls": \{\s*"reads": (\d+),\s*"writes": (\d+)\s*\}')
"""Requests of a task in its result, as Ansible shows it."""
_ADM = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"


def directory_measures() -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`.

    Raises Unavailable where no Samba can run.
    """
    with (
        tempfile.TemporaryDirectory(prefix="piste-bench-") as name,
        Controller(Path(name) / "ad", trustme.CA()) as controller,
    ):
        ours, peer = _Ours(controller), _Peer(controller, Path(name))
        yield from _one_policy(controller, ours, peer)
        yield from _many(ours, peer)


def _one_policy(controller: Controller, ours: _Ours, peer: _Peer) -> Iterator[tuple[str, Measure]]:
    """A GPO of twenty settings, two links and a WMI filter, in a domain that has the units."""
    for side in ("Piste", "Samba"):
        for number in (1, 2):
            controller.tool("ou", "add", f"OU={side} {number},{controller.forest.base_dn}")
    wanted = {
        "units": [],
        "wmi_filters": [{"name": "Piste", "queries": [QUERY]}],
        "gpos": [{**policy("Piste"), "wmi_filter": "Piste"}],
        "links": [{"target": f"Piste {number}", "links": {"Piste": {}}} for number in (1, 2)],
    }
    made, idle = f"un GPO, {len(SETTINGS)} réglages, deux liens, un filtre", "le même, rien à faire"
    yield "ours", ours.run(made, wanted, changed=3)
    idle_run = ours.run(idle, wanted, changed=0)
    yield "ours", idle_run
    yield "ours", ours.empty(idle_run)
    yield "peer", peer.run(made, peer.make)
    yield "peer", peer.run("le même, relu pour comparer", lambda: peer.look("Samba", [f"Samba {n}" for n in (1, 2)]))
    for name in ("Piste", "Samba"):
        if (settings := peer.settings(peer.guids()[name])) != SETTINGS:
            raise RunFailed(f"{name} : les réglages ne sont pas ceux demandés ({settings})")


def _many(ours: _Ours, peer: _Peer) -> Iterator[tuple[str, Measure]]:
    """Units that each link all the policies, once nothing is left to do."""
    names = [f"Banc {number:02}" for number in range(POLICIES)]
    places = [f"Banc/{number:02}" for number in range(PLACES)]
    wanted = {
        "units": [{"path": path} for path in ("Banc", *places)],
        "wmi_filters": [],
        "gpos": [policy(name) for name in names],
        "links": [{"target": path, "links": {name: {} for name in names}, "order": names} for path in places],
    }
    ours.run("mise en place", wanted, changed=3)
    label = f"{PLACES} OU × {POLICIES} GPO"
    yield "ours", ours.run(f"{label}, rien à faire", wanted, changed=0)
    yield "peer", peer.run(f"{label}, relus pour comparer", lambda: peer.look_at_all(names, places))


def policy(name: str) -> dict[str, Any]:
    values = {f"{KEY}!{value}": {"type": "dword", "data": data} for value, data in SETTINGS.items()}
    return {"name": name, "computer": {"registry": values}}


class _Ours:
    def __init__(self, controller: Controller) -> None:
        info = controller.info
        self.variables = {
            "piste_model": 1,
            "piste_environment_bench": True,
            "domain": {
                "controller": info["host"],
                "address": info["address"],
                "username": info["bind_dn"],
                "password": info["password"],
                "ca_file": str(controller.folder / "ca.pem"),
            },
        }

    def run(self, label: str, wanted: dict[str, Any], changed: int) -> Measure:
        """Run the modules; `changed` tasks must change something. Raises RunFailed."""
        run = played(
            label,
            PLAYBOOK,
            inventory=["localhost,"],
            variables={**self.variables, **wanted},
            environment={"ANSIBLE_VERBOSITY": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"},
        )
        calls = [(int(reads), int(writes)) for reads, writes in CALLS.findall(run.said)]
        if run.changed != changed or len(calls) != sum(run.tasks.values()):
            raise RunFailed(f"{label} : {run.changed} tâches ont changé quelque chose, {len(calls)} ont compté")
        reads, writes = (sum(column) for column in zip(*calls, strict=True))
        return Measure(label, run.seconds, run.cpu, reads, writes, run.tasks, run.changed)

    def empty(self, measure: Measure) -> Measure:
        """Measure Ansible itself: as many tasks that do nothing."""
        label = "autant de tâches vides"
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as playbook:
            yaml.safe_dump(empty_plays(measure.tasks), playbook)
            playbook.flush()
            run = played(label, Path(playbook.name), inventory=["localhost,"])
        return Measure(label, run.seconds, run.cpu, 0, 0, run.tasks, run.changed)


class _Peer:
    """`samba-tool`, and Samba's `ldb` tools for WMI filters, which it does not handle."""

    def __init__(self, controller: Controller, folder: Path) -> None:
        self.controller, self.folder, self.processes = controller, folder, 0
        self.base = controller.forest.base_dn

    def run(self, label: str, work: Callable[[], None]) -> Measure:
        self.processes = 0
        with timed() as spent:
            work()
        return Measure(label, spent.seconds, spent.cpu, None, None, {}, 0, processes=self.processes)

    def make(self) -> None:
        guid = _in(r"\{[0-9A-F-]+\}", self.tool("gpo", "create", "Samba", f"--tmpdir={self.folder}"))
        entries = [
            {"keyname": KEY, "valuename": value, "class": "MACHINE", "type": "REG_DWORD", "data": data}
            for value, data in SETTINGS.items()
        ]
        content = self.folder / "settings.json"
        content.write_text(json.dumps(entries), encoding="utf-8")
        self.tool("gpo", "load", guid, f"--content={content}", f"--machine-ext-name={_ADM}")
        for number in (1, 2):
            self.tool("gpo", "setlink", f"OU=Samba {number},{self.base}", guid)
        self.ldb("ldbmodify", given=self._filter(guid))

    def _filter(self, guid: str) -> str:
        identity = f"{{{uuid.uuid4()}}}".upper()
        return (
            f"dn: CN={identity},CN=SOM,CN=WMIPolicy,CN=System,{self.base}\n"
            "changetype: add\nobjectClass: msWMI-Som\nshowInAdvancedViewOnly: TRUE\n"
            f"msWMI-ID: {identity}\nmsWMI-Name: Samba\nmsWMI-Parm2: {written([QUERY])}\n\n"
            f"dn: CN={guid},CN=Policies,CN=System,{self.base}\n"
            f"changetype: modify\nadd: gPCWQLFilter\ngPCWQLFilter: [{self.controller.forest.domain};{identity};0]\n"
        )

    def look(self, name: str, places: list[str]) -> None:
        """Read a policy with its links and its filter."""
        self.settings(self.guids()[name])
        for place in places:
            self.tool("gpo", "getlink", f"OU={place},{self.base}")
        self.ldb("ldbsearch", "-b", f"CN=WMIPolicy,CN=System,{self.base}", "(objectClass=msWMI-Som)")

    def look_at_all(self, names: list[str], places: list[str]) -> None:
        guids = self.guids()
        for name in names:
            self.settings(guids[name])
        for place in places:
            above, _, unit = place.partition("/")
            self.tool("gpo", "getlink", f"OU={unit},OU={above},{self.base}")

    def guids(self) -> dict[str, str]:
        """GUID of each policy by its name."""
        listed = self.tool("gpo", "listall")
        return {name: guid for guid, name in re.findall(r"^GPO +: (.*)\ndisplay name +: (.*)$", listed, re.MULTILINE)}

    def settings(self, guid: str) -> dict[str, int]:
        shown = json.loads(self.tool("gpo", "show", guid).partition("Policies     :")[2])
        return {entry["valuename"]: entry["data"] for entry in shown if entry["keyname"] == KEY}

    def tool(self, *arguments: str) -> str:
        self.processes += 1
        return self.controller.tool(*arguments)

    def ldb(self, program: str, *arguments: str, given: str = "") -> None:
        self.processes += 1
        common = ("-H", f"ldap://{self.controller.address}", f"--configfile={CONFIGURATION}")
        done = self.controller.run(program, *common, f"--authentication-file={ADMINISTRATION}", *arguments, given=given)
        if done.returncode:
            raise RunFailed(f"{program} : {done.stdout}{done.stderr}")


def _in(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RunFailed(f"réponse inattendue : {text}")
    return match.group()
