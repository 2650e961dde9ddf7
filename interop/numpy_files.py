"""Reads what Quire wrote as safetensors and npy, and writes the same arrays back, with npz beside."""

import json
import sys
from pathlib import Path

import numpy
import safetensors
from safetensors.numpy import load_file, save_file


def main(work):
    tensors = load_file(work / "quire.safetensors")
    same = {name: bool(numpy.array_equal(array, numpy.load(work / f"{name}.npy"), equal_nan=array.dtype.kind == "f")) for name, array in tensors.items()}
    save_file(tensors, work / "python.safetensors", metadata={"writer": "python"})
    numpy.savez(work / "python.npz", **tensors)
    numpy.savez_compressed(work / "python-compressed.npz", **tensors)
    for name, array in tensors.items():
        numpy.save(work / f"python-{name}.npy", numpy.array(array, order="F"))
    print(json.dumps({"same": same, "numpy": numpy.__version__, "safetensors": safetensors.__version__}))


main(Path(sys.argv[1]))
