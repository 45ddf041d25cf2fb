"""The variables of each host, asked of Ansible itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.repository import ROOT

_NAME = re.compile(r"[\w-]+")


class Unreadable(PisteError):
    """Ansible cannot read the inventories; `said` is its message."""

    code = "PISTE-E034"

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(
            "Ansible ne peut pas lire l’inventaire", why=said, todo="Voir « piste doctor » : coffre, fichiers, droits."
        )


def variables(environment: str, names: Collection[str] | None = None) -> Mapping[str, dict[str, Any]]:
    """Read the variables of hosts of the town in an environment, templates as written.

    It reads all hosts, or those in `names` alone: a host's variables are 150 kB. A name that is not plain is left out.
    Raises `Unreadable`, also where the inventory has none of the names.
    """
    program = Path(sys.executable).with_name("ansible-inventory")
    command = [str(program), "-i", "inventories/town", "-i", f"inventories/{environment}", "--list"]
    if names is not None:
        # A pattern of Ansible may read a file or name a group: a plan from elsewhere gives plain names alone.
        plain = sorted(name for name in names if _NAME.fullmatch(name))
        if not plain:
            return {}
        command.append(f"--limit=~^({'|'.join(plain)})$")
    configured = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=configured, capture_output=True, text=True, check=True, timeout=60)
    except subprocess.CalledProcessError as error:
        raise Unreadable(" ".join(str(error.stderr).split())[:500]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreadable(str(error)) from error
    listed: dict[str, dict[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return {host: {**values, "inventory_hostname": host} for host, values in listed.items()}
