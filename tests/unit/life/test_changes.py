"""The steps of the life of an asset: what each changes, what it refuses, what a kill leaves."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Conflict, Missing, Misused
from piste.sites import declaring
from piste.sites.declaring import TOWN
from piste.sites.life import changes
from piste.sites.life.changes import HISTORY, Made, Refused, Wanted, digest_of, make
from piste.town.model import Town, load
from piste.town.town import InvalidDeclaration
from tests.support.inprocess import Killed

PCS, DAY = TOWN / "assets/computer.csv", "2026-11-20"
PROOF = {"method": "NIST SP 800-88 purge", "evidence": "rapport.pdf", "sha256": "c" * 64}
FINANCE = {"assigned_to": "Finances", "site": "hotel-de-ville"}


KNOWN: dict[Path, Town] = {}
"""The town of a repository since its last change: what is refused changes nothing, and reads it once."""


def read(root: Path) -> Town:
    if root not in KNOWN:
        KNOWN[root] = load(root / TOWN).require()
    return KNOWN[root]


def prepared(root: Path, action: Any, name: str, cells: Any = None, **proof: str) -> Made:
    return make(Wanted(action, [name], "technicien", DAY, cells or {}, proof), read(root), root)


def done(root: Path, action: Any, name: str, cells: Any = None, **proof: str) -> Made:
    kept: list[Town] = []
    with patch.object(changes, "validated", lambda files, root: kept.append(declaring.validated(files, root))):
        made = prepared(root, action, name, cells, **proof)
    KNOWN.pop(root)
    declaring.write_files(made.files, root)
    KNOWN.update((root, town) for town in kept)
    return made


def lines(root: Path) -> list[str]:
    return [",".join(row.split(",")[1:3]) for row in (root / HISTORY).read_text("utf-8").splitlines()[1:]]


def test_a_computer_leaves_the_town_only_once_erased(root: Path) -> None:
    before = (root / PCS).read_text("utf-8")
    made = done(root, "reuse", "pc-jau-001", {"assigned_to": None, "place": None})
    assert made.lines == ["pc-jau-001 : réemploi (statut en service → à réemployer, affectation Écoles → –)"]
    with pytest.raises(Refused, match=r"garde des données .disque du poste."):
        prepared(root, "assign", "pc-jau-001", FINANCE)
    with pytest.raises(Refused, match="piste asset erase pc-jau-001"):
        prepared(root, "exit", "pc-jau-001", {"assigned_to": None})
    done(root, "erase", "pc-jau-001", **PROOF)
    done(root, "assign", "pc-jau-001", {**FINANCE, "place": "Bureau 3"}, port="sw-hdv-03/5", labelled="yes")
    with pytest.raises(Refused, match="depuis sa dernière affectation"):
        prepared(root, "exit", "pc-jau-001", {"assigned_to": None})
    with pytest.raises(Refused, match="garde des données"):
        prepared(root, "assign", "pc-jau-001", {"assigned_to": "Urbanisme"})
    done(root, "erase", "pc-jau-001", **PROOF)
    done(root, "exit", "pc-jau-001", {"assigned_to": None})
    assert lines(root) == [f"{step},pc-jau-001" for step in ("reuse", "erase", "assign", "erase", "exit")]
    town = read(root)
    assert town.faults == []
    (pc,) = [asset for asset in town.assets if asset["name"] == "pc-jau-001"]
    assert (pc["state"], pc["site"], pc["assigned_to"], pc["place"]) == ("retired", "hotel-de-ville", None, "Bureau 3")
    after = (root / PCS).read_text("utf-8").splitlines()
    untouched = [line for line in before.splitlines()[1:] if not line.startswith("pc-jau-001,")]
    assert [line.removesuffix(",") for line in after[1:] if not line.startswith("pc-jau-001,")] == untouched
    with pytest.raises(Refused, match="pc-jau-001 est « sorti » : déplacement impossible"):
        prepared(root, "move", "pc-jau-001", {"site": "ccas"})


def test_the_same_command_again_changes_nothing(root: Path) -> None:
    done(root, "move", "tbi-jau-01", {"place": "Classe 9"})
    again = make(Wanted("move", ["tbi-jau-01"], "technicien", "2026-11-25", {"place": "Classe 9"}), read(root), root)
    assert again == Made({}, [])


def test_what_another_declaration_gives_is_changed_there(root: Path) -> None:
    with pytest.raises(Misused, match=r"sw-jau-01 .commutateur. .*host_vars/ecole-jaures.yml:8.*piste replace"):
        prepared(root, "move", "sw-jau-01", {"place": "Baie 2"})
    with pytest.raises(Misused, match="hosting_retired"):
        prepared(root, "exit", "hdv-ag1")
    made = done(root, "switch_off", "hdv-ag1", reference="Décision DSI 7")
    assert list(made.files) == [HISTORY]
    assert read(root).faults == []


def test_bad_words_are_refused_before_any_line(root: Path) -> None:
    with pytest.raises(Missing, match="pc-jau-0099"):
        prepared(root, "reuse", "pc-jau-0099")
    with pytest.raises(Missing, match="« sw-jau-01/99 » n’est pas un port déclaré de ecole-jaures"):
        prepared(root, "move", "pc-jau-001", {"place": "A"}, port="sw-jau-01/99")
    with pytest.raises(Misused, match="date : "):
        make(Wanted("reuse", ["pc-jau-001"], "technicien", "20/11/2026"), read(root), root)
    with pytest.raises(Misused, match="un service ou un rôle"):
        make(Wanted("reuse", ["pc-jau-001"], "a.martin@ville.fr", DAY), read(root), root)
    with pytest.raises(InvalidDeclaration, match="serait une formule"):
        prepared(root, "assign", "pc-jau-002", {"assigned_to": "Écoles", "place": "=HYPERLINK(1)"})
    with pytest.raises(Misused, match="sha256 : "):
        prepared(root, "erase", "pc-jau-001", method="outil", sha256="oui")
    assert not (root / HISTORY).exists()


def test_a_kill_at_any_write_is_finished_by_the_same_command(root: Path) -> None:
    whole = root.parent / "whole"
    shutil.copytree(root, whole, symlinks=True)
    done(whole, "assign", "pc-jau-003", {"assigned_to": "Écoles", "place": "Salle 1"})
    replace, written = os.replace, 0

    def killed_at(rank: int) -> Any:
        count = 0

        def dying(source: Path, target: Path) -> None:
            nonlocal count
            count += 1
            if count == rank:
                raise Killed
            replace(source, target)

        return dying

    for rank in (1, 2):
        town = root.parent / f"killed{rank}"
        shutil.copytree(root, town, symlinks=True)
        with patch("os.replace", killed_at(rank)), pytest.raises(Killed):
            done(town, "assign", "pc-jau-003", {"assigned_to": "Écoles", "place": "Salle 1"})
        left = load(town / TOWN)
        assert left.errors == []
        assert [fault.rule for fault in left.faults] == ["PISTE-M295"] * (rank - 1)
        done(town, "assign", "pc-jau-003", {"assigned_to": "Écoles", "place": "Salle 1"})
        for path in (HISTORY, PCS):
            assert (town / path).read_bytes() == (whole / path).read_bytes()
        written += 1
    assert written == 2


def test_the_proof_of_an_erasure_is_the_digest_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "rapport.pdf").write_bytes(b"abc")
    assert digest_of(tmp_path / "rapport.pdf") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(Misused, match="ne se lit pas"):
        digest_of(tmp_path)


def test_an_edit_made_while_the_question_waits_is_not_lost(root: Path) -> None:
    made = prepared(root, "reuse", "pc-jau-001", {"assigned_to": None, "place": None})
    with (root / PCS).open("a", encoding="utf-8") as stream:
        stream.write("pc-de-quelqu-un\n")
    history = declaring.text_at(root / HISTORY)
    with pytest.raises(Conflict, match=r"computer.csv a changé depuis qu’il a été lu"):
        declaring.write_files(made.files, root, made.before)
    assert declaring.text_at(root / HISTORY) == history
    assert (root / PCS).read_text("utf-8").endswith("pc-de-quelqu-un\n")
