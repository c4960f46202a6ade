"""Programs that whoever follows a page has, and a bare machine may lack: stand-ins for ``redis-cli`` and ``curl``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

_REDIS_CLI = """\
#!{python}
import sys, redis
words, at = sys.argv[1:], {{}}
while words[0].startswith("-"):
    option, value, *words = words
    at[option] = value
if "-s" in at:
    client = redis.Redis(unix_socket_path=at["-s"], decode_responses=True)
else:
    client = redis.Redis(at["-h"], int(at["-p"]), decode_responses=True)
print(client.execute_command(*words))
"""
_CURL = """\
#!{python}
import sys, urllib.request
try:
    sys.stdout.write(urllib.request.urlopen(sys.argv[-1]).read().decode())
except OSError:
    sys.exit(22)
"""
STAND_INS = {"redis-cli": _REDIS_CLI, "curl": _CURL}


def put_stand_ins(folder: Path) -> None:
    """Write into ``folder`` those that this machine has not."""
    for name, script in STAND_INS.items():
        if not shutil.which(name):
            (folder / name).write_text(script.format(python=sys.executable))
            (folder / name).chmod(0o755)
