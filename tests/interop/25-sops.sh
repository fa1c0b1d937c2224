# Called as sops, beside the real one: the same exit status for the same words.
. "${0%/*}/../cli/lib.sh"
own_memory
need sops python3

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
recipient2=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age2.txt")
export SOPS_DISABLE_VERSION_CHECK=1 SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt
theirs=$(command -v sops)
mkdir bin work
ln -s "$BOOTSEAL" bin/sops
ours=$TMP/bin/sops
cd work

printf 'a: 1\nb: text\nl: [x, y]\nm: {k: v}\n# c\nz_unencrypted: open\n' >plain.yaml
printf 'A: b\n' >values.yaml
"$theirs" encrypt --age "$recipient" plain.yaml >sealed.yaml
"$theirs" encrypt --age "$recipient" values.yaml >env.yaml
printf '1: x\n' >keys.yaml
printf 'a: 18446744073709551615\n' >large.yaml
printf '# c\n' >comments.yaml
: >empty.yaml
printf 'a: 1\n---\nsops: 1\n' >later.yaml
printf 'a: [\n' >bad.yaml
printf 'a: 1\na: 2\n' >twice.yaml
printf -- '- a\n' >list.yaml
sed 's/open/closed/' sealed.yaml >mac.yaml
sed '/ mac:/d' sealed.yaml >nomac.yaml
sed 's/^a: ENC.*/a: plain/' sealed.yaml >opened.yaml
sed "s|^b: .*|b: $(sed -n 's/^a: //p' sealed.yaml)|" sealed.yaml >swapped.yaml
mkdir ../kept
cp ./* ../kept

same() { # WORDS...: both end alike
	local a=0 b=0
	cp ../kept/* .
	"$theirs" "$@" </dev/null >../theirs.out 2>../theirs.err || a=$?
	cp ../kept/* .
	"$ours" "$@" </dev/null >../ours.out 2>../ours.err || b=$?
	if [ $a = $b ]; then ok; else fail "$*" "$a, and we $b: $(head -n 1 ../theirs.err); $(head -n 1 ../ours.err)"; fi
}

same --version
check "as it stands" cmp ../theirs.out ../ours.out
same --help
same help
same h
same help decrypt
same help nonsense
same groups
same groups help add
same groups remove -f sealed.yaml -i 0
same groups --nonsense
same groups add
same groups add -f nonexistent -i --age "$recipient2"
same groups delete -f nonexistent 0
same groups delete 0
same --set '["a"] 1' nonexistent.yaml
for words in "decrypt ." "-d ." "rotate ." "unset . [\"a\"]" "exec-env . true" "exec-file . true"; do
	same $words
done
same set . '["a"]' 1
same encrypt --age "$recipient" .
for words in "encrypt plain.yaml" "edit new.yaml" "decrypt sealed.yaml" "-d sealed.yaml" "filestatus sealed.yaml" \
	"exec-env env.yaml true" decrypt updatekeys --version; do
	# shellcheck disable=SC2086 # several words
	SOPS_CONFIG=/nonexistent same $words
	# shellcheck disable=SC2086
	same --config /nonexistent $words
done
same updatekeys
same edit nonexistent/new.yaml
same nonexistent/new.yaml
same encrypt nonexistent.yaml
for words in "encrypt" "encrypt --age $recipient" "-e" "-i -e" "decrypt" "edit" "" "filestatus" "groups add --age $recipient -f" \
	"rotate"; do
	# shellcheck disable=SC2086
	same $words .
done
same -i decrypt sealed.yaml
same --ignore-mac decrypt mac.yaml
same --age "$recipient" encrypt plain.yaml
same --yes updatekeys sealed.yaml
same decrypt -d sealed.yaml
same decrypt -i=maybe sealed.yaml
same decrypt -i= sealed.yaml
same set sealed.yaml '["a"]' -5
same set --shamir-secret-sharing-threshold 2 sealed.yaml '["a"]' 5
same unset --shamir-secret-sharing-threshold 2 sealed.yaml '["a"]'
same -d sealed.yaml -i
same rotate -i --output-type yaml sealed.yaml
same rotate -i --output-type json sealed.yaml
same rotate --output-type nonsense sealed.yaml
same unset --output-type json sealed.yaml '["a"]'
same edit --output-type yaml sealed.yaml
same --output-type yaml sealed.yaml
same encrypt -p 0000000000000000000000000000000000000000 plain.yaml
check "sops' words" sh -c 'for f in theirs ours; do cut -d: -f1,2 ../$f.err | head -n 1 | grep -qx "Could not generate data key: \[failed to encrypt new data key with master key \"0000000000000000000000000000000000000000\"" || exit 1; done'
same encrypt -a "$recipient" -p 0000000000000000000000000000000000000000 plain.yaml
same rotate -i --add-pgp 0000000000000000000000000000000000000000 sealed.yaml
same rotate -i --rm-kms arn:aws:kms:us-east-1:1:key/k sealed.yaml
same -d
same decrypt missing.yaml
same -d missing.yaml
same -e missing.yaml
same -r missing.yaml
same rotate missing.yaml
same rotate -i --add-age "$recipient2" missing.yaml
same -r -i --add-age "$recipient2" missing.yaml
same set missing.yaml '["a"]' 1
same unset missing.yaml '["a"]'
same exec-env missing.yaml true
same exec-file missing.yaml true
same updatekeys -y missing.yaml
same filestatus
for file in missing plain sealed empty bad twice list comments; do same filestatus $file.yaml; done
same --config . filestatus sealed.yaml
same --config . -e plain.yaml
for words in "encrypt --age $recipient plain.yaml" "decrypt sealed.yaml" "decrypt --output-type json sealed.yaml" "rotate sealed.yaml" \
	"exec-env env.yaml true" "encrypt --age $recipient --output-type json plain.yaml"; do
	# shellcheck disable=SC2086 # words
	for indent in -1 -2; do same --indent=$indent $words; done
done
same unset --output-type ini env.yaml '["A"]'

same decrypt sealed.yaml
same -d sealed.yaml
same decrypt -i sealed.yaml
same decrypt sealed.yaml -i
same -d --output out.yaml sealed.yaml
same -d -i --output out.yaml sealed.yaml
same -d --output /nonexistent/out.yaml sealed.yaml
for index in '["b"]' '["none"]' '["l"][1]' '["l"][9]' 'none' '["m"]'; do
	same -d --extract "$index" sealed.yaml
	same decrypt --extract "$index" sealed.yaml
done
for file in mac nomac swapped opened plain empty bad comments list; do
	same decrypt $file.yaml
	same -d --ignore-mac $file.yaml
done
same decrypt --decryption-order age,age sealed.yaml
same decrypt --decryption-order pgp,age sealed.yaml
SOPS_AGE_KEY_FILE=/nonexistent same decrypt sealed.yaml
same decrypt --nonsense sealed.yaml
same --nonsense
same decrypt --output

same encrypt plain.yaml
for file in plain sealed keys large comments empty later bad twice list; do
	same encrypt --age "$recipient" $file.yaml
	same -e -a "$recipient" $file.yaml
done
same -e -a "$recipient" -i plain.yaml
same encrypt --age nonsense plain.yaml
same encrypt --age "$recipient," plain.yaml
same encrypt --age "$recipient" --encrypted-regex a --unencrypted-regex b plain.yaml
same encrypt --age "$recipient" --encrypted-suffix a plain.yaml
same encrypt --age "$recipient"
same encrypt --age "$recipient" --input-type nonsense plain.yaml
same encrypt --age "$recipient" --output-type json plain.yaml
same encrypt --age "$recipient" --output-type dotenv plain.yaml
same --encrypted-comment-regex x encrypt --age "$recipient" plain.yaml
same --mac-only-encrypted encrypt --age "$recipient" plain.yaml
same --indent 2 encrypt --age "$recipient" plain.yaml
same encrypt --age "$recipient" -i --output out.yaml plain.yaml
same encrypt --age "$recipient" plain.yaml extra
same encrypt --age "$recipient" --shamir-secret-sharing-threshold 2 plain.yaml
same -e --age "$recipient" --input-type json plain.yaml

for value in '"v"' 5 null '{"b": [1]}' nonsense '{' ''; do
	same set sealed.yaml '["a"]' "$value"
	same --set "[\"a\"] $value" sealed.yaml
done
same set sealed.yaml a 1
same set sealed.yaml '["a"]'
same set sealed.yaml
same set sealed.yaml '["sops"]' 1
same set --idempotent sealed.yaml '["b"]' '"text"'
same --set '["a"]' sealed.yaml
same set --value-stdin sealed.yaml '["a"]' 1
same set --value-stdin --value-file sealed.yaml '["a"]'
same set plain.yaml '["a"]' 1
for index in '["a"]' '["none"]' '["l"][7]' '["l"][0]' '["m"]["k"]' '["sops"]' none; do
	same unset sealed.yaml "$index"
	[ "$index" = '["sops"]' ] || same unset --idempotent sealed.yaml "$index"
done
same unset sealed.yaml

same rotate sealed.yaml
same rotate -i sealed.yaml
same -r -i sealed.yaml
same rotate -i --add-age "$recipient2" sealed.yaml
same rotate -i --rm-age "$recipient" sealed.yaml
same rotate plain.yaml

same exec-env sealed.yaml true
same exec-env env.yaml 'exit 7'
same exec-env env.yaml
same exec-env
same exec-env --pristine env.yaml 'exit 0'
same exec-env --same-process env.yaml 'exit 4'
same exec-file env.yaml 'cat {}'
same exec-file env.yaml 'exit 3'
same exec-file --no-fifo --filename x env.yaml 'cat {}'
same exec-file --output-type json env.yaml 'cat {}'
same exec-file --filename ../x env.yaml 'cat {}'
same exec-env mac.yaml true

same groups
same groups delete
same publish
same updatekeys -y sealed.yaml
EDITOR=true same edit sealed.yaml
EDITOR=true same sealed.yaml
EDITOR=false same sealed.yaml
EDITOR=/nonexistent same sealed.yaml
EDITOR=true same --input-type yaml --output-type yaml sealed.yaml
EDITOR=true same edit

# what exec-env and exec-file hand over
for type in yaml json dotenv; do
	"$theirs" exec-file --output-type $type ../kept/env.yaml 'cat {}' >../theirs.out
	"$ours" exec-file --output-type $type ../kept/env.yaml 'cat {}' >../ours.out
	expect_same ../theirs.out ../ours.out
done

# another format, for the real one
cp ../kept/* .
"$ours" rotate -i --output-type json sealed.yaml 2>/dev/null
check "the real one opens it" test "$("$theirs" -d --input-type json --extract '["b"]' sealed.yaml)" = text
cp ../kept/* .
"$ours" unset --output-type json sealed.yaml '["a"]'
check "this one, too" test "$("$theirs" -d --input-type json --extract '["b"]' sealed.yaml)" = text

# a scalar that is no string ends its line in YAML
printf 'i: 1\nf: 1.5\nb: true\nn: null\ns: x\nt: 2020-01-02\nl: [1]\nm: {k: 1}\n' >types.yaml
"$theirs" encrypt -i --age "$recipient" types.yaml
for type in yaml json; do
	for key in i f b n s t l m; do
		"$theirs" -d --extract "[\"$key\"]" --output-type $type types.yaml >../theirs.out
		"$ours" -d --extract "[\"$key\"]" --output-type $type types.yaml >../ours.out
		expect_same ../theirs.out ../ours.out
	done
done

# a dead key of a cloud goes, and no cloud is asked
arn=arn:aws:kms:us-east-1:656532927350:key/920aff2e-c5f1-4040-943a-047fa387b27e
sed "s|^sops:|&\n    kms:\n        - arn: $arn\n          created_at: \"2024-01-01T00:00:00Z\"\n          enc: AAAA\n          aws_profile: \"\"|" ../kept/sealed.yaml >cloud.yaml
for program in "$theirs" "$ours"; do
	cp cloud.yaml gone.yaml
	"$program" rotate -i --rm-kms "$arn" gone.yaml 2>/dev/null
	check "--rm-kms" sh -c '! grep -e "arn:" -e "kms:" gone.yaml'
	check "the rest opens" "$theirs" -d gone.yaml
done
