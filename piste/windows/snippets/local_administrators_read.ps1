# Who administers the host, people and groups. The group is known by its SID: a French host calls it otherwise.
# ADSI, for Get-LocalGroupMember gives nobody at all where one account is gone. A SID that nothing names has no name.
$known = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-32-544'
$group = [ADSI]"WinNT://./$($known.Translate([Security.Principal.NTAccount]).Value.Split('\')[1]),group"
@{
    members = @(foreach ($member in @($group.psbase.Invoke('Members'))) {
        $bytes = [byte[]]$member.GetType().InvokeMember('objectSid', 'GetProperty', $null, $member, $null)
        $sid = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0
        $one = @{ name = ''; sid = $sid.Value }
        try {
            $one.name = $sid.Translate([Security.Principal.NTAccount]).Value
        } catch [Security.Principal.IdentityNotMappedException] {
            $one.name = ''
        } catch {
            $one.error = "$($_.Exception.Message)"
        }
        $one
    })
}
