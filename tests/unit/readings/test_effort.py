"""The effort of each rule and what each silence hides: nothing of the tables is forgotten."""

from __future__ import annotations

from fnmatch import fnmatchcase

from piste.readings.effort import rank, rule_of, table
from piste.readings.table import READERS, SUBJECTS
from piste.readings.tenant.rules import RULES
from piste.sites.audit.form import OWN
from piste.systems.windows.points.table import points


def test_every_rule_has_an_effort_and_a_recommendation() -> None:
    grave = [f"tenant.{id_}" for id_, rule in RULES.items() if rule.get("gravity", "major") != "minor"]
    whole = [subject.name for subject in SUBJECTS.values() if subject.judge and subject.name != OWN]
    every = [*whole, *(f"{name}.x" for name in whole), *(f"directory.{id_}" for id_ in points()), *grave, "put_off.x"]
    assert [id_ for id_ in every if rule_of(id_) is None] == [], "a line of piste/readings/effort.yml"
    assert all(rule.effort in table().efforts and rule.says for rule in table().rules)
    for place, rule in enumerate(table().rules):
        before = [former for former in table().rules[:place] if fnmatchcase(rule.pattern, former.pattern)]
        assert not before, f"{rule.pattern} is never reached"
        assert rule.pattern.partition(".")[0] in {*SUBJECTS, "put_off"}


def test_what_has_no_known_effort_is_last() -> None:
    assert sorted(["", "project", "hours", "days"], key=rank) == ["hours", "days", "project", ""]
    assert rule_of("nothing.x") is None


def test_each_system_that_is_asked_says_what_its_silence_hides() -> None:
    # Each Windows server has its own name, and the stores of restic are judged with those of Veeam.
    others = {"les serveurs Windows", "les dépôts restic"}
    asked = {ask for reader in READERS.values() for ask in reader.asks}
    assert asked - others == {system.name for system in table().systems}, "a line of piste/readings/effort.yml"
    assert {pattern.partition("/")[0] for system in table().systems for pattern in system.read} <= {*SUBJECTS}
