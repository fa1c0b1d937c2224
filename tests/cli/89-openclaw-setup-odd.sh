#!/usr/bin/env bash
# openclaw setup: what systemd takes back, how the gateway knows its clients, names with odd characters, files that cannot
# be read; and that a dry run refuses what the real one would.
. "${0%/*}/installation.sh"
UNIT=$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service

sealed() { # NAME... : the names in the sealed file, and no other
	SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" decrypt /etc/bootseal/openclaw.yaml >opened
	cut -d: -f1 opened >names
	check "sealed: $*" test "$(tr '\n' ' ' <names)" = "$* "
	check "with the values in force" test "$(grep -c "old" opened)" -eq 0
	rm opened names
}
works() {
	finish_installation
	expect_status 0 setup --dry-run --recipient "$OPERATOR"
	cp .out plan
	is_as_before
	expect_status 0 setup --yes --recipient "$OPERATOR"
	check "what was agreed to is what the plan said" test -z "$(grep -vxFf .out plan)"
	holds_no_secret
}

about "an empty Environment="
new_installation
config_of ""
mkdir -p "${UNIT%/*}"
cat >"$UNIT" <<END_OF_UNIT
[Service]
ExecStart=$TMP/openclaw gateway run --bind loopback --port $PORT
Environment=OPENCLAW_GATEWAY_TOKEN=$SECRET-old OPENCLAW_STATE_DIR=/nowhere GROQ_API_KEY=$SECRET-old-groq
Environment=
Environment=OPENCLAW_GATEWAY_TOKEN=$SECRET-token HOME=%h LANG=C
END_OF_UNIT
works
check "the plan says it" grep -q "line 3: GROQ_API_KEY (not in use: an empty Environment= behind it takes it back)" plan
check "also which lines there are" grep -qx "	Environment=" plan
sealed OPENCLAW_GATEWAY_TOKEN
expect_output "Environment=OPENCLAW_STATE_DIR=/nowhere
Environment=
Environment=HOME=$HOME_OF_GATEWAY LANG=C" grep ^Environment= /etc/systemd/system/openclaw-gateway.service
undo
new_installation
config_of "auth: { mode: 'token', token: '$SECRET-token' },"
mkdir /etc/systemd/system/openclaw-gateway.service.d
printf '%s\n' "[Service]" "User=openclaw" "ExecStart=$TMP/openclaw gateway run --port $PORT" \
	"Environment=GROQ_API_KEY=$SECRET-old" >/etc/systemd/system/openclaw-gateway.service
printf '%s\n' "[Service]" "Environment=XAI_API_KEY=$SECRET-old" >/etc/systemd/system/openclaw-gateway.service.d/a.conf
printf '%s\n' "[Service]" "Environment=" >/etc/systemd/system/openclaw-gateway.service.d/m.conf
printf '%s\n' "[Service]" "Environment=XAI_API_KEY=$SECRET-xai" >/etc/systemd/system/openclaw-gateway.service.d/z.conf
finish_installation
cp -a /etc/systemd/system units
expect_status 0 setup --yes --recipient "$OPERATOR"
: >plan # holds_no_secret looks into it
holds_no_secret
sealed XAI_API_KEY OPENCLAW_GATEWAY_TOKEN
expect_status 0 setup --undo --yes
check "all is as before" diff -r units /etc/systemd/system
rm -r units

about "how the gateway knows its clients"
mode() { # FIELDS LINES MODE: with X for the secret
	new_installation
	local fields=${1//X/$SECRET}
	config_of "${fields:+auth: { $fields \},}"
	[ -z "$2" ] || printf '%s\n' ${2//X/$SECRET} >"$S/.env"
	works
	check "the plan says which" grep -q "^	gateway.auth.mode: \"$3\", which it is now without being said$" plan
	check "also what is proven" grep -q "takes the sealed $3 and" plan
	check "it is said" grep -q "\"\?mode\"\?: \"$3\"" "$S/openclaw.json"
	check "it was asked" test "$(grep -c 'not proven' .out)" -eq 0
	undo
}
mode "" OPENCLAW_GATEWAY_PASSWORD=X-password password
mode "" "OPENCLAW_GATEWAY_PASSWORD=X-password OPENCLAW_GATEWAY_TOKEN=X-token" password
mode "token: 'X-token'" OPENCLAW_GATEWAY_PASSWORD=X-password password
refuses() { # TEXT OPTION...: a dry run, too, and nothing has changed
	expect_error "$1" setup --dry-run --recipient "$OPERATOR" "${@:2}"
	expect_error "$1" setup --yes --recipient "$OPERATOR" "${@:2}"
	is_as_before
}
new_installation
config_of "auth: { token: '$SECRET-token', password: '$SECRET-password' },"
finish_installation
refuses 'gateway.auth.token and gateway.auth.password are both set, and gateway.auth.mode is not'

about "names with odd characters"
usual=$HOME_OF_GATEWAY
home_is() { # NAME: that of the gateway's user
	HOME_OF_GATEWAY=$TMP/home/$1
	S=$HOME_OF_GATEWAY/.openclaw
	UNIT=$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service
	grep -v ^openclaw: /etc/passwd >passwd || : "none is left"
	printf 'openclaw:x:4343:4343::%s:/bin/sh\n' "$HOME_OF_GATEWAY" >>passwd
	cat passwd >/etc/passwd
}
odd=("two words" "it's" 'a"quote' 'back\slash' '50% of it' 'a $HOME $$ 5' 'a;b #c' 'fünf' 'all of '\''"\%n ${X}')
spelled=('two\x20words' 'it\x27s' 'a\x22quote' 'back\x5cslash' '50%%\x20of\x20it' 'a\x20$HOME\x20$$\x205' 'a\x3bb\x20\x23c' 'f\xc3\xbcnf'
	'all\x20of\x20\x27\x22\x5c%%n\x20$\x7bX\x7d')
for i in "${!odd[@]}"; do
	about "a home \"${odd[i]}\""
	home_is "${odd[i]}"
	new_installation
	unit_with_environment
	sed -i "/^ExecStart=/s|\$| --profile '%h/p'|; /^Restart=/aWorkingDirectory=%h" "$UNIT"
	cp "$S/openclaw.json" "$S/openclaw.json.bak"
	sed -i "s|^  gateway: {|&auth: { token: '$SECRET-before' },|" "$S/openclaw.json.bak"
	echo "XAI_API_KEY=$SECRET-xai # mine" | tee "$S/.env" "$S/.env.old" >/dev/null
	sed -i 's/ #.*//' "$S/.env"
	echo "#MISTRAL_API_KEY=$SECRET-comment" >>"$S/.env"
	works
	sed "s,$TMP/home/,," /etc/systemd/system/openclaw-gateway.service >unit
	check "its variables" grep -qF "Environment=\"HOME=${spelled[i]}\" LANG=C.UTF-8" unit
	words=${spelled[i]//\$/\$\$}
	check "its command" grep -qF -- "--profile '$words/p'" unit
	line=${odd[i]//%/%%}
	check "its directory" grep -qxF "WorkingDirectory=$line" unit
	undo
	# by the state directory alone
	home_is "${usual##*/}"
	new_installation
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
	mv "$S" "$HOME_OF_GATEWAY/${odd[i]}"
	S="$HOME_OF_GATEWAY/${odd[i]}"
	echo "XAI_API_KEY=$SECRET-xai" | tee "$S/.env" >"$S/.env.old"
	finish_installation
	expect_status 0 setup --yes --recipient "$OPERATOR" --state "$S"
	: >plan
	holds_no_secret
	undo
	mkdir -p "${UNIT%/*}"
	word=${odd[i]//\\/\\x5c} word=${word//%/%%} word=${word//\"/\\\"}
	printf '%s\n' "[Service]" "ExecStart=$TMP/openclaw gateway run --bind loopback --port $PORT" \
		"Environment=\"OPENCLAW_STATE_DIR=%h/$word\"" >"$UNIT"
	finish_installation
	case $word in
	*\\*) refuses 'a backslash in Environment=' ;;
	*)
		expect_status 0 setup --yes --recipient "$OPERATOR"
		holds_no_secret
		undo
		;;
	esac
done
about "names that systemd cannot have"
home_is "${usual##*/}"
new_installation
config_of "auth: { mode: 'token', token: '$SECRET-token' },"
for name in $'two\nlines' $'a\ttab' $'\x1b[1m' $'\xff'; do
	mv "$S" "$HOME_OF_GATEWAY/$name"
	finish_installation
	refuses 'systemd takes no such name' --state "$HOME_OF_GATEWAY/$name"
	mv "$HOME_OF_GATEWAY/$name" "$S"
done
finish_installation
refuses 'systemd takes no such name' --manifest $'/etc/boot\nseal/host.yaml'
refuses 'systemd takes no such name' --identity $'/etc/\x01'
home_is 'ends with a backslash\'
new_installation
unit_with_environment
sed -i "/^Restart=/aWorkingDirectory=%h" "$UNIT"
finish_installation
refuses 'WorkingDirectory= with a home that ends with a blank or backslash'
home_is "${usual##*/}"

about "a manifest with an odd name"
new_installation
config_of "auth: { mode: 'token', token: '$SECRET-token' },"
finish_installation
manifest="/etc/it's 50% \"a\\b\" \$HOME/host.yaml"
expect_status 0 setup --yes --recipient "$OPERATOR" --manifest "$manifest"
check "its directory is what it is called" test -s "${manifest%/*}/openclaw.yaml"
check "so is it in the commands" test "$(grep -cF '/etc/it\x27s\x2050%%\x20\x22a\x5cb\x22\x20$$HOME/host.yaml' /etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf)" -eq 3
check "and in the plan" test "$(grep -cF '/etc/it\x27s\x2050%%\x20\x22a\x5cb\x22\x20$$HOME/host.yaml' .out)" -eq 3
expect_status 0 setup --undo --yes --manifest "$manifest"
is_as_before
expect_absent "${manifest%/*}"

about "what a dry run sees, as the real one"
begin() {
	new_installation
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
	finish_installation
}
begin
rm -r "$HOME_OF_GATEWAY"
expect_error "\"$HOME_OF_GATEWAY\" cannot be made by \"openclaw\": Permission denied" setup --dry-run
expect_error "\"$HOME_OF_GATEWAY\" cannot be made by \"openclaw\": Permission denied" setup --yes --recipient "$OPERATOR"
check "it says that nothing was changed" grep -q 'nothing was changed' .err
expect_absent "$HOME_OF_GATEWAY" /etc/bootseal /etc/systemd/system/openclaw-gateway.service.d
begin
install -m 700 openclaw roots-own
for program in "$TMP/no-openclaw" no-openclaw "$TMP/roots-own"; do
	for how in --dry-run --yes; do
		expect_error "\"openclaw\" cannot start \"$program\", which is to prove it" \
			"$BOOTSEAL" openclaw setup --for openclaw --program "$program" --recipient "$OPERATOR" $how
		is_as_before
	done
done
refuses "the host's key cannot be used" --identity /etc/no-key
chgrp 0 "$S/openclaw.json"
installation >before
refuses "the group of \"$S/openclaw.json\" is none of those of \"openclaw\""
chgrp 0 "$S"
chmod g+s "$S"
installation >before
expect_status 0 setup --dry-run --recipient "$OPERATOR"
mkdir -p /etc/bootseal
for text in 'documents: {openclaw/secrets.json: {file: a.yaml, keys: all}}' 'directory: /run/other' 'documents: [' 'nothing: known'; do
	begin # nothing is left of it
	mkdir -p /etc/bootseal
	echo "$text" >/etc/bootseal/host.yaml
	cp /etc/bootseal/host.yaml manifest
	expect_error '' setup --dry-run
	why=$(cat .err)
	expect_error "$why" setup --yes --recipient "$OPERATOR"
	expect_same manifest /etc/bootseal/host.yaml
done
rm -r /etc/bootseal
is_as_before
for name in openclaw.yaml openclaw-setup.age openclaw-setup.pending.age; do
	mkdir -p /etc/bootseal
	echo x >"/etc/bootseal/$name"
	expect_error "/etc/bootseal/$name\" is" setup --dry-run
	[ $name != openclaw.yaml ] || expect_error "/etc/bootseal/$name\" is" setup --yes --recipient "$OPERATOR"
	rm -r /etc/bootseal
done
is_as_before
mkdir /etc/systemd/system/openclaw-gateway.service.d
echo >/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
expect_error '50-bootseal.conf" is there already' setup --dry-run
expect_error '50-bootseal.conf" is there already' setup --yes --recipient "$OPERATOR"
rm -r /etc/systemd/system/openclaw-gateway.service.d
is_as_before
# as himself, who can read all of it but the host's key
if "${as_user[@]}" test -x "$BOOTSEAL"; then
	expect_status 0 "${as_user[@]}" env HOME="$HOME_OF_GATEWAY" "$BOOTSEAL" openclaw setup --dry-run --program "$TMP/openclaw" --recipient "$OPERATOR"
	check "what is not looked at is said" grep -q "not looked at, as only root can: the host's key" .err
	expect_error 'recipient "nobody": neither' "${as_user[@]}" env HOME="$HOME_OF_GATEWAY" "$BOOTSEAL" openclaw setup --dry-run --program "$TMP/openclaw" --recipient nobody
	chmod 500 "$S"
	expect_error 'openclaw.json" cannot be changed by "openclaw"' "${as_user[@]}" env HOME="$HOME_OF_GATEWAY" "$BOOTSEAL" openclaw setup --dry-run --program "$TMP/openclaw"
	chmod 700 "$S"
else
	skip_one "as the gateway's user" "others cannot reach the program under test"
fi

about "what the gateway's user cannot read, or by another group of his"
echo "shared:x:4344:openclaw" >>/etc/group
unread() { # FILE MODE OWNER GROUP WHY
	chmod "$2" "$1"
	chown "$3:$4" "$1"
	installation >before
	refuses "$5"
	expect_output "$2:$3:$4" stat -c %a:%u:%g "$1"
}
new_installation
keys_in_env
finish_installation
unread "$S/.env" 0 4343 4343 "$S/.env: it cannot be read from here"
for mode in 640 644; do unread "$S/.env" $mode 0 4344 "\"$S/.env\" does not belong to \"openclaw\""; done
chmod 600 "$S/.env" && chown 4343:4343 "$S/.env"
unread "$S/openclaw.json" 640 0 4344 "\"$S/openclaw.json\" does not belong to \"openclaw\""
unread "$S/openclaw.json" 0 4343 4343 "it cannot be read from here"
# one of a group that he is not in could not be made anew
unread "$S/openclaw.json" 660 4343 4345 "the group of \"$S/openclaw.json\" is none of those of \"openclaw\""
chown 4343:4344 "$S/openclaw.json"
installation >before
expect_status 0 setup --yes --recipient "$OPERATOR"
expect_output 660:4343:4344 stat -c %a:%u:%g "$S/openclaw.json"
: >plan
holds_no_secret
undo
mkdir -p "$S/agents/main/agent" "${UNIT%/*}"
echo '{"version":1,"profiles":{"x:default":{"type":"api_key","provider":"x","key":"another-key-1"}}}' >"$S/agents/main/agent/auth-profiles.json"
printf '%s\n' "[Service]" "ExecStart=$TMP/openclaw gateway run --port $PORT" "Environment=XAI_API_KEY=$SECRET-xai" >"$UNIT"
echo "export XAI_API_KEY=$SECRET-xai" >"$HOME_OF_GATEWAY/.bashrc"
finish_installation
unread "$UNIT" 640 0 4344 "\"$UNIT\" does not belong to \"openclaw\""
chown 4343:4343 "$UNIT"
for file in "$UNIT" "$S/agents/main/agent/auth-profiles.json" "$HOME_OF_GATEWAY/.bashrc" "$S/agents" "${UNIT%/*}"; do
	mode=$(stat -c %a "$file")
	unread "$file" 0 4343 4343 "$file: it cannot be read from here"
	chmod "$mode" "$file"
done
# by a group of his it is read, and named
cp "$S/openclaw.json" "$S/openclaw.json.bak"
for file in "$S/agents/main/agent/auth-profiles.json" "$HOME_OF_GATEWAY/.bashrc" "$S/agents"; do
	chown 0:4344 "$file"
	[ -d "$file" ] || chmod 640 "$file"
done
chmod 750 "$S/agents"
chmod 0 "$S/openclaw.json.bak"
expect_status 0 setup --dry-run --recipient "$OPERATOR"
for line in "$S/agents/main/agent/auth-profiles.json: 1 secret in plain text" "$HOME_OF_GATEWAY/.bashrc: line 1: XAI_API_KEY in plain text" \
	"$S/openclaw.json.bak: "; do
	check "the plan names it: ${line#"$HOME_OF_GATEWAY"}" grep -qF "	$line" .out
done
