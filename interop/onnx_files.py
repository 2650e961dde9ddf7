"""Judges Quire's ONNX files: the standard's checker with full shape inference, and ONNX Runtime, on inputs and expected outputs beside them."""

import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def distance(a, b):
    if a.shape != b.shape or a.dtype != b.dtype:
        return float("inf")
    a, b = a.astype(numpy.float64), b.astype(numpy.float64)
    scale = max(1.0, numpy.abs(b[numpy.isfinite(b)]).max(initial=0))
    away = numpy.where((a == b) | (numpy.isnan(a) & numpy.isnan(b)), 0, numpy.abs(a - b) / scale)
    return float(away.max(initial=0))


def train(path, steps):
    """Runs a training step again and again: what is called `next.x` becomes x."""
    values = load_file(path.with_suffix(".safetensors"))
    step = session(path)
    names = [output.name for output in step.get_outputs()]
    losses = []
    for _ in range(steps):
        results = dict(zip(names, step.run(names, values)))
        values.update({name[len("next."):]: result for name, result in results.items() if name.startswith("next.")})
        losses.append(float(results["output.loss"]))
    return losses


def main(work):
    rejected, worst, checked, run = [], 0.0, 0, 0
    for path in sorted(work.glob("*.onnx")):
        try:
            onnx.checker.check_model(str(path), full_check=True)
        except Exception as error:
            rejected.append([path.stem, str(error).strip().splitlines()[0]])
        checked += 1
        if path.stem.startswith("step"):
            continue
        tensors = load_file(path.with_suffix(".safetensors"))
        model = session(path)
        outputs = [output.name for output in model.get_outputs()]
        feeds = {value.name: tensors[f"in.{value.name}"] for value in model.get_inputs()}
        for name, result in zip(outputs, model.run(outputs, feeds)):
            away = distance(result, tensors[f"out.{name}"])
            if away > 1e-5:
                rejected.append([path.stem, f"onnxruntime's {name} is {away} away"])
            worst = max(worst, away)
        run += 1
    losses = {path.stem: train(path, 20) for path in work.glob("step*.onnx")}
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    print(json.dumps({"checked": checked, "run": run, "rejected": rejected, "worst": worst, "losses": losses, "versions": versions}))


main(Path(sys.argv[1]))
