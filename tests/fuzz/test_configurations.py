"""Kept configurations that anybody may have written: differences come, whatever the files."""

from __future__ import annotations

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from piste.exports.bag.kinds import KINDS
from piste.exports.configurations.authors import authors
from piste.exports.configurations.keep import counted
from piste.exports.configurations.objects import Tree, differences
from piste.exports.configurations.repository import blob, is_name
from tests.support.fuzz import examples

KIND_NAMES = st.sampled_from([kind.name for kind in KINDS])
FOLDERS = st.sampled_from(["printing", "network", "firewall", "zabbix", "gpo_backups", "ailleurs"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
ITEMS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner))
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda kind, items: repr({kind: items}).encode(), KIND_NAMES, st.lists(ITEMS, max_size=3)),
    st.builds(lambda kind, name: f"{kind}:\n- name: {name!r}\n- name: {name!r}\n".encode(), KIND_NAMES, SCALARS),
)
NAMES = st.builds(lambda folder, kind: f"{folder}/{kind}.yml", FOLDERS, KIND_NAMES | st.just("ecole-a"))
FILES = st.dictionaries(NAMES, CONTENTS, max_size=4)


def tree(files: dict[str, bytes]) -> Tree:
    return Tree({name: blob(raw) for name, raw in files.items()}, files.__getitem__)


@examples(small=15, wide=4000)
@given(FILES, FILES)
def test_differences_come_whatever_the_files(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    made = differences(tree(before), tree(after))
    assert differences(tree(before), tree(before)) == []
    assert len({(each.thing, each.action) for each in made}) == len(made)
    assert counted(made).startswith("+")
    for each in made:
        assert authors(each, {}).outside == ("*",)
        assert authors(each, {}).runs == ()


@examples(small=50, wide=20_000)
@given(st.text(st.sampled_from("./\\ab-_{}\n\x00~ é"), max_size=12))
def test_a_name_of_a_tree_stays_below_its_folder(name: str) -> None:
    if is_name(name):
        parts = PurePosixPath(name).parts
        assert not PurePosixPath(name).is_absolute()
        assert "/".join(parts) == name
        assert not [part for part in parts if part.startswith((".", "-", "~")) or "\n" in part]
