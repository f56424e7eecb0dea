"""What onnxruntime answers to a merged model with each rule, held against the rule's formula in numpy.

    cargo test --test native rule::write_cases -- --ignored
    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    python tests/rules/make.py

Reads target/rules, writes onnxruntime.json beside this file. The formulas (src/rule) take the model's own `logits` and
`features` and the constants of its graph, and are computed in 64 bits.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime

FOLDER = pathlib.Path(__file__).parent
CASES = FOLDER.parents[1] / "target" / "rules"
SECTIONS = ["features", "average", "maximum", "deviation"]
WIDTHS = {"average": 8, "maximum": 8, "deviation": 8}


def log_sum_exp(x):
    largest = x.max(axis=1, keepdims=True)
    return largest + np.log(np.exp(x - largest).sum(axis=1, keepdims=True))


def softmax(x):
    return np.exp(x - log_sum_exp(x))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Rule:
    """The formulas of one file."""

    def __init__(self, model):
        self.constants = {t.name: onnx.numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer}
        metadata = {p.key: json.loads(p.value) for p in model.metadata_props if p.key.startswith("polyhead.")}
        self.record, self.heads = metadata["polyhead.rule"], metadata["polyhead.heads"]
        self.labels = metadata["polyhead.labels"]
        self.spaces = self.record.get("parameters", {}).get("spaces", {})
        read = {pool for space in self.spaces.values() for pool in space["pools"]}
        # The output begins with the pooled features, whatever the rule reads.
        self.read = [section for section in SECTIONS if section == "features" or section in read]

    def get(self, name):
        return self.constants[f"rule.{name}"]

    def scaled(self, z):
        return z * self.get("scale") + self.get("bias") if "rule.scale" in self.constants else z

    def projected(self, space, features):
        """P of the sections that a space reads, out of those that the file gives."""
        widths = {s: WIDTHS.get(s, features.shape[1]) for s in self.read}
        if "features" in widths:
            widths["features"] = features.shape[1] - sum(w for s, w in widths.items() if s != "features")
        ends = np.cumsum([widths[s] for s in self.read])
        parts = {s: features[:, end - widths[s] : end] for s, end in zip(self.read, ends)}
        x = np.concatenate([parts[s] for s in SECTIONS if s in self.spaces[space]["pools"]], axis=1)
        of = space if f"rule.{space}.mean" in self.constants else "posterior"
        x = x - self.get(f"{of}.mean")
        if self.spaces[space]["unit"]:
            x = x / np.linalg.norm(x, axis=1, keepdims=True)
        return x @ self.get(f"{of}.projection").T

    def scores(self, z, features):
        name = self.record["name"]
        s = self.scaled(z)
        if name in ("concat", "scaled"):
            return s
        q = self.projected("posterior", features) @ self.get("posterior.prototypes").T + self.get("posterior.offsets")
        if name == "retrained":
            return q
        ends = np.cumsum([len(h["labels"]) for h in self.heads])
        parts = []
        for head, end in zip(self.heads, ends):
            own = slice(end - len(head["labels"]), end)
            s_share, q_share = log_sum_exp(s[:, own]), log_sum_exp(q[:, own])
            gate = self.get("gate.heads") * s_share + self.get("gate.evidence") * q_share
            within = self.get("within.heads") * (s[:, own] - s_share) + self.get("within.evidence") * (q[:, own] - q_share)
            parts.append(gate + within)
        return np.concatenate(parts, axis=1)

    def none(self, z, features):
        if "none" in self.spaces:
            p, m = self.projected("none", features), self.get("none.prototypes")[0]
            # The offsets are minus half the squared lengths.
            d = np.sqrt(np.maximum(0, (p * p).sum(1) - 2 * (p @ m.T - (m * m).sum(1) / 2).max(1)))[:, None]
        else:
            d = -log_sum_exp(self.scaled(z))
        return sigmoid((d - self.get("none.threshold")) / self.get("none.width"))

    def answers(self, z, features):
        p = softmax(self.scores(z, features))
        logits = [(head["name"], label) for head in self.heads for label in head["labels"]]
        joint = [
            [c for c, (head, text) in enumerate(logits) if head in label["heads"] and text == label["label"]]
            for label in self.labels
        ]
        owners = [[c for c, (head, _) in enumerate(logits) if head == h["name"]] for h in self.heads]
        total = lambda groups: np.stack([p[:, group].sum(1) for group in groups], axis=1)
        answers = {"probabilities": total(joint), "head_probabilities": total(owners)}
        if "rule.none.threshold" in self.constants:
            answers["none_probability"] = self.none(z, features)
        return answers


def main():
    images = np.fromfile(CASES / "images.bin", np.float32).reshape(-1, 3, 16, 16)
    found = {}
    for path in sorted(CASES.glob("*.onnx")):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, {session.get_inputs()[0].name: images})))
        wide = {name: value.astype(np.float64) for name, value in outputs.items()}
        expected = Rule(model).answers(wide["logits"], wide.get("features"))
        assert {"probabilities", "head_probabilities"} <= expected.keys() <= outputs.keys()
        assert ("none_probability" in outputs) == ("none_probability" in expected)
        apart = max(np.abs(outputs[name] - value).max() for name, value in expected.items())
        assert apart <= 1e-5, (path.stem, apart)
        print(f"{path.stem}: within {apart:.1e} of the formula")
        kept = [name for name in names if not name.startswith("features.") and name != "logits"]
        found[path.stem] = {name: [[float(f"{v:.9g}") for v in row] for row in outputs[name]] for name in kept}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(answers)}" for name, answers in found.items())
    (FOLDER / "onnxruntime.json").write_text("{\n" + lines + "\n}\n")


main()
