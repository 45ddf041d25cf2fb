"""Commands in namespaces of their own, as root or as any user, and the obstacles to them.

A controller sees `/run` as a file system of its own, in memory. Its tree therefore always has the same path, where a
saved state can be restored as it is (Samba's databases and smb.conf contain paths); several controllers run at once,
although the socket of winbind has a compiled-in path; and a user who is not root may write Windows ACLs (attributes
`security.*`) there, which no disk allows.
"""

from __future__ import annotations

import functools
import getpass
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab import lifeline
from lab.declared import REPOSITORY

TREE = "/run/dc"
COMMANDS = ("samba", "samba-tool", "smbclient", "tar", "unshare", "nsenter", "zstd")
SUBORDINATE_IDS = 65_536
LOWEST_PORT = 88
SYSTEM_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


class Unavailable(RuntimeError):
    """The directory cannot run here; the message has the cause and the remedy."""


def packages(system: str = "samba") -> list[str]:
    """List the Debian packages of a real server of the lab."""
    return (REPOSITORY / "requirements" / f"{system}.txt").read_text(encoding="ascii").split()


@functools.cache
def obstacle() -> str:
    """Say in French why the directory cannot run on this machine, and the remedy, or nothing."""
    missing = [name for name in COMMANDS if shutil.which(name, path=SYSTEM_PATH) is None]
    if missing:
        return (
            f"il manque à cette machine {', '.join(missing)}. "
            f"Installez : sudo apt-get install --no-install-recommends {' '.join(packages())}"
        )
    if os.geteuid() != 0:
        if shutil.which("newuidmap") is None:
            return "il manque à cette machine newuidmap. Installez : sudo apt-get install uidmap"
        lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii"))
        if lowest > LOWEST_PORT:
            return (
                f"les ports sous {lowest} sont réservés à root. Autorisez-les : "
                f"sudo sysctl net.ipv4.ip_unprivileged_port_start={LOWEST_PORT}, ou démarrez le laboratoire en root"
            )
        if any(_subordinate(Path(f"/etc/{kind}")) < SUBORDINATE_IDS for kind in ("subuid", "subgid")):
            return (
                f"l’utilisateur n’a pas {SUBORDINATE_IDS} identifiants subordonnés. Attribuez-les (paquet uidmap) : "
                f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {getpass.getuser()}"
            )
    done = subprocess.run(
        [*unshare(), "mount", "-t", "tmpfs", "tmpfs", "/run"],
        capture_output=True,
        text=True,
        env=environment(),
    )
    if done.returncode != 0:
        return (
            f"le noyau refuse un espace de noms de montage ({done.stderr.strip()}). Démarrez le laboratoire en root, "
            "hors d’un conteneur restreint (sinon : droit CAP_SYS_ADMIN)"
        )
    return ""


def require() -> None:
    """Raise Unavailable where the directory cannot run."""
    if reason := obstacle():
        raise Unavailable(f"L’annuaire du laboratoire ne peut pas démarrer : {reason}.")


def environment() -> dict[str, str]:
    """Return the environment of commands: no Python of ours, untranslated texts."""
    known = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp", "KRB5_CONFIG": f"{TREE}/etc/krb5.conf"}
    return {**known, **lifeline.inherited()}


def unshare() -> list[str]:
    """Return the prefix of a command that runs in new namespaces."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    return ["unshare", *user, "--mount", "--propagation", "private", "--"]


def join(process: int, command: Sequence[str]) -> list[str]:
    """Return a command that runs in the namespaces of a process."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    return ["nsenter", "--target", str(process), *user, "--mount", "--", *command]


def _subordinate(file: Path) -> int:
    """Count the subordinate ids in the first range of this user, which unshare uses."""
    owners = {getpass.getuser(), str(os.getuid())}
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((int(line.split(":")[2]) for line in lines if line.split(":")[0] in owners), 0)
