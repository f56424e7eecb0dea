"""Makes demo.json, what onnxruntime answers to the sample pictures with the two demo models, and unresized.png with
unresized.json, the same of a sample that has the models' own size already.

Needs numpy, Pillow and onnxruntime:
    python tests/golden/make.py [DEMO]
With the file that build.sh builds (target/demo/demo.onnx), also fitted.json: what onnxruntime answers with it.
Pillow squashes a picture to 224 × 224 (bilinear), (x/255 − 0.5)/0.5 goes through both models, and one softmax runs over
their concatenated logits, trash before clothes.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODELS = ["trash", "clothes"]


SIZE = (224, 224)


def tensor_of(picture):
    small = picture.resize(SIZE, Image.Resampling.BILINEAR)
    return ((np.asarray(small, np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None]


def answer(sessions, labels, picture):
    tensor = tensor_of(picture)
    logits = [session.run(None, {session.get_inputs()[0].name: tensor})[0][0] for session in sessions]
    logits = np.concatenate(logits).astype(np.float64)
    exp = np.exp(logits - logits.max())
    return dict(zip(labels, (exp / exp.sum()).round(6).tolist(), strict=True))


def fitted(demo, labels, files):
    session = onnxruntime.InferenceSession(demo)
    entries = []
    for file in files:
        picture = Image.open(ROOT / "www/samples" / file).convert("RGB")
        inputs = {session.get_inputs()[0].name: tensor_of(picture)}
        values = session.run(["probabilities"], inputs)[0][0].astype(np.float64).round(6).tolist()
        entries.append({"file": file, "probabilities": dict(zip(labels, values, strict=True))})
    return entries


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
    if len(sys.argv) > 1:
        write("fitted.json", fitted(sys.argv[1], labels, [entry["file"] for entry in golden]))

    picture = Image.open(samples / "newspaper.png").convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    picture.save(HERE / "unresized.png", optimize=True)
    write("unresized.json", [{"file": "unresized.png", "probabilities": answer(sessions, labels, picture)}])


if __name__ == "__main__":
    main()
