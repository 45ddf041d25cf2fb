"""F6, F7 and quotas by site, service and queue, computed by hand from every source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from piste.readings.computers.judge import measured
from piste.readings.computers.kept import NOTHING, Kept
from piste.sobriety.breakdown import Listing, Share
from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures import figures, lists
from piste.sobriety.imports import Imports
from piste.sobriety.printing.exports import Exported
from piste.sobriety.printing.lists import LocalPrinter, isolated
from piste.sobriety.printing.log import Hole, Month, PrintLog
from piste.sobriety.printing.parts import printing_breakdowns
from piste.sobriety.printing.printed import Printed, Released
from piste.sobriety.printing.quotas import Consumption, consumptions
from piste.sobriety.printing.sources import accounts
from piste.sobriety.readings import Readings
from piste.town.model import Town
from tests.support.computers import measure
from tests.unit.sobriety.small import CCAS, SCHOOL, TODAY, town

HDV = "hotel-de-ville"


def row(month: str, queue: str | None, pages: int, origin: str = "myq", site: str = SCHOOL, **more: Any) -> Printed:
    blank: dict[str, Any] = dict.fromkeys(("jobs", "duplex_jobs", "mono_jobs", "duplex_mono_jobs", "color_pages"))
    given = {"service": None, "pages_a4": pages, "pages_a3": 0, **blank, **more}
    return Printed(month=month, site=site, queue=queue, source=origin, origin=origin, **given)


def known(*rows: Printed, of: Town | None = None, log: PrintLog | None = None, **readings: Any) -> Known:
    imports = Imports(
        printing=[line for line in rows if line.origin == "printing"] or None,
        exported=Exported([line for line in rows if line.origin != "printing"]),
    )
    return Known(of or town(SCHOOL, CCAS), Readings(accounting=log, **readings), imports, TODAY)


def figure(of: Known, name: str) -> Figure:
    every = figures(of.town, of.readings, of.imports, of.today)
    return next(figure for figure in every if figure.id == name)


def shares(of: Known, name: str, by: str) -> dict[str, tuple[float | None, float | None, float | None, int]]:
    return {
        share.name: (share.numerator, share.denominator, None if share.value is None else round(share.value, 1),
                     share.unknown)
        for share in printing_breakdowns(of) if (share.figure, share.by) == (name, by)
    }  # fmt: skip


def listing(of: Known, key: str) -> Listing:
    return next(listing for listing in lists(of) if listing.key == key)


def log(**more: Any) -> PrintLog:
    begun = {"server": "hdv-imp1", "last": 9, "since": "2025-06-01", "through": "2026-11-26", **more}
    return PrintLog(**begun)


def month(name: str, queue: str, jobs: int, pages: int, mono: int = 0, color: int = 0) -> Month:
    return Month(month=name, queue=queue, jobs=jobs, pages=pages, copied=jobs, mono=mono, color=color)


def test_f6_compares_the_same_months_of_the_same_source() -> None:
    of = known(
        row("2025-09", "imp-jau-01", 1000), row("2026-09", "imp-jau-01", 800),
        row("2025-09", "imp-jau-02", 200), row("2026-09", "imp-jau-02", 100),
        # October is known this year by myQ and the year before by the town's own table: nothing compares them.
        row("2026-10", "imp-jau-01", 5), row("2025-10", "imp-jau-01", 999, "printing", jobs=0, duplex_mono_jobs=0),
        row("2025-09", "imp-ccas-01", 300, site=CCAS), row("2026-09", "imp-ccas-01", 360, site=CCAS),
    )  # fmt: skip
    f6 = figure(of, "F6")
    assert (f6.numerator, f6.denominator) == (800 + 100 + 360, 1000 + 200 + 300)
    assert round(f6.value or 0, 2) == -16.0
    assert shares(of, "F6", "site") == {CCAS: (360, 300, 20.0, 11), SCHOOL: (900, 1200, -25.0, 11)}
    assert shares(of, "F6", "queue") == {
        "imp-ccas-01": (360, 300, 20.0, 0), "imp-jau-01": (800, 1000, -20.0, 0), "imp-jau-02": (100, 200, -50.0, 0),
    }  # fmt: skip
    assert shares(of, "F6", "service") == {"CCAS": (360, 300, 20.0, 0), "Écoles": (900, 1200, -25.0, 0)}


def test_counters_compare_the_devices_that_both_years_have() -> None:
    of = known(
        row("2025-09", "imp-jau-01", 1000, "kyocera"), row("2026-09", "imp-jau-01", 800, "kyocera"),
        row("2026-09", "imp-jau-02", 500, "kyocera"),
    )  # fmt: skip
    assert (figure(of, "F6").numerator, figure(of, "F6").denominator) == (800, 1000)


def test_a_month_of_two_sources_counts_once_and_the_other_is_named() -> None:
    of = known(
        row("2026-10", "imp-jau-01", 700, "kyocera"), row("2026-10", "imp-jau-01", 650),
        row("2026-10", "imp-jau-01", 640, "printing", jobs=10, duplex_jobs=5, mono_jobs=6, duplex_mono_jobs=4),
    )  # fmt: skip
    every = accounts(of)
    assert [line.pages for line in every.chosen(SCHOOL, "2026-10")] == [650]
    assert list(every.aside()) == [
        (SCHOOL, "2026-10", "myq", "printing"), (SCHOOL, "2026-10", "myq", "kyocera")
    ]  # fmt: skip
    # F7 needs the sides of jobs, which the town's table alone has.
    assert (figure(of, "F7").numerator, figure(of, "F7").denominator) == (4, 10)
    commune: Any = of.town.commune
    printing = {**commune["print_accounting"], "priority": ["kyocera", "myq", "printing", "windows"]}
    reordered = replace(of.town, commune={**commune, "print_accounting": printing})
    first = accounts(replace(of, town=reordered)).chosen(SCHOOL, "2026-10")
    assert [line.pages for line in first] == [700]


def test_jobs_whose_sides_nobody_knows_are_unknown_and_not_failing() -> None:
    of = known(
        row("2026-10", "imp-jau-01", 90, jobs=40, duplex_jobs=30, mono_jobs=38, duplex_mono_jobs=30),
        log=log(months=[month("2026-10", "IMP-CCAS-01", 60, 200, mono=60)]),
    )
    f7 = figure(of, "F7")
    assert (f7.numerator, f7.denominator, f7.unknown, f7.failing) == (30, 100, [CCAS], [SCHOOL])
    assert "sans que les faces ou la couleur soient connues : ccas" in f7.why
    assert shares(of, "F7", "site") == {CCAS: (0, 60, None, 60), SCHOOL: (30, 40, 75.0, 0)}
    assert shares(of, "F7", "queue")["imp-ccas-01"] == (None, 60, None, 60)


def test_the_log_alone_gives_f6_and_leaves_f7_unknown() -> None:
    months = [
        *(month(name, "imp-jau-01", 10, pages) for name, pages in (("2025-10", 400), ("2026-10", 300))),
        month("2026-10", "", 3, 9),
    ]
    of = known(log=log(months=months))
    f6, f7 = figure(of, "F6"), figure(of, "F7")
    assert (f6.value, f6.denominator) == (-25.0, 400)
    assert "ne dit ni le papier, ni toujours les copies" in f6.why
    assert (f7.value, f7.denominator) == (None, 10)
    # A queue without a job printed nothing in a whole month.
    assert shares(of, "F6", "queue")["imp-jau-02"] == (0, 0, None, 0)


def test_a_month_with_a_hole_is_unknown() -> None:
    months = [month(name, "imp-jau-01", 10, 100) for name in ("2025-09", "2026-09", "2025-10", "2026-10")]
    hole = Hole(since="2026-10-03", until="2026-10-04", why="le journal a été vidé")
    of = known(log=log(months=months, holes=[hole]))
    assert {name for _, name in accounts(of).rows} == {"2025-09", "2026-09", "2025-10"}
    assert figure(of, "F6").denominator == 100


def used(of: Known) -> Mapping[str, Consumption]:
    return {consumption.service: consumption for consumption in consumptions(of)}


def test_a_quota_of_a_year_is_projected_on_known_months_alone() -> None:
    here = town(SCHOOL)  # one school of the town: its service has printers there alone
    rows = [row(f"2026-{name:02d}", "imp-jau-01", 20_000) for name in range(1, 11)]
    schools = used(known(*rows, of=here))["Écoles"]
    # 10 months × 20 000 pages: 200 000, 240 000 at the end of the year, 100 % of the quota.
    assert (schools.pages, schools.projected, schools.state) == (200_000, 240_000, "alert")
    partly = used(known(*rows[:-1], of=here))["Écoles"]
    assert (partly.pages, partly.counted, partly.months, partly.projected) == (180_000, 9, 10, None)
    assert partly.state == "unknown"
    over = used(known(*(row(f"2026-{name:02d}", "imp-jau-01", 60_000) for name in range(1, 6)), of=here))["Écoles"]
    assert (over.pages, over.state) == (300_000, "over")


def test_a_quota_of_a_month_is_projected_by_the_log_of_the_month_under_way() -> None:
    here = town(HDV)
    # 25 whole days of November, 4 600 pages: 5 520 at its end, 92 % of 6 000.
    of = known(of=here, log=log(months=[month("2026-11", "imp-hdv-04", 90, 4_600)]))
    used_here = used(of)["Communication"]
    assert (used_here.period, used_here.pages, used_here.projected, used_here.state) == ("2026-11", 4600, 5520, "alert")
    last = used(known(row("2026-10", "imp-hdv-04", 3_000, site=HDV), of=here))["Communication"]
    assert (last.period, last.pages, last.state) == ("2026-10", 3000, "ok")
    whole = used(known(row("2026-10", None, 30_000, "printing", site=HDV), of=here))["Communication"]
    assert (whole.counted, whole.state) == (0, "unknown")
    (line,) = [line for line in listing(of, "printing_quotas").rows if line[0] == "Communication"]
    assert line == ("Communication", "2026-11", 6000, 4600, 5520, "dépassement prévu")


def test_a_queue_is_idle_only_where_the_log_missed_no_day() -> None:
    recent = {"imp-jau-01": "2026-11-20", "imp-jau-02": "2026-03-01", "imp-jau-03": "2026-11-01"}
    rows = listing(known(of=town(SCHOOL), log=log(used=recent)), "printing_idle").rows
    assert [(line[0], line[3], line[4], line[5]) for line in rows] == [
        ("imp-jau-02", "2026-03-01", 270, "demander au service, puis retirer la file")
    ]
    hole = Hole(since="2026-10-03", until="2026-10-04", why="le journal a été vidé")
    (line,) = listing(known(of=town(SCHOOL), log=log(used=recent, holes=[hole])), "printing_idle").rows
    assert line[5] == "inconnu : le journal n’a pas tous ces jours"
    assert listing(known(of=town(SCHOOL)), "printing_idle").rows == []


def test_orphan_queues_say_what_they_lack() -> None:
    live = {
        "imp-jau-01": {"duplexing": "long_edge", "color": False, "shared": True},
        "imp-jau-02": {"shared": True},
        "HP LaserJet 4000": {"duplexing": "one_sided", "shared": True},
        "Microsoft Print to PDF": {"shared": False},
    }
    rows = listing(known(of=town(SCHOOL), queues=live), "printing_orphans").rows
    assert [(line[0], line[2]) for line in rows] == [
        ("imp-jau-03", "déclarée, absente du serveur"),
        ("HP LaserJet 4000", "partagée, déclarée par personne"),
        ("imp-jau-02", "son pilote ne dit pas ses réglages"),
    ]


def test_a_local_printer_has_the_copier_of_its_site_and_a_bounded_gain() -> None:
    printers = [
        LocalPrinter("PC-JAU-001", SCHOOL, "Écoles", "HP LaserJet P1102", False),
        LocalPrinter("PC-CIM-001", "cimetiere", "État civil", None, None),
    ]
    rows = isolated(known(of=town(SCHOOL, "cimetiere")), printers).rows
    assert rows == [
        ("PC-CIM-001", "cimetiere", "État civil", None, "aucun copieur sur le site", 50, 71, 92),
        ("PC-JAU-001", SCHOOL, "Écoles", "HP LaserJet P1102", "imp-jau-01", 50, 71, 92),
    ]


def test_copiers_are_compared_with_the_population_of_their_site() -> None:
    sites = (SCHOOL, CCAS, HDV)
    rows = [
        row("2026-10", "imp-jau-01", 1000), row("2026-10", "imp-ccas-01", 900, site=CCAS),
        *(row("2026-10", f"imp-hdv-0{rank}", 4000, site=HDV) for rank in range(1, 6)),
    ]  # fmt: skip
    table = {line[0]: line for line in listing(known(*rows, of=town(*sites)), "printing_copiers").rows}
    # The median is 1 000 pages a copier and month: the town hall is at four times that.
    assert [table[site][1:4:2] for site in sites] == [(1, 1000), (1, 900), (5, 4000)]
    assert [table[site][5] for site in sites] == ["", "", "un copieur de plus, ou une imprimante de moins"]
    assert table[HDV][4] == table[HDV][2] / 5  # type: ignore[operator]


@pytest.mark.parametrize("by", ["site", "service", "queue"])
def test_parts_add_up_to_the_town(by: str) -> None:
    counts: Sequence[int] = range(7, 13)
    rows = [
        row(f"{year}-{name:02d}", queue, pages * (year - 2020), site=site)
        for year in (2025, 2026) for name in range(1, 11)
        for pages, (queue, site) in zip(
            counts, [("imp-jau-01", SCHOOL), ("imp-jau-02", SCHOOL), ("imp-ccas-01", CCAS)], strict=False
        )
    ]  # fmt: skip
    of = known(*rows)
    some: list[Share] = [share for share in printing_breakdowns(of) if (share.figure, share.by) == ("F6", by)]
    assert sum(share.numerator or 0 for share in some) == figure(of, "F6").numerator
    assert sum(share.denominator or 0 for share in some) == figure(of, "F6").denominator


def test_the_release_says_its_queues_its_jobs_and_the_pages_saved() -> None:
    here = town(HDV)
    of = known(of=here)
    bare = figure(of, "F7.release")
    assert (bare.numerator, bare.denominator, len(bare.failing)) == (3, 9, 6)
    assert "leur part est inconnue" in bare.why
    rows = [
        Released("2026-10", "imp-hdv-01", 90, 10, 60), Released("2026-10", "imp-hdv-02", 30, 0, 0),
        Released("2026-09", "imp-hdv-01", 1, 1, 1), Released("2026-10", "imp-hdv-04", 5, 5, 5),
    ]  # fmt: skip
    imports = replace(of.imports, exported=Exported(released=rows))
    counted = figure(replace(of, imports=imports), "F7.release")
    assert counted.why == "en 2026-10, 120 travaux sortis sur 130, 60 pages jamais réclamées, donc non imprimées"
    partly = replace(of.imports, exported=Exported(released=[Released("2026-10", "imp-hdv-01", None, 10, None)]))
    assert figure(replace(of, imports=partly), "F7.release").why == (
        "en 2026-10, part des travaux sortis inconnue, pages jamais réclamées inconnues"
    )


def test_local_printers_are_those_that_computers_report_by_their_port() -> None:
    usb = {"port": "usb", "driver": "HP LaserJet P1102", "shared": False}
    other = {"port": "network", "driver": "KX", "shared": None}
    reports = [measure("PC-CCAS-001", printers=[usb, other]), measure("PC-CCAS-002", printers=None)]
    here = town(CCAS)
    judged = measured(here, Kept(None, {entry.report.computer: entry for entry in reports}), TODAY)
    listed = listing(known(of=here, computers=judged), "printing_isolated")
    assert [line[:5] for line in listed.rows] == [("pc-ccas-001", CCAS, "CCAS", "HP LaserJet P1102", "imp-ccas-01")]
    # A computer whose printers could not be read is as silent as those that were never measured.
    assert listed.todo.endswith(f"Postes qui ne disent rien : {len(judged.in_service) - 1}.")
    nobody = measured(here, NOTHING, TODAY)
    assert listing(known(of=here, computers=nobody), "printing_isolated").todo.startswith("Inconnu : aucun poste")
