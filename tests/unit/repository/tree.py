"""The repository as its tests see it: files that git tracks, or would at the next commit."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """List the files that match the git `patterns` (default: all), symbolic links included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in names.split("\0") if name)
    return tuple(path for path in paths if path.is_symlink() or path.is_file())


def shown(path: Path) -> str:
    """Name a file as a reader of the repository would."""
    return path.relative_to(ROOT).as_posix()
