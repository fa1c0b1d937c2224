# age: its flags, what it writes where, and what it leaves when it fails.
. "${0%/*}/lib.sh"

keys=$ROOT/tests/vectors/agenix/keys
recipient=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX >key
printf '# ours\n\n%s\n' $recipient >recipients
echo "the plain text" >plain

# round trips by every way in and out
for how in "-r $recipient" "-R recipients" "-e -i key" "--encrypt --recipient $recipient" "--recipients-file=recipients"; do
	for armor in "" -a --armor; do
		check "seal $how $armor" "$BOOTSEAL" age $how $armor -o sealed plain
		expect_output "the plain text" "$BOOTSEAL" age -d -i key sealed
		expect_output "the plain text" "$BOOTSEAL" age --decrypt --identity key -o - sealed
	done
done
"$BOOTSEAL" age -a -r $recipient <plain >sealed
expect_output "-----BEGIN AGE ENCRYPTED FILE-----" head -n 1 sealed
expect_output "the plain text" sh -c '"$BOOTSEAL" age -d -i key - <sealed'
expect_output "the plain text" sh -c '"$BOOTSEAL" age -d -i - sealed <key'
expect_output "the plain text" sh -c '"$BOOTSEAL" age -R - plain <recipients | "$BOOTSEAL" age -d -i key'
expect_output "the plain text" sh -c 'cat sealed | "$BOOTSEAL" age -d -i key | cat'

# real files with native ssh-ed25519 stanzas
for name in secret1:hello secret2:world! armored-secret:"Hello World!"; do
	expect_output "${name#*:}" "$BOOTSEAL" age -d -i "$keys/user1" "$ROOT/tests/vectors/agenix/${name%%:*}.age"
done

# the mode of a new file; an old one keeps its own; symlinks and devices stay
"$BOOTSEAL" age -d -i key -o opened sealed
expect_output 600 stat -c %a opened
"$BOOTSEAL" age -r $recipient -o new plain
expect_output 644 stat -c %a new
for mask in 002:664:600 077:600:600 277:400:400; do
	IFS=: read -r mask public secret <<<"$mask"
	rm -f new secret
	(umask $mask && "$BOOTSEAL" age -r $recipient -o new plain && "$BOOTSEAL" age -d -i key -o secret sealed)
	expect_output "$public
$secret" stat -c %a new secret
done
chmod 640 opened
ln -s opened link
"$BOOTSEAL" age -d -i key -o link sealed
expect_output 640 stat -c %a opened
check "a symlink stays" test -L link
check "to a device" "$BOOTSEAL" age -d -i key -o /dev/null sealed
check "a device stays" test -c /dev/null

# a killed run leaves nothing, not even hidden; what only looks like its leftovers stays
mkdir killed
touch killed/.opened.bootseal-notes
head -c 3000000 /dev/zero | "$BOOTSEAL" age -r $recipient -o zeros
mkfifo pipe
for signal in TERM HUP KILL; do
	"$BOOTSEAL" age -d -i key -o killed/opened pipe &
	exec 9>pipe
	head -c 2000000 zeros >&9
	left=$(ls -A killed)
	kill -s $signal $!
	wait $! 2>/dev/null || : killed
	exec 9>&-
	if [ "$left" = .opened.bootseal-notes ]; then
		expect_output .opened.bootseal-notes ls -A killed
	else
		skip_one "killed by $signal" "this file system has no files without a name"
	fi
done
rm zeros
mkdir unlisted
chmod 333 unlisted
check "a directory that cannot be listed" "$BOOTSEAL" age -r $recipient -o unlisted/new plain
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && setpriv --reuid 65534 --clear-groups test -x "$BOOTSEAL"; then
	chmod 755 .
	chown 65534 unlisted
	nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	check "nor by another user" nobody "$BOOTSEAL" age -r $recipient -o unlisted/other plain
	check "and again" nobody "$BOOTSEAL" age -r $recipient -o unlisted/other plain
	expect_output "new
other" ls -A unlisted
	# what could be written into, and not replaced, stays as it is, and the way is told
	mkdir closed
	echo old >closed/file
	chmod 666 closed/file
	expect_error '"> FILE" writes into the old one' nobody "$BOOTSEAL" age -r $recipient -o closed/file plain
	expect_output old cat closed/file
else
	skip_one "a directory that another user cannot list" "not root, or without setpriv"
fi
chmod 755 unlisted
if unshare -m true 2>/dev/null; then
	# "mounted" is seen in there alone
	echo old >old
	: >mounted
	mounted() { unshare -m sh -c 'mount --bind old mounted && "$@"' sh "$@"; }
	expect_error 'mount its directory, or use "> FILE"' mounted "$BOOTSEAL" age -r $recipient -o mounted plain
	expect_output old cat old
	check "nothing is left beside it" sh -c '! ls -A | grep bootseal-'
	rm old mounted
else
	skip_one "-o onto a mount" "no mounts of its own"
fi

# nothing is left of a failure
cp sealed good
"$BOOTSEAL" age -r $recipient -o sealed.bin plain
head -c 150000 /dev/zero | "$BOOTSEAL" age -r $recipient -o big
head -c 140000 big >cut
mkdir out
for bad in plain cut; do
	expect_error "cannot decrypt \"$bad\": " "$BOOTSEAL" age -d -i key -o out/opened $bad
done
expect_status 51 "$BOOTSEAL" age -d -i key -o out/opened cut
expect_status 2 "$BOOTSEAL" age -d -i key -o out/opened plain
expect_status 128 "$BOOTSEAL" age -d -i "$keys/user1" -o out/opened sealed
check "nothing in out" sh -c '[ -z "$(ls -A out)" ]'
echo old >out/opened
expect_status 51 "$BOOTSEAL" age -d -i key -o out/opened cut
expect_output old cat out/opened
expect_output opened ls -A out
expect_status 2 "$BOOTSEAL" age -d -i key /dev/null
expect_status 2 sh -c '"$BOOTSEAL" age -d -i key </dev/null'

# the command line
expect_error "age-plugin-nowhere: there is no such program" "$BOOTSEAL" age -d -j nowhere sealed
expect_error "-p/--passphrase can't be used with -d/--decrypt; note that password" "$BOOTSEAL" age -d -p sealed
expect_error "-p/--passphrase can't be combined with -r/--recipient" "$BOOTSEAL" age -p -r $recipient plain
expect_error "-p/--passphrase can't be combined with -i/--identity and -j" "$BOOTSEAL" age -e -p -i key plain
expect_error "the name behind --output is empty" "$BOOTSEAL" age -r $recipient -o "" plain
expect_error "a private key where a recipient should be" "$BOOTSEAL" age -R "$keys/user1" plain
expect_error "missing recipients" "$BOOTSEAL" age plain
expect_status 30 "$BOOTSEAL" age plain
expect_error "it is not sealed with a passphrase: an identity is needed" "$BOOTSEAL" age -d sealed
expect_error "-e/--encrypt can't be used with -d/--decrypt" "$BOOTSEAL" age -e -d -i key sealed
expect_error "-a/--armor can't be used with -d/--decrypt" "$BOOTSEAL" age -d -a -i key sealed
expect_error "-r/--recipient can't be used with -d/--decrypt" "$BOOTSEAL" age -d -r $recipient sealed
expect_error "can't be used in encryption mode unless symmetric encryption" "$BOOTSEAL" age -i key plain
expect_error "wanted for more than one thing" sh -c '"$BOOTSEAL" age -d -i - <sealed'
expect_error "wanted for more than one thing" sh -c '"$BOOTSEAL" age -R - -R - plain <recipients'
expect_error "is both read and written" "$BOOTSEAL" age -d -i key -o key sealed
expect_error "is both read and written" "$BOOTSEAL" age -r $recipient -o plain plain
expect_status 100 "$BOOTSEAL" age -d -i nowhere sealed
expect_status 100 "$BOOTSEAL" age -d -i key nowhere
expect_error "it is a directory" "$BOOTSEAL" age -d -i key out
expect_error "No such file or directory" "$BOOTSEAL" age -r $recipient -o nowhere/file plain
# tagged recipients are sealed to here, however small the file (tests/interop has what opens them)
tagged=age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h
check "to a tagged recipient" "$BOOTSEAL" age -r $tagged -r $recipient -o tagged plain
check "a stanza of its kind" grep -aq '^-> p256tag [A-Za-z0-9+/]\{6\} [A-Za-z0-9+/]\{87\}$' tagged
check "the other key opens it" "$BOOTSEAL" age -d -i key -o tagged.plain tagged
expect_same plain tagged.plain
expect_error "not a whole age1tag1… recipient" "$BOOTSEAL" age -r ${tagged%h}j plain
expect_error "(age1tagpq1…) is not sealed to here" "$BOOTSEAL" age -r "$(cat "$ROOT/tests/vectors/age/tagpq")" plain
expect_error "not a whole age1pq1… recipient" "$BOOTSEAL" age -r age1pq1qqq plain
expect_error "line 3: a private key where a recipient should be" sh -c 'cat recipients key | sed 3d | "$BOOTSEAL" age -R - plain'

# keys that cannot be used are no obstacle to one that can
cp "$ROOT/tests/vectors/ssh/id_ecdsa" "$ROOT/tests/vectors/ssh/keys/sk-ed25519" "$ROOT/tests/vectors/ssh/keys/dsa-pem" .
chmod 600 id_ecdsa sk-ed25519 dsa-pem
for unusable in id_ecdsa sk-ed25519 dsa-pem; do
	expect_output "the plain text" "$BOOTSEAL" age -d -i "$unusable" -i key sealed
	expect_output "the plain text" "$BOOTSEAL" age -d -i key -i "$unusable" sealed
	expect_status 33 "$BOOTSEAL" age -d -i "$unusable" sealed
done
"$BOOTSEAL" keygen -o another 2>/dev/null
expect_status 128 "$BOOTSEAL" age -d -i id_ecdsa -i another sealed
expect_error 'no identity of the 1 here opens one of its ' "$BOOTSEAL" age -d -i id_ecdsa -i another sealed
expect_error '; not used: "id_ecdsa": an ECDSA SSH key can only sign; use an ed25519' "$BOOTSEAL" age -d -i id_ecdsa -i another sealed
expect_error "an ECDSA SSH key can only sign" "$BOOTSEAL" age -e -i id_ecdsa -i key plain

# a damaged stanza for an SSH key hinders no key of age's own, which come first
"$BOOTSEAL" age -r $recipient -R "$keys/user1.pub" -o two plain
sed '/^-> ssh-ed25519/s/ [^ ]*$/ AAAA/' two >damaged
expect_status 2 "$BOOTSEAL" age -d -i "$keys/user1" damaged
expect_status 51 "$BOOTSEAL" age -d -i "$keys/user1" -i key damaged
check "the key of age's own came first" grep -q "the age header was changed" .err

# what is not built in is skipped beside what is
{ echo AGE-PLUGIN-YUBIKEY-1QPZRY9XQMK3NEE; cat key; } >both
expect_output "the plain text" "$BOOTSEAL" age -d -i both sealed
"$BOOTSEAL" age -R "$keys/user1.pub" -o other plain
expect_error "age-plugin-yubikey: there is no such program" "$BOOTSEAL" age -d -i both other
head -n 1 both >plugin
expect_status 128 "$BOOTSEAL" age -d -i plugin sealed
expect_output "the plain text" "$BOOTSEAL" age -d -i plugin -i key sealed
expect_error "age-plugin-yubikey: there is no such program" "$BOOTSEAL" age -e -i both plain
expect_error "an identity of age-plugin-yubikey does not tell its recipient" "$BOOTSEAL" keygen -y both
echo AGE-PLUGIN-YUBIKEY-1QPZRY9XQMK3NEQ >>both
expect_error '"both": line 3: a damaged identity' "$BOOTSEAL" age -d -i both sealed
cat "$ROOT/tests/vectors/ssh/id_ecdsa.pub" recipients >mixed
check "seal to what is left" sh -c '"$BOOTSEAL" age -R mixed -o sealed.mixed plain 2>err'
expect_output "the plain text" "$BOOTSEAL" age -d -i key sealed.mixed
expect_output 'bootseal: warning: recipients file "mixed": ignoring unsupported SSH key of type "ecdsa-sha2-nistp256" at line 1' cat err
expect_error 'id_ecdsa.pub": an ECDSA SSH key can only sign; use an ed25519 or RSA key' "$BOOTSEAL" age -R "$ROOT/tests/vectors/ssh/id_ecdsa.pub" plain
expect_error 'recipient "ssh-ed25519": not a whole SSH public key' "$BOOTSEAL" age -r ssh-ed25519 plain
printf -- '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n' >pem
expect_error 'a public key in PEM; "ssh-keygen -i -m PKCS8' "$BOOTSEAL" age -R pem plain
expect_error 'recipient "github:alice": keys are not fetched from GitHub; fetch them: "curl -O https://github.com/USER.keys"' "$BOOTSEAL" age -r github:alice plain

# what a key file holds is never shown
expect_status 2 "$BOOTSEAL" age -d -i plain sealed
check "no key text in a message" sh -c '! grep -q "plain text" "$TMP/.err"'
expect_status 2 "$BOOTSEAL" age -R plain plain
check "no recipient text in a message" sh -c '! grep -q "plain text" "$TMP/.err"'

# nor is a private key that stands where something else is wanted
identity=$(cat key)
for given in "$identity" "${identity,,}" "$recipient,$identity" "$recipient $identity" "$recipient;$identity" \
	"$recipient$identity" "$(cat "$keys/user1")"; do
	expect_error ": a private key where a recipient should be" "$BOOTSEAL" age -r "$given" plain
done
for option in -i -R; do
	expect_error 'cannot open "(a private key, not shown)": ' "$BOOTSEAL" age -e $option "$identity" plain
	expect_error "the name of a file is wanted here" "$BOOTSEAL" age -e $option "$identity" plain
done
expect_error 'recipient "alice": neither' "$BOOTSEAL" age -r alice plain
expect_error "recipient \"${recipient}q\": " "$BOOTSEAL" age -r "${recipient}q" plain
expect_error 'recipient "ssh-ed25519 AAAA": ' "$BOOTSEAL" age -r "ssh-ed25519 AAAA what else there is" plain

# Go's flags: one dash, and "="
check "long options with one dash" "$BOOTSEAL" age -encrypt -armor -recipient=$recipient -output=dashed plain
expect_output "-----BEGIN AGE ENCRYPTED FILE-----" head -n 1 dashed
expect_output "the plain text" "$BOOTSEAL" age -decrypt -identity key dashed
expect_output "the plain text" "$BOOTSEAL" age -d=true -i=key dashed
expect_output "the plain text" "$BOOTSEAL" age -di key dashed
"$BOOTSEAL" age -a -r $recipient -r $recipient plain >doubled 2>err
expect_output "bootseal: warning: the recipient \"$recipient\" is given twice" cat err

# a terminal gets text alone
if command -v script >/dev/null; then
	tty() { script -qec "$1" /dev/null </dev/null >.tty 2>&1; }
	check "no binary to a terminal" sh -c '! script -qec "\"$BOOTSEAL\" age -r '$recipient' plain" /dev/null </dev/null >tty'
	check "and it says so" grep -q "binary data would go to the terminal" tty
	check "armor to a terminal" sh -c 'script -qec "\"$BOOTSEAL\" age -a -r '$recipient' plain" /dev/null </dev/null >tty'
	check "text to a terminal" sh -c 'script -qec "\"$BOOTSEAL\" age -d -i key sealed" /dev/null </dev/null >tty'
	printf 'a\033]0;title\007' | "$BOOTSEAL" age -r $recipient -o escape
	check "no control characters to a terminal" sh -c '! script -qec "\"$BOOTSEAL\" age -d -i key escape" /dev/null </dev/null >tty'
	check "none of them came through" sh -c '! grep -q title tty'
	# as one byte, in UTF-8, spelt too long, and with its two bytes in two chunks
	head -c 65535 /dev/zero | tr '\0' a >chunk
	for text in 'a\233title' 'a\302\233title' 'a\340\202\233title' 'CHUNK\302\233title'; do
		{ case $text in CHUNK*) cat chunk ;; esac; printf "${text#CHUNK}"; } | "$BOOTSEAL" age -r $recipient -o escape
		check "no $text to a terminal" sh -c '! script -qec "\"$BOOTSEAL\" age -d -i key escape" /dev/null </dev/null >tty'
		check "$text did not come through" sh -c '! grep -aq title tty'
	done
	{ cat chunk; printf 'gr\303\274n \342\202\254 \360\237\224\221\n'; } | "$BOOTSEAL" age -r $recipient -o escape
	check "UTF-8 to a terminal" sh -c 'script -qec "\"$BOOTSEAL\" age -d -i key escape" /dev/null </dev/null >tty'
	# nor the text before what is not text, or before a cut
	{ cat chunk chunk; printf '\001'; } | "$BOOTSEAL" age -r $recipient -o escape
	check "nothing of it to a terminal" sh -c '! script -qec "\"$BOOTSEAL\" age -d -i key escape" /dev/null </dev/null >tty'
	check "not the text before" sh -c '! grep -q aaaa tty'
	head -c 65535 chunk >split
	printf '\303\274\n' >>split
	"$BOOTSEAL" age -r $recipient -o escape split
	# what is typed on the terminal that is written to does not come between the lines
	(sleep 1; printf 'typed\n'; sleep 1; printf '\004'; sleep 1) | script -qec "\"$BOOTSEAL\" age -a -r $recipient" /dev/null >tty
	tr -d '\r' <tty | sed -n '/^-----BEGIN/,/^-----END/p' >typed.age
	expect_output typed "$BOOTSEAL" age -d -i key typed.age
	check "split between chunks" sh -c 'script -qec "\"$BOOTSEAL\" age -d -i key escape" /dev/null </dev/null >tty'
else
	skip_one "terminal" "script is not installed"
fi

# constant memory: a tenth of the file is more than it may take
head -c 100000000 /dev/zero | "$BOOTSEAL" age -r $recipient -o large
if sh -c 'ulimit -v 60000 && exec "$BOOTSEAL" --version' >/dev/null 2>&1; then
	for armor in "" -a; do
		"$BOOTSEAL" age -d -i key large | "$BOOTSEAL" age $armor -r $recipient | (
			ulimit -v 60000
			"$BOOTSEAL" age -d -i key -o large.plain
		)
		expect_output 100000000 stat -c %s large.plain
	done
else
	skip_one "constant memory" "this build does not start in 60 MB (a sanitizer)"
fi
