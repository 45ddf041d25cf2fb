"""A delivery: lists of any origin, awaited assets first, the same list changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from piste.engine.converge.errors import Misused
from piste.sites import declaring
from piste.sites.declaring import TOWN
from piste.sites.life.changes import HISTORY, Made
from piste.sites.life.receiving import Delivery, make, read_list
from piste.town.model import load
from piste.town.town import InvalidDeclaration

PCS = TOWN / "assets/computer.csv"
SHARED = {"variant": "desktop", "site": "ccas", "model": "PC 24", "contract": "materiel"}


def received(root: Path, items: Sequence[Mapping[str, str]], prefix: str = "pc-ccas-", kind: str = "computer") -> Made:
    town = load(root / TOWN).require()
    return make(Delivery("BC-1", kind, items, "magasinier", "2026-11-20", SHARED, prefix), town, root)


def listed(folder: Path, text: str) -> list[dict[str, str]]:
    (folder / "liste.csv").write_text(text, "utf-8")
    return read_list(folder / "liste.csv")


def test_lists_of_any_origin_are_read(tmp_path: Path) -> None:
    assert listed(tmp_path, "5CD1\n\n5CD2\n") == [{"serial": "5CD1"}, {"serial": "5CD2"}]
    assert listed(tmp_path, "\ufeffNuméro de série;Nom;Garantie\r\nA1;pc-1;2030-01-31\r\nA2;;\r\n") == [
        {"serial": "A1", "name": "pc-1", "warranty_until": "2030-01-31"}, {"serial": "A2"},
    ]  # fmt: skip
    assert listed(tmp_path, "serial\nA1\n") == [{"serial": "A1"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "le fichier est vide"),
        ("serial,prix\nA1,3\n", "la colonne « prix » est inconnue"),
        (
            "serial,name\nA1,pc-1,x\n,pc-2\n",
            r"csv:2 : 3 cellules pour 2 colonnes : une virgule .*\n  liste.csv:3 : serial : pas de numéro de série",
        ),
        ("serial\nA\u202e1\n", r"csv:2 : serial : caractère invisible \(U\+202E\)"),
        ('serial\n"A1\n', "ce n’est pas du CSV"),
        ("".join(f"A{rank}\n" for rank in range(2001)), "csv:2001 : plus de 2000 lignes"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Misused, match=says):
        listed(tmp_path, text)


def test_awaited_assets_take_their_number_the_others_a_new_name(root: Path) -> None:
    table = (root / PCS).read_text("utf-8")
    known = "pc-ccas-008,desktop,EX-ccas-pc-008,ccas,CCAS,in_service,"
    assert known in table
    awaited = "pc-ccas-008,desktop,,ccas,CCAS,awaited,"
    (root / PCS).write_text(table.replace(known, awaited), "utf-8")
    made = received(root, [{"serial": "5CD1"}, {"serial": "5CD2"}])
    assert made.lines == ["pc-ccas-008 : reçu (5CD1)", "pc-ccas-009 : reçu (5CD2)"]
    declaring.write_files(made.files, root)
    town = load(root / TOWN).require()
    assert town.faults == []
    assets = {asset["name"]: asset for asset in town.assets}
    first, second = assets["pc-ccas-008"], assets["pc-ccas-009"]
    assert (first["serial"], first["state"], first["assigned_to"], first["contract"]) == (
        "5CD1", "stock", "CCAS", "materiel",
    )  # fmt: skip
    assert (second["serial"], second["state"], second["model"], second["site"]) == ("5CD2", "stock", "PC 24", "ccas")
    assert [(event.action, event.asset, event.reference) for event in town.history] == [
        ("receive", "pc-ccas-008", "BC-1"), ("receive", "pc-ccas-009", "BC-1"),
    ]  # fmt: skip
    assert received(root, [{"serial": "5CD1"}, {"serial": "5CD2"}]) == Made({}, [])


def test_a_reception_killed_between_its_files_is_finished(root: Path) -> None:
    made = received(root, [{"serial": "5CD1"}, {"serial": "5CD2", "name": "pc-accueil"}])
    declaring.write_files({HISTORY: made.files[HISTORY]}, root)
    again = received(root, [{"serial": "5CD1"}, {"serial": "5CD2", "name": "pc-accueil"}])
    assert again.files == {PCS: made.files[PCS]}
    assert again.lines == ["pc-ccas-009 : reçu (5CD1)", "pc-accueil : reçu (5CD2)"]


@pytest.mark.parametrize(
    ("item", "prefix", "says"),
    [
        ({"serial": "QZZZ-0005-0001"}, "pc-ccas-", "QZZZ-0005-0001 est déjà sw-jau-01"),
        ({"serial": "A1"}, "", "A1 : donnez son nom"),
        ({"serial": "A1", "name": "hdv-dc1"}, "", "« hdv-dc1 » est déjà à l’inventaire"),
    ],
)
def test_a_delivery_that_contradicts_the_inventory_is_refused(
    root: Path, item: Mapping[str, str], prefix: str, says: str
) -> None:
    with pytest.raises(Misused, match=says):
        received(root, [item], prefix=prefix)
    assert not (root / HISTORY).exists()


def test_what_has_no_table_is_not_received(root: Path) -> None:
    with pytest.raises(Misused, match=r"« switch » ne se reçoit pas ainsi.*switches, awaited_devices"):
        received(root, [{"serial": "A1"}], kind="switch")
    with pytest.raises(InvalidDeclaration, match="n’est pas un numéro de série"):
        received(root, [{"serial": 'A"1', "name": "pc-neuf"}])
    with pytest.raises(Misused, match="5cd1 est déjà pc-ccas-009"):
        received(root, [{"serial": "5CD1"}, {"serial": "5cd1"}])
