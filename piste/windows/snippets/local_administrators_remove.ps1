# Take one member out of the host's administrators; its account, wherever it is, stays.
Remove-LocalGroupMember -SID 'S-1-5-32-544' -Member $given.sid
@{}
