"""Contents of a declaration: every fault at once, each with the name that people know."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig
from piste.engine.converge.normalise import declared, declared_keys, from_wire, to_wire
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.converge.values import Misfit, coerce, stable
from tests.unit.converge.tables import FIXED, GROUPS, OWNER, THINGS, secret, vault

VAULT = vault(clef="valeur-longue")
MODES = "open, closed, locked"


def faults(config: list[Any]) -> list[str]:
    with pytest.raises(InvalidConfig) as caught:
        declared(THINGS, config, VAULT, OWNER)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"mod": "open"}, "config[a].mod : clé inconnue, vouliez-vous dire « mode » ?"),
        ({"options": {"zzz": 1}}, "config[a].options.zzz : clé inconnue ; clés connues : level, label, depth"),
        ({"mode": "ouvert"}, f"config[a].mode : « ouvert » n’est pas admis ; valeurs : {MODES}"),
        ({"mode": True}, "config[a].mode : un texte est attendu, reçu un booléen"),
        ({"limit": 101}, "config[a].limit : 101 est hors des bornes (0 à 100)"),
        ({"ratio": -0.5}, "config[a].ratio : -0.5 est hors des bornes (0 à …)"),
        ({"title": "x" * 41}, "config[a].title : un texte de 41 caractères est hors des bornes (… à 40)"),
        ({"limit": "beaucoup"}, "config[a].limit : un nombre entier est attendu, reçu un texte"),
        ({"limit": "²"}, "config[a].limit : un nombre entier est attendu, reçu un texte"),
        ({"limit": "--5"}, "config[a].limit : un nombre entier est attendu, reçu un texte"),
        ({"limit": 1.5}, "config[a].limit : un nombre entier est attendu, reçu un nombre"),
        ({"active": "yes"}, "config[a].active : vrai ou faux (true, false) est attendu, reçu un texte"),
        ({"ratio": True}, "config[a].ratio : un nombre est attendu, reçu un booléen"),
        ({"title": None}, "config[a].title : null n’est pas accepté ici : omettez la clé ou donnez une valeur"),
        ({"tags": "x"}, "config[a].tags : une liste est attendue, reçu un texte"),
        ({"tags": ["x", None]}, "config[a].tags[1] : un texte est attendu, reçu null"),
        ({"options": ["x"]}, "config[a].options : un dictionnaire est attendu, reçu une liste"),
        (
            {"options": {"depth": {"warm": []}}},
            "config[a].options.depth.warm : un nombre entier est attendu, reçu une liste",
        ),
        ({"servers": [{}]}, "config[a].servers[0].host : clé obligatoire absente"),
        ({"servers": ["x"]}, "config[a].servers[0] : un dictionnaire est attendu, reçu un texte"),
        ({"servers": [{"host": "nps"}]}, "config[a].servers[nps:1812].host : « nps » n’a pas la forme attendue"),
        (
            {"servers": [{"host": "10.0.0.1", "port": 0}]},
            "config[a].servers[10.0.0.1:0].port : 0 est hors des bornes (1 à 65535)",
        ),
        (
            {"servers": [{"host": "10.0.0.1"}, {"host": "10.0.0.1", "port": "1812"}]},
            "config[a].servers[10.0.0.1:1812] : « 10.0.0.1:1812 » est déclaré deux fois",
        ),
        (
            {"key": "en-clair"},
            "config[a].key : un secret ne s’écrit pas ici : mettez la référence {secret: essai/ecole-essai/a/key}",
        ),
        (
            {"login": {"password": {"secret": 5}}},
            "config[a].login.password : un secret ne s’écrit pas ici : mettez la référence "
            "{secret: essai/ecole-essai/<user>/password}",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_path(wrong: dict[str, Any], expected: str) -> None:
    assert faults([{"name": "a", **wrong}]) == [expected]


def test_all_faults_come_at_once_under_one_message() -> None:
    config: list[Any] = [
        {"name": "a", "mode": "ouvert", "limit": "x", "key": "tres-secret"},
        {"title": 5, "active": 1},
        "texte",
        {"name": "a"},
        {"name": ""},
    ]
    with pytest.raises(InvalidConfig) as caught:
        declared(THINGS, config, VAULT, OWNER)
    assert str(caught.value) == (
        "PISTE-E001 8 erreurs dans la configuration demandée, rien n’a été envoyé. Corrigez puis relancez :\n"
        f"  - config[a].mode : « ouvert » n’est pas admis ; valeurs : {MODES}\n"
        "  - config[a].limit : un nombre entier est attendu, reçu un texte\n"
        "  - config[a].key : un secret ne s’écrit pas ici : mettez la référence {secret: essai/ecole-essai/a/key}\n"
        "  - config[1].name : clé obligatoire absente\n"
        "  - config[1].active : vrai ou faux (true, false) est attendu, reçu un entier\n"
        "  - config[2] : un dictionnaire est attendu\n"
        "  - config[a] : « a » est déclaré deux fois\n"
        "  - config[].name : ne peut pas être vide"
    )
    assert caught.value.kind == "refused"


def test_a_secret_in_clear_is_never_shown_even_where_the_name_is_missing() -> None:
    said = faults([{"key": "tres-secret"}])
    assert said == [
        "config[0].name : clé obligatoire absente",
        "config[0].key : un secret ne s’écrit pas ici : mettez la référence {secret: essai/ecole-essai/<name>/key}",
    ]


def test_only_declared_keys_come_out_in_canonical_form() -> None:
    config = [
        {
            "name": 12,
            "limit": "7",
            "ratio": 2.0,
            "tags": ["B", "a", "b"],
            "steps": ["2", 1],
            "servers": [{"host": "2001:DB8:0::1"}],
            "pools": [{"name": "z"}, {"name": "a", "size": 2}],
            "options": {"label": None},
            "key": secret("clef"),
            "free_form": {1: ("x", {"y": None})},
        }
    ]
    (item,) = declared(THINGS, config, VAULT, OWNER)
    assert item == {
        "name": "12",
        "limit": 7,
        "ratio": 2,
        "tags": ["a", "b"],
        "steps": [2, 1],
        "servers": [{"host": "2001:db8::1", "port": 1812, "weight": 0}],
        "pools": [{"name": "a", "size": 2}, {"name": "z", "size": 1}],
        "options": {"label": None},
        "key": VAULT.get("clef"),
        "free_form": {"1": ["x", {"y": None}]},
    }
    assert isinstance(item["ratio"], int)


def test_two_spellings_of_one_key_are_one_object() -> None:
    with pytest.raises(InvalidConfig, match=r"config\[q1/1\] : « Q1/1 » est déclaré deux fois"):
        declared(FIXED, [{"box": "Q1", "port_id": 1}, {"box": "q1", "port_id": "1"}], VAULT)


def test_keys_that_a_task_names_are_spelt_as_the_objects_are() -> None:
    assert declared_keys(FIXED, ["q1/2", "Q2/a/b", "seul"]) == ["Q1/2", "Q2/a/b", "SEUL"]
    assert declared_keys(THINGS, ["a/b", 5]) == ["a/b", "5"]


def test_a_live_value_of_the_type_is_kept_as_it_is() -> None:
    document = {"mode": "nouveau", "limit": 7.0, "tags": ["B"], "servers": [{"host": "nps"}], "groupId": 9}
    assert from_wire(THINGS.fields, document, VAULT, GROUPS, {"owner": OWNER}) == {
        "mode": "nouveau", "limit": 7, "tags": ["b"], "group": "9",
        "servers": [{"host": "nps", "port": 1812, "weight": 0}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"limit": "²"}, "limit : un nombre entier est attendu, reçu un texte"),
        ({"limit": 7.5}, "limit : un nombre entier est attendu"),
        ({"tags": ["B", None]}, "tags : un texte est attendu, reçu null"),
        ({"tags": "B"}, "tags : une liste est attendue, reçu un texte"),
        ({"options": "texte"}, "options : un dictionnaire est attendu, reçu un texte"),
        ({"options": {"label": []}}, "options : label : un texte est attendu, reçu une liste"),
        ({"title": {"x": [1]}}, "title : un texte est attendu, reçu un dictionnaire"),
        ({"servers": [{"host": "nps"}, "texte"]}, "servers : un dictionnaire est attendu, reçu un texte"),
        ({"active": "oui"}, "active : vrai ou faux (true, false) est attendu, reçu un texte"),
        ({"groupId": {}}, "groupId : un texte est attendu, reçu un dictionnaire"),
        ({"key": 3.5}, "key : un texte est attendu"),
    ],
)
def test_a_live_value_of_another_type_does_not_read(document: dict[str, Any], expected: str) -> None:
    with pytest.raises(Misfit) as caught:
        from_wire(THINGS.fields, document, VAULT, GROUPS, {"owner": OWNER})
    assert str(caught.value).startswith(expected)


def test_unknown_is_not_a_value() -> None:
    document = {"title": None, "limit": None, "key": "", "options": {"label": None, "level": None}}
    assert from_wire(THINGS.fields, document, VAULT, GROUPS, {}) == {"limit": None, "options": {"label": None}}


def test_references_go_by_name_and_travel_by_id() -> None:
    assert to_wire(THINGS.fields, {"group": "agents"}, GROUPS) == {"groupId": 2}
    assert from_wire(THINGS.fields, {"groupId": 2}, VAULT, GROUPS, {}) == {"group": "agents"}


def test_a_secret_that_is_not_in_hand_is_not_sent() -> None:
    item = {"name": "a", "key": Secret("absent"), "servers": [{"host": "10.0.0.1", "secret": Secret("absent")}]}
    assert to_wire(THINGS.fields, item, GROUPS) == {"name": "a", "servers": [{"host": "10.0.0.1"}]}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("int", " -5 ", -5), ("str", 7, "7"), ("float", 3, 3), ("float", 2.5, 2.5), ("bool", False, False)],
)
def test_spellings_that_leave_no_doubt_are_understood(kind: str, value: Any, expected: Any) -> None:
    assert coerce(kind, value) == expected
    assert type(coerce(kind, value)) is type(expected)


@pytest.mark.parametrize("key", ["", "clef des empreintes"])
def test_secrets_compare_by_what_they_hold_wherever_they_are_kept(key: str) -> None:
    values = Vault({"piste/fingerprint": key})
    first, same, other = values.wrap("a", "valeur-1"), values.wrap("b", "valeur-1"), values.wrap("a", "valeur-2")
    assert (first == same, first == other, first == Secret("a")) == (True, False, False)
    assert (stable({"x": first}) == stable({"x": same}), stable([first]) == stable([other])) == (True, False)
    assert "valeur" not in stable([first, other])


def test_a_default_stands_in_for_silence_only_where_silence_says_something() -> None:
    inner = (
        Field("n", "N."),
        Field("sure", "Sure.", type="int", default=1),
        Field("unsure", "Unsure.", type="int", default=2, uncertain=True),
    )
    fields = (Field("list", "List.", type="list", of=inner),)
    assert from_wire(fields, {"list": [{"n": "a"}]}, VAULT, {}, {}) == {"list": [{"n": "a", "sure": 1}]}
