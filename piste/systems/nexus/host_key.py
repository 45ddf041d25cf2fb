"""Host keys of SSH, each pinned: an unknown or a changed key is refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from piste.engine.converge.errors import PisteError


class UntrustedHost(PisteError):
    """The host key of a switch is not pinned, or is not the pinned key: nothing was sent."""

    code = "PISTE-E100"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key as OpenSSH writes it, `ssh-ed25519 AAAA…`."""

    kind: str
    blob: bytes

    @classmethod
    def of(cls, name: str, text: str) -> HostKey:
        """Read a pinned key; a comment after it is left out. Raises `UntrustedHost`."""
        kind, _, rest = text.strip().partition(" ")
        try:
            blob = base64.b64decode(rest.split()[0], validate=True)
            # The blob repeats its kind (RFC 4253, 6.6).
            if blob[4 : 4 + int.from_bytes(blob[:4])].decode("ascii") != kind:
                raise ValueError
        except (IndexError, ValueError, binascii.Error):
            raise UntrustedHost(
                "la clé d’hôte épinglée ne se lit pas",
                where=name,
                why="La forme attendue est celle d’OpenSSH : « ssh-rsa AAAA… ».",
                todo=f"Corrigez piste_nexus.host_keys.{name}.",
            ) from None
        return cls(kind, blob)

    @property
    def fingerprint(self) -> str:
        """The fingerprint as OpenSSH shows it: `SHA256:…`."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def text(self) -> str:
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"


def check(name: str, pinned: str, shown: HostKey) -> None:
    """Compare the key that a switch shows with the pinned key. Raises `UntrustedHost`."""
    way = (
        "À la console du Nexus, « show ssh key » donne sa clé : si son empreinte est celle-ci, "
        f"écrivez piste_nexus.host_keys.{name}: {shown.text}"
    )
    if not pinned:
        raise UntrustedHost(
            f"sa clé d’hôte n’est pas connue ({shown.kind}, {shown.fingerprint})",
            where=name,
            why="Rien ne lui a été envoyé, ni compte ni mot de passe.",
            todo=way,
        )
    known = HostKey.of(name, pinned)
    if known != shown:
        raise UntrustedHost(
            f"sa clé d’hôte a changé : {shown.kind}, {shown.fingerprint}, au lieu de {known.kind}, {known.fingerprint}",
            where=name,
            why="Quelqu’un répond peut-être à sa place ; rien ne lui a été envoyé, ni compte ni mot de passe.",
            todo=f"S’il a été remplacé ou réinitialisé : {way[0].lower()}{way[1:]}",
        )
