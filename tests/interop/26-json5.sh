#!/usr/bin/env bash
# JSON5 as the reference implementation (npm's json5) reads it: the same values, and the same texts refused.
# The package: of NODE_PATH, or among those of the OpenClaw that ".ci/run peers" installs.
export NODE_PATH=${NODE_PATH-}:${OPENCLAW_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bootseal-openclaw}/node_modules
PATH=$PATH:${NODE_PATH##*:}/node/bin
. "${0%/*}/../cli/lib.sh"

need node
node -e 'require("json5")' 2>.why || skip "npm's json5 is not installed"

cat >compare.js <<'END'
const fs = require("fs"), { spawnSync } = require("child_process"), json5 = require("json5");
const seed = Number(process.argv[2]), count = Number(process.argv[3]), tool = process.argv[4];
console.warn = () => {}; // it has opinions on U+2028
let state = seed >>> 0;
const random = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * n); };
const pick = (list) => list[random(list.length)];

// Texts with all that JSON5 has.
const blank = () => pick(["", "", " ", "\n", "\t", "\r\n", "\f", "\v", "\u00a0", "\u2028", "\u2003", "\ufeff", "// c\n", "/* c * / */", "//\r", "// x\u2029"]);
const piece = () => pick(["a", "b c", "\u00fc", "\u{1f600}", "\\n", "\\x41", "\\u00e9", "\\ud83d\\ude00", "\\\n", "\\\r\n", "\\\u2028", "\\0", "\\v", "\\a", "\\/", "\\\\", "\u2028", "\\'", '\\"', "//", "\t"]);
const string = () => { const q = pick(["'", '"']); let s = ""; for (let i = random(5); i > 0; i--) s += piece(); return q + s + (random(6) ? "" : q === "'" ? '"' : "'") + q; };
const number = () => pick(["", "", "-", "+"]) + pick(["0", "1", "12.5", ".5", "5.", "1e3", "1.E-2", ".1e+1", "0xFf", "0X0", "Infinity", "NaN", "9007199254740993", "1e400"]);
const key = (i) => pick(["k" + i, "$" + i, "_\\u0061" + i, "'k " + i + "'", '"\u00fc' + i + '"', "null" + i]);
const value = (depth) => {
	const kind = random(depth > 3 ? 4 : 6), parts = [];
	if (kind < 2) return string();
	if (kind === 2) return number();
	if (kind === 3) return pick(["null", "true", "false"]);
	for (let i = random(4); i > 0; i--)
		parts.push(blank() + (kind === 4 ? key(i) + blank() + ":" + blank() : "") + value(depth + 1) + blank());
	const inside = parts.join(",") + (parts.length && random(3) === 0 ? "," + blank() : blank());
	return kind === 4 ? "{" + inside + "}" : "[" + inside + "]";
};
// Some are broken: a character less, more, or another one.
const damage = (text) => {
	const at = random(text.length), other = pick([..."{}[],:'\"\\/*0x1+-.eanNI\n "]);
	return text.slice(0, at) + pick(["", other, other + text[at]]) + text.slice(at + 1);
};

// The lines of tests/unit/json5_leaves.h, a number as node has it.
const leaves = (v, path, out) => {
	if (v !== null && typeof v === "object" && Object.keys(v).length > 0)
		for (const k of Object.keys(v)) leaves(v[k], path.concat([Array.isArray(v) ? Number(k) : k]), out);
	else
		out.push(JSON.stringify(path) + "\t" + (typeof v === "number" ? "n" + v : JSON.stringify(v)));
	return out;
};
const asNumber = (text) => {
	const negative = text[0] === "-", plain = text.replace(/^[+-]/, "");
	return "n" + (negative ? -Number(plain) : Number(plain));
};
const ours = (text) => {
	const run = spawnSync(tool, { input: text });
	if (run.status !== 0) return { error: run.stderr.toString() || "ended with " + (run.signal || run.error || run.status) };
	return { lines: run.stdout.toString().split("\n").slice(0, -1).map((line) => {
		const [path, v] = line.split("\t");
		return JSON.stringify(JSON.parse(path)) + "\t" + (v[0] === "n" && v[1] === '"' ? asNumber(JSON.parse(v.slice(1))) : JSON.stringify(JSON.parse(v)));
	}) };
};

let read = 0, refused = 0, stricter = 0;
for (let i = 0; i < count; i++) {
	let text = blank() + value(0) + blank(), theirs = null;
	if (i % 2) text = damage(text);
	if (Buffer.from(text).toString() !== text) continue; // half of a character was taken out
	try { theirs = { value: json5.parse(text) }; } catch (e) { theirs = null; }
	const got = ours(text);
	if (theirs === null ? got.lines : got.error && !/second key|surrogate|not ASCII/.test(got.error)) {
		console.log("differ (theirs " + (theirs ? "reads" : "refuses") + "): " + JSON.stringify(text) + " " + (got.error || got.lines));
		process.exit(1);
	}
	if (theirs === null) { refused++; continue; }
	if (got.error) { stricter++; continue; }
	// an object of JavaScript has its own order
	const want = leaves(theirs.value, [], []).sort().join("\n"), is = got.lines.sort().join("\n");
	if (want !== is) { console.log("differ: " + JSON.stringify(text) + "\n" + want + "\n" + is); process.exit(1); }
	read++;
}
console.log(read, refused, stricter);
process.exit(read > count / 4 && refused > count / 20 ? 0 : 1);
END
check "random texts, whole and damaged, are read and refused alike" node compare.js "${BOOTSEAL_SEED:-1}" "${BOOTSEAL_DOCUMENTS:-300}" "$TOOLS/json5_leaves"
