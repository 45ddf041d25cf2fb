# Surrounds every snippet. Its arguments are a JSON object on standard input, its answer another on standard output.
# Both are ASCII, so that no code page of the host can change them. A snippet outputs a single hashtable. Warnings are
# off: powershell.exe would mix them into the answer ("Waiting for service..." of Restart-Service).
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
[Console]::Out.Write([regex]::Replace($json, '[^ -~]', { param($match) '\u{0:x4}' -f [int][char]$match.Value }))
exit [int]$answer.ContainsKey('error')
