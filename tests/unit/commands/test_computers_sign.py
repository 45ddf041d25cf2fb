"""`piste computers sign`: a key outside of the repository, a program that verifies."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.signing import publisher, sign
from lab.state import private_folder
from piste.commands import computers_sign
from piste.readings.computers.collector import signing


def said(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(computers_sign.sign, arguments, input=answer)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lab")
    if not sign(made):
        pytest.skip("osslsigncode missing")
    return made


def test_it_signs_what_a_policy_carries(lab: Path, tmp_path: Path) -> None:
    certificate, key = publisher(lab, private_folder(lab / "publisher"))
    done = said("--certificate", str(certificate), "--key", str(key), "--out", str(tmp_path))
    assert (done.exit_code, "Versionnez les deux" in done.output) == (0, True)
    signing.verify(tmp_path, lab / "ca.pem")


def test_a_key_in_the_repository_or_open_to_others_is_refused(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = publisher(lab, private_folder(lab / "publisher"))
    open_key = tmp_path / "open.key"
    open_key.write_bytes(key.read_bytes())
    open_key.chmod(0o644)
    refused = said("--certificate", str(certificate), "--key", str(open_key), "--out", str(tmp_path / "out"))
    assert (refused.exit_code != 0, "PISTE-E148" in refused.output) == (True, True)
    monkeypatch.setattr(computers_sign, "ROOT", lab)
    refused = said("--certificate", str(certificate), "--key", str(key), "--out", str(tmp_path / "out"))
    assert "la clé de signature est dans le dépôt" in refused.output
    assert not (tmp_path / "out").exists()


def test_what_osslsigncode_refuses_is_said_in_a_sentence(lab: Path, tmp_path: Path) -> None:
    certificate, _ = publisher(lab, private_folder(lab / "publisher"))
    wrong = tmp_path / "wrong.key"
    wrong.write_text("rien")
    wrong.chmod(0o600)
    refused = said("--certificate", str(certificate), "--key", str(wrong), "--out", str(tmp_path / "out"))
    assert (refused.exit_code != 0, "PISTE-E147" in refused.output) == (True, True)


def test_without_osslsigncode_it_names_the_package(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = publisher(lab, private_folder(lab / "publisher"))
    monkeypatch.setattr(signing.shutil, "which", lambda name: None)
    refused = said("--certificate", str(certificate), "--key", str(key), "--out", str(tmp_path / "out"))
    assert "apt-get install --no-install-recommends osslsigncode" in refused.output
