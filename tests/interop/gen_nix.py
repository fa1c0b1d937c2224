"""Writes manifests of sops-nix to DIR/N: first.json, second.json (changed), and run, a line a run: its variables.

gen_nix.py DIR COUNT SEED; what they name is what 60-sops-install-secrets.sh made in /run/w.
"""
import hashlib
import json
import os
import random
import sys

DIR, COUNT, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
LINK = "/run/secrets"
# file, format, keys ("" is the whole file)
FILES = [
    ("one.yaml", "yaml", ["a", "b", "deep/er/x", "deep/y", "multi", "odd key", "empty", "plain_unencrypted", ""]),
    ("two.yaml", "yaml", ["a", "b", "deep/er/x", "deep/y", "multi", "odd key"]),
    ("one.json", "json", ["a", "b", "umlaut", ""]),
    ("two.json", "json", ["a", "b", "umlaut"]),
    ("one.env", "dotenv", ["A", ""]),
    ("one.ini", "ini", ["x", ""]),
    ("one.bin", "binary", ["", "whatever"]),
]
NAMES = ["a", "b", "token", "deep/er/token", "deep/other", "x.y", "sp ace", "Ü", "zz/1", "zz/2", "-dash", "q'uote"]
MODES = ["0400", "0440", "0444", "0600", "0640", "400", "700", "0500", "00440", "0000"]
FAULTS = [
    {"key": "none"}, {"key": "deep"}, {"key": "number"}, {"owner": "nobody-at-all"}, {"group": "nobody-at-all"},
    {"mode": "9"}, {"mode": None}, {"sopsFile": "/run/w/none"}, {"format": "binary"}, {"name": 7}, {"uid": "0"},
    {"restartUnits": "x"}, {"reloadUnits": [1]},
]


def placeholder(name):
    return "<SOPS:%s:PLACEHOLDER>" % hashlib.sha256(name.encode()).hexdigest()


def owners(r, item):
    which = r.random()
    if which < 0.3:
        item.update(owner=r.choice(["root", "nobody", "daemon"]), group=r.choice(["root", "nogroup", "daemon", "adm"]))
    elif which < 0.6:
        item.update(owner=None, group=None, uid=r.choice([0, 1, 1000, 4000000000]), gid=r.choice([0, 5, 1000]))
    elif which < 0.7:
        item.update(owner=None, uid=12, group="adm")
    elif which < 0.8:
        item.update(uid=None)


def units(r, item):
    for key in ("restartUnits", "reloadUnits"):
        if r.random() < 0.4:
            item[key] = [r.choice(["a.service", "b.service", "c.socket", "no-suffix"]) for _ in range(r.randint(0, 3))]
        elif r.random() < 0.2:
            item[key] = None


def path(r, below):
    which = r.random()
    if which < 0.6:
        return LINK + "/" + below
    if which < 0.9:
        return "/run/links/%s" % below.replace("/", "+") if r.random() < 0.5 else "/run/links/deep/%s" % below
    return "/run/there/%s" % r.choice(["file", "link", "empty"])


def secret(r, name):
    file, kind, keys = r.choice(FILES)
    item = {"name": name, "key": r.choice(keys), "path": path(r, name), "sopsFile": "/run/w/" + file, "format": kind,
            "mode": r.choice(MODES), "sopsFileHash": "", "neededForUsers": False}
    if kind == "yaml" and r.random() < 0.3:
        item["format"] = r.choice(["", None, "yml"])
    owners(r, item)
    units(r, item)
    if r.random() < 0.1:
        item["unknown"] = {"a": [None, 1.5e3, "x"]}
    return item


def template(r, name, names):
    text = ""
    for _ in range(r.randint(1, 6)):
        text += r.choice(["x=", "\n", "<SOPS:", "<", "é\t", "line\n", "%s", placeholder("elsewhere"), "$(x)"])
        if names and r.random() < 0.7:
            text += placeholder(r.choice(names))
    item = {"name": name, "path": path(r, "rendered/" + name), "content": text, "file": "", "mode": r.choice(MODES)}
    if r.random() < 0.2:
        item.update(content="", file="/run/w/template")
    owners(r, item)
    units(r, item)
    return item


def manifest(r):
    names = r.sample(NAMES, r.randint(1, 7))
    top = {
        "secrets": [secret(r, name) for name in names],
        "templates": [template(r, "deep/t" if i == 1 else "t%d" % i, names) for i in range(r.choice([0, 0, 1, 3]))],
        "placeholderBySecretName": {name: placeholder(name) for name in names + ["elsewhere"]},
        "secretsMountPoint": "/run/secrets.d", "symlinkPath": LINK,
        "keepGenerations": r.choice([0, 1, 1, 2]), "sshKeyPaths": r.choice([[], None, ["/run/w/none"]]),
        "gnupgHome": None, "useTmpfs": r.choice([True, False, None]), "userMode": False,
        "logging": {"keyImport": False, "secretChanges": r.random() < 0.8},
    }
    keys = r.randint(0, 2)
    top["ageKeyFile"] = None if keys == 0 else "/run/w/age-keys.txt"
    top["ageSshKeyPaths"] = [] if keys == 1 else ["/run/w/ssh-ed25519-key"]
    if not top["templates"] and r.random() < 0.5:
        del top["templates"], top["placeholderBySecretName"]
    return top


def unique_places(top):
    """Two secrets at one path: who comes last has it, in both; a link below another's path has no place at all."""
    seen = set()
    for item in top["secrets"] + (top.get("templates") or []):
        while item["path"] in seen:
            item["path"] += "_"
        seen.add(item["path"])


def change(r, top):
    """What a next version of it may be; owners and modes stay, whose change is told by one of the two alone."""
    top = json.loads(json.dumps(top))
    for item in list(top["secrets"]):
        which = r.random()
        if which < 0.2 and len(top["secrets"]) > 1:
            top["secrets"].remove(item)
        elif which < 0.6:
            item["sopsFile"] = item["sopsFile"].replace("one.yaml", "other.yaml").replace("one.json", "other.json")
    for item in top.get("templates") or []:
        if r.random() < 0.5:
            item["content"] += "more\n"
    if r.random() < 0.3:
        top["secrets"].append(secret(r, "new"))
        if "placeholderBySecretName" in top:
            top["placeholderBySecretName"]["new"] = placeholder("new")
    if r.random() < 0.2:
        r.choice(top["secrets"]).update(r.choice(FAULTS))
        top["faulty"] = True
    unique_places(top)
    return top


for number in range(COUNT):
    r = random.Random(SEED * 100000 + number)
    first = manifest(r)
    unique_places(first)
    if r.random() < 0.15:
        r.choice(first["secrets"]).update(r.choice(FAULTS))
    second = change(r, first)
    if r.random() < 0.05:
        gone = r.choice(list(first))
        for top in (first, second):
            top.pop(gone, None)
    os.makedirs("%s/%d" % (DIR, number))
    runs = [("", "first")]
    # a dry run of the real one does not look at owners
    if r.random() < 0.3 and "faulty" not in second:
        runs.append(("NIXOS_ACTION=dry-activate", "second"))
    runs.append((r.choice(["", "", "SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1", "-check-mode=sopsfile", "-ignore-passwd"]), "second"))
    if runs[-1][0] == "-ignore-passwd":
        runs = [(("-ignore-passwd" + " " + words).strip() if not words.startswith("-") else words, name) for words, name in runs]
    with open("%s/%d/run" % (DIR, number), "w") as out:
        for words, name in runs:
            out.write("%s %s/%d/%s.json\n" % (" ".join(sorted(words.split(), key=lambda w: w.startswith("-"))), DIR, number, name))
    for name, top in (("first", first), ("second", second)):
        with open("%s/%d/%s.json" % (DIR, number, name), "w") as out:
            json.dump(top, out)
