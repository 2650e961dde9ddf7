"""CodeBLEU and chrF of pairs of programs by the packages codebleu and sacrebleu. Reads {"pairs": [[reference, prediction], ...]}, prints JSON."""

import json
import sys

from codebleu import calc_codebleu
from sacrebleu.metrics import CHRF

pairs = json.load(sys.stdin)["pairs"]
references = [reference for reference, _ in pairs]
predictions = [prediction for _, prediction in pairs]


def code_bleu(references, predictions):
    found = calc_codebleu(references, predictions, lang="python")
    names = {
        "codebleu": "codebleu",
        "bleu": "ngram_match_score",
        "weightedMatch": "weighted_ngram_match_score",
        "astMatch": "syntax_match_score",
        "dataFlowMatch": "dataflow_match_score",
    }
    return {ours: found[theirs] for ours, theirs in names.items()}


print(
    json.dumps(
        {
            "corpus": code_bleu(references, predictions),
            "single": [code_bleu([reference], [prediction]) for reference, prediction in pairs],
            "chrf": CHRF().corpus_score(predictions, [references]).score,
            "chrfWords": CHRF(word_order=2).corpus_score(predictions, [references]).score,
        }
    )
)
