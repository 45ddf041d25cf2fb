"""An NPS server: its configuration, and the transaction that changes it.

An import replaces the whole configuration. A change is thus: back up, import, export, compare; where the result is not
exactly as wanted, import the backup. The next task that writes settles an unfinished change.
Believed: [belief windows.print_left].
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from piste.engine.converge.errors import Conflict, PisteError, Rejected, Unreachable
from piste.engine.converge.secrets import Vault
from piste.engine.transport.shared import Shared, run_folder
from piste.engine.words import some
from piste.systems.windows.nps.certificates import Certificate, Store
from piste.systems.windows.nps.document import Document
from piste.systems.windows.nps.pending import Pending
from piste.systems.windows.winrm import Session, pack, unpack
from piste.systems.windows.winrm_access import Access

RESTART = True
"""True to restart the service after an import, so that it surely decides by what was imported.

That it must is [belief windows.nps_service].
"""
LOOKS, PAUSE = 12, 5.0
"""Number of looks at a server after an import whose end is unknown, and seconds before each."""
_EXPORT, _CERTIFICATES = "export", "certificates"
IN_ITS_CONSOLE = "Changez-le dans la console NPS de ce serveur, ou mettez le serveur à niveau."


class Unsettled(PisteError):
    """An import was begun, and the server no longer answers: its configuration is unknown."""

    code = "PISTE-E046"
    kind = "unknown"


class PutBack(PisteError):
    """An import failed; the server has its former configuration, which was verified."""

    code = "PISTE-E047"


class Broken(PisteError):
    """An import failed, and the former configuration could not be put back."""

    code = "PISTE-E048"


class Host(Protocol):
    """The part of `piste.systems.windows.winrm.Session` that a server needs."""

    host: str
    calls: dict[str, int]

    def run(self, snippet: str, **given: Any) -> dict[str, Any]: ...

    def close(self) -> None: ...


class Server:
    """A server as seen by a task.

    The tasks of a run share its certificates, and its configuration with fingerprints in place of secrets. Its `url`
    distinguishes it from a server of the same name in another environment.
    """

    def __init__(self, host: Host, url: str, vault: Vault) -> None:
        self.host, self.name, self.url, self.vault = host, host.host, url, vault
        self.pending = Pending(self.name, url, vault)
        self._notes: list[str] = []
        self._settled: set[bool] = set()
        """Modes (check or not) in which the change of a killed run was settled: once for all kinds."""
        self._shared = Shared(run_folder(), f"nps-{self.name}")
        self._last: Document | None = None
        self._content = b""
        self._verified = False

    def document(self, *, fresh: bool) -> Document:
        """Return the configuration.

        With `fresh`, it comes from the server, except just after a verified change.
        """
        if fresh:
            verified, self._verified = self._verified, False
            return self._last if verified and self._last is not None else self._export()
        if self._last is not None:
            return self._last
        if not self.vault.fingerprint(_EXPORT):
            return self._export()  # without a key, a fingerprint could not stand for a secret
        sealed: str = self._shared.once(_EXPORT, lambda: self._sealed(self._export()))
        return Document(sealed.encode(), is_sealed=True)

    def store(self, templates: Callable[[str], Sequence[str]]) -> Store:
        """Return the certificates of the machine."""
        raw = self._shared.once(_CERTIFICATES, lambda: self.host.run("certificates")["certificates"])
        try:
            certificates = [Certificate.read(entry["content"], entry["has_private_key"]) for entry in raw]
        except ValueError as error:
            raise Unreachable("ses certificats ne se lisent pas", where=self.name, why=str(error)) from error
        return Store(certificates, templates)

    def replace(self, desired: Document) -> None:
        """Replace the configuration that was last read by `desired`, or leave it as it was.

        Raises `PutBack` where the server has its former configuration, `Unsettled` where it no longer answers, `Broken`
        where it has neither.
        """
        assert self._last is not None
        if why := self._last.refusal:
            raise Rejected("la configuration ne s’écrit pas", where=self.name, why=why, todo=IN_ITS_CONSOLE)
        previous, content, target = self._last, self._content, desired.to_bytes()
        self.pending.note(content, target)
        self._shared.forget(_EXPORT)
        failure: PisteError | None = None
        try:
            self._import(target)
        except PisteError as error:
            failure = error  # even without an answer, the server may have imported
        live = self._look(failure)
        if live.same(desired):
            self._keep(live)
            return
        why = failure.what if failure else "l’import est accepté, mais le serveur garde autre chose"
        if failure is not None and failure.why:
            why = f"{why} : {failure.why}"
        differing = "" if failure else f" ({_listed(live.differences(desired))})"
        if live.same(previous):
            self._keep(live)
            what = "la configuration n’a pas changé (vérifié)"
        else:
            self._put_back(previous, content)
            what = "la configuration précédente est remise (vérifié)"
        raise PutBack(
            f"l’import n’a pas abouti, {what}",
            where=self.name,
            why=f"{why}{differing}",
            todo="Levez la cause (journal « Microsoft-Windows-NPS » du serveur), puis relancez.",
        )

    def taken_notes(self) -> list[str]:
        """Take the notes for the reader, which the result of the first kind that asks shows."""
        notes, self._notes = self._notes, []
        return notes

    def settle(self, *, check: bool) -> None:
        """End the change of a killed run: it is done, not done, or undone."""
        change = None if self._settled & {check, False} else self.pending.read()
        if change is None:
            return
        previous, desired = map(Document, change)
        now = self._export()
        if not now.same(previous) and not now.same(desired):
            now = self._at_rest(now)
        if now.same(previous) or now.same(desired):
            if not check:
                self._keep(now)
            self._settled.add(check)
            return
        if strange := now.strange_to(previous, desired):
            raise Conflict(
                "un changement interrompu n’est pas repris : le serveur tient ce que ni l’ancienne ni la nouvelle "
                f"configuration n’ont ({_listed(strange)})",
                where=self.name,
                why="Quelqu’un y a travaillé depuis.",
                todo="Si ce qu’il tient est juste, retirez la configuration gardée, puis relancez : "
                f"{self.pending.path}",
            )
        self._notes.append(
            f"{self.name} : un changement interrompu est retrouvé, la configuration d’avant lui "
            + ("sera remise" if check else "est remise")
        )
        if check:
            self._last, self._content = previous, change[0]
        else:
            self._shared.forget(_EXPORT)
            self._put_back(previous, change[0])
        self._settled.add(check)

    def close(self) -> None:
        self.host.close()

    def _export(self) -> Document:
        packed = self.host.run("nps_export")["document"]
        try:
            self._content = unpack(packed)
            self._last = Document(self._content)
        except ValueError as error:
            raise Unreachable(
                "ce que le serveur exporte ne se lit pas, rien n’y est écrit",
                where=self.name,
                why=str(error),
                todo="Vérifiez l’export dans la console NPS de ce serveur.",
            ) from error
        return self._last

    def _import(self, content: bytes) -> None:
        self.host.run("nps_import", document=pack(content), restart=RESTART)

    def _look(self, failure: PisteError | None) -> Document:
        """Return the server's configuration after an import."""
        try:
            live = self._export()
            return self._at_rest(live) if failure is not None and failure.kind == "unknown" else live
        except PisteError as error:
            raise Unsettled(
                "un import est commencé, et le serveur ne dit plus ce qu’il tient",
                where=self.name,
                why=" ; ".join(str(fault) for fault in (failure, error) if fault),
                todo="Relancez dès qu’il répond : sa configuration précédente est gardée, et remise s’il le faut.",
            ) from error

    def _at_rest(self, live: Document) -> Document:
        """Return the configuration once two exports are the same.

        An import that gave no answer may still run.
        """
        for _ in range(LOOKS):
            time.sleep(PAUSE)
            before, live = live, self._export()
            if live.same(before):
                break
        return live

    def _put_back(self, previous: Document, content: bytes) -> None:
        failure: PisteError | None = None
        try:
            self._import(content)
        except PisteError as error:
            failure = error
        live = self._look(failure)
        if not live.same(previous):
            raise Broken(
                "la configuration précédente n’a pas pu être remise : le serveur ne tient ni elle ni la nouvelle "
                f"({_listed(live.differences(previous))})",
                where=self.name,
                why=str(failure) if failure else "",
                todo=f"Elle est gardée dans {self.pending.path}, et remise par la prochaine exécution qui le peut. "
                "Laissez servir l’autre serveur, qui tient une configuration entière.",
            )
        self._keep(live)

    def _keep(self, document: Document) -> None:
        """Keep a verified configuration for the run."""
        self.pending.forget()
        self._verified = True
        if self.vault.fingerprint(_EXPORT):
            self._shared.put(_EXPORT, self._sealed(document))

    def _sealed(self, document: Document) -> str:
        return document.sealed(self.vault.fingerprint).to_bytes().decode()


def opened(option: Mapping[str, Any], names: Iterable[Any], vault: Vault) -> list[Server]:
    """Return the servers of the given names, reached by the `winrm` option."""
    access = Access.of(option)
    return [Server(Session(access, name), access.url(name), vault) for name in map(str, names)]


def _listed(paths: Sequence[str]) -> str:
    """List the ends of up to five paths, and the number of others."""
    names = [path.rpartition("Microsoft_Internet_Authentication_Service/")[2] for path in paths]
    return some(names, 5)
