"""Runs commands one after the other and tells what each took: wait4(2) knows it of a single process, and neither Node
nor Bun offers it. In: one JSON document with `commands` and the `order` to run them in. Out: one JSON line for each run.

What a command says must fit a pipe (64 KiB). Peak memory has a floor: a child starts out with what this interpreter
holds, about 12 MiB.
"""

import json
import os
import sys
import time

plan = json.load(sys.stdin)

for index in plan["order"]:
    command = plan["commands"][index]
    # Pipes as a kubelet's: the request is there before the program looks, the answer is read when it is gone.
    given, giving = os.pipe()
    taking, taken = os.pipe()
    os.write(giving, command["stdin"].encode())
    os.close(giving)
    streams = [(os.POSIX_SPAWN_DUP2, own, to) for own, to in ((given, 0), (taken, 1), (taken, 2))]
    start = time.perf_counter()
    pid = os.posix_spawn(command["argv"][0], command["argv"], command["env"], file_actions=streams)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(given)
    os.close(taken)
    with os.fdopen(taking, "rb") as answer:
        said = answer.read()
    run = {
        "status": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
        "said": said.decode(),
    }
    print(json.dumps(run), flush=True)
