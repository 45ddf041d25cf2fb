"""The cmdlets and parameters that the snippets use, each with the page that documents it.

Tests compare the snippets with this list; a reader learns from it which rights they need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_LEARN = "https://learn.microsoft.com/powershell/module"


@dataclass(frozen=True, slots=True)
class Command:
    parameters: frozenset[str]
    source: str


def _command(page: str, *parameters: str) -> Command:
    return Command(frozenset(parameters), f"{_LEARN}/{page}")


COMMANDS: Mapping[str, Command] = {
    "ConvertFrom-Json": _command("microsoft.powershell.utility/convertfrom-json", "InputObject"),
    "ConvertTo-Json": _command("microsoft.powershell.utility/convertto-json", "Compress", "Depth", "InputObject"),
    "Export-NpsConfiguration": _command("nps/export-npsconfiguration", "Path"),
    "ForEach-Object": _command("microsoft.powershell.core/foreach-object", "Process"),
    "Get-ChildItem": _command("microsoft.powershell.management/get-childitem", "Path"),
    "Get-CimInstance": _command("cimcmdlets/get-ciminstance", "ClassName"),
    "Get-Command": _command("microsoft.powershell.core/get-command", "ErrorAction", "Name"),
    "Get-Culture": _command("microsoft.powershell.utility/get-culture"),
    "Get-PrintConfiguration": _command("printmanagement/get-printconfiguration", "PrinterName"),
    "Get-Printer": _command("printmanagement/get-printer"),
    "Get-Service": _command("microsoft.powershell.management/get-service", "ErrorAction", "Name"),
    "Import-NpsConfiguration": _command("nps/import-npsconfiguration", "Path"),
    "Join-Path": _command("microsoft.powershell.management/join-path", "ChildPath", "Path"),
    "New-Object": _command("microsoft.powershell.utility/new-object", "ArgumentList", "TypeName"),
    "Remove-Item": _command("microsoft.powershell.management/remove-item", "Force", "LiteralPath", "Recurse"),
    "Restart-Service": _command("microsoft.powershell.management/restart-service", "Name"),
    "Set-PrintConfiguration": _command(
        "printmanagement/set-printconfiguration", "Color", "DuplexingMode", "PrinterName"
    ),
    "Set-Printer": _command("printmanagement/set-printer", "Comment", "InputObject", "Location", "ShareName", "Shared"),
    "Set-StrictMode": _command("microsoft.powershell.core/set-strictmode", "Version"),
}
