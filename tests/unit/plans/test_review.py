"""The rules of review of a plan: each is violated in the smallest way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import Result

from piste.engine.converge.errors import Misused
from piste.runs.plans import review, saved
from piste.runs.plans.play import Order, Played, Trouble
from piste.runs.plans.review import Reviewed, Rules, violations
from piste.runs.records import decided
from piste.runs.records.chain import Chain, new_id, stamp
from piste.runs.records.readable import heading
from piste.runs.records.record import compose
from piste.runs.records.recorder import of_plan
from piste.town import declared
from piste.town.model.derived import Derived
from piste.town.model.review import Guard, Review
from tests.unit.plans.passes import Runs, piste
from tests.unit.plans.plans import NOON, operation, plan
from tests.unit.repository.tree import ROOT

HEAD = "c" * 40
RULES = {
    "deletions": {"at_most": 2, "words": ["removals", "network"]},
    "operations": 4,
    "sites": 2,
    "approvers": {"reseau": ["amina", "paul"], "securite": ["sofia"]},
    "approvals": [
        {"domains": ["network"], "by": ["reseau"], "why": "Le réseau est au pôle réseau"},
        {"words": ["uplink"], "by": ["reseau", "securite"], "count": 2, "why": "Une liaison coupe un site"},
        {"kinds": ["ssid"], "actions": ["delete"], "by": ["securite"], "why": "Un SSID retiré coupe des gens"},
    ],
    "rules_changed_by": ["securite"],
}
KNOWN = Rules(Review.model_validate(RULES))


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clean checkout of a commit, without reading the town."""
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setattr(saved, "commit", lambda: (HEAD, True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")


def confirmed(*operations: dict[str, Any], **extra: list[str]) -> dict[str, Any]:
    order = Order("playbooks/site.yml", "lab", "ecole-jaures", extra)
    return saved.make(order, Played(operations=list(operations)), NOON)


def broken(made: dict[str, Any], known: Rules = KNOWN, **given: Any) -> list[str]:
    """List the violations as `rule : what`, with the approval of amina, proposed by paul."""
    given = {"approved": ["amina"], "author": "paul", **given}
    return [f"{violation.rule} : {violation.what}" for violation in violations(made, known, Reviewed(**given))]


def test_a_plan_within_the_rules_violates_none() -> None:
    assert broken(plan(operation("a"), operation("b", "create"))) == []
    assert broken(plan(), approved=[]) == [], "a plan that changes nothing needs nobody"


def test_a_deletion_needs_a_word_of_its_domain_or_its_object() -> None:
    gone = [operation(name, "delete") for name in ("a", "b")]
    assert broken(plan(*gone)) == [
        "deletions : 2 retraits sans mot : ecole-jaures / network a, ecole-jaures / network b"
    ]
    assert broken(confirmed(*gone, network_confirm=["removals"])) == []
    assert broken(confirmed(*gone, network_confirm=["network:a"])) == [
        "deletions : 1 retrait sans mot : ecole-jaures / network b"
    ]
    assert len(broken(confirmed(*gone, directory_confirm=["removals"]))) == 1, "the word of another domain"
    assert len(broken(confirmed(*gone, network_confirm=["stp"]))) == 1, "a word that announces no deletion"
    assert broken(confirmed(*gone, operation("c", "reset"), network_confirm=["removals"])) == [
        "deletions : 3 retraits, 2 au plus"
    ]


def test_the_size_of_a_plan_is_bounded() -> None:
    assert broken(plan(*(operation(str(number)) for number in range(5)))) == ["size : 5 opérations, 4 au plus"]
    sites = ("ccas", "ctm", "malraux")
    assert broken(plan(*(operation(owner=owner) for owner in sites))) == [
        "sites : 3 sites, 2 au plus : ccas, ctm, malraux"
    ]


def test_a_plan_that_is_not_whole_is_refused() -> None:
    troubles = (Trouble("ccas", "Le réseau", "unknown", "rien"), Trouble("ctm", "Les SSID", "refused", "non"))
    waiting = ["ccas : à confirmer (uplink:x/1) : mène loin", "ccas : sans secret, retenu"]
    assert broken(plan(operation(), troubles=troubles, withheld=waiting)) == [
        "unknown : sans réponse : ccas / Le réseau",
        "troubles : en erreur ou refusé : ctm / Les SSID",
    ]
    waiting = [{**operation(str(number), "delete"), "waiting": "attend uplink:x/1"} for number in range(9)]
    assert broken(plan(operation(), *waiting, withheld=waiting)) == [], "what is kept waiting is not done"


def test_the_provenance_is_the_clean_commit_that_is_checked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(operation())
    monkeypatch.setattr(saved, "commit", lambda: ("e" * 40, True))
    assert broken(made) == ["provenance : le plan vient du commit cccccccccc, le dépôt est à eeeeeeeeee"]
    monkeypatch.setattr(saved, "commit", lambda: (HEAD, True))
    assert broken({**made, "clean": False}) == [
        "provenance : le plan vient d’un dépôt qui avait des modifications non enregistrées"
    ]


def test_what_is_applied_is_what_was_read() -> None:
    read = plan(operation("a"))
    assert broken(plan(operation("a")), reviewed=read) == []
    assert broken(plan(operation("a"), operation("b")), reviewed=read) == [
        f"reviewed : le plan n’est pas celui qui a été relu ({read['id']}) : "
        "ecole-jaures / network b : n’était pas prévu ainsi"
    ]
    assert "environnement production, puis lab" in broken(plan(), reviewed={**read, "environment": "production"})[0]


def test_a_freeze_stops_the_sites_that_it_does_not_spare() -> None:
    freeze = {"from": "2026-12-19T00:00", "until": "2027-01-04T07:00", "except": ["ccas"], "why": "Congés"}
    frozen, made = Rules(KNOWN.review, [freeze]), plan(operation(), operation(owner="ccas"))
    day = datetime(2026, 12, 25)
    assert broken(made, frozen, now=day) == [
        "freeze : ecole-jaures : les écritures sont gelées jusqu’au 2027-01-04 à 07:00 : Congés"
    ]
    assert broken(made, frozen, now=datetime(2026, 12, 18)) == []


@pytest.mark.parametrize(
    ("extra", "given", "expected"),
    [
        ([], {"approved": []}, ["approvals : il manque 1 accord de reseau"]),
        ([], {"approved": ["paul"]}, ["approvals : il manque 1 accord de reseau"]),
        ([], {"approved": ["sofia", "inconnu"]}, ["approvals : il manque 1 accord de reseau"]),
        (["uplink:x/1"], {}, ["approvals : il manque 1 accord de reseau ou securite"]),
        (["uplink"], {"approved": ["amina", "paul"]}, ["approvals : il manque 1 accord de reseau ou securite"]),
        (["uplink"], {"approved": ["amina", "sofia"]}, []),
        ([], {"changed": True}, ["approvals : il manque 1 accord de securite"]),
    ],
)
def test_an_approval_is_of_the_right_group_and_never_of_the_author(
    extra: list[str], given: dict[str, Any], expected: list[str]
) -> None:
    assert broken(confirmed(operation(), network_confirm=extra), **given) == expected


def test_an_account_is_the_same_in_any_case() -> None:
    assert broken(plan(operation()), approved=["AMINA"]) == []
    assert broken(plan(operation()), approved=["paul"], author="Paul") == ["approvals : il manque 1 accord de reseau"]


def test_a_group_that_is_too_small_without_the_author_is_said() -> None:
    known = Rules(Review.model_validate({**RULES, "approvals": [{"by": ["reseau"], "count": 2, "why": "À deux"}]}))
    (violation,) = violations(plan(operation()), known, Reviewed(author="paul"))
    assert violation.todo == (
        "Trop peu peuvent le donner : amina. Faites-le proposer par un autre, ou complétez le groupe."
    )


def test_a_kind_and_an_action_ask_together() -> None:
    assert broken(confirmed(operation("a", "delete", kind="ssid"), network_confirm=["removals"])) == [
        "approvals : il manque 1 accord de securite"
    ]
    assert broken(plan(operation("a", kind="ssid"), operation("b", "create"))) == []


def test_the_words_are_those_that_the_page_of_confirmation_lists() -> None:
    page = (ROOT / "docs/appliquer.md").read_text("utf-8").partition("## Confirmer ce qui peut couper")[2]
    rows = re.findall(r"^\| (`.*?) \|", page.partition("\n## ")[0], re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(get_args(Guard))


def test_each_word_that_a_driver_asks_is_known_to_the_rules() -> None:
    """A word is the key of a reason, with its object, or the guard of a field."""
    asked: set[str] = set()
    for system in ("meraki", "forcepoint", "nutanix", "windows", "zabbix", "glpi"):
        for path in (ROOT / "piste").rglob(f"{system}/**/*.py"):
            text = path.read_text("utf-8")
            asked |= set(re.findall(r'f"([a-z_]+):\{[^"]+"(?:\]|: )', text)) | set(re.findall(r'guard="(\w+)"', text))
    others = {"part", "planned"}  # keys of readings
    assert others < asked
    assert asked - others <= set(get_args(Guard))


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch `main` has the rules of the town."""
    folder = tmp_path / "clone"
    (folder / "group_vars/all").mkdir(parents=True)
    for name in ("review.yml", "freezes.yml", "journal.yml"):
        shutil.copy(ROOT / "group_vars/all" / name, folder / "group_vars/all")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "Essai")
    monkeypatch.setattr(review, "ROOT", folder)
    return folder


def test_rules_are_those_of_the_tree_or_of_a_commit(clone: Path) -> None:
    file = clone / "group_vars/all/review.yml"
    file.write_text(file.read_text("utf-8").replace("sites: 6", "sites: 500"), "utf-8")
    here, there = review.rules(), review.rules("main")
    assert (here.review.sites, there.review.sites, there.source) == (500, 6, "main")
    assert review.differ(there, here)
    assert not review.differ(here, review.rules())


@pytest.mark.parametrize(
    ("base", "text", "said"),
    [
        ("nulle-part", None, "« nulle-part » ne désigne aucun commit"),
        ("--output=x", None, "« --output=x » ne désigne aucun commit"),
        ("", "review:\n", "aucune règle de relecture n’est déclarée"),
        ("", "review: [\n", "ce n’est pas du YAML"),
        ("", "review: {sites: 0}\n", "les règles de relecture ont des fautes : deletions, operations, sites"),
    ],
)
def test_rules_that_cannot_be_read_stop_the_review(clone: Path, base: str, text: str | None, said: str) -> None:
    if text:
        (clone / "group_vars/all/review.yml").write_text(text, "utf-8")
    with pytest.raises(Misused) as caught:
        review.rules(base)
    assert said in str(caught.value)
    assert caught.value.kind == "refused"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"freezes: 5\n", "les gels ont des fautes : tout"),
        (b"freezes: [{from: 1, until: 2, why: x}]\n", "les gels ont des fautes : 0.from, 0.until"),
        (b'"freezes": [5]\n', "les gels ont des fautes : 0"),
        (b"freezes: \xff\n", "ce n’est pas du YAML"),
    ],
)
def test_freezes_of_a_commit_that_cannot_be_read_stop_the_review(clone: Path, text: bytes, said: str) -> None:
    (clone / "group_vars/all/freezes.yml").write_bytes(text)
    git(clone, "commit", "--quiet", "-am", "Gels")
    with pytest.raises(Misused) as caught:
        review.rules("main")
    assert said in str(caught.value)


def test_a_file_of_a_commit_that_git_does_not_give_stops_the_review(clone: Path) -> None:
    blob = subprocess.run(
        ["git", "-C", str(clone), "rev-parse", "main:group_vars/all/freezes.yml"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (clone / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Misused) as caught:
        review.rules("main")
    assert "les règles de « main » ne se lisent pas" in str(caught.value)


def run(*arguments: str) -> Result:
    return piste("check", *arguments)


@pytest.fixture
def town(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "derived", lambda environment: Derived([], "", "d"))


@pytest.mark.usefixtures("town")
def test_the_verb_says_each_rule_in_three_forms_and_leaves_with_4() -> None:
    path = str(saved.write(plan(operation("`a`", "delete"))))
    said = run(path, "--author", "paul.lefevre", "--base", "main")
    assert said.exit_code == 4
    lines = said.output.splitlines()
    assert lines[0] == (
        "! deletions : 1 retrait sans mot : ecole-jaures / network `a`. Un retrait perd ce que personne ne redonne : "
        "il s’annonce. S’ils sont voulus, refaites le plan avec l’un de ces mots (--confirm) : removals, network, "
        "release, carried, stack, gateway, route, protected, members, gpo_deletion, used, policy, rules, vm, subnet, "
        "image, category, affinity_policy."
    )
    assert lines[2].endswith("Le réseau et ses accès sont au pôle réseau. Peuvent le donner : amina.diallo.")
    assert lines[-1].endswith(": enfreint 3 règles de relecture.")
    written = run(path, "--format", "markdown").output.splitlines()
    assert written[0].endswith(": enfreint 3 règles de relecture")
    assert written[2].startswith("- **deletions** `` 1 retrait sans mot : ecole-jaures / network `a`.")
    who = ("--author", "paul.lefevre", "--approved-by", "amina.diallo")
    answer = json.loads(run(path, "--format", "json", *who).output)
    assert (answer["accepted"], [item["rule"] for item in answer["violations"]]) == (False, ["deletions"])
    assert set(answer["violations"][0]) == {"rule", "what", "why", "todo"}


@pytest.mark.usefixtures("town")
def test_an_accepted_plan_keeps_who_proposed_and_approved_it_under_its_seal() -> None:
    who = ("--author", "paul.lefevre", "--approved-by", "amina.diallo")
    refused = saved.write(plan(operation("`a`", "delete")))
    assert run(str(refused), *who, "--seal").exit_code == 4
    assert "approval" not in saved.read(str(refused))
    path = saved.write(plan(operation()))
    before = saved.read(str(path))
    assert run(str(path), *who, "--merge-request", "12", "--seal").exit_code == 0
    made = saved.read(str(path))
    approval = made["approval"]
    assert (approval["author"], approval["by"], approval["request"]) == ("paul.lefevre", ["amina.diallo"], "12")
    assert {**made, "seal": 0} == {**before, "approval": approval, "seal": 0}
    path.write_text(path.read_text().replace("amina.diallo", "paul.lefevre"))
    with pytest.raises(saved.StalePlan, match="modifié depuis"):
        saved.read(str(path))
    for alone in (("--seal",), (*who, "--merge-request", "12")):
        assert "--seal veut --author" in run(str(refused), *alone).output


@pytest.mark.usefixtures("town")
def test_who_approved_is_sealed_in_the_plan_and_in_the_record_of_its_run(tmp_path: Path) -> None:
    path = saved.write(plan(operation()))
    who = ("--author", "paul.lefevre", "--approved-by", "amina.diallo", "--merge-request", "12")
    assert run(str(path), *who, "--seal").exit_code == 0
    approval = saved.read(str(path))["approval"]
    assert (approval["author"], approval["by"], approval["request"]) == ("paul.lefevre", ["amina.diallo"], "12")
    header = {"id": new_id(NOON), "environment": "lab", "node": "poste", "user": "x", "started": stamp(NOON),
              "command": ["piste"], "commit": None, "clean": True, "check": False, **of_plan(path)}  # fmt: skip
    chain = Chain(tmp_path / "journal/lab/poste")
    chain.finish(chain.start(header), compose(header, [], None, stamp(NOON)))
    (record,) = chain.folder.glob("2*.json")
    kept = json.loads(record.read_bytes())
    assert kept["approval"] == approval
    said = dict(heading(kept))
    assert said["proposé par"] == "paul.lefevre, demande de fusion 12"
    assert said["approuvé par"].startswith("amina.diallo, contrôlé le ")
    assert decided.faults(tmp_path / "journal", "lab") == []
    record.write_bytes(record.read_bytes().replace(b"amina.diallo", b"sofia.diallo"))
    assert [fault.what for fault in decided.faults(tmp_path / "journal", "lab")][:1] == ["altered"]


@pytest.mark.usefixtures("town")
def test_an_accepted_plan_leaves_with_0_and_a_forged_plan_is_not_judged(tmp_path: Path) -> None:
    path = saved.write(plan(operation()))
    accepted = run(str(path), "--author", "paul.lefevre", "--approved-by", "amina.diallo")
    assert (accepted.exit_code, accepted.output.count("\n")) == (0, 1)
    assert accepted.output.endswith("respecte les règles de relecture.\n")
    assert "approval" not in saved.read(str(path))
    assert "--approved-by veut --author" in run(str(path), "--approved-by", "amina.diallo").output
    path.write_text(path.read_text("utf-8").replace("après", "autre"), "utf-8")
    assert "PISTE-E040" in run(str(path)).output


@pytest.mark.usefixtures("town")
def test_a_branch_that_changes_the_rules_needs_its_own_approval(clone: Path) -> None:
    path = str(saved.write(plan(operation())))
    assert run(path, "--author", "amina.diallo", "--approved-by", "paul.lefevre", "--base", "main").exit_code == 0
    file = clone / "group_vars/all/review.yml"
    file.write_text(file.read_text("utf-8").replace("sites: 6", "sites: 500"), "utf-8")
    refused = run(path, "--author", "amina.diallo", "--approved-by", "paul.lefevre", "--base", "main")
    assert (refused.exit_code, "accord de securite" in refused.output) == (4, True)


@pytest.mark.usefixtures("town")
def test_a_reason_keeps_its_spaces_and_commands_no_terminal(clone: Path) -> None:
    file = clone / "group_vars/all/review.yml"
    reason = "Un plan est relu par quelqu'un d'autre que son auteur"
    file.write_text(file.read_text("utf-8").replace(reason, "À lire\N{NARROW NO-BREAK SPACE}!"), "utf-8")
    said = run(str(saved.write(plan(operation("a\x1b[2J\n! faux", "delete"))))).output
    assert "À lire\N{NARROW NO-BREAK SPACE}!" in said
    assert "\x1b" not in said
    assert "\n! faux" not in said


def test_the_repair_of_a_drift_is_a_plan_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repair = tmp_path / "reparation.json"
    Runs(monkeypatch).results.append(Played(operations=[operation()]))
    said = piste("drift", "--out", str(repair))
    assert said.exit_code == 2
    assert f"Pour l’appliquer : piste apply {repair}" in said.output
    assert saved.read(str(repair))["playbook"] == "playbooks/drift.yml"
