"""States of a controller as files: the new domain, made once and kept, from which every lab and test starts.

An image holds the whole tree with its attributes and ACLs. Its passwords, drawn when it is made, lie beside it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.ad import configuration
from lab.ad.forest import Forest
from lab.ad.host import TREE, environment, require, unshare
from lab.declared import REPOSITORY
from lab.state import private_folder, read_json, write_json

ADMINISTRATOR, PISTE = "Administrator", "svc-piste"
USERS = ("agent.test", "eleve.test")
COMPUTERS = ("PC-TEST-01", "PC-TEST-02")
_SCRIPT = Path(__file__).with_name("provision.py")
_TAR = "tar --zstd --numeric-owner --acls --xattrs --xattrs-include='*' --warning=no-file-ignored"
PACK = f"{_TAR} --sparse --create --directory={TREE} --exclude='./log.*' --file"
UNPACK = f"{_TAR} --extract --directory={TREE} --file"
MOUNT = f"mount -t tmpfs -o mode=0755 tmpfs /run; mkdir -p /run/samba {TREE}/etc {TREE}/lock"
_ADDRESS = "127.0.0.21"


@dataclass(frozen=True)
class Image:
    """A state to start from, and the passwords of its accounts."""

    file: Path
    passwords: dict[str, str]


def new_domain(forest: Forest) -> Image:
    """Return the image of a new domain; makes it where this checkout has none yet. Raises Unavailable."""
    require()
    folder = private_folder(REPOSITORY / ".cache" / "ad")
    name = f"{forest.netbios.lower()}-{_key(forest)}"
    file, accounts = folder / f"{name}.tar.zst", folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            passwords = {who: f"{secrets.token_urlsafe(18)}.aA1" for who in (ADMINISTRATOR, PISTE, *USERS)}
            write_json(accounts, passwords)
            _provision(forest, passwords, file)
    return Image(file, read_json(accounts))


def _provision(forest: Forest, passwords: dict[str, str], file: Path) -> None:
    """Make the domain in namespaces that end with it, and keep its tree."""
    options = (f"interfaces={_ADDRESS}/8", "bind interfaces only=yes", f"ad dc functional level={configuration.LEVEL}")
    arguments = [
        f"--configfile={TREE}/etc/smb.conf",
        f"--targetdir={TREE}",
        f"--realm={forest.realm}",
        f"--domain={forest.netbios}",
        f"--host-name={forest.host}",
        f"--host-ip={_ADDRESS}",
        f"--adminpass={passwords[ADMINISTRATOR]}",
        f"--function-level={configuration.LEVEL}",
        "--server-role=dc",
        "--dns-backend=SAMBA_INTERNAL",
        *(f"--option={option}" for option in options),
    ]
    given = {
        "arguments": arguments,
        "accounts": {name: value for name, value in passwords.items() if name != ADMINISTRATOR},
        "computers": COMPUTERS,
        "piste": PISTE,
        "base_dn": forest.base_dn,
    }
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="provision-") as work:
        shutil.copy(_SCRIPT, work)
        script = f"set -eu; {MOUNT}; : > {TREE}/etc/smb.conf; /usr/bin/python3 provision.py; {PACK} image.tar.zst ."
        done = subprocess.run(
            [*unshare(), "bash", "-c", script],
            cwd=work,
            env=environment(),
            input=json.dumps(given),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"Le domaine du laboratoire n'a pas pu être créé : {done.stderr.strip()[-2000:]}")
        os.replace(Path(work) / "image.tar.zst", file)


def _key(forest: Forest) -> str:
    """Return what an image depends on, as a few digits: Samba's version, the names, the way it is made."""
    version = subprocess.run(["samba", "--version"], env=environment(), capture_output=True, text=True, check=True)
    parts = [version.stdout, repr(forest), *(Path(module).read_text("utf-8") for module in (__file__, _SCRIPT))]
    return hashlib.sha256("\0".join([*parts, configuration.LEVEL]).encode()).hexdigest()[:12]
