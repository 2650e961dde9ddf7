"""Values of special functions to 17 digits, from 60-digit arithmetic (needs mpmath 1.4):

    python3 scripts/special-values.py > src/engine/testing/special-values.json
    python3 scripts/special-values.py derivatives > src/engine/testing/shape-derivatives.json

The second are derivatives of the incomplete functions in their shapes, by differences of 60-digit values.
"""
import json
import sys
from mpmath import diff, mp, mpf, erf, erfc, erfinv, exp, log, sqrt, gamma, loggamma, digamma, polygamma, gammainc, betainc, beta, besseli, zeta, ncdf, pi, sin

mp.dps = 60
signed = [1e-300, 1e-17, 1e-8, 1e-3, 0.1, 0.3, 0.46875, 0.7, 1.0, 1.1, 1.25, 1.7, 2.0, 2.5, 3.3, 4.4, 5.9]
both = [s * x for x in signed for s in (1, -1)]
large = [7.0, 9.5, 13.0, 20.0, 26.0]
positive = [1e-300, 1e-12, 1e-3, 0.1, 0.25, 0.499, 0.6, 0.9, 0.999999, 1.0000001, 1.3, 1.46, 1.4616321, 1.5, 1.9999, 2.0001, 2.4, 2.6, 3.5, 5.0, 9.9, 10.1, 25.5, 171.3, 1e4, 1e10, 1e100]
negative = [-0.3, -0.5, -1.3, -3.7, -10.25, -50.5]
shapes = [0.05, 0.5, 1.0, 2.5, 9.0, 30.0, 120.0, 1500.0]
ratios = [0.01, 0.3, 0.8, 0.99, 1.0, 1.05, 1.5, 4.0]
pairs = [(a, a * r) for a in shapes for r in ratios]
scale = 1 / sqrt(mpf(2))
# Deep in both tails, shapes from tiny to large.
tails = [(1e-10, 1e-5), (1e-10, 0.5), (1e-6, 1.05), (0.01, 0.9), (0.3, 1.5), (0.5, 600.0), (11.9, 500.0), (12.1, 1e-9), (40.0, 0.02), (120.0, 700.0), (1500.0, 700.0), (1500.0, 2900.0), (2e4, 1.8e4), (1e6, 9.8e5), (1e6, 1.02e6), (1e6, 1e6), (1e8, 1.0002e8)]
beta_tails = [(1e-8, 2.0, 0.4), (1.0, 1e-8, 0.9), (3.0, 1e-6, 0.999), (250.0, 0.5, 0.99), (250.0, 0.5, 0.995), (11.9, 13.0, 1e-20), (500.0, 700.0, 0.1), (500.0, 700.0, 0.8), (1e4, 1e4, 0.46), (1e5, 3.0, 0.999), (1e6, 2e6, 0.33), (1e6, 2e6, 0.34), (0.02, 5e3, 0.05), (7.0, 1e6, 1e-9)]
functions = {
    "erf": (lambda x: erf(x), [(x,) for x in both]),
    "erfc": (lambda x: erfc(x), [(x,) for x in both + large]),
    "erfcx": (lambda x: exp(x * x) * erfc(x) if x < 1000 else (1 - 1 / (2 * x * x) + 3 / (4 * x**4)) / (x * sqrt(pi)), [(x,) for x in both + large + [1e3, 1e8, 1e200]]),
    "erfinv": (lambda x: erfinv(x), [(s * x,) for x in [1e-300, 1e-9, 0.01, 0.2, 0.5, 0.51, 0.75, 0.9, 0.99, 0.999999, 1 - 1e-12, 1 - 2.0**-53] for s in (1, -1)]),
    "normalCdf": (lambda x: erfc(-x * scale) / 2, [(x,) for x in both + [-v for v in large] + [7.0, -37.5]]),
    "logNormalCdf": (lambda x: log(erfc(-x * scale) / 2) if x > -1000 else -x * x / 2 - log(-x * sqrt(2 * pi)) - 1 / (x * x), [(x,) for x in both + [-v for v in large] + [7.0, -37.5, -1e4, -1e150]]),
    "normalQuantile": (lambda p: -sqrt(mpf(2)) * inverse_erfc(2 * p), [(p,) for p in [1e-300, 1e-100, 1e-20, 1e-5, 0.02, 0.2, 0.4999, 0.51, 0.8, 0.99, 1 - 1e-10]]),
    "lgamma": (lambda x: log(abs(gamma(x))) if x < 1e6 else loggamma(x).real, [(x,) for x in positive + negative]),
    "digamma": (lambda x: digamma(x), [(x,) for x in positive + negative]),
    "polygamma": (lambda n, x: polygamma(int(n), x), [(n, x) for n in (1.0, 2.0, 3.0, 7.0) for x in [1e-3, 0.2, 0.9, 1.5, 4.0, 11.0, 300.0, 1e6]] + [(1.0, -0.3), (1.0, -7.6), (2.0, -2.4)]),
    "zeta": (lambda s, a: zeta(s, a), [(s, a) for s in (1.01, 1.5, 2.0, 3.0, 10.0, 40.0) for a in (0.1, 1.0, 2.5, 30.0)]),
    "gammainc": (lambda a, x: lower(a, x), pairs + tails),
    "gammaincc": (lambda a, x: upper(a, x), pairs + tails),
    "logBeta": (lambda a, b: log(beta(a, b)), [(a, b) for a in (1e-3, 0.4, 1.5, 9.0, 11.0, 400.0, 1e6) for b in (0.02, 0.7, 3.0, 12.0, 5000.0)]),
    "betainc": (lambda a, b, x: cumulative(a, b, x), [(a, b, x) for a in (0.3, 1.0, 4.0, 20.0, 300.0) for b in (0.5, 2.0, 15.0, 250.0) for x in (1e-3, 0.2, 0.5, 0.75, 0.97)] + beta_tails),
    "besselI0": (lambda x: besseli(0, x), [(x,) for x in both + [12.0, 25.0, 29.9, 30.1, 100.0, 700.0]]),
    "besselI1": (lambda x: besseli(1, x), [(x,) for x in both + [12.0, 25.0, 29.9, 30.1, 100.0, 700.0]]),
    "besselI0e": (lambda x: besseli(0, x) * exp(-abs(x)), [(x,) for x in both + [12.0, 30.1, 700.0, 1e5]]),
    "besselI1e": (lambda x: besseli(1, x) * exp(-abs(x)), [(x,) for x in both + [12.0, 30.1, 700.0, 1e5]]),
    "logSigmoid": (lambda x: -log(1 + exp(-x)), [(x,) for x in both + [-700.0, 30.0, 700.0]]),
    "logit": (lambda p: log(p / (1 - p)), [(p,) for p in [1e-300, 1e-5, 0.1, 0.4, 0.6, 0.9, 1 - 1e-9]]),
    "sinc": (lambda x: sin(pi * x) / (pi * x), [(x,) for x in [1e-300, 1e-9, 0.01, 0.1, 0.15, 0.16, 0.3, 0.5, 0.9, 1.4, 7.7]]),
}


def inverse_erfc(q):
    x = erfinv(1 - q) if q > 1e-30 else sqrt(-log(q))
    for _ in range(60):
        step = (erfc(x) - q) / (-2 / sqrt(pi) * exp(-x * x))
        x -= step / (1 + x * step)
    return x


def series(ratio):
    """1 + r(1) + r(1)·r(2) + …, of positive terms"""
    term, total, n = mpf(1), mpf(1), 0
    while term > total * mp.eps:
        n += 1
        term *= ratio(n)
        total += term
    return total


# mpmath's own functions agree with these three, and give up where shapes are large.
# Derivatives need no constant, beside which a tail would be lost.
def lower(a, x, constant=1):
    if x > a + 1:
        return constant - upper(a, x)
    with mp.workdps(mp.dps + 30):
        return exp(a * log(x) - x - loggamma(a + 1)) * series(lambda n: x / (a + n))


def upper(a, x):
    if x < a + 1 or x < 30 + 2 * sqrt(a):
        # Cancels at most some hundred digits here.
        with mp.workdps(mp.dps + 250):
            return 1 - exp(a * log(x) - x - loggamma(a + 1)) * series(lambda n: x / (a + n))
    with mp.workdps(mp.dps + 30):
        tail = mpf(1)
        for n in range(int(40 * sqrt(a)) + 4000, 0, -1):
            tail = x + 2 * n + 1 - a - (n + 1) * (n + 1 - a) / tail
        return exp(a * log(x) - x - loggamma(a)) / (x + 1 - a - (1 - a) / tail)


def cumulative(a, b, x, constant=1):
    """By the series of positive terms, on the side where it is the smaller one."""
    def part(a, b, x):
        return exp(a * log(x) + b * log(1 - x) - loggamma(a + 1) - loggamma(b) + loggamma(a + b)) * series(lambda n: x * (a + b + n - 1) / (a + n))

    with mp.workdps(mp.dps + 40):
        return part(a, b, x) if x <= a / (a + b) else constant - part(b, a, 1 - x)


def value(f, arguments):
    v = f(*[mpf(a) for a in arguments])
    return float(v.real)


def numbers(f, points):
    rows = [[*p, value(f, p)] for p in points]
    return [r for r in rows if abs(r[-1]) < 1e308 and (r[-1] == 0 or abs(r[-1]) > 1e-300)]


def derivatives(f, points, orders):
    with mp.workdps(30):
        rows = [[*p, *[float(diff(f, tuple(mpf(v) for v in p), (*order, 0))) for order in orders]] for p in points]
        return [row for row in rows if min(map(abs, row)) > 1e-250]


if sys.argv[1:] == ["derivatives"]:
    points = [(a, x) for a in (1e-3, 0.05, 0.7, 2.5, 9.0, 400.0) for x in (a * 0.02, a * 0.6, a + 0.9, a * 1.1 + 1, a * 2.5 + 3)]
    betas = [(a, b, x) for a in (0.05, 0.8, 4.0, 60.0) for b in (0.3, 2.5, 20.0) for x in (1e-4, 0.45, 0.95)] + [(900.0, 700.0, 0.5), (900.0, 700.0, 0.6)]
    print(json.dumps({
        "gammainc": derivatives(lambda a, x: lower(a, x, 0), points, [(1,), (2,)]),
        "betainc": derivatives(lambda a, b, x: cumulative(a, b, x, 0), betas, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]),
    }))
    sys.exit()

lines = [f'  {json.dumps(name)}: {json.dumps(numbers(f, points))}' for name, (f, points) in functions.items()]
print("{\n" + ",\n".join(lines) + "\n}")
