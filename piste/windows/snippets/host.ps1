# What can be done on a host, and by this account. Needs no right beyond a session.
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
        @{ name = $_.Name; running = $_.Status -eq 'Running' }
    })
    commands = @(Get-Command -Name $given.commands -ErrorAction SilentlyContinue | ForEach-Object -Process { $_.Name })
}
