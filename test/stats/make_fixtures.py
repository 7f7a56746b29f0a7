"""Records what rliable, SciPy, lifelines and statsmodels compute, for the tests beside this file.

Made with Python 3.11, numpy==2.4.6, scipy==1.17.1, rliable==1.2.0, lifelines==0.30.3 and statsmodels==0.15.0; other
versions are refused. Not part of the test run: the JSON files in fixtures/ are committed. To make them anew:

    python -m venv venv
    venv/bin/pip install numpy==2.4.6 scipy==1.17.1 rliable==1.2.0 lifelines==0.30.3 statsmodels==0.15.0
    venv/bin/python test/stats/make_fixtures.py

scores.json       aggregates, P(X > Y) and performance profiles of random score matrices; some with ties
intervals.json    ends of rliable's stratified bootstrap intervals and of scipy.stats.bootstrap's, each the mean over
                  repetitions with the standard error of one interval of 50,000 resamples
tests.json        permutation tests, sign flips, Mann-Whitney's null distribution, Holm, Spearman
survival.json     Kaplan-Meier, its median, restricted means and the log-rank statistic, of lifelines
curves.json       quantiles, areas under curves by numpy.interp and scipy.integrate.trapezoid
"""

import json
import pathlib
import warnings
from importlib.metadata import version

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import qth_survival_time, restricted_mean_survival_time
from rliable import library, metrics
from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests

PINNED = {"numpy": "2.4.6", "scipy": "1.17.1", "rliable": "1.2.0", "lifelines": "0.30.3", "statsmodels": "0.15.0"}
for name, pinned in PINNED.items():
    if version(name) != pinned:
        raise SystemExit(f"{name} is {version(name)}, expected {pinned}")

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
rng = np.random.default_rng(20240501)


def save(name, value):
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / name).write_text(json.dumps(value) + "\n")


def matrix(runs, tasks, ties=False):
    scores = rng.normal(0.7, 0.4, (runs, tasks))
    return np.round(scores * 4) / 4 if ties else scores


# --- scores -------------------------------------------------------------------------------------------------------

scores = []
for runs, other_runs, tasks, ties in [(3, 3, 1, False), (5, 5, 1, True), (5, 8, 4, False), (10, 10, 6, True), (13, 7, 3, False), (1, 2, 2, False)]:
    x, y = matrix(runs, tasks, ties), matrix(other_runs, tasks, ties)
    taus = np.linspace(-0.5, 2, 11)
    scores.append({
        "x": x.tolist(), "y": y.tolist(),
        "iqm": metrics.aggregate_iqm(x), "mean": metrics.aggregate_mean(x), "median": metrics.aggregate_median(x),
        "optimalityGap": metrics.aggregate_optimality_gap(x), "optimalityGapHalf": metrics.aggregate_optimality_gap(x, 0.5),
        "improvement": metrics.probability_of_improvement(x, y),
        "thresholds": taus.tolist(), "profile": library.score_distributions(x, taus).tolist(),
    })
save("scores.json", scores)

# --- intervals ----------------------------------------------------------------------------------------------------

REPEATS, RESAMPLES = 6, 2000


def ends(interval_of):
    """Mean over repetitions of [low, high], and the standard error of one such interval of 50,000 resamples."""
    found = np.array([interval_of(i) for i in range(REPEATS)])
    return {"ends": found.mean(0).tolist(), "error": (found.std(0, ddof=1) * np.sqrt(RESAMPLES / 50_000)).tolist()}


def rliable_interval(data, func, seed):
    np.random.seed(seed)  # rliable draws from NumPy's global generator
    _, interval = library.get_interval_estimates({"x": data}, lambda *s: np.array([func(*s)]), reps=RESAMPLES)
    return interval["x"][:, 0]


def scipy_interval(data, func, seed, paired=False):
    result = stats.bootstrap(data, func, n_resamples=RESAMPLES, method="percentile", vectorized=False, paired=paired, rng=seed)
    return list(result.confidence_interval)


x, y = matrix(10, 3), matrix(12, 3)
a, b = rng.gamma(3, 100, 11), rng.gamma(5, 100, 9)
level = rng.normal(size=15)
outcome = 0.6 * level + rng.normal(size=15)
iqm = lambda v: stats.trim_mean(v, 0.25)
save("intervals.json", {
    "x": x.tolist(), "y": y.tolist(), "a": a.tolist(), "b": b.tolist(), "pairs": np.stack([level, outcome], 1).tolist(),
    "iqm": ends(lambda i: rliable_interval(x, metrics.aggregate_iqm, i)),
    "median": ends(lambda i: rliable_interval(x, metrics.aggregate_median, i)),
    "optimalityGap": ends(lambda i: rliable_interval(x, metrics.aggregate_optimality_gap, i)),
    "improvement": ends(lambda i: rliable_interval((x, y), metrics.probability_of_improvement, i)),
    "iqmOfOne": ends(lambda i: scipy_interval((a,), iqm, i)),
    "difference": ends(lambda i: scipy_interval((a, b), lambda p, q: iqm(p) - iqm(q), i)),
    "ratioOfMedians": ends(lambda i: scipy_interval((a, b), lambda p, q: np.median(p) / np.median(q), i)),
    "spearman": ends(lambda i: scipy_interval((level, outcome), lambda p, q: stats.spearmanr(p, q).statistic, i, paired=True)),
})

# --- tests --------------------------------------------------------------------------------------------------------


def share_above(p, q):
    return np.mean(np.sign(np.subtract.outer(p, q)) / 2 + 0.5)


def jonckheere(*groups):
    pairs = [(i, j) for j in range(len(groups)) for i in range(j)]
    sizes = [len(groups[i]) * len(groups[j]) for i, j in pairs]
    return np.average([share_above(groups[j], groups[i]) for i, j in pairs], weights=sizes)


def permuted(samples, statistic, kind="independent"):
    run = lambda alternative: stats.permutation_test(
        samples, statistic, permutation_type=kind, alternative=alternative, vectorized=False, n_resamples=np.inf)
    both = run("two-sided")
    return {"statistic": float(both.statistic), "twoSided": float(both.pvalue), "greater": float(run("greater").pvalue), "less": float(run("less").pvalue)}


independent = []
for n, m, ties in [(3, 4, False), (5, 5, True), (5, 5, False), (6, 4, True)]:
    p, q = matrix(n, 1, ties)[:, 0], matrix(m, 1, ties)[:, 0] + 0.25
    independent.append({
        "x": p.tolist(), "y": q.tolist(),
        "mannWhitney": permuted((p, q), share_above),
        "meanDifference": permuted((p, q), lambda u, v: np.mean(u) - np.mean(v)),
        "exactU": None if ties else float(stats.mannwhitneyu(p, q, method="exact").pvalue),
    })
flips = []
for n, ties in [(3, False), (5, False), (8, True), (10, False)]:
    d = matrix(n, 1, ties)[:, 0] - 0.5
    flips.append({"difference": d.tolist(), "mean": permuted((d,), np.mean, "samples")})
trends = []
for sizes, ties in [((2, 3, 2), False), ((3, 3, 3), True), ((2, 2, 2, 2), True)]:
    groups = [matrix(n, 1, ties)[:, 0] + 0.3 * i for i, n in enumerate(sizes)]
    trends.append({"groups": [g.tolist() for g in groups], "trend": permuted(tuple(groups), jonckheere)})
spearmans = []
for n, ties in [(6, False), (12, True), (30, True)]:
    p, q = matrix(n, 1, ties)[:, 0], matrix(n, 1, ties)[:, 0]
    spearmans.append({"pairs": np.stack([p, q], 1).tolist(), "ranks": stats.rankdata(p).tolist(), "spearman": float(stats.spearmanr(p, q).statistic)})
corrections = []
for k in [1, 4, 9]:
    p = np.round(rng.uniform(0, 0.2, k), 3)
    corrections.append({"pValues": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist()})
# P(U <= u): for samples without ties whose U is u, the exact one-sided p value.
nulls = []
for n, m in [(3, 3), (5, 5), (4, 7), (8, 8)]:
    below = []
    for u in range(n * m + 1):
        above = [min(m, max(0, u - i * m)) for i in range(n)]  # how many of y each x is above: they sum to u
        sample_x, sample_y = [count + i * 0.01 - 0.5 for i, count in enumerate(above)], list(range(m))
        result = stats.mannwhitneyu(sample_x, sample_y, alternative="less", method="exact")
        assert result.statistic == u
        below.append(float(result.pvalue))
    nulls.append({"n": n, "m": m, "below": below})
save("tests.json", {"independent": independent, "flips": flips, "trends": trends, "spearmans": spearmans, "corrections": corrections, "nulls": nulls})

# --- survival -----------------------------------------------------------------------------------------------------


def lifetimes(n, scale, grid):
    times = np.ceil(rng.exponential(scale, n) / grid) * grid
    budget = rng.choice([4000, 6000, 10_000], n)
    return np.minimum(times, budget), times <= budget


survivals = []
for n, m, scale in [(5, 5, 3000), (8, 6, 6000), (13, 10, 2000), (6, 6, 30_000), (20, 15, 5000)]:
    (t1, e1), (t2, e2) = lifetimes(n, scale, 500), lifetimes(m, 1.6 * scale, 500)
    fit = KaplanMeierFitter().fit(t1, e1)
    steps = np.unique(t1[e1])
    # Its own median takes 0.5000000000000001, which is a half, for more than a half.
    median = float(qth_survival_time(0.5 + 1e-12, fit.survival_function_))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log_rank = logrank_test(t1, t2, e1, e2).test_statistic
    survivals.append({
        "first": [{"steps": float(t), "reached": bool(e)} for t, e in zip(t1, e1)],
        "second": [{"steps": float(t), "reached": bool(e)} for t, e in zip(t2, e2)],
        "steps": steps.tolist(), "share": fit.predict(steps).tolist() if len(steps) else [],
        "median": None if np.isinf(median) else median,
        "restricted": {h: float(restricted_mean_survival_time(fit, t=h)) for h in (3000, 7000, 12_000)},
        "logRank": None if np.isnan(log_rank) else float(log_rank),
    })
for s in survivals:
    if len(s["steps"]) == 1:
        s["share"] = np.atleast_1d(s["share"]).tolist()
save("survival.json", survivals)

# --- curves -------------------------------------------------------------------------------------------------------

curves = []
for n in [2, 9, 40]:
    steps = np.sort(rng.choice(np.arange(100, 50_000), n, replace=False))
    returns = rng.normal(1000, 600, n)
    spans = []
    for start, end in [(0, 60_000), (1000, 20_000), (float(steps[0]), float(steps[-1]))]:
        grid = np.unique(np.concatenate([[start], steps[(steps > start) & (steps < end)], [end]]))
        area = integrate.trapezoid(np.interp(grid, steps, returns), grid) / (end - start)
        spans.append({"from": start, "until": end, "area": float(area)})
    shares = [0, 0.025, 0.3, 0.5, 0.975, 1]
    curves.append({"envSteps": steps.tolist(), "meanReturn": returns.tolist(), "spans": spans,
                   "shares": shares, "quantiles": np.quantile(returns, shares).tolist()})
save("curves.json", curves)
