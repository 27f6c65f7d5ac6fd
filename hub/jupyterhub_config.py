"""JupyterHub for one class on one Linux machine: an example to copy and change.

    pip install ".[hub]"                                  in the workbook's folder
    npm install --global configurable-http-proxy@5
    mkdir /srv/jupyterhub
    jupyterhub -f hub/jupyterhub_config.py                as root, or as a systemd service

docs/classroom.md says what a class needs. `python -m hub.load` runs these very settings on
loopback, with another spawner and other accounts (loopback_config.py).
"""

import sys

c = get_config()  # noqa: F821 - JupyterHub gives it

# ---------------------------------------------------------------- where it listens

# Passwords travel here: let a web server with a certificate (Caddy, nginx) pass https on to it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/cookie_secret"
# A restart of the hub leaves the students' servers running.
c.JupyterHub.cleanup_servers = False

# ---------------------------------------------------------------- who may come in

# The machine's own accounts. For the school's single sign-on, see oauthenticator (Google,
# Microsoft, GitHub) or ltiauthenticator (Moodle, Canvas).
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students"}
c.PAMAuthenticator.admin_groups = {"teachers"}

# ---------------------------------------------------------------- one server for each student

# Each server is a systemd service of its own, so the kernel of Linux enforces what stands here.
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_tmp = True
# Who asks for more than the limit loses that notebook's kernel and keeps the server: systemd's
# own way would be to stop the whole server.
c.SystemdSpawner.unit_extra_properties = {"OOMPolicy": "continue"}

# The sum of a student's server and kernels. docs/classroom.md has what they take.
c.Spawner.mem_limit = "1G"
c.Spawner.cpu_limit = 2.0

# The lessons' matrices are small: threads would only fight for the processors of the class.
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# When all arrive at once, a server may need a minute. The hub's own 60 s are for one at a time.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300

# ---------------------------------------------------------------- who is idle goes

# A kernel that computes nothing for half an hour and is open in no browser is stopped. Its
# variables are gone, the notebook and the record of answers are files and stay.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=300",
]

# A server that nobody used for an hour is stopped. The next click starts it again.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            *("--timeout=3600", "--cull-every=300"),
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
