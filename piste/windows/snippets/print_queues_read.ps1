# Every queue of the print server; with its printing defaults those that are named, and those whose name fits a pattern.
@{
    queues = @(foreach ($printer in Get-Printer) {
        $queue = @{
            name = $printer.Name
            location = "$($printer.Location)"
            comment = "$($printer.Comment)"
            shared = $printer.Shared
            share_name = "$($printer.ShareName)"
        }
        if ($given.names -contains $printer.Name -or $printer.Name -like $given.pattern) {
            try {
                $defaults = Get-PrintConfiguration -PrinterName $printer.Name
                $queue.duplexing = "$($defaults.DuplexingMode)"
                $queue.color = $defaults.Color
            } catch {
                $queue.error = "$($_.Exception.Message)"
            }
        }
        $queue
    })
}
