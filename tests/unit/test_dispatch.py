"""The dispatcher without Ansible: what is masked, made plain, and refused."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from piste.runs import dispatch
from piste.runs.dispatch import MASK, mask, plain, secret_values

SPEC: dict[str, Any] = {
    "config": {"type": "list"},
    "secrets": {"type": "dict", "no_log": True},
    "dashboard": {
        "type": "dict",
        "options": {"url": {"type": "str"}, "api_key": {"type": "str", "no_log": True}},
    },
}
PARAMS: dict[str, Any] = {
    "config": [{"name": "VLB"}],
    "secrets": {"a/b": "premier-secret", "c": ["second-secret", {"d": "premier-secret-long"}], "vide": ""},
    "dashboard": {"url": "https://x", "api_key": "clef-d-acces"},
    "absent": None,
}


class Tagged(str):
    """A text as Ansible carries it: a class of its own."""


def test_every_secret_of_the_parameters_is_found_longest_first() -> None:
    assert secret_values(SPEC, PARAMS) == ["premier-secret-long", "premier-secret", "second-secret", "clef-d-acces"]
    assert secret_values(SPEC, {"dashboard": None, "secrets": {}}) == []


def test_secrets_are_masked_wherever_they_stand() -> None:
    result = {
        "msg": "refusé : premier-secret-long puis clef-d-acces",
        "diff": [{"before": "x: second-secret\n", "premier-secret": ("a", "premier-secret")}],
        "changed": True,
        "count": 3,
        "none": None,
    }
    masked = mask(result, secret_values(SPEC, PARAMS))
    assert masked == {
        "msg": f"refusé : {MASK} puis {MASK}",
        "diff": [{"before": f"x: {MASK}\n", MASK: ["a", MASK]}],
        "changed": True,
        "count": 3,
        "none": None,
    }


def test_a_secret_is_masked_as_an_error_shows_it() -> None:
    secret = 'clé "d’accès"\\\n'
    hidden = secret_values(SPEC, {"secrets": {"a": secret}})
    for shown in (repr(secret), json.dumps(secret), json.dumps(secret, ensure_ascii=False), secret.strip()):
        assert mask(shown, hidden).strip("'\"") == MASK


def test_without_secrets_a_result_is_left_as_it_is() -> None:
    result = {"msg": "x", "diff": ("a",)}
    assert mask(result, []) is result


def test_data_becomes_plain_python_for_writers_that_know_no_tags() -> None:
    class Number(int):
        pass

    class Real(float):
        pass

    given = {Tagged("é"): (Tagged("x"), Number(3), Real(0.5), True, None, {"y": [Tagged("z")]})}
    data = plain(given)
    assert data == {"é": ["x", 3, 0.5, True, None, {"y": ["z"]}]}
    assert [type(value) for value in data["é"][:5]] == [str, int, float, bool, type(None)]
    assert {type(key) for key in data} == {str}
    assert type(data["é"][5]["y"][0]) is str
    assert json.loads(json.dumps(data)) == data


def test_the_filters_of_jinja_are_loaded_before_the_workers_that_need_them(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    for kind in ("filter_loader", "test_loader"):
        monkeypatch.setattr(dispatch, kind, SimpleNamespace(get=loaded.append))
    monkeypatch.setattr(dispatch, "_load_filters", cache(dispatch._load_filters.__wrapped__))
    for module in ("piste_site", "piste_secrets"):
        dispatch.action(module)
    assert loaded == ["default", "defined"]
