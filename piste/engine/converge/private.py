"""Files for their owner alone, written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeGuard

from piste.engine.converge.errors import PisteError

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EACCES, errno.EPERM)


class NotWritten(PisteError):
    """A file could not be written."""

    code = "PISTE-E097"


def not_written(error: OSError, path: Path | str = "") -> NotWritten:
    """Make the error that a person reads of what the disk has answered."""
    return NotWritten(
        "ce fichier ne s’écrit pas",
        where=str(error.filename or path),
        why=error.strerror or str(error),
        todo="Vérifiez la place et les droits de ce dossier, puis relancez.",
    )


def refused_by_disk(error: BaseException) -> TypeGuard[OSError]:
    """Tell whether a disk has answered: it is full, read-only, broken or closed to this account."""
    return isinstance(error, OSError) and error.errno in _DISK


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file in an OSError of the disk, which names none, or a draft."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def private_folder(folder: Path) -> Path:
    """Make a folder, with its parents, that no other account may read."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(path: Path, content: bytes, *, synced: bool = True, mode: int = 0o600) -> None:
    """Write a file whole or not at all, 0600 unless others may read it.

    With `synced`, it is on the disk before the return. Several processes may write the same file: the last is kept.
    Raises OSError, which names the file.
    """
    # A name has at most 255 bytes. Ansible takes a file beside an inventory for one, unless a dot comes first.
    draft = path.with_name(f".{path.name[:50]}.{os.urandom(4).hex()}.draft")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with writing(path):
            with os.fdopen(os.open(draft, flags, mode), "wb") as handle:
                handle.write(content)
                handle.flush()
                if synced:
                    os.fsync(handle.fileno())
            os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def is_draft(path: Path) -> bool:
    """Tell whether a file is what a writer that was killed has left."""
    return path.name.startswith(".") and path.name.endswith(".draft")


def write_shared(path: Path, content: bytes) -> None:
    """Write a file that others may read whole or not at all, in its folder; a device as it is.

    A file that is there keeps its mode, and a link its target. Raises OSError, which names the file.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    write_private(path, content, synced=False, mode=mode)


def sync_folder(folder: Path) -> None:
    """Have the disk hold the names of a folder: it does not by the content of the files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def close_mask() -> None:
    """Let no other account write what this process makes, whatever the mask of the shell."""
    os.umask(os.umask(0o022) | 0o022)
