"""The page of what is watched: by the kept readings, its counts alone for the town."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import html

from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience
from piste.exports.portal.write import contents
from piste.papers.dossier.verification_record import Test
from piste.readings.links import kept as links
from piste.readings.links.declared import town_links
from piste.readings.links.period import bounds
from piste.sites.living.kept import Host, Kept, Part, Problem
from piste.systems.zabbix.coverage import covered
from piste.systems.zabbix.link_measures import Measure
from tests.support.dossier import verification
from tests.support.portal import few, known, record, rendered

NOW = datetime.fromisoformat("2026-11-28T05:00:00+00:00")
PATH, HALL = "supervision.html", "hotel-de-ville"


def words(facts: Known, audience: Audience = "engineer", path: str = PATH) -> str:
    page = html.fromstring(rendered(facts, audience, path)[path].decode())
    return " ".join(" ".join(page.xpath("//body//text()")).split())


def names() -> list[str]:
    return [row.name for row in covered(few().owners.values(), {"read_at": NOW.isoformat(), "hosts": {}})]


def problem(id_: str, severity: int = 3) -> Problem:
    return Problem(id=id_, name="Ne répond plus", severity=severity, since=NOW.isoformat(), acknowledged=id_ == "2")


PROBLEMS = {"sw-jau-02": [problem("1"), problem("2", 4)], "proxy": [problem("3", 0)]}


def watched(*missing: str) -> Kept:
    """A reading where all that is declared is watched, less some."""
    host = Host(enabled=True, items=[{"key": "icmpping", "delay": "1m", "last": NOW.timestamp() - 30}])
    hosts = {name: host for name in names() if name not in missing}
    return Kept(hosts=Part(read_at=NOW, values=hosts), problems=Part(read_at=NOW, values=PROBLEMS))


def asked() -> int:
    """Count what Zabbix can ask: an application whose address is to confirm is not watched."""
    reading = {"read_at": NOW.isoformat(), "hosts": watched()["hosts"]["values"]}
    return sum(row.state == "watched" for row in covered(few().owners.values(), reading))


def month(up: int) -> links.Readings:
    pings = bounds("2026-10").seconds // 60
    measure = Measure(
        interval=60.0, pings=pings, up=up * pings // 100, doubtful=0, latency_sum=4.0, latency_count=1000,
        loss_sum=0.0, loss_count=pings, raw=0, p95=None,
    )  # fmt: skip
    measures = {link["name"]: measure for link in town_links(few())}
    return links.Readings(
        month="2026-10", measured_at="2026-11-01T05:00:00+00:00", measures=measures, traffic_at="", traffic={}
    )


def tried(**changes: Any) -> Test:
    (name, *_) = (ups["name"] for ups in few().sites[HALL]["premises"]["ups"])
    return Test(
        id=f"ups.{name}", domain="Onduleurs", title=name, expected="sur secteur", observed="sur batterie",
        **{"verdict": "wrong", **changes},
    )  # fmt: skip


def test_what_was_never_read_is_unknown_and_the_gaps_say_what_reads_it() -> None:
    page, gaps = words(known()), words(known(), path="lacunes.html")
    assert "jamais été relevé : inconnu" in page
    assert "Éléments surveillés ? inconnu" in page
    assert "Aucun mois n’a été relevé : inconnu." in page
    assert f"jamais essayé : piste verify {HALL}" in page
    for todo in ("piste living read", "piste links", f"piste verify {HALL}"):
        assert todo in gaps


def test_the_share_of_what_is_watched_names_what_is_not() -> None:
    count, most = len(names()), asked()
    assert 0 < most < count
    page = words(known(living=watched("sw-jau-02")))
    assert f"✗ {most - 1} sur {count}" in page
    assert "sw-jau-02" in page.partition("Ce qui n’est pas surveillé")[2].partition("Problèmes en cours")[0]
    assert "✗ n’est pas dans Zabbix" in page
    assert "application-" not in page
    assert "Relevés dans Zabbix le 28/11/2026 à 06:00" in page
    rows = page.partition("Problèmes en cours")[2].partition("Relevés dans Zabbix")[2]
    assert rows.index("✗ Ne répond plus haut 28/11/2026 à 06:00 oui") < rows.index("✗ Ne répond plus moyen")
    assert f"✗ {most} sur {count}" in words(known(living=watched()))


def test_no_problem_of_no_host_is_unknown() -> None:
    """Zabbix gives an empty list to an account without rights: nothing says that all is well."""
    none = Part[dict[str, list[Problem]]](read_at=NOW, values={})
    for living in (Kept(problems=none), Kept(problems=none, hosts=Part[dict[str, Host]](read_at=NOW, values={}))):
        facts = known(living=living)
        assert "Zabbix n’a montré aucun hôte" in words(facts).partition("Problèmes en cours")[2]
        assert "Aucun problème" not in words(facts)
        for audience in ("engineer", "town"):
            assert "Problèmes en cours ? inconnu" in words(facts, audience)
            assert "problèmes en cours inconnu" in words(facts, audience, "index.html")
    assert "Problèmes en cours 0, relevés" in words(known(living=watched() | Kept(problems=none)))


def test_the_last_word_of_piste_to_the_supervision_is_that_of_the_journal() -> None:
    assert "où il en est : aucune au journal de ce poste." in words(known())
    pushed = record(tasks=[{"host": "commune", "module": "zabbix_push", "operations": []}], outcome="unknown")
    assert "où il en est : 27/11/2026 à 06:00, sans réponse." in words(known(runs=[record(), pushed]))


def test_a_month_of_links_is_shown_against_its_objective() -> None:
    assert "Octobre 2026, mesures relevées le 01/11/2026" in words(known(links=[month(100)]))
    assert "non atteint" not in words(known(links=[month(100)])).partition("Octobre 2026")[2]
    assert "non atteint" in words(known(links=[month(50)])).partition("Octobre 2026")[2]


def test_a_supply_is_as_its_last_verification_saw_it() -> None:
    page = words(known(verifications={HALL: verification(tests=[tried()])}))
    assert "✗ non conforme sur batterie 24/11/2026" in page


def test_the_town_has_the_counts_and_no_name_of_equipment() -> None:
    facts = known(living=watched("sw-jau-02"), links=[month(50)], verifications={HALL: verification(tests=[tried()])})
    page = words(facts, "town")
    assert f"{asked() - 1} sur {len(names())}" in page
    assert "Problèmes en cours 3" in page
    assert "non atteint" in page
    assert [name for name in names() if len(name) > 4 and name in page] == []
    assert "ondul" in page.lower()
    assert PATH not in dict(contents(facts, "public"))
