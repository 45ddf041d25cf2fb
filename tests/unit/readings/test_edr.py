"""Agents, tablets and Macs are joined to the inventory, and no silence is a cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.edr import kept, tablets
from piste.readings.edr.coverage import Agent, Machine, covered
from piste.readings.findings import ages_of
from piste.readings.table import SUBJECTS, Answer
from piste.town import declared
from piste.town.model import Town
from piste.town.model.dates import now
from tests.support.microsoft import run, simulator

ON = date(2026, 11, 26)
BEGUN = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Town]:
    """Five assets of the town: a desktop, a server, a thin client, a Mac, a machine in stock."""
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    whole = deepcopy(declared.sound("lab"))
    assets = {asset["name"]: asset for asset in whole.assets}
    kinds = (("computer", "desktop"), ("virtual_machine", None), ("computer", "thin_client"), ("computer", "mac"))
    chosen = [next(a for a in assets.values() if (a["kind"], a["variant"]) == kind) for kind in kinds]
    stock = {**chosen[0], "name": "pc-stock", "state": "stock"}
    for owner in whole.owners.values():
        owner["assets"] = []
    whole.sites["hotel-de-ville"]["assets"] = [*chosen, stock]
    for name in ("sound", "derived"):
        monkeypatch.setattr(declared, name, lambda environment: whole)
    return whole


def agent(name: str, state: str = "healthy", seen: str | None = "2026-11-25", **other: Any) -> Agent:
    return Agent(
        **{"name": name, "last_seen": seen, "version": "", "signatures_at": None, "state": state, "read_on": ON} | other
    )


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ([agent("pc-1.ville.example")], "ok", "couvert"),
        ([agent("PC-1")], "ok", "couvert"),
        ([], "wrong", "aucun agent"),
        ([agent("pc-10")], "wrong", "aucun agent"),
        ([agent("pc-1", "off")], "wrong", "agent arrêté"),
        ([agent("pc-1", "degraded")], "wrong", "agent dégradé"),
        ([agent("pc-1", "unknown")], "unknown", "la console ne dit pas l’état de son agent"),
        ([agent("pc-1", seen=None)], "unknown", "la console ne dit pas l’état de son agent"),
        ([agent("pc-1", seen="2026-11-19")], "ok", "couvert"),
        ([agent("pc-1", seen="2026-11-18")], "wrong", "agent muet depuis le 18/11/2026"),
        ([agent("pc-1", seen="2026-12-09")], "unknown", "agent muet depuis le 09/12/2026, dans l’avenir"),
        ([agent("pc-1", signatures_at="2026-11-01")], "wrong", "signatures du 01/11/2026"),
        ([agent("pc-1", "off", "2026-01-01"), agent("pc-1")], "ok", "couvert"),
    ],
)
def test_a_machine_is_covered_by_a_fresh_healthy_agent_of_its_name(given: list[Agent], state: str, said: str) -> None:
    ((_, verdict),), _ = covered([Machine("pc-1", "ctm", False)], given)
    assert (verdict.state, verdict.said) == (state, said)


def test_an_auditor_counts_f17_by_hand(town: Town) -> None:
    """Two machines of three are covered; neither the thin client nor the stock counts."""
    desktop, server, thin, mac = (asset["name"] for asset in town.assets[:4])
    rows = [_row(desktop), _row(f"{server}.ad.lebourget.example"), _row("poste-inconnu"), _row(thin, "off")]
    store.keep(SUBJECTS["edr"], "lab", {"console": Reading(rows, now())})
    done = CliRunner().invoke(main, ["findings", "--subject", "edr", "--open", "--format", "csv"])
    ids = [line.partition(",")[0].strip('"') for line in done.output.splitlines()]
    assert ids == ["id", f"edr.{mac}", "edr.strangers", "edr.directory"]
    assert CliRunner().invoke(main, ["findings", "--subject", "postes"]).exit_code != 0
    (figure,) = kept.figures(town, "lab")
    assert (figure.id, figure.value, figure.numerator, figure.denominator) == ("F17", 66.67, 2, 3)
    said = _states(kept.findings(town, "lab"))
    assert {name: said[f"edr.{name}"] for name in (desktop, server, mac)} == {desktop: "ok", server: "ok", mac: "wrong"}
    assert (said["edr.strangers"], said["edr.directory"]) == ("wrong", "unknown")
    assert "edr.pc-stock" not in said
    assert f"edr.{thin}" not in said


def test_defender_and_the_directory_are_joined(town: Town) -> None:
    read = run("microsoft_machines", simulator())
    assert [row["name"] for row in read["agents"]] == [
        "pc-test-01.ad.lebourget.example", "hdv-vieux.ad.lebourget.example", "inconnu-77"
    ], "a machine that is only seen has no agent"  # fmt: skip
    at = now().isoformat()
    fresh = [{**row, "last_seen": f"{now():%Y-%m-%d}"} for row in read["agents"]]
    computers = [
        {"name": name, "enabled": enabled, "last_seen": f"{now() - timedelta(days=days):%Y-%m-%d}", "system": system,
         "place": "Ville", "recovery_key": None}
        for name, enabled, days, system in (
            ("PC-TEST-01", True, 3, "Windows 11"),
            ("HDV-VIEUX", True, 3, "Windows Server 2019"),
            ("PARTI", True, 200, None),
            ("ETEINT", False, 3, None),
            ("NU", True, 3, None),
        )
    ]
    content = {"defender": {"agents": fresh, "read_at": at}, "directory": {"computers": computers, "read_at": at}}
    assert kept.take(town, "lab", Answer(content, {}, {}))
    every = {finding.id: finding for finding in kept.findings(town, "lab")}
    assert every["edr.PC-TEST-01"].state == "ok"
    assert (every["edr.HDV-VIEUX"].state, every["edr.HDV-VIEUX"].gravity) == ("wrong", "critical")
    assert every["edr.NU"].what == "NU : aucun agent, que l’inventaire ne connaît pas"
    assert every["edr.strangers"].what == "agents que rien ne connaît : inconnu-77"
    assert not {"edr.PARTI", "edr.ETEINT", "edr.directory"} & every.keys()


def test_without_any_source_every_cover_is_unknown(town: Town) -> None:
    assert not kept.take(town, "lab", Answer(None, {}, {"Lire": "connexion refusée"}))
    assert [*kept.findings(town, "lab")] == []
    (finding,) = kept.findings(town, "production")
    assert (finding.id, finding.state) == ("edr.agents", "unknown")
    store.keep(SUBJECTS["edr"], "lab", {"console": Reading([_row("x")], now() - timedelta(days=8))})
    assert _states(kept.findings(town, "lab")) == {"edr.agents": "unknown"}
    (figure,) = kept.figures(town, "lab")
    assert (figure.value, figure.denominator, figure.unknown) == (None, 3, 3)


def test_a_town_without_defender_is_not_asked_about_it_for_ever(town: Town) -> None:
    desktop = town.assets[0]["name"]
    away = {"agents": [], "read_at": now().isoformat()}
    assert kept.take(town, "lab", Answer({"defender": away, "directory": {}}, {}, {}))
    assert _states(kept.findings(town, "lab")) == {"edr.agents": "unknown"}, "no console is no cover"
    store.keep(SUBJECTS["edr"], "lab", {"console": Reading([_row(desktop)], now())})
    assert _states(kept.findings(town, "lab"))[f"edr.{desktop}"] == "ok"
    store.keep(SUBJECTS["edr"], "lab", {"directory": Reading([], now())})
    every = {finding.id: finding.state for finding in ages_of(town, "lab")}
    assert every["readings.edr"] == "ok"


def test_a_machine_that_an_old_console_may_cover_is_unknown(town: Town) -> None:
    desktop, server, _, mac = (asset["name"] for asset in town.assets[:4])
    old, fresh = Reading([_row(server)], now() - timedelta(days=8)), Reading([_row(desktop)], now())
    store.keep(SUBJECTS["edr"], "lab", {"console": old, "defender": fresh})
    said = _states(kept.findings(town, "lab"))
    assert {name: said[f"edr.{name}"] for name in (desktop, server, mac)} == {
        desktop: "ok", server: "unknown", mac: "unknown",
    }  # fmt: skip
    (figure,) = kept.figures(town, "lab")
    assert (figure.value, figure.numerator, figure.unknown) == (33.33, 1, 2)


def test_the_table_of_a_console_is_kept_by_the_verb(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "agents.csv"
    table.write_text(
        "Device name;État;Vu le;Site\n" + f"{town.assets[0]['name']};Actif;{now():%d/%m/%Y} 08:12;x\n", "utf-8"
    )
    done = CliRunner().invoke(main, ["read", "edr", "--from", str(table)], catch_exceptions=False)
    assert (done.exit_code, done.output) == (0, "EDR : 1 ligne gardée.\n")
    assert _states(kept.findings(town, "lab"))[f"edr.{town.assets[0]['name']}"] == "ok"
    before = store.last(SUBJECTS["edr"], "lab", None)
    table.write_text("name,state,last_seen\n,ok,2026-11-26\nb,vert,hier\n", "utf-8")
    done = CliRunner().invoke(main, ["read", "edr", "--from", str(table)])
    assert done.exit_code != 0
    assert all(word in done.output for word in ("3 fautes", "vide", "« vert »", "« hier »"))
    assert store.last(SUBJECTS["edr"], "lab", None) == before


@pytest.mark.parametrize("words", [["tenant", "--from"], ["edr", "tablets", "--from"], ["--from"]], ids=str)
def test_a_table_is_of_one_subject_that_takes_it(words: list[str], town: Town, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n", "utf-8")
    done = CliRunner().invoke(main, ["read", *words, str(tmp_path / "x.csv")])
    assert "--from ne vaut que pour un sujet : edr, tablets, incidents" in done.output


def test_tablets_are_judged_and_a_mac_that_no_console_knows_is_named(town: Town, tmp_path: Path) -> None:
    mac = town.assets[3]
    table = tmp_path / "mdm.csv"
    day = f"{now():%Y-%m-%d}"
    ends = f"{now() + timedelta(days=40):%Y-%m-%d}"
    lines = [
        f"ipad-1,oui,oui,{day},", f"ipad-2,non,oui,{day},", f"ipad-3,oui,non,{day},", f"ipad-4,oui,,{day},",
        "ipad-5,oui,oui,2020-01-01,", f"ipad-6,oui,oui,{day},{ends}",
    ]  # fmt: skip
    table.write_text("name,enrolled,encrypted,last_seen,apns_until\n" + "\n".join(lines), "utf-8")
    values, faults = tablets.imported(town, table)
    assert not faults
    store.keep(SUBJECTS["tablets"], "lab", {"devices": Reading(values["devices"], now())})
    every = {finding.id: finding for finding in tablets.findings(town, "lab")}
    states = [every[f"tablets.ipad-{number}"].state for number in range(1, 7)]
    assert states == ["ok", "wrong", "wrong", "unknown", "wrong", "ok"]
    assert every[f"tablets.{mac['name']}"].what.endswith("n’est pas dans la console")
    assert (every["tablets.apns"].state, every["tablets.apns"].by) == ("wrong", ends)


def test_an_end_that_nobody_tells_is_unknown_and_a_mac_is_known_by_its_serial(town: Town, tmp_path: Path) -> None:
    mac = town.assets[3]
    table = tmp_path / "mdm.csv"
    table.write_text(f"name,enrolled,encrypted,serial\nMac de Zoé,oui,oui,{mac['serial']}\n", "utf-8")
    values, _ = tablets.imported(town, table)
    store.keep(SUBJECTS["tablets"], "lab", {"devices": Reading(values["devices"], now())})
    every = {finding.id: finding for finding in tablets.findings(town, "lab")}
    assert every["tablets.apns"].state == "unknown"
    assert f"tablets.{mac['name']}" not in every
    assert every["tablets.Mac de Zoé"].site == mac["site"]


def test_tablets_that_share_a_name_are_two_findings(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "mdm.csv"
    table.write_text("name,enrolled,encrypted,serial\niPad,oui,oui,A1\niPad,non,oui,B2\n", "utf-8")
    values, faults = tablets.imported(town, table)
    assert not faults
    store.keep(SUBJECTS["tablets"], "lab", {"devices": Reading(values["devices"], now())})
    states = _states(tablets.findings(town, "lab"))
    assert (states["tablets.iPad A1"], states["tablets.iPad B2"]) == ("ok", "wrong")
    table.write_text("name,enrolled\niPad,oui\niPad,non\n", "utf-8")
    (fault,) = tablets.imported(town, table)[1]
    assert (fault.line, "deux fois" in fault.message) == (3, True)


def _row(name: str, state: str = "healthy") -> Mapping[str, Any]:
    day = f"{now():%Y-%m-%d}"
    return {"name": name, "last_seen": day, "version": "1", "signatures_at": day, "state": state}


def _states(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.id: finding.state for finding in findings}
