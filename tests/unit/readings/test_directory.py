"""The points of the directory as findings, and the level as a bound."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.directory.findings import figures, findings, level
from piste.readings.directory.kept import SUBJECT, take
from piste.readings.table import Answer
from piste.systems.windows.points.table import points, readable
from piste.town.model import Town
from piste.town.model.dates import now

SOUND = {"wrong": False, "faults": 0, "of": 3, "names": []}
WHOLE = [id_ for id_, point in readable().items() if point.of_agency and not point.entry.partial]
UNREAD = 95 - len(WHOLE)


def answer(unread: dict[str, str] | None = None, **faults: Any) -> Answer:
    judged = {id_: faults.get(id_.replace("-", "_"), SOUND) for id_ in readable() if id_ not in (unread or {})}
    content = {"read_at": now().isoformat(), "points": judged, "unread": unread or {}}
    return Answer(content, {}, {})


def said(town: Town, given: Answer) -> dict[str, Finding]:
    assert take(town, "lab", given)
    return {finding.id.removeprefix("directory."): finding for finding in findings(town, "lab")}


def test_a_level_is_a_bound_while_a_point_is_unread(town: Town) -> None:
    listed = said(town, answer())
    what = f"niveau de sécurité de l’annuaire, selon l’agence : au mieux 5 ; {UNREAD} points sur 95 non lus"
    assert (listed["level"].state, listed["level"].what) == ("unknown", what)
    partial = {id_ for id_, point in readable().items() if point.entry.partial}
    assert {id_ for id_, finding in listed.items() if finding.state != "ok"} == {"level", *partial}
    in_part = listed["vuln_permissions_schema-l1"]
    assert (in_part.state, in_part.gravity) == ("unknown", "minor")
    assert "Lu en partie : " in in_part.what


def test_what_is_tolerated_is_counted(town: Town) -> None:
    listed = said(town, answer(vuln_dont_expire_l2={"wrong": False, "faults": 8, "of": 100, "names": []}))
    tolerated, sound = listed["vuln_dont_expire-l2"], listed["vuln_krbtgt-l2"]
    assert (tolerated.state, tolerated.what.endswith(" : non, 8 sur 100 objets lus.")) == ("ok", True)
    assert (sound.state, sound.what.endswith(" : aucun sur 3 objets lus.")) == ("ok", True)


@pytest.mark.parametrize(
    ("fault", "bound", "gravity"),
    [("vuln_krbtgt_l2", f"au mieux 2 ; {UNREAD} points sur 95 non lus", "major"),
     ("vuln_spn_priv_l1", f"niveau 1 ; {UNREAD} points sur 95 non lus", "critical")],
)  # fmt: skip
def test_a_fault_lowers_the_level_and_says_who_and_how_to_mend(
    town: Town, fault: str, bound: str, gravity: str
) -> None:
    listed = said(town, answer(**{fault: {"wrong": True, "faults": 9, "of": 30, "names": ["adm-a", "adm-\x1b[2Jb"]}}))
    assert (listed["level"].state, listed["level"].gravity) == ("wrong", gravity)
    (figure,) = figures(town, "lab")
    assert (figure.value, figure.unknown, figure.said) == (2 if "l2" in fault else 1, UNREAD, bound)
    assert listed["level"].what.endswith(bound)
    finding = next(finding for finding in listed.values() if "adm-a" in finding.names)
    assert (finding.state, finding.gravity) == ("wrong", gravity)
    assert " : 9 sur 30. " in finding.what
    assert "adm-" not in finding.what
    assert finding.whole.endswith(". Noms lus : adm-a, adm-�[2Jb.")
    assert finding.todo == points()[finding.id.removeprefix("directory.")].entry.cure


def test_a_part_that_fails_lowers_the_level_and_does_not_raise_it() -> None:
    states = dict.fromkeys(readable(), "ok")
    assert (level(states).best, level(states).sure) == (5, 1)
    assert level({**states, "vuln_permissions_adminsdholder-l2": "wrong"}).best == 2
    assert level(dict.fromkeys(points(), "ok")).sure == 1, "what is read in part is never passed"
    assert level({}).said == "niveau inconnu : aucun point n’est lu"


def test_a_point_that_is_not_read_is_unknown_and_counted(town: Town) -> None:
    listed = said(town, answer({"vuln_krbtgt-l2": "rien ne se montre"}))
    unread = listed["vuln_krbtgt-l2"]
    assert (unread.state, unread.what) == ("unknown", "vuln_krbtgt-l2 : rien ne se montre")
    assert f"{UNREAD + 1} points sur 95 non lus" in listed["level"].what


def test_a_silence_is_kept_with_its_reason_and_takes_nothing_away(town: Town) -> None:
    said(town, answer())
    assert not take(town, "lab", Answer(None, {}, {"Juger les points de l’annuaire": "DC1 ne répond pas"}))
    last = store.last(SUBJECT, "lab", {})["vuln_krbtgt-l2"]
    assert isinstance(last, Reading)
    assert isinstance(last.silence, Unread)
    assert last.silence.why == "DC1 ne répond pas"


def test_a_laboratory_that_was_never_read_says_nothing_and_a_town_says_unknown(town: Town) -> None:
    assert [*findings(town, "lab"), *figures(town, "lab")] == []
    assert [(figure.value, figure.unknown) for figure in figures(town, "production")] == [(None, 95)]
    (finding,) = findings(town, "production")
    assert (finding.state, finding.todo) == ("unknown", "piste read directory")
