# Puts layers of settings through Invoke: a JSON line in with layers, the
# environment and what code sets, a JSON line out with what counts.
import json, os, shutil, sys, tempfile
from invoke.config import Config

for line in sys.stdin:
    case = json.loads(line)
    base = tempfile.mkdtemp()
    try:
        def write(name, data):
            path = os.path.join(base, name)
            if data is not None:
                with open(path, "w") as f:
                    json.dump(data, f)
            return path
        write("sys-invoke.json", case.get("system"))
        write("user-invoke.json", case.get("user"))
        write("invoke.json", case.get("project"))
        runtime = write("runtime.json", case.get("file"))
        for name in [n for n in os.environ if n.startswith("INVOKE_")]:
            del os.environ[name]
        os.environ.update(case.get("environment") or {})
        c = Config(
            overrides=case.get("flags") or {}, defaults={}, lazy=True,
            system_prefix=os.path.join(base, "sys-"), user_prefix=os.path.join(base, "user-"),
            project_location=base, runtime_path=runtime if case.get("file") is not None else None)
        c.load_base_conf_files()
        c.load_project()
        c.load_runtime()
        c.load_shell_env()
        for path, value in case.get("code") or []:
            at = c
            for word in path[:-1]:
                at = at[word]
            at[path[-1]] = value
        answer = {"value": json.loads(json.dumps(c._config))}
    except Exception as e:
        answer = {"error": type(e).__name__}
    shutil.rmtree(base)
    print(json.dumps(answer), flush=True)
