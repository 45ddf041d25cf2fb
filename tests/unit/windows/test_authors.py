"""The metadata of an object of the directory: the last change of each attribute."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.authors import _authors, _moments

STAMP = (
    "<DS_REPL_ATTR_META_DATA>\n\t<pszAttributeName>{name}</pszAttributeName>\n\t<dwVersion>3</dwVersion>\n"
    "\t<ftimeLastOriginatingChange>{when}</ftimeLastOriginatingChange>\n</DS_REPL_ATTR_META_DATA>\n\0"
)
BY_HAND, MADE = "2026-12-01T09:12:00Z", "2026-11-01T08:00:00Z"


class Seen:
    """An entry, by its attributes."""

    dn = "CN=GG-Agents,OU=Ville,DC=ad,DC=ville,DC=fr"

    def __init__(self, *stamps: str) -> None:
        self.known = {
            "objectClass": ["top", "group"], "sAMAccountName": ["GG-Agents"], "whenChanged": ["20261201100000.0Z"],
            "msDS-ReplAttributeMetaData": [*stamps],
        }  # fmt: skip

    def texts(self, name: str) -> list[str]:
        return self.known.get(name, [])

    def text(self, name: str) -> str | None:
        return next(iter(self.texts(name)), None)


def said(seen: Any, *fields: str) -> list[tuple[str, str]]:
    changed = {"kind": "group", "key": "gg-agents", "action": "update", "fields": [*fields]}
    directory: Any = type("Directory", (), {"base": "DC=ad,DC=ville,DC=fr"})()
    return [(author.when, author.how) for author in _authors(changed, [seen], directory)]


def test_an_attribute_has_the_moment_of_its_own_last_change() -> None:
    seen = Seen(STAMP.format(name="description", when=BY_HAND), STAMP.format(name="groupType", when=MADE))
    assert said(seen, "description") == [("2026-12-01T09:12:00+00:00", "description")]
    assert said(seen, "scope", "category") == [("2026-11-01T08:00:00+00:00", "groupType")]
    assert said(seen, "members") == [("2026-12-01T10:00:00+00:00", "dernière modification de l’objet")]


NO_MOMENT, ENTITY = STAMP.format(name="description", when="hier"), "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"


@pytest.mark.parametrize("stamp", ["", "pas du XML", "<a/>", NO_MOMENT, ENTITY])
def test_metadata_that_do_not_read_leave_the_moment_of_the_object(stamp: str) -> None:
    seen: Any = Seen(stamp)
    assert dict(_moments(seen)) == {}
    assert said(seen, "description") == [("2026-12-01T10:00:00+00:00", "dernière modification de l’objet")]
