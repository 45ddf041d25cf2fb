# Returns the configuration of NPS as the host exports it, with shared secrets: the bytes of the file, gzip, base64.
$null = Export-NpsConfiguration -Path $file
$content = [IO.File]::ReadAllBytes($file)
$packed = New-Object -TypeName IO.MemoryStream
$pack = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Compress)
$pack.Write($content, 0, $content.Length)
$pack.Dispose()
@{ document = [Convert]::ToBase64String($packed.ToArray()) }
