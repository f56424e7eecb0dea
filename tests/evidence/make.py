"""Observations and what numpy says of them: answers.json, and the files f64.evidence and f32.evidence.

Run with numpy: python tests/evidence/make.py
"""
import json
import os

import numpy as np

import evidence

HERE = os.path.dirname(os.path.abspath(__file__))
FEATURES, TAPPED, LOGITS = 16, 8, 5
random = np.random.default_rng(7)
# As an observer of tests/native/tiny.rs gives them: features, then average, maximum and deviation of one block.
features = random.gamma(1.0, 1.0, (11, FEATURES + 3 * TAPPED)).round(4).astype(np.float32)
logits = random.normal(0.0, 3.0, (11, LOGITS)).round(4).astype(np.float32)
columns = np.array([0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 3])

# The sections features and maximum, then the logits.
kept = np.r_[0:FEATURES, FEATURES + TAPPED:FEATURES + 2 * TAPPED]
rows = np.hstack([features[:, kept], logits]).astype(np.float64)
counts = np.bincount(columns, minlength=LOGITS)
sums = np.stack([rows[columns == c].sum(0) for c in range(LOGITS)])
# Two-pass, so that nothing cancels.
within = sum(((rows[columns == c] - rows[columns == c].mean(0)).T @ (rows[columns == c] - rows[columns == c].mean(0))
              for c in range(LOGITS) if counts[c]), np.zeros((rows.shape[1],) * 2))

with open(os.path.join(HERE, "answers.json"), "w") as file:
    answers = {
        "features": features.tolist(), "logits": logits.tolist(), "columns": columns.tolist(),
        "counts": counts.tolist(), "sums": sums.tolist(), "scatter": within.ravel().tolist(),
    }
    # Single-precision numbers as short as they are.
    text = {k: json.dumps(v) for k, v in answers.items()}
    for key, array in (("features", features), ("logits", logits)):
        text[key] = "[" + ", ".join("[" + ", ".join(str(v) for v in row) + "]" for row in array) + "]"
    file.write("{\n" + ",\n".join(f'"{k}": {v}' for k, v in text.items()) + "\n}\n")

layout = [{"value": "features", "pool": "features", "width": FEATURES},
          {"value": "block", "pool": "maximum", "width": TAPPED}]
heads = [{"name": "a", "labels": ["cat", "dog", "shirt"], "activation": "softmax"},
         {"name": "b", "labels": ["shirt", "shoe"], "activation": "softmax"}]
for storage in ("f64", "f32"):
    header = {"version": 1, "model": "5e" * 32, "layout": layout, "heads": heads, "storage": storage}
    evidence.write(os.path.join(HERE, f"{storage}.evidence"), header, counts, sums, rows.T @ rows)
