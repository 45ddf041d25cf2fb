"""Names and contents of a collector's tree: never followed, never fatal, bounded."""

from __future__ import annotations

import contextlib
import gzip
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from piste.readings.logs.exports import check_export
from piste.readings.logs.judgment import judge, read_stream
from piste.readings.logs.seals import Sealed
from piste.readings.logs.tree import DayFile, Unreadable, edges, read_day, read_tree
from tests.support.fuzz import examples
from tests.unit.logs.trees import NOW, stream

NAMES = st.one_of(
    st.from_regex(r"\A\d{4}-\d{2}-\d{2}\.log(\.gz|\.xz|\.zst)?\Z"),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
)
MOMENTS = st.from_regex(rb"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z")
LINES = st.one_of(st.binary(max_size=60), st.builds(lambda moment, rest: moment + b" " + rest, MOMENTS, st.binary()))
CONTENTS = st.lists(LINES, max_size=8).map(b"\n".join)


@examples(small=15, wide=4000)
@given(st.dictionaries(NAMES, CONTENTS, max_size=8))
def test_any_tree_is_read_and_judged(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "nps"
        root.mkdir()
        made = 0
        for name, content in files.items():
            if name not in (".", ".."):
                with contextlib.suppress(OSError):
                    (root / name).write_bytes(content)
                    made += 1
        tree = read_tree(Path(folder), ["nps"])
        assert len(tree.days["nps"]) + len(tree.strays) == made
        for whole in (True, False):
            judged = judge(stream(), read_stream(tree.days["nps"], "nps", Sealed({}, {}), NOW, whole=whole), NOW)
            assert judged["state"] == "wrong"


@examples(small=15, wide=4000)
@given(CONTENTS, st.sampled_from(["", ".gz", ".xz"]), st.booleans())
def test_any_content_of_a_day_is_read_or_refused(content: bytes, suffix: str, packed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"2026-11-01.log{suffix}"
        path.write_bytes(gzip.compress(content) if packed else content)
        file = DayFile("nps", date(2026, 11, 1), path)
        with contextlib.suppress(Unreadable):
            read = read_day(file)
            for said in (read["first"], read["last"]):
                assert said is None or datetime.fromisoformat(said).tzinfo == UTC
        edges(file)


@examples(small=10, wide=2000)
@given(st.one_of(st.binary(max_size=200), st.from_regex(rb"\A[0-9a-f]{64}  [^\n]{1,40}\n\Z")))
def test_any_sums_are_checked_within_their_folder(sums: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "SHA256SUMS").write_bytes(sums)
        assert list(check_export(Path(folder), whole=True)) != []
