"""The collection on a real server: the fleet, its owners, forged and hostile files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lab import fleet
from lab.shares import DOMAIN, Shares, append_only, obstacle, own
from piste.readings.computers import kept, measures
from piste.readings.computers.report import LONGEST
from piste.readings.computers.rights import READS
from piste.systems.windows.gpo.acl import ALLOW, Ace, Descriptor
from tests.support.computers import content
from tests.unit.sobriety.small import whole

pytestmark = pytest.mark.skipif(bool(obstacle()), reason="smbd is not installed")
TODAY = date(2026, 11, 26)
NAME = "Mesures$"
SID = f"{DOMAIN}-"


def owned(sid: str) -> Descriptor:
    return Descriptor(0x8004, (Ace(ALLOW, 0, READS, "S-1-1-0"),), sid)


@pytest.fixture(scope="module")
def machines() -> dict[str, fleet.Machine]:
    return {machine.name: machine for machine in fleet.fleet(whole(), TODAY)}


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shares]:
    served = Shares(tmp_path_factory.mktemp("mesures"), [{"server": "srv-fic1", "share": NAME, "empty": True}])
    served.start()
    try:
        append_only(served.place(NAME))
        for machine in fleet.write(served.place(NAME), whole(), TODAY):
            if machine.role != "silent":
                own(served.place(NAME) / f"{machine.name}.json", owned(f"{SID}{1000 + machine.rank}"))
        yield served
    except OSError:
        pytest.skip("the file system has no attributes of users")
    finally:
        served.close()


@pytest.fixture(scope="module")
def first(shares: Shares, machines: dict[str, fleet.Machine], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collect the fleet once; `first` is the folder of what was kept."""
    place = tmp_path_factory.mktemp("premier") / "state"
    with pytest.MonkeyPatch.context() as patch:
        _stand(patch, machines)
        patch.setenv("PISTE_STATE_DIR", str(place))
        run(shares, machines)
    return place


@pytest.fixture(autouse=True)
def _kept(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(shutil.copytree(first, tmp_path / "state")))


def _stand(monkeypatch: pytest.MonkeyPatch, machines: dict[str, fleet.Machine]) -> None:
    """Stand for the day, and for the directory: the Mac have no account there."""
    monkeypatch.setattr(measures, "now", lambda: datetime(2026, 11, 26, 9, tzinfo=UTC))
    accounts = {name: f"{SID}{1000 + machine.rank}" for name, machine in machines.items() if machine.variant != "mac"}
    monkeypatch.setattr(measures, "_accounts", lambda option: (accounts, "", 1))


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch, machines: dict[str, fleet.Machine]) -> None:
    _stand(monkeypatch, machines)


def run(shares: Shares, machines: dict[str, fleet.Machine], **smb: Any) -> dict[str, Any]:
    declared = {
        "server": "srv-fic1", "address": None, "share": NAME,
        "computers": [{"name": machine.name.lower(), "serial": machine.serial} for machine in machines.values()
                      if machine.site],
    }  # fmt: skip
    option = {**shares.info, "encrypt": True, "timeout": 10.0, **smb}
    given = {"declared": declared, "smb": option, "domain": {}, "environment": "lab"}
    return measures.MODULES["computer_measures"].run(given, False)


def test_the_fleet_is_collected_once_and_strangers_are_named(
    shares: Shares, machines: dict[str, fleet.Machine]
) -> None:
    made = kept.last("lab")
    assert made.collection
    spoke = {machine.name for machine in machines.values() if machine.site and machine.role != "silent"}
    assert (made.collection.state, made.collection.read, set(made.measures)) == ("complete", len(spoke), spoke)
    strangers = {f"PC-INCONNU-{number:02d}.json" for number in range(1, 7)}
    assert {refused.file for refused in made.collection.refused} == strangers
    # The Mac have no account in the directory: their owner is that of nobody else, and is not checked.
    assert made.collection.owners.startswith("propriétaire non vérifié pour 5 fichier(s)")
    assert made.measures["PC-HDV-010"].owner == "its"
    assert made.collection.rights == []
    again = run(shares, machines)
    assert (again["read"], again["measured"], kept.last("lab").measures) == (0, len(spoke), made.measures)


def test_forged_oversized_truncated_and_hostile_files_are_refused_and_hide_nothing(
    shares: Shares, machines: dict[str, fleet.Machine]
) -> None:
    before, place = kept.last("lab"), shares.place(NAME)
    saved = {name: (place / name).read_bytes() for name in ("PC-HDV-010.json", "PC-HDV-011.json", "PC-HDV-012.json")}
    hostile = ["{{ 77 }}.json", "-rf.json", "A" * 200 + ".json", "pc-hdv-010.json.bak"]
    try:
        forged = place / "PC-HDV-010.json"
        forged.unlink()
        forged.write_bytes(content("PC-HDV-010"))
        own(forged, owned(f"{SID}9999"))
        (place / "PC-HDV-011.json").write_bytes(b"{" + b" " * 3 * LONGEST)
        (place / "PC-HDV-012.json").write_bytes(saved["PC-HDV-012.json"][:-1])
        for name in hostile:
            (place / name).write_bytes(b"x")
        (place / "PC-HDV-099.json").mkdir()
        os.symlink("/etc/passwd", place / "PC-HDV-098.json")
        result = run(shares, machines)
    finally:
        for name, bytes_ in saved.items():
            (place / name).write_bytes(bytes_)
            own(place / name, owned(f"{SID}{1000 + machines[name[:-5]].rank}"))
        for name in [*hostile, "PC-HDV-098.json"]:
            (place / name).unlink()
        (place / "PC-HDV-099.json").rmdir()
    why = {refused["file"]: refused["why"] for refused in result["refused"]}
    assert why["PC-HDV-010.json"] == "le fichier appartient à un autre compte que celui du poste"
    assert why["PC-HDV-011.json"] == "plus de 64 Kio"
    assert why["PC-HDV-012.json"] == "document : ce n’est pas du JSON"
    assert why["PC-HDV-099.json"] == "ce n’est pas un fichier ordinaire"
    assert {name[:80] for name in hostile} <= set(why)
    assert kept.last("lab").measures == before.measures


def test_a_share_that_does_not_answer_is_dated_and_keeps_what_is_known(
    shares: Shares, machines: dict[str, fleet.Machine]
) -> None:
    before = kept.last("lab")
    for smb in ({"password": "faux"}, {"elsewhere": {}, "only_elsewhere": True}, {"username": ""}):
        assert run(shares, machines, **smb)["state"] == "silent"
        after = kept.last("lab")
        assert after.silence
        assert after.measures == before.measures
        assert "faux" not in after.silence
