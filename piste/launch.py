"""The start of the `piste` command: it works on the repository of the current folder, with the code of that one.

Two clones on one machine may share an environment. Data of the one under the code of the other would be a third thing
that nobody wrote, so the code is taken where the data is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

INSTALLED = Path(__file__).resolve().parents[1]
_RUN = "from piste.cli import main; main(prog_name='piste')"


def repository(folder: Path) -> Path | None:
    """The repository that a folder lies in, None outside of any."""
    for place in (folder, *folder.parents):
        if (place / "piste" / "cli.py").is_file() and (place / "inventories" / "town").is_dir():
            return place
    return None


def main() -> None:
    here = repository(Path.cwd().resolve())
    if here is None:
        _say(f"Dépôt : {INSTALLED} (le dossier courant n’est dans aucun)")
    elif here != INSTALLED:
        _say(f"Dépôt : {here}")
        path = os.pathsep.join(filter(None, [str(here), os.environ.get("PYTHONPATH")]))
        # -P: the current folder itself is no place to import from.
        command = [sys.executable, "-P", "-c", _RUN, *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})
    from piste.cli import main as run

    run(prog_name="piste")


def _say(line: str) -> None:
    if "_PISTE_COMPLETE" not in os.environ:
        print(line, file=sys.stderr)
