#!/usr/bin/env bash
# The rpm package on a host under systemd: installed, upgraded, there after a reboot, removed. The host is Debian, with
# the rpm of the machine that tests in /opt/rpm: its scripts run as on a host of rpm's, which has no database here.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"
need rpm rpmbuild make

make_rpm 0.1.0
old=$file
make_rpm 0.2.0
new=$file

# --- the host's disk: rpm, with what it is linked to and the host has not; secrets of two manifests
secret=sealed-$(random)
mkdir -p tree/opt/rpm/lib tree/usr/local/bin tree/usr/lib tree/etc/{ssh,bootseal} tree/root
cp "$(command -v rpm)" tree/opt/rpm/
for library in $(ldd "$(command -v rpm)" | awk '$2 == "=>" { print $3 }'); do
	[ -e "$host_root/$library" ] || cp "$library" tree/opt/rpm/lib/
done
cp -r /usr/lib/rpm tree/usr/lib/rpm
printf '#!/bin/sh\nLD_LIBRARY_PATH=/opt/rpm/lib exec /opt/rpm/rpm --dbpath /var/lib/rpm "$@"\n' >tree/usr/local/bin/packages
chmod 755 tree/usr/local/bin/packages
cp "$old" tree/root/old.rpm
cp "$new" tree/root/new.rpm
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
echo "TOKEN: $secret" >tree/etc/bootseal/sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age <"$vectors/host_key.pub")" tree/etc/bootseal/sealed.yaml
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >tree/root/host.yaml
printf 'directory: /run/more\nsecrets: {token: {file: sealed.yaml, key: TOKEN}}\n' >tree/etc/bootseal/more.yaml
mkdir state

about "rpm"
boot first 17 --state state -- "$secret" <<'EOF'
secret=$1
is "installed" packages -i --nodeps /root/old.rpm
is "it is in the database" same "$(packages -q --qf '%{version}' bootseal)" 0.1.0
is "enabled" systemctl is-enabled bootseal.service
is "not started: there is no manifest" not systemctl is-active bootseal.service
cp /root/host.yaml /etc/bootseal/host.yaml
is "started" systemctl start bootseal.service
is "open" same "$(cat /run/secrets/token)" "$secret"
is "no other unit is enabled" same "$(find /etc/systemd -name 'bootseal*' -printf '%f ')" "bootseal.service "
is "another manifest's" bootseal activate /etc/bootseal/more.yaml
is "the administrator enables credentials" systemctl enable --now bootseal-credentials.socket
is "for users, too" systemctl --global enable bootseal.service
invocation=$(systemctl show -P InvocationID bootseal.service)
is "upgraded" packages -U --nodeps /root/new.rpm
is "to the new one" same "$(packages -q --qf '%{version}' bootseal)" 0.2.0
is "that restarts nothing" same "$(systemctl show -P InvocationID bootseal.service)" "$invocation"
is "still open" same "$(cat /run/secrets/token)" "$secret"
is "still enabled" systemctl is-enabled bootseal.service bootseal-credentials.socket
is "still listening" systemctl is-active bootseal-credentials.socket
is "systemd knows the unit as it is now" same "$(systemctl show -P NeedDaemonReload bootseal.service)" no
is_whole
EOF
rm -r tree && mkdir tree # it is on the host's disk now
boot second 18 --state state -- "$secret" <<'EOF'
secret=$1
is "started by the boot" systemctl is-active bootseal.service
is "open after the reboot" same "$(cat /run/secrets/token)" "$secret"
is "another manifest's" bootseal activate /etc/bootseal/more.yaml
is "credentials are listened for" test -S /run/bootseal.credentials
is "both are mounted" same "$(grep -c '^bootseal ' /proc/self/mounts)" 2
is "removed" packages -e bootseal
is "no unit" not systemctl is-active bootseal.service
is "no socket" not systemctl is-active bootseal-credentials.socket
is "nor its file" test ! -e /run/bootseal.credentials
is "no link that somebody enabled" same "$(find /etc/systemd -name 'bootseal*')" ""
is "no generator" same "$(find /usr/lib/systemd -name '*bootseal*')" ""
is "no mount" not grep -q '^bootseal ' /proc/self/mounts
is "nothing in /run" same "$(ls -A /run | grep -E 'secrets|more' | tr '\n' ' ')" ""
is "what is the administrator's stays" test -s /etc/bootseal/host.yaml
is "nothing of it but that" same "$(find /etc /usr /var/lib/systemd -name '*bootseal*' -not -path '/etc/bootseal*' | tr '\n' ' ')" ""
is "it is in no database" not packages -q bootseal
is "the plaintext is nowhere" not grep -rqsF "$secret" /etc /var /root /usr /run /tmp /dev/shm
is_whole
EOF
no_plaintext state/upper "$secret"
