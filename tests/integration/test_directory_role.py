"""The town's directory as an operator converges it, on a real domain controller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkouts import lent
from tests.support.playbooks import Console, Played, console, only
from tests.support.samba import Domain
from tests.unit.windows.test_admx import definitions

SCHOOLS = ("ecole-jaures", "ecole-mermoz")
PLAYBOOK = "playbooks/domains/directory.yml"
DIRECTORY = (PLAYBOOK, "-l", ",".join(("commune", *SCHOOLS)))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with (
        lent(tmp_path_factory, ("hotel-de-ville", *SCHOOLS, "cimetiere")),
        console(tmp_path_factory.mktemp("directory"), directory=True) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def domain(terminal: Console) -> Domain:
    assert terminal.lab.directory is not None, terminal.lab.info["absent"]
    return Domain(terminal.lab.directory)


@pytest.fixture(scope="module")
def planned(terminal: Console, domain: Domain) -> Played:
    """Return the output of a check of an empty domain, before the first run."""
    before = domain.usn(), domain.sysvol()
    played = terminal.play(*DIRECTORY, "--check", "--diff", "--forks", "1")
    assert played.code == 0, played.said
    assert (domain.usn(), domain.sysvol()) == before
    return played


@pytest.fixture(scope="module")
def converged(terminal: Console, planned: Played) -> Played:
    played = terminal.play(*DIRECTORY, "--diff", "--forks", "1")
    assert played.code == 0, played.said
    return played


def diff_of(said: str) -> list[str]:
    return [line for line in said.splitlines() if line[:1] in "+-" and line.strip()]


def changed(played: Played, *hosts: str) -> list[int]:
    return [played.recap(host)["changed"] for host in hosts]


def test_the_check_of_an_empty_domain_says_what_the_run_then_does(planned: Played, converged: Played) -> None:
    assert diff_of(converged.said)
    assert diff_of(converged.said) == diff_of(planned.said)
    assert changed(converged, "commune", *SCHOOLS) == [1, 1, 1]
    assert changed(planned, "commune", *SCHOOLS) == [1, 1, 1]


def test_a_second_run_writes_nothing_and_reads_the_definitions_that_the_environment_names(
    terminal: Console, domain: Domain, converged: Played, tmp_path: Path
) -> None:
    before = domain.usn(), domain.sysvol()
    played = terminal.play(*DIRECTORY, "-e", f"piste_admx={definitions(tmp_path / 'PolicyDefinitions')}")
    assert played.code == 0, played.said
    assert changed(played, "commune", *SCHOOLS) == [0, 0, 0]
    assert (domain.usn(), domain.sysvol()) == before


def test_samba_accepts_what_was_written(domain: Domain, converged: Played) -> None:
    assert domain.tool("gpo", "aclcheck") == ""
    linked = domain.tool("gpo", "getlink", f"OU=ecole-jaures,OU=Écoles,OU=Ville,{domain.base_dn}")
    names = [line.split(": ", 1)[1] for line in linked.splitlines() if line.strip().startswith("Name ")]
    # The last bracket of gPLink is the console's first link.
    assert names == ["Sobriété - Arrêt - Écoles (pilote)", "Sobriété - Veille (pilote)"]


def test_a_site_alone_touches_only_what_is_its_own(terminal: Console, domain: Domain, converged: Played) -> None:
    for school in SCHOOLS:
        domain.tool("group", "delete", f"GG-{school}")
    domain.tool("group", "delete", "GV-Police")
    played = terminal.play(PLAYBOOK, "-l", "ecole-jaures", "--diff")
    assert played.code == 0, played.said
    groups = domain.tool("group", "list").splitlines()
    assert "GG-ecole-jaures" in groups
    assert not {"GG-ecole-mermoz", "GV-Police"} & set(groups)
    assert [line for line in diff_of(played.said) if "group" in line] == [
        "--- before: group GG-ecole-jaures (création)",
        "+++ after: group GG-ecole-jaures (création)",
    ]


@pytest.mark.parametrize("limit", [pytest.param("all", marks=pytest.mark.story), "commune,ecole-jaures"])
def test_the_round_finds_what_nobody_declares(
    terminal: Console, domain: Domain, converged: Played, limit: str
) -> None:
    domain.tool("group", "add", "GG-Prestataire", "--groupou=OU=Ville")
    played = terminal.play("playbooks/drift.yml", "--check", "--tags", "directory", "-l", limit)
    domain.tool("group", "delete", "GG-Prestataire")
    assert played.code == 0, played.said
    orphans = [line for line in played.said.replace("\n ", " ").splitlines() if "personne ne le déclare" in line]
    assert [line.partition(": ")[2].strip() for line in orphans] == ["group GG-Prestataire : personne ne le déclare"]


def test_a_lab_without_directory_is_unknown_and_the_network_goes_on(tmp_path: Path) -> None:
    with console(tmp_path) as alone:
        site = alone.play("playbooks/site.yml", "-l", "commune,cimetiere", "--check", **only("directory", "network"))
    assert site.code == 2
    assert "cimetiere n’a pas abouti (annuaire : sans réponse)." in " ".join(site.said.split())
    assert site.recap("commune")["rescued"] == 1
    assert site.recap("cimetiere")["changed"] == 1
