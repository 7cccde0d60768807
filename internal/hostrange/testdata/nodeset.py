# Answers with what ClusterShell makes of a range: one JSON value a line in,
# one a line out.
import json
import sys

from ClusterShell.NodeSet import NodeSet

for line in sys.stdin:
    question = json.loads(line)
    try:
        if "names" in question:
            answer = {"text": str(NodeSet.fromlist(question["names"]))}
        else:
            answer = {"names": list(NodeSet(question["text"], resolver=None))}
    except Exception as e:
        answer = {"error": str(e)}
    print(json.dumps(answer), flush=True)
