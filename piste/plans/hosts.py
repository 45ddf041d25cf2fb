"""The variables of each host, asked of Ansible itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.converge.errors import PisteError
from piste.repository import ROOT


class Unreadable(PisteError):
    """Ansible cannot read the inventories; `said` is its message."""

    code = "PISTE-E034"

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(
            "Ansible ne peut pas lire l'inventaire", why=said, todo="Voir « piste doctor » : coffre, fichiers, droits."
        )


def variables(environment: str) -> Mapping[str, dict[str, Any]]:
    """Read the variables of each host of the town in an environment, templates as written.

    Raises `Unreadable`.
    """
    program = Path(sys.executable).with_name("ansible-inventory")
    command = [str(program), "-i", "inventories/town", "-i", f"inventories/{environment}", "--list"]
    configured = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=configured, capture_output=True, text=True, check=True, timeout=60)
    except subprocess.CalledProcessError as error:
        raise Unreadable(" ".join(str(error.stderr).split())[:500]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreadable(str(error)) from error
    listed: dict[str, dict[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return {host: {**values, "inventory_hostname": host} for host, values in listed.items()}
