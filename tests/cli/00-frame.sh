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

if [ -e /dev/full ]; then
	full() { "$BOOTSEAL" help >/dev/full; }
	expect_error 'cannot write to stdout' full
fi
closed() { "$BOOTSEAL" help >&-; }
expect_status 0 closed
