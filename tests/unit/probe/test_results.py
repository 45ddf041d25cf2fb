"""Results of a probe: kept by place, given to a PV with their age, never believed beyond it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.readings.belief import Reading, Unread
from piste.readings.findings import ages_of
from piste.sites.constat import Constat
from piste.sites.living import packets
from piste.town import declared
from piste.trials.probe import results
from piste.trials.probe.results import Probed, Probing, Result

NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)


def result(kind: str, verdict: Any, **more: Any) -> Result:
    base = {"id": kind, "kind": kind, "title": kind, "expected": "attendu", "observed": "vu", "verdict": verdict}
    return Result.model_validate({**base, **more})


def probed(segment: str, *some: Result, when: datetime = NOW) -> Probed:
    moment = when.isoformat(timespec="seconds")
    return Probed(segment=segment, started=moment, ended=moment, results=list(some))


def keep(number: int, *places: Probed, carrier: Any = "ssh", environment: str = "lab") -> Path:
    return results.write(
        Probing(
            id=f"20261127T19000{number}Z-00000{number}",
            site="ecole-jaures",
            environment=environment,
            carrier=carrier,
            operator="claire",
            commit="0" * 40,
            clean=True,
            declaration="abc",
            places=list(places),
        )
    )


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path))


def test_the_last_result_of_each_place_counts() -> None:
    keep(1, probed("utilisateurs", result("link", "wrong")), probed("invites", result("link", "wrong")))
    keep(2, probed("utilisateurs", result("link", "conform")))
    latest = {last.place.name: last.place.results[0].verdict for last in results.latest("lab", "ecole-jaures")}
    assert latest == {"utilisateurs": "conform", "invites": "wrong"}


def test_a_twin_proves_nothing_of_a_real_site() -> None:
    keep(1, probed("utilisateurs", result("link", "conform")), carrier="twin")
    keep(2, probed("utilisateurs", result("link", "conform")), carrier="twin", environment="production")
    assert len(results.latest("lab", "ecole-jaures")) == 1
    assert results.latest("production", "ecole-jaures") == []


@pytest.mark.parametrize("text", ["", "{}", "null", "\xff"])
def test_a_file_that_does_not_read_gives_nothing(text: str) -> None:
    path = keep(1, probed("utilisateurs", result("link", "conform")))
    path.with_name("20261127T190002Z-000002.json").write_text(text, "latin-1")
    assert len(results.latest("lab", "ecole-jaures")) == 1


@pytest.mark.parametrize("before", [True, False], ids=["with a former", "alone"])
def test_a_newest_file_that_does_not_read_is_unknown_and_says_so(before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The former is never believed in its place; an older spoilt file takes nothing away."""
    monkeypatch.setenv("PISTE_TODAY", "2026-11-28")
    path = keep(2, probed("utilisateurs", result("link", "conform")))
    path.with_name("20261127T190003Z-000003.json").write_text("{", "utf-8")
    if not before:
        path.unlink()
    made = declared.derived("lab")
    (test,) = packets.packets(made, made.sites["ecole-jaures"], "lab")
    assert test.verdict == "unknown"
    assert "20261127T190003Z-000003.json ne se lit pas" in test.reason
    every = [*packets.findings(made, "lab")]
    assert {finding.state for finding in every} == {"unknown"}
    assert "probes.ecole-jaures" in {finding.id for finding in every}
    keep(4, probed("utilisateurs", result("link", "conform")))
    (test,) = packets.packets(made, made.sites["ecole-jaures"], "lab")
    assert test.verdict == "conform"
    assert {finding.state for finding in packets.findings(made, "lab")} == {"ok"}


def test_an_impossible_date_in_a_name_is_unknown_at_its_site_alone_until_the_next_probe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-11-28")
    path = keep(2, probed("utilisateurs", result("link", "conform")))
    spoilt = path.with_name("20261301T000000Z-abcdef.json")
    spoilt.write_text("{", "utf-8")
    moment = NOW + timedelta(seconds=3)
    os.utime(spoilt, (moment.timestamp(),) * 2)
    other = path.parents[1] / "ccas" / path.name
    other.parent.mkdir()
    shutil.copy(path, other)
    assert [*results.kept("lab")] == ["ccas/utilisateurs", "ecole-jaures/utilisateurs", "ecole-jaures/"]
    assert isinstance(results.kept("lab")["ccas/utilisateurs"], Reading)
    doubt = results.kept("lab")["ecole-jaures/utilisateurs"]
    assert isinstance(doubt, Unread)
    assert (doubt.read_at, spoilt.name in doubt.why) == (moment, True)
    assert len(results.latest("lab", "ecole-jaures")) == 1
    keep(4, probed("utilisateurs", result("link", "conform")))
    assert isinstance(results.kept("lab")["ecole-jaures/utilisateurs"], Reading)


@pytest.mark.parametrize("ended", ["", "hier", "2026-13-01T00:00:00+00:00", "2026-11-27T19:00:00"])
def test_a_result_of_no_moment_is_doubted_at_its_site_alone(ended: str) -> None:
    path = keep(2, probed("utilisateurs", result("link", "conform")))
    other = path.parents[1] / "ccas" / path.name
    other.parent.mkdir()
    shutil.copy(path, other)
    written = json.loads(path.read_text("utf-8"))
    written["places"][0]["ended"] = ended
    path.write_text(json.dumps(written), "utf-8")
    kept = results.kept("lab")
    assert [*kept] == ["ccas/utilisateurs", "ecole-jaures/"]
    assert [type(outcome) for outcome in kept.values()] == [Reading, Unread]


def test_the_doctor_counts_no_probe_of_a_closed_site_or_of_a_place_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(1, probed("utilisateurs", result("link", "conform")), probed("ailleurs", result("link", "conform")))
    monkeypatch.setenv("PISTE_TODAY", "2027-11-28")
    made = declared.derived("lab")
    ages = {finding.id: finding for finding in ages_of(made, "lab")}
    assert "utilisateurs" in ages["readings.probes"].what
    assert "ailleurs" not in ages["readings.probes"].what
    site = {**made.sites["ecole-jaures"], "lifecycle": "closed"}
    closed = replace(made, sites={**made.sites, "ecole-jaures": site})  # type: ignore[dict-item]
    assert "readings.probes" not in {finding.id for finding in ages_of(closed, "lab")}


def of_pv(*places: Probed, **doubts: str) -> list[dict[str, Any]]:
    keep(1, *places)
    return list(results.pv_tests(results.latest("lab", "ecole-jaures"), doubts))


def test_a_kind_is_as_good_as_its_gravest_trial() -> None:
    some = [result("name", "conform"), result("name", "unknown"), result("name", "wrong", title="Nom a")]
    (test,) = of_pv(probed("utilisateurs", *some))
    assert (test["verdict"], test["id_"]) == ("wrong", "probe.utilisateurs.name")
    assert test["observed"].startswith("Nom a : vu, sonde du 27/11/2026 à 20:00 (claire)")


def test_an_old_result_is_unknown() -> None:
    (test,) = of_pv(probed("utilisateurs", result("link", "conform")), utilisateurs="lu en août")
    assert (test["verdict"], test["reason"]) == ("unknown", "lu en août")


@pytest.mark.parametrize(
    ("day", "verdict"), [("2026-12-27", "conform"), ("2026-12-28", "unknown"), ("2026-11-20", "unknown")]
)
def test_a_result_is_believed_for_a_time_in_a_pv_and_in_findings(
    day: str, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(1, probed("utilisateurs", result("link", "conform")), probed("ailleurs", result("link", "wrong")))
    monkeypatch.setenv("PISTE_TODAY", day)
    made = declared.derived("lab")
    (test,) = packets.packets(made, made.sites["ecole-jaures"], "lab")
    assert test.verdict == verdict
    (finding,) = packets.findings(made, "lab")
    assert (finding.id, finding.site) == ("probes.ecole-jaures/utilisateurs", "ecole-jaures")
    assert finding.state == ("ok" if verdict == "conform" else "unknown")
    assert ("piste probe" in finding.todo) == (verdict != "conform")


def test_a_pv_takes_each_test() -> None:
    constat = Constat()
    some = [result(kind, "untested", reason="sans compte") for kind in results.KINDS]
    for test in of_pv(probed("utilisateurs", *some), Probed.model_validate(
        {**probed("invites", result("lease", "conform")).model_dump(), "ssid": "VLB-Invités & co"})):  # fmt: skip
        constat.add(**test)
    assert len(constat.tests) == len(results.KINDS) + 1
    assert all(test.evidence and test.requirements for test in constat.tests)
