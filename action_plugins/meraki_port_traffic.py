from piste.dispatch import action

ActionModule = action("meraki_port_traffic")
