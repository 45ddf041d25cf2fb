# Returns the system, services and commands of a host, and the account's rights. Needs no right beyond a session.
$system = Get-CimInstance -ClassName Win32_OperatingSystem
$account = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList ([Security.Principal.WindowsIdentity]::GetCurrent())
@{
    name = $env:COMPUTERNAME
    system = $system.Caption
    version = $system.Version
    culture = "$(Get-Culture)"
    powershell = "$($PSVersionTable.PSVersion)"
    time = [DateTime]::UtcNow.ToString('s')
    administrator = $account.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    services = @(Get-Service -Name $given.services -ErrorAction SilentlyContinue | ForEach-Object -Process {
        $key = "HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\$($_.Name)"
        $sid = [Microsoft.Win32.Registry]::GetValue($key, 'ServiceSidType', 0)
        @{ name = $_.Name; running = $_.Status -eq 'Running'; sid_type = $sid }
    })
    commands = @(Get-Command -Name $given.commands -ErrorAction SilentlyContinue | ForEach-Object -Process { $_.Name })
}
