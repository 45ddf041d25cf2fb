"""The last success of the long stories: noted, and shown with its age."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.support import stories
from tests.support.stories import age, note
from tests.unit.repository.tree import shown, tracked

DAY = date(2026, 12, 1)


def commit(folder: Path) -> None:
    who = ("-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid")
    subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", "Essai"], cwd=folder, check=True)


def report(folder: Path, inside: str = "<testcase name='a'/>") -> Path:
    """Write the report of a run, as pytest does, where git looks at nothing."""
    path = folder / ".git" / "stories.xml"
    path.write_text(f"<testsuites><testsuite>{inside}</testsuite></testsuites>", "utf-8")
    return path


def test_the_day_and_the_commit_of_the_last_success_are_shown_with_what_came_since(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path)
    assert age(tmp_path, DAY).startswith("Longues histoires : aucun succès noté")
    note(tmp_path, DAY, report(tmp_path))
    last = json.loads((tmp_path / stories.KEPT).read_text("utf-8"))
    for _ in range(2):
        commit(tmp_path)
    said = age(tmp_path, date(2026, 12, 6))
    assert f"réussies le 01/12/2026 (il y a 5 j), au commit {last['commit'][:12]}, suivi de 2 autres." in said
    (tmp_path / stories.KEPT).write_text(json.dumps({**last, "commit": "0" * 40}), "utf-8")
    assert "suivi de ? autres" in age(tmp_path, DAY)


def test_a_success_is_noted_only_of_a_commit_and_where_every_story_ran(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path)
    skipped = "<testcase classname='tests.pages' name='b'><skipped message='Samba manque'/></testcase>"
    for inside, said in ((f"<testcase name='a'/>{skipped}", "tests.pages.b : Samba manque"), ("", "pas été vécues")):
        with pytest.raises(SystemExit, match=said):
            note(tmp_path, DAY, report(tmp_path, inside))
    (tmp_path / "tests" / "other.py").write_text("")
    with pytest.raises(SystemExit, match=r"tests/other\.py"):
        note(tmp_path, DAY, report(tmp_path))
    assert not (tmp_path / stories.KEPT).exists()
    (tmp_path / "tests" / "other.py").unlink()
    for _ in range(2):  # the note of before is no change
        note(tmp_path, DAY, report(tmp_path))


def test_what_draws_more_in_stories_has_the_mark_that_runs_it_there() -> None:
    asks = re.compile(r"^from tests\S+ import .*\b(?:WIDE|STEP)\b", re.MULTILINE)
    texts = {shown(path): path.read_text("utf-8") for path in tracked("tests/**/test_*.py")}
    drawn = {name: text for name, text in texts.items() if asks.search(text)}
    assert len(drawn) > 9
    assert [name for name, text in drawn.items() if "pytest.mark.drawn" not in text] == []
