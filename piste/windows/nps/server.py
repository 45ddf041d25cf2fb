"""One NPS server: what it holds, and the transaction by which that is changed.

An import replaces the whole configuration, so that a change is: note what is there, import, export, compare; what is
not exactly as wanted is put back. A change whose end nobody has seen is settled by the next task that writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from piste.converge.errors import Conflict, PisteError, Unreachable
from piste.converge.secrets import Vault
from piste.transport.shared import Shared, run_folder
from piste.windows.nps.certificates import Certificate, Store
from piste.windows.nps.document import Document
from piste.windows.nps.pending import Pending
from piste.windows.winrm import Session, pack, unpack
from piste.windows.winrm_access import Access

RESTART = True
"""[inferred] Whether the service is restarted after an import: what it then decides by is surely what was imported."""
LOOKS, PAUSE = 12, 5.0
"""How many times a server is looked at again after an import whose end is not known, and after how many seconds."""
_EXPORT, _CERTIFICATES = "export", "certificates"


class Unsettled(PisteError):
    """An import was begun, and the server no longer answers: what it holds is not known."""

    code = "PISTE-E046"
    kind = "unknown"


class PutBack(PisteError):
    """An import did not give what was wanted; the server holds what it held before, which was verified."""

    code = "PISTE-E047"


class Broken(PisteError):
    """An import did not give what was wanted, and what was there before could not be put back."""

    code = "PISTE-E048"


class Host(Protocol):
    """What is asked of a `piste.windows.winrm.Session`."""

    host: str
    calls: dict[str, int]

    def run(self, snippet: str, **given: Any) -> dict[str, Any]: ...

    def close(self) -> None: ...


class Server:
    """A server as one task sees it, with what the tasks of a run share of it: its configuration without secrets (a
    fingerprint in the place of each), its certificates. Its `url` tells it from that of another environment."""

    def __init__(self, host: Host, url: str, vault: Vault) -> None:
        self.host, self.name, self.url, self.vault = host, host.host, url, vault
        self.pending = Pending(self.name, url, vault)
        self._notes: list[str] = []
        self._settled: set[bool] = set()
        """In which modes, check or not, a change that a killed run has begun was ended: once for all kinds."""
        self._shared = Shared(run_folder(), f"nps-{self.name}")
        self._last: Document | None = None
        self._content = b""
        self._verified = False

    def document(self, *, fresh: bool) -> Document:
        """What the server holds. `fresh` asks the server itself, but for the first look after a verified change."""
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
        """The certificates of the machine."""
        raw = self._shared.once(_CERTIFICATES, lambda: self.host.run("certificates")["certificates"])
        try:
            found = [Certificate.read(one["content"], one["has_private_key"]) for one in raw]
        except ValueError as error:
            raise Unreachable("ses certificats ne se lisent pas", where=self.name, why=str(error)) from error
        return Store(found, templates)

    def replace(self, wanted: Document) -> None:
        """Make the server hold `wanted` in the place of what was last read of it, or leave it as it was.

        Raises `PutBack` where the server holds what it held, `Unsettled` where it does not answer any
        more, `Broken` where it holds neither.
        """
        assert self._last is not None
        previous, content, target = self._last, self._content, wanted.to_bytes()
        self.pending.note(content, target)
        self._shared.forget(_EXPORT)
        failure: PisteError | None = None
        try:
            self._import(target)
        except PisteError as error:
            failure = error  # even where nothing answers: the last request may have been heard
        held = self._look(failure)
        if held.same(wanted):
            self._keep(held)
            return
        why = failure.what if failure else "l'import est accepté, mais le serveur garde autre chose"
        if failure is not None and failure.why:
            why = f"{why} : {failure.why}"
        differing = "" if failure else f" ({_listed(held.differences(wanted))})"
        if held.same(previous):
            self._keep(held)
            what = "la configuration n'a pas changé (vérifié)"
        else:
            self._put_back(previous, content)
            what = "la configuration précédente est remise (vérifié)"
        raise PutBack(
            f"l'import n'a pas abouti, {what}",
            where=self.name,
            why=f"{why}{differing}",
            todo="Levez la cause (journal « Microsoft-Windows-NPS » du serveur), puis relancez.",
        )

    def taken_notes(self) -> list[str]:
        """What a reader should know of the server, for the result of the first kind that asks."""
        notes, self._notes = self._notes, []
        return notes

    def settle(self, *, check: bool) -> None:
        """End a change that a killed run has begun: it is done, not done, or taken back."""
        held = None if self._settled & {check, False} else self.pending.read()
        if held is None:
            return
        previous, wanted = map(Document, held)
        now = self._export()
        if not now.same(previous) and not now.same(wanted):
            now = self._at_rest(now)
        if now.same(previous) or now.same(wanted):
            if not check:
                self._keep(now)
            self._settled.add(check)
            return
        if strange := now.strange_to(previous, wanted):
            raise Conflict(
                "un changement interrompu n'est pas repris : le serveur tient ce que ni l'ancienne ni la nouvelle "
                f"configuration n'ont ({_listed(strange)})",
                where=self.name,
                why="Quelqu'un y a travaillé depuis.",
                todo="Si ce qu'il tient est juste, retirez la configuration gardée, puis relancez : "
                f"{self.pending.path}",
            )
        self._notes.append(
            f"{self.name} : un changement interrompu est retrouvé, la configuration d'avant lui "
            + ("sera remise" if check else "est remise")
        )
        if check:
            self._last, self._content = previous, held[0]
        else:
            self._shared.forget(_EXPORT)
            self._put_back(previous, held[0])
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
                "ce que le serveur exporte ne se lit pas, rien n'y est écrit",
                where=self.name,
                why=str(error),
                todo="Vérifiez l'export dans la console NPS de ce serveur.",
            ) from error
        return self._last

    def _import(self, content: bytes) -> None:
        self.host.run("nps_import", document=pack(content), restart=RESTART)

    def _look(self, failure: PisteError | None) -> Document:
        """What the server holds after an import."""
        try:
            held = self._export()
            return self._at_rest(held) if failure is not None and failure.kind == "unknown" else held
        except PisteError as error:
            raise Unsettled(
                "un import est commencé, et le serveur ne dit plus ce qu'il tient",
                where=self.name,
                why=" ; ".join(str(one) for one in (failure, error) if one),
                todo="Relancez dès qu'il répond : sa configuration précédente est gardée, et remise s'il le faut.",
            ) from error

    def _at_rest(self, held: Document) -> Document:
        """What the server holds once two looks see the same: an import that nobody hears any more may still be at
        work."""
        for _ in range(LOOKS):
            time.sleep(PAUSE)
            before, held = held, self._export()
            if held.same(before):
                break
        return held

    def _put_back(self, previous: Document, content: bytes) -> None:
        failure: PisteError | None = None
        try:
            self._import(content)
        except PisteError as error:
            failure = error
        held = self._look(failure)
        if not held.same(previous):
            raise Broken(
                "la configuration précédente n'a pas pu être remise : le serveur ne tient ni elle ni la nouvelle "
                f"({_listed(held.differences(previous))})",
                where=self.name,
                why=str(failure) if failure else "",
                todo=f"Elle est gardée dans {self.pending.path}, et remise par la prochaine exécution qui le peut. "
                "Laissez servir l'autre serveur, qui tient une configuration entière.",
            )
        self._keep(held)

    def _keep(self, held: Document) -> None:
        """What was verified is what the run knows from now on."""
        self.pending.forget()
        self._verified = True
        if self.vault.fingerprint(_EXPORT):
            self._shared.put(_EXPORT, self._sealed(held))

    def _sealed(self, document: Document) -> str:
        return document.sealed(self.vault.fingerprint).to_bytes().decode()


def opened(option: Mapping[str, Any], names: Iterable[Any], vault: Vault) -> list[Server]:
    """Servers by name, as the `winrm` option reaches them."""
    access = Access.of(option)
    return [Server(Session(access, name), access.url(name), vault) for name in map(str, names)]


def _listed(paths: Sequence[str]) -> str:
    """The ends of paths of items, some of them."""
    names = [path.rpartition("Microsoft_Internet_Authentication_Service/")[2] for path in paths]
    return ", ".join(names[:5]) + (f" et {len(names) - 5} autres" if len(names) > 5 else "")
