"""Measurements of a plan: lost, gained, changed, cut on the way."""

from __future__ import annotations

from typing import Any

from piste.trials.probe.ways import Ways
from piste.trials.rehearsal.asked import Target
from piste.trials.rehearsal.compared import changes, cuts, moments
from piste.trials.rehearsal.course import Course, Stage
from piste.trials.rehearsal.measured import Seen
from piste.trials.rehearsal.said import Rehearsed
from tests.support.twin import town

POST = ("ecole-jaures", "poste")
WEB, FILES = Target("tcp", "10.93.2.18", 443), Target("tcp", "10.93.2.16", 445)
NAME = Target("name", "10.93.2.11", 0, "hdv-imp1.ad.lebourget.example")
LENT = {"routers": ["10.93.41.254"], "dns": [], "ntp": [],
        "domain": "", "boot_server": "", "boot_file": "", "lease": 60}  # fmt: skip


def seen(web: bool = True, files: bool = True, name: Any = ("10.93.2.18",), **more: Any) -> dict[Any, Seen]:
    whole = Seen("10.93.41.10", "10.93.41.0/24", LENT, {WEB: web, FILES: files, NAME: name}, {"02": ""})
    return {POST: whole._replace(**more)}


AWAY = {POST: Seen("", "", {}, {}, {"02": ""})}


def said(*measures: Any) -> Rehearsed:
    stages = [Stage((), f"étape {rank}", None, None) for rank in range(len(measures))]  # type: ignore[arg-type]
    return Rehearsed(Course(stages), measures, Ways(town()))


def test_nothing_that_changes_is_said_so() -> None:
    assert changes(seen(), seen()) == []
    assert said(seen(), seen()).verdict() == "rien ne change pour personne, sur 3 essais"


def test_what_was_not_tried_is_no_proof_that_nothing_changes() -> None:
    assert said(seen(), seen()).whole
    nobody = said(AWAY, AWAY)
    assert (nobody.verdict(), nobody.untried, nobody.whole) == ("rien n’a été éprouvé", True, False)
    silent = said(seen(error="muet"), seen(error="muet"))
    assert silent.verdict() == "rien de ce qui a été éprouvé ne change, sur 3 essais"
    assert (silent.untried, silent.whole) == (False, False)
    for touched, verdict in (([], "rien n’a été éprouvé"),
                             ([{}], "rien de ce qui a été éprouvé ne change, sur 3 essais")):  # fmt: skip
        part = said(seen(), seen())
        part.course.outside.append({})
        part.course.touched.extend(touched)
        assert (part.verdict(), part.whole) == (verdict, False)
    gained = said(AWAY, seen())
    assert (gained.verdict(), gained.whole) == ("1 accès gagné, sur 3 essais", True)


def test_what_stops_begins_and_changes_has_its_line() -> None:
    before = seen(web=False, reserved={"02": ""})
    after = seen(files=False, name=("10.93.2.99",), reserved={"02": "10.93.41.7"}, lent={**LENT, "lease": 90})
    made = said(before, after)
    assert list(made.by_turn()) == [
        ("Ne passe plus", ["ecole-jaures poste → hdv-fic1 : tcp/445"]),
        ("Passe désormais", ["ecole-jaures poste → hdv-imp1 : tcp/443"]),
        ("Change", [
            "ecole-jaures poste : durée du bail 60 → 90",
            "ecole-jaures poste : adresse réservée de 02 aucun → 10.93.41.7",
            "ecole-jaures poste : nom hdv-imp1.ad.lebourget.example 10.93.2.18 → 10.93.2.99 (selon hdv-dc1)",
        ]),
    ]  # fmt: skip
    assert made.verdict() == "1 accès perdu, 1 accès gagné, 3 changements, sur 3 essais"


def test_a_computer_without_any_address_is_a_single_loss() -> None:
    (change,) = changes(seen(), AWAY)
    assert (change.turn, change.what, change.was, change.becomes) == ("lost", "réseau", "10.93.41.0/24", "")
    assert [change.turn for change in changes(AWAY, seen())] == ["gained"]


def test_what_is_cut_on_the_way_is_named_with_its_steps() -> None:
    made = said(seen(), seen(web=False), seen(), AWAY, AWAY, seen())
    assert made.changes == []
    assert [(cut.change.target, cut.change.what, cut.first, cut.back) for cut in made.cuts] == [
        (None, "réseau", 3, 5), (WEB, "", 1, 2),
    ]  # fmt: skip
    steps = dict(made.by_step())
    assert steps["étape 1"] == ["coupe, jusqu’à « étape 2 » : ecole-jaures poste → hdv-imp1 : tcp/443"]
    assert steps["étape 3"] == ["coupe, jusqu’à « étape 5 » : ecole-jaures poste : réseau 10.93.41.0/24 → aucun"]
    assert steps["étape 2"] == []


def test_a_loss_is_that_of_the_step_since_which_it_lasts() -> None:
    measures = [seen(), seen(web=False), seen(), seen(web=False)]
    (change,) = changes(measures[0], measures[-1])
    assert moments(measures, change) == 3
    assert cuts(measures) == [], "what is lost in the end is no cut"


def test_what_was_not_seen_says_nothing() -> None:
    lost = {POST: seen()[POST]._replace(error="la sonde n’a pas répondu", reached={})}
    assert changes(seen(), lost) == []
    assert said(seen(), lost).errors == ["ecole-jaures poste : la sonde n’a pas répondu"]
