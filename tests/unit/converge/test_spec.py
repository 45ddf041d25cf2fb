"""The argument spec and the documentation of a table, which cannot disagree."""

from __future__ import annotations

from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field, camel
from piste.engine.converge.spec import argument_spec, documentation, task_options
from tests.unit.converge.tables import THINGS


def test_each_kind_of_field_has_its_spec() -> None:
    spec = argument_spec(THINGS.fields, defaults=False)
    assert spec["name"] == {"type": "str", "required": True}
    assert spec["mode"] == {"type": "str", "choices": ["open", "closed", "locked"]}
    assert spec["tags"] == {"type": "list", "elements": "str"}
    assert spec["key"] == {"type": "dict", "options": {"secret": {"type": "str", "required": True}}}
    assert spec["servers"]["elements"] == "dict"
    assert spec["servers"]["options"]["port"] == {"type": "int"}


def test_a_list_of_choices_keeps_them() -> None:
    (spec,) = argument_spec([Field("x", "X.", type="list", choices=("a",))]).values()
    assert spec == {"type": "list", "elements": "str", "choices": ["a"]}


def test_defaults_are_documented_as_they_are_written() -> None:
    fields = [
        Field("one", "One.", type="int", default=1),
        Field("none", "None.", default=None),
        Field("no", "No.", type="bool", default=False),
        Field("word", "Word.", default="Auto negotiate"),
        Field("list", "List.", type="list", default=["é"]),
    ]
    lines = [entry["description"][-1] for entry in documentation(fields, defaults=False).values()]
    assert lines == [
        "The system's own default is C(1).",
        "The system's own default is C(null).",
        "The system's own default is C(false).",
        "The system's own default is C(Auto negotiate).",
        'The system\'s own default is C(["é"]).',
    ]


def test_a_module_shows_its_table_to_people_and_a_whole_config_to_ansible() -> None:
    module = Module("essai", task_options(THINGS), run=lambda params, check: {}, resource=THINGS)
    assert set(module.argument_spec["config"]["options"]) == {field.name for field in THINGS.fields}
    assert module.surface_spec["config"] == {"type": "list", "elements": "dict", "default": []}
    assert module.argument_spec["secrets"] == {"type": "dict", "default": {}, "no_log": True}


def test_the_documentation_has_the_options_of_the_spec_at_every_depth() -> None:
    def names(options: dict[str, Any], inner: str) -> dict[str, Any]:
        return {name: names(option.get(inner) or {}, inner) for name, option in options.items()}

    module = Module("essai", task_options(THINGS), run=lambda params, check: {}, resource=THINGS)
    assert names(module.documented_options, "suboptions") == names(module.argument_spec, "options")


def test_wire_names_are_camel_case_unless_given() -> None:
    assert (camel("radius_servers"), camel("name")) == ("radiusServers", "name")
    assert (THINGS.field("group").wire_name, THINGS.field("free_form").wire_name) == ("groupId", "freeForm")
