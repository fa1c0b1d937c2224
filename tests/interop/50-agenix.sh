#!/usr/bin/env bash
# activate opens what the real age sealed to a host's SSH keys and to their age1… form, as agenix has it done.
. "${0%/*}/../cli/activate.sh"
own_mounts
. "${0%/*}/../cli/lib.sh"
need age ssh-keygen
empty_run
fake_systemctl

ssh-keygen -q -t ed25519 -N '' -C host -f ed
ssh-keygen -q -t rsa -b 2048 -N '' -C host -f rsa
age1=$("$BOOTSEAL" ssh-to-age -i ed.pub)
printf 'of the host\n' >plain
head -c 100000 /dev/urandom >large
age -a -R ed.pub -o ed.age plain
age -R ed.pub -R rsa.pub -o both.age large
age -a -r "$age1" -o native.age plain
age -R rsa.pub -o rsa.age plain
activated() { # IDENTITY FILE...
	printf 'identities: [%s]\nsecrets:\n' "$1" >host.yaml
	for name in "${@:2}"; do
		printf '  %s: {file: %s.age, format: age}\n' "$name" "$name" >>host.yaml
	done
	chmod go-w host.yaml
	check "look, $1" "$BOOTSEAL" activate --check host.yaml
	check "activate, $1" "$BOOTSEAL" activate host.yaml
}
activated ed ed both native
expect_same plain /run/secrets/ed
expect_same large /run/secrets/both
expect_same plain /run/secrets/native
activated rsa both rsa
expect_same large /run/secrets/both
expect_same plain /run/secrets/rsa
expect_error "no identity" sh -c 'printf "identities: [rsa]\nsecrets: {a: {file: ed.age}}\n" >host.yaml; "$BOOTSEAL" activate host.yaml'
expect_same plain /run/secrets/rsa
