# Returns the scopes of a DHCP server with their exclusions, their use and the relations that they are part of.
# A relation is read with its partner as the server names it: a name or an address. A state in other words is no state.
@{
    scopes = @(foreach ($scope in Get-DhcpServerv4Scope) {
        if (@('Active', 'InActive') -notcontains "$($scope.State)") { throw "State of $($scope.ScopeId): $($scope.State)" }
        @{
            subnet = "$($scope.ScopeId)"
            mask = "$($scope.SubnetMask)"
            name = "$($scope.Name)"
            description = "$($scope.Description)"
            start = "$($scope.StartRange)"
            end = "$($scope.EndRange)"
            lease = [long]$scope.LeaseDuration.TotalSeconds
            active = "$($scope.State)" -eq 'Active'
        }
    })
    exclusions = @(foreach ($range in Get-DhcpServerv4ExclusionRange) {
        @{ subnet = "$($range.ScopeId)"; start = "$($range.StartRange)"; end = "$($range.EndRange)" }
    })
    uses = @(foreach ($use in Get-DhcpServerv4ScopeStatistics) {
        @{ subnet = "$($use.ScopeId)"; free = [long]$use.AddressesFree; in_use = [long]$use.AddressesInUse }
    })
    relations = @(foreach ($relation in Get-DhcpServerv4Failover) {
        @{
            name = $relation.Name
            state = "$($relation.State)"
            mode = "$($relation.Mode)"
            balance = [long]$relation.LoadBalancePercent
            reserve = [long]$relation.ReservePercent
            lead = [long]$relation.MaxClientLeadTime.TotalSeconds
            switch_after = $(if ($relation.AutoStateTransition) { [long]$relation.StateSwitchInterval.TotalSeconds })
            authenticated = [bool]$relation.EnableAuth
            partner = "$($relation.PartnerServer)"
            subnets = @(foreach ($subnet in $relation.ScopeId) { "$subnet" })
        }
    })
}
