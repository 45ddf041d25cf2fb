from piste.runs.dispatch import action

ActionModule = action("piste_secrets")
