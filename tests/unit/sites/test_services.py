"""Services at a site: tried, wrong, doubted, untried; never green by default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from piste.engine.finding import Finding
from piste.exports.portal.known import known
from piste.exports.portal.services import losses
from piste.papers.dossier.verification_record import Verdict
from piste.readings import findings as readings
from piste.readings.protection import kept as copies
from piste.readings.protection.copies import Copy, Reading, stamp
from piste.readings.table import SUBJECTS
from piste.sites.living.services import findings, services
from piste.town.model.dates import now
from piste.trials.probe.results import Probed, Probing, Result, write
from tests.support.services import served
from tests.support.twin import town

SITE = "ecole-jaures"
CAUSE = "le certificat de hdv-ag1.ad.lebourget.example a expiré"


@pytest.fixture(autouse=True)
def _probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path / "probes"))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))


def probe(
    verdict: Verdict,
    ago: timedelta = timedelta(0),
    application: str = "city-web",
    *,
    page: bool = True,
    segment: str = "utilisateurs",
) -> None:
    moment = (now() - ago).astimezone(UTC)
    said = {"id": f"service.{application}", "kind": "service", "title": "City Web", "expected": "s’ouvre",
            "observed": "certificat refusé", "verdict": verdict, "reason": CAUSE if verdict == "wrong" else "",
            "evidence": [{"step": "certificate", "page": page}]}  # fmt: skip
    ended = moment.isoformat(timespec="seconds")
    place = Probed(segment=segment, started=ended, ended=ended, results=[Result.model_validate(said)])
    write(
        Probing(id=f"{datetime.strftime(moment, '%Y%m%dT%H%M%SZ')}-000001", site=SITE, environment="lab",
                carrier="twin", operator="claire", commit="0" * 40, clean=True, declaration="abc", places=[place])
    )  # fmt: skip


def seen() -> dict[str, Verdict]:
    return {test.id_: test.verdict for test in services(served(), town().sites[SITE], "lab")}


def test_a_site_where_no_probe_was_is_untried_and_says_so() -> None:
    assert seen() == {"services": "untested"}
    assert [*findings(served(), "lab")] == []
    unknown = {finding.state for finding in findings(served(), "production")}
    assert unknown == {"unknown"}, "what nothing tried is never ok"


def test_what_was_tried_is_judged_and_the_rest_stays_untried() -> None:
    probe("conform")
    assert seen() == {"services": "conform", "untried.services": "untested"}


def test_a_service_that_fails_is_said_for_its_users_with_what_stands_behind() -> None:
    probe("wrong")
    assert seen()["services"] == "wrong"
    (finding,) = [each for each in findings(served(), "lab") if each.state == "wrong"]
    assert CAUSE in finding.what
    assert (finding.gravity, finding.todo[:26]) == ("critical", "renouvelez le certificat :")
    assert "machine hdv-ag1" in finding.evidence
    portal = known(served(), "lab", now().isoformat(), "", clean=True)
    (loss,) = losses(portal, [finding])
    assert (loss.effect, loss.service, loss.whom) == ("hit", "City Web", "Affaires Générales")


def test_the_line_of_status_counts_what_does_not_work() -> None:
    def line() -> tuple[str, str]:
        every = readings.summary(served(), "lab", readings.findings(served(), "lab", [SUBJECTS["services"]]))
        (line_,) = (finding for finding in every if finding.id == "services")
        return line_.state, line_.what

    probe("conform", application="glpi")
    probe("wrong", segment="administration")
    state, what = line()
    assert (state, what.startswith("1 à corriger")) == ("wrong", True), what


def test_a_trial_past_its_age_says_nothing_of_now() -> None:
    probe("conform", timedelta(hours=49))
    assert seen() == {"services": "unknown"}
    (finding,) = [each for each in findings(served(), "lab") if each.id == "services.city-web"]
    assert (finding.state, "trop ancien" in finding.what) == ("unknown", True)


def test_a_service_that_the_town_no_longer_has_is_left_out() -> None:
    probe("wrong", application="acte-etat-civil")
    assert "wrong" not in {finding.state for finding in findings(served(), "lab")}


def test_a_port_that_answers_is_not_said_to_work() -> None:
    probe("conform", page=False)
    (finding,) = [each for each in findings(served(), "lab") if each.id == "services.city-web"]
    assert "marche" not in finding.what
    (test,) = [test for test in services(served(), town().sites[SITE], "lab") if test.id_ == "services"]
    assert "au port seul" in test.observed


def test_a_place_whose_trial_is_too_old_leaves_no_green() -> None:
    probe("conform", timedelta(hours=49), segment="administration")
    probe("conform")
    assert seen()["services"] == "unknown"


def test_a_service_that_works_without_a_good_copy_of_its_machine_is_at_risk() -> None:
    def kept(*taken: Copy) -> None:
        commune = served().commune
        assert commune
        copies.keep("lab", [
            Reading(store=store["name"], read_at=stamp(now()), unknown=None,
                    copies=[copy for copy in taken if copy["store"] == store["name"]])
            for store in commune["protection"]["stores"]
        ])  # fmt: skip

    def city_web() -> Finding:
        return next(each for each in findings(served(), "lab") if each.id == "services.city-web")

    probe("conform")
    assert (city_web().state, "copies de hdv-ag1 : inconnues" in city_web().evidence) == ("ok", True)
    kept()
    assert (city_web().state, city_web().gravity) == ("wrong", "minor")
    assert "mais hdv-ag1 n’a aucune bonne copie" in city_web().what
    (loss,) = losses(known(served(), "lab", now().isoformat(), "", clean=True), [city_web()])
    assert (loss.effect, loss.service) == ("risk", "City Web")
    copy = Copy(set="hdv-ag1", store="prism", taken_at=stamp(now() - timedelta(minutes=5)), size_bytes=None, id="1",
                immutable_until=None, state="complete")  # fmt: skip
    kept(copy)
    assert (city_web().state, "dernière bonne copie de hdv-ag1" in city_web().evidence) == ("ok", True)
    kept({**copy, "taken_at": stamp(now() - timedelta(days=9))})
    assert "plus que son RPO" in city_web().what
