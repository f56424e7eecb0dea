"""Makes demo.json, what onnxruntime answers to the sample pictures with the two demo models, and unresized.png with
unresized.json, the same of a sample that has the models' own size already.

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

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODELS = ["trash", "clothes"]


SIZE = (224, 224)


def answer(sessions, labels, picture):
    small = picture.resize(SIZE, Image.Resampling.BILINEAR)
    tensor = ((np.asarray(small, np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None]
    logits = [session.run(None, {session.get_inputs()[0].name: tensor})[0][0] for session in sessions]
    logits = np.concatenate(logits).astype(np.float64)
    exp = np.exp(logits - logits.max())
    return dict(zip(labels, (exp / exp.sum()).round(6).tolist(), strict=True))


def write(name, golden):
    lines = ",\n".join("  " + json.dumps(entry) for entry in golden)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


def main():
    sessions = [onnxruntime.InferenceSession(ROOT / "models" / f"{model}.onnx") for model in MODELS]
    labels = [label for model in MODELS for label in (ROOT / "models" / f"{model}.labels.txt").read_text().split()]
    samples = ROOT / "www/samples"
    golden = []
    for sample in json.loads((samples / "samples.json").read_text()):
        picture = Image.open(samples / sample["file"]).convert("RGB")
        golden.append({"file": sample["file"], "probabilities": answer(sessions, labels, picture)})
    write("demo.json", golden)

    picture = Image.open(samples / "newspaper.png").convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    picture.save(HERE / "unresized.png", optimize=True)
    write("unresized.json", [{"file": "unresized.png", "probabilities": answer(sessions, labels, picture)}])


if __name__ == "__main__":
    main()
