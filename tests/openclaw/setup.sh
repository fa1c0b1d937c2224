# For the scripts of "openclaw setup"; sourced behind activate.sh's own_mounts and lib.sh. They have an /etc of their
# own, with a user openclaw.
#
#   $S $HOME_OF_GATEWAY $SECRET $PORT $OPERATOR
#                             the state directory and home of the installation, what all its secrets begin with, the
#                             gateway's port, and who opens the secrets besides the host
#   new_installation          none is there, but for the directories
#   finish_installation       what the script has put there is the user's; "before" is what it is
#   token_in_config keys_in_env unit_with_environment token_in_three_places on_references broken
#                             six of them
#   is_as_before              checks that each file is what it was
#   setup OPTION...           the command
#   ends_as_planned           checks that it did what the plan said, and that holds_no_secret
#   holds_no_secret           checks that no file has one of the secrets in it
#   opens_for_operator        checks that the operator's key opens what was sealed, and the record
#   stand_in                  openclaw is no OpenClaw
#   undo [OPTION...]          --undo, and all is as before

cp -a /etc etc
mount --bind etc /etc
mkdir -p /etc/ssh /etc/systemd/system
rm -rf /etc/bootseal
install -m 600 "$VECTORS/host_key" /etc/ssh/ssh_host_ed25519_key
HOME_OF_GATEWAY=$TMP/home/openclaw
S=$HOME_OF_GATEWAY/.openclaw
USER_OF_GATEWAY=4343
as_user=(setpriv --reuid="$USER_OF_GATEWAY" --regid="$USER_OF_GATEWAY" --clear-groups --no-new-privs --)
echo "openclaw:x:4343:4343::$HOME_OF_GATEWAY:/bin/sh" >>/etc/passwd
echo "openclaw:x:4343:" >>/etc/group
"$BOOTSEAL" keygen -o operator.key 2>/dev/null # it tells the public key
OPERATOR=$(sed -n 's/^# public key: //p' operator.key)
if [ -n "${OPENCLAW-}" ]; then
	printf '#!/bin/sh\nexport NODE_COMPILE_CACHE=%s\nexec %s %s "$@"\n' "$NODE_COMPILE_CACHE" "$NODE" "$OPENCLAW" >openclaw
	chmod 755 openclaw
fi

# In the place of OpenClaw: programs that do what the file "how" says.
stand_in() {
	echo >how
	chmod 644 how
	cat >openclaw <<-END
		#!/bin/sh
		how=\$(cat "$TMP/how") document=/run/secrets.ready/openclaw/secrets.json
		case "\$1 \$2" in
		'secrets audit')
			finds() {
				echo "{\"version\":1,\"status\":\"findings\",\"findings\":[{\"code\":\"\$1\",\"severity\":\"warn\",\"file\":\"\$2\",\"jsonPath\":\"\$3\",\"message\":\"x\"}]}"
				exit 1
			}
			case \$how in
			audit1) finds PLAINTEXT_FOUND "\$OPENCLAW_STATE_DIR/state/openclaw.sqlite" profiles.x.key ;;
			audit2) exit 2 ;;
			finds*) finds \${how#finds } ;;
			says*) echo "\${how#says }" && exit ;;
			waits) echo \$\$ >"\$HOME/waits" && exec sleep 300 ;;
			esac
			! grep -rqF "token: '" "\$OPENCLAW_CONFIG_PATH" || finds PLAINTEXT_FOUND "\$OPENCLAW_CONFIG_PATH" gateway.auth.token
			cat \$document >/dev/null || exit 2
			echo '{"version":1,"status":"clean","findings":[]}'
			;;
		'gateway run')
			busy=
			case \$how in
			dies) exit 1 ;;
			busy) busy='-b 5500' ;;
			other) sed 's/\(TOKEN\|PASSWORD\)":"/&x/' \$document >"\$HOME/other.json" && chmod 600 "\$HOME/other.json" && document=\$HOME/other.json ;;
			esac
			exec "$TMP/gateway" \$busy -f \$document "\$4"
			;;
		esac
	END
	chmod 755 openclaw
}

# One that is free now. Scripts that run at the same time take theirs from other ranges, by their numbers; what is
# given to connections is above them.
free_port() {
	if [ -n "${OPENCLAW-}" ]; then
		own_port
		return
	fi
	local port script=${SUITE##*/}
	for _ in {1..20}; do
		port=$((10000 + ${script%%-*} * 150 + RANDOM % 150))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break # nobody is there
	done
	echo "$port"
}

setup() { "$BOOTSEAL" openclaw setup --for openclaw --program "$TMP/openclaw" "$@"; }

new_installation() {
	rm -rf "$TMP/home" /etc/bootseal /etc/systemd/system
	mkdir -p "$S" /etc/systemd/system
	chmod 755 "$TMP/home"
	SECRET=secret-$RANDOM$RANDOM
	PORT=$(free_port)
}

config_of() { # FIELDS: with comments and all, as people write it
	cat >"$S/openclaw.json" <<-END
		// my gateway
		{
		  gateway: {
		    mode: 'local', port: $PORT, // not the usual one
		    $1
		  },
		}
	END
}

token_in_config() {
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
	echo "{ gateway: { auth: { token: '$SECRET-before' } } }" >"$S/openclaw.json.bak"
	cp "$S/openclaw.json" "$S/openclaw.json.bak.1"
}

keys_in_env() {
	config_of ""
	cat >"$S/.env" <<-END
		# my keys
		OPENCLAW_GATEWAY_TOKEN=$SECRET-token
		export ANTHROPIC_API_KEY='$SECRET-anthropic'
		#OPENAI_API_KEY=$SECRET-anthropic
		LANG=C.UTF-8

		SKILL_API_TOKEN=$SECRET-skill
	END
	cp "$S/.env" "$S/.env.old"
}

unit_with_environment() {
	config_of ""
	local units=$HOME_OF_GATEWAY/.config/systemd/user
	mkdir -p "$units/default.target.wants"
	cat >"$units/openclaw-gateway.service" <<-END
		[Unit]
		Description=OpenClaw Gateway
		After=network-online.target
		[Service]
		ExecStart=$TMP/openclaw gateway run --bind loopback --port $PORT
		Restart=always
		EnvironmentFile=-%h/.openclaw/gateway.systemd.env
		Environment="HOME=%h" OPENCLAW_GATEWAY_TOKEN=$SECRET-token \\
		  "OPENAI_API_KEY=$SECRET-openai" LANG=C.UTF-8
		Environment=GEMINI_API_KEY=$SECRET-gemini
		[Install]
		WantedBy=default.target
	END
	ln -s ../openclaw-gateway.service "$units/default.target.wants/openclaw-gateway.service"
	cp "$units/openclaw-gateway.service" "$units/openclaw-gateway.service.bak"
	echo "GROQ_API_KEY=$SECRET-groq" >"$S/gateway.systemd.env"
}

token_in_three_places() {
	config_of "auth: { mode: 'token', token: '$SECRET-config' },"
	echo "OPENCLAW_GATEWAY_TOKEN=$SECRET-env" >"$S/.env"
	cat >/etc/systemd/system/openclaw-gateway.service <<-END
		[Service]
		User=openclaw
		ExecStart=$TMP/openclaw gateway run --bind loopback --port $PORT
		Environment=OPENCLAW_GATEWAY_TOKEN=$SECRET-unit HOME=$HOME_OF_GATEWAY
	END
}

on_references() {
	config_of "auth: { mode: 'token', token: { source: 'file', provider: 'mine', id: '/T' } },"
	sed -i "\$s/}/  secrets: { providers: { mine: { source: 'file', path: '\/run\/mine.json' } } },\n}/" "$S/openclaw.json"
}

broken() {
	config_of "auth: { mode: 'token', token: '$SECRET-token' },"
	sed -i '$d' "$S/openclaw.json"
	echo "ANTHROPIC_API_KEY=$SECRET-anthropic" >"$S/.env"
}

# Each file with all that is said of it, and its content.
installation() {
	find "$HOME_OF_GATEWAY" /etc/systemd/system \( -type f -o -type l \) -printf '%p %y %U:%G %m %s %T@ %l\n' | sort
	find "$HOME_OF_GATEWAY" /etc/systemd/system -type f -exec sha256sum {} + | sort
}

finish_installation() {
	chmod -R go= "$HOME_OF_GATEWAY"
	chown -hR 4343:4343 "$HOME_OF_GATEWAY"
	find "$HOME_OF_GATEWAY" /etc/systemd/system -type f -exec touch -d '2026-01-02 03:04:05.678901234' {} +
	installation >before
}

is_as_before() {
	installation >after
	# what is new is what OpenClaw itself has left in a run
	check "all is as before" test -z "$(grep -vxFf after before)"
	expect_absent /etc/bootseal /etc/systemd/system/openclaw-gateway.service.d
	check "nothing of ours is left" test -z "$(sed "s,$TMP,," after | grep "bootseal-\(old\|new\)")"
}

holds_no_secret() {
	check "no file holds a secret" test -z "$(grep -rlaF "$SECRET" "$HOME_OF_GATEWAY" /etc/systemd /etc/bootseal /run/secrets* "$TMP"/plan "$TMP"/.out "$TMP"/.err)"
}

ends_as_planned() {
	check "what was agreed to is what the plan said" test -z "$(grep -vxFf .out plan)"
	holds_no_secret
	check "the document is for the gateway's user" grep -q 'owner: openclaw' /etc/bootseal/host.yaml
	check "its drop-in publishes" grep -q 'ExecStartPre=+/usr/bin/bootseal activate --for %n$' /etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
	check "the configuration names no other way" grep -q '"provider": "bootseal"' "$S/openclaw.json"
	check "and is still its author's" grep -q '// my gateway' "$S/openclaw.json"
	expect_absent /run/secrets.ready/openclaw/secrets.json
}

opens_for_operator() {
	SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" decrypt /etc/bootseal/openclaw.yaml >opened
	check "the secrets are sealed" grep -q "^OPENCLAW_GATEWAY_TOKEN: $SECRET-" opened
	expect_status 0 "$BOOTSEAL" age -d -i operator.key -o record /etc/bootseal/openclaw-setup.age
	check "the record has what was there" grep -qaF "$SECRET-" record
	check "and is sealed" test "$(stat -c %a /etc/bootseal/openclaw-setup.age)" = 600
	rm record opened
}

undo() {
	expect_status 0 setup --undo --yes "$@"
	is_as_before
}
