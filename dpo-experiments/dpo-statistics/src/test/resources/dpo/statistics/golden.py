"""Writes golden.json: numbers of scipy and statsmodels on fixed tables. Run: python golden.py > golden.json"""
import json
import numpy as np
import scipy
from scipy import stats
import statsmodels
import statsmodels.api as sm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(20261130)
out = {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__}

def ci(r):
    c = r.confidence_interval(0.95)
    return [float(c.low), float(c.high)]

out["mean"] = []
for n in (2, 3, 5, 10):
    x = rng.normal(0.4, 0.2, n)
    sem = stats.sem(x)
    low, high = stats.t.interval(0.95, n - 1, x.mean(), sem)
    out["mean"].append({"x": x.tolist(), "mean": x.mean(), "low": low, "high": high, "sd": x.std(ddof=1), "sem": sem})

out["paired"], out["welch"] = [], []
for n, m in ((2, 2), (3, 4), (5, 5), (10, 7)):
    a, b = rng.normal(0.1, 1, n), rng.normal(0, 2, m)
    w = stats.ttest_ind(a, b, equal_var=False)
    out["welch"].append({"a": a.tolist(), "b": b.tolist(), "p": w.pvalue, "df": w.df, "interval": ci(w)})
    b = rng.normal(0, 1, n) + a
    p = stats.ttest_rel(a, b)
    out["paired"].append({"a": a.tolist(), "b": b.tolist(), "p": p.pvalue, "df": float(p.df), "interval": ci(p)})

p = [0.001, 0.04, 0.03, 0.5, 0.0004, 0.012, 0.9]
out["correction"] = {"p": p, "holm": multipletests(p, method="holm")[1].tolist(),
                     "benjamini_hochberg": multipletests(p, method="fdr_bh")[1].tolist()}

out["dunnett"] = []
for sizes in ((3, 3, 3), (5, 5, 5, 5, 5), (4, 7, 5), (10, 3, 3, 3)):
    groups = [rng.normal(0.8 * (i % 2), 1, s) for i, s in enumerate(sizes)]
    r = stats.dunnett(*groups[1:], control=groups[0], rng=np.random.default_rng(1))
    c = r.confidence_interval(0.95)
    out["dunnett"].append({"baseline": groups[0].tolist(), "settings": [g.tolist() for g in groups[1:]],
                           "p": r.pvalue.tolist(), "low": c.low.tolist(), "high": c.high.tolist()})

out["wilson"] = [{"k": k, "n": n, "low": l, "high": h} for k, n in ((0, 10), (3, 10), (10, 10), (512, 1000), (1, 1))
                 for l, h in [map(float, proportion_confint(k, n, 0.05, "wilson"))]]
out["mcnemar"] = [{"b": b, "c": c, "p": float(mcnemar([[50, b], [c, 30]], exact=True).pvalue)}
                  for b, c in ((0, 0), (1, 0), (3, 9), (40, 20), (7, 7), (0, 12), (600, 500))]

values = rng.normal(0.3, 1, 40)
clusters = (np.arange(40) * 7 % 13).tolist()
fit = sm.OLS(values, np.ones(40)).fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": True}, use_t=True)
low, high = fit.conf_int(0.05)[0]
out["clustered"] = {"values": values.tolist(), "clusters": clusters, "mean": fit.params[0], "se": fit.bse[0],
                    "p": fit.pvalues[0], "low": low, "high": high}

# Two-way analysis of variance without replication: SE^2 = (MS_seed + MS_item - MS_residual)/(S N).
S, N = 5, 12
y = 1 + rng.normal(0, 1, (S, 1)) + rng.normal(0, 1, (1, N)) + rng.normal(0, 0.5, (S, N))
grid = np.indices((S, N)).reshape(2, -1)
import pandas as pd
from statsmodels.formula.api import ols
frame = pd.DataFrame({"y": y.ravel(), "s": grid[0], "i": grid[1]})
table = sm.stats.anova_lm(ols("y ~ C(s) + C(i)", frame).fit())
ms = table["mean_sq"]
out["two_way"] = {"y": y.tolist(), "mean": y.mean(),
                  "se": float(np.sqrt((ms["C(s)"] + ms["C(i)"] - ms["Residual"]) / (S * N)))}
worlds = rng.normal(0, 1, (6, 1)) + rng.normal(0, 0.7, (6, 4))
frame = pd.DataFrame({"y": worlds.ravel(), "w": np.repeat(np.arange(6), 4)})
ms = sm.stats.anova_lm(ols("y ~ C(w)", frame).fit())["mean_sq"]
m = worlds.mean(axis=1)
low, high = stats.t.interval(0.95, 5, m.mean(), stats.sem(m))
out["worlds"] = {"y": worlds.tolist(), "mean": m.mean(), "low": low, "high": high,
                 "world": float((ms["C(w)"] - ms["Residual"]) / 4), "seed": float(ms["Residual"])}
out["iqm"] = {"y": worlds.tolist(), "iqm": float(stats.trim_mean(worlds, 0.25, axis=None))}
out["detectable"] = [{"sd": 0.7, "n": n, "d": float((stats.t.ppf(.975, n - 1) + stats.t.ppf(.8, n - 1)) * 0.7 / np.sqrt(n))}
                     for n in (2, 3, 5, 10)]
print(json.dumps(out, indent=1, default=float))
