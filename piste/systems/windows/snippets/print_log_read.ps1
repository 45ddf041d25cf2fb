# Counts, by queue and day, the jobs that the event log of the print service holds after a record, the oldest first.
# Names of persons, documents and computers stay on the host: of event 307 it reads the properties 0 (job), 4 (queue) and
# 7 (pages of the document), of event 805 the fields JobId, Copies and Color. A queue that is neither named nor shared
# has no name here: that of a redirected printer contains a computer's.
# Get-WinEvent fails where nothing matches; its id does not depend on the language.
$log = 'Microsoft-Windows-PrintService/Operational'
$read = {
    param($path, $most)
    try {
        Get-WinEvent -LogName $log -FilterXPath $path -MaxEvents $most -Oldest
    } catch {
        if (-not "$($_.FullyQualifiedErrorId)".StartsWith('NoMatchingEventsFound')) { throw }
    }
}
$at = { param($entry) $entry.TimeCreated.ToUniversalTime().ToString('o') }
$after = [long]$given.after
$state = Get-WinEvent -ListLog $log
$answer = @{ enabled = $state.IsEnabled; mode = "$($state.LogMode)"; size = $state.MaximumSizeInBytes; last = $after }
foreach ($entry in & $read '*' 1) { $answer.oldest_at = & $at $entry }
foreach ($entry in & $read "*[System[EventRecordID=$after]]" 1) { $answer.anchor_at = & $at $entry }
$known = @{}
foreach ($name in $given.queues) { $known[$name] = $name }
foreach ($printer in Get-Printer) { if ($printer.Shared) { $known[$printer.Name] = $printer.Name } }
$rendered = @{}
$days = @{}
$events = @(& $read "*[System[(EventID=307 or EventID=805) and EventRecordID>$after]]" $given.limit)
foreach ($entry in $events) {
    if ($entry.Id -eq 805) {
        $job = ([xml]$entry.ToXml()).Event.UserData.RenderJobDiag
        $rendered["$($job.JobId)"] = $job
        continue
    }
    $values = $entry.Properties
    $queue = "$($known["$($values[4].Value)"])"
    $day = $entry.TimeCreated.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)
    $sum = $days["$day $queue"]
    if (-not $sum) {
        $sum = @{ queue = $queue; day = $day; jobs = 0; pages = 0; copied = 0; mono = 0; color = 0 }
        $days["$day $queue"] = $sum
    }
    $copies = 1
    $job = $rendered["$($values[0].Value)"]
    if ($job) {
        $rendered.Remove("$($values[0].Value)")
        if ([int]$job.Copies -gt 0) { $copies = [int]$job.Copies; $sum.copied++ }
        if ([int]$job.Color -eq 1) { $sum.mono++ }
        if ([int]$job.Color -eq 2) { $sum.color++ }
    }
    $sum.jobs++
    $sum.pages += $copies * [long]$values[7].Value
    $answer.last = $entry.RecordId
    $answer.last_at = & $at $entry
}
$answer.more = $events.Count -eq $given.limit
if ($events.Count -and ($answer.last -eq $after -or -not $answer.more)) {
    $answer.last = $events[-1].RecordId
    $answer.last_at = & $at $events[-1]
}
$answer.days = @($days.Values)
$answer
