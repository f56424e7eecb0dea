"""Answers of an imagined merged model, and what scikit-learn, scipy and numpy measure on them.

    python tests/check/make.py

writes answers.json beside itself. Every number is computed here from the definitions of those libraries, not from this
crate's code.
"""

import hashlib
import json
import pathlib
import warnings

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax
from scipy.stats import entropy
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity

BINS = 15
FOLDS = 5
# The stored probabilities are 32-bit: their rows add to one only so far.
warnings.filterwarnings("ignore", category=UserWarning)


def equal_width(confidence, correct):
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.digitize(confidence, edges, right=True), 1, BINS) - 1
    return sum(
        (place == b).mean() * abs(correct[place == b].mean() - confidence[place == b].mean())
        for b in range(BINS)
        if (place == b).any()
    )


def equal_mass(confidence, correct):
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return sum(len(p) / len(order) * abs(correct[p].mean() - confidence[p].mean()) for p in parts)


def case(seed, widths, members, counts, strength):
    """widths: labels a head; members: the joint label of each logit; counts: images a joint label."""
    random = np.random.default_rng(seed)
    members = np.array(members)
    owner = np.repeat(np.arange(len(widths)), widths)
    labels = np.repeat(np.arange(len(counts)), counts)
    logits = random.normal(0, 1.5, (len(labels), len(members)))
    logits += strength * (members[None, :] == labels[:, None])
    logits = np.round(logits, 3).astype(np.float32)
    means = random.normal(0, 1, (len(counts), 6))
    features = np.round(means[labels] + random.normal(0, 0.9, (len(labels), 6)), 3).astype(np.float32)
    apart = softmax(logits.astype(np.float64), axis=1)
    joint = np.stack([apart[:, members == l].sum(1) for l in range(len(counts))], 1).astype(np.float32)
    gate = np.stack([apart[:, owner == h].sum(1) for h in range(len(widths))], 1).astype(np.float32)
    names = [f"{seed}-{i}.png" for i in range(len(labels))]
    sha = np.array([hashlib.sha256(name.encode()).hexdigest() for name in names])

    p, z = joint.astype(np.float64), logits.astype(np.float64)
    top, confidence = p.argmax(1), p.max(1)
    correct = (top == labels).astype(float)
    has = np.array([[l in members[owner == h] for h in range(len(widths))] for l in range(len(counts))])
    right_head = (has[top] & has[labels]).any(1)
    allowed = (has[labels][:, None, :] & has[None, :, :]).any(2)
    told = (np.where(allowed, p, -1).argmax(1) == labels).astype(float)

    # Every fifth image of a label, in the order of the contents, is scored by the means of the others.
    place = np.zeros(len(labels), int)
    for l in range(len(counts)):
        mine = np.flatnonzero(labels == l)
        place[mine[np.argsort(sha[mine])]] = np.arange(len(mine))
    folds = min(FOLDS, min(counts))
    cosines = np.zeros_like(p)
    for fold in range(folds):
        held = place % folds == fold
        means = np.stack([features[(labels == l) & ~held].astype(np.float64).mean(0) for l in range(len(counts))])
        centre = means.mean(0)
        cosines[held] = cosine_similarity(features[held].astype(np.float64) - centre, means - centre)
    scores = np.stack([cosines[:, members[owner == h]].max(1) for h in range(len(widths))], 1)
    choice = log_softmax(20 * scores, axis=1)
    gated = np.zeros_like(p)
    for h in range(len(widths)):
        within = softmax(z[:, owner == h], axis=1)
        for column, l in enumerate(members[owner == h]):
            gated[:, l] += np.exp(choice[:, h]) * within[:, column]

    heads = []
    for h, width in enumerate(widths):
        mine, own = z[:, owner == h], has[labels][:, h]
        within = softmax(mine, axis=1)
        uncertainty = entropy(within, axis=1) / np.log(width)
        spread = lambda v: [float(x) for x in np.quantile(v, [0.25, 0.5, 0.75])]
        heads.append({
            "own": int(own.sum()),
            "accuracy": float(accuracy_score(labels[own], members[owner == h][mine[own].argmax(1)])),
            "entropy_own": spread(uncertainty[own]),
            "entropy_foreign": spread(uncertainty[~own]),
            "largest_own": spread(within.max(1)[own]),
            "largest_foreign": spread(within.max(1)[~own]),
            "gate": float(roc_auc_score(own, gate[:, h])),
            "energy": float(roc_auc_score(own, logsumexp(mine, axis=1))),
            "max_logit": float(roc_auc_score(own, mine.max(1))),
            "negative_entropy": float(roc_auc_score(own, -uncertainty)),
            "features": float(roc_auc_score(own, choice[:, h])),
        })
    return {
        "widths": widths,
        "members": members.tolist(),
        "labels": labels.tolist(),
        "names": names,
        "sha256": sha.tolist(),
        "logits": [[round(float(v), 3) for v in row] for row in logits],
        "features": [[round(float(v), 3) for v in row] for row in features],
        "probabilities": joint.tolist(),
        "head_probabilities": gate.tolist(),
        "expected": {
            "heads": heads,
            "accuracy": float(accuracy_score(labels, top)),
            "head_choice": float(right_head.mean()),
            "within_head": float(correct[right_head].mean()),
            "with_right_head": float(told.mean()),
            "gate_estimate": float(accuracy_score(labels, gated.argmax(1))),
            "confusion": confusion_matrix(labels, top, labels=range(len(counts))).tolist(),
            "ece_equal_width": float(equal_width(confidence, correct)),
            "ece_equal_mass": float(equal_mass(confidence[np.argsort(sha)], correct[np.argsort(sha)])),
            "nll": float(log_loss(labels, p, labels=range(len(counts)))),
            "brier": float(((p - np.eye(len(counts))[labels]) ** 2).sum(1).mean()),
        },
    }


if __name__ == "__main__":
    cases = [
        case(1, [3, 2], [0, 1, 2, 3, 4], [12, 11, 10, 14, 13], 2.5),
        case(2, [2, 3, 2], [0, 1, 2, 1, 3, 4, 5], [9, 16, 5, 7, 12, 10], 1.5),
    ]
    path = pathlib.Path(__file__).with_name("answers.json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
