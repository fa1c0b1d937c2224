#!/usr/bin/env bash
# A boot by way of an initrd: bootseal-initrd.service opens there what lies on the root, and it is live when systemd has
# switched to that, before anything starts there.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

password=pw-$(random) token=tok-$(random)
printf 'PASSWORD: %s\nTOKEN: %s\n' "$password" "$token" >sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$vectors/host_key.pub")" sealed.yaml

# The initrd: the program and its unit, neither key nor sealed file.
install_host
rm -r tree/etc/systemd/system/sysinit.target.wants
enable initrd.target bootseal-initrd.service
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
boot initrd 8 --state state --initrd initrd -- "$password" "$token" <<'EOF'
password=$1 token=$2
is "the root was switched" test ! -e /etc/initrd-release
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
