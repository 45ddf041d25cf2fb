# Creates (mask) or changes scopes; null leaves a setting. A refusal does not stop the other scopes.
# A scope is born inactive and activated last: no client gets an address without its options.
@{
    failed = @(foreach ($scope in $given.scopes) {
        $id = $scope.subnet
        try {
            if ($null -ne $scope.mask) {
                Add-DhcpServerv4Scope -Name $scope.name -StartRange $scope.start -EndRange $scope.end -SubnetMask $scope.mask -State InActive
            }
            foreach ($range in $scope.included) {
                Remove-DhcpServerv4ExclusionRange -ScopeId $id -StartRange $range.start -EndRange $range.end
            }
            $set = @{}
            if ($null -ne $scope.description) { $set['Description'] = $scope.description }
            if ($null -ne $scope.lease) { $set['LeaseDuration'] = [TimeSpan]::FromSeconds($scope.lease) }
            if ($null -eq $scope.mask) {
                if ($null -ne $scope.name) { $set['Name'] = $scope.name }
                if ($null -ne $scope.start) {
                    $set['StartRange'] = $scope.start
                    $set['EndRange'] = $scope.end
                }
            }
            if ($set.Count) { Set-DhcpServerv4Scope -ScopeId $id @set }
            foreach ($range in $scope.excluded) {
                Add-DhcpServerv4ExclusionRange -ScopeId $id -StartRange $range.start -EndRange $range.end
            }
            if ($scope.cleared.Count) { Remove-DhcpServerv4OptionValue -ScopeId $id -OptionId $scope.cleared }
            foreach ($option in $scope.options) {
                Set-DhcpServerv4OptionValue -ScopeId $id -OptionId $option.id -Value $option.values -Force
            }
            if ($scope.released.Count) { Remove-DhcpServerv4Reservation -IPAddress $scope.released }
            foreach ($client in $scope.moved) {
                Set-DhcpServerv4Reservation -IPAddress $client.address -ClientId $client.client -Name $client.name -Description $client.name
            }
            foreach ($client in $scope.reserved) {
                Add-DhcpServerv4Reservation -ScopeId $id -IPAddress $client.address -ClientId $client.client -Name $client.name -Description $client.name
            }
            if ($null -ne $scope.state) { Set-DhcpServerv4Scope -ScopeId $id -State $scope.state }
        } catch {
            @{ subnet = $id; error = "$($_.Exception.Message)" }
        }
    })
}
