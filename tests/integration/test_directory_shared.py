"""Reads common to all owners are made once a run, and are never older than the run's writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ldap3
import pytest

from piste.engine.converge.errors import Conflict, PisteError, Unreachable
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import Domain as Where
from piste.systems.windows.searches import PLACES
from tests.support.ad import Run, Town, summary
from tests.support.samba import Domain

SCHOOLS = ("auriol", "jaures", "mermoz")
UNITS, GROUPS, LINKS = "ad_organizational_units", "ad_groups", "ad_gpo_links"
DEFAULT = "Default Domain Policy"


@pytest.fixture
def town(domain: Domain, tmp_path: Path) -> Town:
    return Town(domain, tmp_path)


@pytest.fixture
def binds() -> Iterator[list[str]]:
    counts: list[str] = []
    bind = ldap3.Connection.bind

    def counted(connection: ldap3.Connection, *arguments: Any, **options: Any) -> Any:
        counts.append("bind")
        return bind(connection, *arguments, **options)

    with patch.object(ldap3.Connection, "bind", counted):
        yield counts


def commune(run: Run, **options: Any) -> list[dict[str, Any]]:
    place = {"base": "/", "apart": [f"Ville/{school}" for school in SCHOOLS], **options}
    filters = [{"name": "Windows 11", "queries": [{"query": "SELECT 1"}]}]
    return [
        run.module(UNITS, [{"path": "Ville", "protected": True}], **place),
        run.module(GROUPS, [{"name": "GV-Agents", "ou": "Ville"}], **place),
        run.module("ad_wmi_filters", filters, **options),
        run.module(LINKS, [{"target": "Ville", "links": {DEFAULT: {}}}], **place),
    ]


def school(run: Run, name: str, **options: Any) -> list[dict[str, Any]]:
    path = f"Ville/{name}"
    place = {"base": path, "owner": name, **options}
    return [
        run.module(UNITS, [{"path": path, "description": name}, {"path": f"{path}/Postes"}], **place),
        run.module(GROUPS, [{"name": f"GG-{name}", "ou": path}], **place),
        run.module(LINKS, [{"target": path, "links": {DEFAULT: {}}, "order": [DEFAULT]}], **place),
    ]


def reads(results: list[dict[str, Any]]) -> list[int]:
    return [result["calls"]["reads"] for result in results]


def test_a_run_with_nothing_to_do_asks_once_what_all_owners_need(town: Town, binds: list[str]) -> None:
    with town.run() as run:
        made = [*commune(run), *(result for name in SCHOOLS for result in school(run, name))]
        assert all(result["changed"] for result in made)
    binds.clear()
    with town.run() as run:
        # The facts of the domain (3) and its places, one group, the WMI filters, the policies.
        assert reads(commune(run)) == [4, 1, 1, 1]
        assert {name: reads(school(run, name)) for name in SCHOOLS} == {name: [0, 1, 0] for name in SCHOOLS}
        assert len(binds) == 4 + len(SCHOOLS)
    with town.run() as run:
        assert reads(school(run, "jaures")) == [4, 1, 1]


def test_what_one_owner_writes_is_there_for_the_next(town: Town) -> None:
    with town.run() as run:
        assert school_is_refused(run, "jaures")
        commune(run)
        assert [result["changed"] for result in school(run, "jaures")] == [True, True, True]
        assert [result["changed"] for result in school(run, "jaures", check=True)] == [False, False, False]
        run.module("ad_gpos", [{"name": "Nouvelle"}])
        linked = [{"target": "Ville/jaures", "links": {"Nouvelle": {}}}]
        assert run.module(LINKS, linked, base="Ville/jaures", owner="jaures")["changed"] is True


def school_is_refused(run: Run, name: str) -> bool:
    with pytest.raises(PisteError, match="« Ville » n’existe pas et n’est pas déclaré"):
        school(run, name)
    return True


def test_what_is_read_in_the_middle_of_a_write_is_not_kept(town: Town, domain: Domain) -> None:
    with town.run() as run:
        commune(run)
        shared = Directory(Where.of(domain.option))

        def looking(write: Callable[..., Any]) -> Callable[..., Any]:
            def early(*arguments: Any, **options: Any) -> Any:
                shared.find(PLACES, fresh=False)  # another task of the run looks just before the controller writes
                return write(*arguments, **options)

            return early

        with patch.object(ldap3.Connection, "add", looking(ldap3.Connection.add)):
            run.module(UNITS, [{"path": "Ville/jaures"}], base="Ville/jaures", owner="jaures")
        names = {entry.dn.partition(",")[0] for entry in shared.find(PLACES, fresh=False)}
        shared.close()
        assert names >= {"OU=jaures", "OU=Ville"}


def test_somebody_else_s_change_after_the_shared_read_still_stops_the_write(town: Town, domain: Domain) -> None:
    with town.run() as run:
        commune(run)
        school(run, "jaures")
        school(run, "mermoz", check=True)
        domain.tool("ou", "rename", f"OU=jaures,OU=Ville,{domain.base_dn}", "OU=jaurès-autre")
        config, before = [{"path": "Ville/jaures", "description": "Autre"}], list(town.writes)
        with pytest.raises(Conflict, match="modifié par quelqu’un d’autre depuis le calcul du plan : Ville/jaures"):
            run.module(UNITS, config, base="Ville/jaures", owner="jaures")
        assert town.writes == before


def test_what_came_since_the_shared_read_is_refused_to_nobody(town: Town, domain: Domain) -> None:
    with town.run() as run:
        commune(run)
        school(run, "mermoz", check=True)
        domain.tool("ou", "add", f"OU=jaures,OU=Ville,{domain.base_dn}")
        domain.tool("gpo", "create", "Nouvelle")
        town.module("ad_wmi_filters", [{"name": "Serveurs", "queries": [{"query": "SELECT 2"}]}])  # another run
        for module, item in (
            (GROUPS, {"name": "GG-jaures", "ou": "Ville/jaures"}),
            (LINKS, {"target": "Ville", "links": {"Nouvelle": {}}}),
            (LINKS, {"target": "Ville/jaures", "links": {"Nouvelle": {}}}),
            ("ad_gpos", {"name": "Autre", "wmi_filter": "Serveurs"}),
        ):
            assert run.module(module, [item], check=True)["changed"] is True


def test_what_goes_with_a_unit_is_noted_as_it_is_not_as_the_run_knew_it(town: Town, domain: Domain) -> None:
    with town.run() as run:
        commune(run)
        school(run, "jaures")
        school(run, "mermoz", check=True)
        place = f"OU=Postes,OU=jaures,OU=Ville,{domain.base_dn}"
        domain.tool("gpo", "setlink", place, "{31B2F340-016D-11D2-945F-00C04FB984F9}")
        gone = run.module(UNITS, absent=["Ville/jaures/Postes"], base="Ville/jaures", owner="jaures")
    (noted,) = gone["contents"]
    assert [*noted["holds"]["ad_gpo_links"]["config"][0]["links"]] == [DEFAULT]


def test_what_did_not_answer_is_known_to_nobody(town: Town, domain: Domain) -> None:
    def silent(connection: ldap3.Connection, base: str, wanted: str, *arguments: Any, **options: Any) -> Any:
        if "domainDNS" in wanted:
            raise OSError("silence")
        return search(connection, base, wanted, *arguments, **options)

    with town.run() as run:
        commune(run)
        search = ldap3.Connection.search
        with patch.object(ldap3.Connection, "search", silent):
            for name in ("auriol", "mermoz"):
                with pytest.raises(Unreachable, match="ne répond pas"):
                    school(run, name, check=True)
        made = summary(school(run, "auriol", check=True)[0])
        assert made == ["+ organizational_unit Ville/auriol", "+ organizational_unit Ville/auriol/Postes"]
