"""Makes demo.json: what onnxruntime answers to the sample pictures with the two demo models.

Needs numpy, Pillow and onnxruntime:
    python tests/golden/make.py
Pillow squashes a picture to 224 × 224 (bilinear), (x/255 − 0.5)/0.5 goes through both models, and one softmax runs over
their concatenated logits, trash before clothes.
"""

import json
import pathlib

import numpy as np
import onnxruntime
from PIL import Image

ROOT = pathlib.Path(__file__).parents[2]
MODELS = ["trash", "clothes"]


def main():
    sessions = [onnxruntime.InferenceSession(ROOT / "models" / f"{model}.onnx") for model in MODELS]
    labels = [label for model in MODELS for label in (ROOT / "models" / f"{model}.labels.txt").read_text().split()]
    golden = []
    for sample in json.loads((ROOT / "www/samples/samples.json").read_text()):
        picture = Image.open(ROOT / "www/samples" / sample["file"]).convert("RGB")
        small = picture.resize((224, 224), Image.Resampling.BILINEAR)
        tensor = ((np.asarray(small, np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None]
        logits = [session.run(None, {session.get_inputs()[0].name: tensor})[0][0] for session in sessions]
        logits = np.concatenate(logits).astype(np.float64)
        exp = np.exp(logits - logits.max())
        probabilities = dict(zip(labels, (exp / exp.sum()).round(6).tolist(), strict=True))
        golden.append({"file": sample["file"], "probabilities": probabilities})
    lines = ",\n".join("  " + json.dumps(entry) for entry in golden)
    (ROOT / "tests/golden/demo.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
