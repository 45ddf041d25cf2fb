"""A plan as people and as other programs read it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from piste.commands.consequences import print_plan
from piste.runs.plans import saved, show
from piste.runs.plans.play import Trouble
from tests.unit.plans.plans import operation, plan

SILENT = Trouble("ccas", "Converger le réseau", "unknown", "le système ne répond pas")
WRONG = Trouble("ctm", "Converger les SSID", "error", "refusé")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(saved, "commit", lambda: ("", False))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")


def test_a_plan_reads_by_site_domain_and_object_with_its_symbols() -> None:
    made = plan(
        operation("un"),
        operation("deux", "create", owner="ccas"),
        operation("trois", "delete"),
        troubles=(SILENT, WRONG),
        withheld=["ecole-jaures : à confirmer (uplink:x/1) : mène loin"],
    )
    assert [text for _, text in show.lines(made)] == [
        "ccas",
        "  réseau",
        "    + network deux",
        "        notes : après",
        "ecole-jaures",
        "  réseau",
        "    ~ network un",
        "        notes : avant → après",
        "    - network trois",
        "? ccas / Converger le réseau : le système ne répond pas",
        "! ctm / Converger les SSID : refusé",
        "! ecole-jaures : à confirmer (uplink:x/1) : mène loin",
    ]
    assert show.counted(made) == "+ 1 à créer, ~ 1 à modifier, - 1 à retirer, ? 1 sans réponse, ! 1 en erreur"
    brief = [text for _, text in show.lines(made, brief=True)]
    assert (brief[2], brief[5], len(brief)) == ("    + network deux", "    ~ network un : notes", 10)


def test_a_plan_says_what_does_not_act_before_an_installation() -> None:
    said = "pare-feu : rien n’en agit avant l’installation de la politique (piste install)"
    of_the_firewall = {**operation("fw-hdv 0.44", kind="engine_interface"), "system": "smc"}
    installed = {**of_the_firewall, "kind": "installation"}
    assert show.lines(plan(operation("un"), of_the_firewall))[-1] == ("", said)
    assert f"- {said}" in show.markdown(plan(of_the_firewall)).splitlines()
    for made in (plan(operation("un")), plan(installed), plan()):
        assert said not in [text for _, text in show.lines(made)]


def test_counts_name_what_there_is_and_nothing_is_said_so() -> None:
    assert show.counted(plan(operation("un"))) == "~ 1 à modifier"
    assert show.counted(plan()) == "rien à changer"
    assert show.counted(plan(troubles=(WRONG,))) == "! 1 en erreur"


def test_a_comment_of_a_merge_request_folds_each_site_and_runs_nothing() -> None:
    made = plan(
        operation("a`b</summary>"), operation("c", "create", owner="ccas"), troubles=(SILENT,), withheld=["*x*"]
    )
    assert show.markdown(made).splitlines() == [
        f"## Plan `{made['id']}` : + 1 à créer, ~ 1 à modifier, ? 1 sans réponse",
        "- **unknown** `ccas / Converger le réseau` : `le système ne répond pas`",
        "- **retenu** `*x*`",
        "",
        "<details><summary>ecole-jaures (1)</summary>",
        "",
        "- `~` réseau, `network` `` a`b</summary> ``",
        "  - `notes : avant → après`",
        "",
        "</details>",
        "",
        "<details><summary>ccas (1)</summary>",
        "",
        "- `+` réseau, `network` `c`",
        "  - `notes : après`",
        "",
        "</details>",
    ]


def test_junit_has_a_case_an_object_a_change_fails_and_a_silence_is_an_error() -> None:
    made = plan(operation("« un » & <deux>"), operation("b", "create", owner="ccas"), troubles=(SILENT,))
    suites = ElementTree.fromstring(show.junit(made).encode())
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("ecole-jaures", "1", "1", "0"),
        ("ccas", "2", "1", "1"),
    ]
    case = suites[0][0]
    assert (case.get("classname"), case.get("name")) == ("network", "« un » & <deux>")
    assert [(child.tag, child.get("message")) for child in case] == [
        ("failure", "update : notes\nnotes : avant → après")
    ]
    assert suites[1][1][0].get("type") == "unknown"


def test_junit_has_a_case_that_passes_for_a_site_that_is_as_declared() -> None:
    made = plan(operation("a"), troubles=(SILENT,))
    suites = ElementTree.fromstring(show.junit(made, ["ecole-jaures", "ccas", "piscine"]).encode())
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("ecole-jaures", "1", "1", "0"),
        ("ccas", "1", "0", "1"),
        ("piscine", "1", "0", "0"),
    ]
    assert list(suites[2][0]) == []


def test_a_name_commands_no_terminal_draws_no_line_and_spoils_no_report() -> None:
    made = plan(operation("a\x1b[2J\n    + network faux\x00"), withheld=["ccas : \x9b2J"])
    name = "a�[2J�    + network faux�"
    assert [text for _, text in show.lines(made)][2:] == [
        f"    ~ network {name}",
        "        notes : avant → après",
        "! ccas : �2J",
    ]
    assert ElementTree.fromstring(show.junit(made).encode())[0][0].get("name") == name


def test_what_nobody_declares_is_shown_and_fails() -> None:
    orphan = {"kind": "network", "key": "TEST 2023", "why": "aucun site ne le déclare"}
    made = plan(orphans=[orphan])
    assert [text for _, text in show.lines(made)] == ["! orphelin : network TEST 2023, aucun site ne le déclare"]
    (suite,) = ElementTree.fromstring(show.junit(made).encode())
    assert (suite.get("name"), suite.get("failures"), suite[0][0].get("message")) == ("commune", "1", orphan["why"])


def test_the_reason_of_an_orphan_commands_nothing_in_a_comment() -> None:
    """A live name is in the reason; GitLab runs a line that begins with a slash."""
    made = plan(orphans=[{"kind": "vm", "key": "x", "why": "n’est pas seul à s’appeler « a\n/merge »"}])
    assert show.markdown(made).splitlines()[-1] == "- **orphelin** `vm` `x` : `n’est pas seul à s’appeler « a /merge »`"


def test_a_plan_of_nothing_is_a_valid_report() -> None:
    assert list(ElementTree.fromstring(show.junit(plan()).encode())) == []


def test_a_reason_and_a_place_are_data_in_every_form() -> None:
    orphan = {"kind": "network", "key": "k", "why": "s’appelle « <img src=x> @all »"}
    made = plan(troubles=(Trouble("", "", "error", ""), Trouble("c\x1b[2J", "t", "unknown", "m")), orphans=[orphan])
    assert show.markdown(made).splitlines()[1:] == [
        "- **error** ` ` : ` `",
        "- **unknown** `c�[2J / t` : `m`",
        f"- **orphelin** `network` `k` : `{orphan['why']}`",
    ]
    assert show.lines(made)[1][1] == "? c�[2J / t : m"
    assert ElementTree.fromstring(show.junit(made).encode())[1].get("name") == "c�[2J"


def test_a_message_that_is_no_unicode_is_printed_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    made = plan(troubles=(Trouble("ccas", "t", "error", "un \udcff"),))
    for form in ("json", "text", "markdown", "junit"):
        print_plan(made, form, brief=False)
        printed = capsys.readouterr().out
        printed.encode()
        assert form != "json" or json.loads(printed) == made
