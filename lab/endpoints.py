"""The endpoints of the declared certificates: a port, a certificate for each name asked for.

Each authority of the town is an intermediate of the lab's own, with the name that the town declares.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STATES = ("sound", "soon", "expired", "other_name", "unknown", "weak", "other_authority", "silent")
"""What an endpoint may serve, `silent` being nothing."""
_PATIENCE = 10.0


class Endpoints:
    """The endpoints of a lab, listening until `close`; `set` changes what one of them serves."""

    def __init__(self, folder: Path, authority: trustme.CA, declared: Mapping[str, Any]) -> None:
        self._folder, self._root = folder, authority
        self._certificates = {
            entry["name"]: entry for entry in declared["certificates"] if entry["reader"] == "scan"
        }
        self._authorities = {entry["name"]: entry for entry in declared["authorities"]}
        self.states = dict.fromkeys(self._certificates, "sound")
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._issuers: dict[str, tuple[Any, x509.Certificate]] = {}
        self._lock = threading.Lock()

    @property
    def info(self) -> dict[str, Any]:
        place = {"address": "127.0.0.1", "port": self._listener.getsockname()[1]}
        return {"elsewhere": dict.fromkeys(self._certificates, place)}

    def start(self) -> Endpoints:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._front.set_ciphers("ALL:@SECLEVEL=0")
        self._front.sni_callback = self._choose
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def set(self, **states: str) -> None:
        """Change what endpoints serve. Raises ValueError."""
        for name, state in states.items():
            if name not in self.states or state not in STATES:
                raise ValueError(f"{name}={state} : choix {', '.join(STATES)}, parmi {', '.join(self.states)}")
            self.states[name] = state

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        # A client that goes away, or refuses the certificate, is no event of the lab.
        with contextlib.suppress(OSError, ValueError), connection:
            self._front.wrap_socket(connection, server_side=True).recv(1)

    def _choose(self, secured: Any, name: str | None, _: ssl.SSLContext) -> int | None:
        entry = next((entry for entry in self._certificates.values() if name in entry["names"]), None)
        if entry is None or (state := self.states[entry["name"]]) == "silent":
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        with self._lock:
            key = (entry["name"], state)
            if key not in self._contexts:
                self._contexts[key] = self._made(entry, state)
            secured.context = self._contexts[key]
        return None

    def _made(self, entry: Mapping[str, Any], state: str) -> ssl.SSLContext:
        issuer = "other_authority" if state == "other_authority" else entry["authority"]
        key, above = self._issuer("unknown" if state == "unknown" else issuer)
        now = datetime.now(UTC).replace(microsecond=0)
        life = timedelta(days=self._authorities[entry["authority"]]["max_days"] - 1)
        start = {"expired": now - life - timedelta(days=3), "soon": now - life + timedelta(days=12)}.get(
            state, now - timedelta(days=1)
        )
        names = ["autre.lab.invalid"] if state == "other_name" else entry["names"]
        own: Any = rsa.generate_private_key(65537, 1024) if state == "weak" else ec.generate_private_key(ec.SECP256R1())
        leaf = _signed(names[0], own.public_key(), key, above.subject, (start, start + life), names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        content = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        content += leaf.public_bytes(Encoding.PEM) + above.public_bytes(Encoding.PEM)
        # The standard library loads certificates from files only.
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".pem") as chain:
            chain.write(content)
            chain.flush()
            context.load_cert_chain(chain.name)
        return context

    def _issuer(self, name: str) -> tuple[Any, x509.Certificate]:
        """Return the key and the certificate of an authority; `unknown` is attested by nobody."""
        if name not in self._issuers:
            key = ec.generate_private_key(ec.SECP256R1())
            root = x509.load_pem_x509_certificate(self._root.cert_pem.bytes())
            above: Any = load_pem_private_key(self._root.private_key_pem.bytes(), None)
            common = self._authorities[name]["issuers"][0] if name in self._authorities else name
            signer, subject = (key, x509.Name([])) if name == "unknown" else (above, root.subject)
            now = datetime.now(UTC).replace(microsecond=0)
            span = (now - timedelta(days=1000), now + timedelta(days=1000))
            own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
            made = _signed(common, key.public_key(), signer, subject if subject.rdns else own, span, None)
            self._issuers[name] = key, made
        return self._issuers[name]


def _signed(
    common: str, public: Any, signer: Any, issuer: x509.Name, span: tuple[datetime, datetime], names: list[str] | None
) -> x509.Certificate:
    """Sign the certificate of a server, or of an authority where it has no `names`."""
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names is not None:
        built = built.add_extension(x509.SubjectAlternativeName([*map(x509.DNSName, names)]), critical=False)
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    signed: x509.Certificate = built.sign(signer, hashes.SHA256())
    return signed
