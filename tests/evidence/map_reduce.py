"""Evidence of a folder of images as a Dask bag: a map over partitions, a reduction by addition.

    python tests/evidence/map_reduce.py polyhead MERGED HEAD IMAGES OUT --partitions 4 [--compare WHOLE.evidence]

Needs `pip install "dask[bag]" numpy`. IMAGES holds a folder a label. Dask runs the same bag on one machine or, with a
`distributed` client, on many that share the folder; OUT is a folder there for the parts and the sum, `sum.evidence`.
"""
import argparse
import csv
import os
import subprocess
import tempfile

import dask.bag
import numpy as np

import evidence


def main():
    parser = argparse.ArgumentParser()
    for name in ("polyhead", "merged", "head", "images", "out"):
        parser.add_argument(name)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--compare")
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    root = os.path.abspath(a.images)
    labels = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    images = [(os.path.join(folder, file), label) for label in labels
                for folder, _, files in sorted(os.walk(os.path.join(root, label))) for file in sorted(files)]
    bag = dask.bag.from_sequence(images, npartitions=a.partitions)

    def summed(partition):
        rows = list(partition)
        with tempfile.TemporaryDirectory() as folder:
            table = os.path.join(folder, "images.csv")
            with open(table, "w", newline="") as file:
                csv.writer(file).writerows([("path", "label"), *rows])
            return [run("--head", a.head, "--images", table, model=[a.merged])]

    def run(*arguments, model=()):
        handle, output = tempfile.mkstemp(suffix=".evidence", dir=a.out)
        os.close(handle)
        subprocess.run([a.polyhead, "evidence", *model, *arguments, "-o", output, "--force"], check=True,
                       stdout=subprocess.DEVNULL)
        return output

    def add(one, other):
        both = run("add", one, other)
        os.remove(one)
        os.remove(other)
        return both

    # Two threads: each waits for a process that uses every core by itself.
    total = bag.map_partitions(summed).fold(add).compute(scheduler="threads", num_workers=2)
    result = os.path.join(a.out, "sum.evidence")
    os.replace(total, result)
    print(result)
    if a.compare:
        (header, parts), (expected_header, expected) = evidence.read(result), evidence.read(a.compare)
        assert header == expected_header
        for name, one, other in zip(("counts", "sums", "scatter"), parts[0], expected[0]):
            apart = np.abs(one - other).max() / max(np.abs(other).max(), 1)
            print(f"{name}: largest difference {apart:.1e} of the largest number")
            assert apart < (1e-12 if header["storage"] == "f64" or name != "scatter" else 1e-6)


if __name__ == "__main__":
    main()
