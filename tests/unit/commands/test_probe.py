"""`piste probe`: the places it visits, the cables it asks for, its lines and exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played
from piste.trials.probe import results
from piste.trials.probe.results import Probed, Probing
from piste.trials.probe.results import Result as Tried
from piste.trials.probe.visit import causes

SCHOOL = "ecole-jaures"


def tried(kind: str, verdict: str, number: int = 0, **more: Any) -> Tried:
    base = {"id": f"{kind}{number}", "kind": kind, "title": f"{kind} {number}", "expected": "attendu", "observed": "vu"}
    return Tried.model_validate({**base, "verdict": verdict, **more})


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """Stand in for the playbook: it keeps a result of the place that is asked for."""
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path))
    asked: list[Order] = []

    def stand_in(order: Order, *, check: bool, **more: Any) -> Played:
        assert check is False
        asked.append(order)
        (name,) = order.extra.get("probe_places", ["utilisateurs"])
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        some = [*(tried("name", "conform", number) for number in range(4)), tried("link", "conform")]
        if name == "telephonie":
            some.append(tried("lease", "wrong", reason="le relais de la passerelle manque"))
            left = {"observed": "pas essayé", "reason": "rien n’a répondu à cet endroit : un silence n’y prouve rien"}
            some += [tried("flow", "unknown", number, **left) for number in range(40)]
        wifi = name.startswith("VLB-")
        place = Probed(segment="utilisateurs" if wifi else name, ssid=name if wifi else None, started=moment,
                       ended=moment, causes=list(causes(some)), results=some)  # fmt: skip
        results.write(
            Probing(
                id=f"20261127T19000{len(asked)}Z-00000{len(asked)}",
                site=SCHOOL,
                environment="lab",
                carrier="here",
                operator="claire",
                commit="",
                clean=True,
                declaration="",
                places=[place],
            )
        )
        return Played()

    monkeypatch.setattr(play, "play", stand_in)
    return asked


def probe(*arguments: str, said: str = "") -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["probe", *arguments], input=said)


def standing(folder: Path, name: str, *sites: str) -> None:
    """Leave the state of a twin where no twin stands."""
    (folder / name).mkdir(parents=True)
    state = {"ready": True, "environment": "lab", "sites": list(sites), "places": []}
    (folder / name / "state.json").write_text(json.dumps(state), "utf-8")


def test_only_a_single_carrier_is_named() -> None:
    done = probe(SCHOOL, "--twin", "a", "--here", "eth0")
    assert done.exit_code == 1
    assert "--twin JUMEAU, --here INTERFACE, --from SONDE ou --standing" in done.output


def test_the_only_twin_of_a_site_is_taken_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TWINS_DIR", str(tmp_path))
    none = probe(SCHOOL)
    assert (none.exit_code, f"aucun jumeau ne porte {SCHOOL}. piste twin up {SCHOOL}" in none.output) == (1, True)
    standing(tmp_path, "autre", "ccas")
    other = probe(SCHOOL)
    assert (other.exit_code, "autre en porte d’autres" in other.output) == (1, True)
    standing(tmp_path, "jau", SCHOOL)
    alone = probe(SCHOOL)
    assert f"Du jumeau jau, le seul de {SCHOOL}." in alone.output
    standing(tmp_path, "neuf", SCHOOL, "ccas")
    several = probe(SCHOOL)
    assert (several.exit_code, "au choix jau, neuf" in several.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("ecole-jaure",), "n’est pas un site", 1),
        (("nouveau-site",), "n’est pas en service", 4),
        ((SCHOOL, "utilisateur"), "n’est ni un segment ni un SSID de ecole-jaures", 1),
    ],
)
def test_an_unknown_place_is_refused_with_its_neighbours(arguments: tuple[str, ...], words: str, code: int) -> None:
    done = probe(*arguments, "--here", "eth0")
    assert done.exit_code == code
    assert words in done.output


def test_a_twin_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TWINS_DIR", str(tmp_path))
    done = probe(SCHOOL, "--twin", "absent")
    assert done.exit_code == 1
    assert "absent" in done.output


def test_each_cable_is_asked_for_and_each_place_shown(orders: list[Order]) -> None:
    done = probe(SCHOOL, "utilisateurs", "VLB-Agents", "--here", "eth0", said="\n")
    assert done.exit_code == 0, done.output
    assert "un port du segment « utilisateurs » (VLAN 151 : sw-jau-01/5" in done.output
    assert done.output.count("Branchez la sonde") == 1
    assert [order.extra["probe_places"] for order in orders] == [["utilisateurs"], ["VLB-Agents"]]
    assert {order.extra["probe_from"] for order in orders} == {"ici"}
    assert "✓ conforme      Noms : 4 essais" in done.output
    assert "10 conformes, 0 non conforme, 0 inconnu, 0 non essayé." in done.output


def test_a_place_that_is_left_is_not_visited(orders: list[Order]) -> None:
    done = probe(SCHOOL, "utilisateurs", "--here", "eth0", said="passer\n")
    assert orders == []
    assert done.exit_code == 3


def test_a_fault_is_shown_with_its_cause_and_leaves_with_its_code(orders: list[Order]) -> None:
    done = probe(SCHOOL, "telephonie", "--from", "portable", said="\n")
    assert done.exit_code == 1
    assert "✗ non conforme  lease 0 : vu" in done.output
    lines = done.output.splitlines()
    first = lines.index("telephonie@ecole-jaures (filaire, telephonie)")
    assert lines[first + 1] == "✗ cause : le relais de la passerelle manque"
    assert "                  → attendu : attendu" in lines
    assert done.output.count("le relais de la passerelle manque") == 1
    assert "Ensuite : piste drift ecole-jaures" in lines[-1]
    assert orders[0].extra["probe_from"] == "portable"
    assert done.output.count("rien n’a répondu à cet endroit") == 1
    assert "40 essais, pas essayés : rien n’a répondu à cet endroit" in done.output


def test_results_come_as_data_too(orders: list[Order]) -> None:
    done = probe(SCHOOL, "telephonie", "--here", "eth0", "--format", "json", said="\n")
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "error"
    (wrong,) = [result for result in answer["places"][0]["results"] if result["verdict"] == "wrong"]
    assert wrong["reason"] == "le relais de la passerelle manque"


def test_a_standing_station_is_asked_for_no_cable(orders: list[Order]) -> None:
    done = probe("--standing")
    assert (done.exit_code, "Branchez" in done.output) == (0, False), done.output
    assert [{*order.extra} & {"probe_from", "probe_site", "probe_places"} for order in orders] == [set()]
    assert "utilisateurs@ecole-jaures (filaire, utilisateurs)" in done.output
    assert probe(SCHOOL, "--standing").exit_code == probe().exit_code == 1


def test_no_standing_station_or_a_silent_one_is_never_well(
    orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play, "play", lambda order, **more: Played())
    none = probe("--standing")
    assert (none.exit_code, "aucune sonde à demeure" in none.output) == (1, True)
    silent = Played(troubles=[play.Trouble("sonde-jau", "Mener", "unknown", "Host key verification failed")])
    monkeypatch.setattr(play, "play", lambda order, **more: silent)
    assert probe("--standing").exit_code == 3
