"""The certificate authority of the lab, kept in its folder so that clients can trust it."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import trustme

HOSTS = ("127.0.0.1", "localhost", "::1")


def authority(folder: Path) -> trustme.CA:
    """Return the authority of the lab; the first use makes `ca.pem` and its key."""
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    made = trustme.CA(organization_name="Piste, laboratoire")
    key.touch(mode=0o600)
    made.private_key_pem.write_to_path(key)
    made.cert_pem.write_to_path(certificate)
    return made


def server_context(folder: Path) -> ssl.SSLContext:
    """Return a TLS context for the listeners of the lab."""
    leaf = authority(folder).issue_cert(*HOSTS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The standard library loads certificates from files only.
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pem") as chain:
        chain.write(leaf.private_key_and_cert_chain_pem.bytes())
        chain.flush()
        context.load_cert_chain(chain.name)
    return context
