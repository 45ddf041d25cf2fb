"""Accounts against the declaration, F19 recomputed by hand, what nobody says stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import InvalidConfig
from piste.readings import store
from piste.readings.accounts import findings as judging
from piste.readings.accounts import judgment
from piste.readings.accounts.findings import figures, findings, nominal, words
from piste.readings.accounts.judgment import mastery, of_system
from piste.readings.accounts.kept import SUBJECT, own, take
from piste.readings.accounts.matrix import rows, take_in
from piste.readings.belief import Reading, Unread
from piste.readings.table import Answer
from piste.town.model import Town
from piste.town.model.dates import now
from tests.support.accounts import live

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOSTILE = "'; DROP --\\\x1b[31m<script>=1+1"


def account(login: str, kind: str | None, *systems: str, **facts: Any) -> Any:
    usual = {
        "systems": [*systems], "administers": [], "rights": "all", "holder": "DSI" if kind else None, "persons": [],
        "purpose": None, "mfa": None, "until": None, "reviewed_on": None, "secret": None, "status": None,
    }  # fmt: skip
    return {"login": login, "kind": kind, **usual, **facts}


DECLARED = [
    account("piste", "technical", "meraki"),
    account("secours", "emergency", "meraki"),
    account("martin", "nominative", "meraki"),
    account("durand", "nominative", "meraki"),
    account("partage", "nominative", "meraki", persons=["A. Martin", "B. Durand"]),
    account("astreinte", "third_party", "meraki", persons=["C. Petit"], until="2027-12-31"),
    account("exploitation", "third_party", "meraki", "smc", until="2026-11-01"),
    account("lecture", "nominative", "meraki", rights="read"),
    account("auditeur", "nominative", "smc", rights="read"),
    account("parti", "nominative", "smc"),
]
MERAKI = [
    live("piste", whole=True, person=False, mfa=None, used_at=None),
    live("secours", whole=True),
    live("martin", whole=True),
    live("durand", mfa=False),
    live("partage"),
    live("astreinte", mfa=None),
    live("exploitation"),
    live("intrus", whole=True, mfa=False),
    live("lecture", reads=True, mfa=False),
    live("ancien", active=False),
]


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(judgment, "today", lambda: date(2026, 12, 1))


@pytest.fixture
def small(town: Town) -> Town:
    assert town.commune
    return replace(town, commune={**town.commune, "accounts": DECLARED})


def systems(town: Town) -> list[judgment.System]:
    return [
        of_system(town, "meraki", "meraki", Reading(MERAKI, AT)),
        of_system(town, "smc", "smc", Reading([live("exploitation", whole=True)], AT)),
        of_system(town, "ad", "ad", Unread("connexion refusée", AT)),
    ]


def test_f19_is_what_a_person_counts(small: Town) -> None:
    made = nominal(systems(small))
    assert [(row.system, row.login) for row in made.not_nominative] == [
        ("meraki", "piste"), ("meraki", "secours"), ("meraki", "partage"), ("meraki", "exploitation"),
        ("meraki", "intrus"), ("smc", "exploitation"),
    ]  # fmt: skip
    assert [row.login for row in made.no_factor] == ["durand", "intrus"]
    assert [system.name for system in made.foreign] == ["smc"]
    assert made.unknown == ["annuaire", "astreinte (meraki)"]
    # Six not nominative, durand without a factor (intrus is counted once), the SMC that the town does not hold.
    assert (made.departs, made.accounts, made.systems) == (8, 9, 2)
    assert "1 système que la Ville ne tient pas : SMC" in words(made)
    assert "1 technique, 1 secours, 1 nominatif, 2 tiers, 1 non déclaré" in words(made)


def test_of_whom_nobody_knows_the_rights_f19_says_unknown_and_counts_nothing(small: Town) -> None:
    accounts = [live("martin", whole=True), live("agent", whole=None), live("piste", whole=None, mfa=False),
                live("durand", whole=None)]  # fmt: skip
    system = of_system(small, "meraki", "meraki", Reading(accounts, AT))
    made = nominal([system])
    assert (made.departs, made.unknown) == (0, ["agent (meraki)", "piste (meraki)"])
    (agent,) = [row for row in system.rows if row.login == "agent"]
    assert [(fault.state, fault.gravity) for fault in agent.faults] == [("unknown", "minor")]


def test_accounts_that_are_only_a_name_are_a_single_finding_with_their_count_and_cause(
    small: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents = [live(f"agent{number}", whole=None) for number in range(300)]
    system = of_system(small, "glpi", "glpi", Reading([*agents, live("ancien", whole=None, active=False)], AT))
    monkeypatch.setattr(judging, "judged", lambda town, environment: [system])
    made = {finding.id: finding for finding in findings(small, "production")}
    unclear = made.pop("accounts.glpi.unclear")
    assert (unclear.state, unclear.gravity) == ("unknown", "minor")
    assert unclear.what == (
        "GLPI : 300 comptes que personne ne déclare, aux droits inconnus, car son API ne dit que le profil de départ"
    )
    assert "piste accounts glpi" in unclear.todo
    assert made.keys() == {"accounts.glpi", "accounts.bastion", "accounts.review"}


@pytest.mark.parametrize(
    ("login", "state", "said"),
    [
        ("martin", "ok", ""),
        ("piste", "ok", ""),
        ("durand", "wrong", "pas de second facteur"),
        ("partage", "wrong", "partagé par A. Martin, B. Durand"),
        ("astreinte", "unknown", "second facteur inconnu"),
        ("exploitation", "wrong", "sa fin, le 01/11/2026, est passée ; il ne dit pas de qui il est"),
        ("intrus", "wrong", "personne ne le déclare ; pas de second facteur"),
        ("ancien", "ok", ""),
    ],
)
def test_an_account_is_judged_by_what_is_declared_and_what_its_system_shows(
    small: Town, login: str, state: str, said: str
) -> None:
    (row,) = [row for row in systems(small)[0].rows if row.login == login]
    assert (row.state, " ; ".join(fault.said for fault in row.faults)) == (state, said)


def test_a_declared_account_that_its_system_lacks_is_named(small: Town) -> None:
    row = next(row for row in systems(small)[1].rows if row.login == "parti")
    assert (row.login, row.state, row.faults[0].said) == ("parti", "wrong", "déclaré, et absent du système")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"reads": True}, ""),
        ({"whole": None}, "déclaré en lecture, ses droits sont inconnus"),
        ({"whole": False}, "déclaré en lecture, il écrit"),
    ],
)
def test_an_auditor_only_reads(small: Town, facts: Any, said: str) -> None:
    made = of_system(small, "smc", "smc", Reading([live("auditeur", **facts)], AT))
    (row,) = [row for row in made.rows if row.login == "auditeur"]
    assert " ; ".join(fault.said for fault in row.faults) == said
    assert row.state == ("unknown" if facts.get("whole", False) is None else "wrong" if said else "ok")


@pytest.mark.parametrize(
    ("used_at", "said"),
    [
        (None, "dernier usage inconnu"),
        ("2026-09-02T10:00:00+00:00", ""),
        ("2026-09-01T10:00:00+00:00", "pas employé depuis le 01/09/2026"),
    ],
)
def test_ninety_days_without_a_sign_in_are_too_many_and_untold_is_unknown(small: Town, used_at: Any, said: str) -> None:
    made = of_system(small, "meraki", "meraki", Reading([live("martin", used_at=used_at)], AT))
    assert " ; ".join(fault.said for fault in made.rows[0].faults) == said
    assert made.rows[0].state == ("unknown" if used_at is None else "wrong" if said else "ok")


@pytest.mark.parametrize(
    ("accounts", "state"),
    [
        ([live("martin", whole=True)], "ok"),
        ([live("martin", whole=None)], "unknown"),
        ([live("martin"), live("exploitation", whole=True)], "wrong"),
        ([live("piste", whole=True, person=False)], "wrong"),
        ([live("martin", whole=True, active=False)], "wrong"),
        ([live("intrus", whole=True)], "wrong"),
    ],
)
def test_the_town_holds_a_system_by_a_person_of_its_own(small: Town, accounts: Any, state: str) -> None:
    assert mastery(of_system(small, "meraki", "meraki", Reading(accounts, AT))).state == state


@pytest.mark.parametrize("name", ["AD\\martin", "SRV\\martin", "martin"])
def test_on_a_server_a_name_is_known_without_its_domain_and_the_domain_s_group_is_not_judged(
    town: Town, name: str
) -> None:
    assert town.commune
    small = replace(town, commune={**town.commune, "accounts": [account("martin", "nominative", "hdv-imp1")]})
    group = live("AD\\Admins du domaine", person=False, roles=["administrateurs du domaine"], whole=True)
    made = of_system(small, "hdv-imp1", "server", Reading([live(name), group], AT))
    assert [(row.state, row.administers) for row in made.rows] == [("ok", True), ("ok", False)]


def test_no_sign_but_the_star_declares(small: Town) -> None:
    assert small.commune
    listed = account("svc-*", None, administers=["smc"])
    listing = replace(small, commune={**small.commune, "accounts": [*DECLARED, listed]})
    names = ["svc-1", "SVC-2", "svcx", HOSTILE]
    made = of_system(listing, "smc", "smc", Reading([live(name) for name in names], AT))
    said = {row.login: row.faults[0].said for row in made.rows if row.faults}
    assert said["svc-1"] == said["SVC-2"] == "rien ne dit qui en répond"
    assert said["svcx"] == said[HOSTILE] == "personne ne le déclare"


def test_a_hostile_name_is_data_in_each_form() -> None:
    hostile = [live(HOSTILE, whole=True), live('=HYPERLINK("http://x")')]
    store.keep(SUBJECT, "lab", {"meraki": Reading(hostile, now())})
    shown = CliRunner().invoke(main, ["accounts", "meraki"]).output
    assert "�[31m<script>" in shown
    table = CliRunner().invoke(main, ["accounts", "meraki", "--format", "csv"]).output
    assert "'=HYPERLINK" in table
    assert "\x1b" not in shown + table
    listed = CliRunner().invoke(main, ["findings"]).output
    assert "\x1b" not in listed


def given(**systems: Any) -> Answer:
    kinds = {"meraki": None, "smc": None, "prism": None, "ad": None, "zabbix": None, "glpi": None}
    return Answer({**kinds, "server": {}, "nexus": {}, **systems}, {}, {"Lister les comptes (SMC)": "le SMC se tait"})


def test_each_system_has_its_reading_or_the_reason_of_its_silence(town: Town) -> None:
    answer = given(
        meraki=[{**live("martin"), "outgoing": False}],
        server={"hdv-imp1": {"administrators": [live("AD\\x")], "item": "hdv-imp1"}, "hdv-dc1": {"msg": "refusé"}},
        nexus={"nx-hdv-1": [live("admin")], "nx-hdv-2": {"unread": "pas de réponse"}},
        prism=[{"name": ""}],
    )
    assert take(town, "lab", answer)
    known = store.last(SUBJECT, "lab", None)
    assert {*known} == {*own(town)}
    said = {name: last.why if isinstance(last, Unread) else [kept["name"] for kept in last.value]
            for name, last in known.items()}  # fmt: skip
    assert said["meraki"] == ["martin"]
    assert (said["hdv-imp1"], said["nx-hdv-1"]) == (["AD\\x"], ["admin"])
    assert (said["smc"], said["hdv-dc1"], said["nx-hdv-2"]) == ("le SMC se tait", "refusé", "pas de réponse")
    assert isinstance(known["prism"], Unread)
    assert isinstance(known["glpi"], Unread)


def test_nothing_read_is_an_unknown_figure_and_a_finding_for_each_system(town: Town) -> None:
    (figure,) = figures(town, "lab")
    assert (figure.value, figure.unknown > 10) == (None, True)
    assert not [*findings(town, "lab")]
    assert {finding.state for finding in findings(town, "production") if finding.id != "accounts.bastion"} == {
        "unknown"
    }


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [
        (["2026-08-31", "2026-09-01"], "wrong", "1 des 2 pas revus ce trimestre (un)"),
        (["2026-11-30", "2026-09-01"], "ok", "2 comptes, ce trimestre"),
        ([None, "2026-12-01"], "wrong", "1 des 2 pas revus ce trimestre (un)"),
    ],
)
def test_each_account_is_reviewed_each_quarter(
    town: Town, monkeypatch: pytest.MonkeyPatch, days: list[str | None], state: str, said: str
) -> None:
    monkeypatch.setattr(judging, "today", lambda: date(2026, 12, 2))
    names = zip(("un", "deux"), days, strict=True)
    declared = [account(name, "nominative", "meraki", reviewed_on=day) for name, day in names]
    assert town.commune
    store.keep(SUBJECT, "lab", {"meraki": Reading([live("un")], now())})
    small = replace(town, commune={**town.commune, "accounts": declared})
    (finding,) = [finding for finding in findings(small, "lab") if finding.id == "accounts.review"]
    assert (finding.state, said in finding.what) == (state, True)


def test_a_system_that_nothing_reads_comes_in_by_a_table(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "membres.csv"
    path.write_text("account,rights,second_factor,last_use\nmartin,all,yes,2026-11-30\ninconnu,,,\n", "utf-8")
    assert take_in(town, "lab", "forge", path) == 2
    take(town, "lab", given())
    last = store.last(SUBJECT, "lab", None)["forge"]
    assert isinstance(last, Reading), "the reader of the others does not forget it"
    assert [(kept["whole"], kept["mfa"], kept["used_at"]) for kept in last.value] == [
        (True, True, "2026-11-30T00:00:00+00:00"), (None, None, None),
    ]  # fmt: skip
    path.write_text("account,rights\nmartin,tous\n", "utf-8")
    with pytest.raises(InvalidConfig, match="all, some, read"):
        take_in(town, "lab", "forge", path)


def test_the_matrix_has_a_line_for_each_account_and_for_each_system_that_was_not_read(small: Town) -> None:
    every = [*rows(systems(small))]
    assert [row["system"] for row in every].count("ad") == 1
    shown = {row["account"]: row for row in every if row["system"] == "meraki"}
    assert (shown["partage"]["person"], shown["partage"]["rights"]) == ("A. Martin, B. Durand", "some")
    assert (shown["piste"]["second_factor"], shown["lecture"]["rights"]) == (None, "read")
