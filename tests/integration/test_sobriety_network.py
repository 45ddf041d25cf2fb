"""The verb `piste sobriety network` on a lab that lives: read, kept, proposed, silent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.checkouts import lent
from tests.support.playbooks import console
from tests.support.terminal import Terminal

SITES = ("ecole-jaures", "mediatheque")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with lent(tmp_path_factory, ("hotel-de-ville", *SITES)), console(tmp_path_factory.mktemp("lab")) as opened:
        done = opened.play("playbooks/domains/network.yml", "-l", ",".join(SITES))
        assert done.code == 0, done.said
        yield Terminal(opened)


def weeks(terminal: Terminal) -> list[str]:
    said = terminal.piste("sobriety", "network", "--format", "json")
    return list(json.loads(said.out)["weeks"])


def test_weeks_are_read_once_kept_and_turned_into_proposals(terminal: Terminal) -> None:
    empty = terminal.piste("sobriety", "network")
    assert empty.code == 3
    assert "Aucune semaine d’usage n’est gardée" in empty.out

    read = terminal.piste("sobriety", "network", "--read", "2")
    assert read.code == 0, read.out + read.err
    assert terminal.writes == []
    assert "2 semaines d’usage" in read.out
    # The access point that somebody uses at night keeps its name, and the school its hours.
    assert "mediatheque : 2 semaines mesurées" in read.out
    assert "Usage hors des heures déclarées" in read.out
    assert "ap-jau-06" in read.out
    assert "Retirer la borne ap-jau-05" in read.out
    kept = weeks(terminal)
    assert len(kept) == 2

    terminal.console.lab.calls.clear()
    again = terminal.piste("sobriety", "network", "--read", "2", "--format", "json")
    assert again.code == 0, again.err
    # The clock of the Dashboard, and the name of the organization.
    assert terminal.console.lab.calls.of("meraki")["reads"] <= 2
    content = json.loads(again.out)
    assert content["weeks"] == kept
    advice = {site["site"]: site for site in content["sites"]}
    assert advice["ecole-jaures"]["weeks"] == 2
    kinds = [proposal["kind"] for proposal in advice["ecole-jaures"]["proposals"]]
    assert kinds[0] == "hours"
    (lines,) = advice["ecole-jaures"]["proposals"][0]["lines"].values()
    assert 'start: "07:30"' in lines

    library = terminal.piste("sobriety", "network", "mediatheque")
    assert library.code == 0
    assert "ecole-jaures" not in library.out


def test_a_dashboard_that_does_not_answer_is_unknown_and_the_kept_weeks_stay(terminal: Terminal) -> None:
    terminal.console.lab.meraki.faults.add("status", path="clientCountHistory", status=403, times=None)
    terminal.console.lab.meraki.faults.add("status", path="usage/history", status=403, times=None)
    kept = {*weeks(terminal)}
    said = terminal.piste("sobriety", "network", "--read", "3")
    terminal.console.lab.meraki.faults.clear()
    assert said.code == 3
    unread = set(re.findall(r"(\d{4}-W\d{2}) : les ports : GET", said.err))
    assert unread
    assert not unread & kept
    assert "refusé (403)" in said.err
    assert "2 semaines d’usage" in said.out


def test_what_is_due_is_read_without_a_person(terminal: Terminal) -> None:
    kept = {*weeks(terminal)}
    due = terminal.piste("read", "usage", "--format", "json")
    assert (due.code, json.loads(due.out)["readings"][0]["read"]) == (0, True)
    assert kept < {*weeks(terminal)}


def test_an_unknown_site_is_refused(terminal: Terminal) -> None:
    said = terminal.piste("sobriety", "network", "ecole-inconnue")
    assert said.code == 4
    assert "aucun site ne s’appelle" in said.err
