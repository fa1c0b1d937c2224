# encrypt, decrypt, get, filestatus: files, options, keys, errors.
. "${0%/*}/../cli/lib.sh"

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
export SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt

cat >plain.yaml <<'END'
# top
db:
  password: "hunter2"  # inline
  port: 5432
list: [a, b]
open_unencrypted: seen
END

# to stdout, back byte for byte, in place with mode and symlink kept
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml
"$BOOTSEAL" decrypt sealed.yaml >opened.yaml
expect_same plain.yaml opened.yaml
check "no plaintext in it" sh -c '! grep -q hunter2 sealed.yaml && grep -q "open_unencrypted: seen" sealed.yaml'
mkdir real
cp plain.yaml real/file.yaml
chmod 640 real/file.yaml
ln -s real/file.yaml link.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" link.yaml
check "the symlink stays" test -L link.yaml
check "the mode stays" test "$(stat -c %a real/file.yaml)" = 640
"$BOOTSEAL" decrypt -i link.yaml
expect_same plain.yaml real/file.yaml
expect_absent real/.file.yaml.*

# the MAC: what to do
grep -v '^    mac:' sealed.yaml >nomac.yaml
expect_error 'MAC mismatch: the file has no MAC; it was changed without its key: take it back from git' "$BOOTSEAL" decrypt nomac.yaml

# --output, stdin
"$BOOTSEAL" encrypt --age "$recipient" --output out.yaml plain.yaml >stdout
check "nothing on stdout" test ! -s stdout
"$BOOTSEAL" decrypt --output clear.yaml out.yaml
expect_same plain.yaml clear.yaml
check "plaintext is for its owner alone" test "$(stat -c %a clear.yaml)" = 600
# what is open already is written into, whatever is behind it
{ echo head; cat plain.yaml; echo tail; } >expected
ln -s /dev/stdout stdout-link
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1 "$TMP/stdout-link"; do
	{ echo head; "$BOOTSEAL" decrypt --output "$name" out.yaml; echo tail; } >o
	expect_same expected o
done
{ echo head; "$BOOTSEAL" decrypt --output /dev/fd/7 out.yaml 7>&1 >/dev/null; echo tail; } >o
expect_same expected o
check "into a pipe" sh -c '"$BOOTSEAL" decrypt --output /dev/stdout out.yaml | cmp - plain.yaml'
expect_error "open for reading" sh -c '"$BOOTSEAL" decrypt --output /dev/fd/7 out.yaml 7<o'
expect_error "cannot open" sh -c '"$BOOTSEAL" decrypt --output /dev/fd/99 out.yaml'
"$BOOTSEAL" encrypt --age "$recipient" --filename-override x.yaml <plain.yaml >piped.yaml
"$BOOTSEAL" decrypt --input-type yaml <piped.yaml >opened.yaml
expect_same plain.yaml opened.yaml
"$BOOTSEAL" decrypt --filename-override x.yaml - <piped.yaml >opened.yaml
expect_same plain.yaml opened.yaml
expect_error "must specify --filename-override" "$BOOTSEAL" encrypt --age "$recipient" <plain.yaml
expect_status 30 "$BOOTSEAL" decrypt --input-type jsn sealed.yaml
expect_status 8 "$BOOTSEAL" encrypt -i --output x.yaml --age "$recipient" plain.yaml

# parts
expect_output 5432 sh -c '"$BOOTSEAL" decrypt --extract "[\"db\"][\"port\"]" sealed.yaml; echo'
expect_output hunter2 sh -c '"$BOOTSEAL" get sealed.yaml "[\"db\"][\"password\"]"; echo'
expect_output b sh -c '"$BOOTSEAL" get sealed.yaml "[\"list\"][1]"; echo'
expect_output '[a, b]' "$BOOTSEAL" get sealed.yaml '["list"]'
expect_output "$(printf 'password: "hunter2"  # inline\nport: 5432')" "$BOOTSEAL" get sealed.yaml '["db"]'
check "no line break is added" test "$("$BOOTSEAL" get sealed.yaml '["db"]["port"]' | wc -c)" = 4
printf 'm:\n  k: v # c\nl:\n  - {a: b} # d\nf: {a: b} # e\ng:\n  t: |\n    text\n# h\n' >inline.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" inline.yaml
expect_output 'k: v # c' "$BOOTSEAL" decrypt --extract '["m"]' inline.yaml
expect_output '- {a: b} # d' "$BOOTSEAL" get inline.yaml '["l"]'
expect_output '{a: b}' "$BOOTSEAL" get inline.yaml '["f"]'
expect_output "$(printf 't: |\n  text')" "$BOOTSEAL" get inline.yaml '["g"]'
expect_status 1 "$BOOTSEAL" get sealed.yaml '["db"]["nothing"]'
expect_status 1 "$BOOTSEAL" get sealed.yaml '["list"][2]'
expect_status 1 "$BOOTSEAL" get sealed.yaml '["sops"]["mac"]'
expect_status 91 "$BOOTSEAL" get sealed.yaml 'db'

# the status of files
expect_output '{"encrypted":true}' "$BOOTSEAL" filestatus sealed.yaml
expect_output '{"encrypted":false}' "$BOOTSEAL" filestatus plain.yaml

# keys, where they are looked for
unset SOPS_AGE_KEY_FILE
expect_error "no identity here matches its 1 recipient ($recipient)" "$BOOTSEAL" decrypt sealed.yaml
expect_status 128 "$BOOTSEAL" decrypt sealed.yaml
key=$(grep AGE-SECRET "$vectors/sops/keys/age1.txt")
other=$(grep AGE-SECRET "$vectors/sops/keys/age2.txt")
opens() { "$BOOTSEAL" decrypt sealed.yaml | cmp -s - plain.yaml; }
SOPS_AGE_KEY=$key check SOPS_AGE_KEY opens
SOPS_AGE_KEY="# comment
$other  $key" check "SOPS_AGE_KEY, several" opens
SOPS_AGE_KEY_CMD="cat '$vectors/sops/keys/age1.txt'" check SOPS_AGE_KEY_CMD opens
SOPS_AGE_KEY_CMD="sh -c 'test \$SOPS_AGE_RECIPIENT = $recipient && cat \"$vectors/sops/keys/age1.txt\"'" \
	check "SOPS_AGE_RECIPIENT for a command" opens
mkdir -p "$HOME/.config/sops/age" xdg/sops/age
cp "$vectors/sops/keys/age1.txt" "$HOME/.config/sops/age/keys.txt"
check "~/.config/sops/age/keys.txt" opens
mv "$HOME/.config/sops/age/keys.txt" xdg/sops/age
XDG_CONFIG_HOME=$TMP/xdg check "\$XDG_CONFIG_HOME/sops/age/keys.txt" opens

# an SSH key: what is sealed to it, and to the age1… form of it
ssh=$vectors/sops/keys/ssh_ed25519
converted=$("$BOOTSEAL" ssh-to-age -i "$ssh.pub")
for to in "$(cat "$ssh.pub")" "$converted"; do
	"$BOOTSEAL" encrypt --age "$to" plain.yaml >sealed.yaml
	SOPS_AGE_SSH_PRIVATE_KEY_FILE=$ssh check "SOPS_AGE_SSH_PRIVATE_KEY_FILE for ${to%% *}" opens
	SOPS_AGE_SSH_PRIVATE_KEY_CMD="cat '$ssh'" check "SOPS_AGE_SSH_PRIVATE_KEY_CMD for ${to%% *}" opens
done
mkdir "$HOME/.ssh"
cp "$ssh" "$HOME/.ssh/id_ed25519"
check "~/.ssh/id_ed25519" opens
rm "$HOME/.ssh/id_ed25519"

# what is wrong with a key is told when nothing else opens the file
export SOPS_AGE_KEY_FILE=$TMP/missing.txt
expect_error 'cannot open "'"$TMP/missing.txt"'"' "$BOOTSEAL" decrypt sealed.yaml
echo AGE-SECRET-KEY-1NONSENSE >bad.txt
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml
{ echo AGE-PLUGIN-YUBIKEY-1QPZRY9XQMK3NEE; cat "$vectors/sops/keys/age1.txt"; } >both.txt
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >to-age1.yaml
SOPS_AGE_KEY_FILE=both.txt expect_status 0 "$BOOTSEAL" decrypt to-age1.yaml
head -n 1 both.txt >plugin.txt
SOPS_AGE_KEY_FILE=plugin.txt expect_error "age-plugin-yubikey: there is no such program in a directory of PATH" "$BOOTSEAL" decrypt sealed.yaml
SOPS_AGE_KEY_FILE=$(grep ^AGE "$vectors/sops/keys/age1.txt") expect_error \
	"SOPS_AGE_KEY_FILE holds a private key, not the name of a file (that is what SOPS_AGE_KEY is for)" \
	"$BOOTSEAL" decrypt sealed.yaml
for given in "$recipient,$(grep ^AGE "$vectors/sops/keys/age1.txt")" "$recipient;AGE-SECRET-KEY-1QQQ"; do
	expect_error "a private key where a recipient should be" "$BOOTSEAL" encrypt --age "$given" plain.yaml
done
SOPS_AGE_KEY_FILE=bad.txt expect_error "bad.txt" "$BOOTSEAL" decrypt sealed.yaml
check "the key's text is not shown" sh -c '! grep -q NONSENSE "$TMP/.err"'
SOPS_AGE_KEY_CMD=false expect_error "SOPS_AGE_KEY_CMD ended with status 1" "$BOOTSEAL" decrypt sealed.yaml
export SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt

# bad input: one line, no output, nothing changed
"$BOOTSEAL" encrypt --age "$recipient" plain.yaml >sealed.yaml
expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" sealed.yaml
expect_status 1 "$BOOTSEAL" decrypt plain.yaml
expect_error "sops metadata not found" "$BOOTSEAL" decrypt plain.yaml
expect_status 100 "$BOOTSEAL" decrypt missing.yaml
expect_error "directory" "$BOOTSEAL" decrypt --input-type yaml "$TMP"
printf 'a: [1\n' >broken.yaml
expect_error "line 1" "$BOOTSEAL" encrypt --age "$recipient" broken.yaml
printf 'a: 1\na: 2\n' >twice.yaml
expect_error 'line 2' "$BOOTSEAL" encrypt --age "$recipient" twice.yaml
: >empty.yaml
expect_status 92 "$BOOTSEAL" encrypt --age "$recipient" empty.yaml
printf 'a: \377\n' >latin.yaml
expect_error "UTF-8" "$BOOTSEAL" encrypt --age "$recipient" latin.yaml
printf '\377\376a\0:\0 \0b\0' >wide.yaml
expect_error "UTF-16" "$BOOTSEAL" encrypt --age "$recipient" wide.yaml
printf 'a: &a [x,x,x,x,x,x,x,x,x]\n' >bomb.yaml
for i in b c d e f g h i j k; do printf "$i: &$i [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" | sed "s/\*a/*$(echo $i | tr b-k a-j)/g" >>bomb.yaml; done
expect_status 2 "$BOOTSEAL" encrypt --age "$recipient" bomb.yaml
{ printf 'a: ' && printf '[%.0s' $(seq 20000); } >deep.yaml
expect_status 2 "$BOOTSEAL" encrypt --age "$recipient" deep.yaml
sed 's/open_unencrypted: seen/open_unencrypted: sawn/' sealed.yaml >changed.yaml
expect_error "MAC mismatch" "$BOOTSEAL" decrypt changed.yaml
expect_status 51 "$BOOTSEAL" decrypt --output never.yaml changed.yaml
expect_absent never.yaml .never.yaml.*
check "--ignore-mac opens it" "$BOOTSEAL" decrypt --ignore-mac changed.yaml
sed '/^    mac:/d' sealed.yaml >nomac.yaml
expect_status 51 "$BOOTSEAL" decrypt nomac.yaml
cp changed.yaml before.yaml
expect_status 51 "$BOOTSEAL" decrypt -i changed.yaml
expect_same changed.yaml before.yaml
printf 'a: 1\nsops: 2\n' >named.yaml
expect_status 203 "$BOOTSEAL" encrypt --age "$recipient" named.yaml
expect_error "agenonsense" "$BOOTSEAL" encrypt --age agenonsense plain.yaml
expect_status 30 "$BOOTSEAL" encrypt --age "$recipient," plain.yaml
printf '\033[31m"evil: [\n' >"$(printf 'e\033[31mvil.yaml')"
expect_status 2 "$BOOTSEAL" encrypt --age "$recipient" "$(printf 'e\033[31mvil.yaml')"
check "no terminal escapes come through" sh -c '! grep -q "$(printf "\033")" "$TMP/.err"'

# full and read-only targets leave the file alone
cp plain.yaml target.yaml
if [ -w /dev/full ]; then
	expect_error "No space left" "$BOOTSEAL" decrypt --output /dev/full sealed.yaml
fi

# a block scalar in the clear that ends the text without a line break keeps its value when the metadata follow
for header in '|' '|+' '|-' '>' '|2'; do
	printf 'a: 1\nb_unencrypted: %s\n  text' "$header" >end.yaml
	"$BOOTSEAL" encrypt --age "$recipient" end.yaml >end.sealed.yaml 2>notes
	"$BOOTSEAL" decrypt end.sealed.yaml >end.opened.yaml
	check "the value of $header" test "$("$BOOTSEAL" get end.sealed.yaml '["b_unencrypted"]')" = text
	case $header in
	'|-') expect_same end.yaml end.opened.yaml ;;
	*) check "the note names line 2 of $header" grep -q 'as written.*: 2$' notes ;;
	esac
done
printf 'a: yes\n \t\nb: 1\n' >tab.yaml
expect_error "line 1: behind this value is a line of blanks with a tab" "$BOOTSEAL" encrypt --age "$recipient" tab.yaml
printf 'a: !!int # c\n  3\n' >tag.yaml
expect_error "line 2: a comment stands between a tag and its value" "$BOOTSEAL" encrypt --age "$recipient" tag.yaml
printf 'a: &x 1\nb: *x\nc: 2\nd: [*x, *x]\n' >alias.yaml
"$BOOTSEAL" encrypt --age "$recipient" alias.yaml 2>notes >/dev/null
check "each line with an alias is noted" grep -q 'as written.*: 2 4$' notes

# names as long as a file system has them
long=$(printf '%250s' '' | tr ' ' l).yaml
printf 'a: s\n' >"$long"
check "a long name is sealed" "$BOOTSEAL" encrypt -i --age "$recipient" "$long"
check "and set" sh -c 'printf t | "$BOOTSEAL" set "$1" "[\"a\"]"' - "$long"
check "and with others" "$BOOTSEAL" rotate --yes -i "$long" sealed.yaml
expect_output t sh -c '"$BOOTSEAL" get "$1" "[\"a\"]"; echo' - "$long"
check "and opened" "$BOOTSEAL" decrypt -i "$long"
check "nothing is left of it" test -z "$(find . -name '.*bootseal-*')"
