"""The person who runs Piste, as a paper names it for a signature."""

from __future__ import annotations

import os
import pwd
import re
import subprocess

from piste.engine.converge.errors import Misused
from piste.engine.repository import ROOT

OPERATOR = "PISTE_OPERATOR"
"""The variable that names the person, which `piste --as` sets; first of all."""
ROOT_ACCOUNT = "root"
_PEOPLE, _NOBODY = 1000, 65534
"""The first number of an account of a person; that of no account."""


def operator(environment: str) -> str:
    """Name the person: `PISTE_OPERATOR`, the full name of the account, git's identity.

    An account without the name of a person is given alone, and a paper says so (`notation.signatory`). That of a
    service has a name and an identity in git that are no person's. Raises `Misused` where there is but `root`: a
    person signs a paper. In a laboratory nobody signs.
    """
    account, full, number = _account()
    person = _PEOPLE <= number != _NOBODY
    theirs = person or account == ROOT_ACCOUNT
    name = _plain(os.environ.get(OPERATOR, "")) or (person and full) or (_of_git() if theirs else "") or account
    if name == ROOT_ACCOUNT and environment != "lab":
        raise Misused(
            "personne ne signerait : « root » n’est pas une personne",
            why="Un papier nomme qui a agi.",
            todo="Dites qui vous êtes : piste --as 'Prénom Nom, fonction', ou git config user.name 'Prénom Nom'.",
        )
    return account if name in {account, ROOT_ACCOUNT} else f"{name} ({account})"


def _plain(text: str) -> str:
    """Take the control characters out of a name, and what is too long of it."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()[:120]


def _account() -> tuple[str, str, int]:
    """Give the name of the account of the process, the full name that it shows, its number."""
    try:
        known = pwd.getpwuid(os.getuid())
    except KeyError:
        return str(os.getuid()), "", os.getuid()
    return known.pw_name, known.pw_gecos.partition(",")[0].strip(), known.pw_uid


def _of_git() -> str:
    try:
        asked = ["git", "-C", str(ROOT), "config", "user.name"]
        name = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
        return _plain(name.stdout)
    except (OSError, subprocess.SubprocessError):
        return ""
