# Compares folders with Python's filecmp: a JSON question a line in, the answer a line out.
import contextlib, filecmp, io, json, sys

def answer(q):
    d = filecmp.dircmp(q["left"], q["right"], q["ignore"])
    full, top = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(full): d.report_full_closure()
    with contextlib.redirect_stdout(top): d.report()
    filecmp.clear_cache()
    common = [n for n in d.common_files]
    same, different, errors = filecmp.cmpfiles(q["left"], q["right"], common, shallow=False)
    return {"full": full.getvalue(), "top": top.getvalue(), "same": same, "different": different}

for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
