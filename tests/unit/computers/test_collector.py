"""The program of Windows, checked without Windows: what it may call, read and write."""

import re
from pathlib import Path

import pytest

from piste.readings.computers import collector
from piste.readings.computers.collector.allowed import AGENTS, CLASSES, COMMANDS, EVENTS, MADE, TYPES
from piste.readings.computers.report import LONGEST, Report
from tests.support.powershell import called, nodes, text, tree
from tests.unit.computers.powershell import code, faults

FILE = Path(collector.__file__).with_name("mesure-des-postes.ps1")
PROGRAM = FILE.read_text("utf-8")


def test_the_program_keeps_every_rule() -> None:
    assert faults(PROGRAM) == []


def test_what_is_allowed_is_used_and_nothing_else() -> None:
    bare = code(tree(PROGRAM))
    unused = [name for name in (*COMMANDS, *CLASSES, *MADE, *EVENTS, *AGENTS) if name not in bare]
    unused += [name for name in TYPES if f"[{name}" not in bare and f"'{name}'" not in bare]
    assert unused == []
    used = called(tree(PROGRAM))
    assert {name: used[name] for name in COMMANDS} == {name: {*given} for name, (_, given) in COMMANDS.items()}


def test_every_command_and_class_has_its_page() -> None:
    assert [name for name, (page, _) in COMMANDS.items() if not page.endswith(f"/{name.lower()}")] == []
    assert [name for name, (page, _) in CLASSES.items() if not page.startswith("https://learn.microsoft.com/")] == []


def test_the_program_is_ascii_so_that_no_code_page_changes_it() -> None:
    assert PROGRAM.isascii()
    assert "\t" not in PROGRAM
    assert "\r" not in PROGRAM


def test_it_writes_the_form_and_within_its_limit() -> None:
    written = {text(node).strip("'") for command in nodes(tree(PROGRAM), "command")
               if text(command).startswith("Add-Part") for node in [command.children[1].children[1]]}  # fmt: skip
    bare = code(tree(PROGRAM))
    given = {name for name in Report.model_fields if f"$report['{name}'] =" in bare or f"Add-Part '{name}'" in bare}
    assert written <= Report.model_fields.keys()
    assert given | {"format", "computer"} == Report.model_fields.keys()
    assert f"$longest = {LONGEST}\n" in PROGRAM


MUTATIONS = {
    "grammar": ("$version = '1.1'", "$version = '1.1"),
    "command Invoke-Expression": ("$marks = $null\n", "$marks = $null\nInvoke-Expression $Share\n"),
    "command Invoke-WebRequest": ("$marks = $null\n", "$marks = $null\nInvoke-WebRequest 'https://exemple.test'\n"),
    "command Add-Type": ("$marks = $null\n", "$marks = $null\nAdd-Type -TypeDefinition 'x'\n"),
    "command powershell.exe": ("$marks = $null\n", "$marks = $null\npowershell.exe -EncodedCommand aQA=\n"),
    "command Set-Content": ("$marks = $null\n", "$marks = $null\nSet-Content -Path C:\\x -Value 1\n"),
    "command Out-File": ("$marks = $null\n", "$marks = $null\n$now | Out-File C:\\x\n"),
    "command Remove-Item": ("$marks = $null\n", "$marks = $null\nRemove-Item C:\\x\n"),
    "redirection": ("$marks = $null\n", "$marks = $null\n$now > C:\\x\n"),
    "type IO.File": ("$marks = $null\n", "$marks = $null\n[IO.File]::WriteAllText('C:\\x', 'y')\n"),
    "type System.Net.WebClient": ("$marks = $null\n", "$marks = $null\n[System.Net.WebClient]::new()\n"),
    "object System.Net.WebClient": ("$marks = $null\n", "$marks = $null\nNew-Object System.Net.WebClient\n"),
    "agent WScript.Shell": ("$marks = $null\n", "$marks = $null\nNew-Object -ComObject WScript.Shell\n"),
    "agent Microsoft.Update.Installer": ("Microsoft.Update.Session", "Microsoft.Update.Installer"),
    "method $searcher.Download()": ("$seen = @{}\n", "$seen = @{}\n$searcher.Download()\n"),
    "asks the server of updates": ("$searcher.Online = $false\n", "\n"),
    "write elsewhere than its own file": ('"$Share\\$computer.json"', '"C:\\$computer.json"'),
    "file named after something else": ("$marks = $null\n", "$marks = $null\n$computer = 'AUTRE'\n"),
    "write in the registry": ("OpenSubKey($Key)", "OpenSubKey($Key, $true)"),
    "method $open.SetValue($Name, 1)": ("$open.GetValue($Name)", "$open.SetValue($Name, 1)"),
    "reads $env:": ("[Environment]::MachineName", "$env:USERNAME"),
    "reads TargetUser": ("'TSId'", "'TargetUserName'"),
    "field UserSid": ("'TSId'", "'UserSid'"),
    "reads .Message": ("[string]$printer.PortName", "[string]$printer.Message"),
    "property Win32_ComputerSystem.UserName": ("@('Manufacturer', 'Model')", "@('Manufacturer', 'Model', 'UserName')"),
    "property Win32_Printer.Name": ("@('PortName', 'DriverName'", "@('Name', 'PortName', 'DriverName'"),
    "class Win32_ComputerSystem read whole": (" -Property @('Manufacturer', 'Model')", ""),
    "class Win32_UserAccount": ("-ClassName BatteryStaticData", "-ClassName Win32_UserAccount"),
    "command powercfg": ("$plan = Get-Plan\n", "$plan = powercfg /getactivescheme\n"),
    "events Microsoft-Windows-Winlogon 7001, 7002, 1": ("@(7001, 7002)", "@(7001, 7002, 1)"),
    "events Microsoft-Windows-Security-Auditing 4624": (
        "'Microsoft-Windows-Winlogon' @(7001, 7002)", "'Microsoft-Windows-Security-Auditing' @(4624)",
    ),
    "parameter Get-CimInstance -ComputerName": (
        "-ClassName Win32_PnPEntity", "-ClassName Win32_PnPEntity -ComputerName x",
    ),
    "another log": ("LogName = 'System'", "LogName = 'Security'"),
}  # fmt: skip


@pytest.mark.parametrize("expected", MUTATIONS)
def test_each_kind_of_misdeed_is_seen(expected: str) -> None:
    before, after = MUTATIONS[expected]
    assert before in PROGRAM
    assert expected in faults(PROGRAM.replace(before, after, 1))


def test_no_clock_and_no_battery_costs_the_whole_file() -> None:
    """The form refuses a state of the future, and a capacity unknown to Windows (4294967295)."""
    bare = code(tree(PROGRAM))
    assert "$marks = @($list | Where-Object { $_.At -le $now } | Sort-Object" in bare
    calls = [line for line in bare.splitlines() if re.search(r"[=(] ?ConvertTo-Bounded", line)]
    read = {line.split("ConvertTo-Bounded ")[1].strip(" })") for line in calls}
    assert read == {
        "(@(Get-CimInstance -Namespace root/wmi -ClassName BatteryCycleCount)[0].CycleCount) 100000",
        "($static[0].DesignedCapacity) 10000000", "($full[0].FullChargedCapacity) 10000000", "$level 3",
        "($waiting.Count) 10000",
    }  # fmt: skip


def test_a_long_list_of_programs_costs_itself_and_not_the_file() -> None:
    bare = code(tree(PROGRAM))
    given_up = [bare.index(text) for text in ("$report['states'].RemoveRange", "$report['software'] = $null", "exit 4")]
    assert given_up == sorted(given_up)


def test_the_name_that_the_owner_of_a_paired_device_gave_it_is_not_kept() -> None:
    bare = code(tree(PROGRAM))
    renamed = bare.index("if ($entity.DeviceID -match '^BTH') { $label = 'Bluetooth' }")
    assert bare.index("ConvertTo-Label $entity.Name") < renamed < bare.index("kind = 'device'; owner")
