# Makes the partner have the scopes as this server has them: those that join the relation, and those that are part of one.
# The server itself speaks to its partner, with the rights of the account.
if ($given.joining.Count) { Add-DhcpServerv4FailoverScope -Name $given.relation -ScopeId $given.joining }
if ($given.subnets.Count) { $null = Invoke-DhcpServerv4FailoverReplication -ScopeId $given.subnets -Force }
@{}
