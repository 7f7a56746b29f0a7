"""Steps Gymnasium's environments for envs.ts, as stepper.ts does this project's.

One JSON request {"id", "copies", "seconds"} per line in, one answer {"cpu", "wall"} per line out: environment steps per
second of this process's CPU time, and of the clock.
"""

import json
import sys
import time
import warnings

import gymnasium

warnings.filterwarnings("ignore")
gymnasium.logger.min_level = gymnasium.logger.ERROR
CHUNK = 32
WARM_UP = 0.2


def single(env_id):
    env = gymnasium.make(env_id, disable_env_checker=True)
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(1000)]

    def run(start):
        for t in range(start, start + CHUNK):
            _, _, terminated, truncated, _ = env.step(actions[t % 1000])
            if terminated or truncated:
                env.reset()

    return run, env


def vectorised(env_id, copies):
    env = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make(env_id, disable_env_checker=True)] * copies)
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(100)]

    def run(start):
        for t in range(start, start + CHUNK):
            env.step(actions[t % 100])

    return run, env


def measure(run, copies, seconds):
    cpu, wall = time.process_time(), time.perf_counter()
    calls = 0
    while (spent := time.process_time() - cpu) < seconds:
        run(calls)
        calls += CHUNK
    return {"cpu": calls * copies / spent, "wall": calls * copies / (time.perf_counter() - wall)}


name, run, env = None, None, None
for line in sys.stdin:
    request = json.loads(line)
    copies = request["copies"]
    if name != (request["id"], copies):
        if env:
            env.close()
        name = request["id"], copies
        run, env = single(request["id"]) if copies == 1 else vectorised(request["id"], copies)
        measure(run, copies, WARM_UP)
    print(json.dumps(measure(run, copies, request["seconds"])), flush=True)
