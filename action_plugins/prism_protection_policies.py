from piste.dispatch import action

ActionModule = action("prism_protection_policies")
