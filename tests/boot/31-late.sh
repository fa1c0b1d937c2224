#!/usr/bin/env bash
# What an activation needs comes late: a host key, sealed files, an owner, /etc/ssh itself. Consumers never start
# first. Whatever hangs is ended by the unit's time limit, and the host comes up.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

token=tok-$(random)
echo "TOKEN: $token" >sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml

cat >reader <<'EOF'
#!/bin/sh
cat /run/secrets/token >/run/$1.got
EOF
# Two consumers: one starts as early as can be, and waits for our unit; one knows nothing of it.
consumers() {
	install -m 755 reader tree/usr/local/bin/reader
	unit early.service <<-EOF
		[Unit]
		DefaultDependencies=no
		Wants=bootseal.service
		After=bootseal.service
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/usr/local/bin/reader early
	EOF
	unit plain.service <<-EOF
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/usr/local/bin/reader plain
	EOF
	enable sysinit.target early.service
	enable multi-user.target plain.service
}
# A directory or file of the disk that appears elsewhere two seconds into the boot.
late_mount() { # FROM TO
	local name
	name=$(systemd-escape --path --suffix=mount "$2")
	unit "$name" <<-EOF
		[Unit]
		DefaultDependencies=no
		Conflicts=umount.target
		Before=umount.target
		Requires=slow.service
		After=slow.service
		[Mount]
		What=$1
		Where=$2
		Type=none
		Options=bind
	EOF
	unit slow.service <<-EOF
		[Unit]
		DefaultDependencies=no
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/bin/sleep 2
	EOF
	enable multi-user.target "$name"
}
need systemd-escape
cat >>on-host-lib.sh <<'EOF'
activated() { # TOKEN
	is "the key was there" systemctl is-active bootseal.service
	for unit in early plain; do
		is "$unit has its value" same "$(cat /run/$unit.got)" "$1"
		is "$unit came after" test "$(when bootseal ExecMainExitTimestampMonotonic)" -le "$(when $unit ExecMainStartTimestampMonotonic)"
	done
}
EOF

# --- a key behind a link to a mount that comes late, sealed files on another, and an owner of sysusers.d's
install_host
consumers
mkdir -p tree/{persist,srv/{keys,files}} tree/etc/bootseal/sealed tree/usr/lib/sysusers.d
install -m 600 "$vectors/host_key" tree/srv/keys/host_key
ln -s /persist/host_key tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml tree/srv/files/
late_mount /srv/keys /persist
late_mount /srv/files /etc/bootseal/sealed
echo 'u app-user - "made at boot"' >tree/usr/lib/sysusers.d/app.conf
echo 'secrets: {token: {file: sealed/sealed.yaml, key: TOKEN, owner: app-user}}' >tree/etc/bootseal/host.yaml
boot late 11 -- "$token" <<'EOF'
is_whole
activated "$1"
is "the mount was waited for" test "$(when slow ExecMainExitTimestampMonotonic)" -le "$(when bootseal ExecMainStartTimestampMonotonic)"
is "the owner was made at this boot" same "$(stat -Lc %U /run/secrets/token)" app-user
for mount in persist.mount etc-bootseal-sealed.mount; do is "after $mount" bash -c 'systemctl show -P After bootseal.service | grep -qw -- "$1"' - $mount; done
is "the limit" same "$(when bootseal TimeoutStartUSec)" "1min 30s"
is "a reload of systemd writes the same again" systemctl daemon-reload
is "persist.mount" bash -c 'systemctl show -P Requires bootseal.service | grep -qw persist.mount'
EOF

# --- the same without the generator: that it is what helps. The host comes up all the same.
rm tree/usr/lib/systemd/system-generators/bootseal-generator
boot "without the generator" 2 -- <<'EOF'
is "it fails" same "$(when bootseal Result)" exit-code
is "the host is up" systemctl is-active multi-user.target
EOF

# --- /etc/ssh is empty at each boot, and the root is read-only: tmpfiles.d brings the key
install_host
consumers
mkdir -p tree/persist tree/usr/lib/tmpfiles.d
install -m 600 "$vectors/host_key" tree/persist/host_key
cp sealed.yaml tree/etc/bootseal/
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >tree/etc/bootseal/host.yaml
echo 'C /etc/ssh/ssh_host_ed25519_key 0600 root root - /persist/host_key' >tree/usr/lib/tmpfiles.d/key.conf
unit etc-ssh.mount <<'EOF'
[Unit]
DefaultDependencies=no
Conflicts=umount.target
Before=local-fs.target umount.target
[Mount]
What=tmpfs
Where=/etc/ssh
Type=tmpfs
EOF
enable local-fs.target etc-ssh.mount
boot "read-only" 7 --read-only -- "$token" <<'EOF'
activated "$1"
is "the root is read-only" not touch /etc/x
is "the key is of this boot" grep -q ' /etc/ssh .* tmpfs ' /proc/self/mountinfo
EOF

# --- the key alone appears, by a bind mount of the file
rm tree/usr/lib/tmpfiles.d/key.conf tree/etc/systemd/system/etc-ssh.mount tree/etc/systemd/system/local-fs.target.wants/etc-ssh.mount
touch tree/etc/ssh/ssh_host_ed25519_key
late_mount /persist/host_key /etc/ssh/ssh_host_ed25519_key
boot "bound key" 6 -- "$token" <<'EOF'
is_whole
activated "$1"
EOF

# --- hangs: gpg, which heeds no SIGTERM either. The limits of the test's host are short.
limits() { # LINES
	mkdir -p tree/etc/systemd/system/bootseal.service.d
	printf '[Service]\nTimeoutStartSec=5\n%s\n' "$1" >tree/etc/systemd/system/bootseal.service.d/test.conf
}
install_host
consumers
limits 'TimeoutStopSec=1
ExecStart=
ExecStart=/usr/bin/bootseal activate /etc/bootseal/nix.json'
cp "$ROOT/tests/vectors/sops-nix/secrets.json" tree/etc/bootseal/
: >tree/etc/bootseal/host.yaml # for the unit's condition
cat >tree/etc/bootseal/nix.json <<'EOF'
{"secretsMountPoint": "/run/secrets.d", "symlinkPath": "/run/secrets", "gnupgHome": "/root",
 "secrets": [{"name": "token", "key": "test_key", "format": "json", "mode": "0400", "sopsFile": "/etc/bootseal/secrets.json"}]}
EOF
cat >tree/usr/bin/gpg <<'EOF'
#!/bin/sh
trap '' TERM
echo "$PPID" >>/run/gpg.starts
while :; do sleep 1; done
EOF
chmod 755 tree/usr/bin/gpg
boot "gpg hangs" 6 -- <<'EOF'
is "gpg was called" test -s /run/gpg.starts
is "ended at its limit" same "$(when bootseal Result)" timeout
is "the host is up" systemctl is-active multi-user.target
is "in time" test "$(($(when multi-user.target ActiveEnterTimestampMonotonic) - $(when bootseal ExecMainStartTimestampMonotonic)))" -le 60000000 # and not 90 s
is "nothing is left of it" not grep -lxE 'bootseal|gpg' /proc/[0-9]*/comm
is "nothing is open" test ! -e /run/secrets
EOF

# --- hangs: a lookup of an owner, and systemctl
command -v cc >/dev/null || { skip_one "hangs" "there is no compiler for a user database that hangs"; exit 0; }
install_host
consumers
cat >nss.c <<'EOF'
#include <nss.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
enum nss_status _nss_hang_getpwnam_r(const char *name, struct passwd *user, char *text, size_t len, int *error)
{
	(void)user, (void)text, (void)len, (void)error;
	while (strcmp(name, "far-away") == 0 && access("/run/answer", F_OK) != 0)
		sleep(1);
	return NSS_STATUS_NOTFOUND;
}
EOF
libraries=$(dirname "$(ldd "$BOOTSEAL" | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p')")
mkdir -p "tree/usr${libraries#/usr}"
cc -shared -fPIC -o "tree/usr${libraries#/usr}/libnss_hang.so.2" nss.c
sed 's/^passwd:.*/passwd: files hang/' "$host_root/etc/nsswitch.conf" >tree/etc/nsswitch.conf
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml tree/etc/bootseal/
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN, owner: far-away, restart: [plain.service]}}' >tree/etc/bootseal/host.yaml
limits ''
boot hang 9 -- "$token" <<'EOF'
token=$1
is "ended at its limit" same "$(when bootseal Result)" timeout
is "the host is up" systemctl is-active multi-user.target
is "nothing is left of it" not grep -lx bootseal /proc/[0-9]*/comm
is "nothing is open" test ! -e /run/secrets
# It can be told to nobody that a value has changed: systemctl hangs.
sed -i 's/far-away/root/' /etc/bootseal/host.yaml
is "without that owner" systemctl restart bootseal.service
is "it is open" same "$(cat /run/secrets/token)" "$token"
mv /usr/bin/systemctl /usr/bin/systemctl.real
printf '#!/bin/sh\ncase $1 in --no-block) exec sleep 1000 ;; esac\nexec systemctl.real "$@"\n' >/usr/bin/systemctl
chmod 755 /usr/bin/systemctl
sed -i 's/owner: root/mode: "0440"/' /etc/bootseal/host.yaml
start=$SECONDS
is "a reload whose systemctl hangs is ended" not systemctl reload bootseal.service
is "at the limit" test $((SECONDS - start)) -le 40
is "what it opened is live" same "$(stat -Lc %a /run/secrets/token)" 440
is "the unit stays active" systemctl is-active bootseal.service
mv /usr/bin/systemctl.real /usr/bin/systemctl
EOF
