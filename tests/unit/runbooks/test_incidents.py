"""The runbooks of incidents: commands, roles, legal delays, the register, rehearsals."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import click
import jsonschema
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from piste.cli import main
from piste.commands.runbook import _INCIDENT
from piste.exports.bag import gaps
from piste.exports.bag.contents import Contents
from piste.exports.bag.documents import Documents
from piste.exports.runbooks import drills
from piste.exports.runbooks.incident_document import INCIDENTS, LINES, kind_of
from piste.exports.runbooks.incidents import doubted, doubts, response, roles, words, written
from piste.exports.runbooks.rehearsal import Ran, Shell
from piste.exports.runbooks.sources import Sources
from piste.papers.dossier.document import make, schemas
from piste.papers.dossier.forms import as_pdf
from piste.readings import store
from piste.readings.belief import Doubted, Reading
from piste.readings.table import SUBJECTS
from piste.town.model import Town
from piste.town.model.freshness import ages
from piste.town.model.incidents import DeclaredIncident, IncidentKind, Notice, derive_incidents, notice
from piste.town.model.incidents import IncidentRegister as Register
from tests.support.pdf_text import texts
from tests.support.town import declared_town
from tests.unit.docs.test_printed_commands import refusal
from tests.unit.runbooks.test_runbooks import ORIGIN

KINDS = [*written()["kinds"]]
NOW = datetime.fromisoformat("2026-11-14T12:00:00+01:00")
BREACH: Mapping[str, Any] = {"nature": ["confidentiality"], "risk": "risk", "persons": 300}


@pytest.fixture(scope="module")
def town() -> Town:
    return declared_town()


@pytest.fixture(autouse=True)
def _own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))


def typed(part: object) -> Iterator[str]:
    """Yield every command that the runbooks print."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from value if key in ("reads", "acts") else typed(value)
    elif isinstance(part, list):
        for value in part:
            yield from typed(value)


def texts_of(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for value in part.values() if isinstance(part, dict) else part:
            yield from texts_of(value)


def register(**given: Any) -> Any:
    entry = {"id": "INC-1", "title": "Envoi à un tiers", "kind": "data_breach", "gravity": "minor",
             "started": "2026-11-11T08:00:00+01:00", "known": "2026-11-12T09:10:00+01:00", **given}  # fmt: skip
    entries = [DeclaredIncident.model_validate(entry)]
    return derive_incidents(Register(since="2026-11-01", until="2026-11-30", entries=entries))


def judged(town: Town, **given: Any) -> dict[str, str]:
    commune: Any = {**(town.commune or {}), "incidents": register(**given)}
    every = drills.judged(replace(town, commune=commune), "production")
    return {made.id: made.state for made in every if made.id.startswith("crisis.breach")}


@pytest.mark.parametrize("line", sorted({*typed(dict(written()))}))
def test_every_command_exists_with_its_options(line: str) -> None:
    said = line.format_map(words("lab", month="2026-11"))
    program, _, rest = said.partition(" ")
    assert program in ("piste", "sha256sum"), line
    assert program != "piste" or refusal(rest) == "", line


@pytest.mark.parametrize("line", sorted({*typed(dict(written()))}))
def test_every_command_names_its_environment(line: str) -> None:
    command: click.Command | None = main
    for word in line.split()[1:]:
        context = click.Context(command) if command else None
        if not context or not isinstance(command, click.Group):
            break
        command = command.get_command(context, word.removesuffix("{on}")) or command
    asked = [option for option in command.params if option.name == "environment"] if command else []
    assert "{on}" in line or not any(option.default == "lab" for option in asked), "it would read the lab"


def test_kinds_words_roles_and_duties_are_those_of_the_tables() -> None:
    whole = written()
    assert [*_INCIDENT.choices] == KINDS
    assert {kind["register"] for kind in whole["kinds"].values()} == {*get_args(IncidentKind.__value__)} - {"other"}
    named = {word for text in texts_of(dict(whole)) for word in re.findall(r"\{(\w+)\}", text)}
    assert named <= words("lab").keys()
    assert all(duty["source"] and duty["who"] in whole["roles"] for duty in whole["duties"].values())
    assert {duty["hours"] for duty in whole["duties"].values() if "hours" in duty} == {72}
    assert {label for name in KINDS for label in roles(name)} == {*whole["roles"].values()}


@pytest.mark.parametrize("kind", INCIDENTS, ids=lambda kind: kind.name)
def test_a_paper_has_its_calls_its_first_hour_and_its_log_sheet(town: Town, kind: Any) -> None:
    made = make(kind, Sources(town, "lab"), ORIGIN)
    jsonschema.validate(json.loads(made.data), schemas((kind,))[kind.name])
    keys = [section.key for section in made.sections]
    assert keys[:2] == ["calls", "hour"]
    assert keys[-1] == "log"
    (log,) = made.sections[-1].blocks
    assert len(log.rows) == LINES  # type: ignore[union-attr]
    said = " ".join(texts_of(json.loads(made.data)["content"]))
    assert "{" not in said
    assert made.gaps.missing, "nobody is declared behind a role: it is a gap"


def test_a_call_list_has_those_that_its_kind_concerns_and_nobody_else(town: Town) -> None:
    sources, places = Sources(town, "lab"), {site["name"] for site in town.sites.values()}
    labels = {party["label"]: party["id"] for party in sources.commune["third_parties"]}

    def called(name: str, site: str | None = None) -> tuple[set[str], set[str]]:
        of = {call["of"] for call in response(sources, name, None, site)["calls"]}
        return {labels[each] for each in of & {*labels}}, of & places

    hosting, school = town.sites["hotel-de-ville"]["name"], town.sites["ecole-jaures"]["name"]
    assert called("rancongiciel") == (set(), set()), "the roles call the others"
    operators, linked = called("coupure-de-liaison")
    assert operators == {"ineo"}
    assert {school, hosting} <= linked
    assert called("coupure-de-liaison", "ecole-jaures") == ({"ineo"}, {school})
    assert called("panne-de-noeud") == ({"nutanix", "titulaire-sortant"}, {hosting})
    for name in KINDS:
        assert called(name, "ecole-jaures")[1] == {school}, "the site is called, whatever the kind"
    assert called("panne-d-annuaire") == ({"microsoft"}, linked)
    vendor = [call for call in response(sources, "panne-de-noeud")["calls"] if call["of"] == "Nutanix"]
    assert [(call["who"], call["phone"]) for call in vendor] == [("Assistance", None)], "a gap is printed as a gap"
    named = {party for kind in written()["kinds"].values() for party in kind.get("concerns", {}).get("parties", ())}
    assert named <= {*labels.values()}


def test_a_title_keeps_its_names() -> None:
    assert kind_of("machine-de-piste").title == "Procédure d’incident : la machine de Piste est perdue"


def test_the_log_sheet_is_a_page_of_its_own(town: Town) -> None:
    (kind,) = (each for each in INCIDENTS if each.name.endswith("rancongiciel"))
    pages = [page for page in texts(as_pdf(make(kind, Sources(town, "lab"), ORIGIN))) if "Visa" in page]
    assert len(pages) == 1
    assert "La main courante" in pages[0]
    assert "La sortie, puis les leçons" not in pages[0]


def test_an_incident_of_the_register_has_its_deadlines_and_what_is_known(town: Town) -> None:
    (entry,) = register(breach={**BREACH, "categories": ["agents"]})["entries"]
    made = response(Sources(town, "lab"), "violation-de-donnees", entry)
    due = {duty["to"].split(",")[0]: duty["due"] for duty in made["duties"]}
    assert due["CNIL"] == "2026-11-15T09:10:00+01:00"
    assert due["Les personnes concernées"] is None, "the law counts no hours: none is invented"
    asked = {field["label"]: field["value"] for field in made["notice"]}
    assert asked["Nombre approximatif de personnes"] == "300"
    assert asked["Nature : confidentialité, intégrité, disponibilité"] == "confidentialité"
    assert asked["Date et heure de la connaissance"] == "12/11/2026 à 09:10"
    assert asked["Conséquences probables pour les personnes"] is None
    hostile = {**entry, "title": "#panic() <b> *x*"}
    assert kind_of("violation-de-donnees", entry).name.endswith("-INC-1"), "it does not take the place of the blank"
    pages = "".join(texts_pdf(kind_of("violation-de-donnees", hostile), town))  # type: ignore[arg-type]
    assert "#panic() <b> *x*" in pages.replace("\N{NO-BREAK SPACE}", " ")


def texts_pdf(kind: Any, town: Town) -> list[str]:
    return texts(as_pdf(make(kind, Sources(town, "lab"), ORIGIN)))


@pytest.mark.parametrize(
    ("given", "state", "hours"),
    [
        ({}, "due", None), ({"cnil": "2026-11-15T09:10:00+01:00"}, "due", None),
        ({"cnil": "2026-11-13T09:10:00+01:00"}, "notified", 24),
        ({"why_not": "Chiffrées", "risk": "none"}, "unneeded", None),
    ],
)  # fmt: skip
def test_a_notice_is_judged_by_the_knowledge(given: dict[str, Any], state: str, hours: float | None) -> None:
    entry: Any
    (entry,) = register(breach={**BREACH, **given})["entries"]
    made = notice(entry, NOW)
    assert made
    assert (made.state, made.hours) == (state, hours)
    later = notice(entry, NOW + timedelta(days=2))
    assert later
    assert later.state == ("overdue" if not given else "notified" if "cnil" in given else state)
    assert notice({**entry, "known": None}, NOW) == (Notice("unneeded") if "why_not" in given else Notice("unknown"))
    assert notice({**entry, "breach": None}, NOW) is None


@pytest.mark.parametrize(
    "given",
    [
        {"known": "2026-11-10T08:00:00+01:00"}, {"complaint": "2026-11-12T08:00:00+01:00"}, {"breach": {"nature": []}},
        {"breach": {**BREACH, "cnil": "2026-11-12T08:00:00+01:00"}}, {"breach": {**BREACH, "persons": -1}},
        {"breach": {**BREACH, "cnil": "2026-11-13T08:00:00+01:00", "why_not": "x"}},
        {"breach": {**BREACH, "persons_informed": "2026-11-13T08:00:00+01:00", "persons_why_not": "x"}},
    ],
)  # fmt: skip
def test_a_register_that_contradicts_itself_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        register(**given)


def test_a_breach_is_a_finding_until_its_notice_or_its_reason(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drills, "now", lambda: NOW)
    sent = {**BREACH, "cnil": "2026-11-13T09:10:00+01:00"}
    assert judged(town, breach=None) == {"crisis.breach": "ok"}
    assert judged(town, breach=BREACH) == {"crisis.breach.INC-1": "wrong"}
    assert judged(town, breach=sent) == {"crisis.breach.INC-1": "ok"}
    assert judged(town, breach={**sent, "risk": "high"}) == {"crisis.breach.INC-1": "wrong"}
    later = {**sent, "risk": "high", "persons_informed": "2026-11-20T09:10:00+01:00"}
    assert judged(town, breach=later) == {"crisis.breach.INC-1": "wrong"}, "they are not informed yet"
    for risk, state in (("none", "ok"), ("risk", "wrong"), ("high", "wrong"), (None, "unknown")):
        given = {**BREACH, "risk": risk, "why_not": "Peu de monde", "persons_why_not": "Peu de monde"}
        assert judged(town, breach=given) == {"crisis.breach.INC-1": state}, "a reason does not lift a risk"
    assert judged(town, breach={**sent, "risk": None}) == {"crisis.breach.INC-1": "unknown"}
    assert judged(town, breach=BREACH, known=None) == {"crisis.breach.INC-1": "unknown"}
    monkeypatch.setattr(drills, "now", lambda: NOW + timedelta(days=60))
    assert judged(town, breach=None) == {"crisis.breach": "unknown"}, "nobody keeps the register any more"
    late = {**BREACH, "cnil": "2026-11-20T09:10:00+01:00"}
    assert judged(town, breach=late)["crisis.breach.INC-1"] == "wrong", "without the reasons of the delay"
    assert judged(town, breach={**late, "late": "Pont"})["crisis.breach.INC-1"] == "ok"


class Played(Shell):
    """A terminal of paper: a line that contains `stops` is not taken."""

    def __init__(self, stops: str = "nowhere", ends: Ran | None = None) -> None:
        super().__init__(Path("/"), {})
        self.stops, self.ends, self.lines = stops, ends or Ran(4, "refusé"), list[str]()

    def run(self, line: str) -> Ran:
        self.lines.append(line)
        return self.ends if self.stops in line else Ran(1, "✗ à corriger", stated=True)


def test_a_rehearsal_reads_alone_is_kept_and_grows_old(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drills.READ_ONLY["PISTE_READ_ONLY"] == "1"
    assert [*drills.findings(town, "lab")] == [], "a lab on which nothing was rehearsed says nothing"
    shell = Played()
    drill = drills.rehearse(town, "rancongiciel", shell, lambda step: None, clock=iter(range(99)).__next__)
    acts = [line.split("{")[0] for step in written()["kinds"]["rancongiciel"]["steps"] for line in step.get("acts", ())]
    assert acts
    assert not [line for line in shell.lines for act in acts if act.removeprefix("piste ") in line]
    assert not [line for line in shell.lines if "SITE" in line or "production" in line]
    assert {step["key"]: step["outcome"] for step in drill.steps} == {
        "see": "done", "cut": "by_hand", "copies": "done", "return": "done", "freeze": "done",
    }  # fmt: skip
    drills.keep(drill)
    states = {made.id: made.state for made in drills.findings(town, "lab")}
    assert (states["crisis.drill.rancongiciel"], states["crisis.drill.panne-de-noeud"]) == ("ok", "unknown")
    broken = drills.rehearse(town, "compte-compromis", Played("drift"), lambda step: None)
    drills.keep(broken)
    assert [step["command"] for step in broken.failed] == ["piste drift hotel-de-ville --environment lab"]
    last = store.last(SUBJECTS["crisis"], "production")
    assert isinstance(last["rancongiciel"], Reading), "a rehearsal of the lab is that of every environment"
    (said,) = [made for made in drills.findings(town, "production") if made.id == "crisis.drill.compte-compromis"]
    assert (said.state, "piste drift" in said.what) == ("wrong", True)
    monkeypatch.setattr(store, "now", lambda: datetime.fromisoformat(drill.made) + timedelta(days=400))
    assert isinstance(store.last(SUBJECTS["crisis"], "lab", ages(town))["rancongiciel"], Doubted)


def test_a_verb_that_breaks_is_no_verdict_of_it() -> None:
    def ran(program: str) -> Ran:
        return Shell(Path("/"), {}).run(shlex.join([sys.executable, "-c", program]))

    assert ran("print('✗ à corriger'); raise SystemExit(1)").stated
    assert not ran("print('✓'); raise RuntimeError").stated
    assert not ran("raise SystemExit('le fichier ne se lit pas')").stated


def test_a_rehearsal_says_what_broke_and_what_nothing_answered(town: Town) -> None:
    def said(shell: Shell) -> tuple[str, str]:
        drills.keep(drills.rehearse(town, "compte-compromis", shell, lambda step: None))
        return next((made.state, made.what) for made in drills.findings(town, "lab") if made.id.endswith("compromis"))

    assert said(Played("journal list", Ran(1, "Traceback")))[0] == "wrong"
    state, what = said(Played("journal list", Ran(3, "inconnu")))
    assert (state, "sans réponse de piste journal list" in what) == ("unknown", True), "the rest is not proven"
    assert "où rien n’a répondu" in said(Played("", Ran(3, "inconnu")))[1], "a lab that is off answers nothing"
    kept = drills._folder() / "compte-compromis"
    kept.rename(kept.with_name("panne-de-noeud"))
    states = {made.id: made.state for made in drills.findings(town, "lab")}
    assert states["crisis.drill.panne-de-noeud"] == "unknown", "it is the rehearsal of another"


def test_a_rehearsal_that_somebody_wrote_proves_nothing(town: Town) -> None:
    drill = drills.rehearse(town, "panne-de-noeud", Played(), lambda step: None)
    drills.keep(drill)
    (kept,) = drills._folder().rglob("result.json")
    kept.write_text(kept.read_text("utf-8").replace(drill.made[:10], "2099-01-01"), "utf-8")
    states = {made.id: made.state for made in drills.findings(town, "lab")}
    assert states["crisis.drill.panne-de-noeud"] == "unknown"


def test_the_roles_are_a_finding_that_names_those_without_a_telephone(town: Town) -> None:
    site = next(site for site in town.sites.values() if site["lifecycle"] == "open")
    contact = {"role": "DSI", "name": None, "mail": None, "phone": "01 02", "status": None}
    premises = {**site["premises"], "contacts": [contact]}
    sites: Any = {**town.sites, site["id"]: {**site, "premises": premises}}
    (made,) = (made for made in drills.judged(replace(town, sites=sites), "production") if made.id == "crisis.roles")
    assert (made.state, "5 sur 6 à renseigner" in made.what, "DSI" in made.what) == ("wrong", True, False)
    contacts = [{**contact, "role": role} for role in written()["roles"].values()]
    whole: Any = {**sites, site["id"]: {**site, "premises": {**premises, "contacts": contacts}}}
    assert "crisis.roles" in {
        made.id for made in drills.judged(replace(town, sites=whole), "lab") if made.state == "ok"
    }


def test_what_nobody_verified_says_who_is_to_and_is_counted_in_the_gaps(town: Town) -> None:
    listed = doubts()
    assert len(listed) == sum("doubt" in duty for duty in written()["duties"].values()) == 5
    by = ("DSI", "Direction générale", "Délégué à la protection des données")
    assert all(each.endswith(tuple(f"(à vérifier par : {role})" for role in by)) for each in listed)
    law = [duty for duty in written()["duties"].values() if "RGPD" in duty["source"]]
    assert [duty["doubt"]["who"] for duty in law] == ["dpo"] * 3, "public copies are not the official text"
    documents = Documents(made=5, unverified=(), joined=0, reading="")
    facts = gaps.Facts(clean=True, months=1, documents=documents, wheels=1, plan_age_days=0, review_months=12)
    assert "## Les notifications d’incident, à vérifier (5)" in gaps.page(Contents(Path()), facts)
    made = [response(Sources(town, "lab"), name) for name in KINDS]
    doubtful = [duty for duty in written()["duties"].values() if "doubt" in duty]
    assert all(doubted(duty) in repr(made) for duty in doubtful)
    assert "dix heures" in repr(made)
    assert "Microsoft Learn" in repr(made)


def test_the_verbs_list_say_and_refuse() -> None:
    said = CliRunner().invoke(main, ["runbook", "list"])
    assert (said.exit_code, all(f"piste runbook incident {name}" in said.output for name in KINDS)) == (0, True)
    said = CliRunner().invoke(main, ["runbook", "incident", "rancongiciel"])
    assert (said.exit_code, "$ piste findings --open" in said.output) == (0, True)
    said = CliRunner().invoke(main, ["runbook", "incident", "coupure-de-liaison", "--site", "ecole-jaure"])
    assert (said.exit_code, "vouliez-vous dire « ecole-jaures »" in said.output.lower()) == (1, True)
    said = CliRunner().invoke(main, ["runbook", "incident", "coupure-de-liaison", "--site", "ecole-jaures"])
    assert (said.exit_code, "$ piste verify ecole-jaures" in said.output) == (0, True)
    said = CliRunner().invoke(main, ["runbook", "incident", "rancongiciel", "--for", "x\x1b"])
    assert (said.exit_code, "n’est pas au registre" in said.output, "\x1b" in said.output) == (4, True, False)
    said = CliRunner().invoke(main, ["runbook", "rehearse"])
    assert (said.exit_code, "que répéter" in said.output) == (4, True)
