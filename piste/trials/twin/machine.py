"""The machine of a twin: it makes a layout in namespaces, and removes it by name.

All names begin with `tw<id>`, every process has that name in its environment, and no link lies in the namespace of the
machine itself: whatever moment the making is killed at, `down` finds all of it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Missing, Misused
from piste.engine.repository import ROOT
from piste.trials.twin.altering import Altering, alike
from piste.trials.twin.layout import Layout
from piste.trials.twin.making import PAGES, PATIENCE, REPORT, Making
from piste.trials.twin.namespaces import named, remove
from piste.trials.twin.place import Place
from piste.trials.twin.process import PATH, birth, environment, marked
from piste.trials.twin.proofs import AUTHORITY
from piste.trials.twin.switch import patching
from piste.trials.twin.watched import SUPERVISION

VARIABLE, _TUNNEL = "PISTE_TWINS_DIR", "/dev/net/tun"
_NOWHERE = "nulle-part"
"""No port: the other end of a cable that is cut."""
PROGRAMS = {
    "ip": "iproute2",
    "nft": "nftables",
    "ovs-vswitchd": "openvswitch-switch",
    "kea-dhcp4": "kea-dhcp4-server",
    "dhcpcd": "dhcpcd-base",
    "unbound": "unbound",
    "ping": "iputils-ping",
    "freeradius": "freeradius",
    "wpa_supplicant": "wpasupplicant",
    "openssl": "openssl",
}


def folder(identity: str = "") -> Path:
    """Folder of a twin, or of all of them."""
    return Path(os.environ.get(VARIABLE) or ROOT / ".piste" / "twins") / identity


def ids() -> list[str]:
    """List the twins of this repository, even half made."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in folder().iterdir() if path.is_dir())
    return []


def only(identity: str | None) -> str:
    """Give the twin asked for, or the only twin that stands. Raises `Missing`."""
    known = ids()
    if identity is None and len(known) == 1:
        return known[0]
    if identity is None or identity not in known:
        what = f"pas de jumeau « {identity} »" if identity else "aucun jumeau" if not known else "plusieurs jumeaux"
        todo = f"--twin, au choix : {', '.join(known)}." if known else "piste twin up SITE… en dresse un."
        raise Missing(what, todo=todo)
    return identity


def state(identity: str) -> dict[str, Any]:
    """Read the state of a twin; empty where it was killed before its first line."""
    try:
        content = json.loads((folder(identity) / "state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def places(identity: str) -> list[Place]:
    """List the computers of a twin, with their namespaces as the machine names them."""
    return [Place(**place) for place in state(identity).get("places", ())]


def run(
    place: Place, argv: Sequence[str], stdin: bytes | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program on a computer of a twin, and wait for it."""
    words = ["ip", "netns", "exec", place.namespace, *argv]
    return subprocess.run(
        words, input=stdin, capture_output=True, check=False, timeout=timeout, env=surroundings(place)
    )


def asking(place: Place, timeout: float) -> Callable[[Sequence[str], str], subprocess.CompletedProcess[str]]:
    """Give what runs a command on a computer of a twin, with a text on its standard input."""

    def running(argv: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        done = run(place, argv, text.encode(), timeout)
        streams = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(argv, done.returncode, *streams)

    return running


def lease(place: Place) -> bool:
    """Give a computer its address, by DHCP or by rank; False where nothing lends any.

    The client keeps its leases in a folder that only it sees; the resolvers that it gets go to the folder of the twin.
    """
    if run(place, ["ip", "-4", "route", "show", "default"]).stdout.strip():
        return True
    admit(place)
    if place.address:
        run(place, ["ip", "address", "replace", place.address, "dev", place.interface])
        return not run(place, ["ip", "route", "replace", "default", "via", str(place.gateway)]).returncode
    hook = folder(_mark(place).removeprefix("tw")) / "lease.sh"
    hook.write_text(_HOOK, "ascii")
    hook.chmod(0o700)
    words = ["dhcpcd", "-1", "-4", "-B", "--noarp", "-t", "10", "-c", str(hook), "-f", "/dev/null", place.interface]
    alone = ["unshare", "--mount", "sh", "-c", _ALONE, "sh", str(resolvers(place)), *words]
    try:
        return not run(place, alone, timeout=PATIENCE).returncode
    except subprocess.TimeoutExpired:
        return False


def entering(place: Place, words: Sequence[str]) -> list[str]:
    """Words that run a command on a computer, with the resolvers of its lease."""
    inner = 'if [ -s "$1" ]; then mount --bind "$1" /etc/resolv.conf; fi; shift; exec "$@"'
    alone = ["unshare", "--mount", "sh", "-c", inner, "sh", str(resolvers(place)), *words]
    return ["ip", "netns", "exec", place.namespace, *alone]


def surroundings(place: Place) -> dict[str, str]:
    """Give the environment of a command on a computer: it belongs to the twin."""
    return environment(_mark(place))


def _mark(place: Place) -> str:
    return place.namespace.partition("-")[0]


def credentials(place: Place) -> dict[str, str]:
    """Give the credentials of a computer's test account: values of a network of wpa_supplicant."""
    if place.account is None:
        return {}
    known = state(_mark(place).removeprefix("tw"))["accounts"][place.account]
    own = {"identity": place.account, "ca_cert": known["authority"]}
    if "tls" in known["methods"]:
        return {**own, "eap": "TLS", "client_cert": known["certificate"], "private_key": known["key"]}
    return {**own, "eap": "PEAP", "password": known["password"], "phase2": "auth=MSCHAPV2"}


def admit(place: Place) -> None:
    """Run the supplicant of a computer, once; its port then leads where the policies say."""
    identity, _, name = place.namespace.removeprefix("tw").partition("-")
    own = folder(identity) / f"{name}.wpa"
    given = credentials(place)
    if not given or own.exists():
        return
    lines = [f"  {key}={value}" if key == "eap" else f'  {key}="{value}"' for key, value in given.items()]
    text = "\n".join(["ap_scan=0", "network={", "  key_mgmt=IEEE8021X", "  eapol_flags=0", *lines, "}", ""])
    own.write_text(text, "utf-8")
    words = ["wpa_supplicant", "-B", "-D", "wired", "-i", place.interface, "-c", str(own), "-f", f"{own}.log"]
    run(place, words, timeout=20)


def resolvers(place: Place) -> Path:
    """File of the resolvers that a computer got with its lease."""
    identity, _, name = place.namespace.removeprefix("tw").partition("-")
    return folder(identity) / f"{name}.resolv"


_HOOK = """#!/bin/sh
for server in $new_domain_name_servers; do echo "nameserver $server"; done >"$RESOLVERS"
[ -z "$new_domain_name" ] || echo "search $new_domain_name" >>"$RESOLVERS"
"""
_ALONE = """for place in /var/lib/dhcpcd /run; do mount -t tmpfs tmpfs "$place"; done
mkdir /run/dhcpcd
export RESOLVERS="$1"; shift
exec "$@" -e RESOLVERS="$RESOLVERS"
"""


def check() -> None:
    """Raise `Misused` where a program is missing, or this account may not make a namespace."""
    absent = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=PATH)})
    if absent:
        todo = f"Installez-les : sudo apt-get install {' '.join(absent)}"
        raise Misused("il manque des programmes au jumeau", todo=todo)
    if os.geteuid() != 0:
        raise Misused(
            "un jumeau se dresse en root",
            why="Il fait des espaces de noms du réseau ; rien n’en sort, et le réseau de la machine n’est pas touché.",
            todo="sudo piste twin up SITE, ou, sans l’être : unshare --user --map-root-user --net --mount sh -c "
            "'mount -t tmpfs tmpfs /run && exec bash', et les mêmes commandes dans ce shell.",
        )
    if not os.access(_TUNNEL, os.R_OK | os.W_OK):
        why = "Les commutateurs du jumeau s’en servent, en espace d’utilisateur."
        raise Misused(f"{_TUNNEL} n’est pas ouvert à ce compte", why=why, todo=f"sudo chmod 666 {_TUNNEL}")


def up(layout: Layout, identity: str, about: dict[str, Any]) -> None:
    """Make a twin. What fails removes it again, then raises `Misused`."""
    here = folder(identity)
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"tw{identity}"
    content = {
        **about,
        "pid": [os.getpid(), birth(os.getpid())],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **_content(layout, mark, here),
    }
    (here / "state.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    try:
        Making(layout, mark, here).make()
    except BaseException:
        if "PISTE_TWIN_KEEP" not in os.environ:
            down(identity)
        raise
    (here / "state.json").write_text(json.dumps({**content, "ready": True}, ensure_ascii=False, indent=1), "utf-8")


def _content(layout: Layout, mark: str, here: Path) -> dict[str, Any]:
    """Describe what a layout has, for the state of a twin."""
    standing = [replace(place, namespace=f"{mark}-{place.namespace}") for place in layout.places]
    return {
        "unsaid": layout.unsaid,
        "taken": layout.taken,
        "watched": [{**each._asdict(), "host": f"{mark}-{each.host}"} for each in layout.watched],
        "supervision": _supervision(layout, mark, here),
        "links": layout.links,
        "ways": layout.ways,
        "places": [asdict(place) for place in standing],
        "accounts": {name: {**account, **_proofs(layout, here, name)} for name, account in layout.accounts.items()},
    }


def change(old: Layout, new: Layout, identity: str) -> None:
    """Make a twin become another layout: where it stands, or anew under its name."""
    here, mark, known = folder(identity), f"tw{identity}", state(identity)
    about: dict[str, Any] = {name: known[name] for name in ("sites", "environment", "plan") if name in known}
    if not alike(old, new):
        down(identity)
        up(new, identity, about)
        return
    Altering(old, new, mark, here).alter()
    content = {**known, **_content(new, mark, here)}
    (here / "state.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def _supervision(layout: Layout, mark: str, here: Path) -> dict[str, str] | None:
    """Describe where the server of the supervision stands, and its resolvers."""
    host = layout.hosts.get(SUPERVISION)
    if host is None:
        return None
    [address] = host.interfaces["eth0"]
    resolvers = str(here.resolve() / host.name / "resolv.conf")
    return {
        "namespace": f"{mark}-{host.name}", "mark": mark, "address": address.partition("/")[0], "resolvers": resolvers
    }  # fmt: skip


def _proofs(layout: Layout, here: Path, name: str) -> dict[str, str]:
    """Name the files of a test account, which its RADIUS server makes as it starts."""
    own = here.resolve() / next(host.name for host in layout.hosts.values() if 1812 in host.ports)
    return {"authority": f"{own}/ca.pem", "certificate": f"{own}/{name}.pem", "key": f"{own}/{name}.key"}


def new_identity() -> str:
    while True:
        identity = secrets.token_hex(2)
        if not named(f"tw{identity}-") and not folder(identity).exists():
            return identity


def down(identity: str) -> None:
    """Remove a twin by its name: its processes, its namespaces, its folder."""
    mark = f"tw{identity}"
    known = state(identity)
    pid, began = known.get("pid") or (0, "")
    if pid and pid != os.getpid() and birth(pid) == began and not known.get("ready"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until, clean = time.monotonic() + PATIENCE, 0
    # A program that is only just being started does not have the name yet: nothing must be left twice.
    while clean < 2:
        left, namespaces = marked(mark), named(f"{mark}-")
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for namespace in namespaces:
            remove(namespace)
        clean = 0 if left or namespaces else clean + 1
        if time.monotonic() > until:
            raise Misused(f"le jumeau {identity} ne s’en va pas", why=f"Restent : {left or namespaces}", todo=REPORT)
        time.sleep(0.02)
    shutil.rmtree(folder(identity), ignore_errors=True)


def cut(identity: str, site: str, *, mend: bool) -> None:
    """Cut the links of a site, or mend them. Raises `Missing`, `Misused`."""
    links = state(identity).get("links", {})
    if not links.get(site):
        known = [name for name, ports in links.items() if ports]
        todo = f"Au choix : {', '.join(known)}." if known else "Dressez un site qu’une liaison joint au cœur."
        raise Missing(f"ce jumeau n’a aucune liaison de « {site} »", todo=todo)
    for port, peer in links[site]:
        words = patching(folder(identity).resolve() / "ovs", port, peer if mend else _NOWHERE)
        done = subprocess.run(words, capture_output=True, check=False, env=environment(f"tw{identity}"))
        if done.returncode:
            raise Misused(f"la liaison de {site} ne change pas", why=done.stderr.decode(errors="replace"), todo=REPORT)


def authority(identity: str) -> str:
    """Give the authority of the pages of a twin (PEM); empty where it serves none."""
    with suppress(OSError):
        return (folder(identity) / PAGES / AUTHORITY).read_text("ascii")
    return ""


def processes(identity: str) -> list[int]:
    """List the processes of a twin."""
    return marked(f"tw{identity}")
