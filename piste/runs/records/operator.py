"""The person who runs Piste, as a paper names it for a signature."""

from __future__ import annotations

import os
import pwd
import re
import subprocess

from piste.engine.converge.errors import Misused
from piste.engine.repository import ROOT

OPERATOR = "PISTE_OPERATOR"
"""The variable that names the person, where neither its account nor git does."""
ROOT_ACCOUNT = "root"


def operator(environment: str) -> str:
    """Name the person: `PISTE_OPERATOR`, the account of the process, git's identity for `root`.

    Raises `Misused` where there is but `root`, which is nobody: a person signs a paper. In a laboratory nobody signs.
    """
    account, full = _account()
    own = "" if account == ROOT_ACCOUNT else full or account
    name = _plain(os.environ.get(OPERATOR, "")) or own or _of_git()
    if (not name or name == ROOT_ACCOUNT) and environment == "lab":
        return account
    if not name or name == ROOT_ACCOUNT:
        raise Misused(
            "personne ne signerait : « root » n’est pas une personne",
            why="Un papier nomme qui a agi.",
            todo=f"Dites qui vous êtes : {OPERATOR}='Prénom Nom', ou git config user.name 'Prénom Nom'.",
        )
    return name if name == account else f"{name} ({account})"


def _plain(text: str) -> str:
    """Take the control characters out of a name, and what is too long of it."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()[:120]


def _account() -> tuple[str, str]:
    """Give the name of the account of the process, and the full name that it shows."""
    try:
        known = pwd.getpwuid(os.getuid())
    except KeyError:
        return str(os.getuid()), ""
    return known.pw_name, known.pw_gecos.partition(",")[0].strip()


def _of_git() -> str:
    try:
        asked = ["git", "-C", str(ROOT), "config", "user.name"]
        name = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
        return _plain(name.stdout)
    except (OSError, subprocess.SubprocessError):
        return ""
