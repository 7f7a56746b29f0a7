"""Data sets to and from Python's minari: what this project writes opens there with equal values, and the other way."""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETS = sorted(card.parent.name for card in (ROOT / "data").glob("*/card.json"))

WRITE = """
import { saveDemos } from './lib/data/files.ts';
import { numberedDemosWithStates } from './test/data/samples.ts';
const [dir, kind] = process.argv.slice(1);
const box = numberedDemosWithStates([3, 1, 6]);
const toDiscrete = (t) => ({ ...t, act_TA: t.act_TA.map((_, i) => i % 3), state_Tp1: undefined, start: undefined });
const demos = kind === 'box' ? box
  : { ...box, env: 'MountainCar-v0', actions: 3, trajectories: box.trajectories.map(toDiscrete) };
const bounds = { type: 'box', size: 2, low: Float64Array.of(-Infinity, -1.5), high: Float64Array.of(Infinity, 2) };
await saveDemos(dir, demos, {
  name: 'x', rules: 'none', generator: 'numbers', seed: 0, actions: 'mean', selection: 'all', licence: 'MIT',
}, { obsSpace: bounds });
"""
SHOW = """
import { loadMinari } from './lib/data/files.ts';
const [dir, env] = process.argv.slice(1);
const { demos } = await loadMinari(dir, env ? { env } : {});
const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);
console.log(JSON.stringify(demos, plain));
"""


def node(program, *args):
    command = ["node", "--import", "tsx", "--input-type=module", "-e", program, *map(str, args)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def minari(tmp_path_factory):
    os.environ["MINARI_DATASETS_PATH"] = str(tmp_path_factory.mktemp("minari"))
    import minari

    return minari


def ours(folder):
    return json.loads(node(SHOW, folder))


def assert_same(dataset, demos):
    """Every number of a data set as Python reads it is the one that `demos`, read here, holds."""
    assert dataset.total_episodes == len(demos["trajectories"])
    for episode, trajectory in zip(dataset.iterate_episodes(), demos["trajectories"], strict=True):
        steps = len(trajectory["reward_T"])
        shape = (steps,) if demos["actions"] else (steps, demos["actSize"])
        assert episode.observations.shape == (steps + 1, demos["obsSize"])
        assert episode.actions.shape == shape
        np.testing.assert_array_equal(episode.observations.ravel(), np.array(trajectory["obs_Tp1D"], np.float32))
        np.testing.assert_array_equal(episode.actions.ravel(), np.array(trajectory["act_TA"], episode.actions.dtype))
        np.testing.assert_array_equal(episode.rewards, np.array(trajectory["reward_T"]))
        for flags, end in (("terminations", "terminated"), ("truncations", "truncated")):
            flags = getattr(episode, flags)
            assert flags.dtype == bool and not flags[:-1].any() and flags[-1] == trajectory[end]


@pytest.mark.parametrize("kind", ["box", "discrete"])
def test_a_set_written_here_opens_in_minari_with_equal_values(minari, tmp_path, kind):
    folder = tmp_path / f"{kind}-set"
    node(WRITE, folder, kind)
    dataset = minari.MinariDataset(str(folder))
    assert dataset.total_steps == 10 and dataset.total_episodes == 3
    space = dataset.observation_space
    np.testing.assert_array_equal(space.low, np.array([-np.inf, -1.5], np.float32))
    np.testing.assert_array_equal(space.high, np.array([np.inf, 2], np.float32))
    if kind == "discrete":
        assert dataset.env_spec.id == "MountainCar-v0" and dataset.action_space.n == 3
    else:
        assert dataset.env_spec.id == "Hopper-v5" and dataset.action_space.shape == (1,)
    assert_same(dataset, ours(folder))
    first = dataset[0]
    assert first.observations[1].tolist() == [1, np.float32(1 / 7)] and first.rewards[0] == 1 / 3
    assert first.infos == {} and "EpisodeData(" in repr(first)
    assert len(dataset.sample_episodes(2)) == 2
    assert dataset.filter_episodes(lambda episode: len(episode.rewards) > 2).total_episodes == 2


def test_a_set_written_by_minari_opens_here_with_equal_values(minari):
    import gymnasium

    rng = np.random.default_rng(3)
    for name, actions in (("box-v0", gymnasium.spaces.Box(-1, 1, (2,))), ("discrete-v0", gymnasium.spaces.Discrete(4))):
        episodes = []
        for e, steps in enumerate([5, 1, 12]):
            ends = np.zeros((2, steps), bool)
            ends[e % 2, -1] = True
            chosen = rng.integers(0, 4, steps) if "disc" in name else rng.uniform(-1, 1, (steps, 2)).astype(np.float32)
            episodes.append(
                minari.data_collector.EpisodeBuffer(
                    id=e,
                    seed=e,
                    observations=list(rng.normal(size=(steps + 1, 3)).astype(np.float32)),
                    actions=list(chosen),
                    rewards=list(rng.normal(size=steps)),
                    terminations=list(ends[0]),
                    truncations=list(ends[1]),
                    infos={"speed": list(rng.normal(size=steps + 1))},
                )
            )
        with pytest.warns(UserWarning):  # it asks for an author, an e-mail address and more
            dataset = minari.create_dataset_from_buffers(
                f"round-trip/{name}",
                episodes,
                observation_space=gymnasium.spaces.Box(-np.inf, np.inf, (3,)),
                action_space=actions,
            )
        folder = dataset.storage.data_path
        assert_same(dataset, json.loads(node(SHOW, folder, "Point-v0")))


@pytest.mark.parametrize("name", SETS)
def test_the_committed_set_opens_in_minari_and_is_what_its_card_says(minari, name):
    folder = ROOT / "data" / name
    card = json.loads((folder / "card.json").read_text())
    dataset = minari.MinariDataset(str(folder))
    assert (dataset.total_episodes, dataset.total_steps) == (card["trajectories"], card["steps"])
    assert dataset.env_spec.id == card["env"]
    returns = [episode.rewards.sum() for episode in dataset.iterate_episodes()]
    np.testing.assert_allclose(np.mean(returns), card["returns"]["mean"])
    assert all(dataset.observation_space.contains(episode.observations[0]) for episode in dataset.iterate_episodes())
