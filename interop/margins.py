"""The largest margin of signed examples by other solvers: Goldfarb and Idnani's active sets (quadprog), and libsvm (scikit-learn).

Reads NAME.npy, signed examples z in float64, for each name given; prints what each solver finds of max min <w, z> / |w|.
"""

import json
import sys
from pathlib import Path

import numpy
import quadprog
import sklearn
from sklearn.svm import SVC


def by_quadprog(z):
    """min |w|^2 / 2 with <w, z_i> >= 1; once more at the scale where |w| is about 1, which loses the fewest digits."""
    scale = 1.0
    for _ in range(2):
        scaled = z / scale
        w, *_, multipliers, _ = quadprog.solve_qp(numpy.eye(z.shape[1]), numpy.zeros(z.shape[1]), scaled.T, numpy.ones(len(z)))
        scale *= 1 / numpy.linalg.norm(w)
    return w / numpy.linalg.norm(w), multipliers / multipliers.sum(), scale


def by_libsvm(z, scale, tolerance):
    """A hard margin through the origin: each example and its mirror image, so that the intercept vanishes."""
    half = z / scale
    labels = numpy.repeat([1, -1], len(z))
    machine = SVC(kernel="linear", C=1e10, tol=tolerance, cache_size=1000).fit(numpy.concatenate([half, -half]), labels)
    w = machine.coef_[0]
    support = sorted({int(i) % len(z) for i in machine.support_})
    return w / numpy.linalg.norm(w), support


def margin(z, w):
    return float((z @ w).min())


def main(work, tolerance, names):
    found = {}
    for name in names:
        z = numpy.load(work / f"{name}.npy")
        w, multipliers, scale = by_quadprog(z)
        v, support = by_libsvm(z, scale, tolerance)
        found[name] = {
            "quadprog": {"margin": margin(z, w), "bound": float(numpy.linalg.norm(multipliers @ z)), "weights": w.tolist(), "multipliers": multipliers.tolist()},
            "libsvm": {"margin": margin(z, v), "weights": v.tolist(), "support": support},
        }
    print(json.dumps({"found": found, "sklearn": sklearn.__version__}))


main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
