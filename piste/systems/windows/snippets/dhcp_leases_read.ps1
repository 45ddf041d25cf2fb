# Returns the addresses that the clients of scopes have now.
@{
    leases = @(foreach ($subnet in $given.subnets) {
        foreach ($lease in Get-DhcpServerv4Lease -ScopeId $subnet) { @{ subnet = $subnet; address = "$($lease.IPAddress)" } }
    })
}
