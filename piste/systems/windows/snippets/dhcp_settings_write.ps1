# Changes the settings of a DHCP server itself; null leaves a setting. Options without a class have an empty vendor.
foreach ($option in $given.cleared) {
    $class = @{}
    if ($option.vendor) { $class['VendorClass'] = $option.vendor }
    Remove-DhcpServerv4OptionValue -OptionId $option.id @class
}
foreach ($option in $given.options) {
    $class = @{}
    if ($option.vendor) { $class['VendorClass'] = $option.vendor }
    Set-DhcpServerv4OptionValue -OptionId $option.id -Value $option.values -Force @class
}
if ($null -ne $given.conflicts) { Set-DhcpServerSetting -ConflictDetectionAttempts $given.conflicts }
$set = @{}
if ($null -ne $given.enabled) { $set['Enable'] = $given.enabled }
if ($null -ne $given.path) { $set['Path'] = $given.path }
if ($null -ne $given.max_mb) { $set['MaxMBFileSize'] = $given.max_mb }
if ($null -ne $given.min_free_mb) { $set['MinMBDiskSpace'] = $given.min_free_mb }
if ($null -ne $given.check_every) { $set['DiskCheckInterval'] = $given.check_every }
if ($set.Count) { Set-DhcpServerAuditLog @set }
@{}
