"""The verb that makes a bag: a whole bag without secrets, or none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import bag
from piste.commands.bag import UNSIGNED
from piste.engine import repository
from piste.engine.finding import Finding
from piste.exports.bag.bagit import seal
from piste.exports.bag.contents import read
from piste.exports.bag.kinds import DOMAINS, KINDS
from piste.exports.bag.reading import Answers
from piste.exports.bag.verify import examine
from piste.runs.plans import conditions
from piste.runs.records.signature import fingerprint
from tests.support.bags import SITE, exported, small, small_repository, tiny, without_documents
from tests.support.playbooks import REPOSITORY
from tests.unit.records.test_archive import made_key

ABSENT = {f"hosting/{kind.name}": None for kind in KINDS if kind.domain == "hosting"}


@pytest.fixture(autouse=True)
def _light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the bags of a small repository, without the documents that test_make.py has."""
    with small_repository(tmp_path_factory.mktemp("depot")), without_documents():
        yield


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the verb over a given export, in place of the systems."""

    def run(
        *options: str, known: Finding | None = None, seen: Any = None, stop: bool = False, **changed: Any
    ) -> Result:
        def from_files(folder: Path, town: Any, environment: str) -> Any:
            if seen:
                seen(folder.parent.parent)
            if stop:
                return read(folder, [SITE], {})
            return read(exported(folder, **changed), [SITE], {"hosting": "Prism Central n’a pas répondu."})

        monkeypatch.setattr(bag, "_town", lambda environment: small())
        monkeypatch.setattr(bag, "_read", from_files)
        monkeypatch.setattr(bag, "_known", lambda folder, environment, clones: [known] if known else [])
        return CliRunner().invoke(main, ["export", "--to", str(tmp_path / "sac"), *options])

    return run


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_kind_that_was_not_read_stops_the_export_and_nothing_remains(export: Any, tmp_path: Path) -> None:
    done = export(**ABSENT)
    assert (done.exit_code, left(tmp_path)) == (3, [])
    assert "! hosting : Prism Central n’a pas répondu." in done.output


def test_where_it_is_asked_the_bag_is_made_says_what_is_unknown_and_is_signed(export: Any, tmp_path: Path) -> None:
    (tmp_path / "cles").mkdir()
    key, public = made_key(tmp_path / "cles", "ED25519")
    modes: list[int] = []
    mask = os.umask(0)
    try:
        seen = lambda making: modes.append(making.stat().st_mode)  # noqa: E731
        done = export("--allow-unknown", "--key", str(key), seen=seen, **ABSENT)
    finally:
        os.umask(mask)
    assert (done.exit_code, left(tmp_path)) == (0, ["cles", "sac"])
    assert [mode & 0o777 for mode in modes] == [0o700]
    assert "Inconnus : hosting/categories, hosting/subnets" in done.output
    assert f"Signé par la clé {fingerprint(public)}." in done.output
    assert run("verify", tmp_path / "sac", "--public-key", public).exit_code == 0
    again = export("--allow-unknown", **ABSENT)
    assert "existe déjà" in again.output
    (tmp_path / "sac/data/lacunes-connues.md").write_text("Rien.\n", encoding="utf-8")
    refused = CliRunner().invoke(main, ["bag", "verify", str(tmp_path / "sac")])
    assert (refused.exit_code, "data/lacunes-connues.md : modifié" in refused.output) == (1, True)


def test_a_known_secret_stops_the_export_and_nothing_remains(export: Any, tmp_path: Path) -> None:
    done = export(known=Finding("bag.secrets", "wrong", "a.yml contient la valeur du secret radius/ccas", "Non."))
    assert (done.exit_code, left(tmp_path)) == (4, [])
    assert "radius/ccas" in done.output


def test_a_file_with_a_password_is_left_out_named_and_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A password that somebody wrote in a system ends in no bag."""
    written = "Compte du NAS, mdp : Bourget2026!"
    line = f"- name: {written!r}"

    def systems(folder: Path, environment: str, say: Any) -> Answers:
        exported(folder)
        (folder / "firewall/policies.yml").write_text(f"policies:\n{line}\n", encoding="utf-8")
        return Answers()

    monkeypatch.setattr("piste.exports.bag.reading.read_systems", systems)
    monkeypatch.setattr(bag, "_town", lambda environment: small())
    monkeypatch.setattr(bag, "_known", lambda folder, environment, clones: [])
    asked = ["export", "--to", str(tmp_path / "sac")]
    refused = CliRunner().invoke(main, asked)
    named = "firewall/policies.yml : écarté, mot de passe écrit en clair (ligne 2)"
    assert (refused.exit_code, left(tmp_path)) == (3, [])
    assert f"! firewall : {named}" in refused.output
    made = CliRunner().invoke(main, [*asked, "--allow-unknown"])
    assert made.exit_code == 0, made.output
    data = tmp_path / "sac/data"
    assert named in (data / "lacunes-connues.md").read_text(encoding="utf-8")
    assert not (data / "systems/firewall/policies.yml").exists()
    assert written not in "".join(path.read_text("utf-8", "replace") for path in data.rglob("*") if path.is_file())
    assert [finding.state for finding in examine(tmp_path / "sac")] == ["ok"] * 6


def test_a_link_in_the_place_of_the_bag_that_is_made_is_refused(export: Any, tmp_path: Path) -> None:
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / ".sac.en-cours").symlink_to(tmp_path / "ailleurs")
    done = export()
    assert (done.exit_code, "ne s’efface pas" in done.output) == (4, True)
    assert list((tmp_path / "ailleurs").iterdir()) == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_replay_reads_its_export_as_data(domain: str) -> None:
    (play,) = yaml.safe_load((REPOSITORY / f"playbooks/replay_{domain}.yml").read_text("utf-8"))
    reading = [task["piste_exported"] for task in play["tasks"] if "piste_exported" in task]
    assert reading == [{"folder": "{{ folder }}", "domain": domain}]


def test_the_whole_replay_is_every_domain() -> None:
    plays = yaml.safe_load((REPOSITORY / "playbooks/replay.yml").read_text("utf-8"))
    names = {play["ansible.builtin.import_playbook"] for play in plays}
    assert names == {f"replay_{domain}.yml" for domain in DOMAINS}


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    return tiny(tmp_path)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["bag", *map(str, words)])


def test_a_bag_says_who_signed_it_or_that_nobody_did(sealed: Path, tmp_path: Path) -> None:
    key, public = made_key(tmp_path, "ED25519")
    _, other = made_key(tmp_path, "EC")
    bare = run("verify", sealed)
    assert (bare.exit_code, UNSIGNED in bare.output) == (0, True)
    assert "\nLivrables (CCTP 6.3) : 0 sur 7.\n  ☐ Plan de réversibilité, et ses mises à jour " in bare.output
    assert run("verify", sealed, "--public-key", public).exit_code == 1
    signed = run("sign", sealed, "--key", key)
    name = fingerprint(public)
    assert (signed.exit_code, f"signé par la clé {name}." in signed.output) == (0, True)
    assert (sealed / "tagmanifest-sha256.sig").stat().st_mode & 0o777 == 0o600
    assert "n’a pas été vérifié (--public-key)" in run("verify", sealed).output
    right = run("verify", sealed, "--public-key", public)
    assert (right.exit_code, f"signé par la clé {name}" in right.output) == (0, True)
    wrong = run("verify", sealed, "--public-key", other)
    assert (wrong.exit_code, f"n’est pas signé par la clé {fingerprint(other)}" in wrong.output) == (1, True)
    assert "est déjà signé" in run("sign", sealed, "--key", key).output
    assert "openssl ne lit pas de clé" in run("verify", sealed, "--public-key", sealed / "bagit.txt").output
    by_hand = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public)]
    files = ["-in", "tagmanifest-sha256.txt", "-sigfile", "tagmanifest-sha256.sig"]
    subprocess.run([*by_hand, *files], cwd=sealed, check=True, capture_output=True)


def test_a_signed_bag_that_is_sealed_again_by_somebody_else_is_refused(sealed: Path, tmp_path: Path) -> None:
    key, public = made_key(tmp_path, "ED25519")
    assert run("sign", sealed, "--key", key).exit_code == 0
    (sealed / "data/lacunes-connues.md").write_text("Rien.\n", encoding="utf-8")
    refused = run("sign", sealed, "--key", key)
    seal(sealed, {})
    assert [finding.state for finding in examine(sealed)] == ["ok"] * 6
    assert run("verify", sealed, "--public-key", public).exit_code == 1
    (sealed / "tagmanifest-sha256.sig").unlink()
    (sealed / "data/lacunes-connues.md").write_text("Autre chose.\n", encoding="utf-8")
    refused = run("sign", sealed, "--key", key)
    assert (refused.exit_code, "Rien n’est signé" in refused.output) == (4, True)
    assert not (sealed / "tagmanifest-sha256.sig").exists()


@pytest.mark.parametrize(
    ("state", "options", "code", "said"),
    [
        (("a" * 40, False), [], 0, "! le dépôt a des modifications non enregistrées"),
        (("a" * 40, False), ["-e", "production"], 4, "PISTE-E035"),
        (("a" * 40, False), ["-e", "production", "--uncommitted", "oui"], 4, "qui en décide et pourquoi"),
        (("a" * 40, False), ["-e", "production", "--uncommitted", "Marie : panne"], 0, "celui du sac ne les a pas"),
        (("", False), [], 4, "n’est pas un dépôt git"),
    ],
)
def test_what_the_repository_of_a_bag_will_lack_is_said_before_anything_is_read(
    state: tuple[str, bool], options: list[str], code: int, said: str, export: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading: list[str] = []
    monkeypatch.setattr(repository, "commit", lambda: state)
    monkeypatch.setattr(conditions, "uncommitted", lambda: [] if state[1] else ["un/fichier.yml"])
    monkeypatch.setattr(bag, "_town", lambda environment: small())
    done = export(*options, seen=lambda folder: reading.append("lu"), stop=True)
    assert said in done.output
    assert (reading == []) == (code == 4)
    assert done.exit_code in (code, 3)
