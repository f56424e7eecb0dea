"""Makes the reference images and what Pillow and TensorFlow's formula make of them.

Needs numpy and Pillow; with OpenCV installed the TensorFlow formula is checked against cv2.INTER_LINEAR as well.
    python tests/reference/make.py
"""

import json
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
TARGETS = [(16, 16), (12, 9)]  # width, height


def images():
    rng = np.random.Generator(np.random.PCG64(7))
    noise = lambda w, h: rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
    y, x = np.mgrid[0:48, 0:64]
    gradient = np.stack([x * 4, y * 5, 255 - (x + y) * 2], axis=-1).astype(np.uint8)
    y, x = np.mgrid[0:47, 0:61]
    edges = np.stack([(x // 5 + y // 7) % 2, x > y, (x - 30) ** 2 + (y - 23) ** 2 < 200], axis=-1)
    return {
        "noise": noise(61, 47),
        "gradient": gradient,
        "edges": (edges * 255).astype(np.uint8),
        "small": noise(7, 5),
        "dot": noise(1, 1),
        "wide": noise(301, 2),
        "tall": noise(3, 290),
    }


def covering(w, h, width, height, short):
    """The size before the crop: torchvision's Resize(short), or what just covers the target."""
    if short is not None:
        return (short, short * h // w) if w <= h else (short * w // h, short)
    if width * h >= height * w:
        return width, -(-width * h // w)
    return -(-height * w // h), height


def pillow(image, width, height, fit, short, filter):
    image = Image.fromarray(image)
    h, w = image.shape[:2]
    if fit == "squash":
        return np.asarray(image.resize((width, height), FILTERS[filter]))
    if fit == "centre-crop":
        cw, ch = covering(w, h, width, height, short)
        left, top = (cw - width) // 2, (ch - height) // 2
        whole = image.resize((cw, ch), FILTERS[filter])
        return np.asarray(whole.crop((left, top, left + width, top + height)))
    scale = min(width / w, height / h)
    iw, ih = max(1, int(w * scale + 0.5)), max(1, int(h * scale + 0.5))
    out = Image.new("RGB", (width, height))
    out.paste(image.resize((iw, ih), FILTERS[filter]), ((width - iw) // 2, (height - ih) // 2))
    return np.asarray(out)


def tensorflow(image, width, height, filter):
    """tf.image.resize(antialias=False): half-pixel centres, ResizeBilinear and ResizeNearestNeighbor of TensorFlow 2.

    Bilinear: in = (i + 0.5)·scale − 0.5, lower = max(⌊in⌋, 0), upper = min(⌈in⌉, n − 1), weight = in − ⌊in⌋.
    """
    h, w = image.shape[:2]
    if filter == "nearest":
        at = lambda n, count: np.minimum((2 * np.arange(count) + 1) * n // (2 * count), n - 1)
        return image[at(h, height)][:, at(w, width)].astype(np.float32)

    def axis(n, count):
        position = (np.arange(count) + 0.5) * (n / count) - 0.5
        floor = np.floor(position)
        lower = np.maximum(floor, 0).astype(int)
        upper = np.minimum(np.ceil(position), n - 1).astype(int)
        return lower, upper, position - floor

    x0, x1, dx = axis(w, width)
    y0, y1, dy = axis(h, height)
    v = image.astype(np.float64)
    lines = v[:, x0] + (v[:, x1] - v[:, x0]) * dx[None, :, None]
    out = (lines[y0] + (lines[y1] - lines[y0]) * dy[:, None, None]).astype(np.float32)
    try:
        import cv2
    except ImportError:
        return out
    other = cv2.resize(image.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    assert np.abs(out - other).max() < 2e-3, (image.shape, width, height, np.abs(out - other).max())
    return out


def main():
    cases, pixels, levels, floats = [], bytearray(), bytearray(), bytearray()
    for name, image in images().items():
        height, width = image.shape[:2]
        source = {"name": name, "width": width, "height": height, "offset": len(pixels)}
        pixels += image.tobytes()
        for w, h in TARGETS:
            for fit, short in [("squash", None), ("centre-crop", None), ("centre-crop", 20), ("letterbox", None)]:
                for filter in FILTERS:
                    wanted = {"width": w, "height": h, "fit": fit, "filter": filter}
                    if short:
                        wanted["resize-to"] = short
                    cases.append({"image": source, "preprocessing": wanted, "offset": len(levels)})
                    levels += pillow(image, w, h, fit, short, filter).tobytes()
            for filter in ["nearest", "bilinear"]:
                wanted = {"width": w, "height": h, "filter": filter, "antialias": False}
                cases.append({"image": source, "preprocessing": wanted, "offset": len(floats)})
                floats += tensorflow(image, w, h, filter).tobytes()
    (HERE / "images.bin").write_bytes(pixels)
    (HERE / "pillow.bin").write_bytes(levels)
    (HERE / "tensorflow.bin").write_bytes(floats)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
