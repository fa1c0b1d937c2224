# For the scripts of "openclaw setup"; sourced behind openclaw.sh. They have an /etc of their own, with a user openclaw.
#
#   $S $HOME_OF_GATEWAY $SECRET $PORT $OPERATOR
#                             the state directory and home of the installation, what all its secrets begin with, the
#                             gateway's port, and who opens the secrets besides the host
#   new_installation          none is there
#   finish_installation       what the script has put there is the user's; before is what it is
#   is_as_before              checks that each file is what it was
#   setup OPTION...           the command
#   holds_no_secret           checks that no file has one of the secrets in it
#   undo                      --undo, and all is as before

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
cat >openclaw <<END
#!/bin/sh
exec $NODE $OPENCLAW "\$@"
END
chmod 755 openclaw

setup() { "$BOOTSEAL" openclaw setup --for openclaw --program "$TMP/openclaw" "$@"; }

new_installation() {
	rm -rf "$TMP/home" /etc/bootseal /etc/systemd/system
	mkdir -p "$S" /etc/systemd/system
	chmod 755 "$TMP/home"
	SECRET=secret-$RANDOM$RANDOM
	PORT=$(helper port)
}

# Each file with all that is said of it, and its content.
installation() {
	find "$HOME_OF_GATEWAY" /etc/systemd/system /etc/bootseal \( -type f -o -type l \) -printf '%p %y %U:%G %m %s %T@ %l\n' 2>/dev/null |
		sort # /etc/bootseal may not be there
	find "$HOME_OF_GATEWAY" /etc/systemd/system -type f -exec sha256sum {} + | sort
}

finish_installation() {
	chmod -R go= "$HOME_OF_GATEWAY"
	chown -R 4343:4343 "$HOME_OF_GATEWAY"
	installation >before
}

is_as_before() {
	installation >after
	expect_same before after
	expect_absent /etc/bootseal
}

holds_no_secret() {
	check "no file holds a secret" test -z "$(grep -rlaF "$SECRET" "$HOME_OF_GATEWAY" /etc/systemd /etc/bootseal /run/secrets* "$TMP/plan" .out .err)"
}

ends_as_planned() {
	grep -v 'a new one' plan >plan.said || : "it may be all there is"
	check "what it did is what the plan said" test -z "$(grep -vxFf .out plan)"
	holds_no_secret
}
