"""A service in a twin: it works, or the probe of its users names the cause."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from piste.engine.finding import Finding
from piste.sites.living.services import findings
from piste.trials.probe import visit
from piste.trials.probe.trials import Place
from piste.trials.twin import machine
from piste.trials.twin import place as twin
from piste.trials.twin.build import build
from piste.trials.twin.readings import Readings
from tests.support.probe import SCHOOL, as_declared, visited
from tests.support.services import HOST, MACHINE, SHOWS, served, ways
from tests.support.twin import needs_machine, standing_at

pytestmark = needs_machine

AGENTS = Place(SCHOOL, "utilisateurs")
Mend = Callable[[], object]


@cache
def servers() -> str:
    """Give the host of the servers of a twin."""
    (served_page,) = build(as_declared(SCHOOL), served(), [SCHOOL]).pages
    return served_page.host


def on_servers(identity: str, *words: str, text: str = "") -> None:
    there = twin.Place(SCHOOL, "", "", None, "", f"tw{identity}-{servers()}")
    done = machine.run(there, words, text.encode())
    assert done.returncode == 0, done.stderr


def filtering(rule: str) -> Callable[[str], Mend]:
    """Make the servers filter what they are asked."""
    table = "add table ip closed\nadd chain ip closed asked { type filter hook input priority 0; }\n"

    def seed(identity: str) -> Mend:
        on_servers(identity, "nft", "-f", "-", text=f"{table}add rule ip closed asked {rule}")
        return lambda: on_servers(identity, "nft", "delete", "table", "ip", "closed")

    return seed


def page(fault: str) -> Callable[[str], Mend]:
    """Make the page of the service have a fault."""

    def seed(identity: str) -> Mend:
        path = machine.folder(identity) / "pages.faults"
        path.write_text(json.dumps({HOST: fault}), "utf-8")
        return path.unlink

    return seed


def read_otherwise(spoil: Callable[[Readings], None]) -> Callable[[str], Mend]:
    """Make the systems hold something else."""

    def seed(identity: str) -> Mend:
        spoiled = copy.deepcopy(as_declared(SCHOOL))
        spoil(spoiled)
        before, after = (build(read, served(), [SCHOOL]) for read in (as_declared(SCHOOL), spoiled))
        machine.change(before, after, identity)
        return lambda: machine.change(after, before, identity)

    return seed


def name_elsewhere(read: Readings) -> None:
    record: Any
    (record,) = [each for each in read.records if each["name"] == "hdv-ag1" and each["type"] == "A"]
    record["values"] = ["10.93.2.99"]


def no_flow(read: Readings) -> None:
    for policy in read.policies:
        rules: list[Any] = policy.get("ipv4_access") or []
        rules[:] = [rule for rule in rules if rule.get("id") != f"postes-applications.{SCHOOL}"]


FAULTS: dict[str, tuple[Callable[[str], Mend], str]] = {
    "certificate past": (page("expired"), f"le certificat de {HOST} a expiré"),
    "certificate of another name": (page("elsewhere"), f"le certificat n’est pas au nom de {HOST}"),
    "name elsewhere": (read_otherwise(name_elsewhere), f"{HOST} mène à 10.93.2.99, et non à {MACHINE}"),
    "names silent": (filtering("udp dport 53 drop"), "les serveurs de noms (10.93.2.11, 10.93.2.12) se taisent"),
    "port closed": (
        filtering(f"ip daddr {MACHINE} tcp dport 443 reject with tcp reset"),
        "le port est fermé : le service est arrêté sur hdv-ag1",
    ),
    "machine off": (
        filtering(f"ip daddr {MACHINE} drop"),
        "hdv-ag1 se tait, d’autres répondent par le flux postes-applications",
    ),
    "flow refused": (read_otherwise(no_flow), "rien ne répond par le flux postes-applications"),
    "page in error": (page("error"), "le service répond par une erreur (500)"),
    "page without rights": (page("forbidden"), "sa page est refusée : sans droits"),
    "slow page": (page("slow"), "plus de 4 s"),
    "wrong page": (page("other"), f"la page n’est pas la sienne : « {SHOWS} » n’y est pas"),
}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    layout = build(as_declared(SCHOOL), served(), [SCHOOL])
    with standing_at(tmp_path_factory.mktemp("school"), layout, SCHOOL) as identity:
        yield identity


def finding(identity: str) -> Finding:
    """Probe the service at a place of its users; give its finding."""
    probed = visited(identity, AGENTS, {"service", "flow"}, known=ways())
    visit.kept(ways(), SCHOOL, "lab", "twin", [probed])
    (named,) = [each for each in findings(served(), "lab") if each.id == "services.city-web"]
    return named


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path))


def test_a_service_works_from_a_place_of_its_users(school: str) -> None:
    seen = finding(school)
    assert (seen.state, seen.what) == ("ok", "City Web : marche, de utilisateurs@ecole-jaures")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_named_by_service_users_and_cause(fault: str, school: str) -> None:
    seed, cause = FAULTS[fault]
    mend = seed(school)
    try:
        seen = finding(school)
    finally:
        mend()
    assert seen.state == "wrong", seen
    assert seen.what.startswith("City Web : ")
    assert "pour Affaires Générales" in seen.what
    assert cause in seen.what
    assert seen.what.endswith("vu de utilisateurs@ecole-jaures")
    assert seen.gravity == ("minor" if fault == "slow page" else "critical")
