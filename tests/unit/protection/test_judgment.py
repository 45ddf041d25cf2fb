"""The judgment of protected sets: 3-2-1, RPO, what is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from piste.readings.protection.copies import Copy, Reading, stamp
from piste.readings.protection.figures import figure, sources, strangers, written
from piste.readings.protection.judgment import Judged, judged
from piste.town.model import Town
from tests.support.backups_read import NOW, copy, read, whole

SQL = "hdv-sql1"


def judge(town: Town, readings: dict[str, Reading], name: str = SQL) -> Judged:
    assert town.commune
    return next(entry for entry in judged(town.commune["protection"], readings, NOW) if entry.item["name"] == name)


def with_copies(town: Town, store: str, copies: Iterable[Copy], **given: Any) -> dict[str, Reading]:
    """Replace the copies of a store by others."""
    return {**whole(town), store: read(store, copies, **given)}


def test_a_set_with_its_three_copies_is_conforming(town: Town) -> None:
    assert town.commune
    every = judged(town.commune["protection"], whole(town), NOW)
    assert {entry.state for entry in every} == {"ok"}
    sql = judge(town, whole(town))
    assert (sql.copies, sql.media, sql.off_site, sql.immutable, sql.faults) == (3, 3, 1, True, ())


def test_a_snapshot_on_the_cluster_is_neither_a_copy_nor_a_medium(town: Town) -> None:
    """The loss of the cluster takes the machine and its snapshots; they count for the RPO."""
    sql = judge(town, {**whole(town), "sauvegarde": read("sauvegarde", ())})
    assert (sql.copies, sql.media, sql.scheme, sql.rpo) == (2, 2, "wrong", "ok")
    assert "2 exemplaires sur 3" in sql.faults
    alone = judge(town, {**whole(town), "sauvegarde": read("sauvegarde", ()), "hors-site": read("hors-site", ())})
    assert (alone.copies, alone.media, alone.off_site, alone.rpo) == (1, 1, 0, "ok")


def test_two_stores_of_a_type_are_a_single_medium(town: Town) -> None:
    assert town.commune
    protection = town.commune["protection"]
    same = [{**store, "medium": "hci", "carrier": None} for store in protection["stores"]]
    every = judged({**protection, "stores": same}, whole(town), NOW)  # type: ignore[typeddict-item]
    mail = next(entry for entry in every if entry.item["name"] == "m365-messagerie")
    assert (mail.copies, mail.media) == (3, 2)


def test_a_store_that_was_not_read_is_unknown_never_conforming(town: Town) -> None:
    sql = judge(town, whole(town, without=["hors-site"]))
    assert (sql.scheme, sql.immutable, sql.off_site) == ("unknown", None, 0)
    assert "jamais lu" in sql.kept[2].words
    trouble: Reading = {"store": "hors-site", "read_at": stamp(NOW), "copies": [], "unknown": "ne répond pas"}
    assert judge(town, {**whole(town), "hors-site": trouble}).scheme == "unknown"
    assert judge(town, {}).state == "unknown"


def test_a_store_too_many_does_not_make_a_conforming_set_unknown(town: Town) -> None:
    mail = judge(town, whole(town, without=["prism"]), SQL)
    assert (mail.scheme, mail.rpo) == ("ok", "ok")


def test_an_unread_store_does_not_excuse_what_is_lacking_anyway(town: Town) -> None:
    readings = {**whole(town, without=["sauvegarde"]), "hors-site": read("hors-site", ())}
    assert judge(town, readings).scheme == "wrong"


@pytest.mark.parametrize(
    ("copies", "rpo", "words"),
    [
        ([copy(SQL, "prism", 0.9)], "ok", "il y a 54 min"),
        ([copy(SQL, "prism", 1)], "ok", "il y a 1 h"),
        ([copy(SQL, "prism", 2)], "wrong", "il y a 2 h, 1 h au plus"),
        ([copy(SQL, "prism", 2), copy(SQL, "prism", 0.2, state="failed")], "wrong", "échec le 27/11/2026 à 12:48"),
        ([copy(SQL, "prism", 0.5, state="failed")], "wrong", "aucune copie"),
        ([copy(SQL, "prism", 2), copy(SQL, "prism", 0.2, state="unknown")], "unknown", "à l’état inconnu"),
        ([copy(SQL, "prism", -48)], "wrong", "1 copie de l’avenir, pas comptée"),
        ([copy(SQL, "prism", -0.05)], "ok", "il y a 0 min"),
        ([copy(SQL, "prism", -48), copy(SQL, "prism", 0.5)], "ok", "il y a 30 min ; 1 copie de l’avenir"),
    ],
)
def test_the_last_complete_copy_is_within_the_rpo(town: Town, copies: list[Copy], rpo: str, words: str) -> None:
    readings = {store: read(store, ()) for store in ("sauvegarde", "hors-site")}
    sql = judge(town, {**readings, "prism": read("prism", copies)})
    assert sql.rpo == rpo
    assert words in sql.kept[0].words


def test_copies_are_judged_at_their_reading_and_what_is_unknown_has_its_reason(town: Town) -> None:
    copies = [copy(SQL, "prism", 10.5)]
    unread = {store: read(store, ()) for store in ("sauvegarde", "hors-site")}
    assert judge(town, {**unread, "prism": read("prism", copies, hours=10)}).rpo == "ok"
    doubted = {**read("prism", ()), "unknown": "lu hier (piste backups read)"}
    old = judge(town, {**unread, "prism": doubted})  # type: ignore[dict-item]
    assert (old.rpo, old.kept[0].words) == ("unknown", "lu hier (piste backups read)")
    imported = {**unread, "prism": read("prism", ()), "hors-site": doubted}
    assert judge(town, imported).kept[2].words == "lu hier (piste backups import)"  # type: ignore[arg-type]


def test_a_store_that_is_fed_less_often_has_its_own_age(town: Town) -> None:
    until = stamp(NOW + timedelta(days=1))
    day = with_copies(town, "hors-site", [copy(SQL, "hors-site", 25, immutable_until=until)])
    assert judge(town, day).scheme == "ok"
    late = with_copies(town, "hors-site", [copy(SQL, "hors-site", 27, immutable_until=until)])
    assert judge(town, late).faults[:2] == ("2 exemplaires sur 3", "0 copie externalisée sur 1")


def test_an_old_reading_of_such_a_store_does_not_keep_its_copies_young(town: Town) -> None:
    """A copy of an hour, read twenty days ago, is twenty days old; a newer copy may be unread."""
    assert town.commune
    protection = town.commune["protection"]
    stores = [{**store, "max_age_hours": 720 if store["name"] == "sauvegarde" else None, "immutable_days": None}
              for store in protection["stores"]]  # fmt: skip
    sets = [{**item, "requirement": {**item["requirement"], "immutable": False}} for item in protection["sets"]]

    def sql(days: int) -> Judged:
        readings = {
            **whole(town), "prism": read("prism", ()),
            "sauvegarde": read("sauvegarde", [copy(SQL, "sauvegarde", 24 * days + 1)], hours=24 * 20),
            "hors-site": read("hors-site", [copy(SQL, "hors-site", 2)]),
        }  # fmt: skip
        every = judged({**protection, "stores": stores, "sets": sets}, readings, NOW)  # type: ignore[typeddict-item]
        return next(entry for entry in every if entry.item["name"] == SQL)

    young, aged = sql(20), sql(35)
    assert (young.rpo, young.kept[1].fresh, int(young.kept[1].age or 0)) == ("unknown", True, 481)
    assert (aged.kept[1].fresh, aged.rpo, "relisez-le" in aged.kept[1].words) == (None, "unknown", True)


@pytest.mark.parametrize(
    ("until", "immutable", "scheme"), [(48, True, "ok"), (-1, False, "wrong"), (None, None, "unknown")]
)
def test_immutability_is_proven_by_the_store(
    town: Town, until: int | None, immutable: bool | None, scheme: str
) -> None:
    end = None if until is None else stamp(NOW + timedelta(hours=until))
    sql = judge(town, with_copies(town, "hors-site", [copy(SQL, "hors-site", 1, immutable_until=end)]))
    assert (sql.immutable, sql.scheme) == (immutable, scheme)


def test_a_figure_has_its_denominator_its_sources_and_what_it_leaves_out(town: Town) -> None:
    assert town.commune
    protection = town.commune["protection"]
    readings = {**whole(town, without=["configurations"]), "sauvegarde": read("sauvegarde", [copy(SQL, "sauvegarde")])}
    every = judged(protection, readings, NOW)
    f14 = figure("F14", every, sources(protection, readings))
    assert (f14["numerator"], f14["denominator"], f14["unknown"]) == (2, 28, ["configurations"])
    assert [entry["name"] for entry in f14["excluded"]] == ["hdv-rct1", "hdv-img1"]
    assert f14["excluded"][0]["why"].startswith("Recette")
    assert written(f14).startswith("F14 : 7,14 % (2 sur 28, 1 inconnu, 2 exemptés)")
    assert not f14["reached"]
    unread = next(entry for entry in f14["source"] if entry["store"] == "configurations")
    assert unread["unknown"] == "jamais lu (piste configurations keep)"
    nothing = figure("F14", judged(protection, {}, NOW), sources(protection, {}))
    assert (nothing["value"], nothing["denominator"], nothing["date"]) == (None, 28, "")


def test_copies_of_what_nothing_declares_are_named(town: Town) -> None:
    assert town.commune
    readings = with_copies(town, "prism", [copy("hdv-old1", "prism"), copy("hdv-old1", "prism", 9)])
    assert strangers(town.commune["protection"], readings) == [("prism", "hdv-old1", 2)]
