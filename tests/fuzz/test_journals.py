"""Journals and exports that somebody has changed: readers go on, and the change is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import PisteError
from piste.runs.plans import done
from piste.runs.records import archive, journal
from piste.runs.records.chain import Chain, encode, seal, unseal
from piste.runs.records.imported import NotImported, bring
from piste.runs.records.readable import line, text
from piste.runs.records.record import RECORD, fits
from tests.fuzz.changes import HOW, VALUES, changed, places
from tests.support.fuzz import examples
from tests.unit.records.made import header, operation, run, task

MONTH = "2026-11"
SEALED = st.sampled_from(["record", "head", "anchor", "open"])
ALL = st.sampled_from(["record", "head", "anchor", "records", "open"])


class Station:
    """A journal of three runs, a run in progress, and its export, restored before each example."""

    def __init__(self, folder: Path) -> None:
        self.root, self.export = folder / "journal", folder / "exports" / MONTH
        for number in (1, 2, 3):
            run(self.root, number, task("ok") if number == 2 else task(operations=[operation(str(number))]))
        self.chain = Chain(self.root / "lab" / "poste")
        archive.export(self.root, MONTH, self.export.parent)
        foreseen = {"foreseen": {"host": "a", "task": "t", "module": "meraki_ssids", "operations": [operation("x")]}}
        lines = [header(8), {"task": task()}, foreseen]
        records = sorted(self.chain.folder.glob("2*.json"))
        self.files = {
            "record": records[1],
            "head": self.chain.folder / "head.json",
            "anchor": self.export / "anchor.json",
            "records": self.export / "records.jsonl",
            "open": self.chain.folder / f"{header(8)['id']}.open",
        }
        self.files["open"].write_bytes(b"".join(map(encode, lines)))
        self.whole = {path: path.read_bytes() for path in (*records, *self.files.values())}

    def put_back(self) -> None:
        for folder in (self.chain.folder, self.export):
            for path in folder.iterdir():
                if path not in self.whole and path.name not in ("runs.csv", "operations.csv"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path, raw in self.whole.items():
            path.write_bytes(raw)

    def faults(self) -> list[str]:
        """List what verification names after every reader has read and a run has been recorded."""
        named = [str(fault) for fault in (*journal.verify(self.root), *archive.verify_export(self.export, self.root))]
        for record in journal.latest(self.root):
            assert fits(record, RECORD)
            assert line(record)
            assert list(text(record))
            assert record["id"] in journal.reached(self.chain) or named
            with suppress(PisteError):
                done.what_was_done(record["id"])
        journal.in_progress(self.root)
        archive.export(self.root, MONTH, self.export.parent / "anew")
        self._bring()
        run(self.root, 9)
        return named

    def _bring(self) -> None:
        """Bring the journal into another: whole and verified, or nothing of it."""
        received = self.root.parent / "received"
        try:
            bring(received, self.root, "ici", close=True)
        except NotImported:
            assert not received.exists()
        else:
            assert journal.verify(received) == []
            shutil.rmtree(received, ignore_errors=True)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("station")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PISTE_LOCK_DIR", str(folder / "locks"))
        patched.setenv("PISTE_JOURNAL_DIR", str(folder / "journal"))
        patched.setenv("PISTE_PLANS_DIR", str(folder / "plans"))
        yield Station(folder)


@given(data=st.data(), kind=ALL)
@examples(small=15, wide=1000)
def test_other_bytes_are_named(data: st.DataObject, kind: str, station: Station) -> None:
    station.put_back()
    path = station.files[kind]
    raw = station.whole[path]
    at = data.draw(st.integers(0, len(raw) - 1))
    length, new = data.draw(st.integers(0, 40)), data.draw(st.binary(max_size=40))
    path.write_bytes(raw[:at] + new + raw[at + length :])
    same = path.read_bytes() == raw
    named = station.faults()
    assert named or same or kind == "open"


@given(data=st.data(), kind=SEALED, new=VALUES, how=HOW)
@examples(small=20, wide=1500)
def test_a_content_that_is_sealed_again_is_named_or_of_its_shape(
    data: st.DataObject, kind: str, new: Any, how: str, station: Station
) -> None:
    """Anybody can compute a hash: what passes must be what every reader can read."""
    station.put_back()
    path = station.files[kind]
    lines = [json.loads(text_line) for text_line in station.whole[path].splitlines()]
    at = data.draw(st.integers(0, len(lines) - 1))
    forged = changed(lines[at], data.draw(st.sampled_from(places(lines[at]))), new, how)
    if kind != "open" and isinstance(forged, dict):
        forged = seal({name: value for name, value in forged.items() if name != "hash"})
    written = [encode(other) for other in lines]
    path.write_bytes(b"".join([*written[:at], encode(forged), *written[at + 1 :]]))
    same = path.read_bytes() == station.whole[path]
    named = station.faults()
    # Without a signature, an anchor that is sealed again is at most consistent; nothing seals a run in progress;
    # a head that leads where it did may hold anything else.
    leads = isinstance(forged, dict) and all(forged.get(name) == lines[at].get(name) for name in ("id", "last"))
    assert named or same or kind in ("open", "anchor") or (kind == "head" and leads)


@given(names=st.lists(st.sampled_from(["a", "head.open", "20261124T000004Z-000004.open", "x.json", "pruned.json"])),
       raw=VALUES.map(encode) | st.binary(max_size=100))  # fmt: skip
@examples(small=8, wide=500)
def test_files_too_many_stop_nobody(names: list[str], raw: bytes, station: Station) -> None:
    station.put_back()
    for name in names:
        (station.chain.folder / name).write_bytes(raw)
    foreign = {name for name in names if not name.startswith("2026")}
    named = " ".join(station.faults())
    assert all(name in named for name in foreign)


def test_what_nobody_changed_is_right(station: Station) -> None:
    station.put_back()
    assert unseal(station.whole[station.files["record"]])
    assert station.faults() == []
