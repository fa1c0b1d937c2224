# What all commands have in common: help, versions, usage errors, statuses.
. "${0%/*}/../cli/lib.sh"

expect_status 0 "$BOOTSEAL" --version
check "the version" grep -qE '^bootseal [0-9]+\.[0-9]+\.[0-9]+$' .out
expect_status 0 "$BOOTSEAL" --help
cp .out overview
expect_status 0 "$BOOTSEAL" help
expect_same overview .out

expect_error 'no command is given' "$BOOTSEAL"
expect_status 30 "$BOOTSEAL"
expect_error 'there is no command "decrypr"' "$BOOTSEAL" decrypr
expect_status 30 "$BOOTSEAL" decrypr
expect_error 'an option stands before the command' "$BOOTSEAL" --frobnicate help
# What comes from outside steers no terminal.
expect_error '\x1b[31m' "$BOOTSEAL" $'\e[31m'

expect_status 0 "$BOOTSEAL" age -version
expect_status 0 "$BOOTSEAL" age --version
check "its own version" grep -qx "bootseal [0-9.]*" .out
# called as age, what a script compares with the version of age that it needs
mkdir called
for tool in age age-keygen age-inspect; do
	ln -s "$BOOTSEAL" called/$tool
	expect_output v1.3.1 called/$tool --version
done
ln -s "$BOOTSEAL" called/ssh-to-age
expect_status 0 called/ssh-to-age -version
check "ssh-to-age's is its own" grep -qx "bootseal [0-9.]*" .out

# Nobody reads on: quiet, and as if ended by the signal.
mkfifo pipe
head -c 1 <pipe >/dev/null &
for i in $(seq 20000); do echo "k$i: v"; done >long.yaml
expect_status 141 sh -c '"$BOOTSEAL" encrypt --age "$("$BOOTSEAL" keygen 2>/dev/null | sed -n "s/^# public key: //p")" long.yaml >pipe'
check "no word of it" test ! -s .err
wait

# a group of commands
expect_status 0 "$BOOTSEAL" help keys
cp .out group
for help in --help -h; do
	expect_status 0 "$BOOTSEAL" keys $help
	expect_same group .out
done
expect_status 30 "$BOOTSEAL" keys
expect_error '"keys" needs a command of its own behind it; there are: list, add, remove, show' "$BOOTSEAL" keys

"$BOOTSEAL" help --dump >dump
cut -f2 dump | sort -u >names
check "there are commands" test -s names
while read -r name; do
	# shellcheck disable=SC2086
	expect_status 0 "$BOOTSEAL" help $name
	cp .out help
	# shellcheck disable=SC2086
	expect_status 0 "$BOOTSEAL" $name --help
	expect_same help .out
	[ ! -s .err ] || fail "$name --help" "says something on stderr"
	if awk 'length > 80 { exit 1 }' help; then ok "$name: width"; else fail "help $name" "wider than 80 columns"; fi
	check "$name is in the overview" grep -qE "^  $name( |\$)" overview
	# shellcheck disable=SC2086
	expect_error 'unknown option "--no-such-option"' "$BOOTSEAL" $name --no-such-option
	# shellcheck disable=SC2086
	expect_status 30 "$BOOTSEAL" $name --no-such-option
done <names

# A private key given where something else is wanted, to any command, is in no message.
mkdir keys-in-args
identity=AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX
recipient=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
ssh_key=$(cat "$ROOT/tests/vectors/ssh-to-age/id_ed25519")
offered() { # COMMAND...: all that the command says
	(cd keys-in-args && EDITOR=false timeout 120 "$BOOTSEAL" "$@" </dev/null 2>&1 >/dev/null || : "whether it fails is other tests' matter") >said
	if grep -qiE 'GFPYYSJ|b3BlbnNzaC1rZXk|QyNTUxOQAAACD' said; then
		fail "$1 $2" "shows the key: $(cat said)"
	else
		ok "a key given to $*"
	fi
}
for key in "$identity" "$recipient,${identity,,}" "$ssh_key"; do
	while IFS=$'\t' read -r kind name option _; do
		case $kind in
		command) # shellcheck disable=SC2086
			offered $name "$key"
			# shellcheck disable=SC2086
			offered $name x "$key"
			;;
		option) # shellcheck disable=SC2086
			offered $name "$option" "$key" x
			# shellcheck disable=SC2086
			offered $name "$option=$key"
			;;
		esac
	done <dump
	offered "$key"
done

if [ -e /dev/full ]; then
	full() { "$BOOTSEAL" help >/dev/full; }
	expect_error 'cannot write to stdout' full
fi
closed() { "$BOOTSEAL" help >&-; }
expect_status 3 closed
