"""Clients of the API, one thread each, that all start together: prints the seconds of every call as JSON.

python -m tests.benchmarks.api_clients ADDRESS CLIENTS CALLS FIRST_SEED OPTIONS
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client


def main(address: str, clients: int, calls: int, first: int, options: dict) -> list[float]:
    """Seconds of each call; together the clients use the seeds from ``first`` on."""
    barrier = threading.Barrier(clients, timeout=120)

    def run(number: int) -> list[float]:
        client = Client(address, verbose=False, analytics_enabled=False)
        barrier.wait()
        seconds = []
        for seed in range(first + number, first + calls, clients):
            start = time.perf_counter()
            client.predict(**options, seed=seed, api_name="/sample")
            seconds.append(time.perf_counter() - start)
        return seconds

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(run, range(clients)), [])


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:5]), json.loads(sys.argv[5]))))
