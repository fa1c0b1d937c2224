# exec-env and exec-file: what the command gets, what it leaves, and what becomes of signals.
. "${0%/*}/../cli/lib.sh"

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt
own_memory
leftovers() { find "$XDG_RUNTIME_DIR" "$TMP" -maxdepth 1 -name '.bootseal-exec-*'; }

cat >env.yaml <<'END'
# a comment
TOKEN: "s3cret value"
LINES: |
  one
  two
PORT: 5432
RATIO: 1.50
ON: TRUE
NONE: null
EMPTY: ""
SPECIAL: "$HOME `id` \"'"
visible_unencrypted: plain
END
"$BOOTSEAL" encrypt --age "$recipient" -i env.yaml
env_is() { # NAME VALUE
	expect_output "$2" "$BOOTSEAL" exec-env env.yaml "printf '%s\\n' \"\$$1\""
}

# exec-env: the values
env_is TOKEN "s3cret value"
env_is LINES "one
two
"
env_is PORT 5432
env_is ON true
env_is NONE ""
env_is EMPTY ""
# shellcheck disable=SC2016 # as it stands
env_is SPECIAL '$HOME `id` "'"'"
env_is visible_unencrypted plain
expect_output "[]" "$BOOTSEAL" exec-env env.yaml 'echo "[${sops-}]"'
TOKEN=old expect_output "s3cret value" "$BOOTSEAL" exec-env env.yaml 'echo "$TOKEN"'
check "a value replaces the caller's" sh -c 'TOKEN=old "$BOOTSEAL" exec-env env.yaml env | grep -c ^TOKEN= | grep -qx 1'

# the caller's environment, and none of it
OTHER=kept expect_output kept "$BOOTSEAL" exec-env env.yaml 'echo $OTHER'
OTHER=kept expect_output "-" "$BOOTSEAL" exec-env --pristine env.yaml 'echo "${OTHER--}"'
expect_output "-" env SOPS_AGE_KEY="$(grep ^AGE "$SOPS_AGE_KEY_FILE")" "$BOOTSEAL" exec-env env.yaml 'echo "${SOPS_AGE_KEY--}"'
expect_output 5432 "$BOOTSEAL" exec-env --same-process --pristine env.yaml 'echo $PORT'

# statuses, streams, umask
expect_status 0 "$BOOTSEAL" exec-env env.yaml true
expect_status 7 "$BOOTSEAL" exec-env env.yaml 'exit 7'
expect_status 255 "$BOOTSEAL" exec-env env.yaml 'exit 255'
expect_status 143 "$BOOTSEAL" exec-env env.yaml 'kill -TERM $$'
expect_status 9 "$BOOTSEAL" exec-env --same-process env.yaml 'exit 9'
expect_status 127 "$BOOTSEAL" exec-env env.yaml 'no-such-program-here 2>/dev/null'
check "stdin is the command's" sh -c 'echo given | "$BOOTSEAL" exec-env env.yaml cat | grep -qx given'
check "the caller's umask" sh -c 'umask 027; "$BOOTSEAL" exec-env env.yaml umask | grep -q 27'
check "no secret in an argument" sh -c '"$BOOTSEAL" exec-env env.yaml "tr \"\\0\" \" \" </proc/\$PPID/cmdline; tr \"\\0\" \" \" </proc/\$\$/cmdline" >seen; ! grep s3cret seen'
check "not in our own environment" sh -c '"$BOOTSEAL" exec-env env.yaml "tr \"\\0\" \" \" </proc/\$PPID/environ" >seen 2>/dev/null; ! grep s3cret seen'

# what an environment has no place for
"$BOOTSEAL" encrypt --age "$recipient" --filename-override a.yaml - >nested.yaml <<<'map: {a: 1}'
expect_error "cannot use complex value in environment; offending key: \"map\"" "$BOOTSEAL" exec-env nested.yaml true
expect_status 1 "$BOOTSEAL" exec-env nested.yaml true
"$BOOTSEAL" encrypt --age "$recipient" --filename-override a.yaml - >equals.yaml <<<'"a=b": 1'
expect_error "cannot use keys with '=' in environment: \"a=b\"" "$BOOTSEAL" exec-env equals.yaml true
"$BOOTSEAL" encrypt --age "$recipient" --filename-override a.yaml - >nul.yaml <<<'a: "x\0y"'
expect_error "\"a\": an environment has no place for a value with a NUL" "$BOOTSEAL" exec-env nul.yaml true
sed 's/visible_unencrypted: plain/visible_unencrypted: other/' env.yaml >changed.yaml
expect_status 51 "$BOOTSEAL" exec-env changed.yaml 'touch started'
expect_absent started
expect_status 0 "$BOOTSEAL" exec-env --ignore-mac changed.yaml true
expect_status 100 "$BOOTSEAL" exec-env missing.yaml true
expect_status 30 "$BOOTSEAL" exec-env env.yaml
expect_error 'there is no user "no-such-user"' "$BOOTSEAL" exec-env --user no-such-user env.yaml true

# exec-file: a FIFO, or a file
"$BOOTSEAL" decrypt env.yaml >opened.yaml
# shellcheck disable=SC2016
"$BOOTSEAL" exec-file env.yaml 'test -p {} && cat {}' >got.yaml
expect_same opened.yaml got.yaml
"$BOOTSEAL" exec-file --no-fifo env.yaml 'test -f {} && stat -c %a {} >mode && cat {} {} >got.yaml'
expect_output 600 cat mode
check "it can be read twice" test "$(wc -c <got.yaml)" = $((2 * $(wc -c <opened.yaml)))
"$BOOTSEAL" exec-file --filename app.yaml env.yaml 'echo {} {}; cat {} >/dev/null' >names
check "every {} is replaced" grep -Eq '^(/.*/app\.yaml) \1$' names
check "the directory is ours alone" sh -c '"$BOOTSEAL" exec-file env.yaml "stat -c %a \$(dirname {})" | grep -qx 700'
check "in memory" sh -c '"$BOOTSEAL" exec-file --no-fifo env.yaml "stat -f -c %T {}" | grep -Eq "tmpfs|ramfs"'
expect_status 5 "$BOOTSEAL" exec-file env.yaml 'exit 5'
expect_status 3 "$BOOTSEAL" exec-file --no-fifo env.yaml 'cat {} >/dev/null; exit 3'
for name in ../x a/b . .. ''; do
	expect_error "a name without directories" "$BOOTSEAL" exec-file --filename "$name" env.yaml true
done
expect_output "-" env SOPS_AGE_KEY="$(grep ^AGE "$SOPS_AGE_KEY_FILE")" "$BOOTSEAL" exec-file env.yaml 'echo "${SOPS_AGE_KEY--}"'
check "nothing is left" test -z "$(leftovers)"

# signals go to the command, and the file goes with it
# shellcheck disable=SC2016
run_and_signal() { # SIGNAL COMMAND: its status is in ./status
	rm -f ready status
	{ "$BOOTSEAL" exec-file --no-fifo env.yaml "$2" || echo $? >status; } &
	local shell=$! pid i
	for ((i = 0; i < 1200; i++)); do [ ! -e ready ] || break; sleep 0.05; done
	pid=$(cat ready)
	kill "-$1" "$pid"
	wait $shell
}
# shellcheck disable=SC2016
for signal in INT TERM HUP; do
	run_and_signal $signal 'trap "exit 42" '$signal'; echo $PPID >ready.new; mv ready.new ready; while :; do sleep 0.05; done'
	expect_output 42 cat status
	check "nothing is left after SIG$signal" test -z "$(leftovers)"
done
# shellcheck disable=SC2016
run_and_signal TERM 'echo $PPID >ready.new; mv ready.new ready; exec sleep 60'
expect_output 143 cat status
# shellcheck disable=SC2016
run_and_signal KILL 'echo $PPID >ready.new; mv ready.new ready; exec sleep 3' 2>/dev/null
for ((i = 0; i < 1200; i++)); do [ -n "$(leftovers)" ] || break; sleep 0.05; done
check "nothing is left after SIGKILL" test -z "$(leftovers)"

# what is left when all of it was killed: the next run takes it away, and no others'
left=$XDG_RUNTIME_DIR/.bootseal-exec-0123456789abcdef
mkdir -m 700 "$left"
echo old >"$left/tmp-file"
touch -d '1 minute ago' "$left"
"$BOOTSEAL" exec-file --no-fifo env.yaml true
expect_absent "$left"
mkdir -m 700 "$left"
touch -d '1 minute ago' "$left"
flock -s "$left" -c '"$BOOTSEAL" exec-file --no-fifo env.yaml true'
check "one that is in use stays" test -d "$left"
rmdir "$left"

# as another user
if [ "$(id -u)" = 0 ] && getent passwd nobody >/dev/null; then
	chmod 755 "$TMP"
	expect_output nobody "$BOOTSEAL" exec-env --user nobody env.yaml 'id -un'
	expect_output "nobody nobody" "$BOOTSEAL" exec-env --user nobody --pristine env.yaml 'echo $USER $LOGNAME'
	check "groups, too" sh -c '"$BOOTSEAL" exec-env --user nobody env.yaml "id -G" | grep -vqw 0'
	touch begun
	"$BOOTSEAL" exec-file --user nobody env.yaml 'cat {}' >got.yaml
	expect_same opened.yaml got.yaml
	"$BOOTSEAL" exec-file --user nobody --no-fifo env.yaml 'cat {}' >got.yaml
	expect_same opened.yaml got.yaml
	# where others' runs leave theirs for a moment, too
	left=$(find /dev/shm -maxdepth 1 -name '.bootseal-exec-*' -newer begun 2>/dev/null) || : "one of theirs has gone meanwhile"
	for one in $left; do
		for ((i = 0; i < 1200; i++)); do [ -e "$one" ] || break; sleep 0.05; done
		expect_absent "$one"
	done
else
	skip_one "another user" "we are not root"
fi
