# Replaces the whole configuration of NPS by the given document (bytes of a file, gzip, base64).
$packed = New-Object -TypeName IO.MemoryStream -ArgumentList @(, [Convert]::FromBase64String($given.document))
$unpack = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Decompress)
$content = [IO.File]::Create($file)
try { $unpack.CopyTo($content) } finally { $content.Dispose() }
$null = Import-NpsConfiguration -Path $file
if ($given.restart) { Restart-Service -Name IAS }
@{}
