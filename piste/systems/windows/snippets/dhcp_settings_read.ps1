# Returns the settings of a DHCP server itself: options of all scopes, audit log, conflict detection, account of the DNS
# updates, addresses that it answers on. -All also gives the options of classes and of policies. A server without an account
# may return nothing for it.
$audit = Get-DhcpServerAuditLog
$account = Get-DhcpServerDnsCredential
@{
    options = @(foreach ($option in Get-DhcpServerv4OptionValue -All) {
        @{
            option = [int]$option.OptionId
            vendor = "$($option.VendorClass)"
            user = "$($option.UserClass)"
            policy = "$($option.PolicyName)"
            values = @(foreach ($value in $option.Value) { "$value" })
        }
    })
    classes = @(foreach ($class in Get-DhcpServerv4Class -Type Vendor) { "$($class.Name)" })
    audit = @{
        enabled = [bool]$audit.Enable
        path = "$($audit.Path)"
        max_mb = [long]$audit.MaxMBFileSize
        min_free_mb = [long]$audit.MinMBDiskSpace
        check_every = [long]$audit.DiskCheckInterval
    }
    conflicts = [int](Get-DhcpServerSetting).ConflictDetectionAttempts
    account = $(if ($account) {
        @{ domain = "$($account.DomainName)"; name = "$($account.UserName)" }
    } else {
        @{ domain = ''; name = '' }
    })
    bindings = @(foreach ($binding in Get-DhcpServerv4Binding) {
        @{ interface = "$($binding.InterfaceAlias)"; address = "$($binding.IPAddress)"; bound = [bool]$binding.BindingState }
    })
}
