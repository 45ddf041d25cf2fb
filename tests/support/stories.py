"""The last success of the long stories: its day and commit, which each whole check shows.

`make stories` notes it in a file that is committed, so that every clone shows the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = "tests/stories.json"
_NEVER = "Longues histoires : aucun succès noté (« make stories » les vit, et note le sien)."


def note(root: Path, today: date) -> None:
    """Note that the stories of the present commit have succeeded."""
    last = {"commit": _git(root, "rev-parse", "HEAD"), "day": today.isoformat()}
    (root / KEPT).write_text(json.dumps(last, indent=1) + "\n", "utf-8")


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
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    now = datetime.now(UTC).date()
    if "--note" in sys.argv:
        note(ROOT, now)
    print(age(ROOT, now))
