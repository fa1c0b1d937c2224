# Vocabulary of tests/interop, in addition to tests/cli/lib.sh: each sealed by us and by the real sops, and
# opened by both.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
need sops python3
own_memory

vectors=$ROOT/tests/vectors/sops
recipient=$(sed -n 's/^# public key: //p' "$vectors/keys/age1.txt")
recipient2=$(sed -n 's/^# public key: //p' "$vectors/keys/age2.txt")
recipient3=$(sed -n 's/^# public key: //p' "$vectors/keys/age3.txt")
cat "$vectors/keys/"age?.txt >all.txt
export SOPS_AGE_KEY_FILE=$vectors/keys/age1.txt SOPS_DISABLE_VERSION_CHECK=1

# Sealing; the plaintext is stdin, the rules are those of the folder.
ours() { "$BOOTSEAL" encrypt --age "$recipient" --filename-override "${1:-p.yaml}" "${@:2}" 2>/dev/null; }
theirs() { sops encrypt --age "$recipient" --filename-override "${1:-p.yaml}" "${@:2}" /dev/stdin; }
both() { # FILE ARGS...: seals stdin into ours.FILE and theirs.FILE
	cat >plain
	ours "$@" <plain >"ours.$1"
	theirs "$@" <plain >"theirs.$1"
}

# Opening
opened_by_sops() { # TEXT ARGS...: sops gives exactly TEXT, and no warning
	expect_output "$1" sops decrypt "${@:2}"
	check "no warning of sops" test ! -s .err
}
opened() { # TEXT ARGS...: both give exactly TEXT
	expect_output "$1" "$BOOTSEAL" decrypt "${@:2}"
	opened_by_sops "$@"
}
open_fails() { # THEIRS OURS ARGS...: both fail, with these statuses
	expect_status "$1" sops decrypt "${@:3}"
	expect_status "$2" "$BOOTSEAL" decrypt "${@:3}"
}
set_string() { printf %s "$3" | "$BOOTSEAL" set "$1" "$2"; }
set_json() { printf %s "$3" | "$BOOTSEAL" set --value-stdin "$1" "$2"; }
types() { # FILE: KEY TYPE of each sealed value, keys without quotes
	sed -n '/^sops:/d; s/^ *"*\([A-Za-z0-9_]*\)"*: .*NC\[AES.*type:\([a-z]*\).*/\1 \2/p' "$1" | grep -v '^mac '
}
cat >exchange.py <<'END'
"""exchange.py FILE A B: exchanges the sealed texts number A and B, counted from 0."""
import re, sys
name, a, b = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
text = open(name).read()
found = list(re.finditer(r"ENC\[[^]]*\]", text))
new = {a: found[b].group(), b: found[a].group()}
parts, end = [], 0
for i, match in enumerate(found):
    parts += [text[end:match.start()], new.get(i, match.group())]
    end = match.end()
open(name, "w").write("".join(parts) + text[end:])
END
exchange() { python3 exchange.py "$@"; }
values() { sed '/^sops:/,$d' "$1"; }
