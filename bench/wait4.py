"""Runs commands one after the other and tells what each took: wait4(2) knows it of a single process, and neither Node
nor Bun offers it. In: one JSON document with `commands` and the `order` to run them in. Out: one JSON line for each run.

Peak memory has a floor: a child starts out with what this interpreter holds, about 12 MiB.
"""

import json
import os
import sys
import time

plan = json.load(sys.stdin)
nowhere = os.open("/dev/null", os.O_WRONLY)

for index in plan["order"]:
    command = plan["commands"][index]
    given = os.open(command["stdin"], os.O_RDONLY)
    streams = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(command["argv"][0], command["argv"], command["env"], file_actions=streams)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(given)
    run = {
        "status": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
    }
    print(json.dumps(run), flush=True)
