"""A whole policy: every section at once, read by Samba, and replayed in a domain of another name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.gpos import Console, console
from tests.support.rich_gpo import rich
from tests.support.samba import Domain


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    domain.tool("group", "add", "GG-Essai")
    with console(domain) as one:
        yield one


def test_every_section_is_written_once_and_read_back(here: Console) -> None:
    foreseen = here.run(rich(), check=True)
    assert here.writes == 0
    done = here.run(rich())
    assert done["operations"] == foreseen["operations"] != []
    written = here.writes
    again = here.run(rich())
    assert (again["changed"], again["operations"], here.writes) == (False, [], written)


def test_every_section_goes_again(here: Console) -> None:
    here.run(rich())
    here.run({"name": "Complète", "computer": {}, "user": {}}, state="replaced")
    (found,) = here.gathered("Complète")
    assert {name: list(found[name]) for name in ("computer", "user")} == {
        "computer": ["enabled", "foreign"],
        "user": ["enabled"],
    }


def test_an_export_replayed_in_a_domain_of_another_name_gives_the_same_export(
    here: Console, other_domain: Domain
) -> None:
    here.run(rich())
    export = here.gathered()
    other_domain.tool("group", "add", "GG-Essai")
    with console(other_domain) as there:
        mine = [item for item in export if item["name"] == "Complète"]
        there.run(*mine)
        assert there.run(*mine, state="replaced")["changed"] is False
        assert there.gathered("Complète") == mine
        other_domain.tool("gpo", "aclcheck")
