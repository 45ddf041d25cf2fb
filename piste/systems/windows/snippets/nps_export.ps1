# Exports the configuration of NPS as the host does, with shared secrets.
$null = Export-NpsConfiguration -Path $file
