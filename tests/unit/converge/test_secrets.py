"""Secrets: missing, rotated, unreadable; what is remembered of them; nothing shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.engine.converge.errors import Misused
from piste.engine.converge.memory import Memory
from piste.engine.converge.normalise import declared
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Secret, Vault, as_references, has_missing, without_values
from piste.engine.converge.withhold import withhold
from tests.unit.converge.fake import System, operations, run
from tests.unit.converge.tables import EMPTY, SLOTS, THINGS, secret, vault
from tests.unit.transport.local import python

ONE, TWO = "premiere-valeur", "seconde-valeur"
SERVERS = [{"name": "a", "servers": [{"host": "10.0.0.1", "secret": secret("radius")}]}]
LOGIN = [{"name": "a", "login": {"user": "u", "password": secret("radius")}, "hidden": 4}]
POOLS = [{"name": "a", "pools": [{"name": n, "code": secret(f"code/{n}")} for n in "zab"]}]


def test_a_place_without_its_secret_is_taken_switched_off_and_listed() -> None:
    system = System(SLOTS)
    config = [{"name": "a", "active": True, "mode": "closed", "key": secret("clef"), "title": "t"}]
    result = run(system, config, vault())
    assert result["withheld"] == ["place a : secret absent (clef), laissé désactivé"]
    assert result["warnings"] == result["withheld"]
    assert {name: system.named("a").get(name) for name in ("active", "mode", "title", "key")} == {
        "active": False, "mode": "open", "title": "t", "key": None,
    }  # fmt: skip
    assert not run(system, config, vault())["changed"]
    assert run(system, config, vault(clef=ONE))["withheld"] == []
    assert (system.named("a")["active"], system.named("a")["key"]) == (True, ONE)


def test_an_object_that_works_with_its_secret_is_left_alone_when_the_secret_is_missing() -> None:
    working = {"name": "a", "number": 0, **EMPTY, "active": True, "mode": "closed", "key": ONE}
    system = System(SLOTS, [working])
    config = [{"name": "a", "active": True, "mode": "closed", "key": secret("clef"), "title": "t"}]
    result = run(system, config, vault())
    assert result["withheld"] == ["place a : secret absent (clef), laissé en place sans être vérifié"]
    assert system.named("a") == {**working, "title": "t"}


def test_an_object_in_service_in_another_mode_is_left_alone_when_the_secret_is_missing() -> None:
    working = {"name": "a", "number": 0, **EMPTY, "active": True}
    system = System(SLOTS, [working])
    config = [{"name": "a", "active": True, "mode": "closed", "key": secret("clef"), "title": "t"}]
    result = run(system, config, vault())
    assert result["withheld"] == ["place a : secret absent (clef), en service et laissé tel quel"]
    assert system.named("a") == working


def test_an_object_out_of_service_stays_so_when_the_secret_is_missing() -> None:
    system = System(SLOTS, [{"name": "a", "number": 0, **EMPTY, "active": False}])
    run(system, [{"name": "a", "active": True, "mode": "closed", "key": secret("clef")}], vault())
    assert (system.named("a")["active"], system.named("a")["mode"]) == (False, "open")


def test_an_object_out_of_service_is_not_lit_with_a_secret_that_nobody_here_knows() -> None:
    system = System(SLOTS, [{"name": "a", "number": 0, **EMPTY, "active": False, "mode": "closed", "key": ONE}])
    config = [{"name": "a", "active": True, "mode": "closed", "key": secret("clef")}]
    result = run(system, config, vault())
    assert result["withheld"] == ["place a : secret absent (clef), laissé désactivé"]
    assert not result["changed"]
    assert (system.named("a")["active"], system.named("a")["key"]) == (False, ONE)


@pytest.mark.parametrize("config", [SERVERS, LOGIN])
def test_an_unreadable_secret_that_is_missing_leaves_a_working_object_alone(config: list[dict[str, Any]]) -> None:
    system = System(SLOTS)
    run(system, [{**config[0], "active": True}], vault(radius=ONE))
    before = json.dumps(system.documents)
    result = run(system, [{**config[0], "active": True}], vault())
    assert not result["changed"]
    assert result["withheld"] == ["place a : secret absent (radius), laissé en place sans être vérifié"]
    assert json.dumps(system.documents) == before


def test_an_object_that_cannot_be_switched_off_is_not_created_without_its_secret() -> None:
    system = System(THINGS)
    result = run(system, SERVERS, vault())
    assert result["withheld"] == ["thing a : secret absent (radius), non créé"]
    assert system.names() == []


def test_a_removal_asks_for_no_secret() -> None:
    system = System(THINGS, [{"name": "a", **EMPTY}])
    result = run(system, SERVERS, vault(), state="deleted")
    assert (operations(result), result["withheld"]) == (["delete a"], [])
    assert run(system, SERVERS, vault(), state="deleted")["withheld"] == []


@pytest.mark.parametrize("config", [SERVERS, LOGIN])
def test_the_rotation_of_an_unreadable_secret_is_one_change(tmp_path: Path, config: list[dict[str, Any]]) -> None:
    system, lock = System(THINGS), tmp_path / "secrets.lock.yml"
    run(system, config, vault(radius=ONE), lock=lock)
    assert not run(system, config, vault(radius=ONE), lock=lock)["changed"]
    assert operations(run(system, config, vault(radius=TWO), lock=lock)) == ["update a"]
    assert TWO in json.dumps(system.documents)
    assert ONE not in json.dumps(system.documents)
    assert not run(system, config, vault(radius=TWO), lock=lock)["changed"]
    assert ONE not in lock.read_text("utf-8")
    assert TWO not in lock.read_text("utf-8")


def test_a_secret_never_written_by_us_is_written_once_where_we_remember(tmp_path: Path) -> None:
    system, lock = System(THINGS, [{"name": "a", **EMPTY, "servers": [{"host": "10.0.0.1"}]}]), tmp_path / "lock.yml"
    assert operations(run(system, SERVERS, vault(radius=ONE), lock=lock)) == ["update a"]
    assert not run(system, SERVERS, vault(radius=ONE), lock=lock)["changed"]


@pytest.mark.parametrize("without", ["memory", "key"])
def test_without_memory_or_key_what_is_unknown_counts_as_unchanged(tmp_path: Path, without: str) -> None:
    lock = tmp_path / "lock.yml" if without == "key" else None
    values = Vault({"radius": ONE}) if without == "key" else vault(radius=ONE)
    system = System(THINGS, [{"name": "a", **EMPTY, "servers": [{"host": "10.0.0.1"}]}])
    assert not run(system, SERVERS, values, lock=lock)["changed"]
    assert not (tmp_path / "lock.yml").exists()


def test_unreadable_codes_do_not_move_the_elements_of_an_unordered_list(tmp_path: Path) -> None:
    codes = {f"code.{n}": f"valeur-de-{n}" for n in "zab"}
    system = System(THINGS)
    run(system, POOLS, vault(**codes), lock=tmp_path / "lock.yml")
    assert not run(system, POOLS, vault(**codes), lock=tmp_path / "lock.yml")["changed"]
    codes["code.b"] = "autre-valeur"
    assert operations(run(system, POOLS, vault(**codes), lock=tmp_path / "lock.yml")) == ["update a"]


def test_a_server_that_stays_keeps_its_id_and_so_its_secret() -> None:
    system = System(THINGS)
    run(system, SERVERS, vault(radius=ONE))
    config = [{"name": "a", "servers": [{"host": "10.0.0.1", "weight": 2}, {"host": "10.0.0.2"}]}]
    run(system, config, vault())
    assert system.named("a")["servers"] == [
        {"serverId": "id-10.0.0.1", "secret": ONE, "host": "10.0.0.1", "port": 1812, "weight": 2},
        {"serverId": "id-10.0.0.2", "host": "10.0.0.2", "port": 1812, "weight": 0},
    ]


def test_an_id_is_kept_though_the_system_spells_the_server_otherwise() -> None:
    live = {"serverId": "s1", "host": "2001:0DB8::0001", "secret": ONE}
    system = System(THINGS, [{"name": "a", **EMPTY, "servers": [{"host": "2001:db8::1"}]}])
    system.named("a")["servers"] = [live]
    run(system, [{"name": "a", "servers": [{"host": "2001:db8::1", "weight": 1}]}], vault())
    assert [(server["serverId"], server["secret"]) for server in system.named("a")["servers"]] == [("s1", ONE)]


@pytest.mark.parametrize("values", [Vault({"clef": TWO}), vault(clef=TWO)])
def test_a_readable_secret_is_compared_by_what_it_holds(values: Vault) -> None:
    system = System(THINGS, [{"name": "a", **EMPTY, "key": ONE}])
    config = [{"name": "a", "key": secret("clef")}]
    assert operations(run(system, config, values)) == ["update a"]
    assert system.named("a")["key"] == TWO
    assert not run(system, config, values)["changed"]


def test_nothing_of_a_result_holds_a_value() -> None:
    system = System(THINGS, [{"name": "a", **EMPTY, "key": ONE}])
    config = [{**SERVERS[0], "key": secret("clef")}]
    result = run(system, config, vault(clef=TWO, radius="valeur-radius"), check=True)
    shown = json.dumps(result, ensure_ascii=False)
    assert not [value for value in (ONE, TWO, "valeur-radius") if value in shown]
    assert "secret clef (empreinte " in result["diff"][0]["after"]
    gathered = run(system, [], vault(clef=TWO), state="gathered")["gathered"]
    assert gathered[0]["key"] == secret("essai/ecole-essai/a/key")


def test_an_export_refers_to_what_is_never_read_back() -> None:
    document = {"name": "a", **EMPTY, "servers": [{"host": "10.0.0.1"}], "login": {"user": "u"}}
    gathered = run(System(THINGS, [document]), [], vault(), state="gathered")["gathered"][0]
    assert gathered["servers"][0]["secret"] == secret("essai/ecole-essai/radius")
    assert gathered["login"] == {"user": "u", "password": secret("essai/ecole-essai/u/password")}


STORE = """
import sys
from pathlib import Path
from piste.engine.converge.memory import Memory
from piste.engine.converge.secrets import Vault
memory = Memory(Path(sys.argv[1]), Vault())
for turn in range(20):
    memory.store({f"{sys.argv[2]}/{turn}": f"empreinte {sys.argv[2]}"})
"""


def test_processes_that_remember_in_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inventaire" / "secrets.lock.yml"
    workers = [python(STORE, str(path), str(number)) for number in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    known = yaml.safe_load(path.read_text("utf-8"))
    assert known == {f"{number}/{turn}": f"empreinte {number}" for number in range(3) for turn in range(20)}
    assert list(known) == sorted(known)
    assert path.read_text("utf-8").startswith("# Empreintes")


def test_what_another_process_has_remembered_meanwhile_counts(tmp_path: Path) -> None:
    mine, other = Memory(tmp_path / "l.yml", vault()), Memory(tmp_path / "l.yml", vault())
    other.store({"a": "1"})
    mine.store({"a": "1"})
    assert mine.digest("a") == "1"


def test_any_address_is_remembered(tmp_path: Path) -> None:
    entries = {"nom\x85\n{{ x }}\u202e": "1", "é" * 300: "2", "null": "3", "1e3": "12345"}
    Memory(tmp_path / "l.yml", vault()).store(entries)
    memory = Memory(tmp_path / "l.yml", vault())
    assert {address: memory.digest(address) for address in entries} == entries


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\na: '1'\n=======\na: '2'\n>>>>>>> autre\n", "- liste\n"])
def test_a_file_that_a_merge_has_broken_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.lock.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(Misused) as caught:
        Memory(path, vault()).digest("a")
    assert str(caught.value).startswith(f"PISTE-E030 {path} : le fichier d’empreintes est illisible. ")
    assert "Résolvez le conflit de fusion" in str(caught.value)


def test_a_vault_names_what_is_too_short_and_hides_values() -> None:
    values = Vault({"court": "1234567", "bon": "12345678", "vide": ""})
    assert values.too_short() == ["court"]
    assert values.values() == ["12345678", "1234567"]
    assert values.get("vide").missing
    assert "12345678" not in repr(values.get("bon"))


def test_secrets_in_data_become_references_or_fingerprints() -> None:
    known, unknown = vault(a=ONE).get("a"), Secret("b")
    data = {"x": [known, {"y": unknown}], "z": 1}
    assert as_references(data) == {"x": [secret("a"), {"y": secret("b")}], "z": 1}
    assert without_values(data) == {
        "x": [{"secret": "a", "fingerprint": known.digest[:16]}, {"y": {"secret": "b", "fingerprint": "inconnue"}}],
        "z": 1,
    }
    assert (has_missing(data), has_missing({"x": [known]})) == (True, False)


@pytest.mark.parametrize(("readable", "expected"), [(True, "en service"), (False, "laissé en place")])
def test_a_secret_that_the_system_does_not_tell_is_in_place_only_where_it_never_tells(
    readable: bool, expected: str
) -> None:
    fields = (
        Field("name", "Name."),
        Field("on", "On.", type="bool"),
        Field("pin", "Pin.", secret="p", readable=readable),
    )
    resource = Resource("essai", "x", "X", fields, off={"on": False})
    desired = declared(resource, [{"name": "a", "on": True, "pin": secret("p")}], vault())
    kept, lines = withhold(resource, desired, {"a": {"name": "a", "on": True}})
    assert kept == [{"name": "a", "on": True}]
    assert lines[0].startswith(f"x a : secret absent (p), {expected}")
