"""Writes the Minari data sets that test/data/minari.test.ts reads, with Python's minari.

Run:  .venv/bin/python test/data/make_minari_fixtures.py
"""
import json
import os
import pathlib
import shutil
import tempfile
import warnings

fixtures = pathlib.Path(__file__).resolve().parent / "fixtures"
with tempfile.TemporaryDirectory() as store:
    os.environ["MINARI_DATASETS_PATH"] = store
    import gymnasium as gym
    import minari
    import numpy as np
    from minari.data_collector import EpisodeBuffer

    def episode(i, steps, obs, act, terminated, **more):
        ends = np.zeros((2, steps), dtype=bool)
        ends[0 if terminated else 1, -1] = True
        return EpisodeBuffer(
            id=i, observations=obs, actions=act, rewards=[0.1 * (t + i) for t in range(steps)],
            terminations=list(ends[0]), truncations=list(ends[1]), **more,
        )

    def keep(name, dataset, episodes):
        folder = fixtures / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(pathlib.Path(store) / dataset.id / "data", folder)
        expected = [
            {
                "observations": np.asarray(e.observations).tolist(),
                "actions": np.asarray(e.actions).tolist(),
                "rewards": list(e.rewards),
                "terminated": bool(e.terminations[-1]),
                "truncated": bool(e.truncations[-1]),
            }
            for e in episodes
        ]
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")

    warnings.simplefilter("ignore")  # minari asks for an author, an e-mail address and more
    rng = np.random.default_rng(0)

    # Continuous actions, float64 observations without bounds, infos and seeds, and no word about the task.
    box = []
    for i, steps in enumerate([4, 1, 6]):
        obs = rng.normal(size=(steps + 1, 11))
        act = rng.uniform(-1, 1, size=(steps, 3)).astype(np.float32)
        infos = {"x_position": list(rng.normal(size=steps + 1)), "qpos": list(rng.normal(size=(steps + 1, 6)))}
        box.append(episode(i, steps, list(obs), list(act), i % 2 == 0, seed=7 + i, infos=infos))
    keep("minari-box", minari.create_dataset_from_buffers(
        "mail-lab/box-v0", box,
        observation_space=gym.spaces.Box(-np.inf, np.inf, (11,), np.float64),
        action_space=gym.spaces.Box(-1, 1, (3,), np.float32), author={"mail-lab"}, algorithm_name="noise",
    ), box)

    # Discrete actions and a task that Gymnasium names itself.
    discrete = []
    for i, steps in enumerate([3, 5]):
        obs = rng.normal(size=(steps + 1, 4)).astype(np.float32)
        act = rng.integers(0, 2, size=steps)
        discrete.append(episode(i, steps, list(obs), list(act), i % 2 == 0))
    keep("minari-discrete", minari.create_dataset_from_buffers(
        "mail-lab/discrete-v0", discrete, env="CartPole-v1",
    ), discrete)
