# What every snippet runs in. Its arguments are one JSON object on standard input, its answer one on standard output.
# Both are ASCII, so that no code page of the host can change them. A snippet gives one hashtable, and nothing else;
# powershell.exe would write its warnings among it ("Waiting for service..." of Restart-Service).
$ErrorActionPreference = 'Stop'
$WarningPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2.0
$lines = @($input)
try {
    $given = ConvertFrom-Json -InputObject ($lines -join '')
    $answer = @{ result = & {
        # SNIPPET
    } }
} catch {
    $answer = @{ error = "$($_.Exception.Message)"; id = "$($_.FullyQualifiedErrorId)" }
}
$json = ConvertTo-Json -InputObject $answer -Depth 6 -Compress
[Console]::Out.Write([regex]::Replace($json, '[^ -~]', { param($found) '\u{0:x4}' -f [int][char]$found.Value }))
exit [int]$answer.ContainsKey('error')
