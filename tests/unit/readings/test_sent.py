"""Readings sent from a machine to another: data from elsewhere, checked as such."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.links import kept as links
from piste.readings.sent import BadParcel, receive, send
from piste.readings.storage import kept as shares
from piste.readings.table import SUBJECTS
from piste.sobriety.printing import reading as printing
from piste.sobriety.printing.log import Month, PrintLog
from piste.systems.meraki.port_traffic import Traffic
from tests.support.samples import AT, SAMPLES
from tests.unit.sobriety.weeks import week
from tests.unit.storage.test_figures import made

CERTIFICATES = SUBJECTS["certificates"]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "here"))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")


def keep(at: Any = AT) -> dict[str, Any]:
    (value,) = SAMPLES["certificates"]().values()
    tried = {"a": Reading(value, at), "b": Unread("muet", at)}
    store.keep(CERTIFICATES, "lab", tried)
    return tried


def test_what_a_machine_sends_another_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, parcel = keep(), tmp_path / "parcel.json"
    assert send("lab", parcel) == 2
    assert parcel.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    assert receive("lab", parcel) == (2, [])
    assert store.last(CERTIFICATES, "lab") == tried
    assert receive("lab", parcel) == (2, [])


def test_the_newer_wins_and_what_makes_no_sense_is_left_out(tmp_path: Path) -> None:
    parcel = tmp_path / "parcel.json"
    keep(AT - HOUR)
    send("lab", parcel)
    tried = keep()
    written = json.loads(parcel.read_bytes())
    (value,) = SAMPLES["certificates"]().values()
    strange = [
        {"subject": "certificates", "thing": "form", "read_at": AT.isoformat(), "value": {"x": 1}},
        {"subject": "certificates", "thing": "future", "read_at": "2031-01-01T00:00:00+00:00", "value": value},
        {"subject": "certificates", "thing": "zone", "read_at": "2026-11-26T10:00:00", "value": value},
        {"subject": "certificates", "thing": "when", "read_at": "demain", "value": value},
        {"subject": "verifications", "thing": "ccas", "read_at": AT.isoformat(), "value": {}},
        {"subject": "../x", "thing": "y", "read_at": AT.isoformat(), "value": {}},
    ]
    parcel.write_text(json.dumps({**written, "readings": [*written["readings"], *strange]}), "utf-8")
    kept, left = receive("lab", parcel)
    assert kept == 0
    assert len(left) == 2 + len(strange)
    assert store.last(CERTIFICATES, "lab") == tried


OTHER = b'{"format": 2, "environment": "lab", "readings": []}'


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"format": 1}', OTHER])
def test_a_file_that_is_no_parcel_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "parcel.json").write_bytes(content)
    with pytest.raises(BadParcel, match="PISTE-E166") as refused:
        receive("lab", tmp_path / "parcel.json")
    assert not re.search("Input|Field|should", refused.value.why or "")


def test_a_parcel_of_another_environment_is_refused_and_the_verb_says_what_it_did(tmp_path: Path) -> None:
    keep()
    parcel = tmp_path / "parcel.json"
    sent = CliRunner().invoke(main, ["read", "--send", str(parcel)])
    assert (sent.exit_code, "2 lectures écrites" in sent.output) == (0, True)
    with pytest.raises(BadParcel, match="environnement « lab »"):
        receive("production", parcel)
    (tmp_path / "link").symlink_to(parcel)
    assert CliRunner().invoke(main, ["read", "--receive", str(tmp_path / "link")]).exit_code == 4
    got = CliRunner().invoke(main, ["read", "--receive", str(parcel)])
    assert "2 lectures gardées, 0 laissée." in got.output


def test_the_reference_of_a_share_and_a_fuller_week_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel, here = tmp_path / "parcel.json", str(tmp_path / "here")
    shares.keep("lab", [made(on="2026-10-01")])
    store.keep(SUBJECTS["usage"], "lab", {"2026-W47": Reading(week(), AT - HOUR)})
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    shares.keep("lab", [made(on="2026-11-01", waste=70)])
    store.keep(SUBJECTS["usage"], "lab", {"2026-W47": Reading(week(unread={"ports": "503"}), AT)})
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", here)
    assert receive("lab", parcel) == (2, [])
    known = store.last(SUBJECTS["storage"], "lab")["services"]
    assert isinstance(known, Reading)
    months = [known.value[name]["read_at"][:7] for name in ("before", "after", "last")]
    assert months == ["2026-10", "2026-11", "2026-11"]
    assert store.last(SUBJECTS["usage"], "lab") == {"2026-W47": Reading(week(), AT)}


def test_beliefs_stay_on_their_machine(tmp_path: Path) -> None:
    beliefs, parcel = SUBJECTS["beliefs"], tmp_path / "parcel.json"
    refuted = {"state": "refuted", "by": "person", "evidence": "vu", "version": ""}
    store.keep(beliefs, "lab", {"meraki.default_rule": Reading(refuted, AT)})
    assert send("lab", parcel) == 0
    other = {"subject": "beliefs", "thing": "meraki.default_rule", "read_at": (AT + HOUR).isoformat()}
    readings = [{**other, "value": {**refuted, "state": "confirmed"}}]
    parcel.write_text(json.dumps({"format": 1, "environment": "lab", "readings": readings}), "utf-8")
    assert receive("lab", parcel) == (0, ["beliefs/meraki.default_rule"])
    assert store.last(beliefs, "lab")["meraki.default_rule"].value == refuted


def print_log(since: str | None, through: str, pages: int = 0) -> PrintLog:
    counts = {"jobs": pages, "pages": pages, "copied": 0, "mono": 0, "color": 0}
    months = [Month(month="2026-10", queue="q", **counts)] if pages else []
    return PrintLog(server="hdv-imp1", since=since, through=through, months=months)


@pytest.mark.parametrize(
    ("sent", "stays"),
    [
        (print_log("2026-11-10", "2026-11-25"), True),
        (print_log(None, "2026-11-25"), True),
        (print_log("2026-09-01", "2026-11-25"), True),
        (print_log("2026-09-01", "2026-11-24"), True),
        (print_log("2026-09-01", "2026-11-25", 90), False),
    ],
)
def test_the_pages_that_were_counted_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: PrintLog, stays: bool
) -> None:
    parcel, kept = tmp_path / "parcel.json", print_log("2026-09-15", "2026-11-24", 90)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    printing.keep("lab", sent)
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "here"))
    printing.keep("lab", kept)
    assert receive("lab", parcel) == ((0, ["printing/hdv-imp1"]) if stays else (1, []))
    assert printing.last("lab") == (kept if stays else sent)


def test_the_days_of_links_that_two_machines_read_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def month(day: int, at: str, port: str = "Q1/5", measured: str = "") -> links.Readings:
        traffic = {port: {f"2026-11-{day:02}": Traffic(kilobytes=float(day), seconds=86_400.0)}}
        return links.Readings(month="2026-11", measured_at=measured, measures={}, traffic_at=at, traffic=traffic)

    parcel, at = tmp_path / "parcel.json", "2026-11-{:02}T10:00:00+00:00"
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    links.keep("lab", month(20, at.format(25)))
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "here"))
    links.keep("lab", month(3, at.format(24), measured=at.format(24)))
    assert receive("lab", parcel) == (1, [])
    known = links.last("lab", "2026-11")
    assert (known["measured_at"], known["traffic_at"]) == (at.format(24), at.format(25))
    assert list(known["traffic"]["Q1/5"]) == ["2026-11-03", "2026-11-20"]


def test_an_older_parcel_adds_its_days_to_a_newer_month_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(day: int, at: str) -> None:
        traffic = {"Q1/5": {f"2026-11-{day:02}": Traffic(kilobytes=float(day), seconds=86_400.0)}}
        made = links.Readings(month="2026-11", measured_at="", measures={}, traffic_at=at, traffic=traffic)
        links.keep("lab", made)

    parcel = tmp_path / "parcel.json"
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    keep(3, "2026-11-24T10:00:00+00:00")
    store.keep(SUBJECTS["usage"], "lab", {"2026-W47": Reading(week(unread={"ports": "503"}), AT - HOUR)})
    store.keep(SUBJECTS["usage"], "lab", {"2026-W46": Reading(week(), AT - HOUR)})
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "here"))
    keep(20, "2026-11-25T10:00:00+00:00")
    store.keep(SUBJECTS["usage"], "lab", {"2026-W47": Reading(week(unread={"points": "503"}), AT)})
    store.keep(SUBJECTS["usage"], "lab", {"2026-W46": Reading(week(unread={"points": "503"}), AT)})
    assert receive("lab", parcel) == (2, ["usage/2026-W47"])
    known = store.last(SUBJECTS["links"], "lab")["2026-11"]
    assert isinstance(known, Reading)
    assert (known.read_at.day, list(known.value["traffic"]["Q1/5"])) == (25, ["2026-11-03", "2026-11-20"])
    assert store.last(SUBJECTS["usage"], "lab")["2026-W46"] == Reading(week(), AT)


def test_a_reference_that_a_person_chose_travels_to_older_and_newer_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel, here, there = tmp_path / "parcel.json", str(tmp_path / "here"), str(tmp_path / "there")

    def references() -> list[str]:
        known = store.last(SUBJECTS["storage"], "lab")["services"]
        assert isinstance(known, Reading)
        return [known.value[part]["read_at"][:10] for part in ("before", "after", "last")]

    shares.keep("lab", [made(on="2026-10-01")])
    shares.keep("lab", [made(on="2026-11-20")])
    monkeypatch.setenv("PISTE_STATE_DIR", there)
    shares.keep("lab", [made(on="2026-10-05")])
    shares.keep("lab", [made(on="2026-11-10")], anew=True)
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", here)
    assert receive("lab", parcel) == (1, [])
    assert references() == ["2026-11-10", "2026-11-20", "2026-11-20"]
    assert receive("lab", parcel) == (0, ["storage/services"])
    shares.keep("lab", [made(on="2026-11-22")], anew=True)
    assert receive("lab", parcel) == (0, ["storage/services"])
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", there)
    assert receive("lab", parcel) == (1, [])
    assert references() == ["2026-11-22"] * 3


def at(kept: shares.Kept) -> Reading[shares.Kept]:
    return Reading(kept, datetime.fromisoformat(kept["last"]["read_at"]))


def test_the_newer_whole_reading_of_a_share_wins_and_a_reference_of_its_new_scope() -> None:
    first, second, third = (made(on=f"2026-{month}-01") for month in ("09", "10", "11"))
    kept = shares.added(shares.added(None, first), third)
    sent = shares.added(shares.added(None, second), made(on="2026-11-20", state="partial"))
    assert shares.joined(at(kept), at(sent)) == {**sent, "before": first, "after": third}
    other = [made(on=f"2026-11-{day}", scope="other") for day in (10, 20)]
    wider = shares.added(shares.added(None, other[0]), other[1])
    assert shares.joined(at(kept), at(wider)) == wider
    later = shares.added(wider, made(on="2026-11-21", scope="other"))
    assert shares.joined(at(wider), at(later))["before"] == other[0]


def test_what_was_read_before_ends_no_silence_that_came_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel, silence = tmp_path / "parcel.json", Unread("connexion refusée", AT)
    (value,) = SAMPLES["certificates"]().values()
    store.keep(CERTIFICATES, "lab", {"a": Reading(value, AT - HOUR)})
    send("lab", parcel)
    store.keep(CERTIFICATES, "lab", {"a": silence})
    assert receive("lab", parcel) == (1, [])
    assert store.last(CERTIFICATES, "lab") == {"a": Reading(value, AT - HOUR, silence)}
    send("lab", parcel)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "there"))
    store.keep(CERTIFICATES, "lab", {"a": Reading(value, AT - 2 * HOUR)})
    assert receive("lab", parcel) == (1, [])
    assert store.last(CERTIFICATES, "lab") == {"a": Reading(value, AT - HOUR, silence)}
    store.keep(CERTIFICATES, "lab", {"a": Unread("plus tard", AT + HOUR / 60)})
    assert receive("lab", parcel) == (1, [])
    assert store.last(CERTIFICATES, "lab")["a"].silence.why == "plus tard"  # type: ignore[union-attr]
