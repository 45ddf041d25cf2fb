"""Files of group policies in SYSVOL, over signed SMB, on the PDC emulator.

The directory is read and written there too. Paths are relative to the domain's
folder in the share, with `/`: `Policies/{31B2F340-016D-11D2-945F-00C04FB984F9}/GPT.INI`. The share is opened under the
controller's name and as a plain share, even where it is a DFS root: without a referral, no call reaches a replica.

Sources: MS-SMB2 2.2.10 (DFS capability of a share), 2.2.37 and 2.2.39 (security information), MS-GPOL 2.2.4 (files).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar

import smbclient
from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBException, SMBOSError
from smbprotocol.file_info import InfoType
from smbprotocol.header import NtStatus
from smbprotocol.open import SMB2QueryInfoRequest, SMB2QueryInfoResponse, SMB2SetInfoRequest
from smbprotocol.tree import TreeConnect

from piste.engine.converge.errors import AnswerLost, PisteError, Rejected, Unreachable
from piste.engine.transport.contents import written
from piste.engine.transport.faults import reason
from piste.systems.windows import heard
from piste.systems.windows.directory import Directory
from piste.systems.windows.refusals import Unread
from piste.systems.windows.smb import PORT, connected

T = TypeVar("T")
Listing = dict[str, int | None]

SHARE = "sysvol"
LARGEST = 64 << 20
"""Largest size of a file that is read, in bytes; files of a policy have some kilobytes."""
DRAFT = ".piste.tmp"
"""Suffix of a file while it is written; the replication of SYSVOL ignores `*.tmp`."""

OWNER, GROUP, DACL = 1, 2, 4
"""Parts of a security descriptor (MS-DTYP 2.4.7)."""
_READ_CONTROL, _WRITE_DAC, _WRITE_OWNER = 0x20000, 0x40000, 0x80000

_ADD = 2 | 4
"""FILE_ADD_FILE and FILE_ADD_SUBDIRECTORY (MS-SMB2 2.2.13.1.2)."""

_ABSENT = frozenset(
    {
        NtStatus.STATUS_OBJECT_NAME_NOT_FOUND,
        NtStatus.STATUS_OBJECT_PATH_NOT_FOUND,
        *(NtStatus.STATUS_NO_SUCH_FILE, NtStatus.STATUS_NOT_FOUND),
    }
)
_IN_USE = frozenset({NtStatus.STATUS_SHARING_VIOLATION, NtStatus.STATUS_DELETE_PENDING})
_DENIED = frozenset({NtStatus.STATUS_ACCESS_DENIED, NtStatus.STATUS_PRIVILEGE_NOT_HELD})
PATIENCE = 5.0
"""Seconds to wait for a file that is open elsewhere: clients read theirs in a moment."""


class InUse(Rejected):
    """The file is open elsewhere, without sharing."""


class Sysvol:
    """Folder of the domain in SYSVOL. Errors are those of `Directory`."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.calls: dict[str, int] = {"reads": 0, "writes": 0}
        self._connections: dict[str, Connection] = {}

    def close(self) -> None:
        if self._connections:
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=self._connections)

    # reading

    def read(self, path: str) -> bytes | None:
        """Content of a file; None where it is absent. Raises `Unread` for a file above `LARGEST`."""

        def work(target: str) -> bytes:
            with smbclient.open_file(target, "rb", share_access="rwd", **self._as) as handle:
                content: bytes = handle.read(LARGEST + 1)
                return content

        content = self._heard("READ", path, work, written)
        if content is not None and len(content) > LARGEST:
            todo = "Sortez-le du dossier de la stratégie : un programme n’y a pas sa place."
            raise Unread(f"un fichier de plus de {LARGEST >> 20} Mo n’est pas lu", where=self._unc(path), todo=todo)
        return content

    def tree(self, path: str) -> Listing:
        """List a folder and all below it, by relative path: size of a file, None for a folder.

        The result is empty where the folder is absent.
        """
        sizes: Listing = {}
        todo = [""]
        while todo:
            inner = todo.pop()
            for name, size in (self.listing(_joined(path, inner)) or {}).items():
                if not name.endswith(DRAFT):
                    sizes[_joined(inner, name)] = size
                    todo += [_joined(inner, name)] if size is None else []
        return dict(sorted(sizes.items()))

    def exists(self, path: str) -> bool:
        """True where a folder is present."""
        return self.listing(path) is not None

    def listing(self, path: str) -> Listing | None:
        """List a folder alone, by name, as `tree` does; None where it is absent."""

        def work(target: str) -> Listing:
            with smbclient.scandir(target, **self._as) as entries:
                return {
                    entry.name: None if entry.is_dir(follow_symlinks=False) else entry.smb_info.end_of_file
                    for entry in entries
                }

        return self._heard("LIST", path, work, dict)

    def descriptor(self, path: str, *, folder: bool, parts: int = OWNER | GROUP | DACL) -> bytes | None:
        """Security descriptor of a file or folder, self-relative (MS-DTYP 2.4.6); None if absent."""

        def work(target: str) -> bytes:
            with self._opened(target, folder, _READ_CONTROL) as handle:
                asked = SMB2QueryInfoRequest()
                asked["info_type"] = InfoType.SMB2_0_INFO_SECURITY
                asked["output_buffer_length"] = 65535
                asked["additional_information"] = parts
                answer = SMB2QueryInfoResponse()
                answer.unpack(_exchange(handle.fd, asked))
                content: bytes = answer["buffer"].get_value()
                return content

        return self._heard("RIGHTS", path, work, lambda known: written(known, binary=True))

    def takes_files(self, path: str) -> bool:
        """True where the account may make files and folders in a folder. Nothing is made.

        A capture does not ask: it opens nothing for writing. Raises `Misused` there.
        """
        try:
            return self._read(path, lambda target: not self._opened(target, True, _ADD).close()) or False
        except Rejected:
            return False

    # writing

    def write(self, path: str, content: bytes) -> None:
        """Write a file, which readers see whole or not at all; make missing folders."""
        draft = path + DRAFT

        def fill(target: str) -> None:
            with smbclient.open_file(target, "wb", share_access="r", **self._as) as handle:
                handle.write(content)

        try:
            self._write("écrire", draft, fill)
        except FileNotFoundError:
            self.make_folder(_above(path))
            self._write("écrire", draft, fill)
        self.rename(draft, path)

    @contextmanager
    def hold(self, path: str, content: bytes, *, new: bool) -> Iterator[None]:
        """Write a file and keep it open, to nobody else, until the block or the process ends.

        Raises FileExistsError where a `new` file exists already, or where it is open elsewhere.
        """
        handles: list[Any] = []

        def fill(target: str) -> None:
            mode = "xb" if new else "wb"
            handles.append(smbclient.open_file(target, mode, buffering=0, share_access=None, **self._as))
            handles[0].write(content)

        try:
            try:
                self._write("tenir", path, fill)
            except InUse as error:
                raise FileExistsError(path) from error
            yield
        finally:
            with suppress(Exception):
                for handle in handles:
                    handle.close()

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents, where they are missing."""

        def work(target: str) -> None:
            smbclient.mkdir(target, **self._as)

        try:
            self._write("créer", path, work)
        except FileExistsError:
            return
        except FileNotFoundError:
            self.make_folder(_above(path))
            self._write("créer", path, work)

    def rename(self, path: str, to: str) -> None:
        """Rename a file or folder, in place of the file of that name."""
        self._write("renommer", path, lambda target: smbclient.replace(target, self._unc(to), **self._as))

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with its content and drafts; do nothing where it is absent."""
        try:
            self._write("supprimer", path, lambda target: smbclient.remove(target, **self._as))
        except FileNotFoundError:
            return
        except IsADirectoryError:
            for name in self.listing(path) or ():
                self.delete(_joined(path, name))
            self._write("supprimer", path, lambda target: smbclient.rmdir(target, **self._as))

    def put_descriptor(self, path: str, descriptor: bytes, *, folder: bool, parts: int = DACL) -> None:
        """Replace parts of a security descriptor; files below keep what they inherited at creation.

        The control bits of a protected DACL say so, since smbprotocol does not take the flag of the request.
        """
        rights = _READ_CONTROL | _WRITE_DAC | (_WRITE_OWNER if parts & (OWNER | GROUP) else 0)

        def work(target: str) -> None:
            with self._opened(target, folder, rights) as handle:
                asked = SMB2SetInfoRequest()
                asked["info_type"] = InfoType.SMB2_0_INFO_SECURITY
                asked["additional_information"] = parts
                asked["buffer"] = descriptor
                _exchange(handle.fd, asked)

        self._write("modifier les autorisations", path, work)

    # the connection

    def _unc(self, path: str) -> str:
        place = "\\".join(part for part in path.split("/") if part)
        return rf"\\{self.directory.controller}\{SHARE}\{self.directory.name}" + (f"\\{place}" if place else "")

    def _opened(self, target: str, folder: bool, rights: int) -> Any:
        return smbclient.open_file(
            target,
            "rb",
            buffering=0,
            file_type="dir" if folder else "file",
            share_access="rwd",
            desired_access=rights,
            **self._as,
        )

    @property
    def _as(self) -> dict[str, Any]:
        """Options that have smbclient use the connection of this object.

        They leave no choice: a ticket is of no use to NTLM, and a password goes to NTLM alone.
        """
        kerberos = self.directory.domain.kerberos
        ours = {"connection_cache": self._connections, "port": PORT}
        if kerberos is not None:
            return {"username": kerberos.spnego, "auth_protocol": "negotiate", **ours}
        account = {"username": self.directory.login, "password": self.directory.domain.password}
        return {**account, "auth_protocol": "ntlm", **ours}

    def _connect(self) -> None:
        controller, domain = self.directory.controller, self.directory.domain
        key = f"{controller}:{PORT}"
        if key in self._connections and self._connections[key].transport.connected:
            return
        address = domain.address if controller == domain.controller else ""
        try:
            connection = connected(address or controller, PORT, domain.timeout)
        except Exception as error:
            raise self._silent(error) from error
        connection.server_name = controller
        self._connections[key] = connection
        try:
            with domain.kerberos.ready() if domain.kerberos else nullcontext():
                session = smbclient.register_session(controller, **self._as)
            tree = TreeConnect(session, rf"\\{controller}\{SHARE}")
            tree.connect()
            # smbclient mistakes the answer to a DFS referral for the answer about an absent file.
            tree.is_dfs_share = False
        except Exception as error:
            self._drop()
            if isinstance(error, PisteError):
                raise
            if not isinstance(error, SMBException):
                raise self._silent(error) from error
            raise Unreachable(
                f"le partage SYSVOL refuse le compte « {domain.username} »",
                where=controller,
                why=str(error),
                todo="Vérifiez le mot de passe dans le coffre ; un membre de Protected Users, ou un domaine sans NTLM, "
                "demande authentication: kerberos.",
            ) from error

    def _drop(self) -> None:
        for connection in self._connections.values():
            if connection.transport is not None:
                connection.transport.close()
        self._connections.clear()

    def _heard(self, verb: str, path: str, work: Callable[[str], T], shown: Callable[[T], Any]) -> T | None:
        return heard.of_sysvol(self.directory.domain.controller, verb, path, lambda: self._read(path, work), shown)

    def _read(self, path: str, work: Callable[[str], T]) -> T | None:
        for last in (False, True):
            self._connect()
            self.calls["reads"] += 1
            try:
                return self._patiently(work, path)
            except SMBOSError as error:
                if error.ntstatus in _ABSENT:
                    return None
                raise self._refused("lire", path, error) from error
            except PisteError:
                raise
            except Exception as error:  # smbprotocol raises anything on an answer that is not SMB
                self._drop()  # the controller may have closed the connection: try once more
                if last:
                    raise self._silent(error) from error
        raise AssertionError  # the loop returns or raises

    def _write(self, what: str, path: str, work: Callable[[str], None]) -> None:
        """Write once. The caller handles FileNotFoundError, FileExistsError and IsADirectoryError."""
        self._connect()
        self.calls["writes"] += 1
        try:
            self._patiently(work, path)
        except SMBOSError as error:
            if error.ntstatus in _ABSENT:
                raise FileNotFoundError(path) from error
            if error.ntstatus == NtStatus.STATUS_OBJECT_NAME_COLLISION:
                raise FileExistsError(path) from error
            if error.ntstatus == NtStatus.STATUS_FILE_IS_A_DIRECTORY:
                raise IsADirectoryError(path) from error
            raise self._refused(what, path, error) from error
        except PisteError:
            raise
        except Exception as error:
            self._drop()
            where = f"{what} {self._unc(path)}"
            raise AnswerLost("la réponse à une écriture s’est perdue", where=where, why=reason(error)) from error

    def _patiently(self, work: Callable[[str], T], path: str) -> T:
        deadline = time.monotonic() + PATIENCE
        target = self._unc(path)
        while True:
            try:
                return work(target)
            except SMBOSError as error:
                if error.ntstatus not in _IN_USE or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _refused(self, what: str, path: str, error: SMBOSError) -> PisteError:
        where = self._unc(path)
        if error.ntstatus in _DENIED:
            return Rejected(
                f"{what} : droits insuffisants",
                where=where,
                todo="Donnez au compte de Piste ce droit sur le dossier de la stratégie (groupe « Group Policy Creator "
                "Owners », ou délégation dans la console de gestion des stratégies).",
            )
        if error.ntstatus in _IN_USE:
            return InUse(
                f"{what} : le fichier est ouvert par quelqu’un d’autre",
                where=where,
                todo="Fermez l’éditeur de stratégie qui le tient, puis relancez.",
            )
        return Rejected(f"{what} : refusé", where=where, why=str(error))

    def _silent(self, error: Exception) -> Unreachable:
        return Unreachable(
            "le partage SYSVOL ne répond pas",
            where=self.directory.controller,
            why=reason(error, self.directory.controller),
            todo="Vérifiez le réseau (port 445), puis relancez.",
        )


def _exchange(handle: Any, request: Any) -> bytes:
    """Send a request about an open file and return the body of its answer."""
    request["file_id"] = handle.file_id
    connection, tree = handle.connection, handle.tree_connect
    sent = connection.send(request, tree.session.session_id, tree.tree_connect_id)
    content: bytes = connection.receive(sent)["data"].get_value()
    return content


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _above(path: str) -> str:
    return path.rpartition("/")[0]
