"""Files of a group policy, whatever they hold: read, named, replaced by what is declared."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import InvalidConfig
from piste.systems.windows.gpo import acl
from piste.systems.windows.gpo.defects import halted
from piste.systems.windows.gpo.document import changes, comment_of, content_of, documents, version_of, with_version
from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpo.side import Value, filled
from piste.systems.windows.gpo.stored import Stored
from piste.systems.windows.gpos import PARTS
from piste.systems.windows.virtual_accounts import service_sid
from tests.support.fuzz import examples
from tests.support.rich_gpo import rich
from tests.unit.windows.support import Directory


class Everybody(Directory):
    known = {  # noqa: RUF012
        "BUILTIN\\Administrators": "S-1-5-32-544",
        "GG-Essai": "S-1-5-21-1-2-3-1104",
        "NT SERVICE\\autotimesvc": service_sid("autotimesvc"),
    }


PEOPLE = Everybody()
Policy = tuple[dict[str, bytes], dict[str, dict[str, Any]]]
"""Files of a side, and its objects in the directory."""


@cache
def written() -> Content:
    desired = filled(rich()["computer"], PARTS.fields("computer"))
    return PARTS.changed(Content("computer", "{G}"), {}, desired, PEOPLE)


@cache
def declared() -> Value:
    return {name: part for name, part in PARTS.read(written(), PEOPLE).items() if name != "foreign"}


@st.composite
def spoiled(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes with a piece cut, doubled or replaced; or other bytes altogether."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.binary(max_size=60))
    start = draw(st.integers(0, len(raw)))
    end = draw(st.integers(start, min(len(raw), start + 12)))
    return raw[:start] + draw(st.binary(max_size=8) | st.just(raw[start:end] * 2)) + raw[end:]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    files, objects = documents(written()), written().objects
    hit = draw(st.sets(st.sampled_from(sorted(files)), min_size=1, max_size=3))
    blobs = {dn: dict(blob) for dn, blob in objects.items()}
    if draw(st.booleans()):
        for blob in blobs.values():
            (name,) = [key for key in blob if key.endswith("PolicyData")]
            blob[name] = draw(spoiled(blob[name].encode())).decode("latin-1")
    return {path: draw(spoiled(raw)) if path in hit else raw for path, raw in files.items()}, blobs


@examples(small=10, wide=3000)
@given(policies())
def test_spoiled_documents_are_read_and_written_over(policy: Policy) -> None:
    content = content_of("computer", "{G}", *policy)
    before = PARTS.read(content, PEOPLE)
    assert PARTS.read(content, PEOPLE) == before
    assert changes(policy[0], content, content) == {}
    lost = PARTS.illegible(content)
    try:
        after = PARTS.changed(content, before, {**before, **declared()}, PEOPLE)
    except InvalidConfig:
        return  # it has a meaning that nothing may write over: named, with its place
    rewritten = content_of("computer", "{G}", documents(after), after.objects, after.pairs)
    assert PARTS.illegible(rewritten) == []
    parts = PARTS.read(rewritten, PEOPLE)
    assert {name: parts[name] for name in declared()} == declared()
    assert set(lost) <= set(PARTS.written(declared(), PEOPLE, content))


@examples(small=15, wide=5000)
@given(st.binary(max_size=80), st.integers(0, 2**32 - 1))
def test_a_spoiled_version_is_written_and_a_spoiled_comment_is_read(raw: bytes, version: int) -> None:
    assert version_of(with_version(raw, version)) == version
    assert isinstance(comment_of(raw), str)
    nobody = acl.Descriptor(0, ())
    stored = Stored("", "", "", 0, 0, "", {"computer": "", "user": ""}, nobody, files={"piste.pending": raw})
    for marker in (raw, b'{"dropped": {"computer": %d}, "sides": 3}' % version, b'{"dropped": [1]}'):
        stored.files["piste.pending"] = marker
        assert halted(stored, "computer") == frozenset()
        assert stored.unsettled("user") in (True, False)
