"""A file share, read over SMB 3: folders are listed, files read, nothing written.

A link is never followed: the reparse point itself is opened, and no referral is asked for. Paths are relative to the
share, with `\\`.

Sources: MS-SMB2 2.2.13 (rights, options), 2.2.33 (query of a folder), 2.2.37 (query of a security descriptor); MS-FSCC
2.1.2.1 (reparse tags), 2.4.18 (FileIdFullDirectoryInformation), 2.6 (attributes); MS-DTYP 2.4.6 (descriptor).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any, Literal, NamedTuple

from smbprotocol.exceptions import EndOfFile, NoMoreFiles, SMBException, SMBResponseException
from smbprotocol.file_info import FileInformationClass, InfoType
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2QueryDirectoryResponse,
    SMB2QueryInfoRequest,
    SMB2QueryInfoResponse,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.transport.faults import reason
from piste.systems.windows.gpo.acl import Descriptor, parse
from piste.systems.windows.kerberos import Kerberos
from piste.systems.windows.smb import PORT, Patient, connected

CHUNK = 64 << 10
"""Bytes of a read: what a single credit pays for."""
_ENTRY = struct.Struct("<II4q2QIIII Q")
_EPOCH, _SECOND = 116_444_736_000_000_000, 10_000_000
_FOLDER, _REPARSE, _OFFLINE, _RECALL = 0x10, 0x400, 0x1000, 0x440000
_DEDUPLICATED = 0x80000013
"""The tag of a file that the server keeps deduplicated: it reads as any other."""
_LINKS = frozenset({0xA000000C, 0xA0000003, 0xA000001D})
"""Symbolic links, mount points and junctions, links of WSL."""
_READ = FilePipePrinterAccessMask.FILE_READ_DATA | FilePipePrinterAccessMask.FILE_READ_ATTRIBUTES
_OWNER, _ACCESS, _DESCRIPTOR = 1, 4, 4 << 10
"""Parts of a descriptor, and the bytes that it may have."""
_ALL = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE


EntryKind = Literal["folder", "file", "dedup", "link", "remote"]


class Entry(NamedTuple):
    """A name of a folder; times are seconds of the epoch.

    A `link` is not followed; the content of a `remote` file is elsewhere, and would have to be recalled; that of a
    `dedup` file is deduplicated by the server. `identity` is the number of the file on its volume, 0 where there is
    none.
    """

    name: str
    kind: EntryKind
    size: int
    created: int
    written: int
    accessed: int
    identity: int


class Taken(NamedTuple):
    """The beginning of a file, and the SID of its owner; None where the server does not give it."""

    content: bytes
    owner: str | None


class NotRead(Exception):
    """A folder or a file does not let itself be read; the message is the reason, in French."""


class Share:
    """A share of a server, open until `close`. Raises `Unreachable`."""

    def __init__(
        self,
        server: str,
        share: str,
        *,
        address: str = "",
        port: int = PORT,
        username: str = "",
        password: str = "",
        kerberos: Kerberos | None = None,
        encrypt: bool = True,
        patience: float = 60.0,
    ) -> None:
        self.where = rf"\\{server}\{share}"
        try:
            self._connection: Patient = connected(address or server, port, patience)
        except Exception as error:
            raise self._silent(error) from error
        try:
            with kerberos.ready() if kerberos else nullcontext():
                account = (kerberos.spnego, None, "negotiate") if kerberos else (username, password, "ntlm")
                session = Session(
                    self._connection, account[0], account[1], require_encryption=encrypt,
                    auth_protocol=account[2], hostname_override=server,
                )  # fmt: skip
                session.connect()
            self._tree = TreeConnect(session, self.where)
            self._tree.connect()
        except PisteError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise self._refused(error) from error

    def close(self) -> None:
        with suppress(Exception):
            self._connection.disconnect(close=True)
        if self._connection.transport is not None:
            with suppress(Exception):
                self._connection.transport.close()

    def entries(self, folder: str) -> Iterator[list[Entry]]:
        """List a folder, a part at a time. Raises `NotRead`, `Unreachable`."""
        options = CreateOptions.FILE_DIRECTORY_FILE | CreateOptions.FILE_OPEN_REPARSE_POINT
        with self._opened(folder, options) as handle:
            while (part := self._asked(lambda: self._part(handle))) is not None:
                yield part

    def content(self, path: str, *, deduplicated: bool = False) -> Iterator[bytes]:
        """Read a file from its beginning, a chunk at a time. Raises `NotRead`, `Unreachable`."""
        options = CreateOptions.FILE_NON_DIRECTORY_FILE
        options |= 0 if deduplicated else CreateOptions.FILE_OPEN_REPARSE_POINT
        with self._opened(path, options) as handle:
            place = 0
            while part := self._asked(partial(_read, handle, place)):
                yield part
                place += len(part)

    def taken(self, path: str, most: int, *, deduplicated: bool = False) -> Taken:
        """Read at most `most` bytes of a file, and its owner. Raises `NotRead`, `Unreachable`."""
        options = CreateOptions.FILE_NON_DIRECTORY_FILE
        options |= 0 if deduplicated else CreateOptions.FILE_OPEN_REPARSE_POINT
        rights = _READ | FilePipePrinterAccessMask.READ_CONTROL
        try:
            with self._opened(path, options, rights) as handle:
                return Taken(self._beginning(handle, most), self._owner(handle))
        except NotRead as reason:
            if str(reason) != _DENIED:
                raise
        # An account may read a file, and not its descriptor.
        with self._opened(path, options) as handle:
            return Taken(self._beginning(handle, most), None)

    def _beginning(self, handle: Any, most: int) -> bytes:
        content = b""
        while len(content) < most:
            length = min(CHUNK, most - len(content))
            part = self._asked(partial(_read, handle, len(content), length))
            content += part[:length]
            if len(part) < length:
                break
        return content

    def descriptor(self, folder: str) -> Descriptor | None:
        """Read the owner and the access list of a folder; None where they are not given.

        Raises `Unreachable`.
        """
        options = CreateOptions.FILE_DIRECTORY_FILE | CreateOptions.FILE_OPEN_REPARSE_POINT
        try:
            with self._opened(folder, options, FilePipePrinterAccessMask.READ_CONTROL) as handle:
                return self._security(handle, _OWNER | _ACCESS)
        except NotRead:
            return None

    def _owner(self, handle: Any) -> str | None:
        descriptor = self._security(handle, _OWNER)
        return (descriptor.owner or None) if descriptor else None

    def _security(self, handle: Any, parts: int) -> Descriptor | None:
        asked = SMB2QueryInfoRequest()
        asked["info_type"] = InfoType.SMB2_0_INFO_SECURITY
        asked["output_buffer_length"] = _DESCRIPTOR
        asked["additional_information"] = parts
        asked["file_id"] = handle.file_id
        tree = self._tree

        def ask() -> bytes:
            sent = self._connection.send(asked, tree.session.session_id, tree.tree_connect_id)
            answer = SMB2QueryInfoResponse()
            answer.unpack(self._connection.receive(sent)["data"].get_value())
            content: bytes = answer["buffer"].get_value()
            return content

        try:
            return parse(self._asked(ask))
        except (NotRead, ValueError):
            return None

    def _part(self, handle: Any) -> list[Entry] | None:
        asked, _ = handle.query_directory(
            "*", FileInformationClass.FILE_ID_FULL_DIRECTORY_INFORMATION, max_output=CHUNK, send=False
        )
        tree = self._tree
        sent = self._connection.send(asked, tree.session.session_id, tree.tree_connect_id)
        try:
            received = self._connection.receive(sent)
        except NoMoreFiles:
            return None
        answer = SMB2QueryDirectoryResponse()
        answer.unpack(received["data"].get_value())
        return listed(answer["buffer"].get_value())

    @contextmanager
    def _opened(self, path: str, options: int, rights: int = _READ) -> Iterator[Any]:
        handle = Open(self._tree, path)
        self._asked(
            lambda: handle.create(
                ImpersonationLevel.Impersonation, rights, 0, _ALL, CreateDisposition.FILE_OPEN, options
            )
        )
        try:
            yield handle
        finally:
            with suppress(Exception):
                handle.close()

    def _asked[T](self, ask: Callable[[], T]) -> T:
        """Ask; smbprotocol raises anything on an answer that is not SMB."""
        try:
            return ask()
        except SMBResponseException as error:
            raise NotRead(_REASONS.get(error.status, str(error).partition(":")[0][:120])) from error
        except (ValueError, UnicodeError, struct.error) as error:
            raise NotRead(f"réponse illisible : {str(error)[:80]}") from error
        except Exception as error:
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> Unreachable:
        return Unreachable(
            "le partage ne répond pas",
            where=self.where,
            why=reason(error, self.where.lstrip("\\").partition("\\")[0])[:200],
            todo="Vérifiez le serveur de fichiers et le réseau (port 445), puis relancez : le relevé reprend.",
        )

    def _refused(self, error: Exception) -> Unreachable:
        if not isinstance(error, SMBException):
            return self._silent(error)
        return Unreachable(
            "le serveur de fichiers refuse l’accès au partage",
            where=self.where,
            why=str(error)[:200],
            todo="Vérifiez le compte de lecture (piste_smb), son mot de passe, ses droits sur le partage, et le "
            "chiffrement de SMB 3, qui est demandé.",
        )


_DENIED = "accès refusé"
_REASONS: Mapping[int, str] = {
    0xC0000022: _DENIED,
    0xC0000034: "absent depuis",
    0xC000003A: "absent depuis",
    0xC0000043: "ouvert ailleurs, sans partage",
    0xC0000056: "en cours de suppression",
    0xC000019C: "accès refusé par une stratégie",
    0xC0000275: "ce n’est pas un dossier ordinaire",
}
"""Reasons by status (MS-ERREF 2.3.1)."""


def _read(handle: Any, place: int, length: int = CHUNK) -> bytes:
    try:
        content: bytes = handle.read(place, length)
    except EndOfFile:
        return b""
    return content


def listed(buffer: bytes) -> list[Entry]:
    """Parse a part of a listing. Raises ValueError where it is not one."""
    entries = []
    place = 0
    while True:
        if place + _ENTRY.size > len(buffer):
            raise ValueError("liste de dossier tronquée")
        following, _, *times, size, _, attributes, length, tag, _, identity = _ENTRY.unpack_from(buffer, place)
        start = place + _ENTRY.size
        if length % 2 or start + length > len(buffer) or (following and following < _ENTRY.size):
            raise ValueError("liste de dossier incohérente")
        # A name of Windows may have half a pair: it is a name all the same.
        name = buffer[start : start + length].decode("utf-16-le", "surrogatepass")
        if name not in (".", ".."):
            created, accessed, written, _ = (_seconds(time) for time in times)
            entries.append(Entry(name, _kind(attributes, tag), size, created, written, accessed, identity))
        if not following:
            return entries
        place += following


def _kind(attributes: int, tag: int) -> EntryKind:
    reparse = bool(attributes & _REPARSE)
    if attributes & _FOLDER:
        return "link" if reparse else "folder"
    if reparse and tag in _LINKS:
        return "link"
    if attributes & (_OFFLINE | _RECALL) or (reparse and tag != _DEDUPLICATED):
        return "remote"
    return "dedup" if reparse else "file"


def _seconds(time: int) -> int:
    return (time - _EPOCH) // _SECOND
