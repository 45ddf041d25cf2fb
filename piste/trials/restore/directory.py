"""A whole directory from a backup of Samba, enclosed, as the authority of its domain.

The restored controller is the only controller of its domain, with every role: `samba-tool domain backup restore` makes
it so. It starts in an enclosure and is asked by LDAP and by Kerberos, then its database is checked. A backup of Windows
Server restores on Windows alone: docs/recette-windows.md.
Believed: [belief windows.authoritative].
"""

from __future__ import annotations

import re
import shutil
import tarfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError, Unreachable
from piste.readings.protection.copies import Copy, stamp
from piste.trials.restore.enclosed import TREE, Enclosed, alive, end, obstacle
from piste.trials.restore.method import Answer, Context, Isolation, Thing

NAME = re.compile(r"samba-backup-(?P<realm>[A-Za-z0-9.-]+?)-(?P<at>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)(\.\d+)?\.tar\.bz2")
"""The name that `samba-tool domain backup` gives its file, in UTC."""
STORE, SERVER = "sauvegarde-annuaire", "restauration"
RESTORED = f"{TREE}/restored"
_CONFIGURATION = f"--configfile={RESTORED}/etc/smb.conf"
_SETTINGS = f"{TREE}/smb.conf"
"""Settings of ours, in the place of those of the backup: `smb.conf` can name programs to run and files to read."""
_ROOM, _LARGEST = 512 * 2**20, 2**34
_WAIT = 120.0
_OPTIONS = {
    "interfaces": "127.0.0.1/8", "bind interfaces only": "yes", "tls enabled": "no", "disable netbios": "yes",
    "pid directory": f"{TREE}/lock", "ncalrpc dir": f"{TREE}/ncalrpc", "log file": f"{TREE}/log.%m",
    "ntp signd socket directory": f"{TREE}/ntp_signd", "winbindd socket directory": f"{TREE}/winbindd",
    "server services": "s3fs, rpc, ldap, cldap, kdc, winbindd",
}  # fmt: skip
"""What the restored controller must not take from the machine that it comes from."""


class WholeDirectory:
    """The method: `own.directory_backups` is the folder of the backups."""

    def prepare(self, context: Context) -> Isolation:
        how = "un espace de noms à part (réseau, fichiers, processus), qui n’a qu’une boucle locale"
        faults = [why for why in (obstacle(("samba", "samba-tool", "bash")),) if why]
        given = (context.options.get("own") or {}).get("directory_backups")
        known = _backups(Path(given), context.test["set"] or "") if given else ()
        files = sorted(known, key=lambda pair: pair[0]["taken_at"])
        if not files:
            where = f"{given} n’en a aucune" if given else "leur dossier n’est pas donné (piste_restoring)"
            return Isolation(how, faults=[*faults, f"aucune sauvegarde de l’annuaire : {where}"])
        copy, path = files[-1]
        context.kept["file"], context.kept["realm"] = path, NAME.fullmatch(path.name)["realm"].lower()  # type: ignore[index]
        if damage := _damage(path):
            faults.append(f"{path.name} est abîmée : {damage}")
        if (free := shutil.disk_usage("/dev/shm").free) < _ROOM:
            faults.append(f"il manque de la place en mémoire : {_ROOM} octets à écrire, {free} libres")
        return Isolation(how, copy, faults)

    def restore(self, context: Context) -> None:
        mark, realm, backup = context.folder.name, context.kept["realm"], context.kept["file"]
        context.expect(Thing("enclosure", mark))
        options = [f"--option={name}={value}" for name, value in _OPTIONS.items()]
        server = ["samba", "--interactive", "--debug-stdout", "--model=single", _CONFIGURATION, *options]
        enclosed = Enclosed(mark, f"{SERVER}.{realm}", server, context.folder / "log")
        context.kept["enclosed"] = enclosed
        krb5 = (
            f"[libdefaults]\n default_realm = {realm.upper()}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
            f"[realms]\n {realm.upper()} = {{\n  kdc = 127.0.0.1\n }}\n"
        )
        enclosed.run("sh", "-c", f'printf %s "$1" >{TREE}/krb5.conf', "sh", krb5)
        enclosed.run("sh", "-c", f'printf %s "$1" >{_SETTINGS}', "sh", _settings(realm))
        target = ("--targetdir=" + RESTORED, f"--newservername={SERVER.upper()}", "--host-ip=127.0.0.1",
                  f"--configfile={_SETTINGS}")  # fmt: skip
        enclosed.run("samba-tool", "domain", "backup", "restore", f"--backup-file={backup}", *target)
        # Kerberos needs the names of the new controller, which its own update tasks would write later.
        enclosed.run("samba_spnupdate", "-s", f"{RESTORED}/etc/smb.conf")

    def start(self, context: Context) -> None:
        context.kept["enclosed"].start()

    def wait(self, context: Context) -> None:
        enclosed: Enclosed = context.kept["enclosed"]
        deadline = time.monotonic() + _WAIT
        while True:
            try:
                context.kept["users"] = _asked(context, "user")
                return
            except Unreachable as error:
                if not enclosed.runs or time.monotonic() > deadline:
                    raise Unreachable("le contrôleur restauré ne démarre pas", why=error.sentence()) from error
                time.sleep(0.5)

    def probe(self, context: Context) -> Iterator[Answer]:
        enclosed: Enclosed = context.kept["enclosed"]
        users, groups = context.kept["users"], _asked(context, "group")
        links = re.findall(r"^\d+: ([^:@]+)", enclosed.run("ip", "-o", "link"), re.MULTILINE)
        yield Answer("Isolement", "une boucle locale, rien d’autre", ", ".join(links),
                     "conform" if links == ["lo"] else "wrong", links)  # fmt: skip
        yield Answer("LDAP, par un ticket Kerberos de ce contrôleur", "les comptes et les groupes de la copie",
                     f"{len(users)} comptes, {len(groups)} groupes", "conform" if users and groups else "wrong",
                     {"users": len(users), "groups": groups})  # fmt: skip
        yield _present(context, groups)
        roles = enclosed.run("samba-tool", "fsmo", "show", _CONFIGURATION).splitlines()
        elsewhere = [line for line in roles if "Role owner" in line and f"CN={SERVER.upper()}," not in line.upper()]
        yield Answer("Autorité sur le domaine", "tous les rôles au contrôleur restauré",
                     f"{len(roles) - len(elsewhere)} rôles sur {len(roles)}",
                     "conform" if roles and not elsewhere else "wrong", roles)  # fmt: skip
        yield _checked(enclosed)

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        if enclosed := context.kept.get("enclosed"):
            enclosed.close()
        if things:
            end(context.folder.name)

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        # The mark of this test alone, whatever its file names.
        mark = context.folder.name
        yield from (f"processus {number} ({mark})" for number in (alive(mark) if things else ()))


def _settings(realm: str) -> str:
    """Write the settings that a restore begins with.

    samba-tool completes them from the databases. The functional level is the highest: below that of its domain, a
    controller does not start.
    """
    return (
        f"[global]\n realm = {realm.upper()}\n netbios name = {SERVER.upper()}\n"
        " server role = active directory domain controller\n ad dc functional level = 2016\n"
    )


def _asked(context: Context, kind: str) -> list[str]:
    """List users or groups over LDAP, with the machine's own account and Kerberos alone."""
    server = f"ldap://{SERVER}.{context.kept['realm']}"
    given = ("-H", server, "--use-kerberos=required", "--machine-pass", _CONFIGURATION)
    listed: str = context.kept["enclosed"].run("samba-tool", kind, "list", *given)
    return sorted(listed.splitlines())


def _present(context: Context, groups: Sequence[str]) -> Answer:
    """Compare with the living directory: its groups that are older than the copy came back."""
    title, expected = "Groupes de l’annuaire en service", "tous ceux d’avant la copie sont revenus"
    try:
        older = _living(context, context.kept["copy"]["taken_at"])
    except PisteError as error:
        return Answer(title, expected, f"pas lu ({error.what})", "unknown")
    missing = sorted(set(older) - set(groups))
    observed = f"{len(older) - len(missing)} sur {len(older)}"
    return Answer(title, expected, observed, "wrong" if missing else "conform", {"missing": missing})


def _living(context: Context, taken_at: str) -> list[str]:
    from piste.systems.windows.directory import Directory
    from piste.systems.windows.domain import Domain

    if not context.options.get("domain"):
        raise Unreachable("l’annuaire en service n’est pas donné")
    before = datetime.fromisoformat(taken_at).astimezone(UTC).strftime("%Y%m%d%H%M%S.0Z")
    directory = Directory(Domain.of(context.options["domain"]))
    try:
        entries = directory.search(
            directory.base, f"(&(objectCategory=group)(whenCreated<={before}))", ["sAMAccountName"]
        )
        return sorted(name for entry in entries if (name := entry.text("sAMAccountName")))
    finally:
        directory.close()


def _checked(enclosed: Enclosed) -> Answer:
    """Check the database as Samba does; its last line counts the errors."""
    said = enclosed.run("sh", "-c", f"samba-tool dbcheck --cross-ncs {_CONFIGURATION} || true")
    counted = re.search(r"Checked (\d+) objects \((\d+) errors?\)", said)
    observed = f"{counted[1]} objets, {counted[2]} erreurs" if counted else "pas fini"
    verdict: Any = ("wrong" if int(counted[2]) else "conform") if counted else "unknown"
    return Answer("Base de l’annuaire (samba-tool dbcheck)", "aucune erreur", observed, verdict, said[-2000:])


def _backups(folder: Path, set_name: str) -> Iterator[tuple[Copy, Path]]:
    """Yield the backups of a folder, dated by their names."""
    for path in folder.glob("samba-backup-*.tar.bz2"):
        if (match := NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
            moment = datetime.strptime(match["at"], "%Y-%m-%dT%H-%M-%S").replace(tzinfo=UTC)
            yield Copy(set=set_name, store=STORE, taken_at=stamp(moment), size_bytes=path.stat().st_size,
                       id=path.name, immutable_until=None, state="complete"), path  # fmt: skip


def _damage(path: Path) -> str:
    """Read a whole backup; say why it is damaged, or nothing."""
    names, size = set[str](), 0
    try:
        with tarfile.open(path, "r|bz2") as archive:
            for member in archive:
                size += member.size
                if size > _LARGEST:
                    return "elle se décompresse en plus de 16 Gio"
                names.add(member.name.removeprefix("./"))
    except (OSError, EOFError, tarfile.TarError) as error:
        return str(error) or type(error).__name__
    lacking = {"backup.txt", "private/sam.ldb"} - names
    return f"il lui manque {', '.join(sorted(lacking))}" if lacking else ""
