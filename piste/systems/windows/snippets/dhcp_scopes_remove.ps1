# Removes scopes, out of their relation first (null: none), which removes them from the partner.
@{
    failed = @(foreach ($scope in $given.scopes) {
        try {
            if ($null -ne $scope.relation) { Remove-DhcpServerv4FailoverScope -Name $scope.relation -ScopeId $scope.subnet -Force }
            Remove-DhcpServerv4Scope -ScopeId $scope.subnet -Force
        } catch {
            @{ subnet = $scope.subnet; error = "$($_.Exception.Message)" }
        }
    })
}
