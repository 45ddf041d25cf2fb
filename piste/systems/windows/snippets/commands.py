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
    "Add-DhcpServerv4ExclusionRange": _command(
        "dhcpserver/add-dhcpserverv4exclusionrange", "EndRange", "ScopeId", "StartRange"
    ),
    "Add-DhcpServerv4Failover": _command(
        "dhcpserver/add-dhcpserverv4failover",
        "Force",
        "LoadBalancePercent",
        "MaxClientLeadTime",
        "Name",
        "PartnerServer",
        "ReservePercent",
        "ScopeId",
        "SharedSecret",
        "StateSwitchInterval",
    ),
    "Add-DhcpServerv4FailoverScope": _command("dhcpserver/add-dhcpserverv4failoverscope", "Name", "ScopeId"),
    "Add-DhcpServerv4Reservation": _command(
        "dhcpserver/add-dhcpserverv4reservation", "ClientId", "Description", "IPAddress", "Name", "ScopeId"
    ),
    "Add-DhcpServerv4Scope": _command(
        "dhcpserver/add-dhcpserverv4scope", "EndRange", "Name", "StartRange", "State", "SubnetMask"
    ),
    "ConvertFrom-Json": _command("microsoft.powershell.utility/convertfrom-json", "InputObject"),
    "ConvertTo-Json": _command("microsoft.powershell.utility/convertto-json", "Compress", "Depth", "InputObject"),
    "Export-DhcpServer": _command("dhcpserver/export-dhcpserver", "File", "Force", "Leases"),
    "Export-NpsConfiguration": _command("nps/export-npsconfiguration", "Path"),
    "ForEach-Object": _command("microsoft.powershell.core/foreach-object", "Process"),
    "Get-ChildItem": _command("microsoft.powershell.management/get-childitem", "Path"),
    "Get-CimInstance": _command("cimcmdlets/get-ciminstance", "ClassName"),
    "Get-Command": _command("microsoft.powershell.core/get-command", "ErrorAction", "Name"),
    "Get-Culture": _command("microsoft.powershell.utility/get-culture"),
    "Get-DhcpServerAuditLog": _command("dhcpserver/get-dhcpserverauditlog"),
    "Get-DhcpServerDnsCredential": _command("dhcpserver/get-dhcpserverdnscredential"),
    "Get-DhcpServerSetting": _command("dhcpserver/get-dhcpserversetting"),
    "Get-DhcpServerv4Binding": _command("dhcpserver/get-dhcpserverv4binding"),
    "Get-DhcpServerv4Class": _command("dhcpserver/get-dhcpserverv4class", "Type"),
    "Get-DhcpServerv4ExclusionRange": _command("dhcpserver/get-dhcpserverv4exclusionrange"),
    "Get-DhcpServerv4Failover": _command("dhcpserver/get-dhcpserverv4failover"),
    "Get-DhcpServerv4Lease": _command("dhcpserver/get-dhcpserverv4lease", "ScopeId"),
    "Get-DhcpServerv4OptionValue": _command("dhcpserver/get-dhcpserverv4optionvalue", "All", "Brief", "ScopeId"),
    "Get-DhcpServerv4Reservation": _command("dhcpserver/get-dhcpserverv4reservation", "ScopeId"),
    "Get-DhcpServerv4Scope": _command("dhcpserver/get-dhcpserverv4scope"),
    "Get-DhcpServerv4ScopeStatistics": _command("dhcpserver/get-dhcpserverv4scopestatistics"),
    "Get-DnsServerForwarder": _command("dnsserver/get-dnsserverforwarder"),
    "Get-DnsServerScavenging": _command("dnsserver/get-dnsserverscavenging"),
    "Get-PrintConfiguration": _command("printmanagement/get-printconfiguration", "PrinterName"),
    "Get-Printer": _command("printmanagement/get-printer"),
    "Get-Service": _command("microsoft.powershell.management/get-service", "ErrorAction", "Name"),
    "Get-WinEvent": _command(
        "microsoft.powershell.diagnostics/get-winevent", "FilterXPath", "ListLog", "LogName", "MaxEvents", "Oldest"
    ),
    "Import-NpsConfiguration": _command("nps/import-npsconfiguration", "Path"),
    "Invoke-DhcpServerv4FailoverReplication": _command(
        "dhcpserver/invoke-dhcpserverv4failoverreplication", "Force", "ScopeId"
    ),
    "Join-Path": _command("microsoft.powershell.management/join-path", "ChildPath", "Path"),
    "New-Object": _command("microsoft.powershell.utility/new-object", "ArgumentList", "TypeName"),
    "Remove-DhcpServerv4ExclusionRange": _command(
        "dhcpserver/remove-dhcpserverv4exclusionrange", "EndRange", "ScopeId", "StartRange"
    ),
    "Remove-DhcpServerv4FailoverScope": _command(
        "dhcpserver/remove-dhcpserverv4failoverscope", "Force", "Name", "ScopeId"
    ),
    "Remove-DhcpServerv4OptionValue": _command(
        "dhcpserver/remove-dhcpserverv4optionvalue", "OptionId", "ScopeId", "VendorClass"
    ),
    "Remove-DhcpServerv4Reservation": _command("dhcpserver/remove-dhcpserverv4reservation", "IPAddress"),
    "Remove-DhcpServerv4Scope": _command("dhcpserver/remove-dhcpserverv4scope", "Force", "ScopeId"),
    "Remove-Item": _command("microsoft.powershell.management/remove-item", "Force", "LiteralPath", "Recurse"),
    "Restart-Service": _command("microsoft.powershell.management/restart-service", "Name"),
    "Set-DhcpServerAuditLog": _command(
        "dhcpserver/set-dhcpserverauditlog", "DiskCheckInterval", "Enable", "MaxMBFileSize", "MinMBDiskSpace", "Path"
    ),
    "Set-DhcpServerSetting": _command("dhcpserver/set-dhcpserversetting", "ConflictDetectionAttempts"),
    "Set-DhcpServerv4Failover": _command(
        "dhcpserver/set-dhcpserverv4failover",
        "AutoStateTransition",
        "Confirm",
        "Force",
        "LoadBalancePercent",
        "MaxClientLeadTime",
        "Mode",
        "Name",
        "ReservePercent",
        "SharedSecret",
        "StateSwitchInterval",
    ),
    "Set-DhcpServerv4OptionValue": _command(
        "dhcpserver/set-dhcpserverv4optionvalue", "Force", "OptionId", "ScopeId", "Value", "VendorClass"
    ),
    "Set-DhcpServerv4Reservation": _command(
        "dhcpserver/set-dhcpserverv4reservation", "ClientId", "Description", "IPAddress", "Name"
    ),
    "Set-DhcpServerv4Scope": _command(
        "dhcpserver/set-dhcpserverv4scope",
        "Description",
        "EndRange",
        "LeaseDuration",
        "Name",
        "ScopeId",
        "StartRange",
        "State",
    ),
    "Set-PrintConfiguration": _command(
        "printmanagement/set-printconfiguration", "Color", "DuplexingMode", "PrinterName"
    ),
    "Set-Printer": _command("printmanagement/set-printer", "Comment", "InputObject", "Location", "ShareName", "Shared"),
    "Set-StrictMode": _command("microsoft.powershell.core/set-strictmode", "Version"),
}
