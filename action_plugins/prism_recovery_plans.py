from piste.runs.dispatch import action

ActionModule = action("prism_recovery_plans")
