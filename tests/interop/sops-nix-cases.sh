# The cases of 60-sops-install-secrets.sh: functions case_NAME, run in a mount namespace with an empty /run, in
# /run/w, where the test assets are.

# "name":value of the fields, and of the defaults those that are not among them.
fields() { # FIELD... -- DEFAULT...
	local given=() field have
	while [ "$1" != -- ]; do given+=("$1"); shift; done
	shift
	have=" ${given[*]+"${given[*]}"}"
	for field; do
		case $have in *"${field%%:*}:"*) ;; *) given+=("$field") ;; esac
	done
	join "${given[@]}"
}

# A manifest of sops-nix' modules, with what is given in the place of its own.
manifest() { # SECRETS [FIELD...]
	local secrets=$1
	shift
	printf '{%s,"secrets":[%s]}\n' "$(fields "$@" -- "\"secretsMountPoint\":\"$MOUNT\"" "\"symlinkPath\":\"$LINK\"" \
		'"keepGenerations":1' '"sshKeyPaths":[]' '"gnupgHome":null' '"ageKeyFile":"/run/w/age-keys.txt"' \
		'"ageSshKeyPaths":[]' '"useTmpfs":false' '"userMode":false' \
		'"logging":{"keyImport":false,"secretChanges":true}')" "$secrets"
}

# One secret as the modules write it.
secret() { # NAME KEY [FIELD...]
	local name=$1 key=$2
	shift 2
	printf '{%s}' "$(fields "$@" -- "\"name\":\"$name\"" "\"key\":\"$key\"" "\"path\":\"$LINK/$name\"" '"format":"yaml"' \
		'"mode":"0400"' '"owner":null' '"group":null' '"uid":0' '"gid":0' '"neededForUsers":false' '"sopsFileHash":""' \
		'"restartUnits":[]' '"reloadUnits":[]' '"sopsFile":"/run/w/secrets.yaml"')"
}

join() { local IFS=,; printf '%s' "$*"; }

placeholder() { printf '<SOPS:%s:PLACEHOLDER>' "$(printf %s "$1" | sha256sum | cut -d' ' -f1)"; }

# "placeholderBySecretName" for these
placeholders() {
	local name all=()
	for name; do all+=("\"$name\":\"$(placeholder "$name")\""); done
	printf '"placeholderBySecretName":{%s}' "$(join "${all[@]}")"
}

# --- Its own Go tests (main_test.go) ---

go_test_gpg_formats() {
	local format file n=2
	secret test test_key '"owner":"nobody"' '"group":"nogroup"' '"path":"/run/w/test-target"' \
		'"restartUnits":["affected-service"]' '"reloadUnits":["affected-reload-service"]'
	for format in json:json binary:bin dotenv:env ini:ini; do
		file=secrets.${format#*:}
		printf ,
		secret test$n test_key "\"format\":\"${format%:*}\"" "\"sopsFile\":\"/run/w/$file\"" '"owner":"root"' '"group":"root"' \
			'"mode":"0700"' "\"path\":\"$MOUNT/test$n\""
		n=$((n + 1))
	done
}

case_go_gpg() {
	mkdir -m 700 gpg-home
	GNUPGHOME=/run/w/gpg-home gpg --batch -q --import key.asc
	manifest "$(go_test_gpg_formats)" '"ageKeyFile":null' '"gnupgHome":"/run/w/gpg-home"' >m.json
	WATCH="/run/w/test-target $MOUNT/test2"
	# differs: INI of another sops, whose last line is empty; a whole file comes as it was sealed
	step m.json | sed 's/^[0-9a-f]*\(.*test5\)$/\1/'
	grep . /run/secrets/test5
	step m.json | sed 's/^[0-9a-f]*\(.*test5\)$/\1/'
	GNUPGHOME=/run/w/gpg-home gpgconf --kill gpg-agent
}

# The host's RSA key as a PGP key; one that is not there, and one that is none, are told and passed over.
case_go_ssh_key_gpg() {
	touch existing-target
	manifest "$(secret test test_key '"owner":"nobody"' '"group":"nogroup"' '"path":"/run/w/existing-target"')" \
		'"ageKeyFile":null' '"sshKeyPaths":["/run/w/none","/run/w/ssh-ed25519-key","/run/w/ssh-key"]' >m.json
	WATCH=/run/w/existing-target
	step NIXOS_ACTION=dry-activate m.json
	step m.json
	step m.json
}

# One that opens nothing; with an age key that opens the file it does not matter.
case_go_ssh_other_key_gpg() {
	ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f rsa
	manifest "$(secret test test_key)" '"sshKeyPaths":["/run/w/rsa","/run/w/none"]' >m.json
	step m.json
	manifest "$(secret test test_key)" '"ageKeyFile":null' '"sshKeyPaths":["/run/w/rsa"]' >m.json
	step m.json
}

case_go_age() {
	touch existing-target
	manifest "$(secret test test_key '"owner":"nobody"' '"group":"nogroup"' '"path":"/run/w/existing-target"')" >m.json
	WATCH=/run/w/existing-target
	step m.json
}

case_go_age_with_ssh() {
	touch existing-target
	manifest "$(secret test test_key '"owner":"nobody"' '"group":"nogroup"' '"path":"/run/w/existing-target"')" \
		'"ageKeyFile":null' '"ageSshKeyPaths":["/run/w/none","/run/w/ssh-ed25519-key"]' >m.json
	WATCH=/run/w/existing-target
	step m.json
}

case_go_validate() {
	local mode status
	manifest "$(secret test test_key '"owner":"no such user"')" '"ageKeyFile":null' '"sshKeyPaths":["non-existing-key"]' >m.json
	chmod 755 .
	chmod go+r ./*
	# where nobody can reach it
	cp -L "$PROGRAM" sops-install-secrets
	for mode in manifest sopsfile; do
		step -check-mode=$mode m.json
		step --check-mode $mode -ignore-passwd m.json
		status=0
		setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH=/usr/bin:/bin /run/w/sops-install-secrets \
			-check-mode=$mode /run/w/m.json || status=$?
		echo "as nobody: $status"
		[ $status -eq 0 ] || exit 1
	done
	expect_nothing
}

expect_nothing() { find /run -path /run/w -prune -o ! -name '.*' -printf '%p\n' | sort; }

case_go_formats() {
	local format
	for format in yaml json binary dotenv ini YAML JSON BINARY DOTENV INI xml '' ; do
		manifest "$(secret test test_key "\"format\":\"$format\"")" >m.json
		step -check-mode=manifest m.json
	done
	manifest "$(secret test test_key '"format":"XML"'),$(secret other test_key '"format":null')" >m.json
	step m.json
	# one file in two formats
	manifest "$(secret test test_key),$(secret other '' '"format":"binary"')" >m.json
	step -check-mode=manifest m.json
	step m.json
}

# --- The virtual machines' tests (nixos-test.nix) ---

case_vm_pruning() {
	manifest "$(secret test_key test_key)" '"keepGenerations":0' >m.json
	step m.json
	writable
	mkdir /run/secrets.d/{2..99} /run/secrets.d/non-numeric
	ln -fsn /run/secrets.d/99 /run/secrets
	step m.json
	manifest "$(secret test_key test_key)" '"keepGenerations":10' >m.json
	step m.json
	manifest "$(secret test_key test_key)" '"keepGenerations":1' >m.json
	step m.json
}

case_vm_age_keys() {
	local id secrets=()
	mkdir /run/secrets
	for id in '0 0' '1000 1000' '1000 0' '1001 1001' '65534 4294967294'; do
		set -- $id
		secrets+=("$(secret "test_key_$1_$2" test_key "\"uid\":$1" "\"gid\":$2")")
	done
	manifest "$(join "${secrets[@]}")" >m.json
	step m.json
}

case_vm_age_ssh_keys() {
	manifest "$(secret test_key test_key)" '"ageSshKeyPaths":["/run/w/ssh-ed25519-key"]' '"ageKeyFile":"/run/w/generated"' >m.json
	step m.json
	cp generated.txt generated
	step m.json
}

case_vm_pgp_keys_gpg() {
	mkdir -m 700 gpg-home
	GNUPGHOME=/run/w/gpg-home gpg --batch -q --import key.asc
	touch /run/existing-file
	manifest "$(secret test_key test_key '"owner":"nobody"'),$(secret nested/test/file nested/test/file '"owner":"nobody"'),$(
		secret existing-file test_key '"path":"/run/existing-file"')" '"ageKeyFile":null' '"gnupgHome":"/run/w/gpg-home"' >m.json
	WATCH=/run/existing-file
	step m.json
	readlink -f /run/existing-file
	GNUPGHOME=/run/w/gpg-home gpgconf --kill gpg-agent
}

template() { # NAME CONTENT [FIELD...]
	local name=$1 content=$2
	shift 2
	printf '{%s}' "$(fields "$@" -- "\"name\":\"$name\"" "\"path\":\"$LINK/rendered/$name\"" '"mode":"0400"' '"owner":null' \
		'"group":null' '"uid":0' '"gid":0' "\"content\":\"$content\"" '"file":""' '"restartUnits":[]' '"reloadUnits":[]')"
}

case_vm_templates() {
	local text="Test value: $(placeholder test_key)\\n"
	printf 'from a file: %s%s\n' "$(placeholder test_key)" "$(placeholder test_key)" >template
	manifest "$(secret test_key test_key)" "\"templates\":[$(join \
		"$(template test_template "This line is not modified.\\nThe next: $(placeholder test_key)\\nNor this.\\n" \
			'"owner":"daemon"' '"group":"daemon"')" \
		"$(template test_default "$text" '"path":"/run/etc/externally/linked"')" \
		"$(template test_uid_gid "$text" '"uid":420' '"gid":420' '"mode":"0444"')" \
		"$(template deep/er "for users: $(placeholder nested/test/file)")" \
		"$(template both "$text" '"file":"/run/w/template"')" \
		"$(template from_file "" '"file":"/run/w/template"')")]" \
		"$(placeholders test_key nested/test/file)" >m.json
	WATCH='/run/etc'
	step m.json
	realpath /run/etc/externally/linked
	step m.json
	# not there, or nothing at all
	manifest "$(secret test_key test_key)" "\"templates\":[$(template t '' '"file":"/run/w/none"')]" "$(placeholders test_key)" >m.json
	step m.json
	step -check-mode=manifest m.json
	manifest "$(secret test_key test_key)" "\"templates\":[$(template t '')]" "$(placeholders test_key)" >m.json
	step m.json
	manifest "$(secret test_key test_key)" "\"templates\":[$(template t x)]" "$(placeholders other)" >m.json
	step m.json
}

# With the lists, and with systemctl.
restart_and_reload() { # [VARIABLE=VALUE]
	local units=('"restartUnits":["restart-unit.service","reload-unit.service"]' '"reloadUnits":["reload-trigger.service"]')
	mkdir -p /run/nixos
	manifest "$(secret test_key test_key "${units[@]}")" \
		"\"templates\":[$(template test_template "a secret: $(placeholder test_key)\\n" "${units[@]}")]" "$(placeholders test_key)" >m.json
	again() { step "$@" m.json; writable; }
	again "$@"
	again "$@"
	: >/run/secrets/test_key
	again "$@"
	: >/run/secrets/rendered/test_template
	again "$@"
	rm /run/secrets/test_key /run/secrets/rendered/test_template
	again "$@"
	: >/run/secrets/test_key
	: >/run/secrets/rendered/test_template
	again "$@"
	: >/run/secrets/another_key
	: >/run/secrets/rendered/another_template
	again "$@"
	rm /run/secrets/test_key /run/secrets/rendered/test_template
	: >/run/secrets/another_key
	mkdir -p /run/secrets/more/of
	: >/run/secrets/more/of/it
	: >/run/secrets/rendered/another_template
	again NIXOS_ACTION=dry-activate "$@"
	again "$@"
	: >/run/secrets/test_key
	again NIXOS_ACTION=dry-activate "$@"
	again NIXOS_ACTION=switch "$@"
}

case_vm_restart_and_reload() { restart_and_reload; }

case_vm_restart_by_systemctl() {
	fake_systemctl
	restart_and_reload SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1
}

case_vm_user_passwords() {
	manifest "$(secret nested/test/file nested/test/file '"owner":"daemon"')" >m.json
	MOUNT=/run/secrets-for-users.d LINK=/run/secrets-for-users
	manifest "$(secret test_key test_key '"owner":"nobody"' '"neededForUsers":true')" '"templates":[]' >users.json
	step -ignore-passwd users.json
	step -ignore-passwd users.json
	MOUNT=/run/secrets.d LINK=/run/secrets
	step m.json
	step m.json
}

# --- More of it ---

case_command_line() {
	local words
	manifest "$(secret test test_key)" >m.json
	for words in '' 'm.json m.json' -h -help --help '-check-mode' '-check-mode Manifest m.json' '-check-mode= m.json' \
		'-check-mode=manifest' '-nothing m.json' '-ignore-passwd=maybe m.json' '-ignore-passwd=false -check-mode manifest m.json' \
		'--ignore-passwd=T --check-mode=manifest -- m.json' 'm.json -check-mode=manifest' 'none.json' '-check-mode=manifest none.json' \
		'-check-mode=off -check-mode=manifest m.json' '-check-mode=sopsfile -- none.json' '--'; do
		step $words
	done
	expect_nothing
}

case_user_mode() {
	mkdir -m 700 /run/user
	MOUNT=%r/secrets.d LINK=%r/conf%%ig/sops-nix/secrets
	manifest "$(secret test_key test_key),$(secret other nested/test/file '"path":"%r/links/%%r/other"')" '"userMode":true' \
		"\"templates\":[$(template t "$(placeholder other)" '"path":"%r/t"')]" "$(placeholders test_key other)" >m.json
	MOUNT=/run/user/secrets.d LINK=/run/user/conf%ig/sops-nix/secrets WATCH='/run/user/links /run/user/t'
	step m.json
	step XDG_RUNTIME_DIR=/run/user -ignore-passwd m.json
	step XDG_RUNTIME_DIR=/run/user m.json
	step -check-mode=sopsfile m.json
	step -check-mode=manifest m.json
}

# By who is not root, the user's RSA key as a PGP key.
case_user_mode_ssh_gpg() {
	mkdir -m 700 /run/user
	cp -L "$PROGRAM" /run/sops-install-secrets
	chmod 755 . /run/sops-install-secrets
	chmod go+r secrets.yaml
	chown 65534:65534 ssh-key /run/user
	MOUNT=%r/secrets.d LINK=%r/secrets
	manifest "$(secret test_key test_key)" '"userMode":true' '"ageKeyFile":null' '"sshKeyPaths":["/run/w/ssh-key"]' >m.json
	MOUNT=/run/user/secrets.d LINK=/run/user/secrets PROGRAM=/usr/bin/setpriv
	step --reuid=65534 --regid=65534 --clear-groups env XDG_RUNTIME_DIR=/run/user /run/sops-install-secrets -ignore-passwd m.json
}

# Decoded as leniently as Go does it.
case_leniency() {
	cat >m.json <<-END
		{"SECRETSMOUNTPOINT":"$MOUNT","symlinkpath":"$LINK","agekeyfile":"/run/w/age-keys.txt","gnupgHome":null,"sshKeyPaths":null,
		"unknown":{"a":[1,2.5,{"b":null}]},"logging":null,"useTmpfs":null,"keepGenerations":null,"templates":null,
		"secrets":[{"NAME":"a","Key":"test_key","path":"$LINK/a","mode":"400","sopsfile":"/run/w/secrets.yaml","restartUnits":null,"x":1},
		{"name":"first","name":"b","key":"test_key","path":"$LINK/b","mode":"0400","sopsFile":"/run/w/secrets.yaml","owner":null,
		"uid":null,"gid":null,"format":null}]} and more that is no JSON
	END
	step m.json
	step -check-mode=sopsfile m.json
	echo '{}' >m.json
	step -check-mode=manifest m.json
	step -check-mode=sopsfile m.json
	for text in '' 'null' '[]' '{' '{"secrets":{}}' '{"secrets":[1]}' '{"secrets":[{"name":1}]}' '{"userMode":"yes"}' \
		'{"keepGenerations":1.5}' '{"logging":[]}' '{"sshKeyPaths":"x"}' '{"ageSshKeyPaths":[1]}' '{"placeholderBySecretName":[]}' \
		'{"placeholderBySecretName":{"a":1}}' '"x"'; do
		printf '%s' "$text" >m.json
		step m.json
	done
}

case_faults() {
	local fault
	manifest "$(secret good test_key)" >m.json
	step m.json
	for fault in '"key":"none"' '"key":"nested"' '"key":"nested/none/file"' '"key":"test_key/more"' '"key":"a_list"' '"key":"sops/mac"' \
		'"owner":"no such user"' '"group":"no such group"' '"mode":""' '"mode":"0800"' '"mode":"777777"' '"mode":null' '"mode":"rw"' \
		'"sopsFile":"/run/w/none.yaml"' '"sopsFile":"/run/w/age-keys.txt"' '"sopsFile":"/run/w"' '"format":"binary"' '"format":"json"' \
		'"sopsFile":"/run/w/secrets.bin","format":"binary"' '"name":""' '"name":".."' '"name":"good"'; do
		manifest "$(secret good test_key),$(secret bad test_key "$fault")" >m.json
		# Differs: a name that is empty, has "..", or is there twice is refused.
		case $fault in '"name"'*) only ours step m.json >out; only ours grep -q 'status 1' out; continue ;; esac
		step m.json
	done
	manifest "$(secret bad test_key '"owner":"no such user"')" >m.json
	step -ignore-passwd m.json
	manifest "$(secret good test_key)" '"ageKeyFile":null' >m.json
	step m.json
	manifest "$(secret good test_key)" '"ageKeyFile":"/run/w/none"' >m.json
	step m.json
	manifest "$(secret good test_key)" '"gnupgHome":"/run/w"' >m.json
	step m.json
	manifest "$(secret good test_key)" '"gnupgHome":"/run/w"' '"ageKeyFile":""' '"sshKeyPaths":["x"]' >m.json
	step m.json
	step -check-mode=manifest m.json
	manifest "$(secret a test_key),$(secret a/b test_key)" >m.json
	step m.json
	manifest "$(secret a/b test_key),$(secret a test_key)" >m.json
	step m.json
	# a check looks at what is sealed, and needs no key
	manifest "$(secret good nested/test/file),$(secret bad none)" '"ageKeyFile":null' >m.json
	step -check-mode=sopsfile m.json
	step -check-mode=manifest m.json
}

case_links() {
	local path n=0 secrets=()
	mkdir -p /run/l/empty /run/l/full/x /run/l/elsewhere
	ln -s /run/secrets/s0 /run/l/same
	ln -s nowhere /run/l/other
	ln -s elsewhere /run/l/dir
	touch /run/l/file
	WATCH=/run/l
	for path in /run/l/same /run/l/other /run/l/file /run/l/empty /run/l/a/b/c /run/l/dir/in; do
		secrets+=("$(secret s$n test_key "\"path\":\"$path\"" "\"uid\":$n" '"gid":1')")
		n=$((n + 1))
	done
	manifest "$(join "${secrets[@]}")" >m.json
	step m.json
	step m.json
	manifest "$(secret s0 test_key '"path":"/run/l/full"' '"gid":1')" >m.json
	step m.json
	manifest "$(secret s0 test_key '"gid":1')" >m.json
	step m.json
}

# Links in the live generation itself: another name of a secret.
case_links_within() {
	manifest "$(secret a test_key "\"path\":\"$LINK/other/name\""),$(secret b test_key "\"path\":\"$MOUNT/beside\"")" >m.json
	WATCH=$MOUNT/beside
	step m.json
	step m.json
}

# The place of the link: another link, a file, a directory with something in it.
case_places() {
	manifest "$(secret a test_key)" >m.json
	# differs: the real one says that all that lies there is removed
	ln -s /run/w /run/secrets
	step m.json | grep -v '^adding\|^removing'
	rm /run/secrets
	touch /run/secrets
	step m.json
	rm /run/secrets
	mkdir -p /run/secrets/some/thing
	step m.json
	MOUNT=/run/mounts/of/secrets LINK=/run/links/to/secrets
	manifest "$(secret a test_key)" >m.json
	step m.json
	ls -ld /run/mounts /run/mounts/of /run/links /run/links/to | cut -c1-10
	step m.json
}

case_tmpfs() {
	manifest "$(secret a test_key)" '"useTmpfs":true' >m.json
	step m.json
	findmnt -n -o FSTYPE "$MOUNT"
	step m.json
}

# sops' own places for keys.
case_environment() {
	manifest "$(secret a test_key)" '"ageKeyFile":null' >m.json
	step m.json
	step SOPS_AGE_KEY_FILE=/run/w/age-keys.txt m.json
	step "SOPS_AGE_KEY=$(grep -v '^#' age-keys.txt)" m.json
	mkdir -p /run/home/.config/sops/age
	cp age-keys.txt /run/home/.config/sops/age/keys.txt
	step HOME=/run/home m.json
	printf '#!/bin/sh\ncat /run/w/age-keys.txt\n' >cmd
	chmod 755 cmd
	step SOPS_AGE_KEY_CMD=/run/w/cmd m.json
	# its place is taken by the manifest's
	manifest "$(secret a test_key)" '"ageKeyFile":"/dev/null"' >m.json
	step SOPS_AGE_KEY_FILE=/run/w/age-keys.txt m.json
}

# One of gen_nix.py's, in $GENERATED.
case_generated() {
	mkdir -p /run/nixos /run/there/empty
	touch /run/there/file
	ln -s nowhere /run/there/link
	fake_systemctl
	WATCH='/run/links /run/there'
	while read -r words; do
		step $words
	done <"$GENERATED/run"
}
