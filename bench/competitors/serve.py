"""serve.mjs in Python."""

import json
import os
import sys
import time

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
WARMUP_RUNS, LONGEST_WARMUP = 3, 10


def serve(version, prepare, args=sys.argv[1:]):
    """prepare(case) -> (tokens per run, run) sets a case up."""
    print("version", version, flush=True)
    if len(args) < 2:
        return
    tokens, run = prepare(json.loads(args[0]))
    seconds = float(args[1]) / 1000

    def sample(least_runs):
        start, runs = time.perf_counter(), 0
        while True:
            run()
            runs += 1
            elapsed = time.perf_counter() - start
            if elapsed >= seconds and (runs >= least_runs or elapsed >= LONGEST_WARMUP):
                return tokens * runs / elapsed

    sample(WARMUP_RUNS)
    print("ready", flush=True)
    for _ in sys.stdin:
        run()
        print("rate", sample(1), flush=True)
