"""Answers what psutil says: one JSON question a line, {"call": ..., ...}.

With "proc" the question is about a tree of files instead of this machine.
"""
import json
import sys
import warnings

import psutil

warnings.simplefilter("ignore")  # about counters that an old kernel lacks


def plain(value):
    if hasattr(value, "_asdict"):
        return {k: plain(v) for k, v in value._asdict().items()}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, str):  # file names are bytes
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def attempt(call, *args, **options):
    try:
        return plain(call(*args, **options))
    except (psutil.Error, OSError, ValueError, KeyError, IndexError, RuntimeError, NotImplementedError):
        return None


COUNTERS = {
    "memory": psutil.virtual_memory, "swap": psutil.swap_memory, "cpu": psutil.cpu_times, "stats": psutil.cpu_stats, "boot": psutil.boot_time,
    "cpus": lambda: psutil.cpu_times(percpu=True),
    "disks": lambda: psutil.disk_io_counters(perdisk=True, nowrap=False), "disk": lambda: psutil.disk_io_counters(nowrap=False),
    "nics": lambda: psutil.net_io_counters(pernic=True, nowrap=False),
}

MACHINE = dict(
    COUNTERS, count=psutil.cpu_count, cores=lambda: psutil.cpu_count(logical=False), load=psutil.getloadavg,
    partitions=psutil.disk_partitions, all=lambda: psutil.disk_partitions(all=True), usage=lambda: psutil.disk_usage("/"),
    addresses=psutil.net_if_addrs, links=psutil.net_if_stats, temperatures=psutil.sensors_temperatures, users=psutil.users,
    connections=lambda: psutil.net_connections("all"), pids=psutil.pids,
)


def system(q):
    return {name: attempt(call) for name, call in (COUNTERS if "proc" in q else MACHINE).items()}


METHODS = """name status ppid create_time cmdline exe cwd environ terminal nice num_threads num_fds uids gids username
num_ctx_switches cpu_times cpu_num memory_info memory_full_info memory_percent io_counters open_files threads
cpu_affinity ionice memory_maps""".split()


def process(q):
    try:
        p = psutil.Process(q["pid"])
    except psutil.Error:
        return None
    answer = {m: attempt(getattr(p, m)) for m in q.get("methods", METHODS)}
    answer["children"] = [c.pid for c in p.children(recursive=True)] if "children" in q else None
    if "kind" in q:
        answer["connections"] = attempt(p.connections, q["kind"])
    if "limit" in q:
        answer["limit"] = attempt(p.rlimit, getattr(psutil, "RLIMIT_" + q["limit"]))
    return answer


for line in sys.stdin:
    q = json.loads(line)
    psutil.PROCFS_PATH = q.get("proc", "/proc")
    print(json.dumps({"system": system, "process": process}[q["call"]](q)), flush=True)
