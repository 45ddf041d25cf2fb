"""The copies of the repositories elsewhere: sent, verified, read back."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from piste.engine.converge.errors import PisteError
from piste.engine.git import GitFailed, git
from piste.exports.configurations.home import Home, Sent
from piste.exports.configurations.repository import BRANCH, Repository
from piste.runs.records.chain import stamp
from piste.town.model.configurations import DerivedCopy

_SSH = "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ForwardAgent=no -o ClearAllForwardings=yes"
"""The key of the server is known beforehand (`known_hosts`), or nothing is sent."""
_OF_THE_ACCOUNT = ("HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE")


class NotSent(PisteError):
    """A copy of the configurations did not leave, or is not what was sent."""

    code = "PISTE-E142"
    kind = "unknown"


def send(home: Home, copies: list[DerivedCopy]) -> dict[str, str]:
    """Send every year to each store, and note it; give the reasons of failures, by store."""
    failed: dict[str, str] = {}
    with home.lock():
        note = home.note()
        for copy in copies:
            for repository in home.years():
                try:
                    sent = Sent(commit=_sent(repository, copy), sent_at=stamp(datetime.now(UTC)), unknown=None)
                except (GitFailed, OSError, NotSent) as error:
                    failed[copy["store"]] = str(error)
                    former = note["sent"].get(copy["store"], {}).get(repository.year)
                    sent = Sent(
                        commit=former["commit"] if former else "",
                        sent_at=former["sent_at"] if former else "",
                        unknown=str(error),
                    )
                note["sent"].setdefault(copy["store"], {})[repository.year] = sent
        home.keep(note)
    return failed


def _sent(repository: Repository, copy: DerivedCopy) -> str:
    """Send a year where the copy does not have its head; give the commit that it has then."""
    head, there = repository.head(), present(repository, copy)
    if there != head:
        if copy["push"]:
            # Without force: a server that has another history refuses, and nothing of it is lost.
            _remote(repository, "push", "--quiet", "--no-verify", "--", copy["push"], f"{BRANCH}:{_branch(repository)}")
        else:
            _refuse_another_history(repository, there, copy)
            _bundled(repository, _file(repository, copy))
        there = present(repository, copy)
    if there != head:
        raise NotSent("la copie n’a pas ce qui a été envoyé", where=copy["store"])
    return there


def _refuse_another_history(repository: Repository, there: str, copy: DerivedCopy) -> None:
    """Refuse to replace a bundle whose nights are not all here: it may be the last of them."""
    try:
        if there:
            git(f"--git-dir={repository.folder}", "merge-base", "--is-ancestor", there, BRANCH)
    except GitFailed:
        raise NotSent(
            "la copie a des nuits que ce dépôt n’a pas : elle n’est pas remplacée",
            where=copy["store"],
            todo="Gardez-la, et reprenez-en l’année : piste configurations check.",
        ) from None


def present(repository: Repository, copy: DerivedCopy) -> str:
    """Read the commit that a copy has of a year, empty for none. Raises `GitFailed`, `OSError`."""
    if copy["push"]:
        listed = _remote(repository, "ls-remote", "--", copy["push"], _branch(repository))
        return listed.decode("utf-8", "replace").split("\t")[0].strip()
    file = _file(repository, copy)
    if not file.parent.is_dir():
        raise NotADirectoryError(f"{file.parent} n’est pas là")
    if not file.is_file():
        return ""
    return _head_of(repository, file)


def _head_of(repository: Repository, file: Path) -> str:
    """Verify a bundle by cloning it whole, since the verification of Git reads its heads alone."""
    with tempfile.TemporaryDirectory(prefix="piste-configurations-") as folder:
        clone = Path(folder) / repository.folder.name
        git("clone", "--quiet", "--bare", "--template=", "--", str(file.resolve()), str(clone))
        git(f"--git-dir={clone}", "fsck", "--full", "--strict", "--no-dangling", "--no-progress")
        return git(f"--git-dir={clone}", "rev-parse", "--verify", BRANCH).decode().strip()


def _bundled(repository: Repository, file: Path) -> None:
    """Replace a bundle whole: who reads it meanwhile sees the former or the new."""
    draft = file.with_name(f".{file.name}")
    draft.unlink(missing_ok=True)
    git(f"--git-dir={repository.folder}", "bundle", "create", "--quiet", str(draft), "HEAD", BRANCH)
    draft.chmod(0o600)
    os.replace(draft, file)


def _file(repository: Repository, copy: DerivedCopy) -> Path:
    return Path(copy["bundle"] or "") / f"configurations-{repository.year}.bundle"


def _branch(repository: Repository) -> str:
    return f"refs/heads/{repository.year}"


def _remote(repository: Repository, *arguments: str) -> bytes:
    own = {name: os.environ[name] for name in _OF_THE_ACCOUNT if name in os.environ}
    environment = {**own, "GIT_SSH_COMMAND": _SSH, "GIT_ALLOW_PROTOCOL": "ssh:https"}
    return git("-c", "http.sslVerify=true", f"--git-dir={repository.folder}", *arguments, environment=environment)
