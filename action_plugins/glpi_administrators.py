from piste.runs.dispatch import action

ActionModule = action("glpi_administrators")
