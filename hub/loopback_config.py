"""The example's settings on this machine alone, for `python -m hub.load`; never for a class.

Everybody may come in under any name, and all servers belong to one account.
"""

import os
import resource
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner

c = get_config()  # noqa: F821
load_subconfig(str(Path(__file__).with_name("jupyterhub_config.py")))  # noqa: F821

FOLDER = os.environ["HUB_LOAD_FOLDER"]


class LimitedSpawner(SimpleLocalProcessSpawner):
    """Holds each process to `mem_limit`; systemd would hold a student's processes together."""

    def make_preexec_fn(self, name):
        """Return what the new process does before it becomes the student's server."""
        enter_home, limit = super().make_preexec_fn(name), self.mem_limit

        def preexec():
            enter_home()
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

        return preexec


c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['HUB_LOAD_PORT']}"
c.JupyterHub.hub_port = int(os.environ["HUB_LOAD_HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['HUB_LOAD_PROXY_PORT']}"
c.ConfigurableHTTPProxy.command = [os.environ["HUB_LOAD_PROXY"]]
c.ConfigurableHTTPProxy.pid_file = f"{FOLDER}/proxy.pid"
c.JupyterHub.db_url = f"sqlite:///{FOLDER}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{FOLDER}/cookie_secret"
c.JupyterHub.cleanup_servers = True
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = LimitedSpawner
c.SimpleLocalProcessSpawner.home_dir_template = f"{FOLDER}/homes/{{username}}"
if os.geteuid() == 0:
    c.Spawner.args += ["--allow-root"]

c.JupyterHub.services[0]["api_token"] = os.environ["HUB_LOAD_CULLER_TOKEN"]
c.JupyterHub.services += [{"name": "load", "api_token": os.environ["HUB_LOAD_TOKEN"]}]
scopes = ["admin:users", "admin:servers", "admin:server_state", "access:servers"]
c.JupyterHub.load_roles += [{"name": "load", "services": ["load"], "scopes": scopes}]
