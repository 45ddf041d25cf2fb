#requires -Version 5.1
# The trial of a server for Piste. Nobody has run it on a real server (jamais execute).
# It asks this server once what Piste would read of it, and writes what the answers look like, as JSON. It only reads, and
# keeps types, counts and the words of enumerations: no name, no address, no secret. An administrator runs it once on a
# server of DHCP, DNS, NPS or printing; what has no such role is absent. Windows PowerShell 5.1, no module. ASCII only.
#   powershell.exe -NoProfile -ExecutionPolicy Bypass -File essai-serveur.ps1 > essai.json
# "piste capture verify essai.json" judges it.
[CmdletBinding()]
param()
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$WarningPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'

$log = 'Microsoft-Windows-PrintService/Operational'
$scopes = { @(Get-DhcpServerv4Scope | Select-Object -First 20 | ForEach-Object { $_.ScopeId }) }
$printers = { @(Get-Printer | Select-Object -First 5 | ForEach-Object { $_.Name }) }
$events = { param($id) @(Get-WinEvent -LogName $log -FilterXPath "*[System[EventID=$id]]" -MaxEvents 20) }
$value = { param($values, $at) if ($values.Count -gt $at) { $values[$at].Value } }
$questions = [ordered]@{
    'Get-ChildItem' = { Get-ChildItem -Path Cert:\LocalMachine\My }
    'Get-CimInstance' = { Get-CimInstance -ClassName Win32_OperatingSystem }
    'Get-DhcpServerAuditLog' = { Get-DhcpServerAuditLog }
    'Get-DhcpServerDnsCredential' = { Get-DhcpServerDnsCredential }
    'Get-DhcpServerSetting' = { Get-DhcpServerSetting }
    'Get-DhcpServerv4Binding' = { Get-DhcpServerv4Binding }
    'Get-DhcpServerv4Class' = { Get-DhcpServerv4Class -Type Vendor }
    'Get-DhcpServerv4ExclusionRange' = { Get-DhcpServerv4ExclusionRange }
    'Get-DhcpServerv4Failover' = { Get-DhcpServerv4Failover }
    'Get-DhcpServerv4Lease' = { foreach ($scope in & $scopes) { Get-DhcpServerv4Lease -ScopeId $scope } }
    'Get-DhcpServerv4OptionValue' = { Get-DhcpServerv4OptionValue -All }
    'Get-DhcpServerv4Reservation' = { foreach ($scope in & $scopes) { Get-DhcpServerv4Reservation -ScopeId $scope } }
    'Get-DhcpServerv4Scope' = { Get-DhcpServerv4Scope }
    'Get-DhcpServerv4ScopeStatistics' = { Get-DhcpServerv4ScopeStatistics }
    'Get-DnsServerForwarder' = { Get-DnsServerForwarder }
    'Get-DnsServerScavenging' = { Get-DnsServerScavenging }
    'Get-PrintConfiguration' = { foreach ($printer in & $printers) { Get-PrintConfiguration -PrinterName $printer } }
    'Get-Printer' = { Get-Printer }
    'Get-Service' = { Get-Service -Name 'Spooler' }
    'Get-WinEvent' = { Get-WinEvent -ListLog $log }
    'Event-307' = {
        foreach ($entry in & $events 307) {
            $values = @($entry.Properties)
            [pscustomobject]@{ Job = & $value $values 0; Queue = & $value $values 4; Pages = & $value $values 7 }
        }
    }
    'Event-805' = {
        # Numbers of jobs begin again: the newest end of a number is that of its job.
        $ended = @{}
        foreach ($entry in & $events 307) {
            $number = "$(& $value @($entry.Properties) 0)"
            if (-not $ended.ContainsKey($number)) { $ended[$number] = $entry.RecordId }
        }
        foreach ($entry in & $events 805) {
            $job = ([xml]$entry.ToXml()).Event.UserData.RenderJobDiag
            $late = $null
            if ($ended.ContainsKey("$($job.JobId)") -and $ended["$($job.JobId)"] -lt $entry.RecordId) { $late = $true }
            [pscustomobject]@{ Color = [int]$job.Color; Copies = [int]$job.Copies; Late = $late }
        }
    }
}
$properties = @{
    'Get-ChildItem' = @('HasPrivateKey', 'RawData')
    'Get-CimInstance' = @('Caption', 'Version')
    'Get-DhcpServerAuditLog' = @('DiskCheckInterval', 'Enable', 'MaxMBFileSize', 'MinMBDiskSpace', 'Path')
    'Get-DhcpServerDnsCredential' = @('DomainName', 'UserName')
    'Get-DhcpServerSetting' = @('ConflictDetectionAttempts')
    'Get-DhcpServerv4Binding' = @('BindingState', 'IPAddress', 'InterfaceAlias')
    'Get-DhcpServerv4Class' = @('Name')
    'Get-DhcpServerv4ExclusionRange' = @('EndRange', 'ScopeId', 'StartRange')
    'Get-DhcpServerv4Failover' = @('AutoStateTransition', 'EnableAuth', 'LoadBalancePercent', 'MaxClientLeadTime', 'Mode',
        'Name', 'PartnerServer', 'ReservePercent', 'ScopeId', 'State', 'StateSwitchInterval')
    'Get-DhcpServerv4Lease' = @('IPAddress')
    'Get-DhcpServerv4OptionValue' = @('OptionId', 'PolicyName', 'UserClass', 'Value', 'VendorClass')
    'Get-DhcpServerv4Reservation' = @('ClientId', 'Description', 'IPAddress', 'Name')
    'Get-DhcpServerv4Scope' = @('Description', 'EndRange', 'LeaseDuration', 'Name', 'ScopeId', 'StartRange', 'State',
        'SubnetMask')
    'Get-DhcpServerv4ScopeStatistics' = @('AddressesFree', 'AddressesInUse', 'ScopeId')
    'Get-DnsServerForwarder' = @('IPAddress', 'UseRootHint')
    'Get-DnsServerScavenging' = @('ScavengingInterval')
    'Get-PrintConfiguration' = @('Color', 'DuplexingMode')
    'Get-Printer' = @('Comment', 'Location', 'Name', 'ShareName', 'Shared')
    'Get-Service' = @('Name', 'Status')
    'Get-WinEvent' = @('IsEnabled', 'LogMode', 'MaximumSizeInBytes')
    'Event-307' = @('Job', 'Pages', 'Queue')
    'Event-805' = @('Color', 'Copies', 'Late')
}
$worded = @('DuplexingMode', 'LogMode', 'Mode', 'State')

# Types, counts of what is missing or null, and words where there are any: never another value.
$shape = {
    param($objects, $names)
    $found = [ordered]@{}
    foreach ($name in $names) {
        $about = @{ missing = 0; empty = 0; types = @{}; words = @{} }
        foreach ($object in $objects) {
            $property = $object.PSObject.Properties[$name]
            if ($null -eq $property) { $about.missing++; continue }
            if ($null -eq $property.Value) { $about.empty++; continue }
            $about.types[$property.Value.GetType().FullName] = 1
            $word = "$($property.Value)"
            if ($worded -contains $name -and $word -cmatch '^[A-Za-z]{1,40}$') { $about.words[$word] = 1 }
        }
        $found[$name] = @{
            missing = $about.missing
            empty = $about.empty
            types = @($about.types.Keys)
            words = @($about.words.Keys)
        }
    }
    $found
}
$asked = @(foreach ($command in $questions.Keys) {
    $entry = [ordered]@{ command = $command; state = 'absent'; error = ''; objects = 0; properties = @{} }
    if ($command -cmatch '^Event-' -or (Get-Command -Name $command -ErrorAction SilentlyContinue)) {
        try {
            $objects = @(& $questions[$command])
            $entry.properties = & $shape $objects $properties[$command]
            $entry.objects = $objects.Count
            $entry.state = 'ok'
        } catch {
            $entry.state = 'error'
            $entry.error = [regex]::Replace("$($_.FullyQualifiedErrorId)", '[^A-Za-z0-9.,_ -]', '').Trim()
            if ($entry.error.Length -gt 200) { $entry.error = $entry.error.Substring(0, 200) }
        }
    }
    $entry
})
$answer = [ordered]@{
    format = 'piste-essai-windows-1'
    at = [DateTime]::UtcNow.ToString('s')
    culture = "$(Get-Culture)"
    powershell = "$($PSVersionTable.PSVersion)"
    windows = "$([Environment]::OSVersion.Version)"
    language = "$($ExecutionContext.SessionState.LanguageMode)"
    asked = $asked
}
$json = ConvertTo-Json -InputObject $answer -Depth 6 -Compress
[Console]::Out.Write([regex]::Replace($json, '[^ -~]', { param($match) '\u{0:x4}' -f [int][char]$match.Value }))
