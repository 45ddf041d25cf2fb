"""The collection of files on a share in memory: few reads, nothing believed too soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from piste.readings.computers.collect import MOST, NAMED, Listed, collected, silent
from piste.readings.computers.kept import NOTHING, Kept
from piste.readings.computers.report import LONGEST
from piste.systems.windows.shares import Entry, EntryKind, NotRead, Taken
from tests.support.computers import NOW, content, moment

ALICE, BOB = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"
INVENTORY = (Listed("pc-jau-001", "SN-PC-JAU-001", ALICE), Listed("PC-JAU-002", None, BOB), Listed("mac-1", None))
A, B, M = "PC-JAU-001.json", "PC-JAU-002.json", "MAC-1.json"


@dataclass(slots=True)
class File:
    content: bytes
    owner: str | None = None
    written: int = 1
    kind: EntryKind = "file"
    size: int | None = None
    denied: str = ""


@dataclass(slots=True)
class Share:
    files: Mapping[str, File]
    asked: list[str] = field(default_factory=list)
    most: int = 0

    def entries(self, folder: str) -> Iterator[list[Entry]]:
        for name, file in self.files.items():
            size = len(file.content) if file.size is None else file.size
            yield [Entry(name, file.kind, size, 0, file.written, 0, 0)]

    def taken(self, path: str, most: int, *, deduplicated: bool = False) -> Taken:
        assert deduplicated == (self.files[path].kind == "dedup")
        self.asked.append(path)
        file, self.most = self.files[path], max(self.most, most)
        if file.denied:
            raise NotRead(file.denied)
        return Taken(file.content[:most], file.owner)


def collect(files: Mapping[str, File], before: Kept = NOTHING, now: datetime = NOW, owners: str = "") -> Kept:
    return collected(Share(files), "", before, INVENTORY, now, owners)


def refusals(kept: Kept) -> dict[str, str]:
    assert kept.collection
    return {refused.file: refused.why for refused in kept.collection.refused}


def test_a_listing_then_only_what_is_new_or_has_changed() -> None:
    files = {A: File(content("PC-JAU-001"), ALICE), B: File(content("PC-JAU-002"), BOB)}
    share = Share(files)
    first = collected(share, "", NOTHING, INVENTORY, NOW)
    assert (share.asked, share.most, sorted(first.measures)) == ([A, B], LONGEST + 1, ["PC-JAU-001", "PC-JAU-002"])
    assert first.collection
    assert (first.collection.state, first.collection.owners, first.collection.read) == ("complete", "", 2)
    files[B] = File(content("PC-JAU-002", taken_at=moment(NOW + timedelta(minutes=5))), BOB, written=2)
    again = Share(files)
    second = collected(again, "", first, INVENTORY, NOW)
    assert again.asked == [B]
    assert second.measures["PC-JAU-001"] == first.measures["PC-JAU-001"]
    assert second.measures["PC-JAU-002"].report.taken_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("name", "file", "why"),
    [
        (A, File(b"x" * (LONGEST + 1)), "plus de 64 Kio"),
        (A, File(b"x" * (LONGEST + 1), size=10), "plus de 64 Kio"),
        (A, File(b""), "fichier vide"),
        (A, File(b"", size=-1), "fichier vide"),
        (A, File(content("PC-JAU-001")[:200]), "document : ce n’est pas du JSON"),
        (A, File(b"[" * 60_000), "document : ce n’est pas du JSON"),
        (A, File(content("PC-JAU-002")), "le fichier porte le nom d’un poste et parle d’un autre"),
        (A, File(content(taken_at=moment(NOW + timedelta(hours=1)))), "daté de l’avenir (26/11/2026 à 11:00)"),
        (A, File(content(taken_at="0001-01-01T00:00:00Z")), "taken_at : valeur incohérente ou personnelle"),
        (A, File(content(taken_at="9999-12-31T23:59:59Z")), "taken_at : valeur incohérente ou personnelle"),
        (A, File(content(), BOB), "le fichier appartient à un autre compte que celui du poste"),
        (A, File(content(), "S-1-5-32-544"), "le fichier appartient à un autre compte que celui du poste"),
        (M, File(content("MAC-1"), BOB), "le fichier appartient à un autre compte que celui du poste"),
        (A, File(content(), denied="accès refusé"), "accès refusé"),
        (A, File(content(), kind="link"), "ce n’est pas un fichier ordinaire"),
        (A, File(content(), kind="folder"), "ce n’est pas un fichier ordinaire"),
        (A, File(content(), kind="remote"), "ce n’est pas un fichier ordinaire"),
        ("PC-INCONNU.json", File(content("PC-INCONNU")), "l’inventaire ne connaît pas ce poste"),
        ("pc-jau-001.json", File(content()), "le nom n’est pas celui d’un poste (POSTE.json)"),
        ("..\\PC-JAU-001.json", File(content()), "le nom n’est pas celui d’un poste (POSTE.json)"),
        ("{{ 7 * 7 }}.json", File(content()), "le nom n’est pas celui d’un poste (POSTE.json)"),
    ],
)
def test_a_file_that_is_not_believed_is_named(name: str, file: File, why: str) -> None:
    kept = collect({name: file})
    assert (kept.measures, refusals(kept)) == ({}, {name: why})


def test_a_refused_file_hides_no_good_report_and_stays_a_finding_since_the_first_day() -> None:
    first = collect({A: File(content(), ALICE)})
    forged = {A: File(content(power={"sleep_ac_s": 60, "modern_standby": None}), BOB, written=2)}
    second = collect(forged, first, NOW + timedelta(days=1))
    third = collect(forged, second, NOW + timedelta(days=2))
    assert first.measures == second.measures == third.measures
    assert third.collection
    (refused,) = third.collection.refused
    assert (refused.file, refused.since) == (A, NOW + timedelta(days=1))


def test_an_older_report_never_replaces_the_last() -> None:
    first = collect({A: File(content(), ALICE)})
    older = {A: File(content(taken_at=moment(NOW - timedelta(days=3))), ALICE, written=2)}
    second = collect(older, first)
    assert (second.measures, refusals(second)) == (
        first.measures, {A: "plus ancien que le dernier (23/11/2026 à 10:00, après 26/11/2026 à 10:00)"}
    )  # fmt: skip


def test_a_serial_number_belongs_to_the_computer_that_the_inventory_says() -> None:
    files = {A: File(content("PC-JAU-001"), ALICE), B: File(content("PC-JAU-002", serial="sn-pc-jau-001"), BOB)}
    kept = collect(files)
    assert (list(kept.measures), refusals(kept)) == (["PC-JAU-001"], {B: "même numéro de série que PC-JAU-001"})


def test_a_serial_number_of_two_computers_that_nothing_tells_from_each_other_is_of_neither() -> None:
    files = {B: File(content("PC-JAU-002", serial="X"), BOB), M: File(content("MAC-1", serial="X"))}
    assert (collect(files).measures, sorted(refusals(collect(files)))) == ({}, [M, B])
    first = collect({B: files[B]})
    second = collect(files, first)
    assert (list(second.measures), refusals(second)) == (["PC-JAU-002"], {M: "même numéro de série que PC-JAU-002"})
    blank = {name: File(content(name[:-5], serial="To be filled by O.E.M."), None) for name in (A, B)}
    assert len(collect(blank).measures) == 2


def test_owners_that_cannot_be_checked_are_said() -> None:
    files = {A: File(content("PC-JAU-001")), M: File(content("MAC-1"))}
    kept = collect(files)
    assert kept.collection
    assert kept.collection.owners == (
        "propriétaire non vérifié pour 2 fichier(s) : ni le serveur ni l’annuaire ne le donne"
    )
    assert {measure.owner for measure in kept.measures.values()} == {"unchecked"}
    # A file that could not be checked is read again, once its account is known.
    owned = collect({A: File(content("PC-JAU-001"), ALICE), M: files[M]}, kept)
    assert [owned.measures[name].owner for name in ("MAC-1", "PC-JAU-001")] == ["unchecked", "its"]
    silent_directory = collect(files, owners="l’annuaire ne répond pas")
    assert silent_directory.collection
    assert silent_directory.collection.owners == "l’annuaire ne répond pas"


def test_what_was_checked_is_not_replaced_by_what_cannot_be() -> None:
    files = {A: File(content("PC-JAU-001"), ALICE), B: File(content("PC-JAU-002"), BOB)}
    first, later = collect(files), NOW + timedelta(days=1)
    newer = content(taken_at=moment(later), power={"sleep_ac_s": 60, "modern_standby": None})
    # A descriptor that its creator closed.
    closed = collect({A: File(newer, None, written=2), B: files[B]}, first, later)
    assert closed.measures == first.measures
    assert refusals(closed) == {A: "son propriétaire ne se lit pas, celui des autres si"}
    # A directory that does not answer, and then does.
    forged = {A: File(newer, BOB, written=2), B: files[B]}
    nobody = [computer._replace(sid=None) for computer in INVENTORY]
    silent_directory = collected(Share(forged), "", first, nobody, later, "l’annuaire n’a pas répondu")
    assert (silent_directory.measures, refusals(silent_directory)) == (first.measures, {})
    again = collect(forged, silent_directory, later)
    assert (again.measures, list(refusals(again))) == (first.measures, [A])


def test_what_was_believed_unchecked_goes_with_the_proof_that_it_is_of_another() -> None:
    forged = {A: File(content(), BOB)}
    nobody = [computer._replace(sid=None) for computer in INVENTORY]
    believed = collected(Share(forged), "", NOTHING, nobody, NOW, "l’annuaire n’a pas répondu")
    assert list(believed.measures) == ["PC-JAU-001"]
    assert collect(forged, believed).measures == {}


def test_a_flood_of_names_is_bounded() -> None:
    flood = {f"X{number}.txt": File(b"x") for number in range(MOST + 50)}
    share = Share({**flood, A: File(content())})
    kept = collected(share, "", NOTHING, INVENTORY, NOW)
    assert kept.collection
    assert (kept.collection.state, len(kept.collection.refused), share.asked) == ("partial", NAMED, [])
    assert kept.collection.more >= MOST - NAMED
    assert "la suite n’est pas lue" in kept.collection.why


def test_a_hostile_name_is_shown_without_its_signs() -> None:
    (name,) = refusals(collect({"\x1b[31mA\n" + "é" * 300 + "\ud800": File(b"x")}))
    assert name.startswith("�[31mA�é")
    assert len(name) == 80


def test_silence_keeps_what_is_known_and_is_said() -> None:
    first = collect({A: File(content(), ALICE), "X": File(b"")})
    assert silent(first, INVENTORY, "le partage ne répond pas") == first._replace(silence="le partage ne répond pas")
    assert silent(NOTHING, INVENTORY, "rien") == NOTHING._replace(silence="rien")


def test_a_share_that_stays_silent_keeps_no_computer_that_left() -> None:
    first = collect({A: File(content(), ALICE), B: File(content("PC-JAU-002"), BOB)})
    assert list(silent(first, INVENTORY[1:], "rien").measures) == ["PC-JAU-002"]


def test_a_file_that_the_server_deduplicates_is_read_through_it() -> None:
    assert list(collect({A: File(content(), ALICE, kind="dedup")}).measures) == ["PC-JAU-001"]


def test_what_left_the_inventory_is_forgotten() -> None:
    first = collect({A: File(content(), ALICE)})
    kept = collected(Share({}), "", first, INVENTORY[1:], NOW)
    assert kept.measures == {}


def test_any_document_is_a_report_or_a_reason() -> None:
    documents: list[Any] = [b"null", b"{}", b"\xff\xfe", b'{"format": 2}', b'"' + b"a" * 500 + b'"']
    for document in documents:
        assert refusals(collect({A: File(document)}))[A]
