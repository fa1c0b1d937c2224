#!/usr/bin/env bash
# The rpm package of the program under test, in a host's root: installed, upgraded, removed. rpm is the one here, told
# to look below that root; what the package's scripts run is the root's own.
. "${0%/*}/../cli/activate.sh"
own_mounts
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"
need rpm rpmbuild make
[ -n "${OWN_MOUNTS-}" ] || skip "needs a mount namespace"

# --- two packages
make_rpm 0.1.0
old=$file
make_rpm 0.2.0
new=$file

# --- a host's root
mkdir upper work host
mount -t tmpfs tmpfs upper
mkdir upper/{upper,work}
mount -t overlay overlay -o "lowerdir=$host_root,upperdir=$TMP/upper/upper,workdir=$TMP/upper/work" host
at_exit 'umount -lR "$TMP/host" "$TMP/upper"'
mount -t proc proc host/proc
mount -t tmpfs -o mode=755 tmpfs host/run
mount --rbind /dev host/dev
mkdir -p host/etc/{ssh,bootseal}
secret=sealed-$(random)
install -m 600 "$vectors/host_key" host/etc/ssh/ssh_host_ed25519_key
echo "TOKEN: $secret" >host/etc/bootseal/sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age <"$vectors/host_key.pub")" host/etc/bootseal/sealed.yaml
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >host/etc/bootseal/host.yaml
packages() { rpm --root "$TMP/host" --dbpath /var/lib/rpm "$@"; }
inside() { chroot host env -i PATH=/usr/sbin:/usr/bin "$@"; }
enabled() { find host/etc/systemd -name 'bootseal*' -printf '%P\n' | sort | tr '\n' ' ' && echo; }
unit=system/sysinit.target.wants/bootseal.service

expect_status 0 packages -i --nodeps "$old"
expect_output "$unit " enabled
expect_output "$secret" bash -c 'chroot host bootseal activate >/dev/null && cat host/run/secrets/token && echo'
expect_output bootseal inside findmnt -no SOURCE /run/secrets.d
expect_status 0 inside systemctl enable bootseal-credentials.socket
expect_status 0 inside systemctl --global enable bootseal.service
expect_status 0 packages -U --nodeps "$new"
expect_output bootseal-0.2.0 packages -q --qf '%{name}-%{version}\n' bootseal
expect_output "system/sockets.target.wants/bootseal-credentials.socket $unit user/basic.target.wants/bootseal.service " enabled
expect_output "$secret" bash -c 'cat host/run/secrets/token; echo'
expect_status 0 inside systemctl disable bootseal.service
expect_status 0 packages -U --nodeps --force "$old"
check "what the administrator disabled stays so through an upgrade" test ! -e "host/etc/systemd/$unit"
expect_status 0 packages -e bootseal
expect_output "" enabled
check "nothing in /run" bash -c '[ -z "$(ls -A host/run)" ]'
if grep -q " $TMP/host/run/secrets.d " /proc/self/mountinfo; then fail "it is mounted still"; else ok "no mount"; fi
check "what is the administrator's stays" test -s host/etc/bootseal/host.yaml
check "nothing of it but that" bash -c '[ -z "$(find host/usr host/etc/systemd -name "*bootseal*")" ]'
no_plaintext upper/upper "$secret"
