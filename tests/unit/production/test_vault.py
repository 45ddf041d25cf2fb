"""A vault is born encrypted, with nothing in it that could be taken for a secret."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.commands.production import vault
from piste.commands.production.inventory import MAIN
from piste.engine.converge.errors import Unreachable
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.systems.forcepoint.smc import Smc
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.nutanix.prism import Prism
from piste.systems.windows.domain import Domain
from piste.systems.windows.winrm_access import Access
from piste.town import declared
from piste.town.site import MODULES
from tests.unit.repository.tree import ROOT

PASSWORD = "motdepasse-du-coffre"
EXAMPLE = ROOT / MAIN.with_name("vault.yml.example")


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD, "utf-8")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(path))
    return path


def content() -> str:
    main = (ROOT / MAIN).read_text("utf-8")
    return vault.skeleton(vault.accesses(main), declared.rule().secret_paths())


def opened(clone: Path) -> dict[str, Any]:
    program = Path(sys.executable).with_name("ansible-vault")
    command = [str(program), "view", str(clone / vault.VAULT)]
    said: dict[str, Any] = yaml.safe_load(subprocess.run(command, capture_output=True, check=True).stdout)
    return said


def test_the_skeleton_is_the_example_with_a_key_of_fingerprints() -> None:
    made, example = yaml.safe_load(content()), yaml.safe_load(EXAMPLE.read_text("utf-8"))
    assert len(made["vault_piste_secrets"].pop(FINGERPRINT_KEY)) >= 32
    del example["vault_piste_secrets"][FINGERPRINT_KEY]
    assert made == example
    assert content() != content()


def test_no_placeholder_is_taken_for_a_secret() -> None:
    given = yaml.safe_load(content())["vault_piste_secrets"]
    wanted = declared.rule().secret_paths()
    assert all(Vault(given).get(path).missing for path in wanted)
    asked = {"inventory": str(ROOT / "inventories/town"), "secrets": given}
    (finding,) = MODULES["piste_secrets"].run(asked, True)["findings"]
    assert finding["state"] == "wrong"
    assert finding["what"] == f"{len(wanted)} secrets sans valeur : {', '.join(wanted)}"


NULL: dict[str, Any] = {"base_url": "https://127.0.0.1:9/api/v1", "url": "https://127.0.0.1:9", "controller": "dc1"}
NULL |= {"username": "x", "organization": "1", "api_version": "7.4", "api_key": None, "password": None}
CONNECTIONS: dict[str, Callable[[Path], object]] = {
    "meraki": lambda run: Dashboard(NULL, run),
    "smc": lambda run: Smc(NULL, run),
    "prism": lambda run: Prism(NULL, run),
    "directory": lambda run: Domain.of(NULL),
    "winrm": lambda run: Access.of(NULL),
}


@pytest.mark.parametrize("system", CONNECTIONS)
def test_no_system_is_asked_anything_with_a_placeholder(system: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="aucun secret n’est donné pour s’y connecter"):
        CONNECTIONS[system](tmp_path)


def test_a_vault_is_written_encrypted_and_opens_to_what_was_given(clone: Path, password: Path) -> None:
    assert vault.existing(clone) is None
    given = content()
    vault.seal(given, clone)
    assert (clone / vault.VAULT).read_bytes().startswith(vault.HEADER)
    assert opened(clone) == yaml.safe_load(given)
    assert vault.existing(clone) == vault.VAULT


def test_the_password_is_asked_on_the_terminal_while_the_content_comes_from_us(clone: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, piste.commands.production.vault as vault; "
        "vault.seal('a: null\\n', pathlib.Path(sys.argv[1]))"
    )
    # Another process makes the terminal: the tests' has threads, and may not fork.
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_VAULT")}
    command = [sys.executable, "-c", spawn, sys.executable, "-c", code, str(clone)]
    said = b""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin
        assert process.stdout
        for prompt in (b"New Vault password", b"Confirm New Vault password"):
            while prompt not in said:
                more = process.stdout.read(1024)
                assert more, said
                said += more
            process.stdin.write(f"{PASSWORD}\n".encode())
        said += process.stdout.read()
    assert process.returncode == 0, said
    assert PASSWORD.encode() not in said
    (tmp_path / "password").write_text(PASSWORD, "utf-8")
    program = Path(sys.executable).with_name("ansible-vault")
    command = [str(program), "view", "--vault-password-file", str(tmp_path / "password"), str(clone / vault.VAULT)]
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == b"a: null"


def test_without_terminal_nor_password_nothing_starts(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSIBLE_VAULT_PASSWORD_FILE", "ANSIBLE_VAULT_IDENTITY_LIST"):
        monkeypatch.delenv(name, raising=False)

    def refuse(path: str, flags: int) -> int:
        raise OSError(6, path)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(vault.NotSealed, match="Personne ne peut donner le mot de passe"):
        vault.check_password()


def test_a_password_that_does_not_read_leaves_no_vault(clone: Path, password: Path) -> None:
    password.unlink()
    with pytest.raises(vault.NotSealed, match=r"PISTE-E076 .*vault\.yml : le coffre n’a pas été fait"):
        vault.seal(content(), clone)
    assert vault.existing(clone) is None


def test_a_vault_in_clear_is_refused(clone: Path) -> None:
    (clone / vault.VAULT).write_text("vault_piste_secrets: {}\n", "utf-8")
    with pytest.raises(vault.NotSealed, match="le coffre est en clair"):
        vault.existing(clone)
