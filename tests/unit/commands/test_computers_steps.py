"""The verb `piste computers steps`: a computer from reception to exit, by commands alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.computers import kept
from piste.readings.table import SUBJECTS
from piste.sites.conformity import Facts, judge
from piste.sites.life.steps import late_steps
from piste.town import declared
from tests.support.computers import measure
from tests.unit.commands.test_asset import run, town

__all__ = ["town"]
NAME, UNIT = "pc-ess-001", "Ville/Écoles/ecole-jaures"
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
TAKEN = "2026-11-24T09:00:00Z"


@pytest.fixture
def school(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    on("2026-11-02", monkeypatch)
    written("receive 5CDX1 --order BC-7 --class computer --variant desktop --site ecole-jaures --prefix pc-ess-")
    return town


def on(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", day)


def written(line: str) -> None:
    done = run(f"asset {line} --role technicien --yes")
    assert done.exit_code == 0, done.output


def states(name: str = NAME) -> dict[str, str]:
    shown = run(f"computers steps {name} --format json")
    assert shown.exit_code == 0, shown.output
    return {step["step"]: step["state"] for step in json.loads(shown.output)["steps"]}


def account(**changes: Any) -> Mapping[str, Any]:
    return {
        "name": NAME.upper(), "last_seen": "2026-11-23", "version": "Windows 11", "signatures_at": None,
        "state": "healthy", "place": UNIT, "recovery_key": True, **changes,
    }  # fmt: skip


def read(*, agent: str | None = "healthy", key: bool | None = True, place: str = UNIT, state: str = "healthy",
         **report: Any) -> None:  # fmt: skip
    who = NAME if agent else "autre"
    agents = [{"name": who, "last_seen": "2026-11-23", "version": "1", "signatures_at": None, "state": agent or "off"}]
    rows = {"defender": Reading(agents, AT),
            "directory": Reading([account(recovery_key=key, place=place, state=state)], AT)}  # fmt: skip
    store.keep(SUBJECTS["edr"], "lab", rows)
    made = measure(NAME.upper(), taken_at=TAKEN, **report)
    store.keep(kept.MEASURES, "lab", {NAME.upper(): Reading(made, AT)})


ALL = {"policies": ["Socle commun"], "encrypted": True, "firewall": True}


def test_a_computer_from_its_master_to_its_exit(
    school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert states() == {
        "master": "wrong", "joined": "unknown", "hardened": "unknown", "edr": "unknown", "encrypted": "unknown",
        "firewall": "unknown", "recovery-key": "unknown", "inventoried": "wrong", "measured": "unknown",
        "labelled": "wrong", "handed-over": "wrong",
    }, "what nothing read is unknown; an act that nobody wrote is lacking"  # fmt: skip
    assert run("computers steps --late").output.splitlines()[-1].startswith("295 postes, 0 en retard.")
    on("2026-11-24", monkeypatch)
    late = run("computers steps --late").output
    assert f"{NAME}  ecole-jaures  en stock" in late
    assert "Master de la ville posé, à sa version du mois et 3 de plus" in late
    assert "en retard 17/11/2026" in late
    for step in ("master", "inventoried", "handed-over"):
        written(f'check {NAME} --step {step} --reference "fiche 12"')
    again = run(f'asset check {NAME} --step master --reference "fiche 12" --role technicien --yes')
    assert again.output == "Tout est déjà inscrit ainsi.\n"
    written(f"assign {NAME} --to Écoles --place 'Classe 3' --labelled")
    read(**ALL)
    assert set(states().values()) == {"ok"}
    shown = run(f"computers steps {NAME}").output
    assert f"compte dans {UNIT}" in shown
    assert "  manque  " not in shown.partition("lu le")[2]
    assert NAME not in run("computers steps --late").output
    (tmp_path / "rapport.txt").write_text("effacé")
    written(f'erase {NAME} --method "NIST SP 800-88 purge" --evidence {tmp_path / "rapport.txt"}')
    assert states()["master"] == "wrong", "an erased disk has no master any more"
    written(f"exit {NAME} --reference 'PV de don 3'")
    assert states() == {"erased": "ok", "account-off": "wrong", "out-of-contract": "wrong"}
    written(f'check {NAME} --step out-of-contract --reference "avenant 2"')
    read(state="off")
    assert set(states().values()) == {"ok"}


@pytest.mark.parametrize(
    ("seen", "step", "state", "said"),
    [
        ({"place": "Computers"}, "joined", "wrong", "compte hors de l’unité de son site, dans Computers"),
        ({"state": "off"}, "joined", "wrong", "compte désactivé à l’annuaire"),
        ({"key": False}, "recovery-key", "wrong", "aucune clé de secours à l’annuaire"),
        ({"key": None}, "recovery-key", "unknown", "l’annuaire ne montre aucune clé au compte qui lit"),
        ({"agent": None}, "edr", "wrong", "aucun agent"),
        ({"agent": "off"}, "edr", "wrong", "agent arrêté"),
        ({"policies": ["Autre"]}, "hardened", "wrong", "n’applique pas Socle commun"),
        ({"policies": None}, "hardened", "unknown", "son programme de mesure ne le dit pas"),
        ({"encrypted": False}, "encrypted", "wrong", "disque non chiffré, ou protection suspendue"),
        ({"encrypted": None}, "encrypted", "unknown", "son programme de mesure ne le dit pas"),
        ({"firewall": False}, "firewall", "wrong", "pare-feu coupé, au moins d’un profil"),
        ({"firewall": None}, "firewall", "unknown", "son programme de mesure ne le dit pas"),
    ],
)
def test_each_step_that_lacks_is_named(
    school: Path, monkeypatch: pytest.MonkeyPatch, seen: dict[str, Any], step: str, state: str, said: str
) -> None:
    on("2026-11-24", monkeypatch)
    read(**{**ALL, **seen})
    steps = json.loads(run(f"computers steps {NAME} --format json").output)["steps"]
    (made,) = [entry for entry in steps if entry["step"] == step]
    assert (made["state"], made["said"].partition(" (")[0]) == (state, said)


def test_a_reading_that_is_too_old_proves_nothing(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on("2026-11-24", monkeypatch)
    read(**ALL)
    on("2026-12-20", monkeypatch)
    made = states()
    assert {made[step] for step in ("joined", "edr", "hardened", "encrypted", "measured")} == {"unknown"}


def test_a_finding_counts_the_computers_that_are_late(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on("2026-11-24", monkeypatch)
    read(**{**ALL, "encrypted": False})
    by_id = {finding.id: finding for finding in late_steps(declared.derived("lab"), "lab")}
    site = by_id["computers.steps.ecole-jaures"]
    assert (site.state, site.site, site.who) == ("wrong", "ecole-jaures", "technicien")
    assert site.what.startswith("ecole-jaures : 16 postes en retard d’une étape (")
    assert "disque chiffré, 1" in site.what
    assert NAME not in site.what, "a finding on measures has numbers, never names"
    assert by_id["computers.steps"].state == "unknown"


@pytest.mark.parametrize(("proof", "clause"), [("firewall", "H17"), ("encrypted", "H31")])
def test_a_protection_that_a_computer_lacks_breaks_its_clause(
    school: Path, monkeypatch: pytest.MonkeyPatch, proof: str, clause: str
) -> None:
    def said() -> tuple[str, str]:
        """Give the state of the protection over the town, and that of its evidence."""
        every = late_steps(declared.derived("lab"), "lab")
        listed = [finding for finding in every if finding.id == f"computers.{proof}"]
        evidence = judge(Facts(findings=listed), [clause])[clause].evidence
        return listed[0].state, [piece for piece in evidence if piece.kind == "findings"][-1].state

    written(f"assign {NAME} --to Écoles --place 'Classe 3' --labelled")
    on("2026-11-24", monkeypatch)
    read(**ALL)
    assert said() == ("unknown", "unknown"), "the other computers say nothing"
    read(**{**ALL, proof: False})
    assert said() == ("wrong", "wrong")
    alone = [asset for asset in declared.derived("lab").assets if asset["name"] == NAME]
    monkeypatch.setattr(type(declared.derived("lab")), "assets", alone)
    assert said() == ("wrong", "wrong")
    read(**ALL)
    assert said() == ("ok", "ok")


def test_nothing_read_is_no_finding_of_a_laboratory(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    assert list(late_steps(declared.derived("lab"), "lab")) == []


def test_a_computer_that_is_none_is_refused(school: Path) -> None:
    assert "n’est pas un poste de l’inventaire" in run("computers steps pc-jau-999").output
    assert run("computers steps --site nulle-part").exit_code != 0
