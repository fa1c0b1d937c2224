#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random dotenv and INI documents: gen_flat.py --format ini --seed 1 --count 500 DIRECTORY"""
import argparse
import os
import random

WORDS = ["a", "key", "Token", "x_unencrypted", "PATH", "p.q", "DB-URL", "é", "日本", "k9", "sops", "_x", "export A"]
TEXTS = ["", "v", "two words", "a=b", "x:y", "http://u:p@h/?q=1&r", "%d", "'", "\\", "C:\\dir", "tab\there", "日本語", "1.50", "true", "null",
	"[x]", "{}", "$HOME", "-", "a\\tb", "ENC[x]", "long " * 30, "😀", "e\u0301", "\u00a0nb", "~"]


def text(r):
	return "".join(r.choice(TEXTS) for _ in range(r.choice([1, 1, 1, 2, 3])))


def env(r):
	lines = []
	ends = r.choice(["\n", "\n", "\n", "\r\n"])
	for _ in range(r.randrange(0, 9)):
		kind = r.random()
		if kind < 0.15:
			lines.append("\n")
		elif kind < 0.35:
			lines.append("#" + r.choice(["", " ", "# ", " c ", "x=y"]) + text(r) + ends)
		else:
			blank = r.choice(["", "", "", " "])
			value = r.choice(["", " "]) + text(r)
			value = r.choice([value, '"%s"' % value, "'%s'" % value, value + "\\n" + text(r), value + " # c", value + "\\\\n"])
			lines.append(r.choice(WORDS) + str(r.randrange(99)) + blank + "=" + value + ends)
	if r.random() < 0.05:
		lines.insert(0, "\ufeffBOM=1" + ends)
	return finish(r, lines)


def finish(r, lines):
	out = "".join(lines)
	if r.random() < 0.2:
		out = out.rstrip("\r\n")
	return out


def comment(r, ends):
	mark = r.choice([";", "#", "; ", "# ", ";; ", "#;", ";# ", ";\t"])
	return r.choice(["", "", " ", "\t"]) + mark + text(r).strip() + r.choice(["", "", "  "]) + ends


def ini_value(r, ends):
	plain = text(r).strip().replace("#", "").replace(";", "").rstrip("\\")
	kind = r.random()
	if kind < 0.4:
		return plain
	if kind < 0.5:
		return '"%s"' % plain.replace('"', "")
	if kind < 0.58:
		return "'%s'" % plain.replace("'", "")
	if kind < 0.64:
		return "`%s%s`" % (plain, r.choice(["", "#x", ";y", '"', " "]))
	if kind < 0.70:
		return '"""%s%s"""' % (plain, r.choice(["", "#x", ";y", "`", " "]))
	if kind < 0.78:
		q = r.choice(['"""', "`"])
		body = ends.join(text(r).replace("`", "").replace('"""', "") for _ in range(r.randrange(2, 5)))
		return q + body + q
	if kind < 0.82:
		return plain + " \\" + ends + r.choice(["", "  "]) + "more" + r.choice(["", " \\" + ends + "yet"])
	if kind < 0.86:
		return '"%s' % plain
	if kind < 0.90:
		return ""
	return plain + r.choice([" ", ""]) + r.choice([";", "#"]) + r.choice(["", " "]) + text(r).strip().rstrip("\\")


def ini(r):
	ends = r.choice(["\n", "\n", "\n", "\r\n"])
	lines = []
	if r.random() < 0.05:
		lines.append("\ufeff")
	for section in range(r.randrange(0, 4)):
		if section > 0 or r.random() < 0.6:
			for _ in range(r.choice([0, 0, 0, 1, 2])):
				lines.append(r.choice([comment(r, ends), ends]))
			name = r.choice(["a", "b.c", "DEFAULT", "with space", " s ", "日本", "x_unencrypted", "a"])
			lines.append(r.choice(["", "", " "]) + "[" + name + "]" + r.choice(["", "", "", "  ", " ; about"]) + ends)
		seen = set()
		for _ in range(r.randrange(0, 5)):
			for _ in range(r.choice([0, 0, 0, 0, 1, 1, 2, 3])):
				lines.append(r.choice([comment(r, ends), comment(r, ends), ends]))
			key = r.choice(WORDS) + str(r.randrange(99))
			if key in seen:
				continue
			seen.add(key)
			if r.random() < 0.08:
				key = r.choice(['"%s:"', "`%s=`", '"""%s`"""', '"%s"']) % key
			if r.random() < 0.01:
				key = "-"
			delimiter = r.choice(["=", " = ", ":", ": ", "=\t", " ="])
			lines.append(r.choice(["", "", "", "  "]) + key + delimiter + ini_value(r, ends) + r.choice(["", "", " "]) + ends)
	for _ in range(r.choice([0, 0, 0, 0, 1, 2])):
		lines.append(r.choice([comment(r, ends), ends]))
	return finish(r, lines)


def main():
	p = argparse.ArgumentParser()
	p.add_argument("--format", choices=["env", "ini"], required=True)
	p.add_argument("--seed", type=int, default=1)
	p.add_argument("--count", type=int, default=100)
	p.add_argument("directory")
	a = p.parse_args()
	for i in range(a.count):
		r = random.Random("%s %d %d" % (a.format, a.seed, i))
		with open(os.path.join(a.directory, "d%05d.%s" % (i, a.format)), "wb") as f:
			f.write((env if a.format == "env" else ini)(r).encode())


main()
