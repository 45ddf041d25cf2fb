# Returns the host's administrators, people and groups. The group is known by its SID: its name is another in French.
# Uses ADSI: Get-LocalGroupMember returns nothing where an account is deleted. A SID without an account has no name.
$known = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-32-544'
$group = [ADSI]"WinNT://./$($known.Translate([Security.Principal.NTAccount]).Value.Split('\')[1]),group"
@{
    members = @(foreach ($member in @($group.psbase.Invoke('Members'))) {
        $bytes = [byte[]]$member.GetType().InvokeMember('objectSid', 'GetProperty', $null, $member, $null)
        $sid = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0
        $entry = @{ name = ''; sid = $sid.Value }
        try {
            $entry.name = $sid.Translate([Security.Principal.NTAccount]).Value
        } catch [Security.Principal.IdentityNotMappedException] {
            $entry.name = ''
        } catch {
            $entry.error = "$($_.Exception.Message)"
        }
        $entry
    })
}
