"""Backup of a server during a change; a killed run leaves it behind.

The file has the server's secrets: it is sealed with a key from the environment's secrets, in a folder of its own user,
and removed as soon as the server is read again. It stays on a machine that breaks down.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_private
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.engine.repository import ROOT

_PURPOSE = "piste/nps/pending"


def pending_folder() -> Path:
    """Return `PISTE_PENDING_DIR`, or `.piste/pending` in the repository."""
    return Path(os.environ.get("PISTE_PENDING_DIR") or ROOT / ".piste" / "pending")


class Pending:
    """The change of a server that has begun, if any."""

    def __init__(self, server: str, url: str, vault: Vault) -> None:
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        self.path = pending_folder() / f"{server}-{name}.sealed"
        self._server, self._vault = server, vault

    def note(self, previous: bytes, desired: bytes) -> None:
        """Keep the live configuration, and the configuration about to be imported."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.parent.chmod(0o700)
        change = {"server": self._server, "previous": _text(previous), "wanted": _text(desired)}
        write_private(self.path, self._seal().encrypt(json.dumps(change).encode()))

    def read(self) -> tuple[bytes, bytes] | None:
        """Return the previous and the desired configuration of an unfinished change, or None."""
        try:
            sealed = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            change = json.loads(self._seal().decrypt(sealed))
        except InvalidToken as error:
            raise Misused(
                "un changement interrompu ne peut pas être repris : ce qui en est gardé ne s’ouvre pas",
                where=f"{self._server} ({self.path})",
                why=f"La clé « {FINGERPRINT_KEY} » du coffre n’est plus celle avec laquelle il a été scellé.",
                todo="Remettez cette clé le temps d’une exécution ; ou comparez la configuration du serveur à sa "
                "sauvegarde, puis retirez ce fichier.",
            ) from error
        return base64.b64decode(change["previous"]), base64.b64decode(change["wanted"])

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)

    def _seal(self) -> Fernet:
        key = self._vault.fingerprint(_PURPOSE)
        if not key:
            raise Misused(
                f"la clé « {FINGERPRINT_KEY} » manque dans les secrets : rien n’est écrit sur un serveur NPS sans elle",
                where=self._server,
                why="Elle scelle la configuration précédente, gardée le temps d’un changement.",
                todo="Ajoutez-la au coffre (inventories/production/SECRETS.md).",
            )
        return Fernet(base64.urlsafe_b64encode(bytes.fromhex(key)))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
