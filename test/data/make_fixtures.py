"""Writes small files in the layouts of D4RL and of GAIL's authors, with what they hold as JSON beside them.

Run:  .venv/bin/python test/data/make_fixtures.py
The numbers of the policies are computed here in numpy, as openai/imitation's policyopt/nn.py and rl.py do.
"""

import json
import pathlib

import h5py
import numpy as np

fixtures = pathlib.Path(__file__).resolve().parent / "fixtures"
rng = np.random.default_rng(0)
gzip = {"compression": "gzip", "compression_opts": 9}


def save_json(name, value):
    (fixtures / name).write_text(json.dumps(value) + "\n")


def write_d4rl(name, lengths, *, timeouts, next_observations, infos):
    """Episodes of these lengths; the last but one terminates, the others time out, and the last row ends nothing."""
    n = sum(lengths)
    obs = rng.normal(size=(n, 11)).astype(np.float32)
    act = rng.uniform(-1, 1, size=(n, 3)).astype(np.float32)
    ends = np.cumsum(lengths) - 1
    terminals, cut = np.zeros(n, bool), np.zeros(n, bool)
    terminals[ends[-2]] = True
    cut[np.delete(ends, [-2, -1])] = True
    fields = {"observations": obs, "actions": act, "rewards": rng.normal(size=n).astype(np.float32), "terminals": terminals}
    if timeouts:
        fields["timeouts"] = cut
    if next_observations:
        following = np.roll(obs, -1, axis=0)
        following[ends] = rng.normal(size=(len(ends), 11))
        fields["next_observations"] = following
    if infos:
        fields["infos/qpos"] = rng.normal(size=(n, 6))
        fields["infos/qvel"] = rng.normal(size=(n, 6))
    with h5py.File(fixtures / f"{name}.hdf5", "w") as file:
        for key, value in fields.items():
            file.create_dataset(key, data=value, **gzip)
    save_json(f"{name}.json", {key: value.tolist() for key, value in fields.items()} | {"lengths": lengths})


def write_gail_trajectories(name, lengths, discrete):
    B, T = len(lengths), max(lengths)
    obs, act, reward = rng.normal(size=(B, T, 4)), rng.normal(size=(B, T, 2)), rng.normal(size=(B, T))
    if discrete:
        act = rng.integers(0, 3, size=(B, T, 1))
    for e, length in enumerate(lengths):
        for array in (obs, act, reward):
            array[e, length:] = 0
    fields = {"obs_B_T_Do": obs, "a_B_T_Da": act, "r_B_T": reward, "len_B": np.array(lengths, np.int32)}
    with h5py.File(fixtures / f"{name}.h5", "w") as file:
        for key, value in fields.items():
            file.create_dataset(key, data=value, **gzip)
    save_json(f"{name}.json", {key: value.tolist() for key, value in fields.items()})


def write_gail_snapshots(name, kind, hidden, func):
    """Two snapshots of a policy from 5 observation to 3 action entries, and what the second one puts out."""
    spec = [layer for n in hidden for layer in ({"type": "fc", "n": n}, {"type": "nonlin", "func": func})]
    args = {"env_name": "Somewhere-v0", "max_iter": 21, "policy_hidden_spec": json.dumps(spec)}
    obs = rng.normal(size=(6, 5)) * 3
    with h5py.File(fixtures / f"{name}.h5", "w") as file:
        file.attrs["args"] = np.bytes_(json.dumps(args))
        for iteration in (0, 20):
            policy = file.create_group(f"snapshots/iter{iteration:07d}/{kind}")
            mean, std = rng.normal(size=(1, 5)), rng.uniform(0.5, 2, size=(1, 5))
            policy["obsnorm/Standardizer/count"] = 100.0
            policy["obsnorm/Standardizer/mean_1_D"] = mean
            policy["obsnorm/Standardizer/meansq_1_D"] = std**2 + mean**2
            x = (obs - mean) / (std + 1e-6)
            widths = [5, *hidden, 3]
            for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
                weight, bias = rng.normal(size=(inputs, outputs)), rng.normal(size=(1, outputs))
                last = i == len(hidden)
                where = "out" if last else f"hidden/FeedforwardNet/layer_{2 * i}"
                policy[f"{where}/AffineLayer/W"], policy[f"{where}/AffineLayer/b"] = weight, bias
                x = x @ weight + bias
                if not last:
                    x = {"tanh": np.tanh(x), "relu": np.maximum(x, 0), "lrelu": np.where(x > 0, x, 0.01 * x)}[func]
            if kind == "GaussianPolicy":
                log_std = rng.normal(size=(1, 3))
                policy["logstdevs_1_Da"] = log_std
    save_json(f"{name}.json", {"obs": obs.tolist(), "out": x.tolist(), "logStd": log_std[0].tolist() if kind == "GaussianPolicy" else None})


write_d4rl("d4rl-next", [4, 1, 5, 3, 2], timeouts=True, next_observations=True, infos=True)
write_d4rl("d4rl-flat", [4, 1, 5, 3, 2], timeouts=True, next_observations=False, infos=False)
write_d4rl("d4rl-v0", [4, 4, 3, 2], timeouts=False, next_observations=False, infos=False)
write_gail_trajectories("gail-trajectories", [3, 6, 1, 5], discrete=False)
write_gail_trajectories("gail-discrete", [3, 5], discrete=True)
write_gail_snapshots("gail-lrelu", "GaussianPolicy", [7, 6], "lrelu")
write_gail_snapshots("gail-tanh", "GibbsPolicy", [7, 6], "tanh")
