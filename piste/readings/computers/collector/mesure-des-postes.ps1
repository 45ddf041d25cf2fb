#requires -Version 5.1
# Measure this computer and write one file of numbers, POSTE.json, on the share of the town (Piste).
# It reads the registry, CIM and event records by number and by field name; it parses no displayed text, since Windows
# translates it. It reads no account name, no document, no printer name, and changes nothing on the computer.
# What a part could not read is null. Windows PowerShell 5.1, no module to install. ASCII only.
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [ValidatePattern('^\\\\[A-Za-z0-9.-]+\\[A-Za-z0-9._$-]+$')]
    [string]$Share,
    [string]$ShutdownTask = ''
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
[System.Diagnostics.Process]::GetCurrentProcess().PriorityClass = [System.Diagnostics.ProcessPriorityClass]::BelowNormal

$version = '1.1'
$longest = 65536
$now = [DateTime]::UtcNow
$since = $now.AddDays(-35)
$computer = [Environment]::MachineName.ToUpperInvariant()
$report = [ordered]@{ format = 1; computer = $computer }
$marks = $null

function Add-Part([string]$Name, [scriptblock]$Read) {
    try { $report[$Name] = & $Read } catch { $report[$Name] = $null }
}

function ConvertTo-Moment([DateTime]$Moment) {
    $Moment.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

function ConvertTo-Day([DateTime]$Moment) {
    $Moment.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)
}

# A name without path, account nor identifier, of a bounded length; null where nothing is left.
function ConvertTo-Label($Text) {
    $label = ([string]$Text).Split([char]92)[-1]
    $label = $label -replace 'S-1-\d+(-\d+)+', ''
    $label = $label -replace '[^\x20-\x7E\xA1-\xAC\xAE-\u024F]', ''
    $label = ($label -replace '[/@]', ' ').Trim()
    if ($label.Length -gt 96) { $label = $label.Substring(0, 96).Trim() }
    if ($label) { $label } else { $null }
}

function Get-Setting([string]$Key, [string]$Name) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return $null }
    try { $open.GetValue($Name) } finally { $open.Dispose() }
}

# Event records of a provider since the first day; an empty answer is no error.
function Get-Records([string]$Provider, [int[]]$Ids) {
    try {
        $records = @(Get-WinEvent -FilterHashtable @{
            LogName = 'System'; ProviderName = $Provider; Id = $Ids; StartTime = $since.ToLocalTime()
        })
    } catch {
        if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
        $records = @()
    }
    , $records
}

# A field of a record by its name in the provider's manifest, which no language changes.
function Get-Field($Record, [string]$Name) {
    $data = ([xml]$Record.ToXml()).Event.EventData.SelectSingleNode("*[@Name='$Name']")
    if ($null -eq $data) { '' } else { $data.InnerText }
}

function Add-Count($Counts, [string]$Source, $Owner) {
    $key = "$Source|$Owner"
    if (-not $Counts.Contains($key)) { $Counts[$key] = [ordered]@{ source = $Source; owner = $Owner; times = 0 } }
    $Counts[$key].times++
}

# The least of two moments, the greatest of two moments.
function Get-Earliest([DateTime]$A, [DateTime]$B) { if ($A -lt $B) { $A } else { $B } }
function Get-Latest([DateTime]$A, [DateTime]$B) { if ($A -gt $B) { $A } else { $B } }

# --- The machine --------------------------------------------------------------------------------------------------
$machine = $null
$bios = $null
$windows = $null
try { $machine = Get-CimInstance -ClassName Win32_ComputerSystem -Property @('Manufacturer', 'Model') } catch { $machine = $null }
try { $bios = Get-CimInstance -ClassName Win32_BIOS -Property @('SerialNumber', 'ReleaseDate') } catch { $bios = $null }
try {
    $windows = Get-CimInstance -ClassName Win32_OperatingSystem -Property @('Version', 'OperatingSystemSKU', 'InstallDate')
} catch { $windows = $null }

Add-Part 'serial' { ConvertTo-Label $bios.SerialNumber }
$report['taken_at'] = ConvertTo-Moment $now
$report['collector'] = $version

# PRODUCT_IOTUAP, PRODUCT_IOTENTERPRISE, PRODUCT_IOTENTERPRISE_S (GetProductInfo): thin clients and kiosks.
$thin = $false
try { $thin = @(123, 188, 191) -contains [int]$windows.OperatingSystemSKU } catch { $thin = $false }
$family = 'windows'
if ($thin) { $family = 'thin_client_os' }
$report['system'] = [ordered]@{ family = $family; version = [Environment]::OSVersion.Version.ToString() }

Add-Part 'chassis' {
    $types = @((Get-CimInstance -ClassName Win32_SystemEnclosure -Property 'ChassisTypes').ChassisTypes)
    $maker = [string]$machine.Manufacturer
    $virtual = $false
    foreach ($known in 'VMware', 'QEMU', 'Xen', 'innotek', 'Nutanix') {
        if ($maker.StartsWith($known, [StringComparison]::OrdinalIgnoreCase)) { $virtual = $true }
    }
    if ([string]$machine.Model -eq 'Virtual Machine') { $virtual = $true }
    $kind = 'other'
    foreach ($type in $types) {
        if (@(8, 9, 10, 11, 12, 14, 18, 21, 30, 31, 32) -contains [int]$type) { $kind = 'laptop' }
        elseif ([int]$type -eq 13) { $kind = 'all_in_one' }
        elseif (@(3, 4, 5, 6, 7, 15, 16, 24, 34, 35, 36) -contains [int]$type) { $kind = 'desktop' }
    }
    if ($virtual) { 'virtual' } elseif ($thin -and $kind -ne 'laptop') { 'thin_client' } else { $kind }
}
Add-Part 'maker' { ConvertTo-Label $machine.Manufacturer }
Add-Part 'model' { ConvertTo-Label $machine.Model }
Add-Part 'firmware_on' { ConvertTo-Day $bios.ReleaseDate }
Add-Part 'installed_on' { ConvertTo-Day $windows.InstallDate }

# A number within bounds, else null: a value that the form refuses would cost the whole file.
function ConvertTo-Bounded($Value, [int64]$Most) {
    if ($null -eq $Value -or [int64]$Value -lt 0 -or [int64]$Value -gt $Most) { $null } else { [int64]$Value }
}

# Capacities in mWh; a relative capacity (BATTERY_CAPACITY_RELATIVE) has no unit, an unknown one is 4294967295.
Add-Part 'battery' {
    $static = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryStaticData)
    $full = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryFullChargedCapacity)
    if ($static.Count -eq 0) { return $null }
    $cycles = $null
    try {
        $cycles = ConvertTo-Bounded (@(Get-CimInstance -Namespace root/wmi -ClassName BatteryCycleCount)[0].CycleCount) 100000
    } catch { $cycles = $null }
    $relative = ([int64]$static[0].Capabilities -band 0x40000000) -ne 0
    $designed = $null
    $charged = $null
    if (-not $relative) {
        $designed = ConvertTo-Bounded ($static[0].DesignedCapacity) 10000000
        if ($full.Count -gt 0) { $charged = ConvertTo-Bounded ($full[0].FullChargedCapacity) 10000000 }
    }
    [ordered]@{ designed_mwh = $designed; full_mwh = $charged; cycles = $cycles }
}

# --- Power settings -----------------------------------------------------------------------------------------------
# A policy wins over the plan; the plan's value, defaults included, is that of the WMI provider of power.
$policies = 'SOFTWARE\Policies\Microsoft\Power\PowerSettings'

function Get-Plan {
    $chosen = [string](Get-Setting $policies 'ActivePowerScheme')
    if (-not $chosen) {
        $plan = Get-CimInstance -Namespace root/cimv2/power -ClassName Win32_PowerPlan -Filter 'IsActive = TRUE'
        $chosen = ([string]@($plan)[0].InstanceID).Split([char]92)[-1]
    }
    $chosen.Trim([char]123, [char]125)
}

# Kind: AC or DC.
function Get-PowerValue([string]$Plan, [string]$Kind, [string]$Setting) {
    try {
        $value = Get-Setting "$policies\$Setting" "${Kind}SettingIndex"
        if ($null -eq $value) {
            $id = "Microsoft:PowerSettingDataIndex\\{$Plan}\\$Kind\\{$Setting}"
            $data = @(Get-CimInstance -Namespace root/cimv2/power -ClassName Win32_PowerSettingDataIndex -Filter "InstanceID = '$id'")
            if ($data.Count -eq 0) { return $null }
            $value = $data[0].SettingIndexValue
        }
        # The registry gives a signed number.
        [int64]$value -band 4294967295
    } catch { $null }
}

# Bit 21 of the flags of the FADT (ACPI 6.4, 5.2.9): the platform idles in S0.
function Get-ModernStandby {
    foreach ($mark in @($marks)) { if ($null -ne $mark -and $mark.Modern) { return $true } }
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('HARDWARE\ACPI\FADT')
    while ($null -ne $key -and @($key.GetSubKeyNames()).Count -gt 0) {
        $key = $key.OpenSubKey(@($key.GetSubKeyNames())[0])
    }
    if ($null -eq $key) { return $null }
    $table = $key.GetValue('00000000')
    if ($null -eq $table -or $table.Length -lt 116) { return $null }
    ([BitConverter]::ToUInt32($table, 112) -band 0x200000) -ne 0
}

# --- States: on, asleep, off --------------------------------------------------------------------------------------
try {
    $list = New-Object System.Collections.ArrayList
    foreach ($record in (Get-Records 'Microsoft-Windows-Kernel-General' @(12, 13))) {
        $state = 'off'
        if ($record.Id -eq 12) { $state = 'on' }
        [void]$list.Add(@{ At = $record.TimeCreated.ToUniversalTime(); State = $state; Boot = $true; Modern = $false })
    }
    foreach ($record in (Get-Records 'EventLog' @(6005, 6006))) {
        $state = 'off'
        if ($record.Id -eq 6005) { $state = 'on' }
        [void]$list.Add(@{ At = $record.TimeCreated.ToUniversalTime(); State = $state; Boot = $false; Modern = $false })
    }
    foreach ($record in (Get-Records 'Microsoft-Windows-Kernel-Power' @(42, 107, 506, 507))) {
        $state = 'on'
        if ($record.Id -eq 506) { $state = 'asleep' }
        if ($record.Id -eq 42) {
            # SYSTEM_POWER_STATE: 2 to 4 are S1 to S3, 5 is hibernation, 6 a shutdown.
            $state = 'off'
            if (@(2, 3, 4) -contains [int](Get-Field $record 'TargetState')) { $state = 'asleep' }
        }
        $modern = @(506, 507) -contains [int]$record.Id
        [void]$list.Add(@{ At = $record.TimeCreated.ToUniversalTime(); State = $state; Boot = $false; Modern = $modern })
    }
    # A clock that was wrong leaves records of the future: they say nothing of the states until now.
    $marks = @($list | Where-Object { $_.At -le $now } | Sort-Object -Property { $_.At })
} catch { $marks = $null }

Add-Part 'power' {
    $plan = Get-Plan
    $standby = '29f6c1db-86da-48c5-9fdb-f2b67b1f44da'
    $timers = $null
    $rule = Get-PowerValue $plan 'AC' 'bd3b718a-0680-4d9d-8ab2-e1d2b4ac806d'
    if ($rule -eq 0) { $timers = 'off' } elseif ($rule -eq 1) { $timers = 'on' } elseif ($rule -eq 2) { $timers = 'important' }
    [ordered]@{
        sleep_ac_s      = Get-PowerValue $plan 'AC' $standby
        sleep_battery_s = Get-PowerValue $plan 'DC' $standby
        display_ac_s    = Get-PowerValue $plan 'AC' '3c0bc021-c8a8-4e07-a973-6b14cbcb2b7e'
        hibernate_ac_s  = Get-PowerValue $plan 'AC' '9d7815a6-7ee4-497e-8888-515a05f02364'
        wake_timers     = $timers
        modern_standby  = Get-ModernStandby
    }
}

Add-Part 'shutdown' {
    if (-not $ShutdownTask) { return $null }
    $task = @(Get-ScheduledTask | Where-Object { $_.TaskPath -eq '\' -and $_.TaskName -eq $ShutdownTask })
    if ($task.Count -eq 0) { return [ordered]@{ task_present = $false; last_run = $null; last_result = $null } }
    $info = Get-ScheduledTaskInfo -InputObject $task[0]
    $ran = $null
    $result = $null
    # A task that never ran has a date of 1999.
    if ($null -ne $info.LastRunTime -and $info.LastRunTime.Year -gt 2000) {
        $ran = ConvertTo-Moment $info.LastRunTime
        $result = [int64]$info.LastTaskResult
    }
    [ordered]@{ task_present = $true; last_run = $ran; last_result = $result }
}

# Stretches: what lies between a state and its end by a crash is in no state.
$stretches = $null
if ($null -ne $marks) {
    $stretches = New-Object System.Collections.ArrayList
    $state = $null
    $from = $null
    foreach ($mark in $marks) {
        if ($mark.State -eq $state -and -not ($mark.Boot -and $state -eq 'on')) { continue }
        $crashed = $mark.Boot -and $mark.State -eq 'on' -and $state -ne 'off'
        if ($null -ne $state -and -not $crashed) { [void]$stretches.Add(@{ From = $from; Until = $mark.At; State = $state }) }
        $state = $mark.State
        $from = $mark.At
    }
    if ($null -ne $state) { [void]$stretches.Add(@{ From = $from; Until = $now; State = $state }) }
}

Add-Part 'states' {
    if ($null -eq $stretches) { return $null }
    $result = New-Object System.Collections.ArrayList
    foreach ($stretch in $stretches) {
        $from = ConvertTo-Moment $stretch.From
        $until = ConvertTo-Moment $stretch.Until
        if ($from -ne $until) { [void]$result.Add([ordered]@{ from = $from; until = $until; state = $stretch.State }) }
    }
    while ($result.Count -gt 400) { $result.RemoveAt(0) }
    , $result
}

Add-Part 'wakes' {
    $adapters = @(Get-CimInstance -ClassName Win32_NetworkAdapter -Filter 'PhysicalAdapter = TRUE' -Property 'Name' |
        ForEach-Object { $_.Name })
    $counts = [ordered]@{}
    foreach ($record in (Get-Records 'Microsoft-Windows-Power-Troubleshooter' @(1))) {
        $timer = ConvertTo-Label (Get-Field $record 'WakeTimerOwner')
        $text = Get-Field $record 'WakeSourceText'
        $device = ConvertTo-Label $text
        if ($timer) { Add-Count $counts 'timer' $timer }
        elseif ($device -and $adapters -contains $text) { Add-Count $counts 'network' $device }
        elseif ($device) { Add-Count $counts 'device' $device }
        elseif ((Get-Field $record 'WakeSourceType') -eq '1') { Add-Count $counts 'button' $null }
        else { Add-Count $counts 'unknown' $null }
    }
    $result = New-Object System.Collections.ArrayList
    foreach ($count in @($counts.Values | Sort-Object -Property { -$_.times } | Select-Object -First 40)) { [void]$result.Add($count) }
    , $result
}

# Windows shows what asks it to stay awake in a translated text alone (powercfg /requests): not read, hence null.
$report['requests'] = $null

Add-Part 'armed' {
    $result = New-Object System.Collections.ArrayList
    foreach ($task in @(Get-ScheduledTask | Where-Object { $_.Settings.WakeToRun -and [int]$_.State -ne 1 })) {
        $label = ConvertTo-Label $task.TaskName
        if ($label -and $result.Count -lt 30) { [void]$result.Add([ordered]@{ kind = 'task'; owner = $label }) }
    }
    $enabled = @(Get-CimInstance -Namespace root/wmi -ClassName MSPower_DeviceWakeEnable | Where-Object { $_.Enable } |
        ForEach-Object { $_.InstanceName -replace '_\d+$', '' })
    if ($enabled.Count -gt 0) {
        foreach ($entity in @(Get-CimInstance -ClassName Win32_PnPEntity -Property @('DeviceID', 'Name') | Where-Object { $enabled -contains $_.DeviceID })) {
            $label = ConvertTo-Label $entity.Name
            # A paired device has the name that its owner gave it, often a person's.
            if ($entity.DeviceID -match '^BTH') { $label = 'Bluetooth' }
            if ($label -and $result.Count -lt 60) { [void]$result.Add([ordered]@{ kind = 'device'; owner = $label }) }
        }
    }
    , $result
}

# --- Programs that start by themselves ----------------------------------------------------------------------------
# The first byte of StartupApproved is odd where the program was switched off.
function Get-Approval($Root, [string]$Under, [string]$List, [string]$Name) {
    $key = $Root.OpenSubKey("${Under}Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\$List")
    if ($null -eq $key) { return $true }
    try { $value = $key.GetValue($Name) } finally { $key.Dispose() }
    if ($null -eq $value -or @($value).Count -eq 0) { return $true }
    ([int]$value[0] -band 1) -eq 0
}

function Add-Run($Result, $Root, [string]$Under, [string]$Key, [string]$List, [string]$Scope) {
    $run = $Root.OpenSubKey("$Under$Key")
    if ($null -eq $run) { return }
    try { $names = @($run.GetValueNames()) } finally { $run.Dispose() }
    foreach ($name in $names) {
        $label = ConvertTo-Label $name
        if (-not $label) { continue }
        $enabled = Get-Approval $Root $Under $List $name
        [void]$Result.Add([ordered]@{ name = $label; place = 'run'; enabled = $enabled; scope = $Scope })
    }
}

Add-Part 'startup' {
    $result = New-Object System.Collections.ArrayList
    $local = [Microsoft.Win32.Registry]::LocalMachine
    Add-Run $result $local '' 'Software\Microsoft\Windows\CurrentVersion\Run' 'Run' 'machine'
    Add-Run $result $local '' 'Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Run' 'Run32' 'machine'
    # Hives of the sessions that are open: their identifiers serve to open them, and are not kept.
    $users = [Microsoft.Win32.Registry]::Users
    foreach ($hive in @($users.GetSubKeyNames() | Where-Object { $_ -match '^S-1-(5-21|12-1)-[\d-]+$' })) {
        Add-Run $result $users "$hive\" 'Software\Microsoft\Windows\CurrentVersion\Run' 'Run' 'user'
    }
    $folder = [Environment]::GetFolderPath('CommonStartup')
    if ($folder -and [IO.Directory]::Exists($folder)) {
        foreach ($file in [IO.Directory]::GetFiles($folder)) {
            $name = [IO.Path]::GetFileName($file)
            if ($name -eq 'desktop.ini') { continue }
            $label = ConvertTo-Label ([IO.Path]::GetFileNameWithoutExtension($file))
            $enabled = Get-Approval $local '' 'StartupFolder' $name
            if ($label) { [void]$result.Add([ordered]@{ name = $label; place = 'folder'; enabled = $enabled; scope = 'machine' }) }
        }
    }
    foreach ($task in @(Get-ScheduledTask | Where-Object { $_.TaskPath -notlike '\Microsoft\*' })) {
        $starts = @($task.Triggers | Where-Object {
            $null -ne $_ -and @('MSFT_TaskLogonTrigger', 'MSFT_TaskBootTrigger') -contains $_.CimClass.CimClassName
        })
        $label = ConvertTo-Label $task.TaskName
        if ($starts.Count -gt 0 -and $label) {
            [void]$result.Add([ordered]@{ name = $label; place = 'task'; enabled = ([int]$task.State -ne 1); scope = 'machine' })
        }
    }
    # Services that start by themselves (Start 2) in a process (Type 16 or 32), outside the folder of Windows.
    $services = $local.OpenSubKey('SYSTEM\CurrentControlSet\Services')
    foreach ($name in $services.GetSubKeyNames()) {
        $service = $services.OpenSubKey($name)
        if ($null -eq $service) { continue }
        try {
            $start = $service.GetValue('Start')
            $type = $service.GetValue('Type')
            $image = [string]$service.GetValue('ImagePath')
        } finally { $service.Dispose() }
        if ($start -ne 2 -or $null -eq $type -or ([int]$type -band 0x30) -eq 0 -or ([int]$type -band 0x40) -ne 0) { continue }
        if (-not $image -or $image -match '\\(windows|windows defender)\\' -or $image -match '^"?(%systemroot%|\\systemroot|system32)\\') { continue }
        $label = ConvertTo-Label $name
        if ($label) { [void]$result.Add([ordered]@{ name = $label; place = 'service'; enabled = $true; scope = 'machine' }) }
    }
    while ($result.Count -gt 120) { $result.RemoveAt($result.Count - 1) }
    , $result
}

# --- Sessions: minutes by hour of the week, whoever is there ------------------------------------------------------
Add-Part 'sessions' {
    if ($null -eq $stretches) { return $null }
    $steps = New-Object System.Collections.ArrayList
    foreach ($record in (Get-Records 'Microsoft-Windows-Winlogon' @(7001, 7002))) {
        $step = @{ At = $record.TimeCreated.ToUniversalTime(); Session = (Get-Field $record 'TSId'); Opens = ($record.Id -eq 7001) }
        [void]$steps.Add($step)
    }
    foreach ($mark in $marks) {
        if ($mark.Boot) { [void]$steps.Add(@{ At = $mark.At; Session = $null; Opens = $false }) }
    }
    $minutes = New-Object 'double[]' 168
    $open = @{}
    $from = $null
    $ends = @{ At = $now; Session = $null; Opens = $false }
    foreach ($step in @(@($steps | Sort-Object -Property { $_.At }) + $ends)) {
        if ($null -eq $step.Session) {
            $left = 0
        } elseif ($step.Opens) {
            $open[$step.Session] = $true
            $left = $open.Count
        } else {
            [void]$open.Remove($step.Session)
            $left = $open.Count
        }
        if ($null -eq $step.Session) { $open = @{} }
        if ($null -eq $from -and $left -gt 0) { $from = $step.At }
        if ($null -eq $from -or $left -gt 0) { continue }
        foreach ($stretch in $stretches) {
            if ($stretch.State -ne 'on') { continue }
            $at = (Get-Latest $from $stretch.From).ToLocalTime()
            $end = (Get-Earliest $step.At $stretch.Until).ToLocalTime()
            while ($at -lt $end) {
                $next = Get-Earliest $end ($at.Date.AddHours($at.Hour + 1))
                $minutes[(([int]$at.DayOfWeek + 6) % 7) * 24 + $at.Hour] += ($next - $at).TotalMinutes
                $at = $next
            }
        }
        $from = $null
    }
    $whole = @($minutes | ForEach-Object { [int][Math]::Min(360, [Math]::Round($_)) })
    [ordered]@{ since = (ConvertTo-Moment $since); minutes = $whole }
}

# --- Printers by their port; the name of a printer is not read ----------------------------------------------------
Add-Part 'printers' {
    $network = @(Get-CimInstance -ClassName Win32_TCPIPPrinterPort -Property 'Name' | ForEach-Object { $_.Name })
    $result = New-Object System.Collections.ArrayList
    foreach ($printer in @(Get-CimInstance -ClassName Win32_Printer -Property @('PortName', 'DriverName', 'Shared', 'Network'))) {
        $port = [string]$printer.PortName
        $kind = 'virtual'
        if ($printer.Network -or $port.StartsWith('\\')) { $kind = 'shared' }
        elseif ($port -match '^(USB|DOT4|LPT|COM)') { $kind = 'usb' }
        elseif ($network -contains $port -or $port -match '^(WSD|IP_|IPP|\d+\.\d+\.\d+\.\d+)') { $kind = 'network' }
        if ($result.Count -lt 40) {
            [void]$result.Add([ordered]@{ port = $kind; driver = (ConvertTo-Label $printer.DriverName); shared = [bool]$printer.Shared })
        }
    }
    , $result
}

Add-Part 'telemetry' {
    $level = Get-Setting 'SOFTWARE\Policies\Microsoft\Windows\DataCollection' 'AllowTelemetry'
    if ($null -eq $level) { $level = Get-Setting 'SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\DataCollection' 'AllowTelemetry' }
    [ordered]@{ level = (ConvertTo-Bounded $level 3) }
}

# --- Hardening, encryption, updates -------------------------------------------------------------------------------
# The policies that the last refresh of the computer applied, as Windows keeps them (RSoP).
Add-Part 'policies' {
    $result = New-Object System.Collections.ArrayList
    foreach ($policy in @(Get-CimInstance -Namespace root/rsop/computer -ClassName RSOP_GPO -Property @('name', 'enabled', 'accessDenied', 'filterAllowed'))) {
        $label = ConvertTo-Label $policy.name
        $applied = $policy.enabled -and $policy.filterAllowed -and -not $policy.accessDenied
        if ($label -and $applied -and $result.Count -lt 100) { [void]$result.Add($label) }
    }
    , $result
}

# Protection of the volume of Windows: 0 off, 1 on; 2, locked, says nothing.
Add-Part 'encrypted' {
    $drive = [Environment]::SystemDirectory.Substring(0, 2)
    $volumes = @(Get-CimInstance -Namespace root/cimv2/Security/MicrosoftVolumeEncryption -ClassName Win32_EncryptableVolume -Filter "DriveLetter = '$drive'" -Property 'ProtectionStatus')
    if ($volumes.Count -eq 0 -or $null -eq $volumes[0].ProtectionStatus -or $volumes[0].ProtectionStatus -gt 1) { return $null }
    $volumes[0].ProtectionStatus -eq 1
}

# The firewall is on where its service may start and each profile is on; a policy comes before the setting of the computer.
Add-Part 'firewall' {
    $base = 'SYSTEM\CurrentControlSet\Services'
    $start = Get-Setting "$base\mpssvc" 'Start'
    if ($null -eq $start) { return $null }
    $on = $start -ne 4
    foreach ($pair in @(@('Domain', 'Domain'), @('Private', 'Standard'), @('Public', 'Public'))) {
        $set = Get-Setting "SOFTWARE\Policies\Microsoft\WindowsFirewall\$($pair[0])Profile" 'EnableFirewall'
        if ($null -eq $set) { $set = Get-Setting "$base\SharedAccess\Parameters\FirewallPolicy\$($pair[1])Profile" 'EnableFirewall' }
        if ($null -eq $set) { return $null }
        $on = $on -and $set -eq 1
    }
    $on
}

# A moment of the update agent: in universal time, and none before its first success.
function ConvertTo-Success($Moment) {
    if ($Moment -isnot [DateTime] -or $Moment.Year -lt 2001) { return $null }
    $Moment.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

# The classes of updates by their public identifiers: definitions come each day, and say nothing of the rest.
$definitions = 'E0789628-CE08-4437-BE74-2495B842F43B'
$security = '0FA1201D-4330-4FA8-8AE9-B877473B6441'

function Test-Class($Update, [string]$Class) { @($Update.Categories | Where-Object { $_.CategoryID -eq $Class }).Count -gt 0 }

# What the update agent knows already: nothing is asked of its server. An operation of 1 is an installation; a result of
# 2 or 3 a success, of 4 a failure. The newest entry of an update comes first.
Add-Part 'updates' {
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $searcher.Online = $false
    $searched = $null
    try {
        $searched = ConvertTo-Success (New-Object -ComObject Microsoft.Update.AutoUpdate).Results.LastSearchSuccessDate
    } catch { $searched = $null }
    $pending = $null
    try {
        $waiting = @($searcher.Search('IsInstalled=0 and IsHidden=0').Updates | Where-Object { -not (Test-Class $_ $definitions) })
        $pending = ConvertTo-Bounded ($waiting.Count) 10000
    } catch { $pending = $null }
    $installed = $null
    $failed = $null
    try {
        $seen = @{}
        $failed = 0
        $known = $searcher.GetTotalHistoryCount()
        if ($known -gt 0) {
            foreach ($entry in @($searcher.QueryHistory(0, [Math]::Min(1000, $known)))) {
                if ([int]$entry.Operation -ne 1 -or (Test-Class $entry $definitions)) { continue }
                $done = @(2, 3) -contains [int]$entry.ResultCode
                if ($done -and $null -eq $installed -and (Test-Class $entry $security)) { $installed = ConvertTo-Success $entry.Date }
                $id = [string]$entry.UpdateIdentity.UpdateID
                if ($entry.Date -lt $since -or $seen.Contains($id)) { continue }
                $seen[$id] = $true
                if ([int]$entry.ResultCode -eq 4) { $failed++ }
            }
        }
    } catch { $failed = $null }
    $restart = $null
    try { $restart = [bool](New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired } catch { $restart = $null }
    [ordered]@{ searched = $searched; installed = $installed; pending = $pending; failed = $failed; restart = $restart }
}

# --- Programs that are installed for the whole computer, by the keys of their removal ------------------------------
function Add-Installed($Result, [string]$Key) {
    $list = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $list) { return }
    try { $names = @($list.GetSubKeyNames()) } finally { $list.Dispose() }
    foreach ($name in $names) {
        $label = ConvertTo-Label (Get-Setting "$Key\$name" 'DisplayName')
        if (-not $label -or (Get-Setting "$Key\$name" 'SystemComponent') -eq 1 -or $Result.Count -ge 300) { continue }
        [void]$Result.Add([ordered]@{ name = $label; version = (ConvertTo-Label (Get-Setting "$Key\$name" 'DisplayVersion')) })
    }
}

Add-Part 'software' {
    $result = New-Object System.Collections.ArrayList
    Add-Installed $result 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
    Add-Installed $result 'SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall'
    , $result
}

# --- The only write -----------------------------------------------------------------------------------------------
$encoding = New-Object System.Text.UTF8Encoding -ArgumentList $false
$bytes = $encoding.GetBytes((ConvertTo-Json -InputObject $report -Depth 6 -Compress))
while ($bytes.Length -gt $longest -and $null -ne $report['states'] -and $report['states'].Count -gt 0) {
    $report['states'].RemoveRange(0, [int][Math]::Ceiling($report['states'].Count / 2))
    $bytes = $encoding.GetBytes((ConvertTo-Json -InputObject $report -Depth 6 -Compress))
}
# A list of programs that is too long costs itself, and not the file.
if ($bytes.Length -gt $longest) {
    $report['software'] = $null
    $bytes = $encoding.GetBytes((ConvertTo-Json -InputObject $report -Depth 6 -Compress))
}
if ($bytes.Length -gt $longest) { exit 4 }
try {
    $file = New-Object System.IO.FileStream -ArgumentList "$Share\$computer.json", ([System.IO.FileMode]::Create), ([System.IO.FileAccess]::Write), ([System.IO.FileShare]::None)
    try { $file.Write($bytes, 0, $bytes.Length) } finally { $file.Dispose() }
} catch { exit 3 }
exit 0
