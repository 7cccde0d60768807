# Answers comparisons with Python's difflib: a JSON case a line in, its answer a line out.
import difflib, json, sys

FILTERS = {"": None, "blank-line": difflib.IS_LINE_JUNK, "blank": difflib.IS_CHARACTER_JUNK,
           "short": lambda s: len(s) < 3, "vowel": lambda c: c in "aeiou"}

def answer(c):
    a, b, n = c["a"], c["b"], c["context"]
    line_junk, char_junk = FILTERS[c["line_junk"]], FILTERS[c["char_junk"]]
    m = difflib.SequenceMatcher(line_junk, a, b, c["autojunk"])
    names = dict(fromfile=c["from"], tofile=c["to"], fromfiledate=c["from_date"], tofiledate=c["to_date"], n=n)
    delta = list(difflib.ndiff(a, b, line_junk, char_junk))
    return {
        "opcodes": m.get_opcodes(), "ratio": m.ratio(), "quick": m.quick_ratio(), "length": m.real_quick_ratio(),
        "blocks": [tuple(x) for x in m.get_matching_blocks()],
        "hunks": list(difflib.SequenceMatcher(line_junk, a, b, c["autojunk"]).get_grouped_opcodes(n)),
        "unified": "".join(difflib.unified_diff(a, b, **names)),
        "context": "".join(difflib.context_diff(a, b, **names)),
        "ndiff": delta, "first": list(difflib.restore(delta, 1)), "second": list(difflib.restore(delta, 2)),
        "close": difflib.get_close_matches(c["word"], c["words"], c["count"], c["cutoff"]),
    }

for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
