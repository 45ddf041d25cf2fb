"""The repository: where it lies, its commit, and the files that differ from it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]
"""The folder of the code: a clone, or where the package is installed."""


def around(folder: Path) -> Path | None:
    """Find the repository of a town that a folder is in; None outside of any."""
    return next((place for place in (folder, *folder.parents) if (place / "inventories" / "town").is_dir()), None)


def root(code: Path = CODE) -> Path:
    """Locate the repository: that of the code, else that of the current folder.

    An installed package lies in no repository.
    """
    if around(code) == code:
        return code
    here = Path.cwd().resolve()
    return around(here) or here


ROOT = root()
LAB = "lab"
"""The environment of the laboratory, whose readings lie with its state."""
ENVIRONMENTS = (LAB, "production")
"""The environments, each with a folder in `inventories`."""
WRITTEN_BY_PISTE = (
    "group_vars/all/sobriety_rollout.yml",
    "inventories/*/as_found",
    "inventories/*/eap_tests",
    "inventories/*/sobriety",
    "inventories/*/secrets.lock.yml",
)
"""Files that a run writes itself, to be committed after it."""
_COMMAND = ("status", "--porcelain", "--untracked-files=all", "--", ".")


def uncommitted(root: Path = ROOT) -> list[str]:
    """List the files that differ from the commit, as git names them.

    Outside a checkout, the folder itself is given.
    """
    excluded = [f":(exclude,glob){pattern}{suffix}" for pattern in WRITTEN_BY_PISTE for suffix in ("", "/**")]
    command = ["git", "-C", str(root), *_COMMAND, *excluded]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [str(root)] if done.returncode else [line[3:] for line in done.stdout.splitlines()]


def git_state() -> tuple[str | None, bool | None]:
    """Read the commit and whether the tree is as committed; None and None outside a clone."""
    command = ["git", "-C", str(ROOT), "status", "--porcelain=v2", "--branch"]
    try:
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        status = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True, env=environment)
    except (OSError, subprocess.SubprocessError):
        return None, None
    lines = status.stdout.splitlines()
    head = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "(initial)")
    return None if head == "(initial)" else head, all(line.startswith("#") for line in lines)


def commit() -> tuple[str, bool]:
    """Read the commit and whether nothing differs from it; empty and False outside a clone."""
    head, clean = git_state()
    return (head, bool(clean)) if head else ("", False)
