"""Computer accounts of a domain: their units, and the presence of a recovery key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import pytest

from piste.systems.windows.computers import computers
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry

BASE = "DC=ad,DC=lebourget,DC=example"
SCHOOL = f"OU=Postes,OU=Ville,{BASE}"
KEY = f"CN=2026-11-24T08:00:00-00:00{{11111111-2222-3333-4444-555555555555}},CN=PC-JAU-001,{SCHOOL}"


class Domain:
    """Two computers, and the recovery keys that the account may see."""

    base = BASE

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys, self.asked = keys, set[str]()

    def search(self, base: str, query: str, attributes: Iterable[str] = ()) -> list[Entry]:
        self.asked |= {*attributes}
        if "msFVE-RecoveryInformation" in query:
            return [Entry(dn, {}) for dn in self.keys]
        return [
            Entry(f"CN={name},{SCHOOL}", {"name": [name.encode()], "userAccountControl": [b"4096"]})
            for name in ("PC-JAU-001", "PC-JAU-002")
        ]


@pytest.mark.parametrize(
    ("keys", "said"), [([KEY], [True, False]), ([KEY.upper()], [True, False]), ([], [None, None])]
)
def test_a_key_is_known_by_its_place_and_never_asked_for(keys: list[str], said: list[Any]) -> None:
    domain = Domain(keys)
    read = list(computers(cast(Directory, domain)))
    assert [(account["name"], account["place"], account["recovery_key"]) for account in read] == [
        ("PC-JAU-001", "Ville/Postes", said[0]), ("PC-JAU-002", "Ville/Postes", said[1]),
    ]  # fmt: skip
    assert not any("fve" in name.casefold() for name in domain.asked)
