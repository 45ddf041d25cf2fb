"""The plain report of a backup product: what is read, and its faults by line."""

from __future__ import annotations

import pytest

from piste.readings.protection.report import BadReport, instant, parsed, read

PARIS = "Europe/Paris"
WHOLE = "set;taken_at;state;size_bytes;id;immutable_until\n"


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, str(fault)) for fault in read(text.encode(), "hors-site", PARIS)[1]]


def test_a_report_gives_copies_in_utc() -> None:
    first = "hdv-dc1;27/11/2026 02:00;réussie;1024;a1;2026-12-27T00:00:00+01:00\n\n"
    text = WHOLE + first + "hdv-dc2;2026-11-27T02:00:00Z;échec;;;\n"
    done, failed = parsed(text.encode(), "r.csv", "hors-site", PARIS)
    assert done == {
        "set": "hdv-dc1", "store": "hors-site", "taken_at": "2026-11-27T01:00:00Z", "size_bytes": 1024, "id": "a1",
        "immutable_until": "2026-12-26T23:00:00Z", "state": "complete",
    }  # fmt: skip
    assert (failed["state"], failed["size_bytes"], failed["immutable_until"]) == ("failed", None, None)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_columns_come_in_any_order_with_any_separator(separator: str) -> None:
    text = "\ufeff" + "state;set;taken_at\nok;hdv-dc1;2026-11-27 02:00\n".replace(";", separator)
    assert [copy["set"] for copy in parsed(text.encode(), "r.csv", "s", PARIS)] == ["hdv-dc1"]


def test_a_report_of_windows_is_read() -> None:
    assert parsed("set;taken_at;state\na;2026-11-27 02:00;réussie\n".encode("cp1252"), "r", "s", PARIS)


def test_all_faults_come_at_once_by_line_and_nothing_is_read() -> None:
    text = WHOLE + (
        ";2026-11-27T02:00:00Z;ok;;;\n"
        "hdv-dc1;hier;ok;;;\n"
        "hdv-dc1;2026-11-27T02:00:00Z;parti;-1;;bientôt\n"
        "hdv-dc1;2026-11-27T02:00:00Z;ok;;;;;\n"
        "hdv-dc1;2026-11-27T03:00:00Z;ok;;x;\n"
        "hdv-dc1;2026-11-27T04:00:00+01:00;ok;;x;\n"
        "hdv\u202e-dc1;2026-11-27T03:00:00Z;ok;;;\n"
    )
    assert sorted(line for line, _ in faults(text)) == [2, 3, 4, 4, 4, 5, 7, 8]
    with pytest.raises(BadReport) as raised:
        parsed(text.encode(), "r.csv", "hors-site", PARIS)
    said = str(raised.value)
    assert said.startswith("PISTE-E131 r.csv : le relevé a 8 fautes, rien n’a été gardé.")
    assert "r.csv:7 : la même copie qu’à la ligne 6" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "le fichier est vide"),
        ("set;taken_at\n", "la colonne « state » manque"),
        ("set;set;taken_at;state\n", "la colonne « set » est là deux fois"),
        ("set;taken_at;state;prix\n", "la colonne « prix » est inconnue"),
        ('set;taken_at;state\n"a;b\n', "ce n’est pas du CSV"),
        ('set;taken_at;state\n"a\nb";2026-11-27T02:00:00Z;ok\n', "plusieurs lignes"),
        (f"set;taken_at;state\n{'a' * 301};2026-11-27T02:00:00Z;ok\n", "plus de 300 signes"),
    ],
)
def test_a_report_of_another_form_says_what_is_wrong(text: str, says: str) -> None:
    assert any(says in message for _, message in faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "25/10/2026 02:30", "2026-03-29 02:30", "2026-02-30 02:00", "0000-01-01T00:00:00Z", "9999-12-31 23:59-23:59",
        "²026-01-01 00:00",
    ],
)  # fmt: skip
def test_a_moment_that_is_none_or_two_is_refused(text: str) -> None:
    assert isinstance(instant(text, PARIS), str)
