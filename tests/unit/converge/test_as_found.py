"""Settings kept as found make the plan empty, whatever the kind, objects and names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from piste.engine.converge.as_found import ABSENT, RESERVED, count, is_nowhere, lay_over, misfits, taken
from piste.engine.converge.errors import Missing, Misused
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.text import as_declaration
from piste.runs.domains.network import MODULES
from piste.town.model.faults import Faults
from piste.town.model.source import read
from tests.unit.converge.fake import System, operations, run
from tests.unit.converge.strategies import VAULT, configs, lives, quick, resources
from tests.unit.converge.tables import FIXED, GROUPS, OWNER, SLOTS, THINGS, secret, vault

GONE = {ABSENT: True}
TABLES = {(table.system, table.name): table for table in (THINGS, SLOTS, FIXED)}


def holding(resource: Resource, live: dict[str, Item]) -> System:
    """A system that holds those items."""
    documents = []
    for item in live.values():
        parts = {f"part:{part.name}": to_wire(part.of, item[part.name], GROUPS) for part in resource.parts}
        documents.append({**to_wire(resource.fields, item, GROUPS), **parts})
    return System(resource, documents)


def adopted(system: System, config: list[Any], **options: Any) -> dict[str, Any]:
    """The entries that make the plan of `config` empty."""
    result = run(system, config, options.pop("vault", VAULT), check=True, survey=True, **options)
    assert system.writes == []
    return taken(TABLES, result["operations"], [result["survey"]], OWNER)


@given(st.data())
@quick
def test_what_is_kept_makes_the_plan_empty_and_reads_back_from_its_file(data: st.DataObject) -> None:
    resource = data.draw(resources)
    live = {key: {"extra": {}, **item} for key, item in data.draw(lives(resource)).items()}
    system, config = holding(resource, live), data.draw(configs(resource))
    try:
        entries = adopted(system, config)
    except Missing:
        assume(False)
    with TemporaryDirectory() as folder:
        path, faults = Path(folder) / "found.yml", Faults()
        path.write_text(as_declaration({"as_found": entries}), "utf-8")
        again = read(path, path.name, faults, visible=False).data.get("as_found", {})
    assert (again, faults) == (entries, [])
    result = run(system, config, VAULT, as_found=again)
    assert (result["operations"], system.writes, result["changed"]) == ([], [], False)


THING = {"name": "un", "mode": "open", "limit": 3, "active": True, "title": "vieux"}


def test_only_what_differs_from_the_rule_is_kept() -> None:
    entries = adopted(System(THINGS, [THING]), [{"name": "un", "mode": "open", "limit": 5, "title": "neuf"}])
    assert entries == {"essai": {"thing": {"un": {"limit": 3, "title": "vieux"}}}}
    assert count(entries) == 2


def test_a_field_of_which_the_object_knows_nothing_is_left_out_of_the_rule() -> None:
    entries = adopted(System(THINGS, [THING]), [{"name": "un", "ratio": 2, "options": {"level": 3}}])
    assert entries == {"essai": {"thing": {"un": {"without": ["options", "ratio"]}}}}
    assert count(entries) == 2


def test_what_no_rule_declares_is_kept_whole_and_counts_for_one() -> None:
    entries = adopted(System(THINGS, [THING]), [])
    assert entries["essai"]["thing"]["un"] == {
        "undeclared": True,
        "mode": "open",
        "limit": 3,
        "active": True,
        "title": "vieux",
    }
    assert count(entries) == 1


def test_what_the_rule_retires_is_kept_too() -> None:
    system = System(THINGS, [THING])
    entries = adopted(system, [], absent=["un"])
    assert run(system, [], VAULT, absent=["un"], as_found=entries)["operations"] == []
    assert operations(run(system, [], VAULT, absent=["un"], check=True)) == ["delete un"]


@pytest.mark.parametrize("resource", [THINGS, SLOTS])
def test_what_is_not_there_is_kept_absent(resource: Resource) -> None:
    entries = adopted(System(resource), [{"name": "un", "mode": "closed"}])
    assert entries == {"essai": {resource.name: {"un": GONE}}}
    assert count(entries) == 1


def test_an_entry_that_is_removed_gives_its_object_back_to_the_rule() -> None:
    system, config = System(THINGS, [THING]), [{"name": "un", "limit": 5, "title": "neuf"}, {"name": "deux"}]
    kept = adopted(system, config)
    entries = kept["essai"]["thing"]
    assert operations(run(system, config, VAULT, as_found=kept, check=True)) == []
    del entries["un"]["title"]
    (change,) = run(system, config, VAULT, as_found=kept, check=True)["operations"]
    assert (change["key"], change["fields"]) == ("un", ["title"])
    del entries["deux"]
    assert operations(run(system, config, VAULT, as_found=kept)) == ["update un", "create deux"]
    assert system.named("un") | {"limit": 3, "title": "neuf"} == system.named("un")


def test_a_secret_that_is_not_the_vault_s_gets_a_path_of_its_own_and_is_left_in_place() -> None:
    system = System(SLOTS, [{"name": "un", "number": 0, "mode": "closed", "active": True, "key": "une-autre-clef"}])
    config = [{"name": "un", "mode": "closed", "key": secret("essai/un")}]
    entries = adopted(system, config)
    assert entries["essai"]["place"]["un"] == {"key": secret("as-found/ecole-essai/essai/ecole-essai/un/key")}
    result = run(system, config, VAULT, as_found=entries)
    assert (result["operations"], system.writes) == ([], [])
    assert result["withheld"] == [
        "place un : secret absent (as-found/ecole-essai/essai/ecole-essai/un/key), laissé en place sans être vérifié"
    ]
    supplied = vault(**{"essai.un": "valeur-un", "as-found.ecole-essai.essai.ecole-essai.un.key": "une-autre-clef"})
    assert run(system, config, supplied, as_found=entries)["withheld"] == []
    assert operations(run(system, config, VAULT, check=True)) == ["update un"]


def test_without_a_key_of_fingerprints_a_secret_is_kept_all_the_same() -> None:
    bare = type(VAULT)({"essai/un": "valeur-un"})
    system = System(THINGS, [{**THING, "key": "une-autre-clef"}])
    config = [{"name": "un", "key": secret("essai/un")}]
    entries = adopted(system, config, vault=bare)
    assert entries["essai"]["thing"]["un"] == {"key": secret("as-found/ecole-essai/essai/ecole-essai/un/key")}


def test_two_names_that_a_path_cannot_hold_stay_distinct() -> None:
    system = System(THINGS, [{**THING, "name": name, "key": "clef-trouvée"} for name in ("salle a", "salle {{ a }}")])
    entries = adopted(system, [])["essai"]["thing"]
    paths = {entry["key"]["secret"] for entry in entries.values()}
    assert len(paths) == 2
    assert all(set(path) <= set("abcdefghijklmnopqrstuvwxyz0123456789-/") for path in paths)


def test_a_partial_entry_without_a_rule_creates_nothing_and_is_said() -> None:
    system = System(THINGS)
    result = run(system, [], VAULT, as_found={"essai": {"thing": {"un": {"limit": 3}}}})
    assert (result["operations"], len(result["warnings"])) == ([], 1)
    assert result["warnings"][0].startswith("thing un : gardé comme trouvé (as_found), mais aucune règle")


HOUSE, LEVEL = (
    Resource("essai", kind, "Lieu", (Field("name", "Name."),))
    for kind in ("house", "level")
)
ROOM = Resource(
    "essai", "room", "Salle", (Field("floor", "F."), Field("number", "N.")), key=("floor", "number"),
    parents={"house": "", "level": "floor"},
)  # fmt: skip


def test_what_is_in_an_absent_object_is_absent_with_it() -> None:
    absent = {"level": {"cave": GONE}, "house": {"école": GONE}}
    config = [{"floor": "cave", "number": "1"}, {"floor": "toit", "number": "2"}]
    assert lay_over(ROOM, config, [], absent) == (config[1:], [], [])
    assert is_nowhere(ROOM, absent, "école")
    assert not is_nowhere(ROOM, absent, "mairie")


def described(kind: str, key: str, before: Any = None) -> dict[str, Any]:
    content = {"before": before, "after": {"n": 1}}
    action = "update" if before else "create"
    return {"system": "essai", "owner": OWNER, "kind": kind, "key": key, "action": action, "content": content,
            "fields": ["n"]}  # fmt: skip


def test_nothing_is_kept_of_what_is_in_an_absent_object() -> None:
    tables = {("essai", "house"): HOUSE, ("essai", "room"): ROOM, ("essai", "level"): LEVEL}
    level = [described("level", "cave"), described("room", "cave/1"), described("room", "toit/2", {"n": 2})]
    assert taken(tables, level, [], OWNER)["essai"] == {"level": {"cave": GONE}, "room": {"toit/2": {"n": 2}}}
    house = [described("house", "école"), described("room", "toit/2")]
    assert taken(tables, house, [], OWNER) == {"essai": {"house": {"école": GONE}}}
    assert taken(tables, house, [], "ailleurs") == {}


def test_a_survey_that_could_write_is_refused() -> None:
    system = System(THINGS)
    with pytest.raises(Misused, match="un relevé"):
        run(system, [{"name": "un"}], VAULT, survey=True)
    assert system.reads == 0


@pytest.mark.parametrize("entry", [{"limits": 3}, {"limit": "trois"}, {"key": "en-clair"}])
def test_what_the_table_does_not_take_is_said(entry: dict[str, Any]) -> None:
    (fault,) = misfits(THINGS, "un", entry, OWNER)
    assert fault.path == f"config[un].{next(iter(entry))}"
    assert misfits(THINGS, "un", {"limit": 3, "without": ["mode"]}, OWNER) == misfits(THINGS, "un", GONE, OWNER) == []


def names(fields: tuple[Field, ...]) -> set[str]:
    return {field.name for field in fields}.union(*(names(field.of) for field in fields if field.of))


def test_no_field_has_a_name_that_an_entry_reserves() -> None:
    known = [module.resource for module in MODULES.values() if module.resource]
    assert [table.name for table in (*TABLES.values(), *known) if names(table.fields) & RESERVED] == []


def test_every_parent_is_a_kind_and_a_part_of_the_key() -> None:
    tables = {module.resource.name: module.resource for module in MODULES.values() if module.resource}
    for table in tables.values():
        assert set(table.parents) <= set(tables)
        assert {field for field in table.parents.values() if field} <= set(table.key)


def test_what_is_to_be_mended_is_not_kept() -> None:
    """A half-made object that is otherwise as the rule says stays in the plan, to be made whole."""
    resource = Resource("fake", "part", "", (Field("name", "n"),), repairs="defects")
    content = {"before": {"name": "un", "defects": ["rien"]}, "after": {"name": "un"}}
    described = {"system": "fake", "owner": OWNER, "kind": "part", "key": "un", "action": "update",
                 "fields": ["defects"], "content": content}  # fmt: skip
    assert taken({("fake", "part"): resource}, [described], [], OWNER) == {}


def test_what_people_change_every_day_is_not_kept_of_what_no_rule_declares() -> None:
    daily = replace(THINGS, daily=frozenset({"limit"}))
    entries = adopted(System(daily, [to_wire(THINGS.fields, THING, GROUPS)]), [])
    entry = entries[THINGS.system][THINGS.name]["un"]
    assert entry.keys() >= {"undeclared", "mode", "title"}
    assert "limit" not in entry
