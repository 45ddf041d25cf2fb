"""Two custodians of three open the vault with Debian's tools; a single share cannot."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from piste.exports.bag.vault import NotSealed, check, seal

CONTENT = b"vault_piste_meraki_api_key: cle-de-la-ville\n"
CUSTODIANS = ("dsi", "direction", "titulaire")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coffre") / "coffre"
    seal(CONTENT, folder, CUSTODIANS)
    return folder


@pytest.mark.parametrize("pair", list(combinations(CUSTODIANS, 2)))
def test_any_two_shares_open_it_with_age_and_ssss_alone(sealed: Path, pair: tuple[str, str], tmp_path: Path) -> None:
    shares = "".join((sealed / f"parts/{name}.txt").read_text("utf-8") for name in pair)
    combined = subprocess.run(
        ["ssss-combine", "-t", "2", "-q"], input=shares, capture_output=True, text=True, check=True
    )
    (tmp_path / "cle").write_text(combined.stderr, encoding="utf-8")
    opened = subprocess.run(
        ["age", "--decrypt", "-i", str(tmp_path / "cle"), str(sealed / "secrets.age")], capture_output=True, check=True
    )
    assert opened.stdout == CONTENT
    check(sealed, [sealed / f"parts/{name}.txt" for name in pair])


def test_nothing_of_the_content_or_of_the_key_lies_in_the_vault(sealed: Path) -> None:
    raw = b"".join(path.read_bytes() for path in sealed.rglob("*") if path.is_file())
    assert b"cle-de-la-ville" not in raw
    assert b"AGE-SECRET-KEY" not in raw
    assert {path.stat().st_mode & 0o777 for path in sealed.rglob("*") if path.is_file()} == {0o600}


def test_one_share_is_not_enough(sealed: Path) -> None:
    share = sealed / "parts/dsi.txt"
    with pytest.raises(NotSealed, match="deux parts de détenteurs différents"):
        check(sealed, [share, share])


def test_an_altered_share_is_named_before_it_is_believed(sealed: Path, tmp_path: Path) -> None:
    shutil.copy(sealed / "parts/dsi.txt", tmp_path / "dsi.txt")
    text = (tmp_path / "dsi.txt").read_text("utf-8")
    (tmp_path / "dsi.txt").write_text(text[:-2] + ("0" if text[-2] != "0" else "1") + "\n", encoding="utf-8")
    with pytest.raises(NotSealed, match=r"la part dsi\.txt n’est pas celle"):
        check(sealed, [tmp_path / "dsi.txt", sealed / "parts/direction.txt"])


def test_the_shares_of_another_vault_do_not_open_it(sealed: Path, tmp_path: Path) -> None:
    seal(b"autre", tmp_path / "autre", CUSTODIANS)
    shutil.copy(sealed / "secrets.age", tmp_path / "autre/secrets.age")
    with pytest.raises(NotSealed, match="n’ouvrent pas ce coffre"):
        check(tmp_path / "autre", [tmp_path / "autre/parts/dsi.txt", tmp_path / "autre/parts/direction.txt"])


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("name", ["secrets.age", "temoin.age", "empreintes-sha256.txt", "parts/dsi.txt"])
@pytest.mark.parametrize(
    "change",
    [
        Path.unlink,
        _pipe,
        _folder,
        lambda path: path.write_bytes(b"\xff\x00" * 40),
        lambda path: path.write_bytes(b""),
    ],
)
def test_whatever_was_done_to_a_file_of_the_vault_is_said(
    change: Callable[[Path], object], name: str, sealed: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(sealed, tmp_path / "coffre")
    change(folder / name)
    shares = [folder / "parts/dsi.txt", folder / "parts/direction.txt"]
    with pytest.raises(NotSealed):
        check(folder, shares)
    if name.startswith("parts") and (folder / name).is_file():
        # The digests were made again too: ssss sees nothing, the witness does.
        digests = "".join(f"{hashlib.sha256(share.read_bytes()).hexdigest()}  {share.name}\n" for share in shares)
        (folder / "empreintes-sha256.txt").write_text(digests, encoding="utf-8")
        with pytest.raises(NotSealed):
            check(folder, shares)


@pytest.mark.parametrize(
    "names", [("dsi", "dsi", "titulaire"), ("dsi", "direction"), ("DSI", "a", "b"), ("../x", "a", "b")]
)
def test_custodians_that_are_not_three_are_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(NotSealed, match="trois détenteurs"):
        seal(CONTENT, tmp_path / "coffre", names)
    assert not (tmp_path / "coffre").exists()


def test_a_vault_is_never_sealed_over_another(sealed: Path) -> None:
    with pytest.raises(NotSealed, match="existe déjà"):
        seal(CONTENT, sealed, CUSTODIANS)
