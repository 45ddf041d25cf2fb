"""Seals under the environment's key of fingerprints, a secret that Ansible opens.

The process `python -m piste.runs.plans.keys` opens the vault, writes the seal, and ends. So the process of a command
has neither the secrets of the environment nor the state that Ansible keeps once it has opened a vault.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import Misused
from piste.engine.converge.secrets import FINGERPRINT_KEY, MINIMUM_LENGTH
from piste.engine.repository import ROOT

WAIT = 120.0
"""Seconds for the vault to open: somebody may have to type its password."""


class NoKey(Misused):
    """The environment has no key of fingerprints, or its secrets do not open."""

    code = "PISTE-E049"


def seal(environment: str, purpose: str, content: bytes) -> str:
    """Compute the HMAC of a content under the environment's key, for a purpose. Raises `NoKey`."""
    command = [sys.executable, "-m", "piste.runs.plans.keys", environment, purpose]
    configured = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=configured, input=content, capture_output=True, check=True, timeout=WAIT
        )
        answer: dict[str, str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        answer = {"what": f"les secrets de « {environment} » ne s’ouvrent pas", "why": type(error).__name__}
    if "seal" in answer:
        return answer["seal"]
    raise NoKey(
        answer["what"],
        why=answer.get("why", ""),
        todo=f"Il faut {FINGERPRINT_KEY} dans le coffre (inventories/production/SECRETS.md) ; voir « piste doctor ».",
    )


def answer_of(environment: str, purpose: str, content: bytes) -> dict[str, str]:
    """Read the seal, or the reason of its absence, from the output of the process."""
    try:
        secrets = _secrets(environment)
    except (Exception, SystemExit) as error:
        why = " ".join(str(error).split())[:300]
        return {"what": f"les secrets de « {environment} » ne s’ouvrent pas", "why": why}
    key = str(secrets.get(FINGERPRINT_KEY) or "") if isinstance(secrets, Mapping) else ""
    if len(key) < MINIMUM_LENGTH:
        return {"what": f"la clé {FINGERPRINT_KEY} de « {environment} » {'est trop courte' if key else 'manque'}"}
    return {"seal": seal_by(key, purpose, content)}


def seal_by(key: str, purpose: str, content: bytes) -> str:
    """Compute the HMAC of a content for a purpose, where the key is known already."""
    # Another digest than that of fingerprints, so that no fingerprint of a value is a key of seals.
    own = hmac.digest(key.encode(), purpose.encode(), "sha512")
    return hmac.new(own, content, hashlib.sha256).hexdigest()


def _secrets(environment: str) -> Any:
    """Resolve `piste_secrets` of the town, as a task sees it."""
    # Imported here, in the process that seals: Ansible may exit while it is imported.
    from ansible import constants
    from ansible.cli import CLI
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader
    from ansible.template import Templar
    from ansible.vars.manager import VariableManager

    init_plugin_loader([])
    loader = DataLoader()
    loader.set_basedir(str(ROOT))
    files = [constants.DEFAULT_VAULT_PASSWORD_FILE] if constants.DEFAULT_VAULT_PASSWORD_FILE else []
    identities = constants.DEFAULT_VAULT_IDENTITY_LIST
    CLI.setup_vault_secrets(loader, vault_ids=identities, vault_password_files=files, auto_prompt=False)
    sources = [str(ROOT / "inventories" / name) for name in ("town", environment)]
    inventory = InventoryManager(loader=loader, sources=sources)
    manager = VariableManager(loader=loader, inventory=inventory)
    variables = manager.get_vars(host=inventory.get_host("commune"), include_hostvars=False)
    return Templar(loader=loader, variables=variables).template(variables["piste_secrets"])


if __name__ == "__main__":
    print(json.dumps(answer_of(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())))
