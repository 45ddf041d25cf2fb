from piste.runs.dispatch import action

ActionModule = action("win_print_queues")
