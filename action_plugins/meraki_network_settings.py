from piste.runs.dispatch import action

ActionModule = action("meraki_network_settings")
