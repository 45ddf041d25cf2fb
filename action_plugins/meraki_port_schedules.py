from piste.runs.dispatch import action

ActionModule = action("meraki_port_schedules")
