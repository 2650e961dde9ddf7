"""Scores of generated Python by the packages codebleu, sacrebleu and rank_bm25, and what Python's own parser says of it.

Reads {"pairs": [[reference, prediction], ...], "documents": [...], "queries": [...]} from a file and prints JSON. With `--plain` codebleu does not remove
comments and docstrings before it parses: it takes any string at the begin of a line for a docstring, and removes it.

codebleu 0.7.0 wants an older tree-sitter than the grammar of the npm package tree-sitter-python does; it runs with the newer one, so it is installed
without its dependencies.
"""

import ast
import json
import sys

import codebleu.dataflow_match
import codebleu.syntax_match
from codebleu import calc_codebleu
from rank_bm25 import BM25Okapi
from sacrebleu.metrics import CHRF

given = json.load(open(sys.argv[1]))
pairs = given["pairs"]
references = [reference for reference, _ in pairs]
predictions = [prediction for _, prediction in pairs]

if "--plain" in sys.argv:
    for module in [codebleu.dataflow_match, codebleu.syntax_match]:
        module.remove_comments_and_docstrings = lambda code, language: code


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


def tree(code):
    """None where it is no Python."""
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError):
        return None


def retrieved():
    index = BM25Okapi([document.split() for document in given["documents"]])
    return [list(index.get_scores(query.split())) for query in given["queries"]]


print(
    json.dumps(
        {
            "corpus": code_bleu(references, predictions),
            "single": [code_bleu([reference], [prediction]) for reference, prediction in pairs],
            "chrf": CHRF().corpus_score(predictions, [references]).score,
            "chrfWords": CHRF(word_order=2).corpus_score(predictions, [references]).score,
            "isPython": [tree(prediction) is not None for prediction in predictions],
            "isSame": [tree(reference) == tree(prediction) for reference, prediction in pairs],
            "isCode": [tree(reference) is not None for reference in references],
            "unparsed": [ast.unparse(ast.parse(code)) if tree(code) is not None else code for code in references],
            **({"bm25": retrieved()} if "documents" in given else {}),
        }
    )
)
