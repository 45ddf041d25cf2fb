# Returns every queue of the print server, with printing defaults for the given names and for the prefix (null: none).
# Reading defaults loads a driver: beyond the limit, a queue is only marked as later.
$left = $given.limit
@{
    queues = @(foreach ($printer in Get-Printer) {
        $queue = @{
            name = $printer.Name
            location = "$($printer.Location)"
            comment = "$($printer.Comment)"
            shared = $printer.Shared
            share_name = "$($printer.ShareName)"
        }
        $mine = $null -ne $given.prefix -and $printer.Name.StartsWith($given.prefix, [StringComparison]::OrdinalIgnoreCase)
        if ($mine -or $given.names -contains $printer.Name) {
            if ($left -le 0) {
                $queue.later = $true
            } else {
                $left--
                try {
                    $defaults = Get-PrintConfiguration -PrinterName $printer.Name
                    $queue.duplexing = "$($defaults.DuplexingMode)"
                    $queue.color = $defaults.Color
                } catch {
                    $queue.error = "$($_.Exception.Message)"
                }
            }
        }
        $queue
    })
}
