"""Read-only: no transport sends a write to any system, whatever asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.witness import READ_ONLY, Question, permit
from piste.runs import dispatch
from piste.systems.questions import QUESTIONS
from piste.systems.windows import heard
from tests.support.glpi import GlpiWorld
from tests.support.smc import SmcWorld

WRITES: tuple[tuple[str, str, str, Any], ...] = (
    ("meraki", "DELETE", "/organizations/1/admins/2", None),
    ("meraki", "POST", "/organizations/1/actionBatches", {"actions": []}),
    ("smc", "PUT", "/7.4/elements/admin_user/1/enable_disable", {}),
    ("smc", "POST", "/7.4/elements/fw_policy/1/upload", None),
    ("prism", "POST", "/api/iam/v4.0/authn/users/1/$actions/change-state", {"status": "INACTIVE"}),
    ("prism", "PUT", "/api/vmm/v4.0/ahv/config/vms/1", {"name": "a"}),
    ("zabbix", "POST", "/api_jsonrpc.php", {"method": "user.update", "params": {}}),
    ("zabbix", "POST", "/api_jsonrpc.php", [{"method": "host.get"}, {"method": "host.delete"}]),
    ("glpi", "PATCH", "/api.php/v2.1/Administration/User/1", {"is_active": False}),
    ("veeam", "POST", "/api/v1/jobs/1/start", None),
    ("microsoft", "POST", "/v1.0/invitations", {"invitedUserEmailAddress": "a@b.example"}),
    ("microsoft", "POST", "/api/machines/1/isolate", {}),
    ("nexus", "CONFIGURE", "/coeur/terminal", None),
    ("ad", "modifyRequest", "/dc1", None),
    ("ad", "addRequest", "/dc1", None),
    ("ad", "WRITE", "/dc1/sysvol/inf", None),
    ("smb", "CREATE", "/dc1", None),
    ("smb", "WRITE", "/dc1", None),
    ("winrm", "RUN", "/nps1", {"method": "local_administrators_remove", "params": {"sid": "S-1-5-21-1"}}),
    ("winrm", "COMMAND", f"/{'0' * 64}", None),
    ("nut", "INSTCMD", "/ups/load.off", None),
    ("", "GET", "/", None),
    ("inconnu", "GET", "/", None),
)


@pytest.fixture
def _read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READ_ONLY, "1")


@pytest.fixture
def _environ() -> Iterator[None]:
    kept = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.mark.usefixtures("_read_only")
@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write[0]} {write[1]} {write[2]}"[:50])
def test_what_is_no_read_leaves_to_no_system(write: tuple[str, str, str, Any]) -> None:
    system, method, path, body = write
    with pytest.raises(Misused, match="Rien n’a été envoyé"):
        permit(Question(system, method, path, (), body))


@pytest.mark.usefixtures("_read_only")
def test_the_versions_that_glpi_serves_are_read() -> None:
    permit(Question("glpi", "GET", "/api.php/", (), None))
    with pytest.raises(Misused):
        permit(Question("glpi", "POST", "/api.php/", (), {}))


def test_every_system_that_may_be_asked_is_tried() -> None:
    assert {*QUESTIONS} <= {system for system, *_ in WRITES}


@pytest.mark.parametrize("value", ["", "0"])
def test_without_the_mode_no_question_is_looked_at(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READ_ONLY, value)
    permit(Question("meraki", "DELETE", "/organizations/1/admins/2", (), None))


@pytest.mark.usefixtures("_read_only")
def test_a_write_over_http_opens_no_connection() -> None:
    line = Transport(Endpoint("https://192.0.2.1/api/v1", system="meraki"))
    line._open = lambda parts: pytest.fail("a connection")  # type: ignore[method-assign]
    with pytest.raises(Misused, match="lecture seule"):
        line.request("DELETE", "https://192.0.2.1/api/v1/organizations/1/admins/2")


@pytest.mark.usefixtures("_read_only")
def test_a_write_to_a_directory_is_not_given_to_its_library() -> None:
    sent: list[str] = []
    connection = SimpleNamespace(
        send=lambda kind, *rest: sent.append(kind), open=lambda **_: None, bind=lambda **_: True,
        server=SimpleNamespace(host="dc1"),
    )  # fmt: skip
    heard.bound(connection)
    connection.send("searchRequest")
    with pytest.raises(Misused, match="Rien n’a été envoyé"):
        connection.send("modifyRequest")
    assert sent == ["searchRequest"]


def test_the_modules_of_systems_read_and_withdraw_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smc, glpi = SmcWorld(tmp_path / "smc"), GlpiWorld(tmp_path)
    for name in ("dsi-ville", "sortant"):
        smc.simulator.edit("POST", "/elements/admin_user", {"name": name, "superuser": name == "dsi-ville"})
    monkeypatch.setenv(READ_ONLY, "1")
    asked = (
        ("smc", smc, {"smc": smc.connection(), "outgoing": ["sortant"]}),
        ("glpi", glpi, {"glpi": glpi.connection, "outgoing": ["prestataire"]}),
    )
    for system, world, given in asked:
        with world.run():
            module = dispatch.MODULES[f"{system}_administrators"]
            module.run({**module.defaults, **given}, False)
            with pytest.raises(PisteError, match="lecture seule"):
                module.run({**module.defaults, **given, "remove": True}, False)
        assert world.writes == []


@pytest.mark.parametrize("given", [{"piste_read_only": True}, {}])
@pytest.mark.usefixtures("_environ")
def test_a_task_that_writes_is_refused_by_the_variable_or_the_inventory(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(READ_ONLY, "" if given else "1")
    dispatch.refuse_read_only(dispatch.MODULES["piste_site"], {}, check=False, variables=given)
    dispatch.refuse_read_only(dispatch.MODULES["smc_administrators"], {}, check=False, variables=given)
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("smc_administrators", {"remove": True}), ("win_administrators", {"accounts": [{}]}), ("meraki_ssids", {})
    )  # fmt: skip
    for name, params in asked:
        dispatch.refuse_read_only(dispatch.MODULES[name], params, check=True, variables=given)
        with pytest.raises(Misused, match="lecture seule"):
            dispatch.refuse_read_only(dispatch.MODULES[name], params, check=False, variables=given)


@pytest.mark.usefixtures("_environ")
def test_the_option_of_the_command_has_all_that_it_starts_read_alone() -> None:
    assert CliRunner().invoke(main, ["--read-only", "doctor", "--help"]).exit_code == 0
    assert os.environ[READ_ONLY] == "1"
