"""Keys of rules, and the desired order of a list that several owners share."""

from __future__ import annotations

from typing import Any

from piste.systems.forcepoint.rules import Arrangement, Entry, Live, arrange, content_id, copies, named


def listed(*rules: dict[str, Any] | str) -> list[Live]:
    """A live list: a text is a rule of that id, a text that starts with § a section."""
    return named([Live("", written(rule), {}, f"/{at}") for at, rule in enumerate(rules)])


def written(rule: dict[str, Any] | str) -> dict[str, Any]:
    if not isinstance(rule, str):
        return rule
    return {"section": rule[1:]} if rule.startswith("§") else {"id": rule}


def arranged(lives: list[Live], scope: str, desired: list[str] | None, before: str = "") -> Arrangement:
    entries = [Entry(live.rule, live) for live in lives]
    return arrange(entries, scope, None if desired is None else [written(rule) for rule in desired], before)


def order(arrangement: Arrangement) -> list[str]:
    rules = [entry.rule for entry in arrangement.entries]
    return [f"§{rule['section']}" if "section" in rule else rule["id"] for rule in rules]


def moves(lives: list[Live], arrangement: Arrangement) -> list[str]:
    return [str(entry.rule["id"]) for entry in arrangement.moved(lives)]


def test_a_rule_is_known_by_its_id_then_by_its_unique_name() -> None:
    lives = listed({"id": "web", "name": "Web"}, {"name": "DNS"}, {"name": "Copie"}, {"name": "Copie", "log": "stored"})
    assert [live.key for live in lives[:2]] == ["web", "DNS"]
    assert [live.made for live in lives] == [False, False, True, True]
    assert lives[2].key == content_id({"name": "Copie"}) != lives[3].key


def test_an_unnamed_rule_keeps_its_made_id_wherever_it_stands() -> None:
    rule = {"sources": ["any"], "action": ["allow"]}
    (alone,) = listed(rule)
    *_, last = listed("a", "b", rule)
    assert alone.key == last.key == alone.rule["id"]
    assert alone.written == rule


def test_equal_unnamed_rules_are_numbered_by_their_order() -> None:
    first, other = listed({"action": ["allow"]}, {"action": ["allow"]})
    assert other.key == f"{first.key}-2"


def test_a_copied_rule_has_no_id_and_the_oldest_keeps_it() -> None:
    pasted = [Live("", {"id": "a"}, {}, "/9"), Live("", {"id": "b"}, {}, "/2"), Live("", {"id": "a"}, {}, "/1")]
    assert [live.path for live in copies(pasted)] == ["/9"]
    copy, b, a = named(pasted)
    assert (copy.made, copy.written, b.key, a.key) == (True, {}, "b", "a")
    result = arranged([copy, b, a], "whole", ["a", "b"])
    assert [live.path for live in result.gone] == ["/9"]


def test_the_whole_list_is_what_is_wanted() -> None:
    lives = listed("§A", "a", "b", "§B", "c")
    result = arranged(lives, "whole", ["§A", "b", "new", "a"])
    assert order(result) == ["§A", "b", "new", "a"]
    assert [live.key for live in result.gone] == ["section B", "c"]
    assert moves(lives, result) in (["a"], ["b"])


def test_a_section_touches_nothing_of_the_others() -> None:
    lives = listed("§A", "a", "§B", "b", "c", "§C", "d")
    result = arranged(lives, "section:B", ["c", "new"])
    assert order(result) == ["§A", "a", "§B", "c", "new", "§C", "d"]
    assert [live.key for live in result.gone] == ["b"]
    assert moves(lives, result) == []


def test_a_new_section_is_made_where_it_is_wanted() -> None:
    lives = listed("§A", "a", "§Fin", "z")
    assert order(arranged(lives, "section:B", ["b"], "Fin")) == ["§A", "a", "§B", "b", "§Fin", "z"]
    assert order(arranged(lives, "section:B", ["b"])) == ["§A", "a", "§Fin", "z", "§B", "b"]
    assert order(arranged(lives, "section:B", [])) == ["§A", "a", "§Fin", "z"]


def test_a_section_that_goes_takes_its_header() -> None:
    lives = listed("§A", "a", "§B", "b", "§C")
    result = arranged(lives, "section:B", None)
    assert order(result) == ["§A", "a", "§C"]
    assert {live.key for live in result.gone} == {"section B", "b"}


def test_owned_rules_stay_where_they_are_among_others() -> None:
    lives = listed("x-1", "o", "x-2", "p", "x-3")
    result = arranged(lives, "rules:x-", ["x-0", "x-1", "x-3", "x-2b", "x-2"])
    assert [name for name in order(result) if not name.startswith("x-")] == ["o", "p"]
    assert [name for name in order(result) if name.startswith("x-")] == ["x-0", "x-1", "x-3", "x-2b", "x-2"]
    assert result.gone == []
    assert len(moves(lives, result)) == 1


def test_owned_rules_that_are_new_go_before_their_section() -> None:
    lives = listed("§A", "a", "§Fin", "z")
    assert order(arranged(lives, "rules:x-", ["x-1", "x-2"], "Fin")) == ["§A", "a", "x-1", "x-2", "§Fin", "z"]


def test_adoption_takes_an_unnamed_rule_for_the_declared_one_of_its_content() -> None:
    lives = listed({"action": ["allow"], "log": "stored"})
    entries = [Entry(live.rule, live) for live in lives]
    desired = [{"id": "web", "action": ["allow"], "log": "stored"}]
    assert arrange(entries, "whole", desired).gone == lives
    adopted = arrange(entries, "whole", desired, adopt=True)
    assert adopted.gone == []
    assert [entry.live for entry in adopted.entries] == lives
    assert adopted.entries[0].changed(adopt=True)
