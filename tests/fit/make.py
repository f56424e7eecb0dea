"""Labelled numbers of imagined heads, and what scikit-learn, scipy and numpy fit to them.

    python tests/fit/make.py

writes answers.json beside itself. Every number is computed here from the definitions of those libraries or from the formulas
as documented, not by this crate's code.
"""

import json
import pathlib

import numpy as np
from scipy.linalg import sqrtm
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics.pairwise import cosine_similarity

WIDTHS, D = [3, 3, 3], 24
OWNERS = np.repeat(np.arange(3), WIDTHS)
C = len(OWNERS)
UNBALANCED = [12, 8, 5, 9, 14, 6, 7, 10, 4]


def images(random, means, counts):
    labels = np.repeat(np.arange(C), counts)
    spread = 1.5 + 2 * np.arange(D) / D
    features = means[labels] + spread * random.normal(0, 1, (len(labels), D))
    logits = random.normal(0, 1, (len(labels), C)) + 1.5 * (labels[:, None] == np.arange(C))
    logits *= np.array([0.5, 1.0, 3.0])[OWNERS]
    as_stored = lambda x: np.round(x, 3).astype(np.float32).astype(np.float64)
    return labels, as_stored(features), as_stored(logits)


def one_hot(labels):
    return (labels[:, None] == np.arange(C)).astype(float)


class Scaled:
    """Features centred at the middle of the label means and divided by standard deviation + a tenth of its median."""

    def __init__(self, labels, features):
        self.means = np.stack([features[labels == c].mean(0) for c in range(C)])
        self.centre = self.means.mean(0)
        deviation = features.std(0)
        self.scale = deviation + 0.1 * np.sort(deviation)[D // 2]
        self.x = self(features)
        self.freedom = len(labels) - C
        within = self.x - self((self.means[labels]))
        self.within = within.T @ within
        self.variance = np.trace(self.within) / (self.freedom * D)

    def __call__(self, features):
        return (features - self.centre) / self.scale

    def covariance(self, shrinkage):
        return (1 - shrinkage) * self.within / self.freedom + shrinkage * self.variance * np.eye(D)


def lda(labels, scaled, held_out, shrinkage):
    """Scores, and distances to the nearest mean in whitened coordinates of the span of the means."""
    counts = np.bincount(labels)
    factor = counts / (counts + 1) * (counts.max() + 1) / counts.max()
    ways = scaled(scaled.means) * factor[:, None]
    covariance = scaled.covariance(shrinkage)
    solved = np.linalg.solve(covariance, ways.T)
    scores = scaled(held_out) @ solved - 0.5 * np.sum(ways.T * solved, 0)
    white = np.linalg.inv(np.real(sqrtm(covariance)))
    left, size, _ = np.linalg.svd(white @ ways.T, full_matrices=False)
    span = left[:, size > 1e-9 * size[0]]
    projected, prototypes = scaled(held_out) @ white @ span, ways @ white @ span
    distances = np.linalg.norm(projected[:, None] - prototypes[None], axis=2).min(1)
    return scores, distances


def nll(scores, labels):
    return -log_softmax(scores, axis=1)[np.arange(len(labels)), labels].sum()


def fitted(loss, start, bounds=None):
    options = {"maxiter": 20000, "maxfun": 10**6, "ftol": 1e-15, "gtol": 1e-9}
    return minimize(loss, start, method="L-BFGS-B", bounds=bounds, options=options).x


def scales(logits, labels, scale, offset):
    def loss(p):
        a, b = p[:3], p[3:]
        return nll(a[OWNERS] * logits + b, labels) + 0.5 * scale * ((a - 1) ** 2).sum() + 0.5 * offset * (b**2).sum()

    return fitted(loss, np.r_[np.ones(3), np.zeros(C)], [(0, None)] * 3 + [(None, None)] * C)


def terms(scores):
    p = log_softmax(scores, axis=1)
    gate = np.stack([logsumexp(p[:, OWNERS == h], axis=1) for h in range(3)], 1)[:, OWNERS]
    return gate, p - gate


def pool(heads, evidence, labels, mean, strength):
    (gate, within), (evidence_gate, evidence_within) = terms(heads), terms(evidence)
    all_terms = np.stack([gate, evidence_gate, within, evidence_within])

    def loss(w):
        return nll(np.tensordot(w, all_terms, 1), labels) + 0.5 * (strength * (w - mean) ** 2).sum()

    return fitted(loss, mean, [(0, None)] * 4)


def sharpness(scores, labels):
    unit = 1 / (scores.max(1, keepdims=True) - scores).mean(1).mean()
    return unit * fitted(lambda k: nll(k * unit * scores, labels) + 0.05 * ((k - 3) ** 2).sum(), np.array([3.0]))[0]


def main():
    random = np.random.default_rng(20)
    means = random.normal(0, 1, (C, D))
    labels, features, logits = images(random, means, UNBALANCED)
    held_labels, held_features, held_logits = images(random, means, [4, 3, 2, 5, 1, 3, 4, 2, 6])
    even_labels, even_features, _ = images(random, means, [6] * C)
    scaled, even = Scaled(labels, features), Scaled(even_labels, even_features)
    answers = {"lda": [], "sklearn_lda": [], "ridge": [], "pools": []}
    for shrinkage in [0.1, 0.5, 0.9]:
        scores, distances = lda(labels, scaled, held_features, shrinkage)
        answers["lda"].append({"shrinkage": shrinkage, "scores": scores.tolist(), "distances": distances.tolist()})
        # Its covariance is divided by the number of images, ours by the degrees of freedom; with as many images of each
        # label nothing else differs.
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(even.x, even_labels)
        scores = model.decision_function(even(held_features)) * even.freedom / len(even_labels)
        answers["sklearn_lda"].append({"shrinkage": shrinkage, "probabilities": softmax(scores, axis=1).tolist()})
        alpha = shrinkage * scaled.variance * scaled.freedom / (1 - shrinkage)
        model = Ridge(alpha=alpha).fit(scaled.x, one_hot(labels))
        answers["ridge"].append({"shrinkage": shrinkage, "scores": model.predict(scaled(held_features)).tolist()})
    origin = np.stack([features[labels == c].mean(0) for c in range(C)]).mean(0)
    answers["cosine"] = cosine_similarity(held_features - origin, scaled.means - origin).tolist()
    penalty = 0.1
    model = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=100_000)
    model.fit(scaled.x / np.sqrt(D), labels)
    probabilities = model.predict_proba(scaled(held_features) / np.sqrt(D))
    answers["logistic"] = {"penalty": penalty, "probabilities": probabilities.tolist()}
    for scale, offset in [(0.5, 2.0), (5.0, 0.2)]:
        parameters = scales(held_logits, held_labels, scale, offset)
        answers.setdefault("scaled", []).append({"prior": [scale, offset], "parameters": parameters.tolist()})
    evidence, _ = lda(labels, scaled, held_features, 0.5)
    answers["sharpness"] = sharpness(evidence, held_labels)
    mean = np.array([0.3, 0.8, 0.5, 0.5])
    # The last heads say nothing of use, so that their weight stops at 0.
    for heads, strength in [(held_logits, 6.0), (held_logits, 0.5), (-held_logits, 0.5)]:
        weights = pool(heads, evidence, held_labels, mean, np.full(4, strength))
        answers["pools"].append(
            {"heads": heads.tolist(), "mean": mean.tolist(), "strength": strength, "weights": weights.tolist()}
        )
    shares = [0.01, 0.05, 0.3]
    distances = lda(labels, scaled, held_features, 0.5)[1]
    answers["none"] = [{"share": s, "threshold": float(np.quantile(distances, 1 - s))} for s in shares]

    def written(labels, features, logits=None):
        rows = {"labels": labels.tolist(), "features": features.tolist()}
        return rows if logits is None else rows | {"logits": logits.tolist()}

    answers |= {
        "owners": OWNERS.tolist(),
        "images": written(labels, features, logits),
        "held_out": written(held_labels, held_features, held_logits),
        "even": written(even_labels, even_features),
    }
    file = pathlib.Path(__file__).with_name("answers.json")
    file.write_text(json.dumps(json.loads(json.dumps(answers), parse_float=lambda v: float(f"{float(v):.10g}"))) + "\n")


main()
