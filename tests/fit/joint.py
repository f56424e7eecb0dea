"""What scikit-learn reaches on the same features: one joint logistic head retrained on everybody's photos.

Needs numpy and scikit-learn, and the numbers that `native/accuracy_table` writes:
    POLYHEAD_DUMP=DIR POLYHEAD_FIXTURES=… cargo test --test native accuracy_table -- --ignored --nocapture
    python tests/fit/joint.py DIR
For each pair, on the pooled features and on all numbers (standardised): LogisticRegression on `train`, C by the
likelihood of `calib`, accuracy on `test`.
"""

import pathlib
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

POOLED = 1280


def read(folder, stem, split):
    (path,) = folder.glob(f"{stem}.{split}.*.f32")
    width = int(path.name.split(".")[-2])
    rows = np.fromfile(path, "<f4").reshape(-1, width + 1)
    return rows[:, 1:].astype(np.float64), rows[:, 0].astype(int)


def joint(sets):
    (train, calib, test), best = sets, None
    for c in [1e-4, 1e-3, 1e-2, 1e-1]:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=300)).fit(*train)
        loss = log_loss(calib[1], model.predict_proba(calib[0]), labels=model.classes_)
        if best is None or loss < best[0]:
            best = (loss, c, 100 * model.score(*test))
    return best


def main():
    folder = pathlib.Path(sys.argv[1])
    for path in sorted(folder.glob("*.train.*.f32")):
        stem = path.name.split(".train.")[0]
        sets = [read(folder, stem, split) for split in ("train", "calib", "test")]
        for what, width in [("pooled features", POOLED), ("all numbers", None)]:
            loss, c, accuracy = joint([(x[:, :width], y) for x, y in sets])
            print(f"{stem}, {what}: C {c:g}, {accuracy:.1f} % of test, NLL of calib {loss:.3f}", flush=True)


if __name__ == "__main__":
    main()
