"""The last success of the long stories: its day and commit, which each whole check shows.

`make stories` notes it in a file that is committed, so that every clone shows the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
KEPT = "tests/stories.json"
_NEVER = "Longues histoires : aucun succès noté (« make stories » les vit, et note le sien)."


def note(root: Path, today: date, report: Path) -> None:
    """Note that the stories of the present commit have succeeded, by the report of their run.

    Raises `SystemExit` where some did not run, or where the tree is not that of the commit.
    """
    every = [*ElementTree.parse(report).iter("testcase")]
    faults = [f"{_named(story)} : {why.get('message')}" for story in every for why in story.iter("skipped")]
    if faults or not every:
        _refuse("des histoires n’ont pas été vécues", faults)
    if changed := [line for line in _git(root, "status", "--porcelain", "-uall").splitlines() if line[3:] != KEPT]:
        _refuse("l’arbre n’est pas celui du commit", changed)
    last = {"commit": _git(root, "rev-parse", "HEAD"), "day": today.isoformat()}
    (root / KEPT).write_text(json.dumps(last, indent=1) + "\n", "utf-8")


def _named(story: ElementTree.Element) -> str:
    return f"{story.get('classname')}.{story.get('name')}"


def _refuse(why: str, faults: Sequence[str]) -> NoReturn:
    raise SystemExit("\n  ".join([f"Rien n’est noté : {why}.", *faults]))


def age(root: Path, today: date) -> str:
    """Say when the stories last succeeded, and how many commits have come since."""
    if not (root / KEPT).exists():
        return _NEVER
    last = json.loads((root / KEPT).read_text("utf-8"))
    day = date.fromisoformat(last["day"])
    try:
        since = _git(root, "rev-list", "--count", f"{last['commit']}..HEAD")
    except subprocess.CalledProcessError:  # a clone without its history
        since = "?"
    days = (today - day).days
    return (
        f"Longues histoires (« make stories ») : réussies le {day:%d/%m/%Y} (il y a {days} j), au commit "
        f"{last['commit'][:12]}, suivi de {since} autres."
    )


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.rstrip()


def main(*arguments: str) -> None:
    now = datetime.now(UTC).date()
    if "--note" in arguments:
        note(ROOT, now, Path(arguments[-1]))
    print(age(ROOT, now))


if __name__ == "__main__":
    main(*sys.argv[1:])
