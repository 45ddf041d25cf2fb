from piste.runs.dispatch import action

ActionModule = action("nps_connection_request_policies")
