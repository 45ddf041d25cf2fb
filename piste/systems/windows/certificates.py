"""Verification of the certificates of Windows hosts, which an authority must attest."""

from __future__ import annotations

import ssl

from piste.engine.converge.errors import Misused, PisteError, Unreachable


def context(ca_file: str, option: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the authority in a file, or those of the machine.

    Raises `Misused` where the file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise Misused(
            "l’autorité de certification est illisible",
            where=ca_file,
            why=str(error),
            todo=f"Donnez dans {option} le chemin d’un fichier PEM.",
        ) from error


def unattested(where: str, why: str, remedy: str) -> PisteError:
    """Make the error for a certificate that no trusted authority attests."""
    return Unreachable(
        "présente un certificat que rien n’atteste",
        where=where,
        why=why,
        todo=f"Donnez la bonne autorité ({remedy} ; la vérification ne se désactive pas.",
    )
