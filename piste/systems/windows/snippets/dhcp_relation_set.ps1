# Changes the terms of a relation; null leaves a term. A null secret turns authentication off.
# -Force and -Confirm: with a secret or another mode, the cmdlet would ask.
$set = @{}
if ($null -ne $given.mode) { $set['Mode'] = $given.mode }
if ($null -ne $given.balance) { $set['LoadBalancePercent'] = $given.balance }
if ($null -ne $given.reserve) { $set['ReservePercent'] = $given.reserve }
if ($null -ne $given.lead) { $set['MaxClientLeadTime'] = [TimeSpan]::FromSeconds($given.lead) }
if ($null -ne $given.automatic) { $set['AutoStateTransition'] = $given.automatic }
if ($null -ne $given.switch_after) { $set['StateSwitchInterval'] = [TimeSpan]::FromSeconds($given.switch_after) }
if ($null -ne $given.secret) { $set['SharedSecret'] = $given.secret }
if ($given.unauthenticated) { $set['SharedSecret'] = $null }
$set['Confirm'] = $false
Set-DhcpServerv4Failover -Name $given.name -Force @set
@{}
