"""Release a version: close its changelog, set its number, commit and tag."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPEN = "## [Unreleased]\n"
_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})")
_NUMBER = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


class Refused(Exception):
    """A release that the rule of versions refuses."""


def closed(changelog: str, project: str, version: str, day: str) -> tuple[str, str]:
    """Give the changelog and the project file of a release. Raises `Refused`, with every fault."""
    former, head = _NUMBER.search(project), changelog.find(OPEN)
    if former is None or head < 0:
        raise Refused("pyproject.toml n’a pas de version, ou CHANGELOG.md pas de partie [Unreleased]")
    after = head + len(OPEN)
    following = changelog.find("\n## [", after)
    news = changelog[after : following if following >= 0 else None]
    if faults := [*_faults(former[1], version, news)]:
        raise Refused(" ; ".join(faults))
    return (
        f"{changelog[:after]}\n## [{version}] - {day}\n{changelog[after:]}",
        _NUMBER.sub(f'version = "{version}"', project, count=1),
    )


def _faults(former: str, version: str, news: str) -> list[str]:
    if not _VERSION.fullmatch(version):
        return [f"« {version} » n’est pas une version de la forme 0.8.0"]
    faults = []
    old, new = (tuple(map(int, number.split("."))) for number in (former, version))
    if new <= old:
        faults.append(f"{version} ne suit pas {former}")
    if not re.search(r"^- ", news, re.MULTILINE):
        faults.append("CHANGELOG.md ne dit rien de nouveau sous [Unreleased]")
    if new[:2] == old[:2] and re.search(r"^### (Added|Changed|Deprecated|Removed)$", news, re.MULTILINE):
        faults.append("une version de correction n’ajoute, ne change et ne retire rien : montez le deuxième nombre")
    return faults


def main(version: str) -> None:
    """Write, commit and tag; nothing is pushed."""
    changelog, project = ROOT / "CHANGELOG.md", ROOT / "pyproject.toml"
    try:
        if _git("status", "--porcelain"):
            raise Refused("le dépôt a des fichiers non commités : commitez-les d’abord")
        if _git("tag", "--list", f"v{version}"):
            raise Refused(f"l’étiquette v{version} existe déjà")
        contents = closed(changelog.read_text("utf-8"), project.read_text("utf-8"), version, date.today().isoformat())
    except Refused as refused:
        sys.exit(f"Rien n’est écrit : {refused}.")
    changelog.write_text(contents[0], "utf-8")
    project.write_text(contents[1], "utf-8")
    _git("commit", "--quiet", "-m", f"release: {version}", "--", str(changelog), str(project))
    _git("tag", "--annotate", f"v{version}", "-m", f"Piste {version}")
    print(f"Piste {version} : commit et étiquette v{version} faits. Poussez-les : git push --follow-tags")


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
