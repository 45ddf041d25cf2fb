"""Shared secrets: compared in memory, rotated for their own clients only, never shown."""

import json
import re
from base64 import b64decode
from contextlib import suppress
from gzip import decompress as gunzip
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import nps_documents
from piste.engine.converge.errors import Guarded, Interrupted, PisteError
from piste.systems.windows.nps.document import CLIENTS
from piste.systems.windows.nps.radius_clients import ROTATION
from tests.support.inprocess import Killed
from tests.support.nps import SECRETS, SERVERS, World, killed, operations, torn

MODULE = "nps_radius_clients"
HDV, CCAS = {"secret": "radius/hdv"}, {"secret": "radius/ccas"}
CONFIG: list[dict[str, Any]] = [
    {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": HDV, "enabled": True},
    {"name": "ap-hdv-01", "address": "10.93.0.101", "secret": HDV, "enabled": True},
    {"name": "sw-ccas-01", "address": "10.93.8.11", "secret": CCAS, "enabled": True},
]
NEW = "Nouveau-secret-RADIUS-<&>-é"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, nps_documents.inherited())


def secrets_of(world: World, server: str) -> dict[str, str]:
    document = world.document(server)
    return {item["name"]: document.values(CLIENTS, item["name"], "Shared_Secret")[0] for item in CONFIG}


def test_a_rotation_touches_exactly_the_clients_of_its_secret(world: World) -> None:
    world.once(MODULE, CONFIG)
    world.secrets["radius/hdv"] = NEW
    world.called.clear()
    with pytest.raises(Guarded) as refused:
        world.once(MODULE, CONFIG)
    assert "playbooks/rotate_radius.yml" in str(refused.value)
    assert world.imports == []
    result = world.once(MODULE, CONFIG, confirm=[ROTATION])
    assert operations(result) == [
        ("update", f"{server}/{name}") for server in SERVERS for name in ("sw-hdv-01", "ap-hdv-01")
    ]
    assert all(operation["fields"] == ["secret"] for operation in result["operations"])
    assert world.imports == list(SERVERS)
    for server in SERVERS:
        assert secrets_of(world, server) == {"sw-hdv-01": NEW, "ap-hdv-01": NEW, "sw-ccas-01": SECRETS["radius/ccas"]}
    assert world.once(MODULE, CONFIG)["changed"] is False


def test_a_secret_that_somebody_changed_on_a_server_is_put_back_there(world: World) -> None:
    world.once(MODULE, CONFIG)
    world.edit(
        SERVERS[1], lambda live: live.write(CLIENTS, "sw-hdv-01", {"Shared_Secret": ("string", ["changé à la main"])})
    )
    assert operations(world.once(MODULE, CONFIG, confirm=[ROTATION])) == [("update", f"{SERVERS[1]}/sw-hdv-01")]


def test_a_new_client_without_its_secret_stays_disabled_and_is_listed_until_it_comes(world: World) -> None:
    known = world.secrets.pop("radius/ccas")
    result = world.once(MODULE, CONFIG)
    withheld = [line for line in result["withheld"] if "secret absent (radius/ccas), laissé désactivé" in line]
    assert [line.split(" :")[0] for line in withheld] == [f"radius_client {server}/sw-ccas-01" for server in SERVERS]
    document = world.document()
    assert document.values(CLIENTS, "sw-ccas-01", "Radius_Client_Enabled") == ["0"]
    assert len(document.values(CLIENTS, "sw-ccas-01", "Shared_Secret")[0]) >= 32
    assert world.once(MODULE, CONFIG)["changed"] is False
    world.secrets["radius/ccas"] = known
    assert operations(world.once(MODULE, CONFIG)) == [("update", f"{server}/sw-ccas-01") for server in SERVERS]
    assert world.document().values(CLIENTS, "sw-ccas-01", "Radius_Client_Enabled") == ["1"]
    assert secrets_of(world, SERVERS[1])["sw-ccas-01"] == known


def test_a_client_in_service_whose_secret_is_missing_is_left_alone_and_listed(world: World) -> None:
    world.once(MODULE, CONFIG)
    del world.secrets["radius/ccas"]
    result = world.once(MODULE, CONFIG)
    assert result["changed"] is False
    assert len([line for line in result["withheld"] if "laissé en place" in line]) == len(SERVERS)
    assert secrets_of(world, SERVERS[0])["sw-ccas-01"] == SECRETS["radius/ccas"]


def test_a_secret_of_others_is_exported_under_a_path_of_its_own(world: World) -> None:
    world.once(MODULE, CONFIG)
    exported = {item["name"]: item["secret"] for item in world.once(MODULE, [], state="gathered")["gathered"]}
    assert exported["sw-hdv-01"] == HDV
    assert exported["sw-ccas-01"] == CCAS
    assert exported["Pare-feu"] == {"secret": "radius/hdv/Pare-feu"}


def test_without_a_key_values_are_compared_in_memory_and_shared_with_nobody(tmp_path: Path) -> None:
    world = World(tmp_path, nps_documents.inherited())
    world.once(MODULE, CONFIG)
    world.secrets = {path: value for path, value in world.secrets.items() if path.startswith("radius/")}
    assert world.once(MODULE, CONFIG, check=True)["changed"] is False
    world.secrets["radius/hdv"] = NEW
    assert len(world.once(MODULE, CONFIG, check=True)["operations"]) == 4


def leaks(world: World, *results: Any) -> list[str]:
    """List the secrets, old or new, that results, files of runs or backups show."""
    values = [*world.secrets.values(), *SECRETS.values(), "Mairie-1999", "AncienSecret", "bornes-ecoles"]
    texts = {"result": json.dumps(results, ensure_ascii=False, default=str)}
    texts |= {
        str(path): path.read_bytes().decode("utf-8", "replace") for path in world.folder.rglob("*") if path.is_file()
    }
    return [f"{where}: {value}" for where, text in texts.items() for value in values if value in open_to_all(text)]


def open_to_all(text: str) -> str:
    """Return a text with the decoded content of its base64, packed or not, and of its XML."""
    readings = [text]
    for coded in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", text):
        with suppress(ValueError, OSError):
            content = b64decode(coded)
            readings.append((gunzip(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace"))
    return unescape("\n".join(readings))


def test_no_secret_is_read_in_a_result_an_error_or_a_file(world: World) -> None:
    results: list[Any] = [world.once(MODULE, CONFIG, check=True), world.once(MODULE, CONFIG)]
    world.secrets["radius/hdv"] = NEW
    results.append(world.once(MODULE, CONFIG, confirm=[ROTATION]))
    results.append(world.once(MODULE, [], state="gathered"))
    world.secrets["radius/ccas"] = NEW + NEW
    world.at[len(world.called) + 5, "before"] = torn
    with pytest.raises(Interrupted) as stop:
        world.once(MODULE, CONFIG, confirm=[ROTATION])
    results += [str(stop.value), stop.value.to_json()]
    assert leaks(world, *results) == []


def test_the_backup_of_a_killed_run_is_sealed_and_private(world: World) -> None:
    world.at[6, "before"] = killed
    with pytest.raises(Killed):
        world.once(MODULE, CONFIG)
    (left,) = (world.folder / "pending").glob("*")
    assert left.stat().st_mode & 0o777 == 0o600
    assert left.parent.stat().st_mode & 0o777 == 0o700
    assert leaks(world) == []


def test_a_refusal_of_a_server_shows_no_value(world: World) -> None:
    broken = world.machines[SERVERS[0]].state
    broken["nps"] = (
        broken["nps"]
        .replace("<NAS_Manufacturer", "<Zzz_Manufacturer")
        .replace("/NAS_Manufacturer", "/Zzz_Manufacturer")
    )
    with pytest.raises(PisteError) as stop:
        world.once(MODULE, CONFIG)
    assert "NAS_Manufacturer is missing" in str(stop.value)
    assert leaks(world, str(stop.value), stop.value.to_json()) == []
