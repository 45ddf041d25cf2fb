from piste.dispatch import action

ActionModule = action("glpi_renewals")
