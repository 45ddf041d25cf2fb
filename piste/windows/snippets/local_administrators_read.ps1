# Who administers the host, people and groups. The group is known by its SID: a French host calls it otherwise.
@{
    members = @(Get-LocalGroupMember -SID 'S-1-5-32-544' | ForEach-Object -Process {
        @{ name = $_.Name; sid = "$($_.SID)"; kind = "$($_.ObjectClass)" }
    })
}
