"""The only commands, types and data that the program of Windows may use, each with its page.

`docs/recette-windows.md` lists what no page promises and a real computer must confirm.
Believed: [belief windows.measure_modern_standby], [belief windows.measure_battery],
[belief windows.measure_thin_client], [belief windows.measure_policies], [belief windows.measure_settings],
[belief windows.measure_states], [belief windows.measure_wakes], [belief windows.measure_sessions],
[belief windows.measure_startup], [belief windows.measure_updates], [belief windows.measure_firewall].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PAGE = "https://learn.microsoft.com/powershell/module/"
_NET = "https://learn.microsoft.com/dotnet/api/"

COMMANDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "ConvertTo-Json": (f"{_PAGE}microsoft.powershell.utility/convertto-json", ("Compress", "Depth", "InputObject")),
    "ForEach-Object": (f"{_PAGE}microsoft.powershell.core/foreach-object", ()),
    "Get-CimInstance": (
        f"{_PAGE}cimcmdlets/get-ciminstance", ("ClassName", "Filter", "Namespace", "Property"),
    ),
    "Get-ScheduledTask": (f"{_PAGE}scheduledtasks/get-scheduledtask", ()),
    "Get-ScheduledTaskInfo": (f"{_PAGE}scheduledtasks/get-scheduledtaskinfo", ("InputObject",)),
    "Get-WinEvent": (f"{_PAGE}microsoft.powershell.diagnostics/get-winevent", ("FilterHashtable",)),
    "New-Object": (f"{_PAGE}microsoft.powershell.utility/new-object", ("ArgumentList", "ComObject")),
    "Select-Object": (f"{_PAGE}microsoft.powershell.utility/select-object", ("First",)),
    "Set-StrictMode": (f"{_PAGE}microsoft.powershell.core/set-strictmode", ("Version",)),
    "Sort-Object": (f"{_PAGE}microsoft.powershell.utility/sort-object", ("Property",)),
    "Where-Object": (f"{_PAGE}microsoft.powershell.core/where-object", ()),
}  # fmt: skip
"""The commands that are not the program's own functions, with their parameters: none writes, sends or runs a program.

Checked by hand against the sources of these pages (PowerShell-Docs at 27138b21b, for 5.1; windows-powershell-docs at
f113d6bda).
"""

TYPES: Final[Mapping[str, str]] = {
    "BitConverter": f"{_NET}system.bitconverter.touint32",
    "CmdletBinding": f"{_PAGE}microsoft.powershell.core/about/about_functions_cmdletbindingattribute",
    "DateTime": f"{_NET}system.datetime",
    "Environment": f"{_NET}system.environment.machinename",
    "Globalization.CultureInfo": f"{_NET}system.globalization.cultureinfo.invariantculture",
    "IO.Directory": f"{_NET}system.io.directory.getfiles",
    "IO.Path": f"{_NET}system.io.path.getfilename",
    "Math": f"{_NET}system.math.round",
    "Microsoft.Win32.Registry": f"{_NET}microsoft.win32.registry",
    "Parameter": f"{_PAGE}microsoft.powershell.core/about/about_functions_advanced_parameters",
    "StringComparison": f"{_NET}system.stringcomparison",
    "System.Diagnostics.Process": f"{_NET}system.diagnostics.process.priorityclass",
    "System.Diagnostics.ProcessPriorityClass": f"{_NET}system.diagnostics.processpriorityclass",
    "System.IO.FileAccess": f"{_NET}system.io.fileaccess",
    "System.IO.FileMode": f"{_NET}system.io.filemode",
    "System.IO.FileShare": f"{_NET}system.io.fileshare",
    "ValidatePattern": f"{_PAGE}microsoft.powershell.core/about/about_functions_advanced_parameters",
    "bool": "",
    "char": "",
    "double[]": "",
    "int": "",
    "int64": "",
    "int[]": "",
    "ordered": "",
    "scriptblock": "",
    "string": "",
    "void": "",
    "xml": "",
}
"""Types by the name that the program writes; PowerShell's own accelerators need no page."""

MADE: Final[Mapping[str, str]] = {
    "System.Collections.ArrayList": f"{_NET}system.collections.arraylist",
    "System.IO.FileStream": f"{_NET}system.io.filestream.-ctor",
    "System.Text.UTF8Encoding": f"{_NET}system.text.utf8encoding.-ctor",
    "double[]": "",
}
"""Types that the program makes an object of."""

_AGENT = "https://learn.microsoft.com/windows/win32/api/wuapi/"
AGENTS: Final[Mapping[str, str]] = {
    "Microsoft.Update.AutoUpdate": f"{_AGENT}nn-wuapi-iautomaticupdatesresults",
    "Microsoft.Update.Session": f"{_AGENT}nn-wuapi-iupdatesearcher",
    "Microsoft.Update.SystemInfo": f"{_AGENT}nn-wuapi-isysteminformation",
}
"""COM objects of the update agent that the program makes; what it calls of them reads."""

_CIM = "https://learn.microsoft.com/windows/win32/cimwin32prov/"
CLASSES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "BatteryCycleCount": ("https://learn.microsoft.com/windows-hardware/drivers/battery/", ("CycleCount",)),
    "BatteryFullChargedCapacity": (
        "https://learn.microsoft.com/windows-hardware/drivers/battery/", ("FullChargedCapacity",),
    ),
    "BatteryStaticData": (
        "https://learn.microsoft.com/windows/win32/power/battery-information-str", ("Capabilities", "DesignedCapacity"),
    ),
    "MSPower_DeviceWakeEnable": (
        "https://learn.microsoft.com/windows-hardware/drivers/kernel/registering-as-a-wmi-data-provider",
        ("Enable", "InstanceName"),
    ),
    "RSOP_GPO": (
        "https://learn.microsoft.com/previous-versions/windows/desktop/Policy/rsop-gpo",
        ("name", "enabled", "accessDenied", "filterAllowed"),
    ),
    "Win32_BIOS": (f"{_CIM}win32-bios", ("SerialNumber", "ReleaseDate")),
    "Win32_ComputerSystem": (f"{_CIM}win32-computersystem", ("Manufacturer", "Model")),
    "Win32_EncryptableVolume": (
        "https://learn.microsoft.com/windows/win32/secprov/win32-encryptablevolume", ("ProtectionStatus",),
    ),
    "Win32_NetworkAdapter": (f"{_CIM}win32-networkadapter", ("Name",)),
    "Win32_OperatingSystem": (
        f"{_CIM}win32-operatingsystem", ("Version", "OperatingSystemSKU", "InstallDate"),
    ),
    "Win32_PnPEntity": (f"{_CIM}win32-pnpentity", ("DeviceID", "Name")),
    "Win32_PowerPlan": (
        "https://learn.microsoft.com/previous-versions/windows/desktop/powerwmiprov/win32-powerplan", ("InstanceID",),
    ),
    "Win32_PowerSettingDataIndex": (
        "https://learn.microsoft.com/previous-versions/windows/desktop/powerwmiprov/win32-powersettingdataindex",
        ("SettingIndexValue",),
    ),
    "Win32_Printer": (f"{_CIM}win32-printer", ("PortName", "DriverName", "Shared", "Network")),
    "Win32_SystemEnclosure": (f"{_CIM}win32-systemenclosure", ("ChassisTypes",)),
    "Win32_TCPIPPrinterPort": (f"{_CIM}win32-tcpipprinterport", ("Name",)),
}  # fmt: skip
"""CIM classes, each with its page and the properties that are read: never the user of a computer."""

EVENTS: Final[Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]]] = {
    "EventLog": ((6005, 6006), ()),
    "Microsoft-Windows-Kernel-General": ((12, 13), ()),
    "Microsoft-Windows-Kernel-Power": ((42, 107, 506, 507), ("TargetState",)),
    "Microsoft-Windows-Power-Troubleshooter": ((1,), ("WakeTimerOwner", "WakeSourceText", "WakeSourceType")),
    "Microsoft-Windows-Winlogon": ((7001, 7002), ("TSId",)),
}
"""Event records by provider, and the fields that are read of them: no account, no message."""
