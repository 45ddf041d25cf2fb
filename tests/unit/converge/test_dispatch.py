"""Between Ansible and our modules, without Ansible running: what is masked, made plain, and refused."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from piste.converge.errors import Misused
from piste.dispatch import MASK, Frozen, check_environment, check_freeze, mask, plain, secret_values

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


def test_without_secrets_a_result_is_left_as_it_is() -> None:
    result = {"msg": "x", "diff": ("a",)}
    assert mask(result, []) is result


def test_data_becomes_plain_python_for_writers_that_know_no_tags() -> None:
    class Number(int):
        pass

    class Real(float):
        pass

    given = {Tagged("é"): (Tagged("x"), Number(3), Real(0.5), True, None, {"y": [Tagged("z")]})}
    told = plain(given)
    assert told == {"é": ["x", 3, 0.5, True, None, {"y": ["z"]}]}
    assert [type(value) for value in told["é"][:5]] == [str, int, float, bool, type(None)]
    assert {type(key) for key in told} == {str}
    assert type(told["é"][5]["y"][0]) is str
    assert json.loads(json.dumps(told)) == told


def test_exactly_one_environment_is_accepted() -> None:
    check_environment({"piste_model": 1, "piste_environment_lab": True, "autre": "x"})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"piste_environment_lab": True},
            "PISTE-E030 la déclaration commune (group_vars) n'est pas là. Un clone sans liens symboliques la perd en "
            "silence. Vérifiez que inventories/town/group_vars mène à group_vars, et l'inventaire passé à -i.",
        ),
        (
            {"piste_model": 1},
            "PISTE-E030 un environnement et un seul est attendu, trouvé : aucun. Passez -i inventories/town et un seul "
            "de -i inventories/lab, -i inventories/production.",
        ),
        (
            {"piste_model": 1, "piste_environment_production": True, "piste_environment_lab": True},
            "PISTE-E030 un environnement et un seul est attendu, trouvé : lab, production. Passez -i inventories/town "
            "et un seul de -i inventories/lab, -i inventories/production.",
        ),
    ],
)
def test_a_mixed_or_partial_environment_is_refused(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(Misused) as caught:
        check_environment(variables)
    assert (str(caught.value), caught.value.kind) == (message, "refused")


FREEZE = {
    "from": "2026-12-19T00:00",
    "until": "2027-01-04T07:00",
    "except": ["police-municipale"],
    "why": "Congés de fin d'année",
}


@pytest.mark.parametrize(
    ("moment", "host", "frozen"),
    [
        ("2026-12-18T23:59", "ecole-jaures", False),
        ("2026-12-19T00:00", "ecole-jaures", True),
        ("2027-01-04T07:00", "ecole-jaures", True),
        ("2027-01-04T07:01", "ecole-jaures", False),
        ("2026-12-25T12:00", "police-municipale", False),
    ],
)
def test_a_freeze_stops_writes_between_its_ends_and_spares_its_exceptions(
    moment: str, host: str, frozen: bool
) -> None:
    variables = {"freezes": [FREEZE], "inventory_hostname": host}
    now = datetime.fromisoformat(moment)
    if not frozen:
        check_freeze(variables, now)
        return
    with pytest.raises(Frozen) as caught:
        check_freeze(variables, now)
    assert caught.value.kind == "refused"
    assert str(caught.value) == (
        "PISTE-E032 ecole-jaures : les écritures sont gelées jusqu'au 2027-01-04 à 07:00 : Congés de fin d'année. "
        "Rien n'a été écrit. Attendez sa fin ; s'il le faut, ajoutez le site à « except » "
        "(group_vars/all/freezes.yml)."
    )
