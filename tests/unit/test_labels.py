"""The French words of fields and values: every field that a plan prints has its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from piste.engine.converge.resource import Field
from piste.runs.changes import IDENTITIES, RECOGNITION
from piste.systems.kinds import KINDS
from piste.systems.kinds.labels import in_words, kind, label, table

UNLABELLED = {"policies": "each setting of a group policy has a label of its own"}


def forms(within: str, fields: Sequence[Field]) -> Iterator[tuple[str, Sequence[Field]]]:
    """List the kinds and the fields that contain others, each with what it contains."""
    yield within, fields
    for field in fields:
        yield from forms(field.name, field.of) if field.of else ()


FORMS = [form for each in KINDS for form in forms(each.table.name, each.table.fields)]
SECONDS = re.compile(r"\bseconds\b", re.IGNORECASE)
NUMBERS = ("int", "float")
FIELDS = [(within, field.name, field.choices) for within, fields in FORMS for field in fields]


def test_every_field_of_a_plan_has_a_label() -> None:
    hidden = {(kind, name) for kind, names in RECOGNITION.items() for name in names}
    labels = table()["fields"]
    bare = {(within, name) for within, name, _ in FIELDS if not labels.keys() & {f"{within}.{name}", name}}
    assert {name for _, name in bare - hidden} == {*UNLABELLED}


def test_every_kind_of_object_has_words_of_its_own() -> None:
    assert table()["kinds"].keys() == {each.table.name for each in KINDS}
    named = Counter((each.domain, kind(each.table.name)) for each in KINDS)
    assert [pair for pair, count in named.items() if count > 1] == []
    assert kind("never_seen") == "never_seen"


def test_two_fields_of_a_form_never_share_a_label() -> None:
    shared = {
        (within, text)
        for within, fields in FORMS
        for text, count in Counter(label(within, field.name) for field in fields).items()
        if count > 1
    }
    assert shared == set()


def test_the_table_names_only_fields_and_values_that_are() -> None:
    known = {name for _, name, _ in FIELDS} | {f"{within}.{name}" for within, name, _ in FIELDS}
    assert {*table()["fields"]} - known == set()
    for key, words in table()["values"].items():
        within, _, name = key.rpartition(".")
        closed = {
            choice for inside, of, choices in FIELDS if of == name and within in ("", inside) for choice in choices
        }
        assert key in known, key
        assert not closed or words.keys() <= closed, key
        assert len({*words.values()}) == len(words), key


def test_a_moment_is_written_in_the_time_of_the_town() -> None:
    assert {*table()["moments"]} <= {f"{within}.{name}" for within, name, _ in FIELDS}
    assert in_words("maintenance", "since", 1_767_225_600) == "01/01/2026 à 01:00"


def test_a_length_of_time_is_written_in_days_and_hours() -> None:
    bare = {
        (within, field.name)
        for within, fields in FORMS
        for field in fields
        if field.type in NUMBERS and SECONDS.search(field.doc)
        and in_words(within, field.name, 604_800) != "7 jours"
    }  # fmt: skip
    assert bare == set()
    assert in_words("weekly", "start", 480) == "08:00"


def test_a_unit_and_a_zero_are_of_numbers() -> None:
    numbers = {f"{within}.{field.name}" for within, fields in FORMS for field in fields if field.type in NUMBERS}
    assert {field for fields in table()["zeros"].values() for field in fields} - numbers == set()
    assert in_words("schedules", "rpo_seconds", 0) == "synchrone"
    assert in_words("power_plans", "sleep_ac", False) is False


def test_what_names_an_element_has_the_same_label_everywhere() -> None:
    assert [key for key in table()["fields"] if "." in key and key.rpartition(".")[2] in IDENTITIES] == []
