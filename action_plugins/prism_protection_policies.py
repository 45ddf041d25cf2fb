from piste.runs.dispatch import action

ActionModule = action("prism_protection_policies")
