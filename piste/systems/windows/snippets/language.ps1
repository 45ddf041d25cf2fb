# Returns the language mode of a session. Has no frame: a constrained session cannot run it.
$ErrorActionPreference = 'Stop'
$lines = @($input)
ConvertTo-Json -InputObject @{ result = @{ language = "$($ExecutionContext.SessionState.LanguageMode)" } } -Compress
