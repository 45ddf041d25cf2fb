"""Access lists of a GPO: codec, filtering, and inheritance of its folder."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.systems.windows.gpo import acl
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, APPLY, CONTAINER_INHERIT, DENY_OBJECT, Ace, Descriptor
from tests.unit.converge.strategies import quick

DOMAIN = "S-1-5-21-1-2-3"
GROUP, OTHER = f"{DOMAIN}-1104", f"{DOMAIN}-1105"
EVERYBODY = acl.AUTHENTICATED_USERS
ADMINS = Ace(ALLOW, CONTAINER_INHERIT, 0xF01FF, f"{DOMAIN}-512")
READ = Ace(ALLOW, CONTAINER_INHERIT, 0x20094, EVERYBODY)
NEW = (ADMINS, READ, Ace(ALLOW_OBJECT, CONTAINER_INHERIT, 0x100, EVERYBODY, APPLY))
"""Access list of a new GPO in the console."""

numbers = st.integers(0, 2**32 - 1)
sids = st.lists(numbers, min_size=1, max_size=5).map(lambda parts: "-".join(["S-1-5", *map(str, parts)]))
guids = st.none() | st.uuids()
aces = st.one_of(
    st.builds(Ace, st.sampled_from([0, 1]), st.integers(0, 31), numbers, sids, st.none(), st.none(), st.just(b"")),
    st.builds(Ace, st.sampled_from([5, 6]), st.integers(0, 31), numbers, sids, guids, guids, st.just(b"")),
    st.builds(lambda body: Ace(9, 0, 0, "", rest=body), st.binary(min_size=4, max_size=16)),
)


@given(st.builds(Descriptor, st.just(0x8404), st.lists(aces, max_size=4).map(tuple), sids | st.just(""), sids))
@quick
def test_a_descriptor_is_read_as_it_was_written(descriptor: Descriptor) -> None:
    assert acl.parse(acl.build(descriptor)) == descriptor


@given(st.binary(max_size=60))
@quick
def test_bytes_that_are_no_descriptor_are_an_error_and_nothing_else(raw: bytes) -> None:
    try:
        acl.parse(raw)
    except ValueError:
        return


def test_a_list_of_the_size_that_it_tells_is_needed() -> None:
    raw = acl.build(Descriptor(0x8004, NEW, GROUP, GROUP))
    with pytest.raises(ValueError, match="not a security descriptor"):
        acl.parse(raw[:-4])
    assert struct.unpack_from("<H", raw, 2)[0] & 0x8004 == 0x8004


def test_filtering_to_a_group_keeps_the_reading_of_all() -> None:
    dacl = acl.filtered(NEW, [GROUP], None)
    assert (acl.filtering(dacl), acl.exempt(dacl)) == ([GROUP], [])
    assert dacl[:2] == (ADMINS, READ)
    assert acl.readable(dacl, DOMAIN)
    assert acl.filtered(dacl, [EVERYBODY], None) == NEW


def test_a_group_that_no_longer_applies_a_policy_loses_the_reading_that_came_with_it() -> None:
    both = acl.filtered(NEW, [GROUP, OTHER], None)
    assert {ace.sid for ace in acl.filtered(both, [OTHER], None)} == {f"{DOMAIN}-512", EVERYBODY, OTHER}


def test_an_exemption_stands_before_what_it_limits_and_goes_again() -> None:
    dacl = acl.filtered(NEW, None, [GROUP])
    assert dacl[0] == Ace(DENY_OBJECT, CONTAINER_INHERIT, 0x100, GROUP, APPLY)
    assert acl.filtering(dacl) == [EVERYBODY]
    assert acl.filtered(dacl, None, []) == NEW


def test_what_nobody_can_read_is_made_readable_and_nothing_else() -> None:
    closed = (ADMINS, *acl.filtered(NEW, [GROUP], None)[2:])
    assert not acl.readable(closed, DOMAIN)
    assert acl.filtered(closed, None, None) == (*closed, READ)
    assert acl.readable((*closed, READ._replace(sid=f"{DOMAIN}-515")), DOMAIN)


def test_the_rights_on_the_folder_follow_those_on_the_object() -> None:
    folder = acl.of_folder(Descriptor(0x8004, NEW, GROUP, GROUP))
    assert [(ace.sid, ace.mask, ace.flags) for ace in folder.dacl] == [
        (f"{DOMAIN}-512", 0x1F01FF, 3),
        (EVERYBODY, 0x1200A9, 3),
        (EVERYBODY, 0, 3),
    ]
    assert folder.control & 0x1000
    assert acl.same_access(folder.dacl, folder.dacl[1::-1])
    assert not acl.same_access(folder.dacl, folder.dacl[:1])


def test_a_refusal_to_apply_says_nothing_of_files_and_creators_hand_down_their_rights() -> None:
    creator = Ace(ALLOW, CONTAINER_INHERIT, 0xF01FF, "S-1-3-0")
    folder = acl.of_folder(Descriptor(0x8004, (*acl.filtered(NEW, None, [GROUP]), creator)))
    assert GROUP not in {ace.sid for ace in folder.dacl}
    assert folder.dacl[-1].flags & acl.INHERIT_ONLY
    assert "S-1-3-0" not in {ace.sid for ace in acl.of_child(folder, is_folder=False).dacl}
    assert all(ace.flags & acl.INHERITED for ace in acl.of_child(folder, is_folder=True).dacl)
