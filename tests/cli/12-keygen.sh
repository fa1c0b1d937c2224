# keygen: what age-keygen does.
. "${0%/*}/lib.sh"

"$BOOTSEAL" keygen -o key 2>err
expect_output 600 stat -c %a key
recipient=$(sed -n 's/^# public key: //p' key)
expect_output "Public key: $recipient" cat err
expect_output 3 sh -c 'wc -l <key'
check "created" grep -qE '^# created: [0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[+-][0-9]{2}:[0-9]{2}$' key
check "identity" grep -qE '^AGE-SECRET-KEY-1[A-Z0-9]{58}$' key
expect_output "$recipient" "$BOOTSEAL" keygen -y key
expect_output "$recipient" sh -c '"$BOOTSEAL" keygen -y <key'
expect_output "$recipient" sh -c '"$BOOTSEAL" keygen -y - <key'
"$BOOTSEAL" keygen -y -o key.pub key
expect_output "$recipient" cat key.pub

# never over a file that is there
cp key before
expect_error "a key is never overwritten" "$BOOTSEAL" keygen -o key
expect_status 3 "$BOOTSEAL" keygen -o key
expect_same key before
ln -s elsewhere link
expect_error "File exists" "$BOOTSEAL" keygen -o link
expect_absent elsewhere
expect_error "No such file or directory" "$BOOTSEAL" keygen -o nowhere/key

# to stdout; two are never the same
"$BOOTSEAL" keygen >one 2>/dev/null
"$BOOTSEAL" keygen >two 2>/dev/null
check "another key" sh -c '! cmp -s one two'
cat one two >both
expect_output 2 sh -c '"$BOOTSEAL" keygen -y both | wc -l'
touch open
chmod 644 open
"$BOOTSEAL" keygen >open 2>err
check "a warning where everyone may read it" grep -q "everyone may read" err

# what this build cannot read hides nothing of the others
{
	echo AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG
	cat key
} >with-pq
if "$BOOTSEAL" keygen --pq >/dev/null 2>&1; then
	expect_output 2 sh -c '"$BOOTSEAL" keygen -y with-pq | wc -l'
else
	expect_status 33 "$BOOTSEAL" keygen -y with-pq
	expect_same key.pub .out
	expect_error "a post-quantum identity, which needs libsodium 1.0.22 (with-pq)" "$BOOTSEAL" keygen -y -o of-both with-pq
	check "no file that would pass for both" test ! -e of-both
fi
expect_error "keygen: too many arguments; a FILE is read with -y alone" "$BOOTSEAL" keygen key
expect_error "a recipient (public key) where an identity should be" "$BOOTSEAL" keygen -y key.pub
expect_status 100 "$BOOTSEAL" keygen -y nowhere
expect_status 2 sh -c '"$BOOTSEAL" keygen -y </dev/null'
