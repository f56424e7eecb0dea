"""Evidence files in numpy: read and written after the description in src/evidence/format.rs alone."""
import hashlib
import json
import struct

import numpy as np

MAGIC = b"polyhead evidence\n"


def read(path):
    """The header and, for each part, counts [C], sums [C, W] and the within-class scatter [W, W]."""
    data = open(path, "rb").read()
    assert data.startswith(MAGIC) and hashlib.sha256(data[:-32]).digest() == data[-32:]
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    at = len(MAGIC) + 4
    header = json.loads(data[at:at + length])
    at += length
    columns = sum(len(head["labels"]) for head in header["heads"])
    width = sum(section["width"] for section in header["layout"]) + columns
    upper = np.triu_indices(width)
    parts = []
    for counts in header["counts"]:
        sums = np.frombuffer(data, "<f8", columns * width, at).reshape(columns, width)
        at += sums.nbytes
        stored = np.frombuffer(data, {"f64": "<f8", "f32": "<f4"}[header["storage"]], len(upper[0]), at)
        at += stored.nbytes
        matrix = np.zeros((width, width))
        matrix[upper] = stored
        matrix.T[upper] = stored
        counts = np.array(counts)
        if header["storage"] == "f64":
            matrix = scatter(counts, sums, matrix)
        parts.append((counts, sums, matrix))
    assert at == len(data) - 32
    return header, parts


def scatter(counts, sums, moment):
    """The within-class scatter of the raw second moment."""
    own = counts > 0
    return moment - (sums[own].T / counts[own]) @ sums[own]


def write(path, header, counts, sums, moment):
    """One part."""
    triangle = moment if header["storage"] == "f64" else scatter(counts, sums, moment)
    dtype = {"f64": "<f8", "f32": "<f4"}[header["storage"]]
    text = json.dumps({**header, "counts": [counts.tolist()]}).encode()
    data = MAGIC + struct.pack("<I", len(text)) + text
    data += sums.astype("<f8").tobytes() + triangle[np.triu_indices(len(triangle))].astype(dtype).tobytes()
    open(path, "wb").write(data + hashlib.sha256(data).digest())
