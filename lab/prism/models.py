"""The models of the v4 API that the simulator knows, in the notation of `lab.prism.schema`."""

from __future__ import annotations

from lab.prism.schema import Models

_ENTITY = "extId!:s, links!:[ApiLink], tenantId!:u"
_CPU = "numSockets:i<1..>, numCoresPerSocket:i<1..>, numThreadsPerCore:i<1..>"
_BUS = "(SCSI|IDE|PCI|SATA|SPAPR)"
_NETWORK_INFO = (
    "nicType:(NORMAL_NIC|DIRECT_NIC|NETWORK_FUNCTION_NIC|SPAN_DESTINATION_NIC), subnet:SubnetReference,"
    "vlanMode:(ACCESS|TRUNK), trunkedVlans:[i], shouldAllowUnknownMacs:b, ipv4Config:Ipv4Config, ipv4Info!:Ipv4Info"
)
_CARD = "model:(VIRTIO|E1000), macAddress:s, isConnected:b, numQueues:i<1..>"
_COPY = (
    "name:s<..256>, creationTime!:t, expirationTime:t, status!:(COMPLETE), locationAgnosticId!:s, "
    "recoveryPointType:(CRASH_CONSISTENT|APPLICATION_CONSISTENT), totalExclusiveUsageBytes!@2:i"
)
_LOAD = (
    "cpuCapacityHz!:[TimeValuePair], cpuUsageHz!:[TimeValuePair], memoryCapacityBytes!:[TimeValuePair], "
    "hypervisorCpuUsagePpm!:[TimeValuePair], aggregateHypervisorMemoryUsagePpm!:[TimeValuePair], "
    "overallMemoryUsageBytes!:[TimeValuePair], powerConsumptionInstantWatt!@1:[TimeValuePair], "
    "freeMemoryBytes!@3:[TimeValuePair], totalConfiguredVmMemoryBytes!@3:[TimeValuePair], "
    "controllerAvgIoLatencyUsecs!:[TimeValuePair], controllerNumIops!:[TimeValuePair]"
)
_MESSAGES = {
    "AppMessage": "message!:s, severity!:(INFO|WARNING|ERROR), code!:s, locale!:s, errorGroup!:s",
}

MODELS = Models(
    {
        "common.v1.config": {
            "IPv4Address": "value*:s, prefixLength:i<0..32>",
            "IPv6Address": "value*:s, prefixLength:i<0..128>",
            "IPAddress": "ipv4:IPv4Address, ipv6:IPv6Address",
            "KVPair": "name!:s<..128>, value!:v",
        },
        "common.v1.response": {"ApiLink": "href!:s, rel!:s"},
        "vmm.v4.ahv.stats": {
            "VmStats": f"stats!:[VmStatsTuple], {_ENTITY}",
            "VmStatsTuple": "timestamp!:t, hypervisorCpuReadyTimePpm!:i, controllerAvgIoLatencyMicros!:i, "
            "controllerNumIops!:i",
        },
        "vmm.v4.ahv.config": {
            "Vm": f"name:s<..80>, description:s, createTime!:t, updateTime!:t, {_CPU}, numNumaNodes:i, "
            "memorySizeBytes:i<1..>, isVcpuHardPinningEnabled:b, isCpuPassthroughEnabled:b, "
            "enabledCpuFeatures:[(HARDWARE_VIRTUALIZATION)], isMemoryOvercommitEnabled:b, isGpuConsoleEnabled:b, "
            "isCpuHotplugEnabled:b, isScsiControllerEnabled:b, generationUuid:u, biosUuid:u, "
            "categories:[CategoryReference], project@2:ProjectReference, projectExtId@3:u, "
            "ownershipInfo:OwnershipInfo, host!:HostReference, cluster:ClusterReference, "
            "guestCustomization#:GuestCustomizationParams, guestTools:GuestTools, hardwareClockTimezone:s<..64>, "
            "isBrandingEnabled:b, bootConfig:LegacyBoot|UefiBoot, isVgaConsoleEnabled:b, "
            "machineType:(PC|PSERIES|Q35), powerState:(ON|OFF|PAUSED|UNDETERMINED), vtpmConfig:VtpmConfig, "
            "isAgentVm:b, apcConfig:ApcConfig, isLiveMigrateCapable!:b, isCrossClusterMigrationInProgress!:b, "
            "storageConfig:ADSFVmStorageConfig, disks:[Disk], cdRoms:[CdRom], nics:[Nic], serialPorts:[SerialPort], "
            f"protectionType!:(UNPROTECTED|PD_PROTECTED|RULE_PROTECTED), customAttributes@2:[s], {_ENTITY}",
            "CategoryReference": "extId:u",
            "ClusterReference": "extId:u",
            "HostReference": "extId:u",
            "SubnetReference": "extId:u",
            "ProjectReference": "extId:u",
            "OwnerReference": "extId:u",
            "OwnershipInfo": "owner:OwnerReference",
            "LegacyBoot": "bootDevice:BootDeviceDisk|BootDeviceNic, bootOrder:[(CDROM|DISK|NETWORK)]",
            "UefiBoot": "isSecureBootEnabled:b, bootDevice:BootDeviceDisk|BootDeviceNic, "
            "bootOrder:[(CDROM|DISK|NETWORK)]",
            "BootDeviceDisk": "diskAddress:DiskAddress",
            "BootDeviceNic": "macAddress:s",
            "VtpmConfig": "isVtpmEnabled:b, version:s",
            "ApcConfig": "isApcEnabled:b",
            "ADSFVmStorageConfig": "isFlashModeEnabled:b, qosConfig:QosConfig",
            "QosConfig": "throttledIops:i",
            "GuestTools": "version!:s, isInstalled!:b, isEnabled:b, isIsoInserted!:b, availableVersion!:s, "
            "capabilities:[(SELF_SERVICE_RESTORE|VSS_SNAPSHOT)], guestOsVersion!:s, isReachable!:b, "
            "isVssSnapshotCapable!:b, isVmMobilityDriversInstalled!:b",
            "GuestCustomizationParams": "config:Sysprep|CloudInit",
            "Sysprep": "installType:(FRESH|PREPARED), sysprepScript:Unattendxml|",
            "Unattendxml": "value:s<..32000>",
            "CloudInit": "datasourceType:(CONFIG_DRIVE_V2), metadata:s<..32000>, cloudInitScript:Userdata|",
            "Userdata": "value:s<..128000>",
            "Disk": "diskAddress:DiskAddress, backingInfo:VmDisk|ADSFVolumeGroupReference, "
            "extId:s, links!:[ApiLink], tenantId!:u",
            "DiskAddress": f"busType:{_BUS}, index:i<0..>",
            "ADSFVolumeGroupReference": "volumeGroupExtId*:u",
            "VmDisk": "diskExtId!:u, diskSizeBytes:i<1..>, storageContainer:VmDiskContainerReference, "
            "storageConfig:VmDiskStorageConfig, dataSource:DataSource, isMigrationInProgress!:b",
            "VmDiskContainerReference": "extId:u",
            "VmDiskStorageConfig": "isFlashModeEnabled:b",
            "DataSource": "reference:ImageReference|VmDiskReference",
            "ImageReference": "imageExtId*:u",
            "VmDiskReference": "diskExtId:u, diskAddress:DiskAddress",
            "CdRom": "diskAddress:CdRomAddress, backingInfo:VmDisk, "
            "isoType!:(OTHER|GUEST_TOOLS|GUEST_CUSTOMIZATION), extId:s, links!:[ApiLink], tenantId!:u",
            "CdRomAddress": "busType:(IDE|SATA), index:i",
            "CdRomInsertParams": "backingInfo:VmDisk",
            "Nic": "backingInfo:EmulatedNic, nicBackingInfo@2:VirtualEthernetNic|SriovNic, "
            "networkInfo:NicNetworkInfo, nicNetworkInfo@2:VirtualEthernetNicNetworkInfo|SriovNicNetworkInfo, "
            "extId:s, links!:[ApiLink], tenantId!:u",
            "EmulatedNic": _CARD,
            "VirtualEthernetNic": _CARD,
            "SriovNic": "isConnected:b, macAddress:s",
            "NicNetworkInfo": _NETWORK_INFO,
            "VirtualEthernetNicNetworkInfo": _NETWORK_INFO,
            "SriovNicNetworkInfo": "vlanId:i",
            "Ipv4Config": "shouldAssignIp:b, ipAddress:IPv4Address, secondaryIpAddressList:[IPv4Address]",
            "Ipv4Info": "learnedIpAddresses!:[IPv4Address]",
            "SerialPort": "isConnected:b, index:i<0..3>, extId:s, links!:[ApiLink], tenantId!:u",
            "AssociateVmCategoriesParams": "categories:[CategoryReference]",
            "DisassociateVmCategoriesParams": "categories:[CategoryReference]",
            "VmRestoreNicConfigSpecification": "nicRemoveList:[s], nicOverrideList:[VmRestoreNicConfigOverrideParams]",
            "VmRestoreNicConfigOverrideParams": "nicExtId*:u, "
            "nicNetworkInfo:VmRestoreVirtualEthernetNicNetworkInfoOverrideSpec|",
            "VmRestoreVirtualEthernetNicNetworkInfoOverrideSpec": "subnet:SubnetReference",
            "GuestPowerOptions": "guestPowerStateTransitionConfig:GuestPowerStateTransitionConfig",
            "GuestPowerStateTransitionConfig": "shouldEnableScriptExec:b, shouldFailOnScriptFailure:b",
        },
        "vmm.v4.ahv.policies": {
            "CategoryReference": "extId:u",
            "VmAntiAffinityPolicy": "name:s<1..80>, description:s, createTime!:t, updateTime!:t, "
            "categories:[CategoryReference], numCompliantVms!:i, numNonCompliantVms!:i, numPendingVms!:i, "
            f"projectExtId@3:u, {_ENTITY}",
            "VmHostAffinityPolicy": "name:s<..80>, description:s, createTime!:t, updateTime!:t, "
            "vmCategories:[CategoryReference], hostCategories:[CategoryReference], numVms!:i, numHosts!:i, "
            f"numCompliantVms!:i, numNonCompliantVms!:i, {_ENTITY}",
        },
        "vmm.v4.content": {
            "Image": "name*:s<1..256>, description:s<..1000>, type*:(DISK_IMAGE|ISO_IMAGE), "
            "checksum:ImageSha1Checksum|ImageSha256Checksum, sizeBytes!:i, "
            "source:UrlSource|VmDiskSource|ObjectsLiteSource, categoryExtIds:[s], clusterLocationExtIds:[s], "
            f"createTime!:t, lastUpdateTime!:t, ownerExtId:u, ownerName!@2:s, {_ENTITY}",
            "UrlSource": "url*:s, shouldAllowInsecureUrl:b, basicAuth#:UrlBasicAuth",
            "UrlBasicAuth": "username*:s<..1000>, password*:s",
            "VmDiskSource": "extId*:u, vmExtId:u",
            "ObjectsLiteSource": "key*:s<..1024>",
            "ImageSha1Checksum": "hexDigest:s<40..40>",
            "ImageSha256Checksum": "hexDigest:s<64..64>",
        },
        "vmm.v4.error": _MESSAGES,
        "networking.v4.config": {
            "Subnet": "name:s<..128>, description:s<..1000>, subnetType:(OVERLAY|VLAN), networkId:i<0..16777215>, "
            "dhcpOptions:DhcpOptions, ipConfig:[IPConfig], clusterReference:u, clusterReferenceList@2:[s], "
            "clusterName!:s<..128>, clusterNameList!@2:[s], virtualSwitchReference:u, vpcReference:u, isNatEnabled:b, "
            "isExternal:b, reservedIpAddresses:[IPAddress], bridgeName!:s<..128>, isAdvancedNetworking:b, "
            f"hypervisorType!:s, ipPrefix!:s, ipUsage!:IPUsage, isConnected@3:b, {_ENTITY}",
            "IPConfig": "ipv4:IPv4Config",
            "IPv4Config": "ipSubnet*:IPv4Subnet, defaultGatewayIp:IPv4Address, dhcpServerAddress:IPv4Address, "
            "poolList:[IPv4Pool]",
            "IPv4Subnet": "ip*:IPv4Address, prefixLength*:i<0..32>",
            "IPv4Pool": "startIp*:IPv4Address, endIp*:IPv4Address",
            "DhcpOptions": "domainNameServers:[IPAddress], domainName:s<..255>, searchDomains:[s], "
            "tftpServerName:s<..255>, bootFileName:s<..1000>, ntpServers:[IPAddress]",
            "IPUsage": "numMacs!:i<0..>, numFreeIPs!:i<0..>, numAssignedIPs!:i<0..>",
            "VirtualSwitch": "name*:s<..128>, description:s<..1000>, isDefault:b, isQuickMode:b, "
            "hasDeploymentError!:b, mtu:i, bondMode*:(ACTIVE_BACKUP|BALANCE_SLB|BALANCE_TCP|NONE), "
            f"clusters*:[Cluster], {_ENTITY}",
            "Cluster": "extId*:u, hosts*:[Host], gatewayIpAddress:IPv4Address, vlanIdentifier:i<0..4095>",
            "Host": "extId*:u, hostNics*:[s]",
        },
        "networking.v4.error": _MESSAGES,
        "prism.v4.config": {
            "Category": "key*:s<1..64>, value*:s<1..64>, type!:(USER|SYSTEM|INTERNAL), description:s<..512>, "
            f"ownerUuid:u, associations!:[AssociationSummary], {_ENTITY}",
            "AssociationSummary": "categoryId!:s, resourceType!:(VM|IMAGE|VM_HOST_AFFINITY_POLICY|"
            "VM_VM_ANTI_AFFINITY_POLICY|HOST|PROTECTION_RULE), resourceGroup!:(ENTITY|POLICY), count!:i",
            "Task": "extId!:s, operation!:s, operationDescription!:s, createdTime!:t, startedTime!:t, "
            "completedTime!:t, status!:(QUEUED|RUNNING|CANCELING|SUCCEEDED|FAILED|CANCELED|SUSPENDED), "
            "progressPercentage!:i<0..100>, entitiesAffected!:[EntityReference], subTasks!:[TaskReferenceInternal], "
            "isCancelable!:b, ownedBy!:OwnerReference, completionDetails!:[common.v1.config.KVPair], "
            "errorMessages!:[prism.v4.error.AppMessage], "
            "legacyErrorMessage!:s, lastUpdatedTime!:t, clusterExtIds!:[s], parentTask!:TaskReferenceInternal, "
            "rootTask!:TaskReferenceInternal, isBackgroundTask!:b, numberOfSubtasks!:i, numberOfEntitiesAffected!:i",
            "EntityReference": "extId!:s, rel!:s, name!:s<..256>",
            "OwnerReference": "extId!:u, name!:s<..256>",
            "TaskReference": "extId!:s",
            "TaskReferenceInternal": "extId!:s, href!:s, rel!:s",
            "DomainManager": "config!:DomainManagerClusterConfig, network!:DomainManagerNetwork, "
            f"isRegisteredWithHostingCluster!:b, hostingClusterExtId!:u, nodeExtIds!:[s], {_ENTITY}",
            "DomainManagerClusterConfig": "name!:s<1..80>, size!:(SMALL|LARGE|EXTRALARGE|STARTER), "
            "buildInfo!:BuildInfo",
            "DomainManagerNetwork": "externalAddress!:IPAddress, fqdn!:s",
        },
        "prism.v4.error": _MESSAGES,
        "clustermgmt.v4.config": {
            "BuildInfo": "version!:s",
            "Cluster": "name!:s<..75>, nodes!:NodeReference, config!:ClusterConfigReference, "
            f"network!:ClusterNetworkReference, vmCount!:i, inefficientVmCount!:i, containerName!:s<..64>, {_ENTITY}",
            "NodeReference": "numberOfNodes!:i, nodeList!:[NodeListItemReference]",
            "NodeListItemReference": "controllerVmIp!:IPAddress, nodeUuid!:u, hostIp!:IPAddress",
            "ClusterConfigReference": "buildInfo!:BuildReference, hypervisorTypes!:[(AHV|ESX|HYPERV)], "
            "clusterFunction!:[(AOS|PRISM_CENTRAL)], timezone!:s, redundancyFactor!:i, isAvailable!:b, "
            "operationMode!:(NORMAL|READ_ONLY), faultToleranceState!:FaultToleranceState",
            "FaultToleranceState": "currentMaxFaultTolerance!:i, desiredMaxFaultTolerance!:i, "
            "domainAwarenessLevel!:(NODE|BLOCK|RACK|DISK)",
            "BuildReference": "buildType!:s, version!:s, fullVersion!:s",
            "ClusterNetworkReference": "externalAddress!:IPAddress, externalDataServiceIp!:IPAddress",
            "Host": "hostName!:s<..63>, hostType!:(HYPER_CONVERGED|COMPUTE_ONLY|STORAGE_ONLY), "
            "hypervisor!:HypervisorReference, cluster!:ClusterReference, controllerVm!:ControllerVmReference, "
            "isDegraded!:b, numberOfCpuCores!:i, numberOfCpuThreads!:i, numberOfCpuSockets!:i, cpuCapacityHz!:i, "
            "cpuFrequencyHz!:i, cpuModel!:s, isRebootPending!:b, bootTimeUsecs!:i, memorySizeBytes!:i, "
            f"blockSerial!:s, blockModel!:s, maintenanceState!:s, nodeStatus!:(NORMAL|TO_BE_REMOVED), {_ENTITY}",
            "HypervisorReference": "externalAddress!:IPAddress, fullName!:s<..64>, type!:(AHV|ESX|HYPERV), "
            "numberOfVms!:i, state!:(ACROPOLIS_NORMAL|ENTERED_MAINTENANCE_MODE|RESERVED_FOR_HA_FAILOVER), "
            "acropolisConnectionState!:(CONNECTED|DISCONNECTED)",
            "ClusterReference": "uuid!:u, name!:s<..64>",
            "ControllerVmReference": "externalAddress!:IPAddress, isInMaintenanceMode!:b",
            "StorageContainer": "containerExtId!:u, name*:s<..75>, clusterExtId!:u, maxCapacityBytes!:i, "
            "logicalAdvertisedCapacityBytes!:i, replicationFactor!:i, isCompressionEnabled!:b, isInternal!:b, "
            f"clusterName!:s<..256>, {_ENTITY}",
        },
        "clustermgmt.v4.error": _MESSAGES,
        "clustermgmt.v4.stats": {
            "TimeValuePair": "timestamp!:t, value!:i",
            "HostStats": f"{_LOAD}, totalVmConfiguredVcpus!@3:[TimeValuePair], {_ENTITY}",
            "ClusterStats": f"{_LOAD}, aggregateVmConfiguredVcpus!@3:[TimeValuePair], "
            f"haMemoryReservedBytes!@3:[TimeValuePair], storageUsageBytes!:[TimeValuePair], "
            f"storageCapacityBytes!:[TimeValuePair], {_ENTITY}",
        },
        "dataprotection.v4.config": {
            "RecoveryPoint": f"{_COPY}, locationReferences!:[LocationReference], "
            f"vmRecoveryPoints:[VmRecoveryPoint], ownerExtId!:u, {_ENTITY}",
            "VmRecoveryPoint": f"{_COPY}, vmExtId:s, vmCategories!:[s], diskRecoveryPoints!:[DiskRecoveryPoint], "
            "hypervisorType!@2:(AHV|ESXI), extId!:s, links!:[ApiLink], tenantId!:u",
            "LocationReference": "locationExtId!:u",
            "RecoveryPointRestorationSpec": "clusterExtId:u, "
            "vmRecoveryPointRestoreOverrides:[VmRecoveryPointRestoreOverride], isInstantRestore@2:b",
            "VmRecoveryPointRestoreOverride": "vmRecoveryPointExtId:u, isStrictMode@2:b, "
            "vmOverrideSpec@2:AhvVmOverrideSpec|",
            "AhvVmOverrideSpec": "name:s, description@2:s, "
            "nicSpec@2:vmm.v4.ahv.config.VmRestoreNicConfigSpecification, "
            "categories@2:[vmm.v4.ahv.config.CategoryReference], "
            "ownershipInfo@2:vmm.v4.ahv.config.OwnershipInfo",
            "ExpirationTimeSpec": "expirationTime*:t",
        },
        "dataprotection.v4.common": {"DiskRecoveryPoint": "diskRecoveryPointExtId!:u, diskExtId!:u"},
        "dataprotection.v4.error": _MESSAGES,
        "datapolicies.v4.config": {
            "EntityReference": "extId*:u",
            "ProtectionPolicy": "name*:s<..256>, description:s<..1000>, replicationLocations*:[ReplicationLocation], "
            "replicationConfigurations*:[ReplicationConfiguration], categoryIds:[s], isApprovalPolicyNeeded:b, "
            f"ownerExtId!:u, {_ENTITY}",
            "ReplicationLocation": "label*:s<..1000>, domainManagerExtId*:u, "
            "replicationSubLocation:NutanixCluster|Mst, isPrimary:b",
            "NutanixCluster": "clusterExtIds:[s]",
            "Mst": "recoveryPointStoreExtId:u, recoveryPointRepositoryExtId:u",
            "ReplicationConfiguration": "sourceLocationLabel*:s<..1000>, remoteLocationLabel:s<..1000>, "
            "schedule*:Schedule",
            "Schedule": "recoveryPointType:(CRASH_CONSISTENT|APPLICATION_CONSISTENT), "
            "recoveryPointObjectiveTimeSeconds*:i<0..>, "
            "dayOfWeek@2:(SUNDAY|MONDAY|TUESDAY|WEDNESDAY|THURSDAY|FRIDAY|SATURDAY), "
            "retention:LinearRetention|AutoRollupRetention, startTime:s, "
            "syncReplicationAutoSuspendTimeoutSeconds:i<..300>, scheduleExtId@2:u, isReplicationPaused@2:b, "
            "latestRecoveryPointRetentionSeconds@3:i<0..2144448000>",
            "LinearRetention": "local*:i, remote:i",
            "AutoRollupRetention": "local*:AutoRollupRetentionDetails, remote:AutoRollupRetentionDetails",
            "AutoRollupRetentionDetails": "snapshotIntervalType*:(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY), "
            "frequency*:i<1..24>",
            "RecoveryPlan": "name*:s<1..256>, description:s<..1000>, primaryLocation*:DisasterRecoveryLocation, "
            "recoveryLocation*:DisasterRecoveryLocation, isProtectionPausedPostFailover:b, ownerExtId!:u, "
            f"{_ENTITY}",
            "DisasterRecoveryLocation": "domainManagerExtId*:u, clusters:[EntityReference]",
            "RecoveryStage": "entityType*:(VM|VOLUME_GROUP), entities:[EntityReference], categoryExtIds:[s], "
            f"priority:i<1..>, postActions:[StageAction], {_ENTITY}",
            "StageAction": "config*:DelayAction|",
            "DelayAction": "delaySecs*:i<1..>",
            "NetworkMapping": "primaryNetwork*:NetworkConfig, recoveryNetwork*:NetworkConfig, "
            f"primaryTestNetwork:NetworkConfig, recoveryTestNetwork:NetworkConfig, isIpMappingEnabled:b, {_ENTITY}",
            "NetworkConfig": "subnetExtId:u, subnetName:s<1..256>",
        },
        "datapolicies.v4.error": _MESSAGES,
    }
)
