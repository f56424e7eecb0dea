"""Makes the images of this folder: one photo-like sample in every kind that people have.

    pip install pillow==13.0.0
    python tests/images/make.py

`images.json` says of each file which one holds the same image for who cannot decode it, and how near the two may be
expected. Everything is made from www/samples/cardboard-box.png, which no turn or mirror leaves as it is.
"""

import io
import json
import pathlib
import struct
import zlib

from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).parent
SAMPLE = FOLDER / "../../www/samples/cardboard-box.png"

sample = Image.open(SAMPLE).convert("RGB").resize((200, 200), Image.Resampling.LANCZOS).crop((0, 30, 200, 180))
# What a viewer does to the stored pixels, undone: stored = inverse(upright).
STORED = {
    1: lambda image: image,
    2: ImageOps.mirror,
    3: lambda image: image.rotate(180),
    4: ImageOps.flip,
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}
made = []


def save(name, image, **options):
    image.save(FOLDER / name, **options)
    made.append({"file": name})


def note(**facts):
    made[-1].update(facts)


def deep_png(name, image, colours):
    """16 bits a channel, which Pillow does not write in colour: every level v as 257 v, plus what 8 bits cannot hold."""
    pixels = image.convert("RGB" if colours == 2 else "L").tobytes()
    channels = 3 if colours == 2 else 1
    width, height = image.size
    row = width * channels
    rows = b"".join(
        b"\0" + b"".join(struct.pack(">H", min(65535, 257 * v + 40)) for v in pixels[y * row : (y + 1) * row])
        for y in range(height)
    )

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 16, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")]
    (FOLDER / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    made.append({"file": name})


for orientation, stored in STORED.items():
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, options in [("jpg", {"quality": 92}), ("png", {"optimize": True})]:
        image = stored(sample)
        if kind == "png":
            image = image.quantize(64)
        save(f"orientation-{orientation}.{kind}", image, exif=exif, **options)
        # A viewer shows all of them as the first.
        note(upright=f"orientation-1.{kind}")
        buffer = io.BytesIO((FOLDER / f"orientation-{orientation}.{kind}").read_bytes())
        assert ImageOps.exif_transpose(Image.open(buffer)).size == sample.size

grey = ImageOps.grayscale(sample)
save("grey.png", grey, optimize=True)
save("grey.jpg", grey, quality=92)
save("black-and-white.png", sample.convert("1"), optimize=True)
save("palette.png", sample.quantize(48), optimize=True)
clear = sample.quantize(48)
clear.info["transparency"] = clear.getpixel((0, 0))
save("palette-with-a-clear-colour.png", clear, optimize=True, transparency=clear.getpixel((0, 0)))
save("interlaced-jpeg.jpg", sample, quality=92, progressive=True)
save("cmyk.jpg", sample.convert("CMYK"), quality=92)
deep_png("16-bit.png", sample.quantize(48), 2)
deep_png("16-bit-grey.png", grey.quantize(48), 0)
alpha = sample.copy()
alpha.putalpha(Image.linear_gradient("L").resize(sample.size))
save("alpha.png", alpha.quantize(64, method=Image.Quantize.FASTOCTREE).convert("RGBA"), optimize=True)
save("grey-alpha.png", alpha.convert("LA"), optimize=True)
save("alpha.webp", alpha, quality=85)
save("lossless.webp", sample.quantize(48).convert("RGB"), lossless=True)
save("bitmap.bmp", sample.resize((80, 60)).quantize(48))
second = Image.new("RGB", sample.size, (20, 120, 60))
frames = {"save_all": True, "append_images": [second, second], "duration": 80, "loop": 0}
save("animated.gif", sample.quantize(64), **frames)
save("animated.webp", sample, quality=85, **frames)

# AVIF is for browsers alone: what libavif makes of it stands beside it.
save("modern.avif", sample, quality=85)
with Image.open(FOLDER / "modern.avif") as decoded:
    decoded.convert("RGB").save(FOLDER / "modern.avif.png", optimize=True)
note(native="modern.avif.png", browser_only=True)

(FOLDER / "images.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in made) + "\n]\n")
