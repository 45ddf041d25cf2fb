"""Mail what a unit of Piste said when it failed, through the machine's own `sendmail`.

`mail_failure.py UNIT`, from `piste-failure@.service`. The addresses are `PISTE_MAIL_TO` and `PISTE_MAIL_FROM`
(`/etc/piste/mail`). The code of the unit comes from systemd (`MONITOR_EXIT_STATUS`, since version 251). What the unit
said is data: it is a body of text, and no header.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

OUTCOMES: Mapping[str, str] = {
    "1": "erreur",
    "2": "dérive",
    "3": "un système n’a pas répondu",
    "4": "refus",
}
"""The exit codes of `piste`, in words."""
REMEDIES: Mapping[str, str] = {
    "2": "Lisez ce qui a bougé, puis réparez ou gardez : les deux chemins sont à la fin.",
    "3": "L’état est inconnu. Vérifiez le système nommé (piste doctor) ; la minuterie réessaiera.",
    "4": "Piste n’a pas voulu : la raison et la suite sont dans le message.",
}
FINDINGS = "piste-findings"
"""The unit whose mail is the list of what is wrong or unknown: nothing failed."""
ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
LONGEST = 200_000
"""Characters of a body."""


def message(unit: str, said: str, given: Mapping[str, str]) -> EmailMessage:
    """Write the message of a failed unit. Raises ValueError for an address that is none."""
    status = given.get("MONITOR_EXIT_STATUS", "")
    morning = unit == FINDINGS and status in ("1", "3")
    outcome = "constats du matin" if morning else OUTCOMES.get(status, "échec")
    to, sender = given["PISTE_MAIL_TO"], given.get("PISTE_MAIL_FROM") or given["PISTE_MAIL_TO"]
    for address in (to, sender):
        if not ADDRESS.fullmatch(address):
            raise ValueError(f"« {address} » n’est pas une adresse (/etc/piste/mail)")
    mail = EmailMessage()
    mail["To"], mail["From"] = to, sender
    mail["Subject"] = f"Piste : {outcome} ({unit})"
    mail["Auto-Submitted"] = "auto-generated"
    clean = "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in said)
    head = REMEDIES.get(status, "Lisez ce qu’a dit le service, corrigez, relancez-le.")
    if morning:
        head = "Ce qui est à corriger ou inconnu, le pire d’abord, avec ce qu’il faut faire."
    # The findings begin with the worst; what failed ends with the reason.
    kept = clean[:LONGEST] if morning else clean[-LONGEST:]
    again = f"Tout : journalctl -u {unit} ; relancer : systemctl start {unit}"
    mail.set_content(f"{head}\n\n{kept.strip() or 'Le service n’a rien dit.'}\n\n{again}\n")
    return mail


def said_by(unit: str, digest: Path, status: str) -> str:
    """Read the digest that the unit left, else the last lines of its journal.

    A unit that ended otherwise than with a drift or a silence may have left the digest of another day.
    """
    if status in ("2", "3") and digest.is_file():
        return digest.read_text("utf-8", "replace")
    run = os.environ.get("MONITOR_INVOCATION_ID", "")
    of_this_run = [f"_SYSTEMD_INVOCATION_ID={run}"] if re.fullmatch("[0-9a-f]{32}", run) else ["--unit", unit]
    lines = "5000" if unit == FINDINGS else "200"
    command = ["journalctl", *of_this_run, "--lines", lines, "--output", "cat", "--no-pager"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError) as error:
        return f"Le journal de systemd ne se lit pas : {error}"


def main(unit: str) -> None:
    if not re.fullmatch(r"piste-[a-z-]+", unit):
        sys.exit(f"« {unit} » n’est pas un service de Piste")
    state = Path(os.environ.get("PISTE_STATE") or "/var/lib/piste")
    digests = {"piste-drift": state / "drift" / "drift.txt"}
    said = said_by(unit, digests.get(unit, state / "none"), os.environ.get("MONITOR_EXIT_STATUS", ""))
    sendmail = os.environ.get("PISTE_SENDMAIL") or "/usr/sbin/sendmail"
    try:
        mail = message(unit, said, os.environ)
        subprocess.run([sendmail, "-i", "-t"], input=mail.as_bytes(), check=True, timeout=120)
    except KeyError as error:
        sys.exit(f"Aucun message n’est parti : {error.args[0]} manque (/etc/piste/mail)")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        sys.exit(f"Aucun message n’est parti : {error}")


if __name__ == "__main__":
    main(sys.argv[1])
