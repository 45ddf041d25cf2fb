"""A departure: its accounts, the steps by hand, papers that a silent system makes partial."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import Misused
from piste.papers.dossier.document import make
from piste.papers.dossier.forms import as_page
from piste.readings.accounts.document import REVIEW, WITHDRAWAL, Review, Withdrawn
from piste.readings.accounts.judgment import System, of_system
from piste.readings.accounts.withdrawal import by_hand, leaver, outcome, variables, whole
from piste.readings.belief import Reading, Unread
from piste.runs.plans.play import Played, Trouble
from piste.sites.dossiers import origin
from piste.town.model import Town
from tests.support.accounts import live
from tests.unit.readings.test_accounts import AT, HOSTILE, account

DECLARED = [
    account("martin", "nominative", "meraki", persons=["A. Martin"]),
    account("martin@ad", "nominative", "ad", "nexus", persons=["A. Martin"]),
    account("astreinte", "third_party", "smc", persons=["C. Petit"], holder="titulaire"),
    account("exploitation", "third_party", "smc", holder="titulaire"),
    account("secours", "emergency", "meraki", persons=["A. Martin", "B. Durand"]),
    account("svc-piste", "technical", "meraki"),
]


@pytest.fixture
def small(town: Town) -> Town:
    assert town.commune
    return replace(town, commune={**town.commune, "accounts": DECLARED})


def every(town: Town, nexus: Any = None) -> list[System]:
    return [
        of_system(town, "meraki", "meraki", Reading([live("martin"), live("secours")], AT)),
        of_system(town, "smc", "smc", Reading([live("exploitation"), live("inconnu", other_names=["Zoé"])], AT)),
        of_system(town, "ad", "ad", Unread("muet", AT)),
        of_system(town, "nx-1", "nexus", Reading(nexus or [], AT)),
        of_system(town, "veeam", "veeam", None),
    ]


@pytest.mark.parametrize(
    ("who", "names", "known"),
    [
        ("a. martin", ("martin", "martin@ad"), ["secours"]),
        ("titulaire", ("astreinte", "exploitation"), []),
        ("C. Petit", ("astreinte",), []),
        ("MARTIN", ("martin",), []),
        ("Zoé", ("Zoé",), []),
        ("incon*", ("incon*",), []),
        ("svc-piste", (), ["svc-piste"]),
    ],
)
def test_who_leaves_is_a_person_a_third_party_or_an_account(small: Town, who: str, names: Any, known: Any) -> None:
    leaving = leaver(small, who, every(small))
    assert (leaving.names, [entry["login"] for entry in leaving.known]) == (names, known)


@pytest.mark.parametrize("who", ["personne", "<script>", "DSI", "*)(uid=*", "=cmd"])
def test_a_name_that_nothing_knows_withdraws_nobody(small: Town, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving = leaver(small, who, every(small))
    assert (leaving.names, leaving.sure) == ((who,), False)
    monkeypatch.setattr("piste.runs.plans.progress.watched", lambda order, *, check, **more: Played())
    result = CliRunner().invoke(main, ["accounts", "withdraw", who, "--yes"])
    assert result.exit_code != 0
    assert "n’est ni une personne" in f"{result.output}{result.exception}"


@pytest.mark.parametrize("who", ["*", "**", " * ", "", HOSTILE])
def test_a_star_alone_names_nobody(small: Town, who: str) -> None:
    with pytest.raises(Misused):
        leaver(small, who, every(small))


def test_the_accounts_of_programs_are_kept_and_the_order_says_who_leaves(small: Town) -> None:
    asked = variables(small, leaver(small, "A. Martin", every(small)))
    assert asked == {
        "leaver": ["A. Martin"], "outgoing": ["martin", "martin@ad"], "kept": ["secours", "svc-piste"],
        "town_accounts": ["martin", "martin@ad", "secours"],
    }  # fmt: skip


def test_what_piste_does_not_write_and_the_secrets_that_are_known_are_done_by_hand(small: Town) -> None:
    shown = every(small, [live("martin@ad")])
    steps = by_hand(leaver(small, "A. Martin", shown), shown, DECLARED)
    assert [step.partition(" : ")[0] for step in steps[:1]] == ["nx-1 (Nexus), martin@ad"]
    assert steps[1].startswith("Veeam, pas lu (")
    assert steps[2] == "Changez le secret de secours (meraki), que A. Martin connaît"
    assert steps[-1].startswith("Changez les clés")
    assert len(steps) == 4


def test_a_star_asks_for_no_emergency_account_by_hand(small: Town) -> None:
    declared = [account("secours", "emergency", "nexus")]
    assert small.commune
    town = replace(small, commune={**small.commune, "accounts": declared})
    shown = [of_system(town, "nx-1", "nexus", Reading([live("secours"), live("sec-martin")], AT))]
    steps = by_hand(leaver(town, "sec*", shown), shown, declared)
    assert [step.partition(" : ")[0] for step in steps[:-1]] == ["nx-1 (Nexus), sec-martin"]


def test_an_account_that_shows_the_name_of_the_leaver_elsewhere_is_for_a_person_to_judge(small: Town) -> None:
    gone = live("al", other_names=["A. Martin"], active=False)
    shown = [
        of_system(small, "zabbix", "zabbix", Reading([live("am", other_names=["a. martin"])], AT)),
        of_system(small, "meraki", "meraki", Reading([live("martin", other_names=["Alix M."])], AT)),
        of_system(small, "glpi", "glpi", Reading([live("alix", other_names=["Alix M."]), gone], AT)),
    ]
    steps = by_hand(leaver(small, "A. Martin", shown), shown, DECLARED)
    assert [step.partition(" montre")[0] for step in steps if "montre" in step] == ["Zabbix, am", "GLPI, alix"]


def test_the_signs_of_a_template_reach_no_playbook(small: Town) -> None:
    who = "{{ lookup('pipe', 'id') }}"
    shown = [of_system(small, "zabbix", "zabbix", Reading([live(who)], AT))]
    with pytest.raises(Misused, match="modèle"):
        leaver(small, who, shown)


def operation(system: str, key: str) -> dict[str, Any]:
    return {"kind": "administrator", "system": system, "key": key, "owner": "commune", "action": "update"}


def played() -> Played:
    made = Played(operations=[operation("meraki", "martin")])
    made.findings = [{"id": "meraki.outgoing", "state": "ok", "what": "meraki : aucun administrateur sortant"},
                     {"id": "smc.outgoing", "state": "wrong", "what": "smc : 1 administrateur sortant"}]  # fmt: skip
    made.troubles = [Trouble("commune", "Relever les comptes de l’annuaire", "unknown", "connexion refusée")]
    return made


def test_each_system_says_what_came_of_it_and_a_silent_system_is_unknown(small: Town) -> None:
    lines = [*outcome(every(small), played())]
    assert [(line["system"], line["state"], line["withdrawn"], line["said"]) for line in lines] == [
        ("meraki", "ok", ["martin"], "aucun administrateur sortant"),
        ("smc", "wrong", [], "1 administrateur sortant"),
        ("ad", "unknown", [], "connexion refusée"),
    ]
    assert not whole(lines, ["les clés"])
    groups = Played(findings=[{"id": "ad.outgoing", "state": "ok", "what": "ad : aucun"}])
    groups.operations = [{**operation("ad", "gg-dsi"), "kind": "group"}]
    groups.troubles = [Trouble("commune", "Relire les groupes de l’annuaire", "unknown", "coupé")]
    (line,) = [line for line in outcome(every(small), groups) if line["system"] == "ad"]
    assert (line["state"], line["said"], line["withdrawn"]) == ("unknown", "coupé", ["groupe gg-dsi"])
    assert whole(lines[:1], ["les clés"])
    assert not whole(lines[:1], ["Veeam", "les clés"])


def test_a_server_is_unknown_by_its_own_silence_alone(small: Town) -> None:
    shown = [of_system(small, name, "server", Reading([], AT)) for name in ("srv-1", "srv-2", "srv-3")]
    made = Played(findings=[
        {"id": "srv-1.outgoing", "state": "ok", "what": "srv-1 : aucun"},
        {"id": "srv-2.outgoing", "state": "ok", "what": "srv-2 : aucun"},
        {"id": "srv-2.unnamed", "state": "unknown", "what": "srv-2 : le nom de S-1 n’est pas lu"},
    ])  # fmt: skip
    made.troubles = [Trouble("commune", "Relever les administrateurs des serveurs Windows (NPS)", "unknown", "muet")]
    said = [(line["state"], line["said"]) for line in outcome(shown, made)]
    assert said == [("ok", "aucun"), ("unknown", "le nom de S-1 n’est pas lu"), ("unknown", "muet")]


def test_the_papers_say_partial_and_ask_for_signatures(small: Town) -> None:
    lines = [*outcome(every(small), played())]
    at = AT.isoformat()
    subject = Withdrawn(HOSTILE, ["martin"], at, "DSI", small.name, lines, ["☐ les clés"])
    made = make(WITHDRAWAL, subject, origin(small, "lab"))
    data = json.loads(made.data)["content"]
    assert (data["whole"], data["who"]) == (False, HOSTILE)
    assert "<script>" not in as_page(made)
    assert any(block.kind == "signatures" for section in made.sections for block in section.blocks)
    review = json.loads(make(REVIEW, Review(small.name, at, every(small)), origin(small, "lab")).data)["content"]
    assert [row["system"] for row in review["accounts"] if row["state"] == "unknown" and row["why"]] == ["ad", "veeam"]
