#!/usr/bin/env python3
"""Writes random JSON documents as people, programs and generators lay them out.

gen_json.py [--seed N] [--count N] DIRECTORY
"""
import argparse
import os
import random

KEYS = ["a", "b", "token", "db", "PASSWORD", "x_unencrypted", "sops_x", "with space", "a:b", "f\u00fcr", "",
        "ключ", "\U0001f511", "k\"q", "slash/", "back\\", "<html>", "0", "true"]
TEXTS = ["", " ", "x", "hunter2", "ENC", "ENC[", "true", "null", "123", "1.5", "yes", "~", "line\nbreak", "two\n\n",
         "tab\t", "cr\r\n", "q\"uote", "back\\slash", "http://x/y?a=1&b=<2>", "gr\u00fc\u00dfe", "ключ",
         "\U0001f600", "\u2028", "\u2029x", "\u0000", "\u0001\u001f", "\u007f\u0080", "\ufeff", "a" * 200,
         "-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "\b\f", "# no comment", "{}", "[1]", "é" * 30]
NUMBERS = ["0", "-0", "1", "-1", "25", "9007199254740993", "9223372036854775807", "-9223372036854775808",
           "9223372036854775808", "18446744073709551616", "1.0", "1.50", "-2.5", "0.1", "1e3", "1E3", "1e+3", "1e-3",
           "1e21", "1e22", "1e-7", "123456789.125", "1.7976931348623157e308", "5e-324", "4.9e-325", "3.14159",
           "100000000000000000000000", "0.000001", "0.0000001", "2.50e2"]


class Writer:
    """One document's layout and habits."""

    def __init__(self, rng):
        self.rng = rng
        self.unit = rng.choice([None, None, "\t", "  ", "    ", " ", ""])
        self.newline = rng.choice(["\n"] * 9 + ["\r\n"])
        self.colon = rng.choice([": ", ":", " : ", ": ", ":\t"])
        self.comma = rng.choice([", ", ","])
        self.ascii = rng.random() < 0.3
        self.html = rng.random() < 0.3
        self.slash = rng.random() < 0.15
        self.upper = rng.random() < 0.1
        self.wild = rng.random() < 0.1  # escapes as they come

    def hex(self, unit):
        return ("\\u%04X" if self.upper else "\\u%04x") % unit

    def escaped(self, code):
        if code < 0x10000:
            return self.hex(code)
        code -= 0x10000
        return self.hex(0xd800 + (code >> 10)) + self.hex(0xdc00 + (code & 0x3ff))

    def string(self, text):
        out = []
        for c in text:
            code = ord(c)
            short = "\"\\\b\f\n\r\t".find(c)
            if self.wild and self.rng.random() < 0.2:
                out.append(self.escaped(code))
            elif short >= 0:
                out.append("\\" + "\"\\bfnrt"[short])
            elif c == "/" and self.slash:
                out.append("\\/")
            elif code < 0x20 or (self.ascii and code > 0x7f) or (self.html and c in "<>&\u2028\u2029"):
                out.append(self.escaped(code))
            else:
                out.append(c)
        return '"' + "".join(out) + '"'

    def scalar(self):
        kind = self.rng.random()
        if kind < 0.55:
            return self.string(self.rng.choice(TEXTS))
        if kind < 0.85:
            return self.rng.choice(NUMBERS)
        return self.rng.choice(["true", "false", "null"])

    def value(self, depth, one_line):
        kind = self.rng.random()
        if depth > 5 or kind < 0.6:
            return self.scalar()
        if self.rng.random() < 0.1:
            one_line = not one_line and self.unit is not None
        return self.map(depth, one_line) if kind < 0.8 else self.list(depth, one_line)

    def keys(self, count):
        keys = self.rng.sample(KEYS, min(count, len(KEYS)))
        if keys and self.rng.random() < 0.02:
            keys.append(keys[0])  # sops keeps both
        return keys

    def map(self, depth, one_line):
        keys = self.keys(self.rng.randrange(5) if depth else self.rng.randrange(9))
        items = [self.string(k) + self.colon + self.value(depth + 1, one_line) for k in keys]
        return self.wrap("{", items, "}", depth, one_line)

    def list(self, depth, one_line):
        items = [self.value(depth + 1, one_line) for _ in range(self.rng.randrange(5))]
        return self.wrap("[", items, "]", depth, one_line)

    def wrap(self, opening, items, closing, depth, one_line):
        if not items:
            return opening + self.rng.choice(["", "", " "]) + closing
        if one_line or self.unit is None:
            return opening + self.comma.join(items) + closing
        inner = self.newline + self.unit * (depth + 1)
        return opening + inner + ("," + inner).join(items) + self.newline + self.unit * depth + closing

    def document(self):
        return self.map(0, False) + self.rng.choice(["", self.newline, self.newline, self.newline * 2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("directory")
    args = parser.parse_args()
    for i in range(args.count):
        rng = random.Random(args.seed * 1000003 + i)
        name = os.path.join(args.directory, "%05d.json" % i)
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(Writer(rng).document())


if __name__ == "__main__":
    main()
