"""Steps Gymnasium's environments for bench/envs.ts: one JSON request per line in, one JSON answer per line out.

Request {"id", "copies", "cpuSeconds"}; answer {"rate"}: environment steps per second of CPU time of this process.
"""

import json
import sys
import time
import warnings

import gymnasium
import numpy as np

warnings.filterwarnings("ignore")
gymnasium.logger.min_level = gymnasium.logger.ERROR
CHUNK = 64


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
    make = lambda: gymnasium.make(env_id, disable_env_checker=True)
    env = gymnasium.vector.SyncVectorEnv([make] * copies)
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(100)]

    def run(start):
        for t in range(start, start + CHUNK):
            env.step(actions[t % 100])
    return run, env


for line in sys.stdin:
    request = json.loads(line)
    copies = request["copies"]
    run, env = single(request["id"]) if copies == 1 else vectorised(request["id"], copies)
    run(0)
    steps = 0
    start = time.process_time()
    while (spent := time.process_time() - start) < request["cpuSeconds"]:
        run(steps)
        steps += CHUNK
    env.close()
    print(json.dumps({"rate": steps * copies / spent}), flush=True)
