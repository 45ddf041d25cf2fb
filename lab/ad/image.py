"""Images: initial states of a controller, as files made once and kept.

An image has the whole tree with its attributes and ACLs. Its random passwords lie beside it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.ad import certificates, configuration
from lab.ad.forest import REGISTRAR, Forest
from lab.ad.host import TREE, environment, require, unshare
from lab.declared import REPOSITORY, servers
from lab.state import private_folder, read_json, write_json

ADMINISTRATOR, PISTE = "Administrator", "svc-piste"
USERS = ("agent.test", "eleve.test")
RESTORED, RESTORER = "restauration.essai", "svc-restauration"
"""The account that restore tests delete and bring back, and the account that may."""
COMPUTERS = ("PC-TEST-01", "PC-TEST-02")
_SCRIPTS = Path(__file__).parent
_OF_CAPTURES = ("become", "attributes", "captured")
"""The files of this package on which no image depends."""
_ATTRIBUTES = "attributes.py"
_TAR = "tar --zstd --numeric-owner --acls --xattrs --xattrs-include='*' --warning=no-file-ignored"
PACK = f"{_TAR} --sparse --create --directory={TREE} --exclude='./log.*' --file"
UNPACK = f"{_TAR} --extract --directory={TREE} --file"
MOUNT = f"mount -t tmpfs -o mode=0755 tmpfs /run; mkdir -p /run/samba {TREE}/etc {TREE}/lock"
_ADDRESS = "127.0.0.21"
KEPT = 4
"""Images of a seed that a checkout keeps: the last used, of its town and of the towns of the tests."""


@dataclass(frozen=True)
class Image:
    """An initial state, and the passwords of its accounts."""

    file: Path
    passwords: dict[str, str]


def image(forest: Forest, seed: str = "empty") -> Image:
    """Return the image of a seed; the first use in a checkout makes it.

    Seeds: `empty` is a new domain, `brownfield` a legacy of contractors. Raises Unavailable (no Samba here),
    RuntimeError (Samba failed), ValueError (no such seed).
    """
    if seed not in SEEDS:
        raise ValueError(f"état de départ inconnu de l’annuaire : {seed} (choix : {', '.join(SEEDS)})")
    require()
    folder = private_folder(REPOSITORY / ".cache" / "ad")
    kind = f"{forest.netbios.lower()}-{seed}-"
    name = f"{kind}{_key(forest)}"
    file, accounts = folder / f"{name}.tar.zst", folder / f"{name}.json"
    with (folder / f"{kind}lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists() or (seed != "empty" and read_json(accounts) != image(forest).passwords):
            # Made from an empty domain that was made again since: its accounts and its SID are another domain's.
            write_json(accounts, SEEDS[seed](forest, file))
        os.utime(file)
        images = sorted(folder.glob(f"{kind}*.tar.zst"), key=lambda image: -image.stat().st_mtime_ns)
        for old in images[KEPT:]:
            for part in folder.glob(f"{old.name.partition('.')[0]}.*"):
                part.unlink(missing_ok=True)
    return Image(file, read_json(accounts))


def _new_domain(forest: Forest, file: Path) -> dict[str, str]:
    """Make a new domain; return the passwords of its accounts."""
    known = (ADMINISTRATOR, PISTE, *USERS, RESTORED, RESTORER, REGISTRAR)
    passwords = {who: f"{secrets.token_urlsafe(18)}.aA1" for who in known}
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
        "radius_servers": servers().radius,
        "dhcp_servers": servers().dhcp,
        "piste": PISTE,
        "restored": RESTORED,
        "restorer": RESTORER,
        "registrar": REGISTRAR,
        "base_dn": forest.base_dn,
        "domain": forest.domain,
        "addresses": servers().addresses,
        "authority": certificates.published(),
    }
    _make(file, f": > {TREE}/etc/smb.conf", "provision.py", given)
    return passwords


def _brownfield(forest: Forest, file: Path) -> dict[str, str]:
    """Fill a new domain with the legacy of contractors; return the passwords of its accounts."""
    new = image(forest)
    given = {"base_dn": forest.base_dn, "domain": forest.domain}
    _make(file, f"{UNPACK} {shlex.quote(str(new.file))}", "brownfield.py", given)
    return new.passwords


def fill(state: Path, given: Mapping[str, Any]) -> list[str]:
    """Fill the state of a stopped controller from a capture; list what it could not take."""
    said = _make(state, f"{UNPACK} {shlex.quote(str(state))}", "become.py", given)
    left: list[str] = json.loads(said.splitlines()[-1])
    return left


def _make(file: Path, prepare: str, program: str, given: Mapping[str, Any]) -> str:
    """Run a program of this package on a tree, in namespaces of its own, and pack the tree.

    Return what the program said. Raises RuntimeError, whose cause is in `image.log` beside the file.
    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="image-") as work:
        for name in (program, _ATTRIBUTES):
            shutil.copy(_SCRIPTS / name, work)
        script = f"set -eu; {MOUNT}; {prepare}; /usr/bin/python3 {program}; {PACK} image.tar.zst ."
        done = subprocess.run(
            [*unshare(), "bash", "-c", script],
            cwd=work,
            env=environment(),
            input=json.dumps(given),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            log = file.with_name("image.log")
            log.write_text(done.stderr, encoding="utf-8")
            raise RuntimeError(f"le domaine du laboratoire n’a pas pu être fait, son journal dit pourquoi : {log}")
        os.replace(Path(work) / "image.tar.zst", file)
    return done.stdout


def _key(forest: Forest) -> str:
    """Return a digest of the dependencies of an image: Samba's version, names, programs."""
    named = repr((sorted(servers().addresses.items()), servers().radius, servers().dhcp))
    version = subprocess.run(["samba", "--version"], env=environment(), capture_output=True, text=True, check=True)
    made_with = (file for file in sorted(_SCRIPTS.glob("*.py")) if file.stem not in _OF_CAPTURES)
    programs = (file.read_text(encoding="utf-8") for file in made_with)
    return hashlib.sha256("\0".join([version.stdout, repr(forest), named, *programs]).encode()).hexdigest()[:12]


SEEDS: Mapping[str, Callable[[Forest, Path], dict[str, str]]] = {"empty": _new_domain, "brownfield": _brownfield}
