"""Output and refusals of the verbs of a plan, all before any run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from piste.commands.output import EXIT
from piste.runs.plans import hosts, saved
from piste.runs.plans.play import Played, Trouble
from piste.town import declared
from piste.town.model import Fault, load
from tests.unit.plans.passes import Runs, alone, piste
from tests.unit.plans.plans import operation, plan
from tests.unit.repository.tree import ROOT


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone(tmp_path, monkeypatch)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    made = Runs(monkeypatch)
    yield made
    assert made.results == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ecole-jaurès", "Vouliez-vous dire « ecole-jaures » ?"),
        ("ecoles", "Vouliez-vous dire « ecole » ?"),
        ("zzz", "Connus : "),
    ],
)
def test_an_unknown_target_suggests_a_known_one(target: str, said: str) -> None:
    result = piste("plan", target)
    assert result.exit_code == EXIT["error"]
    assert f"« {target} » n’est ni un site, ni une catégorie, ni la ville (commune). {said}" in result.output


def test_a_site_that_is_declared_wrong_is_not_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    town = load(ROOT / "inventories" / "town")
    del town.sites["piscine"]
    town.faults.append(Fault("PISTE-M001", "piscine", "h.yml", 14, "Le fichier n’est pas du YAML valide", "…", "error"))
    monkeypatch.setattr(declared, "derivation", lambda inputs: town)
    result = piste("plan", "piscine")
    assert result.exit_code == EXIT["refused"]
    assert "PISTE-M001 Le fichier n’est pas du YAML valide (h.yml:14)" in result.output
    assert "n’est ni un site" not in result.output


# applying


def applied(made: dict[str, Any], *options: str, answer: str | None = None) -> Result:
    saved.write(made)
    return piste("apply", made["id"], *options, answer=answer)


def test_apply_verifies_the_plan_then_does_it(runs: Runs) -> None:
    made = plan(operation("a"), operation("b"))
    done = Played(operations=made["operations"], calls={"reads": 3, "writes": 2})
    runs.results = [Played(operations=made["operations"]), done]
    result = applied(made, "--yes")
    assert result.exit_code == 0
    assert runs.asked == [("playbooks/site.yml", True), ("playbooks/site.yml", False)]
    assert "2 opérations appliquées sur 2, 3 lectures, 2 écritures." in result.output


@pytest.mark.parametrize("answer", ["non\n", "\n", "n\n", "peut-être\n"])
def test_without_a_yes_nothing_is_written(answer: str, runs: Runs) -> None:
    result = applied(plan(operation()), answer=answer)
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])
    assert "Appliquer à 1 site : ~ 1 à modifier ?" in result.output
    assert "Rien n’a été écrit." in result.output


def test_the_end_of_the_input_is_not_a_yes(runs: Runs) -> None:
    result = applied(plan(operation()), answer="")
    assert (result.exit_code, runs.asked) == (EXIT["error"], [])
    assert "Abandonné." in result.output


@pytest.mark.parametrize("answer", ["oui\n", "o\n", " OUI \n"])
def test_yes_is_said_in_french(answer: str, runs: Runs) -> None:
    made = plan(operation())
    runs.results = [Played(operations=made["operations"])] * 2
    assert applied(made, answer=answer).exit_code == 0


MOVED = Played(operations=[operation("a", notes="autre")])
WRONG = Trouble("ecole-jaures", "t", "error", "PISTE-E020 n’existe pas")


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (MOVED, "network a : n’était pas prévu ainsi"),
        (Played(), "network a : n’est plus à faire ainsi"),
        (Played(operations=[operation("a"), operation("b")]), "network b : n’était pas prévu ainsi"),
        (Played(operations=[operation("a")], troubles=[WRONG]), "PISTE-E020 n’existe pas"),
    ],
)
def test_a_world_that_moved_is_refused_and_no_second_pass_runs(now: Played, named: str, runs: Runs) -> None:
    runs.results = [now]
    result = applied(plan(operation("a")), "--yes")
    assert (result.exit_code, [check for _, check in runs.asked]) == (EXIT["refused"], [True])
    assert "la situation a changé depuis le plan, rien n’a été écrit" in result.output
    assert named in result.output


def test_a_silent_system_is_not_a_world_that_moved(runs: Runs) -> None:
    runs.results = [Played(troubles=[Trouble("ecole-jaures", "t", "unknown", "pas de réponse")])]
    result = applied(plan(operation("a")), "--yes")
    assert (result.exit_code, [check for _, check in runs.asked]) == (EXIT["unknown"], [True])
    assert "Rien n’a été écrit. Reprenez le même plan quand le système répond." in result.output


def test_no_name_that_a_system_gives_commands_the_terminal(runs: Runs) -> None:
    trouble = Trouble("ecole-jaures", "t", "error", "nom \x1b]0;x\x07 inconnu")
    runs.results = [Played(operations=[operation("a\x1b[2J")], troubles=[trouble])]
    said = applied(plan(operation("b")), "--yes").output
    assert "network a�[2J : n’était pas prévu ainsi" in said
    assert "nom �]0;x� inconnu" in said
    assert "\x1b" not in said


SITE, UNDO = ("playbooks/site.yml", True), ("playbooks/undo.yml", True)


def test_an_application_that_stopped_is_taken_up_again_once_what_it_did_is_seen(runs: Runs) -> None:
    made = plan(operation("a"), operation("b"))
    stopped = Played(operations=[operation("a")], troubles=[Trouble("ecole-jaures", "t", "unknown", "coupé")])
    runs.results = [Played(operations=made["operations"]), stopped]
    assert applied(made, "--yes").exit_code == EXIT["unknown"]
    runs.asked.clear()
    runs.results = [Played(operations=[operation("b")]), Played(), Played(operations=[operation("b")])]
    assert applied(made, "--yes").exit_code == 0
    assert runs.asked == [SITE, UNDO, ("playbooks/site.yml", False)]
    path = runs.orders[-2].extra["piste_undo"]
    assert json.loads(Path(path).read_text("utf-8"))["ecole-jaures"]["returned"] == {
        "meraki_networks": {"config": [{"name": "a", "notes": "après"}], "absent": []}
    }
    runs.results = [Played(), Played()]
    again = applied(made, "--yes")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "Tout ce que dit ce plan est déjà fait.")
    runs.results = [MOVED]
    assert applied(made, "--yes").exit_code == EXIT["refused"]


@pytest.mark.parametrize(
    ("done", "code", "said"),
    [
        (Played(operations=[operation("a")]), "refused", "network a : n’est plus à faire, et n’est pas fait"),
        (Played(withheld=["ecole-jaures : ssid a : secret absent (p)"]), "refused", "secret absent (p)"),
        (
            Played(troubles=[Trouble("ecole-jaures", "t", "error", "m")]),
            "refused",
            "ne dit plus où en est la situation",
        ),
        (Played(troubles=[Trouble("ecole-jaures", "t", "unknown", "m")]), "unknown", "Rien n’a été écrit."),
    ],
)
def test_what_a_begun_plan_no_longer_does_and_has_not_done_is_refused(
    done: Played, code: str, said: str, runs: Runs
) -> None:
    made = plan(operation("a"), operation("b"))
    saved.begin(made)
    runs.results = [Played(operations=[operation("b")]), done]
    result = applied(made, "--yes")
    assert (result.exit_code, runs.asked) == (EXIT[code], [SITE, UNDO])
    assert said in result.output


@pytest.mark.parametrize("name", ["commit", "declaration_digest"])
def test_another_commit_or_declaration_is_refused_before_any_pass(
    name: str, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(operation("a"))
    monkeypatch.setattr(saved, name, lambda *_: ("autre", True) if name == "commit" else "autre")
    result = applied(made, "--yes")
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])


def test_a_plan_with_a_trouble_is_refused(runs: Runs) -> None:
    result = applied(plan(operation("a"), troubles=(WRONG,)), "--yes")
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])
    assert "le plan est incomplet, il y manque ecole-jaures. Corrigez " in result.output


WAITS = {**operation("b"), "waiting": "attend uplink:Q/1"}
GUARD = "ecole-jaures : à confirmer (uplink:Q/1) : mène à x"


def test_a_plan_that_waits_whole_is_applied_by_saying_its_words(runs: Runs) -> None:
    result = applied(plan(WAITS, withheld=[GUARD]), "--yes")
    assert (result.exit_code, runs.asked) == (EXIT["partial"], [])
    assert "Tout ce que dit ce plan attend un mot.\n" in result.output
    assert " --confirm uplink\n" in result.output


def test_a_partial_application_says_so_by_its_last_lines_and_its_code(runs: Runs) -> None:
    trouble = Trouble("ecole-jaures", "Converger le réseau", "partial", "1 changement à confirmer")
    runs.results = [
        Played(operations=[operation("a"), WAITS], withheld=[GUARD]),
        Played(operations=[operation("a")], waiting=[WAITS], troubles=[trouble], hosts=["ecole-jaures"]),
    ]
    result = applied(plan(operation("a"), WAITS, withheld=[GUARD]), "--yes")
    assert result.exit_code == EXIT["partial"]
    assert "1 opération appliquée sur 1" in result.output
    assert "Partiel : 1 changement retenu, le reste est écrit.\n" in result.output
    assert "Pas encore touchés" not in result.output


def test_a_plan_of_nothing_is_applied_by_doing_nothing(runs: Runs) -> None:
    result = applied(plan(), "--yes")
    assert (result.exit_code, runs.asked, result.output) == (0, [], "Ce plan ne change rien.\n")


CLOSED = {"piste_change_windows": True, "change_windows": {"windows": []}}


def test_a_closed_window_is_refused_before_any_pass_once_for_all_its_sites(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {name: {**CLOSED, "inventory_hostname": name} for name in ("ccas", "ecole-jaures", "piscine")}
    monkeypatch.setattr(hosts, "variables", lambda environment, names: {n: known[n] for n in names if n in known})
    made = plan(operation("a"), operation("b", owner="ccas"))
    result = applied(made, "--yes")
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])
    assert result.output == (
        "PISTE-E033 ccas, ecole-jaures : hors de la fenêtre de changement. Aucune n’est déclarée pour ce site. Rien "
        "n’a été écrit. Attendez-la ; s’il le faut, dites qui en décide et pourquoi : "
        'piste apply PLAN --outside-window "Nom : raison", ou -e \'{"piste_outside_window": "Nom : raison"}\'.\n'
    )
    runs.results = [Played(operations=made["operations"])] * 2
    opened = applied(made, "--yes", "--outside-window", "Mme Diallo : panne")
    assert opened.exit_code == 0
    assert '"piste_outside_window": "Mme Diallo : panne"' in opened.stderr.splitlines()[0]


def test_a_freeze_is_refused_before_any_pass(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze = {"from": "2000-01-01T00:00", "until": "2999-01-01T00:00", "why": "Essai"}
    frozen = {"ecole-jaures": {"freezes": [freeze], "inventory_hostname": "ecole-jaures"}}
    monkeypatch.setattr(hosts, "variables", lambda environment, names: frozen)
    result = applied(plan(operation("a")), "--yes")
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])
    assert result.output.startswith("PISTE-E032 ecole-jaures : les écritures sont gelées jusqu’au 2999-01-01 à 00:00")


def test_the_sites_of_the_waves_that_were_not_begun_are_named(runs: Runs) -> None:
    made = plan(operation("a", owner="ccas"), operation("b", owner="ecole-jaures"), operation("c", owner="piscine"))
    failed = [Trouble("ecole-jaures", "t", "unknown", "coupé")]
    stopped = Played(operations=[operation("a", owner="ccas")], troubles=failed, hosts=["ccas", "ecole-jaures"])
    runs.results = [Played(operations=made["operations"]), stopped]
    result = applied(made, "--yes")
    assert result.exit_code == EXIT["unknown"]
    assert "Pas encore touchés (1) : piscine. Corrigez, puis relancez ce plan.\n" in result.output


# planning and taking back


@pytest.mark.parametrize(
    ("played", "code"),
    [
        (Played(), "ok"),
        (Played(operations=[operation()]), "changes"),
        (Played(operations=[operation()], troubles=[Trouble("ccas", "t", "unknown", "m")]), "unknown"),
        (Played(troubles=[WRONG, Trouble("ccas", "t", "unknown", "m")]), "error"),
        (Played(troubles=[WRONG, Trouble("ccas", "t", "refused", "m")]), "refused"),
    ],
)
@pytest.mark.parametrize("verb", ["plan", "drift"])
def test_the_exit_code_is_that_of_the_worst_that_happened(verb: str, played: Played, code: str, runs: Runs) -> None:
    runs.results = [played]
    assert piste(verb).exit_code == EXIT[code]


def test_what_nobody_declares_is_a_drift_and_nothing_to_apply(runs: Runs) -> None:
    orphan = {"kind": "ssid", "key": "VLB ccas/Essai", "why": "personne ne le déclare, il est allumé"}
    runs.results = [Played(orphans=[orphan]), Played(orphans=[orphan])]
    planned, drifted = piste("plan"), piste("drift")
    assert (planned.exit_code, drifted.exit_code) == (EXIT["ok"], EXIT["changes"])
    line = "! orphelin : ssid VLB ccas/Essai, personne ne le déclare, il est allumé\n"
    assert line in planned.output
    assert line in drifted.output


@pytest.fixture
def today(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have plans keep the digest of the declaration of today."""
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: declared.derived(environment).town_digest)


@pytest.mark.usefixtures("today")
def test_a_kept_plan_is_shown_again_in_each_form_without_a_run(runs: Runs) -> None:
    runs.results = [Played(operations=[operation("a")])]
    piste("plan")
    (path,) = saved.folder().glob("*.json")
    again = piste("plan", "show", path.stem)
    assert again.exit_code == 0
    assert again.stdout.splitlines() == [
        "ecole-jaures",
        "  réseau",
        "    ~ network a",
        "        notes : avant → après",
        "",
        "Ce que cela fait aux personnes :",
        "  = rien ne change pour personne",
        "",
        f"Plan {path.stem} : ~ 1 à modifier.",
    ]
    assert "    ~ network a : notes\n" in piste("plan", "show", path.stem, "--brief").stdout
    assert json.loads(piste("plan", "show", str(path), "--format", "json").stdout) == json.loads(
        path.read_text("utf-8")
    )
    assert piste("plan", "show", path.stem, "--format", "markdown").stdout.startswith("## Plan ")
    felt = json.loads(piste("plan", "show", path.stem, "--consequences", "--format", "json").stdout)
    assert (felt["plan"], felt["nothing"], felt["consequences"]) == (path.stem, True, [])
    assert "network a : le nom, les étiquettes" in piste("plan", "show", path.stem, "--consequences").stdout
    assert piste("plan", "show", path.stem, "--consequences", "--format", "junit").exit_code == EXIT["error"]
    assert piste("plan", "--consequences").exit_code == EXIT["error"]
    assert piste("plan", "show", path.stem, "-e", "lab").exit_code == 0
    other = piste("plan", "show", path.stem, "-e", "production")
    assert (other.exit_code, "ce plan est de « lab »" in other.stderr) == (1, True)


@pytest.mark.usefixtures("today")
def test_a_drift_says_what_it_does_to_people_and_a_brief_plan_does_not(runs: Runs) -> None:
    runs.results = [Played(operations=[operation("a")])] * 2
    assert "Ce que ces écarts font aux personnes :\n  = rien ne change" in piste("drift").output
    assert "personnes" not in piste("plan", "--brief").output


def test_json_and_junit_are_alone_on_the_output(runs: Runs) -> None:
    runs.results = [Played(operations=[operation()])] * 2
    result = piste("plan", "--format", "json")
    (path,) = saved.folder().glob("*.json")
    assert json.loads(result.stdout) == json.loads(path.read_text("utf-8"))
    assert piste("plan", "--format", "junit").stdout.startswith("<?xml")


@pytest.mark.parametrize(("target", "said"), [("nouveau-site", True), ("ecole", False), ("all", False)])
def test_a_plan_of_nothing_says_where_its_site_is_not_in_service(target: str, said: bool, runs: Runs) -> None:
    runs.results = [Played()]
    lines = piste("plan", target).output.splitlines()
    assert ("« nouveau-site » n’est pas en service (lifecycle: planned) : rien n’y est fait." in lines) is said


@pytest.mark.parametrize(("verb", "said"), [("plan", ", il ne s’applique pas. Corrigez "), ("drift", " : ce que ")])
def test_what_lacks_a_site_is_not_proposed_for_application(verb: str, said: str, runs: Runs) -> None:
    runs.results = [Played(operations=[operation()], troubles=[WRONG], withheld=["ccas : à confirmer (stp:Q/1) : x"])]
    assert f"\nIncomplet{said}" in (output := piste(verb).output)
    assert ("piste apply" in output, "--confirm" in output) == (False, verb == "plan")


def test_a_plan_that_wants_a_confirmation_says_the_words_instead_of_how_to_apply_it(runs: Runs) -> None:
    withheld = [
        "ccas : à confirmer (uplink:Q/1) : x",
        "ccas : à confirmer (removals) : y",
        "ccas : ssid : secret absent",
    ]
    runs.results = [Played(operations=[WAITS], withheld=withheld)]
    result = piste("plan")
    words = "--confirm removals --confirm uplink"
    assert f"Pour ce qui attend un mot, s’il est voulu : piste plan all {words}\n" in result.output
    assert "piste apply" not in result.output
    runs.results = [Played(operations=[operation(), WAITS], withheld=withheld)]
    assert "Pour l’appliquer, sans ce qui est retenu : piste apply " in piste("plan").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show"], "piste plan show PLAN"),
        (["show", "x", "--out", "y.json"], "sans --domain, --confirm ni --out"),
        (["show", "x", "--confirm", "uplink"], "sans --domain, --confirm ni --out"),
    ],
)
def test_a_plan_to_show_is_named_and_stands_as_it_is(arguments: list[str], says: str) -> None:
    result = piste("plan", *arguments)
    assert result.exit_code == EXIT["error"]
    assert says in result.output


def test_a_file_that_cannot_be_written_is_refused_before_the_run(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for verb in ("plan", "drift"):
        result = piste(verb, "ecole-jaures", "--out", str(tmp_path / "file" / "plan.json"))
        assert (result.exit_code, runs.asked) == (EXIT["error"], [])
        assert "ne peut pas être écrit" in result.output
