# SPDX-License-Identifier: Apache-2.0
"""No growth over mixed load (mixed.py): after a warm-up, some seconds of reads, writes, refusals and requests of 16 MB leave the process as large
as they found it; and what large requests took is given back when they are over. Data is left out (it is the map's, RssShmem), so what is
counted is the heap: arenas, buffers, connections. Built with ASan, its leak checker looks at the end. The long form: `./dev bench --soak`."""
import time
from pathlib import Path

import mixed
from stator import PATIENCE, PROGRAM, Stator

WARM_UP_SECONDS = 5
ROUNDS, ROUND_SECONDS = 3, 4
THREADS = 3
# A sanitizer keeps freed memory and more beside it; there the test finds only what really runs away.
IS_SANITIZED = any(mark in Path(PROGRAM).read_bytes() for mark in (b"__asan_init", b"__tsan_init"))
GROWTH_MB = 128 if IS_SANITIZED else 4
REST_MB = 512 if IS_SANITIZED else 24


def heap_mb(server):
    return mixed.memory_mb(server.process.pid)["heap"]


def rest_mb(server, limit, connection=None):
    """What is left when the loops have given back what they will: an answer is out before its memory is."""
    end = time.monotonic() + PATIENCE
    while (heap := heap_mb(server)) > limit and time.monotonic() < end:
        server.must("ListTables", {}, connection)
    return heap


def run_load(server, seconds, number, large):
    end = time.monotonic() + seconds
    clients = [mixed.Client(server, f"{number}-{i}", number * 100 + i, end, large=large) for i in range(THREADS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    errors = [e for client in clients for e in client.errors]
    assert not errors, errors[:3]


def main():
    env = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"} if IS_SANITIZED else None
    with Stator("-inMemory", env=env) as server:
        idle = heap_mb(server)
        mixed.create_tables(server)
        large = mixed.large_bodies()
        connection = server.connect()  # it stays: that its like come and go must not be what gives memory back
        for request in large * 2:
            mixed.send(connection, *request)
        alone = rest_mb(server, idle + REST_MB, connection)
        assert alone <= idle + REST_MB, f"large requests leave {alone:.1f} MB behind, idle {idle:.1f}"
        connection.close()
        run_load(server, WARM_UP_SECONDS, 0, large)
        warm = rest_mb(server, idle + REST_MB)
        sizes = []
        for n in range(ROUNDS):
            run_load(server, ROUND_SECONDS, 1 + n, large)
            sizes.append(rest_mb(server, warm + GROWTH_MB))
        print(f"heap MB: idle {idle:.1f}, after large requests {alone:.1f}, after the warm-up {warm:.1f}, then {', '.join(f'{s:.1f}' for s in sizes)}")
        assert warm <= idle + REST_MB, "large requests leave memory behind"
        assert sizes[-1] <= warm + GROWTH_MB, "the heap grows under steady load"


if __name__ == "__main__":
    main()
