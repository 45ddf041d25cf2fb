"""The runbooks: their order, commands that exist, proofs, documents; the exercise."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.exports.runbooks.calls import ROLES, calls
from piste.exports.runbooks.continuity import continuity
from piste.exports.runbooks.document import KINDS
from piste.exports.runbooks.order import applications
from piste.exports.runbooks.recovery import beginning, recovery
from piste.exports.runbooks.rehearsal import REPORT, Exercise, Ran, Rehearsal, Rehearsed, Shell, late
from piste.exports.runbooks.single import of_application, of_site
from piste.exports.runbooks.sources import Sources
from piste.exports.runbooks.step import Places, Runbook, StepRun
from piste.papers.dossier.document import Origin, make, schemas
from piste.papers.dossier.forms import as_page, as_pdf
from piste.readings.protection.copies import Copy, Reading
from piste.systems.kinds import DOMAINS
from piste.town.model import Town
from piste.town.model.wording import Missing
from piste.trials.restore.results import RestoreResult
from tests.support.pdf_text import texts
from tests.unit.docs.test_printed_commands import refusal
from tests.unit.repository.tree import ROOT

ORIGIN = Origin("lab", "2026-11-28T02:00:00+01:00", "c" * 40, True, "d" * 64, {})
PLANS: tuple[Callable[[Sources], Runbook], ...] = (
    recovery, continuity, partial(of_site, name="ecole-jaures"), partial(of_application, name="city-web"),
)  # fmt: skip


def lines(plan: Runbook) -> list[str]:
    return [each["line"] for step in plan["steps"] for each in step["commands"]]


@pytest.mark.parametrize("environment", ["lab", "production"])
@pytest.mark.parametrize("plan", PLANS)
def test_every_command_that_a_plan_prints_exists(town: Town, plan: Any, environment: str) -> None:
    printed = lines(plan(Sources(town, environment)))
    assert printed
    for line in printed:
        words = shlex.split(line)
        if "piste.cli" in words:
            assert refusal(shlex.join(words[words.index("piste.cli") + 1 :])) == "", line
        elif words[0].endswith("ansible-playbook"):
            assert (ROOT / words[1]).is_file(), line
            assert all((ROOT / place).is_dir() for place in words if place.startswith("inventories/")), line
        else:
            usual = ("cd", "export", "openssl", "sha256sum", "git", "python3", ".venv/bin/python", "diff")
            assert words[0] in usual, line


@pytest.mark.parametrize("plan", PLANS)
def test_a_step_comes_after_what_it_needs(sources: Sources, plan: Any) -> None:
    before: set[str] = set()
    for step in plan(sources)["steps"]:
        assert set(step["needs"]) <= before, step["key"]
        assert step["key"] not in before
        before.add(step["key"])
        assert step["expected"]
        assert step["who"]
        assert step["on_failure"]


def test_the_list_of_calls_is_of_declared_contacts(sources: Sources) -> None:
    listed = calls(sources)
    phones = [call["phone"] for call in listed[len(ROLES) :]]
    known = [phone for phone in phones if phone]
    assert known
    assert phones == [*known, *[None] * (len(phones) - len(known))]
    declared = {contact["phone"] for party in sources.commune["third_parties"] if party["interface"]
                for contact in party["interface"]["contacts"] if contact["phone"]}  # fmt: skip
    assert set(known) >= declared


def test_every_domain_is_replayed_once_the_network_first(sources: Sources) -> None:
    replayed = re.findall(r"replay_(\w+)\.yml", "\n".join(lines(recovery(sources))))
    assert sorted(replayed) == sorted(DOMAINS)
    order = ["network", "routing", "firewall", "hosting", "directory", "names", "addressing", "access", "supervision"]
    assert [domain for domain in replayed if domain in order] == order


def test_every_machine_comes_back_once_from_a_store_that_outlives_the_cluster(sources: Sources) -> None:
    items = [item for step in recovery(sources)["steps"] for item in step["items"]]
    names = [item["name"] for item in items]
    assert len(names) == len(set(names))
    assert {entry["name"] for entry in sources.sets("machine", "share", "directory", "microsoft365")} <= set(names)
    carried = {store["name"] for store in sources.commune["protection"]["stores"] if store["carrier"]}
    assert carried
    assert not [item for item in items if carried & set(item["stores"]) or not item["stores"]]


def test_an_application_comes_after_what_it_needs_the_shortest_rto_first(town: Town) -> None:
    assert town.commune
    ordered = applications(Sources(town, "lab"))
    known = [entry.application["id"] for entry in ordered]
    rto = [min(host["rto_hours"] or 999 for host in entry.application["hosts"]) for entry in ordered]
    assert rto == sorted(rto)
    assert len(set(rto)) > 1
    quick, last = known[0], known[-1]
    changed = [
        {**entry, "needs": [last] if entry["id"] == quick else [quick] if entry["id"] == last else entry["needs"]}
        for entry in town.commune["applications"]
    ]
    circle = Sources(with_commune(town, applications=changed), "lab")
    assert [entry.application["id"] for entry in applications(circle)][:2] == [last, quick]


def test_the_way_to_an_application_goes_through_those_that_it_needs_and_shares_machines_with(town: Town) -> None:
    assert town.commune
    changed = [
        {**entry, "needs": ["micro-sesame"] if entry["id"] == "neos" else entry["needs"]}
        for entry in town.commune["applications"]
    ]
    listed = recovery(Sources(with_commune(town, applications=changed), "lab"))["steps"]
    needs = {step["key"]: step["needs"] for step in listed}
    assert "application-micro-sesame" in needs["application-neos"]
    back: dict[str, str] = {}
    shared = 0
    for step in listed:
        machines = {item["name"] for item in step["items"] if item["name"].startswith("hdv-")}
        already = next((line for line in step["what"] if line.startswith("Déjà revenues : ")), "")
        for name in already.removeprefix("Déjà revenues : ").rstrip(".").split(", ") if already else ():
            shared += 1
            assert back[name] in step["needs"]
        back |= dict.fromkeys(machines, step["key"])
    assert shared


def with_commune(town: Town, **changed: Any) -> Any:
    assert town.commune
    return replace(town, commune={**town.commune, **changed})


def test_a_town_that_declares_little_has_its_plans(town: Town) -> None:
    little = with_commune(
        town, applications=[], hosting=None, access=None, firewall_engine=None, restore_tests=[],
        protection={"stores": [], "families": [], "sets": []}, nexus={"switches": []},
        dns={"servers": [], "forwarders": []}, dhcp={**(town.commune or {})["dhcp"], "servers": []},  # type: ignore[typeddict-item]
    )  # fmt: skip
    for plan in PLANS[:3]:
        assert len(plan(Sources(little, "lab"))["steps"]) > 4


def result(test: str, ended: str, rehearsal: str, outcome: str = "proven") -> RestoreResult:
    method = {"nps": "nps", "smc": "procedure"}[test]
    return RestoreResult.model_construct(test=test, method=method, set=None, ended=ended, rehearsal=rehearsal,
                                         outcome=outcome, rto_seconds=600.0)  # fmt: skip


def test_a_step_says_its_last_proof_and_never_takes_a_rehearsal_for_one(town: Town) -> None:
    results = [
        result("nps", "2026-10-01T08:00:00+00:00", ""),
        result("nps", "2026-11-01T08:00:00+00:00", "au laboratoire"),
        result("nps", "2026-11-20T08:00:00+00:00", "", "failed"),
        result("smc", "2026-11-02T08:00:00+00:00", "au laboratoire"),
    ]
    sources = Sources(town, "lab", results=results)
    steps = {step["key"]: step for step in recovery(sources)["steps"]}
    (nps,), (smc,) = steps["access"]["proofs"], steps["firewall"]["proofs"]
    assert (nps["proven_on"], nps["rehearsed_on"]) == ("2026-10-01T08:00:00+00:00", "2026-11-01T08:00:00+00:00")
    assert (smc["proven_on"], smc["rehearsed_on"]) == (None, "2026-11-02T08:00:00+00:00")
    printed = make(KINDS[0], sources, ORIGIN)
    blocks: list[Any] = [block for section in printed.sections for block in section.blocks]
    (order,) = [block for block in blocks if getattr(block, "key", "") == "steps"]
    proofs = {row.key: row.cells[6].text for row in order.rows}
    assert (proofs["access"], proofs["firewall"], proofs["bag"]) == ("01/10/2026", "jamais prouvé", "—")
    assert proofs["network"] == "jamais prouvé", "no test is declared for this step"


def test_a_step_has_its_title_on_the_page_of_its_facts(sources: Sources) -> None:
    pages = texts(as_pdf(make(KINDS[0], sources, ORIGIN)))
    # The last page cites a step by its title, then its line.
    title = re.compile(r"^\d+\. [^.\n]+$(?!\nligne)", re.MULTILINE)
    titles = [(at, match.end()) for at, page in enumerate(pages) for match in title.finditer(page)]
    parted = [pages[at][end:][:60] for at, end in titles if "Résultat attendu" not in pages[at][end:]]
    assert len(titles) >= 20
    assert parted == []


def test_the_last_whole_copy_is_that_of_a_store_that_is_left(town: Town) -> None:
    def copy(store: str, moment: str, state: str = "complete") -> Copy:
        return Copy(set="partages", store=store, taken_at=moment, size_bytes=None, id="a", immutable_until=None,
                    state=state)  # type: ignore[typeddict-item]  # fmt: skip

    def reading(*copies: Copy) -> Reading:
        return Reading(store=copies[0]["store"], read_at="2026-11-28T02:00:00Z", copies=[*copies], unknown=None)

    copies = {
        "prism": reading(copy("prism", "2026-11-28T01:00:00Z")),
        "sauvegarde": reading(
            copy("sauvegarde", "2026-11-27T01:00:00Z"), copy("sauvegarde", "2026-11-28T00:00:00Z", "failed")
        ),
    }
    steps = {step["key"]: step for step in recovery(Sources(town, "lab", copies))["steps"]}
    last = {item["name"]: item["last_copy"] for item in steps["files"]["items"]}
    assert last["partages"] == "2026-11-27T01:00:00Z"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_document_has_the_commands_exactly_and_fits_its_schema(sources: Sources, kind: Any) -> None:
    made = make(kind, sources, ORIGIN)
    data = json.loads(made.data)
    jsonschema.validate(data, schemas((kind,))[kind.name])
    printed = [
        row.cells[1].text for section in made.sections for block in section.blocks
        if getattr(block, "key", "") == "commands" for row in block.rows  # type: ignore[union-attr]
    ]  # fmt: skip
    assert printed == lines(data["content"])
    lacking = sum("à renseigner" in line for each in data["content"]["steps"] for line in each["what"])
    lacking += sum(call["phone"] is None for call in data["content"]["calls"])
    lacking += sum("(à renseigner)" in line for each in data["content"]["steps"] for line in each["on_failure"])
    assert len(made.gaps.missing) == lacking > 0, "what a step lacks is counted: the plan is not complete"
    assert made.gaps.to_confirm, "a set that is an example is not printed as certain"
    assert "Complet :" not in as_page(made)


def test_a_supply_whose_runtime_nobody_confirmed_is_said_to_be_so(town: Town) -> None:
    site = next(site for site in town.sites.values() if site["premises"]["ups"])
    (ups, *_) = site["premises"]["ups"]

    def said(**changes: Any) -> str:
        premises = {**site["premises"], "ups": [{**ups, **changes}]}
        sites: Any = {site["id"]: {**site, "premises": premises}}
        steps = {step["key"]: step for step in continuity(Sources(replace(town, sites=sites), "lab"))["steps"]}
        return steps["power"]["what"][0]

    assert f"{ups['name']} ({site['name']}, 20 min, à confirmer)" in said(runtime_minutes=20, status="to_confirm")
    assert f"{ups['name']} ({site['name']}, 20 min)" in said(runtime_minutes=20, status="validated")
    assert "autonomie à renseigner)" in said(runtime_minutes=None, status="to_confirm")


def test_the_plan_of_a_site_has_its_own_failures_and_all_that_it_shares(sources: Sources) -> None:
    whole = continuity(sources)
    sites = sources.town.sites
    site = next(site for site in sites.values() if site["premises"]["links"] and not site["premises"]["ups"])
    plan = continuity(sources, site["id"])
    shared = [step for step in whole["steps"] if step["key"] not in ("power", "links")]
    assert [step for step in plan["steps"] if step["key"] != "links"] == shared, "its supplies are not those of others"
    [links] = [step for step in plan["steps"] if step["key"] == "links"]
    assert links["what"][0].startswith(f"{len({link['name'] for link in site['premises']['links']})} liaison")
    assert plan["purpose"][0].startswith(f"Ce plan est celui du site « {site['name']} »")
    others = {other["name"] for other in sites.values()} - {site["name"]}
    assert {call["of"] for call in whole["calls"]} & others
    assert plan["calls"] == [call for call in whole["calls"] if call["of"] not in others]
    with pytest.raises(Missing, match="n’est pas un site de la Ville"):
        continuity(sources, "nulle-part")
    said = CliRunner().invoke(main, ["runbook", "pca", "--site", site["id"]])
    assert (said.exit_code, links["what"][0] in said.output) == (0, True)


class Played(Shell):
    """A terminal of paper: the first line that contains `stops` fails."""

    def __init__(self, plan: Runbook, stops: str = "nowhere") -> None:
        super().__init__(Path("/"), {})
        self.plan, self.stops, self.lines = plan, stops, list[str]()

    def run(self, line: str) -> Ran:
        self.lines.append(line)
        return Ran(2, "muet") if self.stops in line else Ran(0, "")

    def read(self, line: str) -> bytes:
        assert refusal(shlex.join(shlex.split(line)[3:])) == ""
        return json.dumps(self.plan).encode()


def exercise(plan: Runbook, stops: str = "nowhere") -> tuple[Exercise, list[str], list[StepRun]]:
    shell, steps, ticks = Played(plan, stops), list[StepRun](), iter(range(10_000))
    made = Rehearsal(Places(), shell, tell=steps.append, clock=lambda: float(next(ticks))).run("e" * 64)
    return made, shell.lines, steps


def test_the_exercise_runs_the_commands_that_the_document_prints(sources: Sources) -> None:
    made, said, steps = exercise(recovery(sources))
    assert said == lines(recovery(sources))
    assert (made["outcome"], made["rehearsal"], [step["key"] for step in steps]) == (
        "done", True, [step["key"] for step in recovery(sources)["steps"]],
    )  # fmt: skip
    assert {step["outcome"] for step in steps if step["key"].startswith("application-")} == {"by_hand"}
    assert all(step["seconds"] == 1.0 for step in steps if step["outcome"] == "done")


def test_what_follows_a_step_that_failed_is_not_reached(sources: Sources) -> None:
    made, said, steps = exercise(recovery(sources), "replay_hosting")
    outcomes = {step["key"]: step["outcome"] for step in steps}
    assert (made["outcome"], outcomes["firewall"], outcomes["hosting"]) == ("failed", "done", "failed")
    assert (outcomes["directory"], outcomes["proof"]) == ("not_reached", "not_reached")
    assert "replay_directory" not in "\n".join(said)
    made, said, steps = exercise(recovery(sources), "sha256sum --quiet -c manifest")
    assert "git clone" not in "\n".join(said)
    assert [step["outcome"] for step in steps][1:] == ["failed", "not_reached", "not_reached"]
    document = make(REPORT, Rehearsed(made, "Ville", "exercice"), ORIGIN)
    assert document.sections[0].title.startswith("RÉPÉTITION")
    assert "failure" in {section.key for section in document.sections}


def test_the_plan_of_another_environment_is_not_run(sources: Sources) -> None:
    for plan in (recovery(Sources(sources.town, "production")), continuity(sources), {**recovery(sources), "steps": 1}):
        with pytest.raises(Exception, match=r"plan de reprise du laboratoire|steps : La valeur n’est pas une liste"):
            exercise(plan)  # type: ignore[arg-type]


def test_a_step_that_ends_after_its_rto_is_said(sources: Sources) -> None:
    made, *_ = exercise(recovery(sources))
    assert late(made) == []
    way = {step["key"]: step for step in recovery(sources)["steps"]}
    spent = {step["key"]: step["way_seconds"] for step in made["steps"]}
    before = max(spent[need] for need in way["hosting"]["needs"])
    assert spent["hosting"] == before + 1.0 > 1.0, "the way to a step is that of what it needs, and its own"
    over = [{**step, "way_seconds": 4 * 3600 + 1.0} for step in made["steps"] if step["key"] == "hosting"]
    slow: Any = {**made, "steps": over}
    assert late(slow) == [way["hosting"]["title"]]
    document = make(REPORT, Rehearsed(slow, "Ville", "exercice"), ORIGIN)
    assert late(slow)[0] in next(f for f in document.sections[0].blocks[0].facts if f.key == "late").cell.text  # type: ignore[union-attr]


def test_a_terminal_runs_words_and_no_shell(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"})
    assert shell.run("cd absent").code == 1
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"})
    (tmp_path / "a b; touch c").mkdir()
    assert shell.run("cd 'a b; touch c'").code == 0
    assert shell.run("export NOM='x; touch d'").code == 0
    assert shell.run("printenv NOM").said == "x; touch d"
    assert shell.run("absent-de-tout").code == 127
    assert [path.name for path in tmp_path.rglob("*")] == ["a b; touch c"]


def test_the_first_steps_need_no_declaration() -> None:
    page = (ROOT / "docs/reversibilite.md").read_text("utf-8")
    checked = [each["line"] for step in beginning("lab", Places()) for each in step["commands"]
               if each["line"].startswith(("python3 -c", "sha256sum", "git clone", "openssl", "export"))]  # fmt: skip
    assert [line for line in checked if f"$ {line}\n" not in page] == []
    assert [step["key"] for step in beginning("lab", Places())] == ["decision", "bag", "workstation", "vault"]


def test_the_verbs_say_the_plans_and_refuse_a_folder_that_is_there(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["runbook", "pra"])
    assert (said.exit_code, "$ .venv/bin/ansible-playbook playbooks/replay_network.yml" in said.output) == (0, True)
    said = CliRunner().invoke(main, ["runbook", "pca", "--format", "json"])
    assert json.loads(said.output)["plan"] == "pca"
    (tmp_path / "depot").mkdir()
    (tmp_path / "ancre.pub").touch()
    given = ["--bag", str(tmp_path), "--key", str(tmp_path / "ancre.pub"), "--work", str(tmp_path / "depot")]
    refused = CliRunner().invoke(main, ["runbook", "rehearse", *given])
    assert (refused.exit_code, "existe déjà" in refused.output) == (4, True)
    given[-1] = str(tmp_path / "neuf")
    refused = CliRunner().invoke(main, ["runbook", "rehearse", *given])
    assert (refused.exit_code, "n’est pas un sac" in refused.output) == (4, True)
