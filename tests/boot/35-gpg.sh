#!/usr/bin/env bash
# sops-nix' manifest on a booted host, with the host's RSA key as a PGP key: in bootseal.service's own sandbox, but for the
# two kinds of namespaces that bootseal-sops-nix(7) says gpg needs; and without these.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"
. "$ROOT/tests/interop/sops-nix-cases.sh"
need gpg gpg-agent gpgconf

install_host
mkdir tree/keys
cp "$ROOT/tests/vectors/sops-nix/secrets.yaml" "$ROOT/tests/vectors/sops-nix/ssh-key" tree/keys
chmod 600 tree/keys/ssh-key
MOUNT=/run/secrets.d LINK=/run/secrets
manifest "$(secret a test_key '"sopsFile":"/keys/secrets.yaml"')" '"ageKeyFile":null' '"sshKeyPaths":["/keys/ssh-key"]' >tree/keys/m.json
# gpg is not on the host.
for program in gpg gpg-agent gpgconf; do
	cp "$(command -v $program)" tree/usr/bin/
	for library in $(ldd "$(command -v $program)" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p'); do
		library=$(realpath "${library%/*}")/${library##*/}
		[ -e "$host_root$library" ] || install -D "$library" "tree$library"
	done
done
for namespaces in 'mnt pid' yes; do
	sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/bootseal activate /keys/m.json|' -e '/^ConditionPathExists=/d' -e '/^RemainAfterExit=/d' \
		-e "s/^RestrictNamespaces=.*/RestrictNamespaces=$namespaces/" "$ROOT/contrib/systemd/bootseal.service" |
		sed 's|@bindir@|/usr/bin|g' | unit "gpg-${namespaces% *}.service"
done

boot gpg 6 <<'EOF'
is "without namespaces" not systemctl start gpg-yes.service
is "it is told" journal_says 'sshKeyPaths: "/keys/ssh-key" cannot be a PGP key: no mounts of its own for gpg: Operation not permitted'
is "nothing is live" not test -e /run/secrets
systemctl reset-failed gpg-yes.service
is "with them" systemctl start gpg-mnt.service
is "the value" same "$(cat /run/secrets/a)" test_value
is "no agent is left" later not grep -lqz '^gpg-agent' /proc/[0-9]*/cmdline
is "nothing is in its place" same "$(ls -A /dev/shm)" ""
EOF
