# Changes the given settings of each queue; a refusal does not stop the other queues.
# Set-Printer takes a name for a pattern (*, ?, []): it gets the queue itself, looked up by its exact name.
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
                $same = @(foreach ($candidate in $every) { if ($candidate.Name -eq $queue.name) { $candidate } })
                if ($same.Count -ne 1) { throw "$($same.Count) printers have this name." }
                Set-Printer -InputObject $same[0] @printer
            }
            if ($defaults.Count) { Set-PrintConfiguration -PrinterName $queue.name @defaults }
        } catch {
            @{ name = $queue.name; error = "$($_.Exception.Message)" }
        }
    })
}
