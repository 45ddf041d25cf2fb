"""Files of the restricted endpoint of DHCP: data without code, which opens little."""

from __future__ import annotations

import pytest

from piste.systems.windows.snippets import documented
from tests.support.powershell import data
from tests.unit.repository.tree import ROOT

FOLDER = ROOT / "contrib" / "jea"
OPENED = {
    "Add-DhcpServerv4FailoverScope": {"Name", "ScopeId"},
    "Get-DhcpServerv4Failover": {"Name", "ScopeId"},
    "Invoke-DhcpServerv4FailoverReplication": {"Force", "Name", "ScopeId"},
}
"""Parameters that the page of each command documents (`documented` names it), without those of another server."""


def test_the_session_is_closed_but_for_a_role_and_runs_as_a_managed_account() -> None:
    session = data((FOLDER / "PisteDhcp.pssc").read_text("utf-8"))
    assert session["SessionType"] == "RestrictedRemoteServer"
    assert session["GroupManagedServiceAccount"].startswith("LEBOURGET\\")
    assert session["RoleDefinitions"] == {r"LEBOURGET\GG-DHCP-Replication": {"RoleCapabilities": "PisteDhcp"}}
    assert session["TranscriptDirectory"]
    known = {"SchemaVersion", "GUID", "Author", "Description"}
    assert set(session) - known == {
        "SessionType", "GroupManagedServiceAccount", "TranscriptDirectory", "RoleDefinitions",
    }, "RunAsVirtualAccount would be a domain administrator on a controller"  # fmt: skip


def test_the_role_opens_commands_on_their_own_server_alone() -> None:
    role = data((FOLDER / "PisteDhcp.psrc").read_text("utf-8"))
    assert set(role) == {"GUID", "Author", "Description", "ModulesToImport", "VisibleFunctions"}
    opened = {
        function["Name"].removeprefix("DhcpServer\\"): {parameter["Name"] for parameter in function["Parameters"]}
        for function in role["VisibleFunctions"]
    }
    assert opened == OPENED
    assert opened.keys() <= documented()["commands"].keys()


@pytest.mark.parametrize("name", ["PisteDhcp.pssc", "PisteDhcp.psrc"])
def test_a_file_says_that_nobody_has_run_it(name: str) -> None:
    assert "jamais exécuté" in (FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize(
    "code", ["@{ a = Get-Date }", "@{ a = $env:X }", '@{ a = "$x" }', "@{ a = { exit } }", "@{ a ="]
)
def test_code_is_no_data(code: str) -> None:
    with pytest.raises(ValueError, match=r"code in a data file|not PowerShell|unpack"):
        data(code)
