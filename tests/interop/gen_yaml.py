#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random YAML documents that both libyaml and go-yaml read, the same for the same seed.

    gen_yaml.py [--seed N] [--count N] [--plain] [--several] DIRECTORY    writes 0000.yaml, 0001.yaml, ...
    gen_yaml.py [--seed N] [--count N] [--plain] [--several] -            to stdout, NUL between documents

They nest, have every type, unicode, every quoting and block style, flow
collections, comments everywhere, empty values, several documents, CRLF, a byte
order mark, no final newline, long lines. Comments differ from each other, so
that one can be followed. --plain leaves out what is known not to come back byte
for byte (bootseal-format(7)) and everything that makes two parsers differ.
--several makes files of several documents, with empty ones, anchors, directives and end marks.
"""
import argparse
import os
import random
import sys

WORDS = ("alpha beta gamma delta token key secret https://example.org/x?y=1&z=2 a.b-c_d user@host "
         "café naïve 日本語 Ωmega emoji😀here it's say\"hi\" back\\slash 100% #hash semi;colon "
         "c++ [x] {y} a,b *star &and !bang |pipe >gt `tick` @at ~ - -- = tab\there").split(" ")
PLAIN_STRINGS = ["yes", "No", "on", "off", "12:30:45", "1.2.3", "a:b", "x#y", "-dash", "?q", ":c",
                 "a - b", "http://h:80/p", "C:\\dir", "0x", "08:00", "2024-13-01", "tru",
                 "nul", "é", "日本", "😀", "foo's", "say \"x\"", "a\\nb", "100%", "x=1", "~x",
                 "2024-01-01T10:00:00", "1e", "+", "-x", ".", "..x", "ENC", "null_", "y", "n"]
NUMBERS = ["0", "1", "-1", "42", "2.50", "1e3", "-0.5", "+5", "1.0", ".5", "5.", "1E-7", "6.02e23",
           "123456789012345678", "0x1f", "0o17", "0755", "0b101", ".inf", "-.inf", ".nan", "0x1F",
           "-7", "3.14159", "1e21", "08", "1.5e300", "9007199254740993", "-0x1f"]
BOOLS = ["true", "false", "True", "FALSE", "TRUE", "False"]
NULLS = ["", "null", "~", "Null", "NULL"]
TIMES = ["2024-01-02", "2024-02-29T23:59:59Z", "2001-12-14T21:59:43.10-05:00"]


class Generator:
    def __init__(self, rng, plain):
        self.rng = rng
        self.plain = plain
        self.out = []
        self.comments = 0
        self.comment_rate = rng.choice([0, 0.05, 0.15, 0.35])
        self.blank_rate = rng.choice([0, 0.05, 0.2])
        self.flow_rate = rng.choice([0, 0.1, 0.3])
        self.step = rng.choice([1, 2, 2, 2, 3, 4, 4, 8])
        self.max_depth = rng.choice([1, 2, 3, 5])
        self.indentless = rng.random() < 0.4
        self.loose = rng.random() < 0.3     # comments at odd columns

    def chance(self, p):
        return self.rng.random() < p

    # -- pieces

    def comment(self):
        self.comments += 1
        text = "c%d" % self.comments
        if self.chance(0.3):
            text += " " + self.rng.choice(["more: text", "- dash", "# hash", "[x]", "é😀", "'q\"", "#"])
        return "#" + self.rng.choice(["", " ", " ", "# ", "\t"]) + text

    def words(self, low=1, high=5):
        return " ".join(self.rng.choice(WORDS) for _ in range(self.rng.randint(low, high)))

    def key(self, used):
        while True:
            k = self.rng.choice(["a", "b", "key", "Name", "x_unencrypted", "with space", "é", "k-1",
                                 "under_score", "UPPER"]) + self.rng.choice(["", "", "1", "2", "3"])
            k += str(len(used)) if k in used else ""
            if k not in used:
                used.add(k)
                break
        r = self.rng.random()
        if r < 0.08:
            return "'" + k + "'"
        if r < 0.16:
            return '"' + k + '"'
        return k

    def single(self, text):
        return "'" + text.replace("'", "''") + "'"

    def double(self, text):
        out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return '"' + out + '"'

    def string_plain(self, flow):
        for _ in range(20):
            s = self.rng.choice(PLAIN_STRINGS) if self.chance(0.3) else self.words()
            if self.is_plain(s, flow):
                return s
        return "plain"

    def is_plain(self, s, flow):
        if not s or s[0] in "#,[]{}&*!|>'\"%@`- ?:~.0123456789+" and s not in PLAIN_STRINGS:
            return False
        if s[0] in "?:-" and (flow or len(s) == 1 or s[1] == " "):
            return False
        if ": " in s or " #" in s or s.endswith(":") or "\t" in s:
            return False
        if flow and any(c in s for c in ",[]{}?:"):
            return False
        return True

    def scalar(self, flow):
        r = self.rng.random()
        if r < 0.30:
            return self.string_plain(flow)
        if r < 0.42:
            return self.single(self.rng.choice(PLAIN_STRINGS + NUMBERS) if self.chance(0.3) else self.words(0, 5))
        if r < 0.56:
            text = self.words(0, 5)
            if self.chance(0.3):
                text += self.rng.choice(["\n", "\nsecond", "\tx", "", " "])
            return self.double(text)
        if r < 0.74:
            return self.rng.choice(NUMBERS)
        if r < 0.82:
            return self.rng.choice(BOOLS)
        if r < 0.88:
            return self.rng.choice(NULLS if not flow else NULLS[1:])
        if r < 0.92:
            return self.rng.choice(TIMES)
        if r < 0.95:
            return "x" * self.rng.choice([80, 200, 1500]) + "y"
        if not self.plain and r < 0.97:
            return self.rng.choice(["!!str 12", "!!int \"3\"", "!local x", "!!float 3", "1_000",
                                    '"\\x41\\u00e9"', "\"it's\\/\"".replace("\\/", "")])
        return "''" if self.chance(0.5) else '""'

    # -- lines

    def line(self, indent, text):
        self.out.append(" " * indent + text)

    def between(self, indent, outer):
        """Blank lines and comments on lines of their own."""
        while self.chance(self.comment_rate):
            column = indent
            if self.loose and self.chance(0.5):
                column = self.rng.choice([0, outer, indent + 1, indent + 2, max(0, indent - 1)])
                if self.plain and self.after_block:
                    column = min(column, indent)    # else it may be text of the block
            if self.chance(self.blank_rate):
                self.out.append("")
            self.line(column, self.comment())
        if self.chance(self.blank_rate):
            self.out.append(self.rng.choice(["", "", "   "]) if not self.after_block else "")
        self.after_block = False

    after_block = False

    def tail(self, tabs=True):
        """What may stand behind a value on its line. No tab behind a dash alone."""
        blanks = [" ", "  ", "\t"] if tabs else [" ", "  "]
        if self.chance(self.comment_rate):
            return self.rng.choice(blanks) + self.comment()
        return self.rng.choice(blanks) if self.chance(0.03) else ""

    def block_scalar(self, prefix, indent, outer):
        """prefix is what stands before the "|"."""
        style = self.rng.choice("||>")
        lines = []
        for _ in range(1 if style == ">" and self.plain else self.rng.randint(1, 4)):
            lines.append(self.words(1, 6))
            if self.chance(0.2):
                lines.append("")
            if style == "|" and self.chance(0.2):
                lines.append("  " + self.words(1, 2))
        while lines and lines[-1] == "":
            lines.pop()
        lines = [l if not l.startswith("\t") else "x" + l for l in lines]
        body = indent
        digit = ""
        if self.chance(0.2) and 1 <= body - outer <= 9:
            digit = str(body - outer)
            if style == "|" and self.chance(0.5):
                lines[0] = " " + lines[0]
        chomp = self.rng.choice(["", "", "-", "+"])
        header = style + (digit + chomp if self.chance(0.5) else chomp + digit)
        if self.chance(self.comment_rate):
            header += " " + self.comment()
        self.out.append(prefix + header)
        for l in lines:
            self.out.append(" " * body + l if l else "")
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):
            self.out.append("")
        self.after_block = True

    def flow(self, depth, indent):
        kind = self.rng.choice("[{")
        items = []
        used = set()
        for _ in range(self.rng.randint(0, 3)):
            if depth < 3 and self.chance(0.2):
                value = self.flow(depth + 1, indent)
            else:
                value = self.scalar(True)
            if kind == "{":
                value = self.key(used) + ": " + value
            items.append(value)
        gap = self.rng.choice(["", "", " "])
        if items and self.chance(0.25):
            text = kind
            for i, item in enumerate(items):
                if self.chance(self.comment_rate):
                    text += " " + self.comment()
                text += "\n" + " " * (indent + 1) + item
                if i + 1 < len(items) or self.chance(0.3):
                    text += ","
                if self.chance(self.comment_rate):
                    text += " " + self.comment()
            if self.chance(self.comment_rate):
                text += "\n" + " " * (indent + 1) + self.comment()
            text += "\n" + " " * (indent + 1)
        else:
            text = kind + gap + ", ".join(items) + gap
        return text + {"[": "]", "{": "}"}[kind]

    # -- containers

    def value(self, prefix, indent, outer, depth, in_list):
        """Writes what follows prefix ("key:" or "-") whose line starts at column outer."""
        r = self.rng.random()
        nested = indent + (2 if in_list else self.step)
        if depth < self.max_depth and r < 0.25:
            if in_list and self.chance(0.7):
                self.map(indent + 2, outer, depth + 1, prefix + " ")
                return
            self.out.append(prefix + self.tail(not in_list))
            self.map(nested, indent, depth + 1, None)
        elif depth < self.max_depth and r < 0.45:
            if in_list and self.chance(0.5):
                self.list(indent + 2, outer, depth + 1, prefix + " ")
                return
            self.out.append(prefix + self.tail(not in_list))
            column = indent if self.indentless and not in_list else nested
            self.list(column, indent, depth + 1, None)
        elif r < 0.55 and depth > 0:
            self.block_scalar(prefix + " ", nested, indent)
        elif r < 0.55 + self.flow_rate:
            self.out.append(prefix + " " + self.flow(0, indent) + self.tail())
        else:
            text = self.scalar(False)
            self.out.append((prefix + " " + text if text else prefix) + self.tail(text != ""))

    def map(self, indent, outer, depth, first):
        used = set()
        for i in range(self.rng.randint(1, 4)):
            if first is None or i > 0:
                self.between(indent, outer)
            key = self.key(used)
            prefix = (" " * indent if first is None or i > 0 else first) + key + ":"
            if self.chance(0.03):
                prefix = prefix[:-1] + " :"
            self.value(prefix, indent, outer, depth, False)
        if self.chance(self.comment_rate):
            self.between(indent, outer)

    def list(self, indent, outer, depth, first):
        for i in range(self.rng.randint(1, 4)):
            if first is None or i > 0:
                self.between(indent, outer)
            prefix = (" " * indent if first is None or i > 0 else first) + "-"
            self.value(prefix, indent, outer, depth, True)
        if self.chance(self.comment_rate):
            self.between(indent, outer)

    def document(self, marker):
        if marker:
            self.out.append("---" + (" " + self.comment() if self.chance(self.comment_rate) else ""))
        self.between(0, 0)
        if self.chance(0.04):
            self.out.append("{}" if self.chance(0.5) else self.rng.choice(
                ["{a: b}", "{ a: 1, }", '{"a": [1, 2], b: \'x\'}', "{a: 1 # c\n}"]))
            self.between(0, 0)
        else:
            self.map(0, 0, 0, None)

    def anchors(self):
        """A few lines of a map that mean the same value twice: in each document anew."""
        if self.chance(0.5):
            self.out.append("anchored: &x %s" % self.rng.choice(["1", "text", "[1, two]", "{k: v}"]))
            self.between(0, 0)
            self.out.append("again: *x")
        else:
            self.out += ["base: &x", "  k: 1", "merged:", "  <<: *x", "  own: 2"]
        if self.chance(self.comment_rate):
            self.between(0, 0)

    def several(self):
        for i in range(self.rng.randint(2, 5)):
            ended = i == 0 or self.out[-1] == "..."
            directive = ended and self.chance(0.1)
            if directive:
                self.out.append(self.rng.choice(["%YAML 1.1", "%TAG !e! tag:example.org,2000:"]))
            if i > 0 and self.chance(0.2):
                self.out.append("---" + self.tail(False))
                self.between(0, 0)
            else:
                self.document(i > 0 or directive or self.chance(0.2))
                if self.out[-1][:1] not in "{}" and self.chance(0.1):
                    self.anchors()
            if self.chance(0.15):
                self.out.append("...")

    def several_text(self):
        self.several()
        return self.ended("\n".join(self.out) + "\n")

    def text(self):
        if self.chance(0.03) and not self.plain:
            self.out.append("%YAML 1.1")
            self.document(True)
        else:
            self.document(self.chance(0.15))
        while self.chance(0.1):
            if self.chance(0.3):
                self.out.append("...")
            self.document(True)
        if self.chance(0.05):
            self.out.append("...")
        return self.ended("\n".join(self.out) + "\n")

    def ended(self, text):
        """With other ends of its lines, or none at the last; with a mark before the first."""
        if self.chance(0.1):
            text = text[:-1]
        if self.chance(0.08):
            text = text.replace("\n", "\r\n")
        if self.chance(0.04):
            text = "\ufeff" + text
        return text


def documents(seed, count, plain, several):
    for i in range(count):
        generator = Generator(random.Random("%d/%d" % (seed, i)), plain)
        yield (generator.several_text() if several else generator.text()).encode("utf-8")


def main():
    args = argparse.ArgumentParser(description="random YAML documents")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--count", type=int, default=500)
    args.add_argument("--plain", action="store_true")
    args.add_argument("--several", action="store_true")
    args.add_argument("directory")
    args = args.parse_args()
    if args.directory == "-":
        sys.stdout.buffer.write(b"\0".join(documents(args.seed, args.count, args.plain, args.several)))
        return
    os.makedirs(args.directory, exist_ok=True)
    for i, text in enumerate(documents(args.seed, args.count, args.plain, args.several)):
        with open(os.path.join(args.directory, "%04d.yaml" % i), "wb") as f:
            f.write(text)


main()
