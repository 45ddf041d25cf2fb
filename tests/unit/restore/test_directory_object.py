"""The return of an account, where another object has taken its place meanwhile."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from piste.engine.converge.errors import Diverged, Missing
from piste.systems.windows.entry import Entry
from piste.trials.restore.directory_object import _bring_back
from piste.trials.restore.method import Thing

DN = "CN=restauration.essai,OU=Essais,DC=ville,DC=example"
MINE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


class Directory:
    """A directory where a person now has the name that the test account had."""

    def read_deleted(self, guid: str, attributes: Any) -> Entry:
        return Entry("CN=ailleurs", {"sAMAccountName": [b"restauration.essai"]})

    def read(self, dn: str, attributes: Any) -> Entry:
        return Entry(dn, {"objectGUID": [OTHER.bytes_le]})

    def modify(self, dn: str, changes: Any) -> None:
        raise AssertionError("another object is written")


def test_another_object_at_the_same_place_is_never_written() -> None:
    facts = {"dn": DN, "groups": json.dumps(["CN=Groupe"]), "kept": json.dumps({"description": ["YQ=="]})}
    with pytest.raises(Missing, match="est un autre objet"):
        _bring_back(Directory(), Thing("account", str(MINE), facts), "restauration.essai")  # type: ignore[arg-type]


def test_another_account_than_the_test_account_is_never_brought_back() -> None:
    facts = {"dn": DN, "groups": json.dumps(["CN=Groupe"]), "kept": "{}"}
    with pytest.raises(Diverged, match=r"et non le compte d’essai autre\.essai"):
        _bring_back(Directory(), Thing("account", str(MINE), facts), "autre.essai")  # type: ignore[arg-type]
