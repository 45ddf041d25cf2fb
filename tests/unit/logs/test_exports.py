"""Monthly exports, deletions and anchors: whole, resumed, refused, attested."""

from __future__ import annotations

import gzip
import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from piste.readings.logs import anchors, deletion, exports
from piste.readings.logs.errors import NotDeletable, NotExported
from piste.readings.logs.judgment import judge, read_stream
from piste.readings.logs.seals import append, own_chain, read_seals, seal_days, verify_seals
from piste.readings.logs.tree import read_tree
from tests.unit.logs.trees import NOW, stream, tree, write_day

TODAY = NOW.date()
STREAMS = [stream(), stream("pare-feu", log_class="security")]


def export(root: Path, store: Path, month: str = "2026-10") -> exports.Export:
    return exports.export("lab", STREAMS, tree(root, "nps", "pare-feu"), month, store, NOW)


def test_a_month_is_exported_whole_once_and_anybody_verifies_it(year: Path, tmp_path: Path) -> None:
    write_day(year, "pare-feu", date(2026, 10, 3))
    write_day(year, "nps", date(2026, 9, 30), suffix=".gz")
    (year / "nps/2026-09-30.log").unlink()
    made = export(year, tmp_path / "store")
    assert (made.was_there, made.files) == (False, 32)
    command = ["sha256sum", "-c", "SHA256SUMS"]
    done = subprocess.run(command, cwd=made.folder, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK\n") == 32
    lines = gzip.decompress((made.folder / "nps.2026-10-03.jsonl.gz").read_bytes()).decode().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[0]) == {
        "source": "nps", "site": None, "line": "2026-10-03T01:30:00.123456+00:00 10.0.0.1 essai ligne 1"
    }  # fmt: skip
    rows = (made.folder / "days.csv").read_text().splitlines()
    assert len(rows) == 32
    assert rows[1].startswith("nps,authentication,2026-10-01,nps.2026-10-01.jsonl.gz,3,")
    before = {path: path.stat().st_mtime_ns for path in made.folder.iterdir()}
    assert export(year, tmp_path / "store").was_there
    assert {path: path.stat().st_mtime_ns for path in made.folder.iterdir()} == before
    assert exports.sound_months(tmp_path / "store", exports.expected_months(TODAY), {}, whole=True) == ["2026-10"]


def test_an_export_that_was_cut_is_resumed(year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, whole = [], exports._written

    def cut(*given: object) -> str:
        if len(written) == 5:
            raise KeyboardInterrupt
        written.append(given)
        return whole(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_written", cut)
        with pytest.raises(KeyboardInterrupt):
            export(year, tmp_path / "store")
    assert not (tmp_path / "store/2026-10").exists()
    part = tmp_path / "store/.2026-10.part"
    kept = {path.name: path.stat().st_mtime_ns for path in part.iterdir()}
    assert len(kept) == 5
    (part / "nps.2026-10-06.jsonl.gz.draft").write_bytes(b"half")
    made = export(year, tmp_path / "store")
    assert list(exports.check_export(made.folder, whole=True)) == []
    assert {name: (made.folder / name).stat().st_mtime_ns for name in kept} == kept
    assert not list(made.folder.glob("*.draft"))


def test_what_is_not_over_not_sealed_or_changed_is_not_exported(year: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with pytest.raises(NotExported, match="n’est pas fini"):
        export(year, store, "2026-11")
    with pytest.raises(NotExported, match="aucun journal"):
        export(year, store, "2025-01")
    path = year / "nps/2026-10-03.log"
    whole = path.read_bytes()
    path.write_bytes(whole + b"x\n")
    with pytest.raises(NotExported, match="n’est plus ce qui a été scellé"):
        export(year, store)
    path.write_bytes(whole)
    made = export(year, store)
    (made.folder / "nps.2026-10-03.jsonl.gz").write_bytes(b"autre")
    with pytest.raises(NotExported, match="n’est pas intact"):
        export(year, store)
    assert exports.sound_months(store, ["2026-10"], {}, whole=True) == []
    other = tmp_path / "autre"
    write_day(other, "nps", date(2026, 10, 3))
    write_day(other, "nps", date(2025, 1, 3))
    with pytest.raises(NotExported, match="n’est pas scellé"):
        exports.export("production", STREAMS, read_tree(other, ["nps"]), "2026-10", store / "deux", NOW)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_compressed_day_that_is_cut_is_named(year: Path, tmp_path: Path, suffix: str) -> None:
    (year / "nps/2026-10-05.log").unlink()
    path = write_day(year, "nps", date(2026, 10, 5), suffix=suffix)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(NotExported, match=r"2026-10-05\.log ne s’exporte pas"):
        export(year, tmp_path / "store")


def test_an_export_that_lacks_a_sealed_day_is_no_export_of_its_month(year: Path, tmp_path: Path) -> None:
    store, months = tmp_path / "store", exports.expected_months(TODAY)
    lost = year / "nps/2026-09-12.log"
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(NotExported, match="scellés qui ne sont plus là"):
        export(year, store, "2026-09")
    lost.write_bytes(content)
    export(year, store)
    assert exports.sound_months(store, months, exports.owed("lab", STREAMS), whole=False) == ["2026-10"]
    # A day that came and was sealed after the export: the month is not whole any more.
    late = stream("portail")
    write_day(year, "portail", date(2026, 10, 9))
    seal_days("lab", tree(year, "portail"), NOW)
    assert exports.sound_months(store, months, exports.owed("lab", [*STREAMS, late]), whole=False) == []
    with pytest.raises(NotExported) as caught:
        exports.export("lab", [*STREAMS, late], tree(year, "nps", "portail"), "2026-10", store, NOW)
    assert "portail.2026-10-09.jsonl.gz n’y est pas" in caught.value.why


def test_a_sum_that_names_a_path_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "2026-10"
    folder.mkdir()
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  ../../etc/passwd\n")
    assert list(exports.check_export(folder, whole=True)) == ["SHA256SUMS n’a pas la forme attendue"]


def test_twelve_months_end_with_the_month_before() -> None:
    months = exports.expected_months(date(2026, 3, 1))
    assert (months[0], months[-1], len(months)) == ("2025-03", "2026-02", 12)
    assert exports.sound_months(Path("/nulle/part"), months, {}, whole=False) is None


def test_a_deletion_is_attested_and_the_chain_stays_whole(year: Path, tmp_path: Path) -> None:
    described = stream(least_days=10, most_days=370)
    wanted = deletion.going([described], tree(year), TODAY)
    assert [str(file.day) for file in wanted[0].files] == [f"2025-11-{day}" for day in range(13, 22)]
    with pytest.raises(NotDeletable, match="2025-11 n’est pas exporté"):
        deletion.delete("lab", wanted, [])
    record = deletion.delete("lab", wanted, ["2025-11"])
    assert record
    assert deletion.counted(record)[:2] == (len(wanted[0].files), 3 * len(wanted[0].files))
    assert not (year / "nps/2025-11-13.log").exists()
    judged = judge(described, read_stream(tree(year).days["nps"], "nps", read_seals("lab"), NOW, whole=True), NOW)
    assert judged["faults"] == []
    assert verify_seals("lab") == []
    key, public = tmp_path / "cle.pem", tmp_path / "cle.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    path = deletion.attest(record, tmp_path / "attestations", key)
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", path]
    subprocess.run([*command, "-sigfile", path.with_suffix(".sig")], check=True, capture_output=True)
    attested = json.loads(path.read_bytes())["gone"][0]
    assert attested["most_days"] == 370
    assert attested["files"][0]["sha256"] == read_seals("lab").days["nps", "2025-11-13"]["sha256"]


def test_a_deletion_cut_short_is_finished_by_the_next(year: Path) -> None:
    described = stream(least_days=10, most_days=370)
    wanted = deletion.going([described], tree(year), TODAY)
    sealed = read_seals("lab").days
    files = [sealed["nps", str(file.day)] for file in wanted[0].files]
    append("lab", "deletion", gone=[{"stream": "nps", "most_days": 370, "files": files}])
    reading = read_stream(tree(year).days["nps"], "nps", read_seals("lab"), NOW, whole=False)
    assert {fault.what for fault in reading.faults} == {"beyond"}
    assert deletion.delete("lab", wanted, []) is None
    assert deletion.going([described], tree(year), TODAY) == []


def test_what_was_never_sealed_or_has_changed_is_not_deleted(year: Path) -> None:
    write_day(year, "nps", date(2025, 1, 1))
    path = year / "nps/2025-11-14.log"
    path.write_bytes(b"autre\n")
    wanted = deletion.going([stream(most_days=370)], tree(year), TODAY)
    with pytest.raises(NotDeletable) as caught:
        deletion.delete("lab", wanted, ["2025-01", "2025-11"])
    assert "2025-01-01.log n’a jamais été scellé" in caught.value.why
    assert "2025-11-14.log n’est plus ce qui a été scellé" in caught.value.why
    assert path.exists()


def test_an_anchor_makes_a_rewritten_chain_visible(year: Path, tmp_path: Path) -> None:
    folder = anchors.anchor("lab", f"{own_month()}", tmp_path / "ancres")
    assert list(anchors.verify_anchor("lab", folder)) == []
    write_day(year, "nps", date(2024, 1, 1))
    seal_days("lab", tree(year), NOW)
    assert list(anchors.verify_anchor("lab", folder)) == []
    chain = own_chain("lab").folder
    for path in chain.iterdir():
        path.unlink()
    seal_days("lab", tree(year), NOW)
    assert verify_seals("lab") == []
    assert ["n’est plus celle que l’ancre" in fault for fault in anchors.verify_anchor("lab", folder)] == [True]
    assert list(anchors.verify_anchor("production", folder)) != []


def own_month() -> str:
    """The month in which the seals of this test entered their chain."""
    path = min(path.name for path in own_chain("lab").folder.glob("2*.json"))
    return f"{path[:4]}-{path[4:6]}"
