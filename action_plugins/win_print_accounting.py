from piste.dispatch import action

ActionModule = action("win_print_accounting")
