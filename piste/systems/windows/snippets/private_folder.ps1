# Surrounds a snippet that needs a file: a folder for SYSTEM and the administrators only, always removed at the end.
$folder = Join-Path -Path $env:SystemRoot -ChildPath "Temp\piste-$([guid]::NewGuid())"
$access = New-Object -TypeName Security.AccessControl.DirectorySecurity
$access.SetSecurityDescriptorSddlForm('D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
$null = [IO.Directory]::CreateDirectory($folder, $access)
try {
    $file = Join-Path -Path $folder -ChildPath 'export.xml'
    # SNIPPET
} finally {
    Remove-Item -LiteralPath $folder -Recurse -Force
}
