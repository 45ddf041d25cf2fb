from piste.dispatch import action

ActionModule = action("dhcp_exports")
