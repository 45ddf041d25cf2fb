"""A bag that standard tools verify, and every way to alter it, refused with its place."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import bagit as foreign
import pytest

from piste.exports.bag.bagit import MANIFEST, faults, seal


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    data = tmp_path / "sac/data/réseau d’école"
    data.mkdir(parents=True)
    (data / "ports é.csv").write_text("a,b\r\n1,2\r\n", encoding="utf-8")
    (data.parent / "LISEZMOI.md").write_text("Bonjour.\n", encoding="utf-8")
    seal(tmp_path / "sac", {"Source-Organization": "Ville du Bourget"})
    return tmp_path / "sac"


def test_a_sealed_bag_passes_with_sha256sum_and_with_a_library_that_is_not_ours(bag: Path) -> None:
    for manifest in ("tagmanifest-sha256.txt", MANIFEST):
        done = subprocess.run(["sha256sum", "-c", manifest], cwd=bag, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    read = foreign.Bag(str(bag))
    read.validate()
    assert read.version == "1.0"
    assert read.info["Payload-Oxum"] == "19.2"
    assert faults(bag) == []


def change(path: str) -> Callable[[Path], object]:
    def one_byte(bag: Path) -> None:
        raw = bytearray((bag / path).read_bytes())
        raw[0] ^= 1
        (bag / path).write_bytes(raw)

    return one_byte


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (change("data/LISEZMOI.md"), [("data/LISEZMOI.md", "modifié")]),
        (change("bag-info.txt"), [("bag-info.txt", "modifié")]),
        (lambda bag: (bag / "data/LISEZMOI.md").unlink(), [("data/LISEZMOI.md", "absent")]),
        (lambda bag: (bag / "data/trop.md").write_text("x"), [("data/trop.md", "en trop")]),
        (lambda bag: (bag / "trop.md").write_text("x"), [("trop.md", "en trop")]),
        (lambda bag: (bag / MANIFEST).unlink(), [(MANIFEST, "absent : ce dossier n’est pas un sac")]),
    ],
)
def test_what_was_altered_is_named(bag: Path, alter: Callable[[Path], object], expected: list[tuple[str, str]]) -> None:
    alter(bag)
    named = faults(bag)
    assert [place for place, _ in named] == [place for place, _ in expected]
    assert all(why.startswith(begun) for (_, why), (_, begun) in zip(named, expected, strict=True))


def test_a_file_replaced_by_a_link_to_the_same_content_is_refused(bag: Path, tmp_path: Path) -> None:
    (tmp_path / "ailleurs.md").write_text("Bonjour.\n", encoding="utf-8")
    (bag / "data/LISEZMOI.md").unlink()
    (bag / "data/LISEZMOI.md").symlink_to(tmp_path / "ailleurs.md")
    assert [place for place, _ in faults(bag)] == ["data/LISEZMOI.md"]


def test_a_manifest_that_names_what_is_outside_reads_nothing_there(bag: Path) -> None:
    with (bag / MANIFEST).open("a", encoding="utf-8") as stream:
        stream.write(f"{'0' * 64}  ../../etc/passwd\n")
    places = [place for place, _ in faults(bag)]
    assert f"{MANIFEST}:3" in places
    assert MANIFEST in places
