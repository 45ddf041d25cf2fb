# Surrounds a snippet that fills the file: returns its bytes, gzip, base64.
# SNIPPET
$content = [IO.File]::ReadAllBytes($file)
$packed = New-Object -TypeName IO.MemoryStream
$pack = New-Object -TypeName IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Compress)
$pack.Write($content, 0, $content.Length)
$pack.Dispose()
@{ document = [Convert]::ToBase64String($packed.ToArray()) }
