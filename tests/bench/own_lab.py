"""The lab of a checkout, as a program: it does what its input asks, a line of JSON each.

It runs in other checkouts too, on their `lab`: nothing else may be imported here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.declared import declared_town, write_secrets
from lab.instance import Lab

PORT = 3


def main() -> None:
    with Lab(tls=True, directory=True, folder=Path(sys.argv[1])) as lab:
        write_secrets(lab.folder, declared_town().secret_paths())
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        _say("ready")
        for line in sys.stdin:
            command, *given = json.loads(line)
            if command == "clear":
                lab.calls.clear()
            elif command == "port":
                change_port(lab, *given)
            _say(lab.calls.counts())


def change_port(lab: Lab, switch: str, change: Mapping[str, Any]) -> None:
    """Change a port of a switch, as another administrator."""
    named = next(device for device in lab.meraki.world.devices.values() if device["config"].get("name") == switch)
    lab.meraki.edit("PUT", f"/devices/{named['serial']}/switch/ports/{PORT}", dict(change))


def _say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
