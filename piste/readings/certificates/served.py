"""The certificate that an endpoint serves, read in a handshake after which nothing is sent.

A chain that does not verify is read all the same: it is a finding, not a trust. The verification of time is left to the
judgment, so that an expired certificate of a known authority is not called unknown.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import NamedTuple

from piste.engine.converge.errors import Misused, Unreachable
from piste.engine.transport.faults import reason
from piste.readings.certificates.facts import Facts, facts

PATIENCE = 8.0
"""Seconds for the whole of a handshake."""
_NO_CHECK_TIME = 0x200000
"""`X509_V_FLAG_NO_CHECK_TIME` of OpenSSL, which Python has no name for."""


class Place(NamedTuple):
    """An endpoint: `name` is that of the service, which a server of several names is asked for."""

    host: str
    port: int
    name: str


def trusting(ca_file: str) -> ssl.SSLContext:
    """Make a context that verifies the chain alone, by the machine's authorities and a file's.

    Raises `Misused`.
    """
    try:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(ca_file)
    except OSError as error:
        raise Misused(
            "l’autorité de certification est illisible", where=ca_file, why=str(error),
            todo="Donnez dans ca_file le chemin d’un fichier PEM.",
        ) from error  # fmt: skip
    context.check_hostname = False
    # A weak key has a fault of its own: it must not pass for an unknown chain.
    context.set_ciphers("ALL:@SECLEVEL=0")
    # An authority may write its extensions as older rules allow: browsers accept them, and so does the judgment.
    context.verify_flags = ssl.VerifyFlags((context.verify_flags & ~ssl.VERIFY_X509_STRICT) | _NO_CHECK_TIME)
    return context


def _reading() -> ssl.SSLContext:
    """Make a context that reads any certificate, weak or untrusted. Nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def served(place: Place, trust: ssl.SSLContext, patience: float = PATIENCE) -> Facts:
    """Read the certificate of an endpoint. Raises `Unreachable`."""
    try:
        return facts(_leaf(place, trust, patience), trusted=True)
    except ssl.SSLError as refused:
        known = isinstance(refused, ssl.SSLCertVerificationError)
        why = reason(refused) if known else refused.reason or str(refused)
    except (OSError, ValueError) as error:
        raise _silent(place, error) from error
    try:
        return facts(_leaf(place, _reading(), patience), trusted=False, why=why)
    except (OSError, ValueError) as error:
        raise _silent(place, error) from error


def _leaf(place: Place, context: ssl.SSLContext, patience: float) -> bytes:
    with socket.create_connection((place.host, place.port), patience) as plain:
        # The timeout of a socket starts again at each byte: a server that drips is cut.
        cut = threading.Timer(patience, _cut, (plain,))
        cut.daemon = True
        cut.start()
        try:
            with context.wrap_socket(plain, server_hostname=place.name or None) as secured:
                content = secured.getpeercert(binary_form=True)
        finally:
            cut.cancel()
    if not content:
        raise ValueError("aucun certificat")
    return content


def _cut(plain: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(plain, socket.SHUT_RDWR)


def _silent(place: Place, error: Exception) -> Unreachable:
    return Unreachable(
        "ne montre pas son certificat",
        where=f"{place.host}:{place.port}",
        why=reason(error, place.host),
        todo="Vérifiez l’adresse, le port et le chemin jusqu’à lui, puis relancez.",
    )
