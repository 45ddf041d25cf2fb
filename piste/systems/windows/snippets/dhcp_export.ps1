# Exports the whole configuration of a DHCP server as the host does; with the leases of its clients where asked.
$set = @{}
if ($given.leases) { $set['Leases'] = $true }
$null = Export-DhcpServer -File $file -Force @set
