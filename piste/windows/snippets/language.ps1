# How much of its language the host lets a session use. Without the frame, which a constrained session cannot run.
$ErrorActionPreference = 'Stop'
$lines = @($input)
ConvertTo-Json -InputObject @{ result = @{ language = "$($ExecutionContext.SessionState.LanguageMode)" } } -Compress
