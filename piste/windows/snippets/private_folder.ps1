# Around what needs a file: a folder that is made for SYSTEM and the administrators alone, and that never stays.
$folder = Join-Path -Path $env:SystemRoot -ChildPath "Temp\piste-$([guid]::NewGuid())"
$access = New-Object -TypeName Security.AccessControl.DirectorySecurity
$access.SetSecurityDescriptorSddlForm('D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
$null = [IO.Directory]::CreateDirectory($folder, $access)
try {
    $file = Join-Path -Path $folder -ChildPath 'nps.xml'
    # SNIPPET
} finally {
    Remove-Item -LiteralPath $folder -Recurse -Force
}
