from piste.dispatch import action

ActionModule = action("prism_power_hours")
