"""Records what Gymnasium does, for test/envs/conformance.test.ts.

Made with gymnasium==1.4.0, mujoco==3.14.0 (the version of @mujoco/mujoco in package.json) and numpy; other
versions are refused. Not part of the test run: the JSON files beside it are committed. To make them anew:

    python -m venv venv && venv/bin/pip install "gymnasium[mujoco]==1.4.0" mujoco==3.14.0
    venv/bin/python test/envs/make_fixtures.py

<task>.json.gz       {"task", "versions", "episodes": [{"kind", "from", "steps": {column: [one entry per step]}}]}:
                     the state before the step, the action, and what `step` returned. `from` counts the steps of
                     the episode before the first recorded one: the clock is set forward to show the time limit.
                     Kinds that end in "going on after the end" ignore it, and show falls and joint limits.
<task>-model.json.gz every compiled number of the model that the physics depends on, for each distinct model
reset-options.json.gz          what `reset(options=...)` of the classic tasks draws, or that it refuses
normalize-observation.json.gz  what the wrapper NormalizeObservation makes of an episode

Numbers are written by Python's shortest round-trip form, so float64 survives exactly.
"""

import gzip
import json
import pathlib
import warnings

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
    actuator_dynprm actuator_acc0 actuator_length0 tendon_num tendon_stiffness tendon_damping tendon_range
    tendon_margin tendon_frictionloss tendon_armature tendon_length0 tendon_invweight0 wrap_type wrap_objid
    wrap_prm""".split()
# The WASM package cannot hand over arrays of booleans; the trajectories show that these agree.
UNREADABLE = "jnt_limited tendon_limited actuator_ctrllimited actuator_forcelimited".split()
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
    path = FOLDER / f"{name}.json.gz"
    text = json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def numbers(info):
    """Gymnasium's info with vectors taken apart: tendon_length becomes tendon_length_0, tendon_length_1."""
    flat = {}
    for name, value in info.items():
        if np.ndim(value) == 0:
            flat[name] = float(value)
        else:
            flat.update({f"{name}_{i}": float(entry) for i, entry in enumerate(value)})
    return flat


def record(env, plan, state_of, policy_of):
    """Episodes for a plan of (kind, most steps, steps already on the clock, whether to go on after the end)."""
    episodes = []
    for seed, (kind, max_steps, start, go_on) in enumerate(plan):
        env.reset(seed=seed)
        env._elapsed_steps = start
        rng = np.random.default_rng([seed, 7])
        policy = policy_of(kind, rng, env)
        columns = Columns()
        for t in range(max_steps):
            state = {f"state_{name}": plain(value) for name, value in state_of(env).items()}
            action = policy(t)
            obs, reward, terminated, truncated, info = (env.unwrapped if go_on else env).step(action)
            columns.add(
                **state,
                action=plain(action),
                obs=plain(obs),
                reward=float(reward),
                terminated=bool(terminated),
                truncated=bool(truncated),
                info=numbers(info),
            )
            if (terminated or truncated) and not go_on:
                break
        print(f"  {env.spec.id} {kind}: {t + 1} steps, terminated {terminated}, truncated {truncated}")
        kind = f"{kind}, going on after the end" if go_on else kind
        episodes.append({"kind": kind, "from": start, "steps": columns.steps})
    return episodes


def mujoco_state(*more):
    """What decides the next step, with the fields besides qpos and qvel that its reward reads."""
    def state_of(env):
        data = env.unwrapped.data
        fields = ("qpos", "qvel", "qacc_warmstart", *more)
        return {**{name: np.ravel(getattr(data, name)) for name in fields}, "time": [data.time]}
    return state_of


def mujoco_policy(kind, rng, env):
    """Random controls; `wide` goes far beyond the bounds, `small` and `none` stand longer, `bang` moves fast."""
    size = env.action_space.shape[0]
    bound = round(float(env.action_space.high[0]), 6)
    if kind == "wide":
        return lambda t: bound * rng.uniform(-3, 3, size)
    if kind == "small":
        return lambda t: bound * rng.uniform(-0.2, 0.2, size)
    if kind == "none":
        return lambda t: np.zeros(size)
    if kind == "bang":
        signs = bound * rng.choice([-1.0, 1.0], (100, size))
        return lambda t: signs[t // 15]
    return lambda t: bound * rng.uniform(-1, 1, size)


def classic_policy(kind, rng, env):
    """`skilled` reaches what the task asks for: balance, the top of the hill, the height."""
    task = env.spec.id
    if kind == "skilled":
        def act(t):
            if task.startswith("CartPole"):
                x, v, angle, spin = env.unwrapped.state
                return int(0.1 * x + 0.2 * v + angle + 0.3 * spin > 0)
            # The sign of the speed of the driven joint: the motor then only ever adds energy.
            speed = env.unwrapped.state[1 if task.startswith("MountainCar") else 3]
            return 2 if speed >= 0 else 0
        return act
    if kind == "first":
        return lambda t: 0
    if kind == "last":
        return lambda t: int(env.action_space.n) - 1
    return lambda t: int(rng.integers(env.action_space.n))


def compiled(model):
    column = lambda source, names: {name: np.ravel(plain(getattr(source, name))).tolist() for name in names}
    return {
        "model": column(model, MODEL_FIELDS),
        "unreadable": column(model, UNREADABLE),
        "option": column(model.opt, OPTION_FIELDS),
    }


# Steps of the episodes of each task: those that end, those that cannot are cut.
PLANS = {
    "Hopper": [("unit", 200), ("unit", 200), ("wide", 200), ("wide", 200), ("small", 200), ("none", 200)],
    "Walker2d": [("unit", 200), ("unit", 200), ("wide", 200), ("wide", 200), ("small", 200), ("none", 200)],
    "HalfCheetah": [("unit", 200), ("unit", 100), ("wide", 200), ("bang", 200), ("small", 100)],
    "Reacher": [("unit", 50), ("unit", 50), ("wide", 50), ("bang", 50), ("small", 50)],
    "InvertedPendulum": [("unit", 200), ("wide", 200), ("small", 200), ("small", 200), ("none", 200)],
    "Ant": [("unit", 200), ("unit", 200), ("wide", 200), ("bang", 200), ("small", 100)],
    "Humanoid": [("unit", 200), ("wide", 200), ("bang", 200), ("small", 200), ("none", 200)],
}
# Going on after the end reaches joint limits, contact of the body with itself and clipped velocities.
FALLS = {
    "Hopper": [("unit", 120), ("wide", 120), ("small", 120), ("bang", 120), ("bang", 120)],
    "Walker2d": [("unit", 120), ("wide", 120), ("small", 120), ("bang", 120), ("bang", 120)],
    "InvertedPendulum": [("wide", 120), ("bang", 120)],
    "Ant": [("bang", 120)],
    "Humanoid": [("wide", 80), ("small", 80), ("bang", 80)],
}
# Fields that a step's reward reads from before it.
READS = {"Reacher-v4": ["xpos"], "Ant-v5": ["xpos"], "Ant-v4": ["xpos"], "Humanoid-v5": ["xipos"],
         "Humanoid-v4": ["xipos"]}


def make_mujoco(name):
    known = []
    for version in ("v5", "v4"):
        env_id = f"{name}-{version}"
        env = gymnasium.make(env_id, disable_env_checker=True)
        limit = env.spec.max_episode_steps
        model = compiled(env.unwrapped.model)
        model_name = next((kept for kept, numbers in known if numbers == model), None)
        if model_name is None:
            model_name = f"{env_id.lower()}-model"
            known.append((model_name, model))
            write(model_name, {"task": env_id, "versions": VERSIONS, **model})
        plan = [(kind, steps, 0, False) for kind, steps in PLANS[name]]
        plan.append(("small", 20, limit - 10, False))
        if version == "v5":
            plan += [(kind, steps, 0, True) for kind, steps in FALLS.get(name, [])]
        episodes = record(env, plan, mujoco_state(*READS.get(env_id, [])), mujoco_policy)
        write(env_id.lower(), {"task": env_id, "versions": VERSIONS, "model": model_name, "episodes": episodes})


def make_classic(env_id, plan):
    env = gymnasium.make(env_id, disable_env_checker=True)
    limit = env.spec.max_episode_steps
    policy = mujoco_policy if env_id == "Pendulum-v1" else classic_policy
    plan = [(kind, 200 if env_id == "Acrobot-v1" else 1000, 0, False) for kind in plan] + [(plan[0], 20, limit - 5, False)]
    episodes = record(env, plan, lambda env: {"state": env.unwrapped.state}, policy)
    write(env_id.lower(), {"task": env_id, "versions": VERSIONS, "episodes": episodes})


def make_normalized():
    """The wrapper over 60 steps of Walker2d, frozen for the last 20; `raw` is what it was given."""
    base = gymnasium.make("Walker2d-v5", disable_env_checker=True, terminate_when_unhealthy=False)
    env = gymnasium.wrappers.NormalizeObservation(base)
    rng = np.random.default_rng(3)
    columns = Columns()
    obs, _ = env.reset(seed=3)
    for t in range(60):
        columns.add(raw=plain(base.unwrapped._get_obs()), normalized=plain(obs))
        env.update_running_mean = t < 39
        obs, *_ = env.step(rng.uniform(-1, 1, 6))
    write("normalize-observation", {"versions": VERSIONS, "frozenFrom": 40, "steps": columns.steps})


# Bounds of no width leave nothing to chance; the wide ones are drawn from often enough to show their ends.
RESET_OPTIONS = {
    "CartPole-v1": [{"low": 0.03, "high": 0.03}, {"low": -0.2, "high": 0.1}, {"low": 0.04}, {"low": 0.2}, {"low": 1, "high": 0}],
    "MountainCar-v0": [{"low": -1.0, "high": -1.0}, {"low": -0.9, "high": 0.2}, {"high": -0.5}, {"high": -0.7}],
    "Acrobot-v1": [{"low": 0.5, "high": 0.5}, {"low": -0.3, "high": 0.7}, {"high": 0.3}, {"high": -0.2}],
    "Pendulum-v1": [{"x_init": 0, "y_init": 0}, {"x_init": 0.5}, {"y_init": 4}, {"x_init": 0.2, "y_init": 0.1}, {"y_init": -1}],
}


def make_reset_options():
    """The least and largest of each entry of the observation over 2000 resets with each of the options."""
    cases = []
    for env_id, choices in RESET_OPTIONS.items():
        env = gymnasium.make(env_id, disable_env_checker=True)
        env.reset(seed=0)
        for options in choices:
            try:
                obs = np.array([env.reset(options=options)[0] for _ in range(2000)])
                cases.append({"task": env_id, "options": options, "low": plain(obs.min(0)), "high": plain(obs.max(0))})
            except (ValueError, OverflowError):
                cases.append({"task": env_id, "options": options, "refused": True})
    write("reset-options", {"versions": VERSIONS, "cases": cases})


if __name__ == "__main__":
    found = {"gymnasium": gymnasium.__version__, "mujoco": mujoco.__version__}
    if found != VERSIONS:
        raise SystemExit(f"Cannot make fixtures with {found}: expected {VERSIONS}")
    FOLDER.mkdir(exist_ok=True)
    warnings.filterwarnings("ignore", message=".*out of date.*")
    for name in PLANS:
        make_mujoco(name)
    make_classic("CartPole-v1", ["random"] * 4 + ["first", "last", "skilled"])
    make_classic("CartPole-v0", ["random", "random", "first", "last", "skilled"])
    make_classic("MountainCar-v0", ["random", "random", "first", "last", "skilled"])
    make_classic("Acrobot-v1", ["skilled", "skilled", "first", "last", "random"])
    make_classic("Pendulum-v1", ["unit", "unit", "wide", "small", "bang"])
    make_normalized()
    make_reset_options()
