"""Export and retention of the journal's months: same bytes, sound anchor, no lost month."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from piste.runs.records import archive
from piste.runs.records import journal as journals
from piste.runs.records.archive import NotPrunable, export, prune, verify_export, verify_exports
from piste.runs.records.chain import PRUNED, encode, seal, unseal
from piste.runs.records.journal import limit, months, verify
from piste.runs.records.signature import SigningFailed
from tests.support.breadth import breadth
from tests.unit.records.made import STEP, chain_of, header, operation, run, task

OCTOBER, NOVEMBER = "2026-10", "2026-11"
FILES = ["anchor.json", "operations.csv", "records.jsonl", "runs.csv"]


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a day on which the months of the tests are beyond any retention."""
    monkeypatch.setattr(journals, "today", lambda: date(2028, 1, 1))


@pytest.fixture
def journal(root: Path) -> Path:
    """Write a run of the lab in October; two of the lab and a run of production in November."""
    run(root, 1, day="2026-10-31")
    run(root, 2, task("ok"))
    run(root, 3)
    run(root, 4, environment="production")
    return root


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return tmp_path / "exports"


def made_key(folder: Path, algorithm: str) -> tuple[Path, Path]:
    private, public = folder / f"{algorithm}.pem", folder / f"{algorithm}.pub"
    options = ["-pkeyopt", "ec_paramgen_curve:P-256"] if algorithm == "EC" else []
    command = ["openssl", "genpkey", "-algorithm", algorithm, *options, "-out", str(private)]
    subprocess.run(command, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
    return private, public


def faults(folder: Path, root: Path, key: Path | None = None) -> list[tuple[str, str]]:
    return [(finding.file, finding.what) for finding in verify_export(folder, root, key)]


def test_a_month_is_exported_as_lines_tables_and_anchor(journal: Path, exports: Path) -> None:
    folder = export(journal, NOVEMBER, exports)
    assert folder == exports / NOVEMBER
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    records = [unseal(line) for line in lines]
    assert [record["id"] for record in records] == [header(number)["id"] for number in (2, 3, 4)]
    anchor = unseal((folder / "anchor.json").read_bytes())
    assert anchor["heads"] == [
        {"environment": "lab", "node": "poste", "last": records[1]["hash"], "records": 2},
        {"environment": "production", "node": "poste", "last": records[2]["hash"], "records": 1},
    ]
    assert sorted(anchor["files"]) == FILES[1:]
    assert faults(folder, journal) == []


def test_the_tables_have_stable_headers_and_one_line_a_run_and_an_operation(journal: Path, exports: Path) -> None:
    folder = export(journal, NOVEMBER, exports)
    with (folder / "runs.csv").open(newline="", encoding="utf-8") as file:
        runs = list(csv.DictReader(file))
    with (folder / "operations.csv").open(newline="", encoding="utf-8") as file:
        operations = list(csv.DictReader(file))
    assert ",".join(runs[0]) == (
        "id,environment,node,user,started,ended,command,commit,clean,declaration,limit,tags,check,plan,outcome,"
        "create,update,delete,reset,withheld,failed,reads,writes,hash"
    )
    assert [(row["id"], row["outcome"], row["update"], row["clean"]) for row in runs] == [
        (header(2)["id"], "ok", "0", "true"),
        (header(3)["id"], "changes", "1", "true"),
        (header(4)["id"], "changes", "1", "true"),
    ]
    assert operations[0] == {
        "run": header(3)["id"],
        "environment": "lab",
        "node": "poste",
        "user": "marie",
        "ended": "2026-11-24T10:01:00Z",
        "check": "false",
        "host": "ecole-jaures",
        "task": "network : Converger les SSID",
        "module": "meraki_ssids",
        "status": "changed",
        "system": "meraki",
        "owner": "ecole-jaures",
        "kind": "ssid",
        "key": "VLB-Agents",
        "label": "VLB-Agents",
        "action": "update",
        "fields": '["enabled"]',
        "before": '{"enabled": false, "name": "VLB-Agents"}',
        "after": '{"enabled": true, "name": "VLB-Agents"}',
    }
    assert len(operations) == 2


def test_a_name_that_a_spreadsheet_would_run_is_text(root: Path, exports: Path) -> None:
    run(root, 1, task(operations=[operation('=HYPERLINK("x")')]))
    with (export(root, NOVEMBER, exports) / "operations.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["key"], row["label"]) == ('\'=HYPERLINK("x")',) * 2


def test_a_month_that_is_over_gives_the_same_bytes_whatever_came_after(journal: Path, exports: Path) -> None:
    folder = export(journal, OCTOBER, exports)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    run(journal, 5)
    export(journal, OCTOBER, exports)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [head["environment"] for head in json.loads(before["anchor.json"])["heads"]] == ["lab"]


def test_a_killed_run_that_another_month_closes_belongs_to_that_month(root: Path, exports: Path) -> None:
    run(root, 1, day="2026-11-01")
    run(root, 2, day="2026-10-31")
    assert [(month, record["id"]) for month, record in months(chain_of(root))] == [
        (NOVEMBER, header(1, day="2026-11-01")["id"]),
        (NOVEMBER, header(2, day="2026-10-31")["id"]),
    ]


@pytest.mark.parametrize("algorithm", breadth(["ED25519", "RSA", "EC"], 2))
def test_the_anchor_is_signed_and_verified_by_openssl(algorithm: str, journal: Path, exports: Path) -> None:
    private, public = made_key(exports.parent, algorithm)
    folder = export(journal, NOVEMBER, exports, private)
    assert faults(folder, journal, public) == []
    by_hand = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public)]
    files = ["-in", str(folder / "anchor.json"), "-sigfile", str(folder / "anchor.sig")]
    said = subprocess.run([*by_hand, *files], capture_output=True, text=True, check=True)
    assert said.stdout == "Signature Verified Successfully\n"


def test_an_anchor_signed_by_another_or_by_nobody_is_refused(journal: Path, exports: Path) -> None:
    private, _ = made_key(exports.parent, "ED25519")
    _, other = made_key(exports.parent, "EC")
    assert faults(export(journal, NOVEMBER, exports, private), journal, other) == [
        (f"{NOVEMBER}/anchor.sig", "altered")
    ]
    assert faults(export(journal, NOVEMBER, exports), journal, other) == [(f"{NOVEMBER}/anchor.sig", "missing")]


def test_an_anchor_made_anew_over_other_heads_is_refused_by_its_signature(journal: Path, exports: Path) -> None:
    private, public = made_key(exports.parent, "ED25519")
    folder = export(journal, NOVEMBER, exports, private)
    anchor = unseal((folder / "anchor.json").read_bytes())
    (folder / "anchor.json").write_bytes(encode(seal({**anchor, "heads": []})))
    assert faults(folder, journal) == []
    assert faults(folder, journal, public) == [(f"{NOVEMBER}/anchor.sig", "altered")]


def test_a_key_that_openssl_refuses_is_said(journal: Path, exports: Path) -> None:
    wrong = exports.parent / "wrong.pem"
    wrong.write_text("rien")
    with pytest.raises(SigningFailed, match=r"\S"):
        export(journal, NOVEMBER, exports, wrong)


@pytest.mark.drawn
@pytest.mark.parametrize("name", FILES)
def test_every_byte_changed_in_an_export_is_found_and_its_file_named(name: str, root: Path, exports: Path) -> None:
    run(root, 1, task("ok"))
    path = export(root, NOVEMBER, exports) / name
    raw = path.read_bytes()
    for place in range(0, len(raw), STEP):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        ((file, why),) = faults(path.parent, root)
        assert file == f"{NOVEMBER}/{name}"
        assert why in ("altered", "unreadable")
    path.unlink()
    assert faults(path.parent, root) == [(f"{NOVEMBER}/{name}", "missing")]


def test_a_file_too_many_in_an_export_is_found(journal: Path, exports: Path) -> None:
    folder = export(journal, NOVEMBER, exports)
    (folder / "note.txt").touch()
    assert faults(folder, journal) == [(f"{NOVEMBER}/note.txt", "foreign")]


def test_a_journal_rewritten_whole_is_found_by_the_anchor(journal: Path, exports: Path) -> None:
    folder = export(journal, NOVEMBER, exports)
    chain = chain_of(journal)
    for path in chain.folder.iterdir():
        path.unlink()
    run(journal, 1, day="2026-10-31")
    run(journal, 3)
    assert verify(journal) == []
    assert faults(folder, journal) == [("lab/poste", "altered")]


def test_an_export_is_checked_alone_where_that_is_asked_for(journal: Path, exports: Path, tmp_path: Path) -> None:
    folder = export(journal, NOVEMBER, exports)
    assert verify_exports([folder], tmp_path / "nowhere", alone=True) == []
    assert faults(folder, tmp_path / "nowhere") == [("lab/poste", "missing"), ("production/poste", "missing")]


def test_the_only_chain_taken_away_is_found_by_the_export(root: Path, exports: Path) -> None:
    run(root, 1)
    folder = export(root, NOVEMBER, exports)
    shutil.rmtree(chain_of(root).folder)
    assert verify(root) == []
    assert faults(folder, root) == [("lab/poste", "missing")]


@pytest.mark.parametrize(
    ("retention", "today", "beyond"),
    [
        (12, date(2026, 11, 24), "2025-10"),
        (12, date(2026, 12, 31), "2025-11"),
        (12, date(2027, 1, 1), "2025-12"),
        (24, date(2026, 11, 1), "2024-10"),
    ],
)
def test_as_many_whole_months_stay_as_retention_says(retention: int, today: date, beyond: str) -> None:
    assert limit(retention, today) == beyond


def test_only_months_beyond_retention_go_and_the_chain_still_verifies(journal: Path, exports: Path) -> None:
    last = next(record for _, record in months(chain_of(journal)))
    november = export(journal, NOVEMBER, exports)
    october = export(journal, OCTOBER, exports)
    assert prune(journal, OCTOBER, exports, write=False) == [archive.Pruned("lab/poste", (OCTOBER,), 1)]
    assert (chain_of(journal).folder / f"{last['id']}.json").exists()
    assert prune(journal, OCTOBER, exports) == [archive.Pruned("lab/poste", (OCTOBER,), 1)]
    assert not (chain_of(journal).folder / f"{last['id']}.json").exists()
    assert verify(journal) == []
    assert faults(october, journal) == faults(november, journal) == []
    assert prune(journal, OCTOBER, exports) == []
    anchor = unseal((chain_of(journal).folder / PRUNED).read_bytes())
    assert (anchor["month"], anchor["last"], anchor["records"]) == (OCTOBER, last["hash"], 1)


def test_a_whole_chain_may_go_and_go_on(journal: Path, exports: Path) -> None:
    for month in (OCTOBER, NOVEMBER):
        export(journal, month, exports)
    gone = prune(journal, NOVEMBER, exports)
    assert [(part.months, part.records) for part in gone] == [((OCTOBER, NOVEMBER), 3), ((NOVEMBER,), 1)]
    assert verify(journal) == []
    after = run(journal, 6, day="2026-12-01")
    assert after["previous"] == unseal((chain_of(journal).folder / PRUNED).read_bytes())["last"]
    assert verify(journal) == []
    export(journal, "2026-12", exports)
    assert prune(journal, "2026-12", exports)[0].records == 1
    assert unseal((chain_of(journal).folder / PRUNED).read_bytes())["records"] == 4


def test_a_month_is_kept_while_it_is_not_exported_whole(journal: Path, exports: Path) -> None:
    with pytest.raises(NotPrunable, match=f"{OCTOBER} n’a pas été exporté"):
        prune(journal, OCTOBER, exports)
    export(journal, OCTOBER, exports)
    export(journal, NOVEMBER, exports)
    run(journal, 7)
    with pytest.raises(NotPrunable, match="altéré, la chaîne n’est plus celle que l’ancre de 2026-11 a fixée"):
        prune(journal, NOVEMBER, exports)
    lines = exports / OCTOBER / "records.jsonl"
    lines.write_bytes(lines.read_bytes() + b" ")
    with pytest.raises(NotPrunable, match=r"records\.jsonl : altéré"):
        prune(journal, OCTOBER, exports)
    assert len(list(months(chain_of(journal)))) == 4


def test_a_signature_that_is_asked_for_must_be_there(journal: Path, exports: Path) -> None:
    _, public = made_key(exports.parent, "ED25519")
    export(journal, OCTOBER, exports)
    with pytest.raises(NotPrunable, match=r"anchor\.sig : maillon manquant"):
        prune(journal, OCTOBER, exports, public)


def test_nothing_goes_from_a_damaged_chain(journal: Path, exports: Path) -> None:
    export(journal, OCTOBER, exports)
    path = chain_of(journal).folder / f"{header(3)['id']}.json"
    path.write_bytes(path.read_bytes().replace(b"marie", b"paule"))
    with pytest.raises(NotPrunable, match=f"{path.name} : altéré"):
        prune(journal, OCTOBER, exports)


def test_a_removal_cut_short_is_finished_by_the_next(
    journal: Path, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(journal, OCTOBER, exports)
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_sweep", lambda chain: None)
        prune(journal, OCTOBER, exports)
    prune(journal, OCTOBER, exports)
    assert not (chain_of(journal).folder / f"{header(1, day='2026-10-31')['id']}.json").exists()
    assert verify(journal) == []


@pytest.mark.drawn
def test_what_retention_removed_cannot_be_changed_unnoticed(journal: Path, exports: Path) -> None:
    export(journal, OCTOBER, exports)
    prune(journal, OCTOBER, exports)
    path = chain_of(journal).folder / PRUNED
    raw = path.read_bytes()
    for place in range(0, len(raw), STEP):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :])
        assert "lab/poste/pruned.json" in [finding.file for finding in verify(journal)], place
    path.unlink()
    assert [finding.what for finding in verify(journal)] == ["missing"]
