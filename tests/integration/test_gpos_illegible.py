"""Illegible documents of group policies: named, and written again where they are declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from piste.systems.windows.gpo.store import Store
from piste.systems.windows.gpo.stored import Stored
from piste.systems.windows.gpos import Gpos
from piste.systems.windows.orphans import policies
from tests.support.gpos import Console, console, dn
from tests.support.rich_gpo import rich
from tests.support.samba import Domain

NOISE = bytes(range(7, 47))
WIRED = "ms-net-ieee-8023-GP-PolicyData"
DOCUMENTS = (
    "Machine/Microsoft/Windows NT/Audit/audit.csv",
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
    "Machine/Preferences/Services/Services.xml",
    "Machine/Registry.pol",
    "Machine/Scripts/scripts.ini",
)


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    domain.tool("group", "add", "GG-Essai")
    with console(domain) as opened:
        yield opened
    domain.tool("group", "delete", "GG-Essai")


def spoil(here: Console, name: str) -> list[str]:
    """Put noise in each document of the policy; return their paths."""
    policy = _loaded(here, name)
    spoiled = [path for path in sorted(policy.files) if path in (*DOCUMENTS, "GPT.INI", "GPO.cmt")]
    for path in spoiled:
        here.sysvol.write(f"{policy.path}/{path}", NOISE)
    with here.domain.ldap() as connection:
        for place in policy.objects["computer"]:
            connection.modify(f"{place},CN=Machine,{dn(here, name)}", {WIRED: [("MODIFY_REPLACE", ["<LANPolicy"])]})
    return spoiled


def wanted() -> dict[str, Any]:
    whole = rich("Essai")
    return {"name": "Essai", "comment": whole["comment"], "computer": whole["computer"]}


def test_each_illegible_document_is_named_written_again_and_stops_nothing(here: Console) -> None:
    here.run(wanted(), {**wanted(), "name": "Autre"})
    assert set(spoil(here, "Essai")) == {*DOCUMENTS, "GPT.INI", "GPO.cmt"}
    spoil(here, "Autre")
    neighbour = {"name": "Voisine", "computer": {"policies": {"power.sleep_after_ac": 900}}}
    planned = here.run(wanted(), neighbour, check=True)
    done = [(operation["action"], operation["key"]) for operation in planned["operations"]]
    assert done == [("update", "Essai"), ("create", "Voisine")]
    defects = planned["operations"][0]["content"]["before"]["defects"]
    for path in DOCUMENTS:
        assert f"{path} est illisible, Windows n’en applique rien" in defects
    assert any("LDAP/" in line for line in defects)
    orphans = _orphans(here, "Essai", "Voisine")
    assert all(path in orphans["Autre"] for path in DOCUMENTS)
    here.run(wanted(), neighbour)
    again = here.run(wanted(), neighbour)
    assert (again["changed"], [line for line in again["warnings"] if "illisible" in line]) == (False, [])


def test_what_is_illegible_and_not_declared_is_named_and_left(here: Console) -> None:
    here.run(wanted())
    spoil(here, "Essai")
    little = {"name": "Essai", "computer": {"policies": {"power.sleep_after_ac": 900}}}
    done = here.run(little)
    assert [line for line in done["warnings"] if "audit.csv est illisible" in line]
    assert _loaded(here, "Essai").files["Machine/Microsoft/Windows NT/Audit/audit.csv"] == NOISE
    assert _loaded(here, "Essai").files["Machine/Registry.pol"] != NOISE
    assert here.run(little)["changed"] is False
    export = here.run({"name": "Essai"}, state="gathered")
    assert [line for line in export["warnings"] if "audit.csv est illisible" in line]


def _loaded(here: Console, name: str) -> Stored:
    store = Store(here.directory, here.sysvol)
    (policy,) = [candidate for candidate in store.all() if candidate.name == name]
    store.load(policy)
    return policy


def _orphans(here: Console, *declared: str) -> dict[str, str]:
    orphans = policies(Gpos(here.directory, "", sysvol=here.sysvol), declared)
    return {orphan["key"]: orphan["why"] for orphan in orphans if orphan["kind"] == "gpo"}
