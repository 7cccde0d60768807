# Answers with what Ansible makes of an inventory: one JSON value a line in,
# one a line out.
import json
import os
import sys

os.environ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "1"
os.environ["ANSIBLE_LOCALHOST_WARNING"] = "0"
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "0"
os.environ["ANSIBLE_INVENTORY_ENABLED"] = "script,yaml,ini"
out, sys.stdout = sys.stdout, sys.stderr
sys.stderr = open(os.devnull, "w")

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory.ini import InventoryModule
from ansible.utils.shlex import shlex_split
from ansible.vars.manager import VariableManager

MAGIC = {
    "ansible_diff_mode", "ansible_config_file", "ansible_facts", "ansible_forks", "ansible_inventory_sources",
    "ansible_limit", "ansible_playbook_python", "ansible_run_tags", "ansible_skip_tags", "ansible_verbosity",
    "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname", "inventory_hostname_short",
    "groups", "group_names", "omit", "playbook_dir", "ansible_check_mode",
}


def inventory(path):
    loader = DataLoader()
    found = InventoryManager(loader=loader, sources=[path])
    variables = VariableManager(loader=loader, inventory=found)
    hosts, groups = {}, {}
    for host in found.get_hosts():
        own = variables.get_vars(host=host, include_hostvars=False, stage="all")
        hosts[host.name] = {k: v for k, v in own.items() if k not in MAGIC}
    for name, group in found.groups.items():
        groups[name] = [h.name for h in group.get_hosts()]
    return {"hosts": hosts, "groups": groups}


def literal(text):
    return {"value": InventoryModule._parse_value(text)}


def words(text):
    return {"words": shlex_split(text, comments=True)}


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"inventory": inventory, "literal": literal, "words": words}[question["ask"]](question["text"])
        text = json.dumps(answer, default=str)
    except Exception as e:
        text = json.dumps({"error": type(e).__name__ + ": " + str(e)})
    out.write(text + "\n")
    out.flush()
