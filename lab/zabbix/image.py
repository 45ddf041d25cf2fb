"""The image: an initialised database and the pages of the frontend, made once and kept.

It has two accounts, `Admin` and that of Piste, whose password and token lie beside it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.declared import REPOSITORY
from lab.state import private_folder, read_json, write_json
from lab.zabbix import configuration, host
from lab.zabbix.host import NAME, PAGES, SCHEMA, environment, require, separate

ADMINISTRATOR, PISTE = "Admin", "svc-piste"
CONFIGURATION = "PISTE_LAB_ZABBIX"
"""The variable that gives the frontend its configuration: Debian fixes a path in the code."""
_FACTORY = "zabbix"
_MAKE = """set -eu
initdb -D pg -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 --wal-segsize=1 >initdb.log
cp postgresql.conf pg_hba.conf pg_ident.conf pg/
pg_ctl -D pg -l pg.log -w start >/dev/null
export PGHOST="$1" PGUSER=postgres
psql -qX -d postgres -c 'create role zabbix login' -c 'create database zabbix owner zabbix'
export PGUSER=zabbix
for part in schema images data; do
    echo 'begin;'; zcat "$2/$part.sql.gz"; echo 'commit;'
done | psql -qX -d zabbix -v ON_ERROR_STOP=1 >/dev/null
psql -qX -d zabbix -v ON_ERROR_STOP=1 -f accounts.sql >/dev/null
PGUSER=postgres psql -qX -d zabbix -c 'vacuum analyze' -c checkpoint
pg_ctl -D pg -m fast -w stop >/dev/null
tar --create --zstd --file image.tar.zst --directory pg .
"""
# As the frontend writes them: a bcrypt hash of the password, a SHA-512 of the token.
_ACCOUNTS = """
update users set passwd='{password}' where username='{administrator}';
update users set autologin=0, lang='fr_FR';
insert into users (userid, username, name, passwd, roleid) values (100, '{piste}', 'Piste', '{nobody}', 3);
insert into users_groups (id, usrgrpid, userid) values (100, 7, 100);
insert into token (tokenid, name, userid, token, status, created_at, creator_userid)
    values (1, 'piste', 100, '{token}', 0, extract(epoch from now())::int, 1);
delete from ids where table_name in ('users', 'users_groups', 'token');
"""


@dataclass(frozen=True)
class Image:
    """An initial state: a database, the pages, the password of `Admin` and the token of Piste."""

    database: Path
    pages: Path
    passwords: dict[str, str]


def image() -> Image:
    """Return the image; the first use in a checkout makes it.

    Raises Unavailable (no Zabbix here), RuntimeError (PostgreSQL failed).
    """
    require()
    folder = private_folder(REPOSITORY / ".cache" / "zabbix")
    name = _key()
    database, pages, accounts = folder / f"{name}.tar.zst", folder / f"{name}.pages", folder / f"{name}.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not database.exists():
            for old in folder.glob("*.*"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            _copy_pages(pages)
            write_json(accounts, _make(database))
    return Image(database, pages, read_json(accounts))


def _make(database: Path) -> dict[str, str]:
    """Initialise a database and pack it; return the secrets of its accounts."""
    passwords = {ADMINISTRATOR: f"{secrets.token_urlsafe(18)}.aA1", PISTE: secrets.token_hex(32)}
    socket = f"@piste-zabbix-{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory(dir=database.parent, prefix="image-") as work:
        given = {
            "administrator": ADMINISTRATOR,
            "piste": PISTE,
            "password": _hashed(passwords[ADMINISTRATOR]),
            "nobody": _hashed(secrets.token_urlsafe(18)),
            "token": hashlib.sha512(passwords[PISTE].encode()).hexdigest(),
        }
        files = {**configuration.postgresql(socket), "accounts.sql": _ACCOUNTS.format(**given)}
        for name, content in files.items():
            (Path(work) / name).write_text(content, encoding="utf-8")
        command = [*separate(), "bash", "-c", _MAKE, "make", socket, str(SCHEMA)]
        done = subprocess.run(command, cwd=work, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"La base de Zabbix n’a pas pu être créée : {done.stderr.strip()[-2000:]}")
        os.replace(Path(work) / "image.tar.zst", database)
    return passwords


def _hashed(password: str) -> str:
    """Hash a password as the frontend does."""
    code = "echo password_hash(stream_get_contents(STDIN), PASSWORD_BCRYPT, ['cost' => 10]);"
    done = subprocess.run(
        ["php", "-r", code], input=password, env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout


def _copy_pages(pages: Path) -> None:
    """Copy the pages of the frontend, which then ask a variable where their configuration is."""
    # The folders of Debian are links to files that the machine may change: copied as they are meant.
    shutil.copytree(PAGES, pages, ignore=shutil.ignore_patterns("locale"), ignore_dangling_symlinks=True)
    asked = f"getenv('{CONFIGURATION}')"
    for file in pages.rglob("*.php"):
        text = file.read_text(encoding="utf-8")
        if " CConfigFile::CONFIG_FILE_PATH;" in text:
            file.write_text(text.replace(" CConfigFile::CONFIG_FILE_PATH;", f" {asked};"), encoding="utf-8")


def _key() -> str:
    """Return a digest of what an image depends on: Debian's versions, our programs."""
    versions = [
        subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout
        for command in (["zabbix_server", "--version"], ["initdb", "--version"], ["php", "--version"])
    ]
    programs = (Path(str(module.__file__)).read_text(encoding="utf-8") for module in (configuration, host))
    programs = (*programs, Path(__file__).read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join([*versions, NAME, *programs]).encode()).hexdigest()[:12]
