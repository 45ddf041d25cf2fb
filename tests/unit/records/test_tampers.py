"""Tampering with a journal or an export: named, in bounded time, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.runs.plans.done import what_was_done
from piste.runs.records import journal as journals
from piste.runs.records.archive import export, prune, verify_export, verify_exports
from piste.runs.records.chain import HEAD, PRUNED, encode, seal, unseal
from piste.runs.records.journal import chains, in_progress, latest, verify
from tests.unit.records.made import chain_of, header, run, task

NOVEMBER = "2026-11"


@pytest.fixture
def three(root: Path) -> list[Path]:
    records = [run(root, number, task("ok", task="Tâche")) for number in (1, 2, 3)]
    return [chain_of(root).folder / f"{record['id']}.json" for record in records]


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def link(path: Path) -> None:
    """Replace a file by a link to the same content elsewhere, which can be changed at any time."""
    elsewhere = path.parents[3] / f"ailleurs-{path.name}"
    elsewhere.write_bytes(path.read_bytes() if path.is_file() else b"{}")
    path.unlink(missing_ok=True)
    path.symlink_to(elsewhere)


def text(content: str | bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(content if isinstance(content, bytes) else content.encode()), None)[1]


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def resealed(**changes: Any) -> Callable[[Path], None]:
    """Put a right hash, which anybody computes, over a content of any other shape."""

    def change(path: Path) -> None:
        content = {name: value for name, value in unseal(path.read_bytes()).items() if name != "hash"}
        kept = {name: value for name, value in {**content, **changes}.items() if value is not ...}
        path.write_bytes(encode(seal(kept)))

    return change


HOSTILE: dict[str, Callable[[Path], None]] = {
    "a pipe": pipe,
    "a folder": folder,
    "a link": link,
    "a file without an end": huge,
    "nothing": text(""),
    "a deep list": text("[" * 200_000),
    "a deep map": text('{"a":' * 200_000),
    "a long number": text("9" * 100_000),
    "a number that is none": text('{"id":NaN}\n'),
    "bytes": text(b"\xff\xfe\x00"),
    "a list": text("[]\n"),
    "a sealed list": resealed(tasks=[[]], id=[], last=[], month=[]),
    "no key at all": resealed(previous=..., id=..., last=..., month=...),
    "an unhashable link": resealed(previous=["a"], last={"a": 1}),
}


@pytest.mark.parametrize("place", ["first", "last", HEAD, PRUNED])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_named_and_every_reader_goes_on(
    case: str, place: str, root: Path, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "today", lambda: date(2028, 1, 1))
    if place == PRUNED:
        prune(root, NOVEMBER, export(root, NOVEMBER, root.parent / "exports").parent)
    path = {"first": three[0], "last": three[2]}.get(place, three[0].with_name(place))
    HOSTILE[case](path)
    assert f"lab/poste/{path.name}" in [finding.file for finding in verify(root)]
    assert {record["id"] for record in latest(root)} <= {other.stem for other in three}
    verify_export(export_anew(root), root)
    with suppress(IsADirectoryError):  # A folder in the place of the head: the run warns that it cannot be recorded.
        run(root, 9)
    assert verify(root)


def export_anew(root: Path) -> Path:
    """Export a journal of the same name, from elsewhere."""
    other = root.parent / "autre"
    run(other, 1, task("ok", task="Tâche"))
    return export(other, NOVEMBER, other.parent / "anew")


@pytest.mark.parametrize("case", [case for case in HOSTILE if case not in ("no key at all", "an unhashable link")])
@pytest.mark.parametrize("name", ["anchor.json", "records.jsonl", "anchor.sig"])
def test_a_hostile_export_is_named(case: str, name: str, root: Path, three: list[Path], tmp_path: Path) -> None:
    path = export(root, NOVEMBER, tmp_path / "a" / "b") / name
    if name != "anchor.json":
        path.write_bytes(encode(seal({})))
    HOSTILE[case](path)
    key = tmp_path / "pub.pem"
    key.write_text("rien", "utf-8")
    assert f"{NOVEMBER}/{name}" in [finding.file for finding in verify_export(path.parent, root, key)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"heads": [{"environment": "..", "node": "..", "last": "0", "records": 1}]}, "un nom qui n’en est pas un"),
        ({"heads": [{"environment": "a", "node": "a/../b", "last": "0", "records": 1}]}, "un nom qui n’en est pas un"),
        ({"heads": [3]}, "n’a pas la forme"),
        ({"files": {"../../../etc/passwd": "0"}}, "n’a pas la forme"),
        ({"month": 3}, "n’a pas la forme"),
    ],
)
def test_an_anchor_leads_to_no_other_file(
    changes: dict[str, Any], said: str, root: Path, three: list[Path], tmp_path: Path
) -> None:
    path = export(root, NOVEMBER, tmp_path / "exports") / "anchor.json"
    resealed(**changes)(path)
    assert said in str(verify_export(path.parent, root)[0])


# what retention is said to have removed


def pruned_by_hand(root: Path, three: list[Path], **changes: Any) -> None:
    """Take away all records but the last, and seal the last again with a forged past."""
    last = unseal(three[2].read_bytes()) | {"user": "quelqu’un d’autre", "previous": "f" * 64}
    ids = [path.stem for path in three[:2]]
    for path in three[:2]:
        path.unlink()
    three[2].write_bytes(encode(seal({name: value for name, value in last.items() if name != "hash"})))
    chain_of(root).set_head(unseal(three[2].read_bytes()))
    gone = {"format": 1, "month": NOVEMBER, "last": "f" * 64, "records": 4, "ids": ids, **changes}
    three[0].with_name(PRUNED).write_bytes(encode(seal({"environment": "lab", "node": "poste", **gone})))


def test_a_past_that_nobody_exported_is_not_proven_by_saying_that_it_was_removed(
    root: Path, three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take away half a journal, rewrite the rest, and call the month beyond retention."""
    exported = export(root, NOVEMBER, tmp_path / "exports")
    pruned_by_hand(root, three)
    monkeypatch.setattr(journals, "today", lambda: date(2026, 12, 15))
    (early,) = verify(root)
    assert str(early).endswith("2026-11 n’est pas au-delà de la durée de conservation")
    monkeypatch.setattr(journals, "today", lambda: date(2028, 1, 1))
    assert verify(root) == []
    assert [(finding.file, finding.what) for finding in verify_export(exported, root)] == [
        ("lab/poste/pruned.json", "altered")
    ]


@pytest.mark.parametrize("changes", [{"ids": []}, {"records": 1}, {"last": "e" * 64}])
def test_what_was_removed_is_that_of_the_export_to_the_last_record(
    changes: dict[str, Any], root: Path, three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "today", lambda: date(2028, 1, 1))
    exported = export(root, NOVEMBER, tmp_path / "exports")
    prune(root, NOVEMBER, exported.parent)
    assert verify_export(exported, root) == []
    resealed(**changes)(three[0].with_name(PRUNED))
    assert ("lab/poste/pruned.json", "altered") in [(fault.file, fault.what) for fault in verify_export(exported, root)]


def test_an_older_month_is_proven_beside_the_last_that_was_removed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "today", lambda: date(2028, 1, 1))
    run(root, 1, day="2026-10-31")
    run(root, 2)
    october, november = (export(root, month, tmp_path / "exports") for month in ("2026-10", NOVEMBER))
    prune(root, NOVEMBER, october.parent)
    assert verify_exports([october, november], root) == []
    assert [(fault.file, fault.what) for fault in verify_export(october, root)] == [
        ("lab/poste/pruned.json", "missing")
    ]


# runs that nothing seals yet


def test_a_forged_run_in_progress_is_listed_as_unsealed_and_one_of_another_place_is_named(
    root: Path, three: list[Path]
) -> None:
    forged = three[0].with_name(f"{header(8)['id']}.open")
    forged.write_bytes(encode(header(8)))
    assert (verify(root), [run["id"] for run in in_progress(root)]) == ([], [header(8)["id"]])
    forged.write_bytes(encode({**header(8), "node": "ailleurs"}))
    assert [(fault.file, fault.what) for fault in verify(root)] == [(f"lab/poste/{forged.name}", "foreign")]


@pytest.mark.parametrize("case", ["a pipe", "a folder", "a link", "a file without an end"])
def test_a_run_in_progress_that_is_no_plain_file_stops_nobody(case: str, root: Path, three: list[Path]) -> None:
    path = three[0].with_name(f"{header(8)['id']}.open")
    HOSTILE[case](path)
    run(root, 9)
    assert [(fault.file, fault.what) for fault in verify(root)] == [(f"lab/poste/{path.name}", "unreadable")]
    assert in_progress(root) == []


@pytest.mark.parametrize(
    "line",
    [
        {"id": 3},
        {"id": "x", "user": ["a"], "tags": 3},
        {"task": {"host": []}},
        {"task": 3},
        {"foreseen": {"host": "a", "operations": [{}]}},
        {"declaration": []},
        [],
        3,
        "x",
    ],
)
def test_the_lines_of_a_killed_run_that_are_of_no_shape_are_left_out(line: Any, root: Path, three: list[Path]) -> None:
    path = three[0].with_name(f"{header(8)['id']}.open")
    path.write_bytes(encode(line) + b"[" * 200_000 + b"\n" + encode({"task": task("ok")}))
    run(root, 9)
    assert verify(root) == []
    killed = next(record for record in latest(root) if record["id"] == path.stem)
    assert (killed["outcome"], len(killed["tasks"])) == ("killed", 1)
    assert what_was_done(path.stem).operations == []


def test_a_run_named_like_a_file_of_the_chain_is_foreign_and_changes_nothing(root: Path, three: list[Path]) -> None:
    three[0].with_name("head.open").write_bytes(encode(header(8)))
    run(root, 9)
    assert [(fault.file, fault.what) for fault in verify(root)] == [("lab/poste/head.open", "foreign")]


def test_a_chain_that_is_a_link_is_foreign(root: Path, three: list[Path], tmp_path: Path) -> None:
    shutil.copytree(root / "lab", tmp_path / "copie")
    (root / "production").symlink_to(tmp_path / "copie")
    (root / "lab" / "autre").symlink_to(tmp_path / "copie" / "poste")
    assert sorted(fault.file for fault in verify(root)) == ["lab/autre", "production"]
    assert [chain.name for chain in chains(root)] == ["lab/poste"]


def test_operations_that_no_undo_could_read_are_refused(root: Path) -> None:
    """Anybody computes the hash that seals a record: an undo uses only content of right shape."""
    run(root, 1)
    path = next(chain_of(root).folder.glob("2*.json"))
    record = json.loads(path.read_bytes())
    record["tasks"][0]["operations"][0].pop("content")
    resealed(tasks=record["tasks"])(path)
    assert [fault.what for fault in verify(root)] == ["altered"]
    assert latest(root) == []


def test_a_last_record_that_is_sealed_again_is_not_where_the_head_leads(root: Path) -> None:
    for number in (1, 2):
        run(root, number)
    last = sorted(chain_of(root).folder.glob("2*.json"))[-1]
    resealed(user="quelqu’un")(last)
    assert [(fault.file.rpartition("/")[2], fault.what) for fault in verify(root)] == [("head.json", "altered")]


def test_a_head_that_leads_nowhere_is_named(root: Path) -> None:
    run(root, 1)
    resealed(last="")(chain_of(root).folder / "head.json")
    assert [(fault.file.rpartition("/")[2], fault.what) for fault in verify(root)] == [("head.json", "altered")]
