"""Request bodies, in the notation of `fields`. Facts: OpenAPI 1.73.0; ranges from its prose."""

NAMED = {
    "Product": (
        "(appliance|camera|campusGateway|cellularGateway|secureConnect|sensor|switch|systemsManager|"
        "wireless|wirelessController)"
    ),
    "L7Type": "(application|applicationCategory|host|ipRange|port)",
    "ShapeType": "(application|applicationCategory|host|ipRange|localNet|port)",
    "Wan": (
        "{wanEnabled:(disabled|enabled|not configured), usingStaticIp:b, staticIp:s, staticGatewayIp:s, "
        "staticSubnetMask:s, staticDns:[s]<..2>, vlan?:i<1..4094>}"
    ),
    "Image": "{md5?:s, extension:s, image:{format:(gif|jpg|png), contents:s}}",
    "Minutes": "(30|60|120|240|480|720|1080|1440|2880|5760|7200|10080|20160|43200|86400|129600)i",
    "Pem": "{contents?:s}",
    "Vlan": "i<1..4094>",
    "BandMode": "(2.4ghz|5ghz|6ghz|dual|multi)",
    "Bands": "{enabled:[(2.4|5|6|disabled)]}",
    "Power": "i<2..30>",
    "Rxsop": "i<-95..-65>",
}

ADMIN_CREATE = (
    "email*:s, name*:s, orgAccess*:(enterprise|full|none|read-only), "
    "authenticationMethod:(Email), "
    "tags:[{tag*:s, access*:(full|guest-ambassador|monitor-only|read-only)}], networks:[{id*:s, access*:s}]"
)
NETWORK_CREATE = (
    "name*:s<1..>, productTypes*:[@Product]<1..>, tags:[s], timeZone:s, copyFromNetworkId:s, notes?:s"
)
NETWORK_UPDATE = "name:s<1..>, timeZone:s, tags:[s], enrollmentString:s, notes?:s"
INVENTORY_CLAIM = "orders:[s], serials:[s], licenses:[{key*:s, mode:(addDevices|renew)}]"
NETWORK_CLAIM = "serials*:[s]<1..>, detailsByDevice:[{serial*:s, details*:[{name*:s, value:s}]}]"
DEVICE = (
    "name?:s, tags:[s], lat:n, lng:n, address?:s, notes?:s<..255>, moveMapMarker:b, switchProfileId?:s, "
    "floorPlanId?:s"
)
MANAGEMENT_INTERFACE = "wan1:@Wan, wan2:@Wan"

PORT = (
    "name?:s, tags:[s], enabled:b, poeEnabled:b, type:(access|dad|routed|stack|svl|trunk), vlan?:@Vlan, "
    "voiceVlan?:@Vlan, allowedVlans:s, isolationEnabled:b, rstpEnabled:b, stpGuard:(bpdu guard|disabled|"
    "loop guard|root guard), stpPortFastTrunk:b, linkNegotiation:s, portScheduleId?:s, udld:(Alert only|"
    "Enforce), accessPolicyType:(Custom access policy|MAC allow list|Open|Sticky MAC allow list), "
    "accessPolicyNumber:i, macAllowList:[s]<..20>, macWhitelistLimit?:i, stickyMacAllowList:[s], "
    "stickyMacAllowListLimit:i, stormControlEnabled:b, adaptivePolicyGroupId?:s, peerSgtCapable:b, "
    "flexibleStackingEnabled:b, daiTrusted:b, profile:{enabled:b, id?:s, iname?:s}, dot3az:{enabled:b}, "
    "highSpeed:{enabled:b}"
)

_POLICY_SERVER = "organizationRadiusServerId:s, host:s, port:i<1..65535>, secret:s"
_POLICY = (
    "name{star}:s<1..255>, radiusServers{star}:[{{{server}}}], radius:{{criticalAuth:{{dataVlanId?:@Vlan, "
    "voiceVlanId?:@Vlan, suspendPortBounce:b, dataGroupPolicyId?:s, voiceGroupPolicyId?:s, dataSgtId?:i, "
    "voiceSgtId?:i}}, failedAuthVlanId?:@Vlan, failedAuthGroupPolicyId?:s, failedAuthSgtId?:i, "
    "reAuthenticationInterval?:i, cache:{{enabled:b, timeout:i}}, authentication:{{mode?:(Closed|Open)}}, "
    "preAuthenticationGroupPolicyId?:s}}, guestPortBouncing:b, radiusTestingEnabled:b, "
    "radiusCoaSupportEnabled:b, radiusAccountingEnabled{star}:b, radiusAccountingServers:[{{{server}}}], "
    "radiusGroupAttribute:s, hostMode:(Multi-Auth|Multi-Domain|Multi-Host|Single-Host), "
    "accessPolicyType:(802.1x|Hybrid authentication|MAC authentication bypass), increaseAccessSpeed:b, "
    "guestVlanId?:@Vlan, dot1x:{{controlDirection?:(both|inbound)}}, voiceVlanClients:b, "
    "urlRedirectWalledGardenEnabled:b, urlRedirectWalledGardenRanges:[s], guestGroupPolicyId?:s, "
    "guestSgtId?:i"
)
POLICY_CREATE = _POLICY.format(star="*", server=_POLICY_SERVER)
POLICY_UPDATE = _POLICY.format(star="", server=f"serverId:s, {_POLICY_SERVER}")

_WEEK = ", ".join(
    f"{day}:{{active:b, from:s, to:s}}"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)
PORT_SCHEDULE_CREATE = f"name*:s, portSchedule:{{{_WEEK}}}"
PORT_SCHEDULE_UPDATE = f"name:s, portSchedule:{{{_WEEK}}}"

_BAND = "maxPower:@Power, minPower:@Power, minBitrate:(6|9|12|18|24|36|48|54)i, channelWidth:s, rxsop?:@Rxsop"
_CHANNELS_5 = "|".join(map(str, (*range(36, 65, 4), *range(100, 145, 4), *range(149, 166, 4))))
_SLOTS = ", ".join(
    f"{slot}:{{minBitrate:n, bandOperationMode:@BandMode, bands:@Bands, bandSteeringEnabled:b}}" for slot in range(15)
)
_RF_PROFILE = (
    "clientBalancingEnabled:b, minBitrateType:(band|ssid), apBandSettings:{bandOperationMode:@BandMode, "
    "bands:@Bands, bandSteeringEnabled:b}, twoFourGhzSettings:{maxPower:@Power, minPower:@Power, minBitrate:n, "
    "validAutoChannels:[(1|6|11)i], axEnabled:b, rxsop?:@Rxsop}, "
    f"fiveGhzSettings:{{{_BAND}, validAutoChannels:[({_CHANNELS_5})i]}}, "
    f"sixGhzSettings:{{{_BAND}, validAutoChannels:[i]}}, transmission:{{enabled:b}}, "
    f"perSsidSettings:{{{_SLOTS}}}, flexRadios:{{byModel:[{{model:s, bands:[(2.4|5|6|disabled)]}}]}}"
)
RF_PROFILE_CREATE = f"name*:s, bandSelectionType*:(ap|ssid), {_RF_PROFILE}"
RF_PROFILE_UPDATE = (
    f"name:s, bandSelectionType:(ap|ssid), {_RF_PROFILE}, isIndoorDefault:b, isOutdoorDefault:b"
)
RADIO = (
    "rfProfileId?:s, twoFourGhzSettings:{channel?:(1|2|3|4|5|6|7|8|9|10|11|12|13|14)i, targetPower?:i}, "
    "fiveGhzSettings:{channel?:(36|40|44|48|52|56|60|64|100|104|108|112|116|120|124|128|132|136|140|144|149|153|157|"
    "161|165|169|173|177)i, channelWidth?:(0|20|40|80|160)i, targetPower?:i}"
)

SSID = (
    "name:s<1..32>, enabled:b, authMode:(8021x-entra|8021x-google|8021x-localradius|8021x-meraki|8021x-nac|"
    "8021x-radius|ipsk-with-nac|ipsk-with-radius|ipsk-with-radius-easy-psk|ipsk-without-radius|open|"
    "open-enhanced|open-enhanced-with-radius|open-with-nac|open-with-radius|psk), "
    "enterpriseAdminAccess:(access disabled|access enabled), ssidAdminAccessible:b, encryptionMode:(open|"
    "wep|wpa|wpa-eap), psk:s<8..64>, wpaEncryptionMode:(WPA1 and WPA2|WPA1 only|WPA2 only|"
    "WPA3 192-bit Security|WPA3 Transition Mode|WPA3 only), dot11w:{enabled:b, required:b}, "
    "dot11r:{enabled:b, adaptive:b}, splashPage:(Billing|Cisco ISE|Click-through splash page|Facebook Wi-Fi|"
    "Google OAuth|Microsoft Entra ID|None|Password-protected with Active Directory|"
    "Password-protected with LDAP|Password-protected with Meraki RADIUS|"
    "Password-protected with custom RADIUS|SMS authentication|Sponsored guest|Systems Manager Sentry), "
    "splashGuestSponsorDomains:[s], oauth:{allowedDomains:[s]}, localRadius:{cacheTimeout:i, "
    "passwordAuthentication:{enabled:b}, certificateAuthentication:{enabled:b, useLdap:b, useOcsp:b, "
    "ocspResponderUrl?:s, clientRootCaCertificate:@Pem}}, ldap:{servers:[{host*:s, port*:i}], "
    "credentials:{distinguishedName?:s, password?:s}, baseDistinguishedName?:s, serverCaCertificate:@Pem}, "
    "activeDirectory:{servers:[{host*:s, port:i}], credentials:{logonName?:s, password?:s}}, "
    "radiusServers:[{host*:s, port:i<1..65535>, secret:s, radsecEnabled:b, openRoamingCertificateId?:i, "
    "caCertificate?:s}], radiusProxyEnabled:b, radiusTestingEnabled:b, radiusCalledStationId:s, "
    "radiusAuthenticationNasId:s, radiusServerTimeout:i<1..10>, radiusServerAttemptsLimit:i<1..5>, "
    "radiusFallbackEnabled:b, radiusRadsec:{tlsTunnel:{timeout:i}}, radiusCoaEnabled:b, "
    "radiusFailoverPolicy:(Allow access|Deny access), radiusLoadBalancingPolicy:(Round robin|"
    "Strict priority order), radiusAccountingEnabled:b, radiusAccountingServers:[{host*:s, "
    "port:i<1..65535>, secret:s, radsecEnabled:b, caCertificate?:s}], radiusAccountingInterimInterval:i, "
    "radiusAttributeForGroupPolicies:(Airespace-ACL-Name|Aruba-User-Role|Filter-Id|Reply-Message), "
    "ipAssignmentMode:(Bridge mode|Campus Gateway|Ethernet over GRE|Layer 3 roaming|"
    "Layer 3 roaming with a concentrator|NAT mode|VPN), campusGateway:{cluster:{id:s}}, useVlanTagging:b, "
    "concentratorNetworkId:s, secondaryConcentratorNetworkId:s, disassociateClientsOnVpnFailover:b, "
    "vlanId:@Vlan, defaultVlanId:@Vlan, apTagsAndVlanIds:[{tags:[s], vlanId:@Vlan}], walledGardenEnabled:b, "
    "walledGardenRanges:[s], gre:{concentrator:{host*:s}, key?:i}, radiusOverride:b, "
    "radiusGuestVlanEnabled:b, radiusGuestVlanId:@Vlan, minBitrate:n, bandSelection:(5 GHz band only|"
    "Dual band operation|Dual band operation with Band Steering), perClientBandwidthLimitUp:i<0..>, "
    "perClientBandwidthLimitDown:i<0..>, perSsidBandwidthLimitUp:i<0..>, perSsidBandwidthLimitDown:i<0..>, "
    "lanIsolationEnabled:b, visible:b, availableOnAllAps:b, availabilityTags:[s], adaptivePolicyGroupId:s, "
    "mandatoryDhcpEnabled:b, adultContentFilteringEnabled:b, dnsRewrite:{enabled:b, "
    "dnsCustomNameservers:[s]}, speedBurst:{enabled:b}, namedVlans:{tagging:{enabled:b, defaultVlanName:s, "
    "byApTags:[{tags:[s], vlanName:s}]}, radius:{guestVlan:{enabled:b, name:s}}}, "
    "security:{encryption:{ciphers:[(CCMP 128|GCMP 256)], akms:[(SAE|SAE-EXT)]}}, "
    "localAuthFallback:{cacheTimeout:i<3600..86400>, enabled:b, serverCaCertificate:@Pem}, "
    "radiusAccountingStartDelay:i<0..60>"
)
L3_RULES = (
    "rules:[{comment:s, policy*:(allow|deny), ipVer:(both|ipv4|ipv6), protocol*:(any|icmp|icmp6|tcp|udp), "
    "destPort:s, destCidr*:s}], allowLanAccess:b"
)
L7_RULES = "rules:[{policy:(deny), type:@L7Type, value:x}]"
SHAPING = (
    "trafficShapingEnabled:b, defaultRulesEnabled:b, rules:[{definitions*:[{type*:@ShapeType, value*:s}], "
    "perClientBandwidthLimits:{settings:s, bandwidthLimits:{limitUp:i, limitDown:i}}, "
    "dscpTagValue?:i<0..63>, pcpTagValue?:i<0..7>}]<..8>"
)
SCHEDULES = (
    "enabled:b, ranges:[{startDay*:s, startTime*:s, endDay*:s, endTime*:s}], "
    "rangesInSeconds:[{start*:i<0..604800>, end*:i<0..604800>}]"
)
SPLASH = (
    "splashUrl:s, useSplashUrl:b, splashTimeout:@Minutes, redirectUrl:s, useRedirectUrl:b, "
    "welcomeMessage:s, userConsent:{required:b, message:s}, themeId:s, splashLogo:@Image, "
    "splashImage:@Image, splashPrepaidFront:@Image, blockAllTrafficBeforeSignOn:b, "
    "controllerDisconnectionBehavior:(default|open|restricted), allowSimultaneousLogins:b, "
    "guestSponsorship:{durationInMinutes:i<1..60480>, guestCanRequestTimeframe:b}, "
    "billing:{freeAccess:{enabled:b, durationInMinutes:i}, prepaidAccessFastLoginEnabled:b, "
    "replyToEmailAddress:s}, sentryEnrollment:{systemsManagerNetwork:{id*:s}, strength:(click-through|"
    "focused|strict), enforcedSystems:[s]}, selfRegistration:{enabled:b, authorizationType:(admin|auto|"
    "self_email)}"
)

NETWORK_SETTINGS = (
    "localStatusPageEnabled:b, remoteStatusPageEnabled:b, localStatusPage:{authentication:{enabled:b, "
    "username?:s, password?:s}}, securePort:{enabled:b}, namedVlans:{enabled:b}"
)
SNMP = (
    "access:(community|none|users), communityString:s, users:[{username*:s, passphrase*:s}], "
    "authentication:{protocol:(SHA-1|SHA-256|SHA-384|SHA-512)}, privacy:{protocol:(AES-128|DES)}"
)
TRAFFIC_ANALYSIS = (
    "mode:(basic|detailed|disabled), customPieChartItems:[{name*:s, type*:(host|ipRange|port), value*:s}]"
)
_NEXT = "time:s, toVersion:{id:s}"
_STRATEGY = "strategy:(minimizeClientDowntime|minimizeUpgradeTime)"
_UPGRADES = {
    **dict.fromkeys(
        ("appliance", "camera", "cellularGateway", "secureConnect", "sensor", "switch", "switchCatalyst",
         "wirelessController"),
        _NEXT,
    ),
    "campusGateway": f"{_NEXT}, {_STRATEGY}",
    "wireless": f"{_NEXT}, {_STRATEGY}, predownload:{{enabled:b}}",
}  # fmt: skip
_DAYS = "|".join(form for day in (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
) for form in (day[:3], day))  # fmt: skip
FIRMWARE = (
    f"upgradeWindow:{{dayOfWeek:({_DAYS}), hourOfDay:({'|'.join(f'{hour}:00' for hour in range(24))})}}, timezone:s, "
    "products:{"
    + ", ".join(
        f"{name}:{{nextUpgrade:{{{body}}}, participateInNextBetaRelease:b}}" for name, body in _UPGRADES.items()
    )
    + "}, featureLossAcknowledgements:[{networkId*:s, productType:@Product, "
    "removedFeatureCheckNames*:[(snmp-device-access-check)]}]"
)
ROLLBACK = (
    "product:(appliance|camera|campusGateway|cellularGateway|secureConnect|switch|switchCatalyst|wireless|"
    "wirelessController), time:s, reasons*:[{category*:(broke old features|other|performance|stability|testing|"
    "unifying networks versions), comment*:s}], toVersion:{id:s}, predownload:{enabled:b}"
)
NETFLOW = "reportingEnabled:b, collectorIp:s, collectorPort:i<1..65535>, etaEnabled:b, etaDstPort:i<1..65535>"
SWITCH_SETTINGS = (
    "vlan:@Vlan, useCombinedPower:b, powerExceptions:[{serial*:s, powerType*:(combined|redundant|"
    "useNetworkSetting)}], uplinkClientSampling:{enabled:b}, macBlocklist:{enabled:b}, "
    "portChannelFallback:b, uplinkSelection:{failback:{enabled*:b}, candidates:(all|designated)}"
)
STP = (
    "rstpEnabled:b, stpBridgePriority:[{switchProfiles:[s], switches:[s], stacks:[s], "
    "stpPriority*:i<0..61440>}]"
)
MTU = "defaultMtuSize:i, overrides:[{switches:[s], switchProfiles:[s], mtuSize*:i}]"
STORM_CONTROL = (
    "broadcastThreshold:i<1..100>, multicastThreshold:i<1..100>, unknownUnicastThreshold:i<1..100>, "
    "treatTheseTrafficTypesAsOneThreshold:[s]"
)
DHCP_SERVER_POLICY = (
    "alerts:{email:{enabled:b}}, defaultPolicy:(allow|block), allowedServers:[s], blockedServers:[s], "
    "arpInspection:{enabled:b}"
)
MULTICAST = (
    "defaultSettings:{igmpSnoopingEnabled:b, floodUnknownMulticastTrafficEnabled:b}, "
    "overrides:[{switchProfiles:[s], switches:[s], stacks:[s], igmpSnoopingEnabled*:b, "
    "floodUnknownMulticastTrafficEnabled*:b}]"
)
WIRELESS_SETTINGS = (
    "meshingEnabled:b, ipv6BridgeEnabled:b, locationAnalyticsEnabled:b, "
    "upgradeStrategy:(minimizeClientDowntime|minimizeUpgradeTime), upgrade:{predownload:{enabled:b}}, "
    "ledLightsOn:b, multicastToUnicastConversion:{enabled:b}, namedVlans:{poolDhcpMonitoring:{enabled:b, "
    "duration:i}}"
)
SYSLOG = (
    "servers*:[{host*:s, port*:i<1..65535>, roles*:[s], transportProtocol:(TCP|UDP), encryption:{enabled:b, "
    "certificate:{id:s}}}]"
)
BATCH_CREATE = (
    "confirmed:b, synchronous:b, actions*:[{resource*:s, operation*:s, body:{}}]<1..>, callback:{url:s, "
    "sharedSecret:s, httpServer:{id:s}, payloadTemplate:{id:s}}"
)

_OSPF = "ospfSettings:{area:s, cost:i<1..65535>, isPassiveEnabled:b, networkType:(broadcast|point-to-point)}"
_INTERFACE = (
    "subnet?:s, switchPortId?:s, interfaceIp?:s, mtu?:i, multicastRouting:(IGMP snooping querier|disabled|enabled), "
    f"vlanId?:@Vlan, defaultGateway:s, {_OSPF}, ipv6:{{assignmentMode?:s, prefix?:s, address?:s, gateway:s}}, "
    "vrf:{name:s}, loopback:{}, uplinkV4:b"
)
INTERFACE_CREATE = f"name*:s<..128>, mode:(loopback|oob_management|routed|vlan), {_INTERFACE}"
INTERFACE_UPDATE = f"name:s<..128>, {_INTERFACE}"
INTERFACE_DHCP = (
    "dhcpMode:(dhcpDisabled|dhcpRelay|dhcpServer), dhcpRelayServerIps:[s], dhcpLeaseTime:(1 day|1 hour|1 week|12 hours|"
    "30 minutes|4 hours), dnsNameserversOption:(custom|googlePublicDns|openDns), dnsCustomNameservers:[s], "
    "bootOptionsEnabled:b, bootNextServer:s, bootFileName:s, dhcpOptions:[{code*:s, type*:(hex|integer|ip|text), "
    "value*:s}], reservedIpRanges:[{start*:s, end*:s, comment:s}], fixedIpAssignments:[{name*:s, mac*:s, ip*:s}]"
)
_ROUTE = "advertiseViaOspfEnabled:b, preferOverOspfRoutesEnabled:b, vrf:{name:s, leakRouteToDefaultVrf:b}"
ROUTE_CREATE = f"name:s, subnet*:s, nextHopIp*:s, {_ROUTE}"
ROUTE_UPDATE = f"name:s, subnet:s, nextHopIp:s, managementNextHop?:s, {_ROUTE}"
STACK_CREATE = "name*:s, serials*:[s]"
STACK_UPDATE = "name:s, members:[{serial*:s}]"
AGGREGATION = "switchPorts:[{serial*:s, portId*:s}], switchProfilePorts:[{profile*:s, portId*:s}]"
ACCESS_LISTS = (
    "rules*:[{comment:s, policy*:(allow|deny), ipVersion:(any|ipv4|ipv6), protocol*:(any|tcp|udp), srcCidr*:s, "
    "srcPort:s, dstCidr*:s, dstPort:s, vlan:s}]"
)
_QOS = (
    "protocol:(ANY|TCP|UDP), srcPort?:i<1..65535>, srcPortRange:s, dstPort?:i<1..65535>, dstPortRange:s, dscp:i<-1..63>"
)
QOS_CREATE = f"vlan*?:@Vlan, {_QOS}"
QOS_UPDATE = f"vlan?:@Vlan, {_QOS}"
TRUSTED_CREATE = "mac*:s, vlan*:@Vlan, ipv4*:{address:s}"
TRUSTED_UPDATE = "mac:s, vlan:@Vlan, ipv4:{address:s}"
ALTERNATE_MANAGEMENT = (
    "enabled:b, vlanId:@Vlan, protocols:[(radius|snmp|syslog)], switches:[{serial*:s, alternateManagementIp*:s, "
    "subnetMask:s, gateway:s}]"
)
