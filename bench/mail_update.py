"""MAIL's policy step and whole update in JAX (jit) or PyTorch (autograd), on one core, for bench/mail-update.ts.

Reads the problem as one line of JSON, then requests, one a line; answers each with the milliseconds of CPU time of every call.
What is computed is what lib/estimators/pathwise.ts, lib/models/discriminator.ts and lib/models/forward-model.ts compute.
"""
import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})


def layers(flat, sizes):
    """Weights and biases of a flat parameter array, layer by layer."""
    at, out = 0, []
    for i, o in zip(sizes, sizes[1:]):
        out.append((flat[at : at + i * o].reshape(i, o), flat[at + i * o : at + (i + 1) * o]))
        at += (i + 1) * o
    return out


def net(flat, sizes, x, activation):
    for w, b in layers(flat, sizes)[:-1]:
        x = activation(x @ w + b)
    w, b = layers(flat, sizes)[-1]
    return x @ w + b


def with_jax(p):
    import jax
    import jax.numpy as jnp
    import numpy as np

    def array(x):
        return jnp.asarray(np.array(x, dtype=np.float32))

    s = p["sizes"]
    T, B, M, A, D = s["T"], s["B"], s["M"], s["A"], s["D"]
    theta, disc = array(p["policy"]), array(p["discriminator"])
    members = jnp.stack([array(m) for m in p["members"]])
    start, scale = array(p["start"]).reshape(B, D), array(p["deltaScale"])
    noise = array(p["noise"]).reshape(T, B, A)
    order = jnp.asarray(np.array(p["order"], dtype=np.int32).reshape(T, B))
    swish = jax.nn.silu

    @jax.custom_vjp
    def passed(x):  # clipped, with the derivative of the identity
        return jnp.clip(x, -1, 1)

    passed.defvjp(lambda x: (passed(x), None), lambda _, g: (g,))

    def cost(theta, disc, members):
        def step(x, inputs):
            xi, perm, t = inputs
            seen = jnp.clip(x, -10, 10)
            m = net(theta, s["policy"], seen, jax.nn.relu)
            raw = 1.5 * jnp.tanh(m / 1.5) + p["std"] * xi
            logit = net(disc, s["discriminator"], jnp.concatenate([seen, passed(raw)], 1), jax.nn.relu)
            excess = jnp.maximum(jnp.abs(m) - 2, 0)
            c = jnp.mean(jax.nn.softplus(-logit)) + 0.01 * jnp.sum(excess**2) / B
            rows = jnp.concatenate([seen, jnp.clip(raw, -1, 1)], 1)[perm].reshape(M, B // M, D + A)
            f = jax.vmap(lambda member, part: net(member, s["model"], part, swish))(members, rows)
            return x[perm] + f.reshape(B, D) * scale, p["gamma"] ** t * c

        _, costs = jax.lax.scan(step, start, (noise, order, jnp.arange(T)))
        return jnp.sum(costs) / T

    expert, agent = array(p["expert"]).reshape(-1, D + A), array(p["agent"]).reshape(-1, D + A)
    inputs = array(p["input"]).reshape(M, -1, D + A)
    targets = array(p["target"]).reshape(M, -1, D)

    def disc_loss(disc):
        logit = lambda x: net(disc, s["discriminator"], x, jax.nn.relu)
        both = jnp.concatenate([expert, agent])
        slope = jax.grad(lambda x: jnp.sum(logit(x)))(both)
        penalty = jnp.mean(jnp.sum(slope**2, 1))
        return jnp.mean(jax.nn.softplus(-logit(expert))) + jnp.mean(jax.nn.softplus(logit(agent))) + penalty

    def model_loss(members):
        f = jax.vmap(lambda member, x: net(member, s["model"], x, swish))(members, inputs)
        return jnp.sum(jnp.mean((f - targets) ** 2, (1, 2)))

    def adam(x, g, state):
        mean, square = 0.9 * state[0] + 0.1 * g, 0.999 * state[1] + 0.001 * g * g
        return x - 1e-3 * mean / (jnp.sqrt(square) + 1e-8), (mean, square)

    gradient = jax.jit(jax.value_and_grad(cost))

    @jax.jit
    def update(theta, disc, members, states):
        members, a = adam(members, jax.grad(model_loss)(members), states[0])
        disc, b = adam(disc, jax.grad(disc_loss)(disc), states[1])
        theta, c = adam(theta, jax.grad(cost)(theta, disc, members), states[2])
        return theta, disc, members, (a, b, c)

    states = tuple((jnp.zeros_like(x), jnp.zeros_like(x)) for x in (members, disc, theta))
    return {
        "policy": lambda: jax.block_until_ready(gradient(theta, disc, members)),
        "update": lambda: jax.block_until_ready(update(theta, disc, members, states)),
        "gradient": lambda: np.asarray(gradient(theta, disc, members)[1]).tolist(),
        "version": jax.__version__,
    }


def with_torch(p):
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(1)

    def array(x):
        return torch.tensor(x, dtype=torch.float32)

    s = p["sizes"]
    T, B, M, A, D = s["T"], s["B"], s["M"], s["A"], s["D"]
    theta, disc = array(p["policy"]).requires_grad_(), array(p["discriminator"]).requires_grad_()
    members = [array(m).requires_grad_() for m in p["members"]]
    start, scale = array(p["start"]).reshape(B, D), array(p["deltaScale"])
    noise = array(p["noise"]).reshape(T, B, A)
    order = torch.tensor(p["order"]).reshape(T, B)
    expert, agent = array(p["expert"]).reshape(-1, D + A), array(p["agent"]).reshape(-1, D + A)
    inputs, targets = array(p["input"]).reshape(M, -1, D + A), array(p["target"]).reshape(M, -1, D)

    def cost():
        weights, models = theta, [m.detach() for m in members]
        x, total, pairs, shares = start, 0.0, [], []
        for t in range(T):
            seen = x.clamp(-10, 10)
            m = net(weights, s["policy"], seen, F.relu)
            raw = 1.5 * torch.tanh(m / 1.5) + p["std"] * noise[t]
            act = raw.clamp(-1, 1)
            pairs.append(torch.cat([seen, raw + (act - raw).detach()], 1))
            shares.append(torch.full((B, 1), p["gamma"] ** t / (B * T)))
            excess = (m.abs() - 2).clamp(min=0)
            total = total + p["gamma"] ** t * 0.01 * (excess**2).sum() / (B * T)
            if t + 1 < T:
                rows = torch.cat([seen, act], 1)[order[t]].chunk(M)
                f = torch.cat([net(model, s["model"], part, F.silu) for model, part in zip(models, rows)])
                x = x[order[t]] + f * scale
        logit = net(disc.detach(), s["discriminator"], torch.cat(pairs), F.relu)
        return total + (F.softplus(-logit) * torch.cat(shares)).sum()

    def disc_loss():
        both = torch.cat([expert, agent]).requires_grad_()
        logit = net(disc, s["discriminator"], both, F.relu)
        (slope,) = torch.autograd.grad(logit.sum(), both, create_graph=True)
        n = len(expert)
        return F.softplus(-logit[:n]).mean() + F.softplus(logit[n:]).mean() + (slope**2).sum(1).mean()

    def model_loss(k):
        return ((net(members[k], s["model"], inputs[k], F.silu) - targets[k]) ** 2).mean()

    # Rate 0: every call then does the same work on the same weights.
    optimisers = [torch.optim.Adam([x], lr=0.0) for x in (*members, disc, theta)]

    def step(optimiser, loss):
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def update():
        for k in range(M):
            step(optimisers[k], model_loss(k))
        step(optimisers[M], disc_loss())
        step(optimisers[M + 1], cost())

    return {
        "policy": lambda: torch.autograd.grad(cost(), theta),
        "update": update,
        "gradient": lambda: torch.autograd.grad(cost(), theta)[0].tolist(),
        "version": torch.__version__,
    }


def main():
    work = {"jax": with_jax, "torch": with_torch}[sys.argv[1]](json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        request = json.loads(line)
        if request["work"] in ("gradient", "version"):
            value = work[request["work"]]
            print(json.dumps(value() if callable(value) else value), flush=True)
            continue
        times = []
        for _ in range(request["calls"]):
            began = time.process_time()
            work[request["work"]]()
            times.append(1000 * (time.process_time() - began))
        print(json.dumps(times), flush=True)


main()
