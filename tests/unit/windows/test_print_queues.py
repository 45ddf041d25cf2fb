"""Print queues over WinRM, on the lab's print server: set, read back, undone, refused."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import patch

import pytest

from lab import Lab
from lab.winrm import WinrmSimulator
from lab.winrm.print_server import queue
from piste.engine.converge.as_found import lay_over, taken
from piste.engine.converge.errors import (
    Conflict,
    Diverged,
    Guarded,
    Interrupted,
    InvalidConfig,
    PisteError,
    Unreachable,
)
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.printing import MODULES
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.windows import winrm
from piste.systems.windows.print_queues import PRINT_QUEUES
from piste.systems.windows.print_server import BATCH, expect
from piste.town.town import tables
from tests.support.orphans import MODULES as ORPHANS

SOBER = [
    {"name": "imp-jau-01", "duplexing": "long_edge", "color": False},
    {"name": "imp-jau-02", "duplexing": "long_edge", "color": False, "location": "Salle des maîtres"},
]
DEFAULTS: dict[str, Any] = {"state": "merged", "absent": [], "confirm": [], "max_removals": 5, "secrets": {}}


class Printers:
    """The print server, and the module run on it for a school."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        simulator = lab.systems["winrm"].simulator
        assert isinstance(simulator, WinrmSimulator)
        self.simulator = simulator
        self.machine = simulator.machines["hdv-imp1"]
        self.queues = self.machine.state["queues"] = [
            queue("IMP-JAU-01", comment="Copieur"),
            queue("imp-jau-02"),
            queue("imp-jau-03", duplexing="TwoSidedShortEdge", location="Atelier"),
            queue("imp-aur-01"),
        ]

    @property
    def winrm(self) -> dict[str, Any]:
        info = self.lab.info["winrm"]
        named = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
        return {**named, "authentication": "basic", "ca_file": self.lab.info["ca_file"]}

    def run(self, config: Any = SOBER, *, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run a task in a run of its own."""
        with self.one_run():
            return self.task(config, check=check, **options)

    @contextmanager
    def one_run(self) -> Iterator[None]:
        """Surround a run of Ansible: its own folder, shared by its tasks."""
        with patch.dict("os.environ", {VARIABLE: mkdtemp(dir=self.folder)}):
            yield

    def task(self, config: Any = SOBER, *, check: bool = False, **options: Any) -> dict[str, Any]:
        task = {"winrm": self.winrm, "server": "hdv-imp1", "prefix": "imp-jau-", "owner": "ecole-jaures"}
        return MODULES["win_print_queues"].run({**DEFAULTS, **task, "config": config, **options}, check)

    def live(self, name: str) -> dict[str, Any]:
        (live,) = [queue for queue in self.queues if queue["name"].lower() == name]
        return live

    @property
    def writes(self) -> list[tuple[str, str, int]]:
        return self.simulator.calls.writes()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def printers(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printers:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Printers(lab, tmp_path)


def changes(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(operation["key"], operation["fields"]) for operation in result["operations"]]


def test_queues_are_read_at_once_written_at_once_and_read_back(printers: Printers) -> None:
    planned = printers.run(check=True)
    assert printers.writes == []
    done = printers.run()
    expected = [("imp-jau-01", ["duplexing", "color"]), ("imp-jau-02", ["duplexing", "color", "location"])]
    assert changes(done) == expected
    assert done["operations"] == planned["operations"]
    assert done["calls"] == {"reads": 3, "writes": 1}
    assert printers.live("imp-jau-01") | {"ignores": [], "broken": ""} == {
        **queue("IMP-JAU-01", comment="Copieur"),
        "duplexing": "TwoSidedLongEdge",
        "color": False,
    }
    again = printers.run()
    assert (again["changed"], again["calls"]) == (False, {"reads": 1, "writes": 0})


def test_undeclared_queues_are_left(printers: Printers) -> None:
    before = copy.deepcopy(printers.queues[2:])
    printers.run()
    assert printers.queues[2:] == before


@pytest.mark.parametrize("state", ["merged", "replaced"])
def test_an_undo_gives_sides_and_colour_back_exactly(printers: Printers, state: str) -> None:
    before = copy.deepcopy(printers.queues)
    done = printers.run(state=state)
    tasks, lost = inverse(done["operations"])
    assert lost == []
    assert tasks["ecole-jaures"][RESTORED] == {}
    back = tasks["ecole-jaures"][RETURNED]["win_print_queues"]
    printers.run(back["config"], absent=back["absent"])
    assert printers.queues == before
    assert printers.run(back["config"], absent=back["absent"])["changed"] is False


def test_gathered_queues_change_nothing_when_they_are_declared(printers: Printers) -> None:
    gathered = printers.run([], state="gathered")["gathered"]
    assert [item["name"] for item in gathered] == ["IMP-JAU-01", "imp-jau-02", "imp-jau-03"]
    assert gathered[2] == {
        "name": "imp-jau-03",
        "duplexing": "short_edge",
        "color": True,
        "location": "Atelier",
        "comment": "",
        "shared": True,
        "share_name": "imp-jau-03",
    }
    assert printers.run(gathered, state="replaced")["changed"] is False


def test_a_queue_that_is_not_there_or_not_ours_is_refused_with_all_the_others(printers: Printers) -> None:
    config = [*SOBER, {"name": "imp-jau-09", "color": False}, {"name": "imp-jau-10"}, {"name": "imp-aur-01"}]
    with pytest.raises(InvalidConfig) as raised:
        printers.run([*config, {"name": "imp-jau-03", "duplexing": "both", "share_name": "a/b"}])
    assert [fault.path for fault in raised.value.faults] == [
        "config[imp-jau-03].duplexing",
        "config[imp-jau-03].share_name",
        "config[imp-aur-01]",
        "config[imp-jau-09]",
        "config[imp-jau-10]",
    ]
    assert "n’existe pas sur hdv-imp1" in str(raised.value)
    assert printers.writes == []


def test_a_queue_is_never_removed(printers: Printers) -> None:
    with pytest.raises(Guarded, match="ne se créent ni ne se suppriment d’ici : imp-jau-03"):
        printers.run(absent=["imp-jau-03"])
    assert printers.writes == []


def test_a_default_that_the_driver_does_not_keep_is_reported(printers: Printers) -> None:
    printers.live("imp-jau-02")["ignores"] = ["color"]
    with pytest.raises(Diverged, match=r"le système a gardé autre chose : imp-jau-02 \(color\)"):
        printers.run()


def test_a_default_that_cannot_be_read_is_unknown_and_nothing_is_written(printers: Printers) -> None:
    printers.live("imp-jau-02")["broken"] = "The printer driver is not installed."
    with pytest.raises(Unreachable, match=r"ne dit pas les réglages de imp-jau-02. The printer driver"):
        printers.run()
    assert printers.writes == []
    printers.run(SOBER[:1])


def test_a_refusal_does_not_stop_the_other_queues(printers: Printers) -> None:
    printers.live("imp-jau-02")["share_name"] = "autre"
    config = [SOBER[0], {"name": "imp-jau-02", "share_name": "imp-jau-03", "color": False}]
    with pytest.raises(Interrupted) as stopped:
        printers.run(config)
    assert stopped.value.applied == ("imp-jau-01",)
    assert stopped.value.failed == ("imp-jau-02",)
    assert "already in use" in str(stopped.value)
    assert [operation["key"] for operation in stopped.value.operations] == ["imp-jau-01", "imp-jau-02"]
    assert printers.live("imp-jau-01")["color"] is False
    assert printers.live("imp-jau-02")["color"] is True


def test_somebody_else_s_change_stops_the_write(printers: Printers) -> None:
    other = {"queues": [{"name": "imp-jau-02", "duplexing": "TwoSidedShortEdge"}]}
    edit = {"method": "print_queues_write", "path": "hdv-imp1", "body": other}
    printers.simulator.faults.add("edit", method="Command", nth=2, edit=edit)
    with pytest.raises(Conflict, match="modifié par quelqu’un d’autre depuis le calcul du plan : imp-jau-02"):
        printers.run()
    assert printers.writes == []


def test_a_write_that_is_cut_is_looked_at_and_finished(printers: Printers) -> None:
    printers.simulator.faults.add("tear", method="print_queues_write")
    done = printers.run()
    assert [status for _, _, status in printers.writes] == [0, 200]
    assert {printers.live(item["name"])["color"] for item in SOBER} == {False}
    assert [key for key, _ in changes(done)] == ["imp-jau-01", "imp-jau-02"]


@pytest.mark.parametrize("nth", range(1, 5))
def test_a_run_that_dies_is_finished_by_another(printers: Printers, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host goes silent for good at the n-th input."""
    monkeypatch.setattr(winrm, "ATTEMPTS", 1)
    printers.simulator.faults.add("cut", method="Send", nth=nth, times=None)
    with pytest.raises(PisteError) as stopped:
        printers.run()
    assert stopped.value.kind == "unknown"
    printers.simulator.faults.clear()
    printers.run()
    assert printers.run()["changed"] is False
    assert {printers.live(item["name"])["duplexing"] for item in SOBER} == {"TwoSidedLongEdge"}


RICH = {
    "duplexing": ("TwoSidedLongEdge", "OneSided"),
    "color": (False, True),
    "location": ("Salle 3", "Couloir"),
    "comment": ("Copieur", ""),
    "shared": (True, False),
    "share_name": ("copieur", "imp-jau-02"),
}


@pytest.mark.parametrize("field", RICH)
def test_a_change_of_any_field_is_found(printers: Printers, field: str) -> None:
    config = [{"name": "imp-jau-02", "duplexing": "long_edge"}]
    config[0] |= {name: value for name, (value, _) in RICH.items() if name != "duplexing"}  # type: ignore[misc]
    printers.run(config)
    assert {field.name for field in PRINT_QUEUES.fields} == {"name", *RICH}
    assert printers.run(config, check=True)["changed"] is False
    printers.live("imp-jau-02")[field] = RICH[field][1]
    assert changes(printers.run(config, check=True)) == [("imp-jau-02", [field])]


def test_existing_queues_are_adopted_whole(printers: Printers) -> None:
    config = [*SOBER, {"name": "imp-jau-09", "color": False}]
    surveyed = printers.run(config, check=True, survey=True)
    assert printers.writes == []
    kept = taken(tables(), surveyed["operations"], [surveyed["survey"]], "ecole-jaures")
    entries = kept["print"]["print_queue"]
    assert entries["imp-jau-09"] == {"absent": True}
    assert entries["imp-jau-01"] == {"duplexing": "one_sided", "color": True}
    assert entries["imp-jau-03"]["undeclared"] is True
    again = printers.run(config, as_found=kept)
    assert again["changed"] is False
    laid, _, _ = lay_over(PRINT_QUEUES, config, [], kept["print"])
    assert [item["name"] for item in laid] == ["imp-jau-01", "imp-jau-02", "imp-jau-03"]


def test_the_sites_of_a_run_share_one_read_until_they_write(printers: Printers) -> None:
    theirs = {"prefix": "imp-aur-", "owner": "ecole-auriol", "config": [{"name": "imp-aur-01", "color": True}]}
    with printers.one_run():
        expect("hdv-imp1", ["imp-aur-01"])
        assert printers.task([{"name": "imp-jau-03", "color": True}])["calls"] == {"reads": 1, "writes": 0}
        assert printers.task(**theirs)["calls"] == {"reads": 0, "writes": 0}
        printers.live("imp-aur-01")["color"] = False  # by somebody else, after the read
        assert printers.task()["calls"] == {"reads": 3, "writes": 1}
        assert printers.task(check=True)["changed"] is False
        theirs["config"] = [{"name": "imp-aur-01", "location": "Préau"}]
        assert printers.task(**theirs)["calls"] == {"reads": 2, "writes": 1}


def test_a_shared_queue_that_no_site_declares_is_an_orphan(printers: Printers) -> None:
    printers.live("imp-aur-01")["shared"] = False
    options = {"winrm": printers.winrm, "server": "hdv-imp1", "queues": ["imp-jau-01", "IMP-JAU-02"]}
    result = ORPHANS["win_print_orphans"].run(options, False)
    why = "partagée, et personne ne la déclare"
    assert result["orphans"] == [{"kind": "print_queue", "key": "imp-jau-03", "why": why}]
    assert (result["changed"], result["calls"]) == (False, {"reads": 1, "writes": 0})


def test_many_queues_are_read_and_written_some_at_a_time(printers: Printers) -> None:
    names = [f"imp-jau-{number:03}" for number in range(2 * BATCH + 1)]
    printers.queues[:] = [queue(name) for name in names] + [queue("imp-aur-01")]
    result = printers.run([{"name": name, "color": False} for name in names])
    assert len(result["operations"]) == len(names)
    assert not any(printers.live(name)["color"] for name in names)
    assert [path.rpartition("/")[2] for _, path, _ in printers.writes] == ["print_queues_write"] * 3
    gathered = printers.run([], state="gathered")["gathered"]
    assert [(entry["name"], entry["color"]) for entry in gathered] == [(name, False) for name in names]


def test_a_queue_that_goes_while_the_others_are_read_is_unknown(printers: Printers) -> None:
    names = [f"imp-jau-{number:03}" for number in range(BATCH + 1)]
    printers.queues[:] = [queue(name) for name in names]
    seen: list[str] = []

    def gone() -> None:
        if seen:
            printers.queues[:] = [item for item in printers.queues if item["name"] != names[-1]]
        seen.append("read")

    printers.simulator.faults.add("edit", method="Send", path="/hdv-imp1/wsman/print_queues_read", times=2, edit=gone)
    with pytest.raises(Unreachable, match="disparue"):
        printers.run([{"name": name, "color": False} for name in names])
    assert printers.writes == []


def test_signs_of_a_pattern_in_a_name_are_letters_like_others(printers: Printers) -> None:
    odd = "imp-jau-[0*]"
    printers.queues.append(queue(odd))
    printers.run([{"name": odd, "color": False, "comment": "Au fond"}])
    assert (printers.live(odd)["color"], printers.live(odd)["comment"]) == (False, "Au fond")
    assert all(item["color"] for item in printers.queues if item["name"] != odd)
    assert printers.run([], state="gathered", prefix="imp-jau-[")["gathered"][0]["name"] == odd
