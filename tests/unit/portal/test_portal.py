"""The portal: what each audience sees, states, links, hostile names, a folder that it owns."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from piste.engine.converge.errors import Misused
from piste.exports.portal.known import Known
from piste.exports.portal.page import AUDIENCES, Audience
from piste.exports.portal.states import judged
from piste.exports.portal.write import MANIFEST, NotWritten, contents, write
from piste.sites.status import SiteState
from piste.sites.things import things
from tests.support.dossier import SCHOOL
from tests.support.kept_readings import figure, reading
from tests.support.portal import HOSTILE, SITES, few, known, passage, record
from tests.support.sobriety_years import readings

ADDRESS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", re.IGNORECASE)
NAMED = ("switch", "access_point", "server", "segment", "ssid", "vm", "rule", "gpo", "ups", "rack", "queue", "account")


@cache
def whole(audience: Audience) -> dict[str, bytes]:
    """Render an edition of the town once."""
    return dict(contents(known(), audience))


def edition(audience: Audience, facts: Known | None = None) -> dict[str, str]:
    made = dict(contents(facts, audience)) if facts else whole(audience)
    return {name: content.decode() for name, content in made.items() if name.endswith(".html")}


def words(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def tiles(page: str) -> dict[str, str]:
    """The tiles of a page: the value of each by its label."""
    every = html.fromstring(page).xpath('//dl[@class="tiles"]/div')
    return {tile.findtext("dt"): " ".join(tile.find("dd").text_content().split()) for tile in every}


@pytest.fixture(scope="module")
def public() -> dict[str, str]:
    return edition("public")


@pytest.fixture(scope="module")
def engineer() -> dict[str, str]:
    return edition("engineer")


def test_everybody_sees_services_hours_sobriety_and_accessibility_alone(public: dict[str, str]) -> None:
    assert set(public) == {"index.html", "sobriete.html", "accessibilite.html", "mentions.html"}
    shown = words(public["index.html"])
    assert "École Jean Jaurès" in shown
    assert "convergé" not in shown
    assert "0123456789ab" not in shown


def test_the_script_of_the_search_is_where_the_search_is() -> None:
    assert {audience: "recherche.js" in whole(audience) for audience in AUDIENCES} == {
        "public": False, "town": True, "engineer": True,
    }  # fmt: skip


def test_everybody_sees_what_is_measured_and_what_is_estimated() -> None:
    of = [figure("F1", 62.0, title="Postes en veille"), figure("F22.kwh_ap", 70.0, title="Borne", method="estimated"),
          figure("F8", None, title="Plan", why="non lu")]  # fmt: skip
    page = html.fromstring(edition("public", known(sobriety=reading("2026-11-28", of)))["sobriete.html"])
    rows = [
        dict(zip(table.xpath(".//thead//th/text()"), [cell.text_content() for cell in row], strict=True))
        for table in page.iter("table") for row in table.xpath("./tbody/tr")
    ]  # fmt: skip
    said = [(row["Indicateur"], row["Nature"]) for row in rows]
    assert [line for line in said if line[0] in ("Postes en veille", "Borne", "Plan")] == [
        ("Postes en veille", "mesuré"), ("Plan", "—"), ("Borne", "estimé"),
    ]  # fmt: skip


def test_nothing_of_the_network_nor_of_a_person_reaches_everybody(public: dict[str, str]) -> None:
    shown = " ".join(words(page) for page in public.values())
    assert not ADDRESS.search(shown)
    names = {thing.name for thing in things(few()) if thing.kind in NAMED and len(thing.name) > 4}
    people = {
        str(contact[key])
        for site in few().sites.values()
        for contact in site["premises"]["contacts"]
        for key in ("name", "mail", "phone")
        if contact[key]
    }
    assert [name for name in sorted(names | people | {"cdiallo", "Mme Diallo"}) if name in shown] == []


def test_the_town_sees_no_address_no_flow_no_account_of_an_administrator() -> None:
    pages = edition("town")
    assert not {"flux.html", "journal.html", "certificats.html", "lacunes.html"} & set(pages)
    shown = " ".join(words(page) for page in pages.values())
    assert not ADDRESS.search(shown)
    assert "cdiallo" not in shown
    assert "QZZZ" not in shown
    assert "✓ convergé" in shown
    assert "Responsable du site" in shown
    assert "responsable-jau@lebourget.example" not in shown


def test_engineers_see_the_network_the_runs_and_what_is_unknown(engineer: dict[str, str]) -> None:
    school = words(engineer[f"sites/{SCHOOL}.html"])
    assert "10.93.41.254" in school
    assert "port de commutateur sw-jau-02/8" in school
    assert "✗ en écart" in school
    assert "le fichier ne se lit pas" in words(engineer["index.html"])
    assert "cdiallo" in words(engineer["journal.html"])


def test_a_place_of_a_page_has_an_id_of_its_own(engineer: dict[str, str]) -> None:
    for name, page in engineer.items():
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)), name


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_link_leads_to_a_page_of_the_edition(audience: Audience) -> None:
    pages = edition(audience)
    dead = []
    for name, page in pages.items():
        for target in html.fromstring(page).xpath("//a/@href | //form/@action"):
            path, _, anchor = str(target).partition("#")
            if ":" in path:
                continue
            goal = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if goal not in pages or (anchor and not html.fromstring(pages[goal]).xpath(f'//*[@id="{anchor}"]')):
                dead.append((name, target))
    assert dead == []


@pytest.mark.parametrize(
    ("drift", "last", "verdict"),
    [
        (passage("ok"), None, "converged"),
        (passage("changes", 3), None, "drifted"),
        (passage("unknown"), None, "unknown"),
        (passage("killed"), None, "unknown"),
        (None, None, "unknown"),
        (None, passage("ok"), "converged"),
        (None, passage("error"), "unknown"),
        (passage("changes", 3), passage("ok", ended="2026-11-28T05:00:00+00:00"), "converged"),
        (passage("changes", 3), passage("changes", 3, "2026-11-28T05:00:00+00:00"), "unknown"),
        (passage("ok"), passage("changes", 3, "2026-11-28T05:00:00+00:00"), "converged"),
        (passage("ok", ended="2026-11-28T05:00:00+00:00"), passage("error"), "converged"),
    ],
)
def test_a_site_is_converged_only_where_the_last_word_says_so(drift: Any, last: Any, verdict: str) -> None:
    facts = known(states={SCHOOL: SiteState(SCHOOL, last, drift)})
    assert judged(facts, SCHOOL).verdict == verdict


def hostile() -> Known:
    """The town whose names, wherever people write them, are attacks."""
    town = few()
    sites = deepcopy(town.sites)
    for site in sites.values():
        site["name"] = site["category_label"] = site["postal_address"] = HOSTILE
        for contact in site["premises"]["contacts"]:
            contact["role"] = HOSTILE
        for asset in site["assets"]:
            asset["assigned_to"] = HOSTILE
        for segment in site["segments"].values():
            segment["label"] = HOSTILE
        for ssid in site["ssids"]:
            ssid["name"] = HOSTILE
    return known(town=replace(town, sites=sites, name=HOSTILE), unread={"journal": HOSTILE})


def test_a_hostile_name_stays_text() -> None:
    for name, page in edition("engineer", hostile()).items():
        scripts = html.fromstring(page).xpath("//script/@src")
        assert [str(script).removeprefix("../") for script in scripts] == (
            ["recherche.js"] if name == "recherche.html" else []
        )
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page or name in ("sobriete.html",)
        assert page.rstrip().endswith("</html>")
        assert html.fromstring(page).xpath("//*[@onerror or @onload or @onclick]") == []


def test_no_page_lets_a_text_move_its_links_or_its_forms(public: dict[str, str], engineer: dict[str, str]) -> None:
    for page in [text for pages in (public, engineer) for name, text in pages.items() if name.endswith(".html")]:
        assert "default-src 'none'" in page
        assert "base-uri 'none'" in page
        assert "<base" not in page


def test_a_name_turns_no_text_around_and_hides_nothing() -> None:
    town, name = few(), f"\u202eégart\0n \u200b漢字{'x' * 5000}"
    sites = {key: {**site, "name": name, "category_label": name} for key, site in town.sites.items()}
    for page in edition("town", known(town=replace(town, sites=sites, name=name))).values():  # type: ignore[arg-type]
        assert re.findall("[\u202e\0\u200b]", page) == []
        assert "\N{REPLACEMENT CHARACTER}égart" in page


def test_the_same_town_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "import hashlib; from piste.exports.portal.write import contents; from tests.support.portal import known;"
        "print(hashlib.sha256(repr(sorted(contents(known(), 'engineer'))).encode()).hexdigest())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True,
        check=True, cwd=Path(__file__).parents[3],
    ).stdout  # fmt: skip
    here = sha256(repr(sorted(whole("engineer").items())).encode()).hexdigest()
    assert said.strip() == here


def test_a_portal_written_again_changes_nothing_and_takes_away_what_is_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "portail"
    write(folder, whole("engineer").items())
    first = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST}
    write(folder, whole("engineer").items())
    assert {path: path.stat().st_mtime_ns for path in first} == first
    write(folder, whole("public").items())
    assert not (folder / "flux.html").exists()
    assert not (folder / f"sites/{SCHOOL}.html").exists()
    assert sorted(path.name for path in folder.rglob("*.html")) == [
        "accessibilite.html", "index.html", "mentions.html", "sobriete.html",
    ]  # fmt: skip


def test_a_folder_of_others_is_refused_and_a_forged_list_takes_nothing_away(tmp_path: Path) -> None:
    folder = tmp_path / "portail"
    folder.mkdir()
    (folder / "notes.txt").write_text("à moi")
    with pytest.raises(Misused, match="n’est pas vide"):
        write(folder, whole("public").items())
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt"]
    outside = tmp_path / "dehors.html"
    outside.write_text("à moi")
    (folder / MANIFEST).write_text(json.dumps(["../dehors.html", str(outside), 7, "."]))
    write(folder, whole("public").items())
    assert outside.read_text() == "à moi"
    assert (folder / "notes.txt").read_text() == "à moi"


NARROW = [("index.html", b"public")]
WIDE = [("index.html", b"exploitant"), ("flux.html", b"10.93.41.254"), ("sites/ecole.html", b"sw-jau-02")]


def test_no_link_of_the_folder_takes_a_page_elsewhere(tmp_path: Path) -> None:
    folder, outside = tmp_path / "portail", tmp_path / "dehors"
    outside.mkdir()
    write(folder, NARROW)
    (folder / "sites").symlink_to(outside)
    with pytest.raises(Misused, match="est un lien"):
        write(folder, WIDE)
    assert ([*outside.iterdir()], (folder / "index.html").read_bytes()) == ([], b"public")
    (folder / "sites").unlink()
    (outside / "notes.txt").write_text("à moi")
    (folder / ".index.html.new").symlink_to(outside / "notes.txt")
    write(folder, WIDE)
    assert (outside / "notes.txt").read_text() == "à moi"
    assert not (folder / "index.html").is_symlink()


def test_the_number_of_an_altered_record_names_no_page(tmp_path: Path) -> None:
    folder = tmp_path / "portail"
    forged = [record(id=id_) for id_ in ("../../outside", "../index", "/etc/x")]
    write(folder, contents(known(runs=[*forged, record()]), "engineer"))
    assert [path.name for path in (folder / "executions").iterdir()] == ["20261127T050000Z-0a1b2c.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["portail"]
    with pytest.raises(Misused):
        write(folder, [("executions/../../outside.html", b"")])
    assert (folder / "index.html").exists()


def test_a_draft_of_an_interrupted_run_does_not_stay_in_a_narrower_edition(tmp_path: Path) -> None:
    write(tmp_path, WIDE)
    (tmp_path / ".flux.html.new").write_text("10.93.41.254")
    write(tmp_path, NARROW)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [MANIFEST, "index.html"]


def test_a_narrower_edition_leaves_no_folder_that_names_a_site(tmp_path: Path) -> None:
    write(tmp_path, [*WIDE, ("documents/ecole/fiche-site.pdf", b"10.93.41.254"), ("documents/ville/carte.pdf", b"")])
    (tmp_path / "documents/ville/notes.txt").write_text("à moi")
    write(tmp_path, NARROW)
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == [
        MANIFEST, "documents", "documents/ville", "documents/ville/notes.txt", "index.html",
    ]  # fmt: skip


def full(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk fill up at the nth file that takes the place of another."""
    replace, left = os.replace, [number]

    def refused(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device", str(source))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)


@pytest.mark.parametrize("number", range(4))
def test_a_portal_that_a_full_disk_stopped_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as filled:
        full(number, filled)
        with pytest.raises(NotWritten, match="No space left"):
            write(tmp_path, WIDE)
    write(tmp_path, NARROW)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [MANIFEST, "index.html"]


def test_a_folder_that_is_not_to_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("à moi")
    write(tmp_path / "portail", WIDE)
    (tmp_path / "portail/flux.html").unlink()
    (tmp_path / "portail/flux.html").mkdir()
    for folder in (tmp_path / "fichier/portail", Path("/proc/portail"), tmp_path / "portail"):
        with pytest.raises(NotWritten, match=r"le portail ne s’écrit pas\..*relancez"):
            write(folder, WIDE)


def test_two_runs_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from piste.exports.portal.write import write;"
        "[write(Path(sys.argv[1]), [(f'{n}.html', str(sys.argv[2:]).encode() * 5000) for n in range(20)])"
        " for _ in range(8)]"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], cwd=Path(__file__).parents[3])
        for name in "ab"
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert len({path.read_bytes() for path in tmp_path.glob("*.html")}) == 1


@pytest.mark.parametrize("forged", ['["sites"]', '["a\\u0000b.html"]', "[" * 100_000, "[" * 1000 + "]" * 1000])
def test_a_forged_list_is_no_traceback(tmp_path: Path, forged: str) -> None:
    write(tmp_path, WIDE)
    (tmp_path / MANIFEST).write_text(forged)
    if forged.startswith("[["):
        with pytest.raises(Misused, match="n’est pas vide"):
            write(tmp_path, NARROW)
    else:
        assert write(tmp_path, NARROW)


@pytest.mark.parametrize("audience", ["public", "town"])
def test_figures_reach_everybody_without_their_sources_nor_the_names_they_count(audience: Audience) -> None:
    reading = readings(2)[-1]
    named = [
        replace(figure, source="de Mme Durand", failing=["PC-JAU-001"], unknown=["sw-jau-02"], why="10.93.41.9")
        for figure in reading.figures
    ]
    facts = known(sobriety=replace(reading, figures=named))
    shown = " ".join(words(page) for page in edition(audience, facts).values())
    assert ("au moins 90 % (à confirmer)" in shown.replace("\N{NO-BREAK SPACE}", " ")) == (audience == "town")
    assert not re.search(r"Durand|PC-JAU-001|sw-jau-02|10\.93\.41\.9", shown)
    # The rest of a figure that nobody computed is a sign of doubt, never of success.
    unread = known(sobriety=replace(reading, figures=[replace(figure, value=None) for figure in named]))
    assert "✓" not in words(edition("public", unread)["sobriete.html"])


def test_sites_without_any_reading_are_unknown_and_no_page_is_empty() -> None:
    bare = edition("engineer", known(states={}, verifications={}, findings=(), runs=(), unread={}))
    for site in SITES:
        assert "? inconnu" in words(bare[f"sites/{site}.html"])
    assert "Le journal de ce poste est vide." in words(bare["journal.html"])
    assert tiles(bare["index.html"])["sites inconnus"] == "3"
