"""The hook that refuses a vault in clear."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.repository.tree import ROOT

PLACE = "inventories/production/group_vars/all/vault.yml"
SEALED = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / PLACE).parent.mkdir(parents=True)
    hook = tmp_path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.symlink_to(ROOT / "scripts/refuse_clear_vault.sh")
    return tmp_path


def commit(folder: Path) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    who = ["-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid"]
    command = ["git", "-C", str(folder), *who, "commit", "--quiet", "-m", "Essai"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_vault_in_clear_is_not_committed(repository: Path) -> None:
    (repository / PLACE).write_text("vault_piste_secrets: {}\n", "utf-8")
    refused = commit(repository)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Refusé : {PLACE} est en clair.")


def test_a_sealed_vault_is_committed_and_other_files_are_none_of_its_business(repository: Path) -> None:
    (repository / PLACE).write_text(SEALED, "utf-8")
    (repository / "vault.yml.example").write_text("vault_piste_secrets: {}\n", "utf-8")
    assert commit(repository).returncode == 0


def test_what_is_staged_counts(repository: Path) -> None:
    (repository / PLACE).write_text("vault_piste_secrets: {}\n", "utf-8")
    subprocess.run(["git", "-C", str(repository), "add", "-A"], check=True)
    (repository / PLACE).write_text(SEALED, "utf-8")
    command = [str(ROOT / "scripts/refuse_clear_vault.sh"), PLACE]
    assert subprocess.run(command, cwd=repository, capture_output=True, check=False).returncode == 1
