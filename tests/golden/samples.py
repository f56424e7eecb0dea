"""Makes the sample images of the page: five drawn here, three from Fluent Emoji laid on a plain ground.

Needs numpy, Pillow and the unpacked npm package @lobehub/fluent-emoji-3d 1.1.0:
    npm pack @lobehub/fluent-emoji-3d@1.1.0 && tar xzf lobehub-fluent-emoji-3d-1.1.0.tgz
    python tests/golden/samples.py package/assets
"""

import json
import pathlib
import sys

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

OUT = pathlib.Path(__file__).parents[2] / "www" / "samples"
SIZE = 400
N = 3 * SIZE  # drawn at three times the size, then reduced
Y, X = np.mgrid[0:N, 0:N].astype(float)
WHITE, STONE, WOOD = (250, 250, 250), (214, 205, 190), (170, 140, 110)

EMOJI = {  # titles, code, ground, share of the side, degrees
    "cardboard-box.png": (("Cardboard box", "Karton"), "1f4e6", (150, 170, 200), 0.95, 0),
    "newspaper.png": (("Newspaper", "Zeitung"), "1f4f0", WOOD, 0.9, -30),
    "plastic-bottle.png": (("Plastic bottle", "Plastikflasche"), "1f9f4", WHITE, 0.7, 0),
}


def image(values):
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def ground(colour):
    """A lit table top."""
    light = 1 - 0.36 * ((X / N - 0.4) ** 2 + (Y / N - 0.35) ** 2)
    return np.array(colour) * light[..., None]


def shadow(ground, mask, offset, blur, depth):
    soft = ImageChops.offset(mask, *offset).filter(ImageFilter.GaussianBlur(blur))
    return ground * (1 - depth * np.asarray(soft)[..., None] / 255)


def over(below, above, mask):
    mask = np.asarray(mask)[..., None] / 255
    return below * (1 - mask) + above * mask


def glow(values, centre, width):
    return np.exp(-(((values - centre) / width) ** 2))


def glass_bottle():
    """A solid of revolution: thick, dark edges, two bright reflections."""
    outline = [(90, 42), (150, 42), (151, 50), (170, 50), (171, 44), (380, 48), (470, 110), (560, 150), (1060, 152)]
    outline.append((1110, 140))
    heights, radii = zip(*outline)
    radius = np.convolve(np.interp(np.arange(N), heights, radii, 0, 0), np.ones(25) / 25, "same")
    radius[: heights[0]] = radius[heights[-1] + 1 :] = 0
    u = (X - N / 2) / np.maximum(radius, 1e-6)[:, None]
    body = (np.abs(u) <= 1) & (radius > 0)[:, None]
    inside = image(255.0 * body)
    thick = 0.35 + 0.65 * (1 - np.sqrt(np.clip(1 - u**2, 0, 1)))
    shine = 0.85 * glow(u, -0.55, 0.06) + 0.35 * glow(u, 0.6, 0.1) + 0.15 * glow(u, -0.2, 0.03)
    colour = np.array([50, 110, 50]) * (1.25 - 0.9 * thick)[..., None] + 255 * shine[..., None]
    opacity = image(255 * np.clip(0.55 + 0.45 * thick + shine, 0, 1) * body)
    return over(shadow(ground(STONE), inside, (35, 25), 30, 0.3), np.clip(colour, 0, 255), opacity)


def metal_can():
    """A ribbed tin with a paper label and its lid in view."""
    top, bottom, radius, lid = 300, 760, 215, 77
    u = (X - N / 2) / radius
    bow = lid * np.sqrt(np.clip(1 - u**2, 0, 1))
    y = Y - bow
    light = 0.58 + 0.18 * np.sin(3.2 * u + 0.5) - 0.25 * np.abs(u) ** 6
    light += 0.45 * glow(u, -0.5, 0.11) - 0.28 * glow(u, 0.12, 0.2) + 0.22 * glow(u, 0.72, 0.08)
    ribs = (y > top + 110) & (y < bottom - 110)
    light += 0.13 * ribs * np.sin((y - top) / (bottom - top) * 18 * np.pi)
    body = light[..., None] * np.array([205, 207, 210])
    label = ((y > top + 60) & (y < bottom - 60))[..., None]
    body = np.where(label, (0.35 + 0.75 * light)[..., None] * np.array([180, 30, 35]), body)
    stripe = ((np.abs(y - (top + bottom) / 2) < 45) & (np.abs(u) < 0.75))[..., None]
    body = np.where(stripe, (0.5 + 0.6 * light)[..., None] * np.array([245, 240, 225]), body)
    for seam in (top + 26, bottom - 22):
        body = body * (1 - 0.35 * glow(y, seam, 5))[..., None] + 90 * glow(y, seam - 10, 6)[..., None]
    mask = image(255.0 * ((np.abs(u) <= 1) & (Y >= top) & (Y <= bottom + bow)))
    image = over(shadow(ground(STONE), mask, (45, 15), 28, 0.4), body, mask.filter(ImageFilter.GaussianBlur(1.2)))

    ring = np.sqrt(u**2 + ((Y - top) / lid) ** 2)
    metal = 0.72 + 0.25 * np.sin(2.5 * u + 1.2) + 0.05 * np.sin(40 * ring)
    metal += 0.35 * (glow(ring, 0.96, 0.03) - 0.8 * glow(ring, 0.86, 0.03))
    return over(image, metal[..., None] * np.array([212, 214, 217]), image(255 * np.clip((1 - ring**2) * 40, 0, 1)))


def skirt():
    """A flared skirt with nine pleats."""
    colour = np.array([165, 45, 50])
    top, bottom, waist, flare, pleats = 235, 885, 190, 308, 9
    hem = [
        (N / 2 + (waist + flare) * t, bottom + 45 * (1 - t * t) + 18 * np.sin(pleats * np.pi * t))
        for t in np.linspace(1, -1, 80)
    ]
    sides = [(N / 2 - waist, top + 60), (N / 2 - waist, top), (N / 2 + waist, top), (N / 2 + waist, top + 60)]
    mask = Image.new("L", (N, N))
    ImageDraw.Draw(mask).polygon(sides + hem, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(7)).point(lambda v: 255 if v > 127 else 0)

    folds = np.zeros((N, N))
    for k in range(-pleats, pleats + 1):
        centre = N / 2 + (waist + flare / 2) * k / pleats + flare / (bottom - top) * k / pleats * (Y - N / 2)
        folds += (0.16 if k % 2 else -0.16) * glow(X, centre, 16)
    light = 1 + folds * np.clip((Y - 250) / 500, 0.1, 1)
    weave = 6 * np.sin(X * 0.9 + Y * 0.45) * np.sin(Y * 1.1 - X * 0.35)
    edge = np.asarray(mask.filter(ImageFilter.GaussianBlur(22))) / 255
    cloth = (colour * light[..., None] + weave[..., None]) * (0.6 + 0.4 * np.clip(2 * edge - 1, 0, 1))[..., None]
    image = shadow(ground(WOOD), mask, (14, 18), 22, 0.35)
    image = image(over(image, np.clip(cloth, 0, 255), mask.filter(ImageFilter.GaussianBlur(1.5))))
    draw = ImageDraw.Draw(image)
    dark = lambda f: tuple(int(c * f) for c in colour)
    draw.rectangle((N // 2 - waist, top, N // 2 + waist, top + 58), fill=dark(0.85))
    draw.line((N // 2 - waist, top + 58, N // 2 + waist, top + 58), fill=dark(0.72), width=6)
    return np.asarray(image).astype(float)


def creases(random, low, high):
    """Soft waves of `low` to `high` periods over the image."""
    waves = np.zeros((N, N))
    for _ in range(8):
        angle, periods, phase, bends = random.uniform((0, low, 0, 0.5), (np.pi, high, 2 * np.pi, 1.5))
        along, across = X * np.cos(angle) + Y * np.sin(angle), X * np.sin(angle) - Y * np.cos(angle)
        waves += np.sin(2 * np.pi / N * along * periods + phase + 1.5 * np.sin(2 * np.pi / N * across * bends))
    return waves / np.sqrt(8)


def garment(half, colour, table, depth, seed, details):
    """Cloth in the outline whose left half is given, creased, on a table."""
    outline = half + [(N - x, y) for x, y in half[::-1]]
    mask = Image.new("L", (N, N))
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(10)).point(lambda v: 255 if v > 127 else 0)
    random = np.random.default_rng(seed)
    light = 1 + depth * creases(random, 1, 5) + 0.3 * depth * creases(random, 6, 14)
    weave = 5 * np.sin(X * 0.9 + Y * 0.45) * np.sin(Y * 1.1 - X * 0.35)
    edge = np.asarray(mask.filter(ImageFilter.GaussianBlur(26))) / 255
    cloth = (np.array(colour) * light[..., None] + weave[..., None]) * (0.62 + 0.38 * np.clip(2 * edge - 1, 0, 1))[..., None]
    cloth = details(cloth, light)
    image = shadow(ground(table), mask, (14, 18), 22, 0.35)
    return over(image, np.clip(cloth, 0, 255), mask.filter(ImageFilter.GaussianBlur(1.5)))


def line(cloth, distance, where, depth):
    """A seam where `distance` is nothing."""
    return cloth * (1 - depth * glow(distance, 0, 5) * where)[..., None]


def both_sides():
    """X as the left half sees it, from either side."""
    return (N / 2 + sign * (X - N / 2) for sign in (1, -1))


def t_shirt():
    colour = np.array([170, 175, 180])
    half = [(599, 232), (540, 222), (485, 170), (340, 215), (140, 430), (275, 545), (372, 455), (360, 1050)]

    def details(cloth, _):
        neck = np.hypot((X - N / 2) / 118, (Y - 168) / 78)[..., None]
        cloth = np.where((neck >= 1) & (neck < 1.22), cloth * 0.86, cloth)
        cloth = np.where(neck < 1, 0.45 * colour, cloth)
        cloth = line(cloth, Y - 1022, (X > 350) & (X < 850), 0.25)
        for x in both_sides():
            cloth = line(cloth, x - 372, (Y > 250) & (Y < 455), 0.22)
            cloth = line(cloth, (x - 150) * 0.65 - (Y - 412) * 0.76, (x < 320) & (Y > 380), 0.22)
        return cloth

    return garment(half, colour, WOOD, 0.14, 95, details)


def shirt():
    """With long sleeves, a collar and seven buttons."""
    colour = np.array([70, 90, 125])
    half = [(590, 175), (520, 140), (470, 165), (360, 210), (250, 300), (120, 800), (225, 845), (345, 520), (350, 1060)]
    half += [(470, 1085), (600, 1080)]

    def details(cloth, light):
        collar = Image.new("L", (N, N))
        ImageDraw.Draw(collar).polygon([(600, 235), (500, 130), (470, 165), (545, 300)], fill=255)
        collar = np.asarray(collar.filter(ImageFilter.GaussianBlur(3))) / 255
        for x, part in zip(both_sides(), (collar, collar[:, ::-1])):
            part = part[..., None]
            cloth = cloth * (1 - part) + colour * 1.08 * light[..., None] * part
            cloth = cloth * (1 - 2.2 * part * (1 - part))
            cloth = line(cloth, (x - 120) * 0.39 + (Y - 745) * 0.92, (x < 300) & (Y > 650), 0.3)
            cloth = line(cloth, x - 362 + (Y - 215) * 0.04, (Y > 230) & (Y < 520), 0.25)
        cloth = line(cloth, np.abs(X - N / 2) - 26, Y > 235, 0.22)
        for k in range(7):
            button = np.hypot(X - N / 2, Y - (290 + 115 * k))
            cloth = np.where((button < 10)[..., None], 235, cloth) * (1 - 0.35 * glow(button, 11, 3))[..., None]
        square = np.maximum(np.abs(X - 730) - 70, np.abs(Y - 430) - 80)
        return np.where(((square < 0) & (square > -5))[..., None], cloth * 0.8, cloth)

    return garment(half, colour, (200, 200, 205), 0.16, 46, details)


def emoji(file, colour, share, turn):
    side = round(SIZE * share)
    image = Image.new("RGBA", (SIZE, SIZE), colour)
    drawn = Image.open(file).convert("RGBA").rotate(turn, Image.Resampling.BICUBIC, expand=True)
    drawn = drawn.resize((side, side), Image.Resampling.LANCZOS)
    image.alpha_composite(drawn, ((SIZE - side) // 2, (SIZE - side) // 2))
    return image.convert("RGB")


def main():
    assets = pathlib.Path(sys.argv[1])
    listed = []

    def add(file, title, image, origin, licence):
        image.save(OUT / file, optimize=True)
        listed.append({"file": file, "title": dict(zip(("en", "de"), title)), "origin": origin, "licence": licence})

    for file, (title, code, colour, share, turn) in EMOJI.items():
        origin = f"Fluent Emoji by Microsoft (npm package @lobehub/fluent-emoji-3d 1.1.0, {code})"
        add(file, title, emoji(assets / f"{code}.webp", colour, share, turn), origin, "MIT")
    for file, title, draw in [
        ("t-shirt.png", ("T-shirt", "T-Shirt"), t_shirt),
        ("shirt.png", ("Shirt", "Hemd"), shirt),
        ("skirt.png", ("Skirt", "Rock"), skirt),
        ("glass-bottle.png", ("Glass bottle", "Glasflasche"), glass_bottle),
        ("metal-can.png", ("Metal can", "Blechdose"), metal_can),
    ]:
        small = image(draw()).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        add(file, title, small, "drawn for Polyhead", "MIT OR Apache-2.0")
    lines = ",\n".join("  " + json.dumps(entry) for entry in listed)
    (OUT / "samples.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
