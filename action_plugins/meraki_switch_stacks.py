from piste.dispatch import action

ActionModule = action("meraki_switch_stacks")
