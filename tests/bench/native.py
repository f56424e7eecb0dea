"""What a person with Python would run instead: onnxruntime, Pillow and numpy. Called by native.mjs; prints JSON."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import PIL
from PIL import Image

# Width, height and how many: photographs as telephones, mails and thumbnails have them.
PHOTOGRAPHS = [(4000, 3000, 20), (1600, 1200, 20), (640, 480, 20)]


def versions():
    return {
        "python": sys.version.split()[0],
        "onnxruntime": ort.__version__,
        "pillow": PIL.__version__,
        "numpy": np.__version__,
    }


def images(folder):
    """Writes JPEG files, the same every time."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    sizes = [(width, height) for width, height, count in PHOTOGRAPHS for _ in range(count)]
    for index, (width, height) in enumerate(sizes):
        path = Path(folder, f"{index:03}.jpg")
        if not path.exists():
            photograph(index, width, height).save(path, quality=90)
    return {"images": len(sizes)}


def ready(folder, width, height, count):
    """Writes images at a model's size that take no time to decode."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        photograph(index, width, height).save(Path(folder, f"{index:03}.png"), compress_level=0)
    return {"images": count}


def photograph(seed, width, height):
    """Soft shapes, with the grain that makes photographs large."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize((width, height), Image.BICUBIC)
    grain = random.integers(-12, 13, (height, width, 1), dtype=np.int16)
    return Image.fromarray(np.clip(np.asarray(shapes, dtype=np.int16) + grain, 0, 255).astype(np.uint8))


def session(model, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def tensor(path, preprocessing):
    size = (preprocessing["width"], preprocessing["height"])
    pixels = np.asarray(Image.open(path).convert("RGB").resize(size, Image.BILINEAR), dtype=np.float32)
    low, high = preprocessing["range"]
    values = (pixels / 255 * (high - low) + low - np.float32(preprocessing["mean"])) / np.float32(preprocessing["std"])
    if preprocessing["layout"] == "nchw":
        values = values.transpose(2, 0, 1)
    return np.ascontiguousarray(values[None], dtype=np.float32)


def inference(model, preprocessing, seconds):
    """Milliseconds of single inferences on one thread."""
    runner = session(model, 1)
    name = runner.get_inputs()[0].name
    side = preprocessing["width"], preprocessing["height"]
    image = np.random.default_rng(0).random((1, 3, side[1], side[0]), dtype=np.float32)
    values = image if preprocessing["layout"] == "nchw" else np.ascontiguousarray(image.transpose(0, 2, 3, 1))
    for _ in range(5):
        runner.run(["probabilities"], {name: values})
    took = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        runner.run(["probabilities"], {name: values})
        took.append(1000 * (time.perf_counter() - start))
    return {"milliseconds": took}


def classify(model, preprocessing, folder, threads):
    """The top label of every image of a folder; images side by side, each on one thread, which is the fastest."""
    runner = session(model, 1)
    name = runner.get_inputs()[0].name

    def top(path):
        return int(runner.run(["probabilities"], {name: tensor(path, preprocessing)})[0].argmax())

    with ThreadPoolExecutor(threads) as pool:
        return {"top": list(pool.map(top, sorted(Path(folder).glob("*.jpg"))))}


verb, *rest = sys.argv[1:]
calls = {"versions": versions, "images": images, "ready": ready, "inference": inference, "classify": classify}
print(json.dumps(calls[verb](*map(json.loads, rest))))
