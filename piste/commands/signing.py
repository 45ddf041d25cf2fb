"""The signature of a kept report: received on paper, or made by a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.engine.converge.errors import Misused
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.trials.restore.signatures import Decision, Sealed

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def signing_options[F: Callable[..., Any]](command: F) -> F:
    """Add the options `--receive`, `--sign`, `--party` and `--role` to a verb."""
    for option in (
        click.option("--role", help="Rôle de qui signe (« DSI ») ; jamais un nom de personne."),
        click.option("--party", type=click.Choice(["ville", "titulaire"]), help="Partie qui signe."),
        click.option("--sign", "key", type=_FILE, help="Signer le rapport gardé par cette clé privée (PEM)."),
        click.option("--receive", "evidence", type=_FILE, help="Recevoir le rapport signé, numérisé en PDF."),
    ):
        command = option(command)
    return command


def refuse_half(evidence: Path | None, key: Path | None, party: str | None, role: str | None) -> None:
    """Refuse a signature that does not say its party and role. Raises `Misused`."""
    if bool(evidence or key) != bool(party and role) or (evidence and key):
        raise Misused("une signature dit la partie et le rôle", todo="Donnez --receive ou --sign, --party et --role.")


def sign(
    place: Path, report: Sealed, evidence: Path | None, key: Path | None, party: Any, role: str,
    decision: Decision | None = None,
) -> None:  # fmt: skip
    """Receive or make a signature of a kept report. Raises `Misused`."""
    from piste.town.model.dates import today
    from piste.trials.restore.signatures import receive, sign_result

    day = today().isoformat()
    if evidence:
        made = receive(place, report, party, role, evidence, day, decision)
        click.echo(f"{place / made.file} : reçu, SHA-256 {made.sha256}.")
    elif key:
        made = sign_result(place, report, party, role, key, day, decision)
        click.echo(f"{place} : signé par la clé {made.key}, {safe(role)}.")
