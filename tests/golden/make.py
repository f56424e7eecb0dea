"""Makes what onnxruntime answers to the sample images: demo.json by the demo that `./build.sh build` makes,
concat.json by the two models that it is made of; and unresized.png with unresized.json, the latter of a sample that has the
models' own size already.

Needs numpy, Pillow and onnxruntime:
    ./build.sh build && python tests/golden/make.py target/demo/demo.onnx
Pillow squashes an image to 224 × 224 (bilinear), (x/255 − 0.5)/0.5 goes into the models. For concat.json one softmax runs
over the concatenated logits of both, trash before clothes.
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


def tensor(image):
    small = image.resize(SIZE, Image.Resampling.BILINEAR)
    return ((np.asarray(small, np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None]


def rounded(labels, probabilities):
    return dict(zip(labels, probabilities.astype(np.float64).round(6).tolist(), strict=True))


def demo(session, labels, image):
    names = [output.name for output in session.get_outputs()]
    outputs = dict(zip(names, session.run(None, {session.get_inputs()[0].name: tensor(image)})))
    none = round(float(outputs["none_probability"][0, 0]), 6)
    return {"probabilities": rounded(labels, outputs["probabilities"][0]), "none": none}


def concat(sessions, labels, image):
    logits = [session.run(None, {session.get_inputs()[0].name: tensor(image)})[0][0] for session in sessions]
    logits = np.concatenate(logits).astype(np.float64)
    exp = np.exp(logits - logits.max())
    return {"probabilities": rounded(labels, exp / exp.sum())}


def write(name, golden):
    lines = ",\n".join("  " + json.dumps(entry) for entry in golden)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


def main():
    sessions = [onnxruntime.InferenceSession(ROOT / "models" / f"{model}.onnx") for model in MODELS]
    labels = [label for model in MODELS for label in (ROOT / "models" / f"{model}.labels.txt").read_text().split()]
    fitted = onnxruntime.InferenceSession(sys.argv[1])
    folder = ROOT / "www/samples"
    files = [sample["file"] for sample in json.loads((folder / "samples.json").read_text())]
    images = {file: Image.open(folder / file).convert("RGB") for file in files}
    write("demo.json", [{"file": file} | demo(fitted, labels, image) for file, image in images.items()])
    write("concat.json", [{"file": file} | concat(sessions, labels, image) for file, image in images.items()])

    image = images["newspaper.png"].resize(SIZE, Image.Resampling.LANCZOS)
    image.save(HERE / "unresized.png", optimize=True)
    write("unresized.json", [{"file": "unresized.png"} | concat(sessions, labels, image)])


if __name__ == "__main__":
    main()
