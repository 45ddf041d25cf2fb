"""A starter of the vendor's SDKs in their environment.

`scripts/bootstrap.sh test` makes it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {
    "nutanix": "prism_sdk.py", "glpi": "glpi_clients.py", "veeam": "veeam_client.py",
    "microsoft": "microsoft_client.py",
}  # fmt: skip
"""The script of each environment."""


def sdk(info: dict[str, Any], function: str, *arguments: str, of: str = "nutanix") -> Any:
    """Call a function of the script of an environment on a lab; return what it returns."""
    python = ROOT / ".cache" / of / "bin" / "python"
    assert python.exists(), f"{python} manque : scripts/bootstrap.sh test le prépare"
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as described:
        json.dump(info, described)
        described.flush()
        script = str(ROOT / "tests" / "support" / SCRIPTS[of])
        command = [str(python), "-W", "ignore", script, described.name, function, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
