from piste.dispatch import action

ActionModule = action("prism_recovery_points")
