"""Kept derivations: their sources, what is not believed, and imports that they spare."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from piste.engine.transport.shared import VARIABLE
from piste.runs.plans.play import Played
from piste.town import derived, kept
from piste.town.kept import Inputs
from piste.town.model.derived import Derived
from piste.town.site import MODULES
from piste.town.town import load_town
from tests.support.parsing import counted
from tests.unit.plans.passes import Runs, piste
from tests.unit.repository.tree import ROOT

TOWN = ROOT / "inventories" / "town"
NAME = "0" * 64
DOCUMENTS = {"town": b"{}", "site-a": b'{"id": "a"}'}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty folder of derivations, and a process that remembers none."""
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "derived"))
    monkeypatch.setattr(derived, "_known", {})
    return tmp_path / "derived"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    shutil.copytree(TOWN, tmp_path / "inventories" / "town", symlinks=True)
    return tmp_path


def inputs(town: Path) -> Inputs:
    return Inputs(*(town / place for place in ("inventories/town", "as_found", "eap_tests", "rollout.yml")))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file of the inventory": lambda town: (town / "inventories/town/host_vars/ccas.yml").write_text("x: 1\n"),
    "a shared variable": lambda town: (town / "group_vars/all/journal.yml").write_text("x: 1\n"),
    "a file that Ansible alone reads": lambda town: (town / "group_vars/all/autre.json").write_text("{}"),
    "a table of assets": lambda town: (town / "inventories/town/assets/computer.csv").write_text("name\n"),
    "a file that is gone": lambda town: (town / "inventories/town/host_vars/ccas.yml").unlink(),
    "what is kept as found": lambda town: _put(town / "as_found/ccas.yml"),
    "a test of 802.1X": lambda town: _put(town / "eap_tests/ccas.yml"),
    "a rehearsed step": lambda town: _put(town / "rollout.yml"),
    "the day": lambda town: os.environ.__setitem__("PISTE_TODAY", "2026-01-02"),
}


def _put(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("x: 1\n")


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_derivation_is_made_from_changes_its_digest(
    change: str, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-01-01")
    before = kept.key(inputs(town))
    assert before == kept.key(inputs(town))
    CHANGES[change](town)
    assert kept.key(inputs(town)) not in (before, None)


def test_the_place_of_what_is_not_there_changes_nothing_but_that_it_was_asked_for_does(town: Path) -> None:
    asked = inputs(town)._replace(proofs=town / "nowhere")
    assert kept.key(asked) == kept.key(asked._replace(proofs=town / "elsewhere"))
    assert kept.key(asked) != kept.key(asked._replace(proofs=None))


def test_another_code_is_another_digest(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.key(inputs(town))
    monkeypatch.setattr(kept, "_code", lambda: "other")
    assert kept.key(inputs(town)) != before


def test_the_code_is_that_of_the_whole_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "piste/systems/meraki/intent.py"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(kept, "CODE", tmp_path)
    file.write_text("a = 1\n")
    before = kept._code.__wrapped__()
    file.write_text("a = 2\n")
    after = kept._code.__wrapped__()
    assert after != before
    # An installed package lies beside the libraries that it calls.
    (tmp_path / "pydantic-3.0.dist-info").mkdir()
    assert kept._code.__wrapped__() != after


OPENED = """
import sys
opened = {"digest": set(), "derivation": set()}
name = "digest"
sys.addaudithook(lambda event, given: opened[name].add(str(given[0])) if event == "open" else None)
from pathlib import Path
from piste.town import derived, kept
kept._code()
name = "derivation"
assert derived.derivation(kept.Inputs(Path("inventories/town"))).sites
print(*sorted(opened["derivation"] - opened["digest"]), sep="\\n")
"""


def test_the_digest_has_each_file_of_the_code_that_a_derivation_opens(tmp_path: Path) -> None:
    given = {**os.environ, kept.VARIABLE: str(tmp_path)}
    command = [sys.executable, "-c", OPENED]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    below = [path for path in done.stdout.splitlines() if path.startswith(f"{ROOT}/piste/")]
    assert [path for path in below if "__pycache__" not in path] == []
    assert "hosts.yml" in done.stdout


def test_what_is_no_plain_file_is_neither_opened_nor_kept(town: Path, home: Path) -> None:
    os.mkfifo(town / "inventories/town/host_vars/tube.yml")
    assert kept.key(inputs(town)) is None
    assert derived.derivation(inputs(town)).errors
    assert not home.exists()


def test_a_derivation_is_kept_and_given_back_as_it_was(town: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = derived.derivation(inputs(town))
    monkeypatch.setattr(derived, "_known", {})
    monkeypatch.setattr(derived, "_derived", _refused)
    again = derived.derivation(inputs(town))
    names = ("faults", "digest", "town_digest", "sites", "commune", "retention_months")
    assert {name: getattr(again, name) for name in names} == {name: getattr(made, name) for name in names}
    assert [*again.owners] == [*made.owners]
    assert again.secret_paths() == made.secret_paths()
    assert type(again) is Derived


def _refused(*given: object) -> None:
    raise AssertionError("derived again")


def test_warnings_are_kept_and_a_declaration_with_an_error_is_not(
    town: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town_now = load_town(TOWN)
    (town / "group_vars/all/energy.yml").touch()
    warning = derived._faults([{
        "rule": "PISTE-M103", "path": "p", "file": "f.yml", "line": 3, "message": "m", "advice": "a",
        "severity": "warning",
    }])  # fmt: skip
    monkeypatch.setattr("piste.town.town.load_town", lambda *given: replace(town_now, faults=warning))
    derived.derivation(inputs(town))
    monkeypatch.setattr(derived, "_known", {})
    monkeypatch.setattr("piste.town.town.load_town", _refused)
    assert derived.derivation(inputs(town)).faults == warning
    shutil.rmtree(home)
    monkeypatch.setattr(derived, "_known", {})
    error = [replace(warning[0], severity="error")]
    monkeypatch.setattr("piste.town.town.load_town", lambda *given: replace(town_now, faults=error))
    assert derived.derivation(inputs(town)).errors == error
    assert not home.exists()


def test_what_changes_while_it_is_derived_is_not_kept(town: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*given: Path) -> Derived:
        (town / "group_vars/all/journal.yml").write_text("x: 1\n")
        return load_town(TOWN)

    monkeypatch.setattr("piste.town.town.load_town", meanwhile)
    derived.derivation(inputs(town))
    assert not home.exists()


def test_documents_are_for_their_account_alone_and_the_last_few_stay(home: Path) -> None:
    for number in range(kept.KEPT + 2):
        kept.write(f"{number:064}", DOCUMENTS)
        os.utime(home / f"{number:064}", (number, number))
    kept.write(NAME, DOCUMENTS)
    assert len([*home.iterdir()]) == kept.KEPT
    assert kept.read(NAME) == DOCUMENTS
    assert {path.stat().st_mode & 0o077 for path in (home, *home.iterdir())} == {0}


def test_what_a_clock_that_was_ahead_has_dated_gives_way(home: Path) -> None:
    # Farther than any day of a session: the times of files are those of the machine.
    ahead = time.time() + 20 * 365 * 86_400
    for number in range(1, kept.KEPT + 1):
        kept.write(f"{number:064}", DOCUMENTS)
        os.utime(home / f"{number:064}", (ahead, ahead))
    kept.write(NAME, DOCUMENTS)
    assert kept.read(NAME) == DOCUMENTS
    assert len([*home.iterdir()]) == kept.KEPT


SPOILED: dict[str, Callable[[Path], object]] = {
    "cut": lambda place: (place / "site-a").write_bytes(b'{"id": '),
    "changed": lambda place: (place / "site-a").write_bytes(b'{"id": "b"}'),
    "lost": lambda place: (place / "site-a").unlink(),
    "without its index": lambda place: (place / "index.json").unlink(),
    "its index is no JSON": lambda place: (place / "index.json").write_bytes(b"{"),
    "its index is a list": lambda place: (place / "index.json").write_text(json.dumps([["town"]])),
    "its index leads elsewhere": lambda place: (place / "index.json").write_text(json.dumps({"../x": "0"})),
    "a link": lambda place: ((place / "site-a").unlink(), (place / "site-a").symlink_to("/etc/hostname")),
    "open to others": lambda place: place.chmod(0o755),
    "in a folder that is open to others": lambda place: place.parent.chmod(0o770),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_what_is_damaged_or_may_be_anothers_is_not_read(spoil: str, home: Path) -> None:
    kept.write(NAME, DOCUMENTS)
    assert kept.read(NAME) == DOCUMENTS
    SPOILED[spoil](home / NAME)
    assert kept.read(NAME) is None
    home.chmod(0o700)
    kept.write(NAME, DOCUMENTS)
    assert kept.read(NAME) == DOCUMENTS


def test_what_is_of_another_owner_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write(NAME, DOCUMENTS)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert kept.read(NAME) is None


def test_where_nothing_can_be_kept_the_town_is_derived_all_the_same(home: Path) -> None:
    home.write_text("a file in the place of the folder")
    assert derived.derivation(Inputs(TOWN)).sites


WITHOUT_MODEL = """
import sys
from piste.town import site
from piste.cli import main
from piste.town import declared
from piste.sites import adoption
from piste.commands import doctor_checks
from piste.runs.plans import saved

assert declared.targets() and saved.declaration_digest("lab") and adoption.debts_of("lab", "") == 0
assert [*doctor_checks.declaration()]
main(["validate"], standalone_mode=False)
for module, given in (("piste_site", {"site": "ccas"}), ("piste_secrets", {"secrets": {}})):
    site.MODULES[module].run({"inventory": "inventories/town", **given}, True)
print(sorted(sys.modules))
"""


def test_what_is_kept_needs_neither_the_model_nor_its_libraries(tmp_path: Path) -> None:
    # The first process derives, in a folder unlike any other test's.
    given = {**os.environ, "PISTE_LAB_DIR": str(tmp_path)}
    for _ in range(2):
        command = [sys.executable, "-c", WITHOUT_MODEL]
        done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    heavy = ("pydantic", "yaml", "piste.town.model.town", "piste.town.model.source", "piste.systems.meraki.intent")
    assert [name for name in heavy if f"'{name}'" in done.stdout] == []


def test_a_command_parses_each_file_once_and_leaves_nothing_to_parse_to_its_run(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = counted(monkeypatch)
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    Runs(monkeypatch).results = [Played()]
    assert piste("plan", "ccas").exit_code == 0
    assert set(parsed.values()) == {1}
    # The same request as a run's, as the inventory of the laboratory gives it.
    monkeypatch.setattr(derived, "_known", {})
    lab = {"as_found": "as_found", "eap_tests": "eap_tests", "rehearsed": "sobriety/rollout.yml"}
    beside = {name: str(tmp_path / "lab" / place) for name, place in lab.items()}
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    MODULES["piste_site"].run({"site": "ccas", "inventory": str(TOWN), **beside}, True)
    assert set(parsed.values()) == {1}
