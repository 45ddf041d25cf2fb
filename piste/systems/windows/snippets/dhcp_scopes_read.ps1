# Returns the options and the reservations of scopes, an entry each. A scope that does not answer has an error.
@{
    entries = @(foreach ($subnet in $given.subnets) {
        try {
            foreach ($option in Get-DhcpServerv4OptionValue -ScopeId $subnet -Brief) {
                @{ subnet = $subnet; option = [int]$option.OptionId; values = @(foreach ($value in $option.Value) { "$value" }) }
            }
            foreach ($reservation in Get-DhcpServerv4Reservation -ScopeId $subnet) {
                @{
                    subnet = $subnet
                    address = "$($reservation.IPAddress)"
                    client = "$($reservation.ClientId)"
                    name = "$($reservation.Name)"
                    description = "$($reservation.Description)"
                }
            }
        } catch {
            @{ subnet = $subnet; error = "$($_.Exception.Message)" }
        }
    })
}
