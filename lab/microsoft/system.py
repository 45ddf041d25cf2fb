"""Microsoft 365 as a system of the lab."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lab.beyond import Captured
from lab.faults import Faults
from lab.microsoft.captured import tenant_of
from lab.microsoft.simulator import APPLICATION, SYSTEM, TENANT, MicrosoftSimulator
from lab.system import Setting

_FILES = ("microsoft.crt", "microsoft.key")


class Microsoft:
    """A tenant, whose content is the same at each start, or that of a capture."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self.faults = Faults()
        self.certificate, self.key = _credential(setting.folder)
        self.simulator = MicrosoftSimulator(
            self.certificate.encode(), clock=setting.clock, faults=self.faults, calls=setting.calls
        )
        self.simulator.taken = setting.kept
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        return {
            "url": secure, "http_url": plain, "tenant": TENANT, "application": APPLICATION,
            "certificate": self.certificate, "private_key": self.key,
        }  # fmt: skip

    def reset(self, seed: str) -> None:
        self.simulator.taken = None

    def captured(self, answers: Iterable[Captured], secrets: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """Build the tenant of a capture; list the lines of what was left."""
        return tenant_of(answers)

    def become(self, tenant: dict[str, Any]) -> list[str]:
        self.simulator.taken = tenant
        return []

    def image(self) -> bytes:
        return json.dumps(self.state()).encode()

    def state(self) -> Any:
        """Return what was captured."""
        return self.simulator.taken

    def finish(self) -> None:
        return


def _credential(folder: Path) -> tuple[str, str]:
    """Give the certificate of the application and its key, made at the first start."""
    places = [folder / name for name in _FILES]
    if not all(place.exists() for place in places):
        for place, content in zip(places, made(), strict=True):
            place.touch(0o600)
            place.write_text(content, "ascii")
    certificate, key = (place.read_text("ascii") for place in places)
    return certificate, key


@cache
def made() -> tuple[str, str]:
    """Make a certificate that signs itself, and its key, once a process."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Piste")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(form[0]).decode(), key.private_bytes(*form).decode()
