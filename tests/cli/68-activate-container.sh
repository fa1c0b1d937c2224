#!/usr/bin/env bash
# What a container sees of a new generation, by what of the host was bound into it: bootseal-openclaw-recipes(7) says
# which to bind. A container is a mount namespace here that sees changes of the host's mounts (rslave).
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
mount --make-rshared /run
mkdir -p /run/bootseal box/{directory,link,file}
touch box/file/token
host <<END
identities: [host_key]
directory: /run/bootseal/secrets
secrets: {app/token: {file: token.yaml, key: TOKEN, owner: 1000}}
documents:
  app.json: {file: token.yaml, keys: [TOKEN], owner: 1000, lifetime: until-ready, unit: app.service}
END
chmod 755 .
value() { # VALUE
	printf 'TOKEN: %s\n' "$1" >token.yaml
	seal token.yaml
	chmod 644 token.yaml
	expect_status 0 "$BOOTSEAL" activate host.yaml
}
# Into its root, too, where this here is a chroot.
in_box() { nsenter --mount="/proc/$box/ns/mnt" --root="/proc/$box/root" setpriv --reuid=1000 --regid=1000 --clear-groups "$@"; }
reads() { # FILE: its text, or that it cannot be read
	echo "$(in_box cat "$TMP/box/$1" 2>/dev/null || echo nothing)"
}

value first
unshare --mount --propagation slave sh -euc '
	mount --rbind /run/bootseal box/directory
	mount --rbind /run/bootseal/secrets box/link
	mount --bind /run/bootseal/secrets/app/token box/file/token
	: >box/up
	exec sleep infinity' &
box=$!
at_exit "kill $box"
for _ in {1..1200}; do [ ! -e box/up ] || break; sleep 0.1; done

for way in directory/secrets/app/token link/app/token file/token; do expect_output first reads $way; done
about "after a new value"
value second
expect_output second reads directory/secrets/app/token
expect_output nothing reads link/app/token
expect_output first reads file/token
value third
expect_output third reads directory/secrets/app/token
expect_output nothing reads link/app/token
expect_output first reads file/token

about "until ready"
expect_output nothing reads directory/secrets.ready/app.json
expect_status 0 "$BOOTSEAL" activate --for app.service host.yaml
expect_output '{"TOKEN":"third"}' reads directory/secrets.ready/app.json
expect_status 0 "$BOOTSEAL" release --for app.service host.yaml
expect_output nothing reads directory/secrets.ready/app.json

about "withdrawn and opened again"
expect_status 0 "$BOOTSEAL" deactivate host.yaml
expect_output nothing reads directory/secrets/app/token
value fourth
expect_output fourth reads directory/secrets/app/token
