"""What of the working tree no commit holds: a run that nobody can read back must be wanted by somebody."""

from __future__ import annotations

import subprocess
from pathlib import Path

from piste.runs.play import ROOT

WRITTEN_BY_PISTE = (
    "group_vars/all/sobriety_rollout.yml",
    "inventories/*/as_found",
    "inventories/*/eap_tests",
    "inventories/*/sobriety",
    "inventories/*/secrets.lock.yml",
)
"""What a run inscribes itself, to be committed after it."""
_COMMAND = ("status", "--porcelain", "--untracked-files=all", "--", ".")


def uncommitted(root: Path = ROOT) -> list[str]:
    """The files that differ from the commit, as git names them; outside a checkout, the folder itself."""
    excluded = [f":(exclude,glob){pattern}{suffix}" for pattern in WRITTEN_BY_PISTE for suffix in ("", "/**")]
    command = ["git", "-C", str(root), *_COMMAND, *excluded]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [str(root)] if done.returncode else [line[3:] for line in done.stdout.splitlines()]
