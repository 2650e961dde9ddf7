"""Writes the ONNX standard's own operator tests, which the `onnx` package generates, as files: a model, its inputs, its outputs."""

import json
import shutil
import sys
import warnings
from pathlib import Path

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases


def tensor(value, name):
    if isinstance(value, onnx.TensorProto):
        return value
    return numpy_helper.from_array(numpy.asarray(value), name)


def write(folder, case):
    folder.mkdir(parents=True)
    onnx.save(case.model, folder / "model.onnx")
    for set_index, (inputs, outputs) in enumerate(case.data_sets):
        place = folder / f"test_data_set_{set_index}"
        place.mkdir()
        for kind, values in (("input", inputs), ("output", outputs)):
            for i, value in enumerate(values):
                (place / f"{kind}_{i}.pb").write_bytes(tensor(value, f"{kind}_{i}").SerializeToString())


def main(target):
    warnings.filterwarnings("ignore")
    shutil.rmtree(target, ignore_errors=True)
    written, skipped = 0, 0
    for case in collect_testcases():
        try:
            write(target / case.name, case)
            written += 1
        except Exception:  # values that are no tensors: sequences, optionals, strings
            shutil.rmtree(target / case.name, ignore_errors=True)
            skipped += 1
    print(json.dumps({"version": onnx.__version__, "written": written, "skipped": skipped}))


main(Path(sys.argv[1]))
