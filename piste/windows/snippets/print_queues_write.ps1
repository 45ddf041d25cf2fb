# Changes what is given of each queue; what is refused of one does not keep the others from theirs.
# Set-Printer takes a name for a pattern (*, ?, []): it is given the queue itself, found by its exact name.
$every = @(Get-Printer)
@{
    failed = @(foreach ($queue in $given.queues) {
        $names = @($queue.PSObject.Properties | ForEach-Object -Process { $_.Name })
        $printer = @{}
        if ($names -contains 'location') { $printer['Location'] = $queue.location }
        if ($names -contains 'comment') { $printer['Comment'] = $queue.comment }
        if ($names -contains 'shared') { $printer['Shared'] = $queue.shared }
        if ($names -contains 'share_name') { $printer['ShareName'] = $queue.share_name }
        $defaults = @{}
        if ($names -contains 'duplexing') { $defaults['DuplexingMode'] = $queue.duplexing }
        if ($names -contains 'color') { $defaults['Color'] = $queue.color }
        try {
            if ($printer.Count) {
                $found = @(foreach ($one in $every) { if ($one.Name -eq $queue.name) { $one } })
                if ($found.Count -ne 1) { throw "$($found.Count) printers have this name." }
                Set-Printer -InputObject $found[0] @printer
            }
            if ($defaults.Count) { Set-PrintConfiguration -PrinterName $queue.name @defaults }
        } catch {
            @{ name = $queue.name; error = "$($_.Exception.Message)" }
        }
    })
}
