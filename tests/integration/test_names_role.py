"""The names of the town as an operator converges them, on a real domain controller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.ad.configuration import DNS_PORT
from piste.systems.windows.dns_tests import TYPES, Server, ask
from tests.support.checkouts import lent
from tests.support.playbooks import Console, Played, console, only
from tests.support.samba import Domain

SCHOOL, ZONE = "ecole-jaures", "ad.lebourget.example"
REVERSE, GATEWAY = "93.10.in-addr.arpa", "gw-jau-utilisateurs"
NAMES = ("playbooks/domains/names.yml", "-l", f"commune,{SCHOOL}")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with (
        lent(tmp_path_factory, ("hotel-de-ville", SCHOOL)),
        console(tmp_path_factory.mktemp("names"), directory=True) as opened,
    ):
        opened.environment |= only("names")
        yield opened


@pytest.fixture(scope="module")
def domain(terminal: Console) -> Domain:
    assert terminal.lab.directory is not None, terminal.lab.info["absent"]
    return Domain(terminal.lab.directory)


def diff_of(played: Played) -> list[str]:
    return [line for line in played.said.splitlines() if line[:1] in "+-" and line.strip()]


def changed(played: Played) -> list[int]:
    assert played.code == 0, played.said
    return [played.recap(host)["changed"] for host in ("commune", SCHOOL)]


def test_the_names_of_a_site_are_planned_made_drifted_and_given_back(terminal: Console, domain: Domain) -> None:
    before = domain.usn()
    planned = terminal.play(*NAMES, "--check", "--diff", "--forks", "1")
    assert (changed(planned), domain.usn()) == ([1, 1], before)
    said = "\n".join(diff_of(planned))
    assert f"dns_zone {REVERSE} (création)" in said
    assert f"dns_record {ZONE}/{GATEWAY}/A (création)" in said

    converged = terminal.play(*NAMES, "--diff", "--forks", "1")
    assert (changed(converged), diff_of(converged)) == ([1, 1], diff_of(planned))
    server = Server("dc1", domain.address, DNS_PORT)
    assert ask(server, f"{GATEWAY}.{ZONE}", TYPES["A"]) == ["10.93.41.254"]
    assert ask(server, f"254.41.{REVERSE}", TYPES["PTR"]) == [f"{GATEWAY}.{ZONE}"]

    before = domain.usn()
    assert (changed(terminal.play(*NAMES)), domain.usn()) == ([0, 0], before)

    domain.dns("delete", ZONE, GATEWAY, "A", "10.93.41.254")
    domain.dns("add", ZONE, "essai-prestataire", "A", "10.93.2.250")
    servers = terminal.lab.systems["winrm"].simulator.machines
    servers["hdv-dc2"].state["dns"]["forwarders"] = ["192.0.2.53"]
    drifted = terminal.play("playbooks/drift.yml", "--check", "--diff", "--tags", "names", "-l", f"commune,{SCHOOL}")
    said = drifted.said.replace("\n ", " ")
    assert f"dns_record {ZONE}/{GATEWAY}/A (création)" in said
    assert "dns_server hdv-dc2 : redirige vers 192.0.2.53, 198.51.100.253 déclaré" in said
    assert "dns_server hdv-dc1" not in said
    orphans = [line for line in said.splitlines() if "personne ne le déclare" in line and "/essai-" in line]
    assert [line.partition(": ")[2].strip() for line in orphans] == [
        f"dns_record {ZONE}/essai-prestataire/A : personne ne le déclare : 10.93.2.250"
    ]
