#!/usr/bin/env bash
# rotate, updatekeys, verify; several files in one run, and --recursive.
. "${0%/*}/lib.sh"

for i in 1 2 3; do "$BOOTSEAL" keygen -o key$i 2>/dev/null; done
recipient() { sed -n 's/^# public key: //p' "$TMP/key$1"; }
one=$(recipient 1) two=$(recipient 2) evil=$(recipient 3)
export SOPS_AGE_KEY_FILE=$TMP/key1
mkdir tree tree/.git
cd tree
rules() { printf 'creation_rules:\n- age: %s\n' "$1" >.sops.yaml; }
opens() { # KEY FILE
	[ "$(SOPS_AGE_KEY_FILE=$TMP/key$1 "$BOOTSEAL" get "$2" '["a"]' 2>/dev/null)" = secret ]
}
seal() { # FILE...
	local file
	for file; do printf 'a: secret\nb_unencrypted: open\n' >"$file"; "$BOOTSEAL" encrypt -i "$file"; done
}
cannot() { ! "$@"; }
expect_told() { # STATUS TEXT COMMAND...: among what it says on stderr
	local text=$2
	expect_status "$1" "${@:3}"
	grep -qF -- "$text" "$TMP/.err" && ok "$text" || fail "\"$text\" expected" "$(cat "$TMP/.err")"
}

# --- updatekeys: sops' texts and question
rules "$one"
seal f.yaml
rules "$one,$two"
expect_status 1 "$BOOTSEAL" updatekeys f.yaml </dev/null
cannot opens 2 f.yaml && ok "nobody answered" || fail "nobody answered"
echo n | expect_status 0 "$BOOTSEAL" updatekeys f.yaml
check "n leaves it" cannot opens 2 f.yaml
grep -q "^File $TMP/tree/f.yaml left unchanged$" "$TMP/.err" && ok "says so" || fail "n" "$(cat "$TMP/.err")"
cp f.yaml before.yaml
printf 'what\n\ny\n' | expect_status 0 "$BOOTSEAL" updatekeys f.yaml
cat >expected <<END
The following changes will be made to the file's groups:
Group 1
    $one
+++ $two
Is this okay? (y/n):Is this okay? (y/n):Is this okay? (y/n):
END
expect_same expected <(cat "$TMP/.out"; echo)
check "both open it" opens 1 f.yaml
check "both open it" opens 2 f.yaml
check "T7: values, mac, lastmodified and version stay" \
	expect_same <(grep -E '^(a|b_un)|mac:|lastmodified|version' before.yaml) <(grep -E '^(a|b_un)|mac:|lastmodified|version' f.yaml)
expect_status 0 "$BOOTSEAL" updatekeys f.yaml
grep -q "^File $TMP/tree/f.yaml already up to date$" "$TMP/.err" && ok "up to date" || fail "up to date" "$(cat "$TMP/.err")"
rules "$two,$one"
expect_status 0 "$BOOTSEAL" updatekeys --check f.yaml
rules "$one"
expect_status 35 "$BOOTSEAL" updatekeys --check f.yaml
cp f.yaml same.yaml
expect_status 0 "$BOOTSEAL" updatekeys --dry-run f.yaml
expect_same same.yaml f.yaml
grep -qx -- "--- $two" "$TMP/.out" && ok "a dry run shows it" || fail "dry run" "$(cat "$TMP/.out")"
expect_status 0 "$BOOTSEAL" updatekeys -y f.yaml
check "one is gone" cannot opens 2 f.yaml
expect_absent .bootseal-journal

# who would lock himself out
rules "$two"
expect_told 32 "lock you out" "$BOOTSEAL" updatekeys -y f.yaml
check "nothing changed" opens 1 f.yaml
check "insisted on" "$BOOTSEAL" updatekeys -y --lock-out f.yaml
check "locked out" cannot opens 1 f.yaml
check "the other is in" opens 2 f.yaml
rm -f *.yaml

rules "$one"
seal f.yaml
rules "$two"
expect_told 32 "lock you out" "$BOOTSEAL" updatekeys f.yaml </dev/null
check "told before the question" sh -c '! grep -q "Is this okay" "$TMP/.out"'
rm -f *.yaml

# T31: the rule's threshold, not all groups
if "$BOOTSEAL" groups --help >/dev/null 2>&1; then
	printf 'creation_rules:\n- shamir_threshold: 1\n  age: %s\n' "$one" >.sops.yaml
	seal f.yaml
	printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s]\n  - age: [%s]\n  - age: [%s]\n' "$one" "$two" "$evil" >.sops.yaml
	expect_told 32 "lock you out" "$BOOTSEAL" updatekeys -y f.yaml
	check "T31" "$BOOTSEAL" updatekeys -y --lock-out f.yaml
	check "T31: 2 of 3" grep -q 'shamir_threshold: 2' f.yaml
	cat "$TMP/key1" "$TMP/key2" >"$TMP/key12"
	check "T31: two of them open it" opens 12 f.yaml
	printf 'creation_rules:\n- shamir_threshold: 4\n  key_groups:\n  - age: [%s]\n  - age: [%s]\n' "$one" "$two" >.sops.yaml
	SOPS_AGE_KEY_FILE=$TMP/key12 expect_status 1 "$BOOTSEAL" updatekeys -y --lock-out f.yaml
	rm -f f.yaml
fi

# selectors of the rule
rules "$one"
printf 'a: secret\nb: open\n' >f.yaml
"$BOOTSEAL" encrypt -i f.yaml
sed -i 's/^    version:.*/&\n    x_theirs:\n        k: [1, z]/' f.yaml
printf 'creation_rules:\n- age: %s\n  encrypted_regex: ^a$\n' "$one" >.sops.yaml
expect_status 0 "$BOOTSEAL" updatekeys -y f.yaml
grep -q 'its rule says encrypted_regex "^a$"; --selectors applies that' "$TMP/.err" && ok "selectors differ" || fail "selectors" "$(cat "$TMP/.err")"
check "not applied unasked" cannot grep -q '^b: open$' f.yaml
expect_status 35 "$BOOTSEAL" verify f.yaml
check "applied" "$BOOTSEAL" updatekeys -y --selectors f.yaml
check "applied" grep -q '^b: open$' f.yaml
check "applied: opens" opens 1 f.yaml
check "what is unknown stays" test "$(sed -n '/x_theirs/,$p' f.yaml | tr -d ' \n')" = x_theirs:k:-1-z
check "verify agrees" "$BOOTSEAL" verify f.yaml
rm f.yaml

# no rules, none for the file, what is not sealed or not there
rm .sops.yaml
echo 'a: 1' >f.yaml
expect_error "config file not found" "$BOOTSEAL" updatekeys -y f.yaml
[ $_status -eq 1 ] && ok "status 1" || fail "status $_status"
printf 'creation_rules:\n- path_regex: ^x/\n  age: %s\n' "$one" >.sops.yaml
"$BOOTSEAL" encrypt --age "$one" f.yaml >g.yaml 2>/dev/null || cp f.yaml g.yaml
rules "$one"
expect_told 1 "sops metadata not found" "$BOOTSEAL" updatekeys -y f.yaml
expect_status 100 "$BOOTSEAL" updatekeys -y nowhere.yaml
expect_status 100 "$BOOTSEAL" updatekeys
expect_status 30 "$BOOTSEAL" updatekeys -y .
rm -f ./*.yaml

# --- rotate
rules "$one"
seal f.yaml
cp f.yaml before.yaml
"$BOOTSEAL" rotate f.yaml >new.yaml
expect_same before.yaml f.yaml
check "to stdout" opens 1 new.yaml
check "everything is new" cannot grep -qF "$(grep '^a:' before.yaml)" new.yaml
check "--output" "$BOOTSEAL" rotate --output out.yaml f.yaml
check "--output" opens 1 out.yaml
expect_status 8 "$BOOTSEAL" rotate -i --output x f.yaml
expect_status 8 "$BOOTSEAL" rotate f.yaml new.yaml
check "-i" "$BOOTSEAL" rotate -i f.yaml
check "-i" opens 1 f.yaml
check "the rule's keys" sh -c 'sed -i "s/age: .*/age: $1,$2/" .sops.yaml; "$BOOTSEAL" rotate -i f.yaml' - "$one" "$two"
check "the rule's keys" opens 2 f.yaml
rules "$one"
expect_error "whom the rule does not name" "$BOOTSEAL" rotate -i f.yaml
[ $_status -eq 32 ] && ok "status 32" || fail "status $_status"
check "named: stays" "$BOOTSEAL" rotate -i --add-age "$two" f.yaml
check "named: stays" opens 2 f.yaml
check "named: goes" "$BOOTSEAL" rotate -i --rm-age "$two" f.yaml
check "named: goes" cannot opens 2 f.yaml
expect_told 32 "lock you out" "$BOOTSEAL" rotate -i --add-age "$two" --rm-age "$one" f.yaml
expect_error "empty" "$BOOTSEAL" rotate -i --rm-age "$one" f.yaml
expect_status 30 "$BOOTSEAL" rotate --add-age "" f.yaml

# The attack: an outsider puts himself into the file with a copied enc, and waits for the next rotation.
plant() { # FILE
	awk -v evil="$evil" '
		/- enc: \|/ { block = "" }
		{ print; block = block $0 "\n" }
		/recipient:/ { sub(/age1[a-z0-9]*\n$/, evil, block); print block }' "$1" >planting
	cat planting >"$1"
	rm planting
}
rm -f ./*.yaml
seal f.yaml g.yaml
plant f.yaml
check "planted" grep -q "$evil" f.yaml
check "it opens still" opens 1 f.yaml
cp f.yaml planted.yaml
expect_error "whom the rule does not name" "$BOOTSEAL" rotate -i f.yaml
expect_same planted.yaml f.yaml
expect_status 31 "$BOOTSEAL" rotate -i -r .
expect_same planted.yaml f.yaml
check "the others were rotated" opens 1 g.yaml
expect_status 35 "$BOOTSEAL" verify f.yaml
grep -q "^f.yaml:[0-9]*: it is sealed to $evil, whom its rule does not name$" "$TMP/.out" && ok "verify names it" || fail "verify" "$(cat "$TMP/.out")"
check "updatekeys throws it out" "$BOOTSEAL" updatekeys -y f.yaml
check "updatekeys throws it out" cannot grep -q "$evil" f.yaml
check "and now" "$BOOTSEAL" rotate -i f.yaml
check "evil gains nothing" cannot opens 3 f.yaml
# without a rule, somebody has to look at the list
cp planted.yaml f.yaml
rm .sops.yaml
if command -v setsid >/dev/null; then
	expect_status 30 setsid "$BOOTSEAL" rotate -i f.yaml
	grep -q "$evil" "$TMP/.err" && ok "the list is shown" || fail "the list" "$(cat "$TMP/.err")"
	expect_same planted.yaml f.yaml
	check "all are named" setsid "$BOOTSEAL" rotate -i --add-age "$one" --rm-age "$evil" f.yaml
	check "all are named" opens 1 f.yaml
	check "all are named" cannot opens 3 f.yaml
fi
check "--yes" "$BOOTSEAL" rotate -i -y f.yaml
check "--yes" opens 1 f.yaml
rm -f ./*.yaml

# --- several files, and which ones --recursive picks
rules "$one"
mkdir -p s/deep s/.git.d keys other/.git s/keys
seal s/1.yaml s/deep/2.yaml other/3.yaml
printf '{"a": "secret"}' >s/4.json
printf 'a=secret\n' >s/.env
"$BOOTSEAL" encrypt -i s/4.json
"$BOOTSEAL" encrypt -i s/.env
echo 'a: open' >s/plain.yaml
echo "quotes ENC[AES256_GCM,data:x] of sops" >s/README.md
ln -s ../s/1.yaml s/link.yaml
cp s/1.yaml keys/x.pub
cp s/1.yaml s/keys/5.yaml
rules "$one,$two"
expect_status 0 "$BOOTSEAL" updatekeys -y -r
grep -q 'updatekeys: 5 files changed' "$TMP/.err" && ok "5 files" || fail "5 files" "$(cat "$TMP/.err")"
for file in s/1.yaml s/deep/2.yaml s/keys/5.yaml s/4.json; do check "$file" opens 2 $file; done
check "another repository" cannot opens 2 other/3.yaml
check "keys/" cannot opens 2 keys/x.pub
[ -L s/link.yaml ] && ok "a symlink stays" || fail "a symlink"
expect_output "s/.env
s/1.yaml
s/4.json
s/deep/2.yaml
s/keys/5.yaml" sh -c 'rm .sops.yaml; printf "creation_rules:\n- age: %s\n" "$1" >.sops.yaml; "$BOOTSEAL" updatekeys --dry-run -r s 2>/dev/null | grep ^s/' - "$one"
rules "$one,$two"
expect_output '{"encrypted":true,"file":"s/1.yaml"}
{"encrypted":false,"file":"s/plain.yaml"}' "$BOOTSEAL" filestatus s/plain.yaml s/1.yaml
expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus s/1.yaml
# a symlink that is named
check "a named symlink" "$BOOTSEAL" rotate -i s/link.yaml
[ -L s/link.yaml ] && opens 2 s/1.yaml && ok "its target" || fail "its target"
# files of two repositories
expect_error "different repositories" "$BOOTSEAL" rotate -i s/1.yaml other/3.yaml

# encrypt and decrypt
echo 'a: open' >bare.yaml
printf 'creation_rules:\n- path_regex: ^s/.*\n  age: %s\n' "$one" >.sops.yaml
rm s/README.md
printf '\0binary' >s/blob
expect_status 0 "$BOOTSEAL" encrypt -i -r
grep -q 'encrypt: 2 files changed' "$TMP/.err" && ok "2 files" || fail "2 files" "$(cat "$TMP/.err")"
expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus s/plain.yaml
expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus s/blob
expect_output 'a: open' cat bare.yaml
expect_status 0 "$BOOTSEAL" encrypt -i -r
expect_status 8 "$BOOTSEAL" encrypt -r s
expect_status 8 "$BOOTSEAL" decrypt s/1.yaml s/plain.yaml
expect_status 8 "$BOOTSEAL" decrypt -i -r --extract '["a"]' s
expect_status 0 "$BOOTSEAL" decrypt -i s/plain.yaml s/blob
expect_output 'a: open' cat s/plain.yaml
printf '\0binary' | cmp -s - s/blob && ok "binary" || fail "binary"
expect_absent .bootseal-journal
# partly done
expect_status 31 "$BOOTSEAL" decrypt -i s/plain.yaml s/1.yaml
grep -q 'cannot open "s/plain.yaml"' "$TMP/.err" && ok "told" || fail "told" "$(cat "$TMP/.err")"
grep -q '1 of 2 files could not be done' "$TMP/.err" && ok "counted" || fail "counted" "$(cat "$TMP/.err")"
expect_output 'a: secret
b_unencrypted: open' cat s/1.yaml

# --- verify, which needs no key
unset SOPS_AGE_KEY_FILE
rm -rf s keys other bare.yaml
rules "$one"
seal f.yaml
expect_output "" sh -c '"$BOOTSEAL" verify f.yaml | tr -d "\n"; echo'
finds() { # TEXT: f.yaml has it
	expect_status 35 "$BOOTSEAL" verify f.yaml
	grep -qE "^$1$" "$TMP/.out" && ok "$1" || fail "$1" "$(cat "$TMP/.out" "$TMP/.err")"
	cp good.yaml f.yaml
}
cp f.yaml good.yaml
sed -i 's/^a: .*/a: leaked/' f.yaml
finds 'f.yaml:1: the value of "a" is not sealed, and must be'
sed -i 's/^a: .*/a: 5/' f.yaml
finds 'f.yaml:1: the value of "a" is not sealed, and must be'
sed -i "s/^b_unencrypted: .*/b_unencrypted: $(sed -n 's/^a: //p' f.yaml | sed 's|/|\\/|g')/" f.yaml
finds 'f.yaml:2: the value of "b_unencrypted" is sealed, and is not to be: nothing opens it'
sed -i 's/^a: \(.*\),tag:.*/a: \1]/' f.yaml
finds 'f.yaml:1: the sealed value of "a" is damaged'
sed -i 's/^a: ENC.AES256_GCM,data:/&!!/' f.yaml
finds 'f.yaml:1: a: a sealed value.s data is no base64'
sed -i 's/^\(a: .*,iv:\)/\1%%/' f.yaml
finds 'f.yaml:1: a: a sealed value.s initialisation vector is no base64, or too long'
sed -i 's/^\(a: .*,tag:\)[^,]*/\1AAAA/' f.yaml
finds 'f.yaml:1: a: a sealed value.s tag is no base64 of 16 bytes'
sed -i 's/^    mac: ENC.AES256_GCM,data:/&!!/' f.yaml
finds 'f.yaml:[0-9]*: mac: a sealed value.s data is no base64'
sed -i '/^    mac:/d' f.yaml
finds 'f.yaml:[0-9]*: there is no mac: changes would not be noticed'
sed -i '/^    mac:/s/,iv:/,vi:/' f.yaml
finds 'f.yaml:[0-9]*: the mac is damaged'
sed -i '/BEGIN AGE/d' f.yaml
finds "f.yaml:[0-9]*: the data key that is sealed to $one is damaged"
sed -i '/lastmodified/s/".*"/"yesterday"/' f.yaml
finds 'f.yaml:[0-9]*: lastmodified is no time'
sed -i 's/^sops:/  sops: x: y/' f.yaml
finds 'f.yaml:[0-9]*: .*'
sed -i 's/^sops:/oops:/' f.yaml
finds 'f.yaml: sops metadata not found: the file is not sealed'
printf 'a: 1\na: 2\n' >f.yaml
finds 'f.yaml:2: .*'
: >f.yaml
finds 'f.yaml: .*'
rules "$one,$two"
finds "f.yaml:[0-9]*: it is not sealed to $two, whom its rule names"
rules "$two"
finds "f.yaml:[0-9]*: it is sealed to $one, whom its rule does not name"
# a comment may be meant so
rules "$one"
sed -i '1i # by hand' f.yaml
expect_status 0 "$BOOTSEAL" verify f.yaml
grep -q '^f.yaml:1: warning: this comment is not sealed$' "$TMP/.err" && ok "a comment" || fail "a comment" "$(cat "$TMP/.err")"
# names instead of recipients; and what a rule wants sealed, and is not
cp good.yaml f.yaml
rm -f good.yaml expected same.yaml before.yaml out.yaml
mkdir keys
echo "$two" >keys/bob.pub
rules "$one,$two"
expect_status 35 "$BOOTSEAL" verify f.yaml
grep -q "^f.yaml:[0-9]*: it is not sealed to bob ($two), whom its rule names$" "$TMP/.out" && ok "by name" || fail "by name" "$(cat "$TMP/.out")"
rules "$one"
echo 'token: x' >forgotten.yaml
expect_status 35 "$BOOTSEAL" verify -r
grep -q '^forgotten.yaml: sops metadata not found: the file is not sealed$' "$TMP/.out" && ok "forgotten" || fail "forgotten" "$(cat "$TMP/.out")"
rm forgotten.yaml
expect_status 0 "$BOOTSEAL" verify -r
awk 'BEGIN { for (i = 0; i < 500; i++) print "k" i ": x" }' >many.yaml
sed -n '/^sops:/,$p' f.yaml >>many.yaml
expect_status 35 "$BOOTSEAL" verify many.yaml
[ "$(wc -l <"$TMP/.out")" -eq 100 ] && ok "a hundred are told" || fail "many" "$(wc -l <"$TMP/.out")"
# an escape in a name reaches no terminal
printf 'a: 1\n' >"$(printf 'x\033[31m.yaml')"
expect_status 35 "$BOOTSEAL" verify ./x*.yaml
check "no escape" cannot grep -q "$(printf '\033')" "$TMP/.out" "$TMP/.err"

# --- a journal that is not ours
rm -f ./*.yaml
export SOPS_AGE_KEY_FILE=$TMP/key1
seal f.yaml
mkdir -m 755 .bootseal-journal
expect_error "others may enter it" "$BOOTSEAL" rotate -i f.yaml
check "who only reads is not held up" opens 1 f.yaml
chmod 700 .bootseal-journal
expect_status 0 "$BOOTSEAL" rotate -i f.yaml
grep -q "had changed all of its files, or none; what it left was removed" "$TMP/.err" && ok "removed" || fail "removed" "$(cat "$TMP/.err")"
expect_absent .bootseal-journal

# --- two commands at once: one waits, without a word where that is short (who reads stderr as sops' would stumble)
top=$TMP/tree
mkfifo "$TMP/held"
hold() { # and a command that waits meanwhile, whose stderr is waits
	flock -F -x "$top" sh -c ': >"$TMP/held"; exec sleep 600' & # one process, which ends with the signal
	holder=$!
	: <"$TMP/held"
	"$BOOTSEAL" rotate -i f.yaml 2>"$TMP/waits" &
	waits=$!
}
let_go() {
	kill $holder
	wait $holder || : by our signal
	expect_status 0 wait $waits
}
# Short is less than a second: tried again where this machine was too busy for that.
for _ in {1..60}; do
	since=${EPOCHREALTIME/./}
	hold
	sleep 0.2
	let_go
	[ $((${EPOCHREALTIME/./} - since)) -ge 900000 ] || break
done
[ ! -s "$TMP/waits" ] && ok "a short wait" || fail "a short wait" "$(cat "$TMP/waits")"
hold
for _ in {1..600}; do [ ! -s "$TMP/waits" ] || break; sleep 0.05; done
check "a long one is told" grep -q 'waiting for another bootseal command$' "$TMP/waits"
let_go
