"""The start of the `piste` command, with the code of the current folder's repository.

Two clones on one machine may share an environment. Data of a clone under the code of another would be a third thing
that nobody wrote, so the code is taken where the data is. A folder from elsewhere may look like a clone: the code of
another clone runs only once a person has said that it is theirs. The repository of another town has no code of Piste;
the installed package works there, on the same condition, since Ansible reads settings and playbooks in it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from piste.engine.repository import CODE as INSTALLED
from piste.engine.repository import around

_RUN = "from piste.cli import main; main(prog_name='piste')"
_COMPLETION = "_PISTE_COMPLETE"
_REFUSED = 4
"""The exit code of a refusal (`EXIT` in `piste/commands/output.py`)."""


def trusted() -> Path:
    """The file of the clones whose code this account runs, a path per line."""
    return Path.home() / ".piste" / "repositories"


def repository(folder: Path) -> Path | None:
    """Find the repository of a folder; None outside of any."""
    for place in (folder, *folder.parents):
        if _has_code(place) and around(place) == place:
            return place
    return around(folder) if around(INSTALLED) != INSTALLED else None


def _has_code(folder: Path) -> bool:
    return (folder / "piste" / "cli.py").is_file()


def main() -> None:
    here = repository(Path.cwd().resolve())
    if here is None:
        place = INSTALLED if around(INSTALLED) == INSTALLED else "aucun"
        _say(f"Dépôt : {place} (le dossier courant n’est dans aucun)")
    elif here != INSTALLED and (_is_trusted(here) or not _asks_nothing(sys.argv[1:])):
        if not _is_trusted(here) and not _ask(here):
            _refuse(here)
        _say(f"Dépôt : {here}")
        if _has_code(here):
            path = os.pathsep.join(filter(None, [str(here), os.environ.get("PYTHONPATH")]))
            # -P: nothing is imported from the current folder itself.
            command = [sys.executable, "-P", "-c", _RUN, *sys.argv[1:]]
            os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})
    from piste.cli import main as run

    run(prog_name="piste")


def _asks_nothing(arguments: list[str]) -> bool:
    """Return True for what this command answers by itself in any folder: its help, its version."""
    return arguments[:1] == ["--version"] or arguments[-1:] in (["--help"], ["-h"])


def _is_trusted(clone: Path) -> bool:
    file = trusted()
    return file.is_file() and str(clone) in file.read_text("utf-8", "surrogateescape").splitlines()


def _ask(clone: Path) -> bool:
    """Ask a person at a terminal, once for each clone. A completion asks nothing."""
    if _COMPLETION in os.environ or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    name = str(clone)
    _say(f"Ce dossier est dans un autre dépôt que celui de cette commande, dont le code va s’exécuter : {name!a}")
    print("Ne vous y fiez que si vous l’avez cloné vous-même, jamais dans un sac reçu. S’y fier ? [o/N] ",
          end="", file=sys.stderr, flush=True)  # fmt: skip
    if sys.stdin.readline().strip().lower() not in ("o", "oui"):
        return False
    trusted().parent.mkdir(mode=0o700, exist_ok=True)
    with trusted().open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{clone}\n")
    return True


def _refuse(clone: Path) -> NoReturn:
    # Imported here: a command of the installed clone pays nothing for it.
    from piste.engine.converge.errors import Misused

    _say(
        str(
            Misused(
                "le dossier courant est dans un autre dépôt, dont personne n’a dit qu’on s’y fie",
                where=ascii(str(clone)),
                why="Son code s’exécuterait. Rien n’a été fait.",
                todo=f"Lancez la commande d’ailleurs ; si vous l’avez cloné vous-même, répondez une fois à la question "
                f"de piste dans un terminal, ou ajoutez ce chemin à {trusted()}.",
            )
        )
    )
    sys.exit(_REFUSED)


def _say(line: str) -> None:
    if _COMPLETION not in os.environ:
        print(line, file=sys.stderr)
