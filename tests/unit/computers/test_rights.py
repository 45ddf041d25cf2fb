"""The rights of the share: what is documented is right, and each excess has its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from piste.readings.computers import rights
from piste.readings.computers.rights import ADDS, ALL, OWNER_RIGHTS, READS, REWRITES, aces, faults, sddl
from piste.systems.windows.gpo.acl import ALLOW, DENY, INHERIT_ONLY, OBJECT_INHERIT, Ace, Descriptor

DOMAIN, READER = "S-1-5-21-1-2-3", "S-1-5-21-1-2-3-1104"
COMPUTERS = f"{DOMAIN}-515"
GOOD = aces(DOMAIN, [READER])


def judged(*entries: Ace, readers: tuple[str, ...] | None = (READER,)) -> list[str]:
    return faults(Descriptor(0x8004, entries), readers)


def test_what_is_documented_has_no_fault_with_or_without_the_readers() -> None:
    assert judged(*GOOD) == judged(*GOOD, readers=None) == []


def test_the_text_and_the_entries_say_the_same() -> None:
    letters = {"SY": "S-1-5-18", "BA": "S-1-5-32-544"}
    flags = {"OI": 1, "CI": 2, "IO": 8}
    read = [
        Ace(ALLOW, sum(flags[word] for word in re.findall("..", inherit)),
            ALL if mask == "FA" else int(mask, 16), letters.get(sid, sid))
        for inherit, mask, sid in re.findall(r"\(A;(\w*);(\w+);;;([\w-]+)\)", sddl(DOMAIN, [READER]))
    ]  # fmt: skip
    assert tuple(read) == GOOD


def swapped(sid: str, **change: int) -> list[Ace]:
    return [ace._replace(**change) if ace.sid == sid else ace for ace in GOOD]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (swapped(COMPUTERS, mask=ADDS | 0x1), [f"{COMPUTERS} : en liste les fichiers"]),
        (swapped(COMPUTERS, mask=ADDS | 0x40), [f"{COMPUTERS} : en supprime les fichiers des autres"]),
        (swapped(COMPUTERS, flags=OBJECT_INHERIT), [f"{COMPUTERS} : écrit dans les fichiers des autres"]),
        (swapped(OWNER_RIGHTS, mask=REWRITES | 0x10000), ["l’ordinateur : supprime son fichier"]),
        (swapped(OWNER_RIGHTS, mask=ALL),
         ["l’ordinateur : supprime son fichier", "l’ordinateur : change les droits de son fichier"]),
        (swapped(READER, mask=READS | 0x2),
         [f"{READER} : y crée des fichiers", f"{READER} : écrit dans les fichiers des autres"]),
        ([*GOOD, Ace(ALLOW, 3, READS, "S-1-5-11")],
         ["S-1-5-11 : en liste les fichiers", "S-1-5-11 : lit les fichiers des autres"]),
        (swapped(OWNER_RIGHTS, mask=REWRITES & ~0x80), ["un ordinateur ne réécrit pas son fichier"]),
        ([*GOOD, Ace(ALLOW, 3, 0x80000000, COMPUTERS)],
         [f"{COMPUTERS} : en liste les fichiers", f"{COMPUTERS} : lit les fichiers des autres"]),
        ([*GOOD, Ace(ALLOW, 0, 0x10000000, "S-1-1-0")],
         [f"S-1-1-0 : {word}" for word in ("en liste les fichiers", "y crée des dossiers",
          "en supprime les fichiers des autres", "supprime le dossier", "en change les droits",
          "en prend la propriété", "y crée des fichiers")]),
        ([ace for ace in GOOD if ace.sid != COMPUTERS], ["les ordinateurs du domaine n’y créent pas de fichier"]),
        ([ace for ace in GOOD if ace.sid != OWNER_RIGHTS],
         ["un ordinateur ne réécrit pas son fichier",
          "sans l’entrée « OWNER RIGHTS », un ordinateur change les droits de son fichier"]),
        ([ace._replace(sid=rights.CREATOR_OWNER) if ace.sid == OWNER_RIGHTS else ace for ace in GOOD],
         ["sans l’entrée « OWNER RIGHTS », un ordinateur change les droits de son fichier"]),
        ([*GOOD, Ace(9, 0, ALL, "")], ["une entrée : entrée d’un genre inattendu"]),
        ([*GOOD, Ace(DENY, 0, ALL, "S-1-5-7")], []),
        ([*GOOD, Ace(ALLOW, INHERIT_ONLY | 2, 0x1, "S-1-5-11")], []),
    ],
)  # fmt: skip
def test_each_excess_and_each_lack_is_said(entries: list[Ace], expected: list[str]) -> None:
    assert judged(*entries) == expected


@pytest.mark.parametrize(
    "everybody",
    ["S-1-1-0", "S-1-2-0", "S-1-5-2", "S-1-5-4", "S-1-5-15", "S-1-5-32-545", "S-1-5-32-554", f"{DOMAIN}-514"],
)
def test_everybody_is_no_group_of_readers_even_where_the_readers_are_unknown(everybody: str) -> None:
    assert f"{everybody} : lit les fichiers des autres" in judged(*GOOD, Ace(ALLOW, 3, READS, everybody), readers=None)


def test_a_group_that_reads_and_is_no_declared_reader_is_said() -> None:
    other = Ace(ALLOW, 3, READS, f"{DOMAIN}-1999")
    assert judged(*GOOD, other) == [
        f"{DOMAIN}-1999 : en liste les fichiers", f"{DOMAIN}-1999 : lit les fichiers des autres",
    ]  # fmt: skip
    assert judged(*GOOD, other, readers=None) == []


@pytest.mark.parametrize("descriptor", [Descriptor(0x8000, ()), Descriptor(0x8004, ()), Descriptor(0x8000, GOOD)])
def test_a_folder_without_a_list_is_open_to_all(descriptor: Descriptor) -> None:
    assert faults(descriptor) == ["le dossier n’a pas de liste d’accès : tout le monde y fait tout"]


def test_the_page_has_the_list_that_is_judged_right() -> None:
    page = (Path(rights.__file__).parents[3] / "docs/mesure-des-postes.md").read_text("utf-8")
    assert f"\n{sddl(DOMAIN, [READER])}\n" in page
