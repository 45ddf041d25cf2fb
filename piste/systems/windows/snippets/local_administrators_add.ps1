# Adds a member to the host's administrators, by its SID.
$known = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-32-544'
$group = [ADSI]"WinNT://./$($known.Translate([Security.Principal.NTAccount]).Value.Split('\')[1]),group"
$null = $group.psbase.Invoke('Add', "WinNT://$($given.sid)")
@{}
