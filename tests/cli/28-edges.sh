# What must be refused, or told: values that no reader of YAML takes, files that would be waited for, output
# that goes nowhere. And comments that are sealed though they look it.
. "${0%/*}/../cli/lib.sh"
own_memory

recipient=$(sed -n 's/^# public key: //p' "$ROOT/tests/vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$ROOT/tests/vectors/sops/keys/age1.txt
set_value() { printf '%s' "$3" | "$BOOTSEAL" set --value-stdin "$1" "$2"; }

# --- "<<" takes maps alone
printf 'b: &x {c: 1}\nd:\n  <<: [*x]\n  e: 1\n' >plain.yaml
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml 2>/dev/null
cp sealed.yaml merge.yaml
for place in '["d"]["<<"][2]' '["d"]["<<"][1]' '["d"]["<<"][0]' '["d"]["<<"]' '["new"]["<<"]' '["d"]["<<"][1][0]'; do
	for value in '"v"' 5 null '["v"]'; do
		expect_error 'what "<<" merges are maps' set_value merge.yaml "$place" "$value"
	done
done
expect_same sealed.yaml merge.yaml
expect_status 0 set_value merge.yaml '["d"]["<<"][1]' '{"n": "v"}'
expect_status 0 set_value merge.yaml '["d"]["<<"][0]["c"]' '"v"'
if command -v sops >/dev/null; then
	expect_status 0 env SOPS_DISABLE_VERSION_CHECK=1 sops decrypt merge.yaml
else
	skip_one "merged maps" "no sops to read them"
fi
echo '{"d": {"<<": [1]}}' >merge.json
"$BOOTSEAL" encrypt -i --age "$recipient" merge.json
expect_status 0 set_value merge.json '["d"]["<<"][1]' '"v"'

# --- a comment that is typed in the form of a sealed one is sealed, as encrypt does it
printf 'a: b # x\n' >comment.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" comment.yaml
pasted=$(sed -n 's/^a: .*\(#ENC.*\)/\1/p' comment.yaml)
printf '#!/bin/sh\necho "%s" >>"$1"\n' "$pasted" >editor
chmod +x editor
EDITOR=$TMP/editor "$BOOTSEAL" edit comment.yaml
printf 'a: b # x\n%s\n' "$pasted" >want
"$BOOTSEAL" decrypt comment.yaml >got
expect_same want got

# --- a FIFO that was not named is not waited for
mkdir fifo
mkfifo fifo/.sops.yaml
echo 'a: b' >fifo/a.yaml
expect_error 'cannot read ".sops.yaml": it is no regular file' sh -c 'cd fifo && exec timeout 10 "$BOOTSEAL" encrypt a.yaml'
mkdir -p config/sops/age
mkfifo config/sops/age/keys.txt
expect_error 'keys.txt": it is no regular file' env -u SOPS_AGE_KEY_FILE HOME="$TMP" XDG_CONFIG_HOME="$TMP/config" timeout 10 "$BOOTSEAL" decrypt sealed.yaml
# one that was named is read
expect_output b sh -c '"$BOOTSEAL" encrypt --age "$1" --input-type yaml /dev/stdin <fifo/a.yaml | "$BOOTSEAL" get --input-type yaml /dev/stdin "[\"a\"]"; echo' - "$recipient"
mkfifo named
cat fifo/a.yaml >named &
expect_status 0 timeout 10 "$BOOTSEAL" encrypt --age "$recipient" --input-type yaml named

# --- output that is closed
for command in "decrypt sealed.yaml" "encrypt --age $recipient fifo/a.yaml" 'get sealed.yaml ["b"]' help --version; do
	expect_status 3 sh -c '"$BOOTSEAL" $1 >&-' - "$command"
done
expect_status 0 sh -c '"$BOOTSEAL" encrypt -i --age "$1" plain.yaml >&-' - "$recipient"

# a file that lost its MAC is mended by whoever looks at it and changes it
for type in yaml json env ini; do
	case $type in
	yaml) echo 'a: old' ;;
	json) printf '{\n"a": "old"\n}\n' ;;
	env) echo 'a=old' ;;
	ini) printf '[s]\na = old\n' ;;
	esac >mended.$type
	"$BOOTSEAL" encrypt --age "$recipient" -i mended.$type
	sed -i -E '/^ *"?(sops_)?mac"?( *=|:)/d' mended.$type
	cp mended.$type broken.$type
	index='["a"]'
	[ $type != ini ] || index='["s"]["a"]'
	expect_status 51 "$BOOTSEAL" decrypt mended.$type
	if [ $type = env ]; then
		expect_error "has no MAC" sh -c 'printf x | "$BOOTSEAL" set --ignore-mac "$0" "$1"' mended.$type "$index"
		expect_same broken.$type mended.$type
	else
		expect_status 0 sh -c 'printf x | "$BOOTSEAL" set --ignore-mac "$0" "$1"' mended.$type "$index"
		expect_output x sh -c '"$BOOTSEAL" get "$0" "$1"; echo' mended.$type "$index"
		cp broken.$type mended.$type
	fi
	check "edit --ignore-mac" env EDITOR="sed -i s/old/new/" "$BOOTSEAL" edit --ignore-mac mended.$type
	expect_output new sh -c '"$BOOTSEAL" get "$0" "$1"; echo' mended.$type "$index"
done
