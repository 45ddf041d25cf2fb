# Returns where a DNS server sends what it does not know, and whether it removes old names. Both are in its registry.
$forwarder = Get-DnsServerForwarder
$scavenging = Get-DnsServerScavenging
@{
    forwarders = @(foreach ($address in $forwarder.IPAddress) { "$address" })
    root_hints = [bool]$forwarder.UseRootHint
    scavenging_h = [long]$scavenging.ScavengingInterval.TotalHours
}
