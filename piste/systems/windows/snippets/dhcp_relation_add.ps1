# Makes the relation with the partner, which takes its first scopes. Exactly one of the shares is given.
# -Force: with a secret, the cmdlet would ask whether it may travel in clear, which it does not within the server.
$set = @{}
if ($null -ne $given.balance) { $set['LoadBalancePercent'] = $given.balance }
if ($null -ne $given.reserve) { $set['ReservePercent'] = $given.reserve }
if ($null -ne $given.switch_after) { $set['StateSwitchInterval'] = [TimeSpan]::FromSeconds($given.switch_after) }
if ($null -ne $given.secret) { $set['SharedSecret'] = $given.secret }
$lead = [TimeSpan]::FromSeconds($given.lead)
Add-DhcpServerv4Failover -Name $given.name -PartnerServer $given.partner -ScopeId $given.subnets -MaxClientLeadTime $lead -Force @set
@{}
