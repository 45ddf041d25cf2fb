"""A year of configurations: a bare repository of Git, written and read without running it.

Only what Git stores is used: no work tree, no hook, no setting but ours. A name in it becomes a path only where it has
the form that an export writes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from piste.engine.converge.bounded import DOCUMENT
from piste.engine.converge.errors import PisteError
from piste.engine.git import GitFailed, git

BRANCH = "refs/heads/main"
WHO = b"Piste <piste@localhost>"
READ_AT, FOLLOWS, UNKNOWN = "Piste-Read-At", "Piste-Follows", "Piste-Unknown"
"""Trailers of a commit: the moment of the reading, the head of the year before, a domain that was not read whole."""
_SETTINGS = frozenset({"core.bare=true", "core.filemode=true", "core.repositoryformatversion=0"})
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"[\w{(][\w .,()'{}+@=&-]*")
"""A folder or a file of an export: neither hidden, nor above, nor with a character that commands."""
_TRAILER = re.compile(r"^(Piste-[A-Za-z-]+): (.+)$", re.MULTILINE)


class Altered(PisteError):
    """A repository of configurations is not as Piste makes it, or Git cannot read it."""

    code = "PISTE-E141"


@dataclass(frozen=True, slots=True)
class Commit:
    """A night: its commit, the moment of its reading (UTC), its message and trailers."""

    id: str
    read_at: str
    message: str
    trailers: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]


@dataclass(frozen=True)
class Repository:
    """The repository of a year, by its folder (`2026.git`)."""

    folder: Path

    @property
    def year(self) -> str:
        return self.folder.name.removesuffix(".git")

    def make(self) -> None:
        self._run("init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--", str(self.folder))
        self._git("symbolic-ref", "HEAD", BRANCH)

    def refuse_altered(self) -> None:
        """Refuse a repository with settings, links or objects from elsewhere. Raises `Altered`."""
        for name in ("objects/info/alternates", "objects/info/http-alternates", "commondir", "shallow"):
            if (self.folder / name).exists():
                raise self._altered(f"{name} emprunte à un autre dépôt")
        if self.folder.is_symlink() or any((self.folder / name).is_symlink() for name in ("config", "objects", "refs")):
            raise self._altered("un lien mène à un autre endroit")
        given = self._run("config", "--file", str(self.folder / "config"), "--no-includes", "--list").decode()
        strange = sorted(set(given.splitlines()) - _SETTINGS)
        if strange:
            raise self._altered(f"sa configuration dit {strange[0].partition('=')[0]}, que Piste n’écrit pas")

    @cached_property
    def commits(self) -> list[Commit]:
        """The nights of the year, oldest first."""
        if not self.head():
            return []
        form = "%H%x00%B%x00"
        parts = self._git("log", "--reverse", "--first-parent", f"--format={form}", BRANCH).decode("utf-8", "replace")
        words = parts.split("\0")
        return [_commit(words[at].strip(), words[at + 1].strip()) for at in range(0, len(words) - 1, 2)]

    def head(self) -> str:
        """The last commit, empty in a repository that has none."""
        listed = self._git("for-each-ref", "--format=%(objectname)", BRANCH).decode().strip()
        if listed and not _COMMIT.fullmatch(listed):
            raise self._altered("sa branche n’a pas la forme d’un commit")
        return listed

    def files(self, commit: str) -> dict[str, str]:
        """List the files of a commit, each with the id of its content. Raises `Altered`."""
        files = {}
        for line in self._git("ls-tree", "-r", "-z", "--full-tree", commit).decode("utf-8", "replace").split("\0"):
            if not line:
                continue
            about, _, name = line.partition("\t")
            mode, kind, blob = about.split()
            if (mode, kind) != ("100644", "blob") or not is_name(name):
                raise self._altered(f"« {name!a} » n’est pas un fichier d’export")
            files[name] = blob
        return files

    def content(self, blob: str) -> bytes:
        """Read a content by its id. Raises `Altered`."""
        if not _COMMIT.fullmatch(blob):
            raise self._altered("un contenu n’a pas d’identifiant")
        if int(self._git("cat-file", "-s", blob)) > DOCUMENT:
            raise self._altered(f"un fichier a plus de {DOCUMENT // 2**20} Mio")
        return self._git("cat-file", "blob", blob)

    def write(self, files: Mapping[str, bytes], kept: Mapping[str, str], message: str, seconds: int) -> str:
        """Make a commit of these contents, beside the files kept by the id of their content."""
        parts = [
            f"commit {BRANCH}\n".encode(),
            b"committer %s %d +0000\n" % (WHO, seconds),
            _data(message.encode()),
        ]
        if head := self.head():
            parts.append(f"from {head}\n".encode())
        parts.append(b"deleteall\n")
        for name, blob in sorted(kept.items()):
            parts.append(f"M 100644 {blob} {_quoted(name)}\n".encode())
        for name, content in sorted(files.items()):
            parts += [f"M 100644 inline {_quoted(name)}\n".encode(), _data(content)]
        self._git("fast-import", "--quiet", "--date-format=raw", "--done", given=b"".join([*parts, b"done\n"]))
        self.__dict__.pop("commits", None)
        return self.head()

    def examine(self) -> None:
        """Recompute the digest of every object of the history. Raises `Altered`."""
        self.refuse_altered()
        self._git("fsck", "--full", "--strict", "--no-dangling", "--no-progress")

    def _git(self, *arguments: str, given: bytes | None = None) -> bytes:
        return self._run(f"--git-dir={self.folder}", *arguments, given=given)

    def _run(self, *arguments: str, given: bytes | None = None) -> bytes:
        try:
            return git(*arguments, given=given)
        except GitFailed as failed:
            raise self._altered(f"git dit : {failed}") from None

    def _altered(self, why: str) -> Altered:
        return Altered(
            "ce dépôt des configurations ne se lit pas",
            where=str(self.folder),
            why=f"{why[:1].upper()}{why[1:]}",
            todo="Reprenez l’année d’une de ses copies, puis : piste configurations check.",
        )


def is_name(name: str) -> bool:
    """Tell whether a name has the form of a file of an export."""
    return name.isprintable() and len(name) < 300 and all(_NAME.fullmatch(part) for part in name.split("/"))


def blob(content: bytes) -> str:
    """Compute the id that Git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def written(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files below a folder, for their owner alone."""
    for name, content in contents.items():
        place = folder / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content)


def trailers(names: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write trailers, each on its line."""
    yield from (f"{name}: {' '.join(value.split())}" for name, value in names)


def _commit(name: str, message: str) -> Commit:
    marks: dict[str, list[str]] = {}
    for key, value in _TRAILER.findall(message.rpartition("\n\n")[2]):
        marks.setdefault(key, []).append(value)
    return Commit(name, (marks.get(READ_AT) or [""])[0], message, marks)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(name: str) -> str:
    """Quote a name as `git fast-import` reads it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
