"""A client of Debian's `restic`; it never writes in a repository.

Source: *restic documentation*, « Scripting » (JSON output, exit codes), « Working with repositories ». The password and
the keys of the store travel by a pipe and the environment of the process, never on its command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Missing, Misused, PisteError, Unreachable, Unreadable
from piste.engine.converge.resource import Field

PATIENCE = 3600.0
"""Seconds for one command: a verification reads a part of the repository."""
LONGEST = 256 * 2**20
"""Bytes of an answer."""
_NO_REPOSITORY, _LOCKED, _WRONG_PASSWORD = 10, 11, 12
"""Exit codes of restic 0.17 and later."""

RESTIC = Field(
    "restic",
    "Repositories of restic, by the name of the store that each is: C(repository); C(password), path of its secret; "
    "C(environment), paths of the secrets of the variables that its store wants; C(source), folder where the share is "
    "mounted here, to compare with it.",
    type="dict",
    default={},
)


class Damaged(PisteError):
    """The repository does not hold what it says."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; `password` and `environment` are secrets."""

    place: str
    password: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)

    @classmethod
    def of(cls, option: Mapping[str, Any], secrets: Mapping[str, str]) -> Repository:
        """Make a repository from an entry of the option. Raises `Misused`, `Missing`."""
        if not option.get("repository"):
            raise Misused("le dépôt restic n’est pas donné", todo="Donnez repository à piste_restic (inventaire).")
        given = {str(name): _secret(path, secrets) for name, path in (option.get("environment") or {}).items()}
        return cls(str(option["repository"]), _secret(option.get("password"), secrets), given)

    def snapshots(self, tag: str) -> list[dict[str, Any]]:
        """List the snapshots with a tag. Raises `Unreachable`, `Unreadable`."""
        listed = _parsed(self._run("snapshots", "--json", "--tag", tag).decode())
        if not isinstance(listed, list) or not all(_is_snapshot(entry) for entry in listed):
            raise _nonsense("la liste des instantanés")
        return listed

    def check(self, subset: str) -> str:
        """Verify the repository, reading a part of its data; say why it is damaged, or nothing."""
        try:
            self._run("check", f"--read-data-subset={subset}")
        except Damaged as damaged:
            return damaged.what
        return ""

    def files(self, snapshot: str) -> Iterator[dict[str, Any]]:
        """Yield the files of a snapshot: path, size, mtime."""
        for line in self._run("ls", "--json", snapshot).splitlines():
            node = _parsed(line.decode())
            if isinstance(node, dict) and node.get("struct_type") == "node" and node.get("type") == "file":
                if not isinstance(node.get("path"), str) or not isinstance(node.get("size", 0), int):
                    raise _nonsense("un fichier de l’instantané")
                yield node

    def restore(self, snapshot: str, target: Path, paths: Sequence[str]) -> None:
        """Restore files of a snapshot below a folder, and compare them with the repository."""
        wanted = target / ".wanted"
        wanted.write_text("".join(f"{_literal(path)}\n" for path in paths), encoding="utf-8")
        try:
            self._run("restore", snapshot, "--target", str(target), "--include-file", str(wanted), "--verify")
        finally:
            wanted.unlink(missing_ok=True)

    def _run(self, verb: str, *arguments: str) -> bytes:
        """Run a command; return its answer. Raises `Missing`, `Unreachable`, `Damaged`, `Misused`."""
        program = shutil.which("restic")
        if program is None:
            raise Missing("restic n’est pas sur ce poste", todo="Installez : sudo apt-get install restic")
        reading, writing = os.pipe()
        # Nothing of our own environment goes along: it may name another repository.
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            **self.environment,
            "LC_ALL": "C.UTF-8",
            "RESTIC_REPOSITORY": self.place,
            "RESTIC_PASSWORD_FILE": f"/dev/fd/{reading}",
        }
        command = [program, "--no-cache", "--no-lock", "--quiet", verb, *arguments]
        try:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                pass_fds=(reading,),
            )  # fmt: skip
        finally:
            os.close(reading)
        threading.Thread(target=_give, args=(writing, self.password), daemon=True).start()
        try:
            said, complaint = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise Unreachable("restic n’a pas fini à temps", where=verb) from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if len(said) > LONGEST:
            raise Unreadable("restic répond trop long", where=verb)
        if process.returncode:
            raise _refusal(process.returncode, complaint.decode("utf-8", "replace"), verb)
        return said


def _give(handle: int, password: str) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(password.encode() + b"\n")


def _secret(path: Any, secrets: Mapping[str, str]) -> str:
    wanted = path.get("secret") if isinstance(path, Mapping) else path
    if not wanted or wanted not in secrets:
        raise Missing(f"le secret « {wanted or ''} » d’un dépôt restic n’est pas au coffre", todo="Inscrivez-le.")
    return str(secrets[wanted])


def _refusal(code: int, complaint: str, verb: str) -> PisteError:
    lines = [line for line in complaint.strip().splitlines() if line]
    why = _said(lines[-1]) if lines else f"code {code}"
    if code == _WRONG_PASSWORD:
        return Misused("le mot de passe n’ouvre pas ce dépôt restic", why=why)
    if code in (_NO_REPOSITORY, _LOCKED):
        return Unreachable("le dépôt restic ne s’ouvre pas", why=why)
    if verb in ("check", "restore", "ls"):
        return Damaged(f"le dépôt restic est abîmé ({_said(lines[0]) if lines else why})", where=verb)
    return Unreachable("restic n’a pas répondu", where=verb, why=why)


def _said(line: str) -> str:
    """Give a line of restic as one line of bounded length: it may quote a file name."""
    return "".join(character if character.isprintable() else "?" for character in line)[:300]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise _nonsense("ce qu’il a répondu") from None


def _nonsense(what: str) -> Unreadable:
    return Unreadable(f"{what} de restic n’a pas de sens")


def _is_snapshot(entry: Any) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("id", "time"))


def _literal(path: str) -> str:
    """Write a path as a pattern of restic that means itself alone (Go `filepath.Match`)."""
    if not path.startswith("/") or not path.isprintable() or path != path.strip():
        raise Misused(f"« {path!r} » n’est pas un chemin que restic sait redonner")
    return "".join(f"\\{character}" if character in "*?[]\\!#$" else character for character in path)
