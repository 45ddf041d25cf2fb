"""The processes of a Zabbix, in namespaces of their own, and the obstacles to them.

PostgreSQL refuses root, so the user of the lab has another number there (`NUMBER`), as root or not. All processes end
with their first process, which ends with its standard input, hence with the lab, however the lab ends; the memory that
they share goes with their namespace.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

from lab import lifeline
from lab.ad.host import SYSTEM_PATH, packages

SERVER, PAGES, SCHEMA = "zabbix_server", Path("/usr/share/zabbix"), Path("/usr/share/zabbix-server-pgsql")
COMMANDS = (SERVER, "php", "fping", "ip", "tar", "zstd", "unshare")
NUMBER, NAME = 1, "daemon"
"""The number and the name, in each Debian, of an account that is not root."""
OLDEST = 13


class Unavailable(RuntimeError):
    """The supervision cannot run here; the message has the cause and the remedy."""


def postgres() -> Path | None:
    """Locate the programs of the newest PostgreSQL that Zabbix supports; None without any."""
    versions = sorted(
        int(folder.name)
        for folder in Path("/usr/lib/postgresql").glob("*")
        if folder.name.isdigit() and int(folder.name) >= OLDEST and (folder / "bin" / "initdb").exists()
    )
    return Path(f"/usr/lib/postgresql/{versions[-1]}/bin") if versions else None


@functools.cache
def obstacle() -> str:
    """Say in French why Zabbix cannot run on this machine, and the remedy; empty where it can."""
    missing = [name for name in COMMANDS if shutil.which(name, path=SYSTEM_PATH) is None]
    missing += [] if postgres() else ["postgresql"]
    missing += [] if (PAGES / "api_jsonrpc.php").exists() else ["zabbix-frontend-php"]
    if missing:
        return (
            f"il manque à cette machine {', '.join(missing)}. "
            f"Installez : sudo apt-get install --no-install-recommends {' '.join(packages('zabbix'))}"
        )
    done = subprocess.run([*separate(), *alone(), "true"], capture_output=True, text=True, env=environment())
    if done.returncode != 0:
        return (
            f"le noyau refuse un espace de noms ({done.stderr.strip()}). "
            "Démarrez le laboratoire hors d’un conteneur restreint"
        )
    return ""


def require() -> None:
    """Raise Unavailable where the supervision cannot run."""
    if reason := obstacle():
        raise Unavailable(f"La supervision du laboratoire ne peut pas démarrer : {reason}.")


def environment() -> dict[str, str]:
    """Return the environment of commands: no Python of ours, untranslated texts."""
    known = {"PATH": f"{postgres()}:{SYSTEM_PATH}", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"}
    return {**known, "PHP_CLI_SERVER_WORKERS": "2", **lifeline.inherited()}


def separate() -> list[str]:
    """Return the prefix of a command that runs in new namespaces, under another number."""
    numbers = [f"--map-user={NUMBER}", f"--map-group={NUMBER}"]
    return ["unshare", "--user", *numbers, "--pid", "--ipc", "--fork", "--kill-child", "--"]


def alone() -> list[str]:
    """Return the prefix of a program that sees no network but a loopback of its own."""
    network = ["unshare", "--user", "--map-root-user", "--net", "--"]
    return [*network, "sh", "-c", 'ip link set lo up && exec "$@"', "alone"]
