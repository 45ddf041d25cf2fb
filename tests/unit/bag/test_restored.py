"""The repository restored from a bag alone: its packages, its first commands, no network."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag import make, restored
from piste.exports.bag.bagit import seal
from piste.trials.restore.method import Refused
from piste.trials.restore.run import Given, check, run
from piste.trials.restore.state import folder
from tests.support.bags import tiny
from tests.support.restores import KEY, TEST

REPOSITORY_TEST: Any = {**TEST, "name": "depot", "method": "repository", "set": None, "rto_hours": 4, "rpo_hours": None}
CLI = """import socket, sys
import paquet
try:
    socket.create_connection(("192.0.2.1", 9), 1)
except OSError as error:
    print(" ".join(sys.argv[1:]), error.errno in (101, 113))
"""
ANSIBLE = "import sys\nprint(' '.join(sys.argv[1:]))\n"
FILES = {"piste/__init__.py": "", "piste/cli.py": CLI, "ansible/__init__.py": "", "ansible/__main__.py": ANSIBLE}


def wheel(place: Path) -> str:
    """Make a package of nothing; return its line of a lock."""
    place.mkdir(parents=True)
    file = place / "paquet-1.0-py3-none-any.whl"
    about = {"METADATA": "Metadata-Version: 2.1\nName: paquet\nVersion: 1.0\n",
             "WHEEL": "Wheel-Version: 1.0\nGenerator: essai\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}  # fmt: skip
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("paquet.py", "")
        for name, text in about.items():
            archive.writestr(f"paquet-1.0.dist-info/{name}", text)
        archive.writestr("paquet-1.0.dist-info/RECORD", "")
    return f"paquet==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sac")
    lock = wheel(folder / "wheels")
    made = tiny(folder, **FILES, **{"requirements/demo.txt": lock})
    shutil.move(folder / "wheels", made / "data/repository/wheels")
    seal(made, {"Source-Organization": "Essai"})
    return made


@pytest.fixture
def bag(whole: Path, tmp_path: Path) -> Path:
    """A bag that a test may spoil."""
    return Path(shutil.copytree(whole, tmp_path / "sac"))


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))


def given(bag: Path | None, environment: str = "lab", **more: str) -> Given:
    options = {"own": {"bag": {"folder": str(bag), **more}}} if bag else {}
    return Given(environment, secrets=KEY, options=options, now=lambda: datetime.now(UTC))


def test_the_repository_comes_back_without_any_network(bag: Path) -> None:
    result, place = run(REPOSITORY_TEST, given(bag))
    assert (result.outcome, result.reason, result.left) == ("proven", "", [])
    assert result.rehearsal
    assert result.copied
    assert (result.copied["store"], result.copied["state"]) == ("sac", "complete")
    said = [(test.observed, test.verdict) for test in result.tests]
    assert said == [
        ("--version True", "conform"),
        ("validate True", "conform"),
        ("playbook --syntax-check playbooks/replay.yml", "conform"),
    ]
    assert json.loads((place / "01.json").read_text())["proof"]["status"] == 0
    assert not [*folder("lab").glob("depot/work-*")]


def test_packages_that_are_not_there_are_a_restore_that_failed(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restored, "_PROBES", ())
    (bag / "data/repository/wheels/paquet-1.0-py3-none-any.whl").write_bytes(b"")
    seal(bag, {})
    result, _ = run(REPOSITORY_TEST, given(bag))
    assert (result.outcome, "pip install" in result.reason, "PISTE-E143" in result.reason) == ("failed", True, True)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda bag: (bag / "data/LISEZMOI.md").write_text("x"), "data/LISEZMOI.md : modifié"),
        (lambda bag: [shutil.rmtree(bag / "data/repository/wheels"), seal(bag, {})], "piste export --wheels"),
    ],
    ids=["a byte", "no package"],
)
def test_a_bag_that_cannot_do_it_is_refused_before_anything(bag: Path, spoil: Any, why: str) -> None:
    spoil(bag)
    with pytest.raises(Refused, match="ne commence pas") as caught:
        run(REPOSITORY_TEST, given(bag))
    assert why in str(caught.value)


def test_the_code_of_an_unsigned_bag_is_not_run_in_production(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="de qui vient le code"):
        check(REPOSITORY_TEST, given(bag, "production"))
    with pytest.raises(Refused, match="n’est pas signé par cette clé"):
        check(REPOSITORY_TEST, given(bag, public_key=str(bag / "bagit.txt")))
    monkeypatch.setattr(restored.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0}))
    with pytest.raises(Refused, match="Gio de place"):
        check(REPOSITORY_TEST, given(bag))
    monkeypatch.setattr(restored, "_CUT_OFF", ("unshare-absent",))
    with pytest.raises(Refused, match="couper le réseau"):
        check(REPOSITORY_TEST, given(bag))
    with pytest.raises(Refused, match="aucun sac"):
        check(REPOSITORY_TEST, given(None))


def test_a_package_that_would_have_to_be_built_never_enters_a_bag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its build would ask the network for tools, on the day of the replay."""
    commands: list[tuple[str, ...]] = []

    def noted(*words: str) -> None:
        commands.append(words)
        (tmp_path / "depot/wheels").mkdir(exist_ok=True)

    monkeypatch.setattr(make, "_run", noted)
    make._repository(tmp_path / "depot", wheels=True)
    assert {"download", "--only-binary=:all:", "--require-hashes"} <= set(commands[-1])
