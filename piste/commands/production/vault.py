"""The skeleton of a vault, encrypted by `ansible-vault`, never in clear on a disk."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from piste.commands.production.inventory import MAIN
from piste.engine.converge.errors import PisteError
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.sites.declaring import write_files

VAULT = MAIN.with_name("vault.yml")
HEADER = b"$ANSIBLE_VAULT;"
_SECRETS = "vault_piste_secrets"
_HEAD = """---
# Le coffre de la production, à ouvrir par ansible-vault edit, jamais autrement (inventories/production/SECRETS.md).
# Remplacez chaque null par sa valeur : un null n’est jamais pris pour un secret, ce qui l’attend reste désactivé.
"""


class NotSealed(PisteError):
    """`ansible-vault` did not encrypt the vault; none was written."""

    code = "PISTE-E076"


def existing(root: Path) -> Path | None:
    """Find the vault of production. Raises `NotSealed` where it lies in clear."""
    vaults = sorted((root / VAULT).parent.glob("vault.y*ml"))
    for path in vaults:
        if not path.read_bytes().startswith(HEADER):
            raise NotSealed(
                "le coffre est en clair, rien n’a été écrit",
                where=str(path.relative_to(root)),
                todo=f"Chiffrez-le : ansible-vault encrypt {path.relative_to(root)} ; changez ensuite les secrets.",
            )
    return vaults[0].relative_to(root) if vaults else None


def accesses(main: str) -> list[str]:
    """List the variables that the inventory takes from its vault, but `vault_piste_secrets`."""
    return [name for name in dict.fromkeys(re.findall(r"\{\{ *(vault_\w+) *\}\}", main)) if name != _SECRETS]


def skeleton(accesses: Iterable[str], paths: Iterable[str]) -> str:
    """Write the content of a new vault: nulls, and a key of fingerprints drawn at random."""
    lines = [_HEAD.rstrip("\n"), *(f"{name}: null" for name in accesses), "", f"{_SECRETS}:"]
    lines += [
        "  # Tirée au hasard par piste init ; ne la changez plus.",
        f"  {FINGERPRINT_KEY}: {secrets.token_urlsafe(32)}",
        *(f"  {path}: null" for path in paths),
    ]
    return "\n".join(lines) + "\n"


def check_password() -> None:
    """Refuse to encrypt where the password can come from nowhere. Raises `NotSealed`.

    Without a terminal, the prompt of `ansible-vault` would take a line of the content for the password.
    """
    if any(os.environ.get(name) for name in ("ANSIBLE_VAULT_PASSWORD_FILE", "ANSIBLE_VAULT_IDENTITY_LIST")):
        return
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        raise _failed("Personne ne peut donner le mot de passe du coffre ici.") from error


def seal(content: str, root: Path) -> None:
    """Encrypt the content of a vault and write the result. Raises `NotSealed`.

    The password comes from the own prompt of `ansible-vault`, on the terminal, or from `ANSIBLE_VAULT_PASSWORD_FILE`.
    """
    check_password()
    program = Path(sys.executable).with_name("ansible-vault")
    configured = {**os.environ, "ANSIBLE_CONFIG": str(root / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(program), "encrypt", "--output", "-"]
    try:
        # Its prompt and its messages stay on the terminal: only the result is taken.
        done = subprocess.run(
            command, cwd=root, env=configured, input=content.encode(), stdout=subprocess.PIPE, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise _failed(f"ansible-vault : {type(error).__name__}") from error
    if not done.stdout.startswith(HEADER):
        raise _failed("ansible-vault n’a pas donné de coffre chiffré")
    write_files({VAULT: done.stdout.decode("ascii")}, root)


def _failed(why: str) -> NotSealed:
    return NotSealed(
        "le coffre n’a pas été fait",
        where=str(VAULT),
        why=why,
        todo="Relancez dans un terminal, où ansible-vault demande le mot de passe deux fois, ou donnez "
        "ANSIBLE_VAULT_PASSWORD_FILE, vers un fichier hors du dépôt. Ce qui est déjà écrit ne sera pas refait.",
    )
