#!/usr/bin/env bash
# Boots by way of an initrd, in which systemd is process 1 and from which it switches to the root.
# bootseal-initrd.service opens there what lies on the root: it is live before the switch and behind it, before
# anything starts there; where it cannot be opened the host comes up without. And an initrd with a key, a manifest and
# bootseal.service of its own, for what the root's disk needs.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

password=pw-$(random) token=tok-$(random)
printf 'PASSWORD: %s\nTOKEN: %s\n' "$password" "$token" >sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml

# The initrd: the program and its unit, neither key nor sealed file.
install_host
rm -r tree/etc/systemd/system/sysinit.target.wants
enable initrd.target bootseal-initrd.service
# What looks before the switch, as one that needs the secret there would; /run goes along.
looks() { # SECRET AFTER
	unit before.service <<-EOF
		[Unit]
		DefaultDependencies=no
		ConditionPathExists=/etc/initrd-release
		Wants=$2
		After=$2
		Before=initrd-cleanup.service
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c 'cat $1 >/run/before; stat -Lc "%%u %%a" $1 >/run/before.owner; test -e /sysroot/etc/passwd && systemctl is-active initrd-switch-root.target >/run/before.switch'
		SuccessExitStatus=3 4
	EOF
	enable initrd.target before.service
}
looks /run/secrets-initrd/password bootseal-initrd.service
mv tree initrd

install_host
add_user app 4711
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml tree/etc/bootseal/
printf 'directory: /run/secrets-initrd\nsecrets: {password: {file: sealed.yaml, key: PASSWORD, owner: app}}\n' >tree/etc/bootseal/initrd.yaml
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >tree/etc/bootseal/host.yaml
unit first.service <<'EOF'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'cat /run/secrets-initrd/password >/run/first'
EOF
enable sysinit.target first.service
mkdir state
boot initrd 12 --state state --initrd initrd -- "$password" "$token" <<'EOF'
password=$1 token=$2
is "the root was switched" test ! -e /etc/initrd-release
is "it was live before that" same "$(cat /run/before)" "$password"
is "really before" same "$(cat /run/before.switch)" inactive
is "with the owner that the root has, then as now" same "$(cat /run/before.owner)" "4711 400"
is "the initrd's unit did it" bash -c 'journalctl -b --no-pager -o cat -u bootseal-initrd.service | grep -q "2 files\|1 file"'
is "what the initrd opened is live" same "$(cat /run/secrets-initrd/password)" "$password"
is "it was from the start" same "$(cat /run/first)" "$password"
is "with the owner that the root has" same "$(stat -Lc '%U %a' /run/secrets-initrd/password)" "app 400"
is "read-only, on a mount of its own" grep -qE ' /run/secrets-initrd\.d ro,.* - (ramfs |tmpfs .*noswap)' /proc/self/mountinfo
is "the boot's own activation" same "$(cat /run/secrets/token)" "$token"
is "activated again from the root" bootseal activate /etc/bootseal/initrd.yaml
is "a second generation" same "$(readlink /run/secrets-initrd)" secrets-initrd.d/2
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$password" "$token"
EOF
no_plaintext state/upper "$password" "$token"

# Rebooted with a file that nothing opens: the host comes up, and the rest is there.
cp "$vectors/foreign.yaml" state/upper/etc/bootseal/sealed.yaml
cp sealed.yaml state/upper/etc/bootseal/good.yaml
echo 'secrets: {token: {file: good.yaml, key: TOKEN}}' >state/upper/etc/bootseal/host.yaml
rm -r tree && mkdir tree
boot broken 5 --state state --initrd initrd -- "$token" <<'EOF'
is "the root was switched" test ! -e /etc/initrd-release
is "nothing is live of what cannot be opened" test ! -e /run/secrets-initrd/password
is "nor is anything mounted for it" bash -c '! grep -q " /run/secrets-initrd.d " /proc/self/mountinfo'
is "the rest is" same "$(cat /run/secrets/token)" "$1"
is "why is in the journal" journal_says 'cannot open "'
EOF

# The initrd's own: its key and manifest are in it, and the root has others.
passphrase=disk-$(random)
printf 'PASSPHRASE: %s\n' "$passphrase" >disk.yaml
"$BOOTSEAL" keygen -o initrd.key 2>/dev/null # says its recipient
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" keygen -y initrd.key)" disk.yaml
rm -r tree initrd
install_host
looks /run/secrets/passphrase bootseal.service
install -m 600 initrd.key tree/etc/bootseal/initrd.key
cp disk.yaml tree/etc/bootseal/
printf 'identities: [initrd.key]\nsecrets: {passphrase: {file: disk.yaml, key: PASSPHRASE}}\n' >tree/etc/bootseal/host.yaml
mv tree initrd
install_host
install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
cp sealed.yaml tree/etc/bootseal/
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >tree/etc/bootseal/host.yaml
mkdir own
boot own 6 --state own --initrd initrd -- "$passphrase" "$token" <<'EOF'
is "the root was switched" test ! -e /etc/initrd-release
is "the passphrase was there before that" same "$(cat /run/before)" "$1"
is "really before" same "$(cat /run/before.switch)" inactive
is "the root's own activation took its place" same "$(cat /run/secrets/token)" "$2"
is "the passphrase is live no more" test ! -e /run/secrets/passphrase
is "the journal tells no secret" bash -c '! journalctl -b --no-pager -a | grep -F -e "$1" -e "$2"' - "$1" "$2"
EOF
no_plaintext own/upper "$passphrase" "$token"
