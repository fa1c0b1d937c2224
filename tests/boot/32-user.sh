#!/usr/bin/env bash
# A user's own manager: secrets are there before the user's services, which are told of changes, in
# $XDG_RUNTIME_DIR; nobody else reads them.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

token=tok-$(random) new=new-$(random)
for value in "$token" "$new"; do
	echo "TOKEN: $value" >sealed.yaml
	"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml
	mv sealed.yaml "sealed-${value%%-*}.yaml"
done

install_host
add_user someone 4001 /home/someone
add_user other 4002
config=tree/home/someone/.config
mkdir -p $config/{bootseal,systemd/user/basic.target.wants,systemd/user/default.target.wants} tree/var/lib/systemd/linger tree/root
touch tree/var/lib/systemd/linger/someone
install -m 600 "$vectors/host_key" $config/bootseal/key
cp sealed-tok.yaml $config/bootseal/sealed.yaml
cp sealed-new.yaml sealed-tok.yaml tree/root/
cat >$config/bootseal/user.yaml <<'EOF'
identities: [key]
directory: "%t/secrets"
environments:
  app.env: {file: sealed.yaml, keys: [TOKEN], restart: [app.service]}
credentials:
  asks.service: {token: {file: sealed.yaml, key: TOKEN}}
EOF
for name in asks foreign; do
	cat >$config/systemd/user/$name.service <<-'EOF'
		[Service]
		Type=oneshot
		LoadCredential=token:%t/bootseal.credentials
		ExecStart=/bin/sh -c 'cat "$CREDENTIALS_DIRECTORY/token" >%t/%N.got'
	EOF
done
cat >$config/systemd/user/app.service <<'EOF'
[Unit]
Wants=bootseal.service
After=bootseal.service
[Service]
EnvironmentFile=%t/secrets/app.env
ExecStart=/bin/sh -c 'echo "$TOKEN" >>%t/app.starts; exec sleep infinity'
EOF
cat >$config/systemd/user/early.service <<'EOF'
[Unit]
Description=says nothing of bootseal
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/cp %t/secrets/app.env %t/early
EOF
mkdir $config/systemd/user/sockets.target.wants
ln -s /usr/lib/systemd/user/bootseal.service $config/systemd/user/basic.target.wants/
ln -s /usr/lib/systemd/user/bootseal-credentials.socket $config/systemd/user/sockets.target.wants/
ln -s ../app.service ../early.service $config/systemd/user/default.target.wants/
chown -R 4001:4001 tree/home/someone
# What pam_systemd does, which is not on the host.
mkdir -p tree/etc/systemd/system/user@.service.d
cat >tree/etc/systemd/system/user@.service.d/test.conf <<'EOF'
[Service]
PAMName=
Environment=XDG_RUNTIME_DIR=/run/user/%i
EOF
mkdir state
boot user 23 --state state -- "$token" "$new" <<'EOF'
token=$1 new=$2
runtime=/run/user/4001
user() { setpriv --reuid=4001 --regid=4001 --clear-groups env HOME=/home/someone XDG_RUNTIME_DIR=$runtime "$@"; }
their() { user systemctl --user "$@"; }
if ! later systemctl is-active user@4001.service >/dev/null; then
	echo "skip a user's manager does not start on this host"
	exit 0
fi
is_whole
is "the user's manager" later their is-active default.target
is "bootseal.service of the user" same "$(their is-active bootseal)" active
later test -s $runtime/app.starts # which it leaves when it is active already
is "the service has its value" same "$(cat $runtime/app.starts)" "$token"
is "one that says nothing of bootseal, too" grep -q "$token" $runtime/early
is "they are the user's" same "$(stat -Lc '%U %a' $runtime/secrets/app.env)" "someone 400"
is "nobody else's" not setpriv --reuid=4002 --regid=4002 --clear-groups cat $runtime/secrets/app.env
pid=$(their show -P MainPID app)
is "a reload without a change" their reload bootseal
sleep 0.3
is "restarts nobody" same "$(their show -P MainPID app)" "$pid"
cp /root/sealed-new.yaml /home/someone/.config/bootseal/sealed.yaml
is "a reload with a change" their reload bootseal
is "restarts the service with the new value" later grep -qx "$new" $runtime/app.starts
is "once" same "$(wc -l <$runtime/app.starts)" 2
# The memory that is the user's is full.
mount -o remount,size=200k $runtime && head -c 1M /dev/zero >$runtime/filler
cp /root/sealed-tok.yaml /home/someone/.config/bootseal/sealed.yaml
is "a reload fails where memory is full" not their reload bootseal
is "and says so" journal_says "No space left on device"
is "the old value stays" same "$(cat $runtime/secrets/app.env)" "TOKEN=\"$new\""
is "nobody was restarted" same "$(wc -l <$runtime/app.starts)" 2
rm $runtime/filler
is "with room again it goes on" their reload bootseal
is "with the other value" later bash -c '[ "$(tail -n 1 "$1/app.starts")" = "$2" ]' - $runtime "$token"
cp /root/sealed-new.yaml /home/someone/.config/bootseal/sealed.yaml
is "and back" their reload bootseal
is "a credential on demand" their start asks
is "with the user's value" same "$(cat $runtime/asks.got)" "$new"
is "what is not a unit's own it does not get" not their start foreign
is "and does not start with" test ! -e $runtime/foreign.got
is "the socket is the user's" same "$(stat -c '%U %a' $runtime/bootseal.credentials)" "someone 600"
is "the system's own is not concerned" same "$(when bootseal ConditionResult)" no
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$token" "$new"
EOF
no_plaintext state/upper "$token" "$new"
