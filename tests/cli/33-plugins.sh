#!/usr/bin/env bash
# Plugins of age: sealed to, opened with, asked, and every way of theirs to misbehave.
. "${0%/*}/lib.sh"

R=age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73
I=AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M
mkdir bin
cp "$ROOT/tests/cli/age-plugin-test" bin/
chmod 755 bin/age-plugin-test
export PATH=$TMP/bin:$PATH PLUGIN_LOG=$TMP/log
unset PLUGIN
printf 'a: secret\nb: 2\n' >plain.yaml
printf '# mine\n%s\n' $I >id
export SOPS_AGE_KEY_FILE=$TMP/id
# nothing of a plugin is left (a bare Debian has no pgrep; a process that ends meanwhile is no match), once what was
# killed has ended, too
runs() { grep -qs "$TMP/bin/[a]ge-plugin-test" /proc/[0-9]*/cmdline; }
not() { ! "$@"; }
none_left() {
	for _ in {1..600}; do runs || break; sleep 0.1; done
	check "nothing is left of it" not runs
}

about "sops files"
"$BOOTSEAL" encrypt --age $R plain.yaml >sealed.yaml
expect_output "$(cat plain.yaml)" "$BOOTSEAL" decrypt sealed.yaml
expect_output "$(cat plain.yaml)" env -u SOPS_AGE_KEY_FILE SOPS_AGE_KEY=$I "$BOOTSEAL" decrypt sealed.yaml
SOPS_AGE_RECIPIENTS=$R "$BOOTSEAL" encrypt plain.yaml >sealed2.yaml
expect_output "$(cat plain.yaml)" "$BOOTSEAL" decrypt sealed2.yaml
cp sealed.yaml work.yaml
check "set" sh -c 'printf new | "$BOOTSEAL" set work.yaml "[\"a\"]"'
expect_output new sh -c '"$BOOTSEAL" get work.yaml "[\"a\"]"; echo'
"$BOOTSEAL" keygen -o key 2>/dev/null
native=$("$BOOTSEAL" keygen -y key)
mkdir repo
cat >repo/.sops.yaml <<END
creation_rules:
  - age: $R
END
cp plain.yaml repo/a.yaml
(cd repo && "$BOOTSEAL" encrypt -i a.yaml)
expect_output "$(cat plain.yaml)" "$BOOTSEAL" decrypt repo/a.yaml
printf 'creation_rules:\n  - age: %s,%s\n' $R "$native" >repo/.sops.yaml
# asked once for each file: to open it, and not again to see who could open it afterwards, or before the question
starts() { grep -c "start $1" "$PLUGIN_LOG" || : none; }
: >log
check "updatekeys" sh -c 'cd repo && "$BOOTSEAL" updatekeys -y a.yaml'
check "opened by it once" test "$(starts identity)" = 1
check "its entry stays" test "$(starts recipient)" = 0
printf 'creation_rules:\n  - age: %s\n' "$native" >repo/.sops.yaml
: >log
expect_status 32 sh -c 'cd repo && "$BOOTSEAL" updatekeys -y a.yaml'
check "it would lock out" grep -q "it would lock you out" .err
check "opened by it once" test "$(starts identity)" = 1
printf 'creation_rules:\n  - age: %s\n' $R >repo/.sops.yaml
: >log
check "updatekeys with a question" sh -c 'cd repo && echo y | "$BOOTSEAL" updatekeys a.yaml'
check "opened by it once" test "$(starts identity)" = 1
printf 'creation_rules:\n  - age: %s,%s\n' $R "$native" >repo/.sops.yaml
check "updatekeys" sh -c 'cd repo && "$BOOTSEAL" updatekeys -y a.yaml'
check "opens with the other key" env SOPS_AGE_KEY_FILE="$TMP/key" "$BOOTSEAL" decrypt repo/a.yaml
check "rotate" sh -c 'cd repo && "$BOOTSEAL" rotate -i a.yaml'
expect_output "$(cat plain.yaml)" "$BOOTSEAL" decrypt repo/a.yaml
# a quorum that takes the plugin and gpg: neither is forgotten
cat >gpg-like <<'END'
#!/bin/sh
case $1 in
-d) sed -e '/PGP MESSAGE/d' | tr '[A-Za-z]' '[N-ZA-Mn-za-m]' | base64 -d ;;
*) echo '-----BEGIN PGP MESSAGE-----'; base64 -w 0 | tr '[A-Za-z]' '[N-ZA-Mn-za-m]'; echo; echo '-----END PGP MESSAGE-----' ;;
esac
END
chmod +x gpg-like
mkdir quorum
printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s]\n  - pgp: [FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4]\n' $R >quorum/.sops.yaml
cp plain.yaml quorum/
check "sealed to both" sh -c 'cd quorum && SOPS_GPG_EXEC=$TMP/gpg-like "$BOOTSEAL" encrypt -i plain.yaml'
check "rotate" sh -c 'cd quorum && SOPS_GPG_EXEC=$TMP/gpg-like "$BOOTSEAL" rotate -i plain.yaml'
printf 'creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [%s, %s]\n  - pgp: [FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4]\n' $R "$native" >quorum/.sops.yaml
check "updatekeys" sh -c 'cd quorum && SOPS_GPG_EXEC=$TMP/gpg-like "$BOOTSEAL" updatekeys -y plain.yaml'
expect_output "$(cat plain.yaml)" env SOPS_GPG_EXEC="$TMP/gpg-like" "$BOOTSEAL" decrypt quorum/plain.yaml
# a gpg that seals and does not open would lock out indeed
cat >gpg-seals <<'END'
#!/bin/sh
[ "$1" != -d ] || [ -e "$TMP/opens" ] || exit 2
[ "$1" != -d ] || rm "$TMP/opens"
exec "$TMP/gpg-like" "$@"
END
chmod +x gpg-seals
sed "s|\$TMP|$TMP|g" -i gpg-seals
: >opens
expect_status 32 env SOPS_GPG_EXEC="$TMP/gpg-seals" sh -c 'cd quorum && "$BOOTSEAL" rotate -i plain.yaml'
check "it would lock out" grep -q "it would lock you out" .err

# what is in a locked file is not known: it may be a plugin's identity
BOOTSEAL_PASSPHRASE_FILE=<(echo secret) "$BOOTSEAL" age -p -o idlocked id
"$BOOTSEAL" age -r $R -o plugin.age plain.yaml
for file in sealed.yaml plugin.age; do
	SOPS_AGE_KEY_FILE=$TMP/idlocked expect_status 0 "$BOOTSEAL" keys who $file
	check "a locked file may open $file" grep -q ": $TMP/idlocked may open it, and asks for its passphrase" .out
done
expect_output "$(cat plain.yaml)" env SOPS_AGE_KEY_FILE="$TMP/idlocked" BOOTSEAL_PASSPHRASE_FILE=<(echo secret) "$BOOTSEAL" decrypt sealed.yaml
cat key id >both
: >log
expect_output "$(cat plain.yaml)" env SOPS_AGE_KEY_FILE="$TMP/both" "$BOOTSEAL" decrypt repo/a.yaml
check "nobody was asked" test ! -s log
mkdir -p repo/keys
printf '%s\n' $R >repo/keys/token.pub
expect_error 'recipient (token (age1test1' sh -c 'cd repo && SOPS_AGE_KEY_FILE=../key "$BOOTSEAL" decrypt ../sealed.yaml'

about "age"
printf 'hello\n' >plain
"$BOOTSEAL" age -r $R -o sealed plain
expect_output hello "$BOOTSEAL" age -d -i id sealed
"$BOOTSEAL" age -a -R <(echo $R) -r "$native" -o sealed2 plain
expect_output hello "$BOOTSEAL" age -d -i key sealed2
expect_output hello "$BOOTSEAL" age -d -i id sealed2
: >log
"$BOOTSEAL" age -e -i id -o sealed3 plain
check "sealed to the identity" grep -q -- "-> add-identity $I" log
expect_output hello "$BOOTSEAL" age -d -i id sealed3
expect_error "mixed" env PLUGIN_LABELS="a b" "$BOOTSEAL" age -r $R -r "$native" plain
# the same in an identity file under a passphrase
(umask 077 && echo secret >pass)
BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" age -p -o sealed.id id
: >log
check "seal to an identity in a sealed file" env BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" age -e -i sealed.id -o sealed4 plain
check "sealed to that identity" grep -q -- "-> add-identity $I" log
expect_output hello "$BOOTSEAL" age -d -i id sealed4
expect_output hello env BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" age -d -i sealed.id sealed4
expect_error "does not tell its recipient" env BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" keygen -y sealed.id
# in the order of -i and -j: whose failure is told is the first one's
BOOTSEAL_PASSPHRASE_FILE=<(echo secret) "$BOOTSEAL" age -p -o locked key
expect_error "age-plugin-test: " env PLUGIN=exit setsid -w "$BOOTSEAL" age -d -j test -i locked sealed
expect_error "there is no terminal to ask: Passphrase of the identity file" env PLUGIN=exit setsid -w "$BOOTSEAL" age -d -i locked -j test sealed
check "labels alone" env PLUGIN_LABELS="a b" "$BOOTSEAL" age -r $R -o labelled plain
check "the same labels, in another order" env PLUGIN_LABELS="b a" "$BOOTSEAL" age -r $R -r $R -o labelled plain
expect_error "age-plugin-test: there is no such program in a directory of PATH; install the plugin" \
	env PATH=/usr/bin:/bin "$BOOTSEAL" age -r $R plain
expect_status 128 env PATH=/usr/bin:/bin "$BOOTSEAL" age -d -i id sealed
expect_status 128 env PATH=/usr/bin:/bin:bin:. "$BOOTSEAL" decrypt sealed.yaml

about "what a plugin says"
for mode in grease msg child; do
	check "$mode" env PLUGIN=$mode "$BOOTSEAL" age -r $R -o out plain
	expect_output hello env PLUGIN=$mode "$BOOTSEAL" age -d -i id sealed
	expect_output "$(cat plain.yaml)" env PLUGIN=$mode "$BOOTSEAL" decrypt sealed.yaml
done
none_left
refused() { # MODE TEXT-WHEN-SEALING TEXT-WHEN-OPENING
	about "$1"
	rm -f out
	expect_error "age-plugin-test: $2" env PLUGIN="$1" timeout 120 "$BOOTSEAL" age -r $R -o out plain
	expect_absent out
	[ -z "$3" ] || expect_error "age-plugin-test: $3" env PLUGIN="$1" timeout 120 "$BOOTSEAL" age -d -i id sealed
	[ -z "$3" ] || expect_error "age-plugin-test: $3" env PLUGIN="$1" timeout 120 "$BOOTSEAL" decrypt sealed.yaml
}
protocol="it does not keep to the protocol of plugins"
refused exit "it ended (status 3) before it was done; with AGEDEBUG=plugin" "it ended (status 3)"
refused gone "it ended (status 6) before it was done" "it ended (status 6)"
refused garbage "$protocol" "$protocol"
refused endless "$protocol" "$protocol"
refused line "it sent a line of more than 16 KiB" "it sent a line of more than 16 KiB"
refused flood "it sent more than 1024 commands" "it sent more than 1024 commands"
refused error 'it is broken \x1b[31m' 'it is broken \x1b[31m'
refused index "$protocol: a stanza for another file" "$protocol: the key of another file"
refused twice "$protocol: labels twice" "$protocol: two file keys"
refused nothing "$protocol: it made no stanza" ""
expect_error "no identity" env PLUGIN=nothing "$BOOTSEAL" age -d -i id sealed
expect_error "another length" env PLUGIN=short "$BOOTSEAL" age -d -i id sealed
refused secret "wrong PIN (there is no terminal to ask: age-plugin-test: PIN); run it on a terminal" "wrong PIN"
refused confirm "there is no terminal to ask: age-plugin-test: Is it plugged in?" "there is no terminal to ask"
about "after all"
none_left
check "stderr is shown to who looks for it" sh -c 'AGEDEBUG=plugin PLUGIN=exit "$BOOTSEAL" age -r "$1" plain 2>&1 | grep -q "it does not want to"' - $R

about "descriptors"
# what it only says is for the log where there is no terminal
PLUGIN=msg setsid -w "$BOOTSEAL" age -d -i id sealed >out 2>err
expect_output "age-plugin-test: touch it" cat err
expect_same plain out
check "what a shell hands over reaches it" sh -c 'sed -i "2i [ ! -e /proc/self/fd/9 ] || cat <&9 >\"$TMP/nine\"" bin/age-plugin-test; "$BOOTSEAL" age -d -i id sealed 9<plain >/dev/null'
expect_same plain nine
expect_output hello "$BOOTSEAL" age -d -i id -o - sealed

about "a terminal"
need expect
cat >plugin.exp <<'END'
set timeout 120
spawn -noecho {*}$argv
expect {
	-ex {PIN: } { send -- "$env(ANSWER)\r"; exp_continue }
	-ex {plugged in?} { send -- "$env(ANSWER)\r"; exp_continue }
	timeout { exit 97 }
	eof { }
}
exit [lindex [wait] 3]
END
asked() { # MODE ANSWER COMMAND...
	PLUGIN=$1 ANSWER=$2 expect -f plugin.exp -- "${@:3}" >typed
}
check "the right PIN" asked secret 1234 "$BOOTSEAL" age -d -i id -o out sealed
expect_same plain out
check "in a sops file" asked secret 1234 "$BOOTSEAL" decrypt --output out.yaml sealed.yaml
expect_same plain.yaml out.yaml
check "it is not echoed" sh -c '! grep -q 1234 typed'
check "the wrong PIN" sh -c '! "$@"' - env PLUGIN=secret ANSWER=4321 expect -f plugin.exp -- "$BOOTSEAL" age -d -i id sealed
check "yes" asked confirm 1 "$BOOTSEAL" age -d -i id -o out sealed
check "a message is shown" asked msg 1 "$BOOTSEAL" age -d -i id -o out sealed
check "with the plugin's name" grep -q "age-plugin-test: touch it" typed
