# Passphrases: typed, or from BOOTSEAL_PASSPHRASE_FILE; for files, and for identity files.
. "${0%/*}/lib.sh"

recipient=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX >key
echo "the plain text" >plain
(umask 077 && echo "correct horse" >pass && echo wrong >wrong)
with() { BOOTSEAL_PASSPHRASE_FILE=$1 "${@:2}"; }
# without a terminal, whoever runs the tests
alone() { setsid -w "$@" </dev/null; }

# from a file: its first line, without the line's end
check "seal" with pass "$BOOTSEAL" age -p -o sealed plain
expect_output "-> scrypt" sh -c 'sed -n 2p sealed | cut -d" " -f 1-2'
expect_output 18 sh -c 'sed -n 2p sealed | cut -d" " -f 4'
expect_output "the plain text" with pass "$BOOTSEAL" age -d sealed
printf 'correct horse' >bare
printf 'correct horse\r\n\n' >crlf
chmod 600 bare crlf
expect_output "the plain text" with bare "$BOOTSEAL" age -d sealed
expect_output "the plain text" with crlf "$BOOTSEAL" age -d - <sealed
expect_output "the plain text" bash -c 'BOOTSEAL_PASSPHRASE_FILE=<(cat pass) "$BOOTSEAL" age -d sealed'

# what is no such file
expect_error "the passphrase is wrong" with wrong "$BOOTSEAL" age -d -o opened sealed
expect_status 51 with wrong "$BOOTSEAL" age -d -o opened sealed
expect_absent opened
expect_error "there is no terminal to ask: Passphrase of \"sealed\"; BOOTSEAL_PASSPHRASE_FILE" alone "$BOOTSEAL" age -d sealed
expect_status 128 alone "$BOOTSEAL" age -d sealed
expect_error "there is no terminal to ask" alone "$BOOTSEAL" age -p plain
printf 'a\nb\n' >two
: >empty
head -c 70000 /dev/zero | tr '\0' x >long
chmod 600 two empty long
expect_error '"two": it holds more than one line' with two "$BOOTSEAL" age -d sealed
expect_error '"empty": it holds no passphrase' with empty "$BOOTSEAL" age -d sealed
expect_error "it is larger than 65536 bytes" with long "$BOOTSEAL" age -d sealed
expect_error "neither a regular file nor a pipe" with /dev/zero "$BOOTSEAL" age -d sealed
expect_error "neither a regular file nor a pipe" with . "$BOOTSEAL" age -d sealed
expect_error "No such file or directory" with nowhere "$BOOTSEAL" age -d sealed
# it is told of when it is needed, and not before
check "not needed" with nowhere "$BOOTSEAL" age -r $recipient -o unlocked plain
chmod 640 pass
check "readable by others" sh -c 'BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" age -d sealed 2>err >opened'
expect_output 'bootseal: warning: the passphrase in "pass" can be read by others (mode 0640)' cat err
chmod 600 pass
for shown in wrong two; do
	with $shown "$BOOTSEAL" age -d sealed 2>err || :
	check "no passphrase in a message" sh -c '! grep -q "correct\|horse\|^wrong" err'
done

# the right kind of key
expect_error "it is sealed with a passphrase, which no identity opens; it is asked for" "$BOOTSEAL" age -d -i key sealed
expect_error "it is not sealed with a passphrase" with pass "$BOOTSEAL" age -d unlocked
printf 'age-encryption.org/v1\n-> scrypt rF0/NwblUHHTpgQgRpe5CQ 23\ngUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n0123456789abcdef0123456789abcdef' >heavy
expect_error "a work factor above 22" alone "$BOOTSEAL" age -d heavy

# identity files with a passphrase: asked for when no other identity opens the file
for armor in "" -a; do
	with pass "$BOOTSEAL" age -p $armor -o key.age key
	expect_output "the plain text" with pass "$BOOTSEAL" age -d -i key.age unlocked
	expect_output "the plain text" with nowhere "$BOOTSEAL" age -d -i key.age -i key unlocked
	expect_error '"key.age": the passphrase is wrong' with wrong "$BOOTSEAL" age -d -i key.age unlocked
	expect_error "there is no terminal to ask: Passphrase of the identity file \"key.age\"" alone "$BOOTSEAL" age -d -i key.age unlocked
	check "seal to what it holds" with pass "$BOOTSEAL" age -e -i key.age -o own plain
	expect_output "the plain text" "$BOOTSEAL" age -d -i key own
	expect_output $recipient with pass "$BOOTSEAL" keygen -y key.age
done
with pass "$BOOTSEAL" age -p -o twice key.age
expect_error "an encrypted file in an encrypted file" with pass "$BOOTSEAL" age -d -i twice unlocked
with pass "$BOOTSEAL" age -p -o nonsense plain
expect_error "no age identity" with pass "$BOOTSEAL" age -d -i nonsense unlocked
"$BOOTSEAL" age -r $recipient -o to-a-key key
expect_error "it is not sealed with a passphrase" with pass "$BOOTSEAL" age -d -i to-a-key unlocked
# and by the commands that open sealed files
echo 'a: b' >a.yaml
"$BOOTSEAL" encrypt -i --age $recipient a.yaml
expect_output "a: b" env SOPS_AGE_KEY_FILE=key.age BOOTSEAL_PASSPHRASE_FILE=pass "$BOOTSEAL" decrypt a.yaml
expect_error "the passphrase is wrong" env SOPS_AGE_KEY_FILE=key.age BOOTSEAL_PASSPHRASE_FILE=wrong "$BOOTSEAL" decrypt a.yaml

# typed
if ! command -v expect >/dev/null; then
	skip_one "typed" "expect is not installed"
else
	# types what is in TYPED, a line for each question
	cat >type.exp <<'END'
set timeout 120
set lines [split $env(TYPED) "\n"]
spawn -noecho {*}$argv
expect {
	-re {(assphrase[^\n]*|Once more): $} {
		send -- "[lindex $lines 0]\r"
		set lines [lrange $lines 1 end]
		exp_continue
	}
	timeout { exit 97 }
	eof { }
}
exit [lindex [wait] 3]
END
	typed() { TYPED=$1 expect -f type.exp -- "${@:2}" >screen; }
	check "a new one, typed twice" typed $'correct horse\ncorrect horse' "$BOOTSEAL" age -p -o typed.age plain
	check "no echo" sh -c '! grep -q horse screen'
	expect_output "the plain text" with pass "$BOOTSEAL" age -d typed.age
	check "typed" typed 'correct horse' "$BOOTSEAL" age -d -o opened typed.age
	expect_same plain opened
	rm -f opened other
	check "two different ones" sh -c '! TYPED="$(printf "one\ntwo")" expect -f type.exp -- "$BOOTSEAL" age -p -o other plain >screen'
	check "and it says so" grep -q "two different passphrases" screen
	expect_absent other
	check "one that is made up" typed "" "$BOOTSEAL" age -p -o made.age plain
	grep -ao 'The passphrase is: [a-z0-9-]*' screen | cut -d' ' -f4 >made
	chmod 600 made
	expect_output 30 sh -c 'wc -c <made'
	expect_output "the plain text" with made "$BOOTSEAL" age -d made.age
	check "an identity file" typed 'correct horse' "$BOOTSEAL" age -d -i key.age -o opened unlocked
	expect_same plain opened
	# once for a key, however many files there are
	mkdir files
	printf 'creation_rules:\n- age: %s\n' $recipient >.sops.yaml
	cp a.yaml files/1.yaml
	cp a.yaml files/2.yaml
	cp a.yaml files/3.yaml
	check "rotate three files" typed 'correct horse' env SOPS_AGE_KEY_FILE="$TMP/key.age" "$BOOTSEAL" rotate -i files/1.yaml files/2.yaml files/3.yaml
	expect_output 1 grep -c 'Passphrase of' screen
fi
