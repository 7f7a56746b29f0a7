"""Records what Gymnasium does, for test/envs/conformance.test.ts.

Made with gymnasium==1.4.0, mujoco==3.14.0 (the version of @mujoco/mujoco in package.json) and numpy; other
versions are refused. Not part of the test run: the JSON files beside it are committed. To make them anew:

    python -m venv venv && venv/bin/pip install "gymnasium[mujoco]==1.4.0" mujoco==3.14.0
    venv/bin/python test/envs/make_fixtures.py

<task>.json          {"task", "versions", "episodes": [{"kind", "steps": {column: [one entry per step]}}]}: the
                     complete state before the step, the action, and what `step` returned
<task>-model.json    every compiled number of the model that the physics depends on

Numbers are written by Python's shortest round-trip form, so float64 survives exactly.
"""

import json
import pathlib

import gymnasium
import mujoco
import numpy as np

VERSIONS = {"gymnasium": "1.4.0", "mujoco": "3.14.0"}
FOLDER = pathlib.Path(__file__).parent / "fixtures"

MODEL_FIELDS = """nq nv nu na nbody njnt ngeom npair nexclude neq ntendon nsensor nmocap
    qpos0 qpos_spring body_parentid body_rootid body_weldid body_pos body_quat body_ipos body_iquat body_mass
    body_subtreemass body_inertia body_invweight0 body_gravcomp body_contype body_conaffinity body_margin
    jnt_type jnt_bodyid jnt_qposadr jnt_dofadr jnt_pos jnt_axis jnt_range jnt_stiffness jnt_margin jnt_solref
    jnt_solimp jnt_actfrcrange dof_parentid dof_damping dof_armature dof_frictionloss dof_invweight0 dof_M0
    dof_solref dof_solimp geom_type geom_bodyid geom_contype geom_conaffinity geom_condim geom_priority
    geom_size geom_rbound geom_pos geom_quat geom_friction geom_margin geom_gap geom_solmix geom_solref
    geom_solimp geom_fluid actuator_trntype actuator_dyntype actuator_gaintype actuator_biastype
    actuator_trnid actuator_gear actuator_ctrlrange actuator_forcerange actuator_gainprm actuator_biasprm
    actuator_dynprm actuator_acc0 actuator_length0""".split()
# The WASM package cannot hand over arrays of booleans; the trajectories show that these agree.
UNREADABLE = "jnt_limited actuator_ctrllimited actuator_forcelimited".split()
OPTION_FIELDS = """timestep integrator solver cone jacobian iterations tolerance ls_iterations ls_tolerance
    noslip_iterations noslip_tolerance ccd_iterations ccd_tolerance impratio gravity wind magnetic density
    viscosity disableflags enableflags o_margin o_solref o_solimp o_friction""".split()


def plain(value):
    """A number or nested list of numbers that JSON can hold."""
    return np.asarray(value).astype(np.float64).tolist()


class Columns:
    """Rows collected by column, so that names are written once."""

    def __init__(self):
        self.steps = {}

    def add(self, **row):
        for name, value in row.items():
            self.steps.setdefault(name, []).append(value)


def write(name, content):
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def record(env, episode_kinds, state_of, policy_of, max_steps):
    episodes = []
    for seed, kind in enumerate(episode_kinds):
        env.reset(seed=seed)
        rng = np.random.default_rng([seed, 7])
        policy = policy_of(kind, rng, env)
        columns = Columns()
        for t in range(max_steps):
            state = {f"state_{name}": plain(value) for name, value in state_of(env).items()}
            action = policy(t)
            obs, reward, terminated, truncated, info = env.step(action)
            columns.add(
                **state,
                action=plain(action),
                obs=plain(obs),
                reward=float(reward),
                terminated=bool(terminated),
                truncated=bool(truncated),
                info={name: float(value) for name, value in info.items()},
            )
            if terminated or truncated:
                break
        print(f"  {env.spec.id} {kind}: {t + 1} steps, terminated {terminated}, truncated {truncated}")
        episodes.append({"kind": kind, "steps": columns.steps})
    return episodes


def mujoco_state(env):
    data = env.unwrapped.data
    return {
        "qpos": data.qpos,
        "qvel": data.qvel,
        "qacc_warmstart": data.qacc_warmstart,
        "time": [data.time],
    }


def mujoco_policy(kind, rng, env):
    """Random controls; `wide` goes far beyond the bounds, `small` and `none` stand longer, `bang` moves fast."""
    size = env.action_space.shape[0]
    if kind == "wide":
        return lambda t: rng.uniform(-3, 3, size)
    if kind == "small":
        return lambda t: rng.uniform(-0.2, 0.2, size)
    if kind == "none":
        return lambda t: np.zeros(size)
    if kind == "bang":
        signs = rng.choice([-1.0, 1.0], (100, size))
        return lambda t: signs[t // 15]
    return lambda t: rng.uniform(-1, 1, size)


def cartpole_policy(kind, rng, env):
    if kind == "balance":
        def act(t):
            x, v, angle, spin = env.unwrapped.state
            return int(0.1 * x + 0.2 * v + angle + 0.3 * spin > 0)
        return act
    if kind == "left":
        return lambda t: 0
    if kind == "right":
        return lambda t: 1
    return lambda t: int(rng.integers(2))


def make_hopper():
    env = gymnasium.make("Hopper-v5", disable_env_checker=True)
    model = env.unwrapped.model
    write("hopper-v5-model", {
        "task": "Hopper-v5",
        "versions": VERSIONS,
        "model": {name: np.ravel(plain(getattr(model, name))).tolist() for name in MODEL_FIELDS},
        "unreadable": {name: np.ravel(plain(getattr(model, name))).tolist() for name in UNREADABLE},
        "option": {name: np.ravel(plain(getattr(model.opt, name))).tolist() for name in OPTION_FIELDS},
    })
    kinds = ["unit", "unit", "wide", "wide", "small", "small", "none"]
    episodes = record(env, kinds, mujoco_state, mujoco_policy, 200)
    # Going on after the end reaches joint limits, contact of the body with itself and clipped velocities.
    fallen = gymnasium.make("Hopper-v5", disable_env_checker=True, terminate_when_unhealthy=False)
    kinds = ["unit", "wide", "small", "bang", "bang"]
    for episode in record(fallen, kinds, mujoco_state, mujoco_policy, 120):
        episodes.append({**episode, "kind": f"{episode['kind']}, going on after the end"})
    write("hopper-v5", {"task": "Hopper-v5", "versions": VERSIONS, "episodes": episodes})


def make_cartpole():
    state_of = lambda env: {"state": env.unwrapped.state}
    for name, env_id in (("cartpole-v1", "CartPole-v1"), ("cartpole-v0", "CartPole-v0")):
        env = gymnasium.make(env_id, disable_env_checker=True)
        kinds = ["random"] * 4 + ["left", "right", "balance"] if name == "cartpole-v1" else ["random", "balance"]
        episodes = record(env, kinds, state_of, cartpole_policy, 1000)
        write(name, {"task": env_id, "versions": VERSIONS, "episodes": episodes})


if __name__ == "__main__":
    found = {"gymnasium": gymnasium.__version__, "mujoco": mujoco.__version__}
    if found != VERSIONS:
        raise SystemExit(f"Cannot make fixtures with {found}: expected {VERSIONS}")
    FOLDER.mkdir(exist_ok=True)
    make_hopper()
    make_cartpole()
