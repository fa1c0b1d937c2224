#!/usr/bin/env bash
# sops-nix' manifest, with the host's RSA key as a PGP key: gpg's home is in memory, nobody else's, and gone with its
# agent however the program ends; where gpg or the key cannot be used that is told, and another key may do.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
. "$ROOT/tests/interop/sops-nix-cases.sh"
need gpg gpg-agent
empty_run
unshare --mount --pid --fork true 2>/dev/null || skip "namespaces cannot be made here"
mkdir bin other /run/w
ln -s "$BOOTSEAL" bin/sops-install-secrets
cp "$ROOT"/tests/vectors/sops-nix/* /run/w
chmod 600 /run/w/ssh-key /run/w/ssh-ed25519-key
MOUNT=/run/secrets.d LINK=/run/secrets
m() { manifest "$(secret a test_key)" '"logging":{"keyImport":true}' "$@" >/run/w/m.json; }
sis() { "$TMP/bin/sops-install-secrets" /run/w/m.json; }
nothing() { # NAME COMMAND...: prints nothing
	local name=$1 said
	shift
	said=$("$@") && [ -z "$said" ] && ok "$name" || fail "$name" "$said"
}
value() { cat /run/secrets/a && echo; }
# What other tests, or whoever else, have there meanwhile is none of gpg's.
left() { find /dev/shm -mindepth 1 -maxdepth 1 -newer "$TMP/start" \( -name 'S.*' -o -name '*ring*' -o -name '*.gpg*' -o -name 'private-keys*' -o -name '.#*' -o -name 'tofu*' \) | sort; }
again() { "$BOOTSEAL" deactivate /run/w/m.json >/dev/null; }
# What gpg is called with, and what is in its home.
gpg_is() { # SHELL COMMANDS before the real one
	printf '#!/bin/sh\n%s\nexec %s "$@"\n' "$1" "$(command -v gpg)" >bin/gpg
	chmod 755 bin/gpg
}
touch start
# as on a host where root has a session: gpg's sockets are elsewhere there
mkdir -p -m 700 /run/user/0

about "opened"
m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/none","/run/w/ssh-ed25519-key","/run/w/ssh-key"]'
gpg_is "{ echo \"\$*\"; stat -f -c %T \$GNUPGHOME; ls -ld \$GNUPGHOME; env | cut -d= -f1 | sort | tr '\\n' ' '; echo; } >>$TMP/called"
SOPS_AGE_KEY=none SOPS_GPG_EXEC=$TMP/bin/gpg GNUPGHOME=/nowhere expect_status 0 sis
expect_output test_value value
imported='imported /run/w/ssh-key as PGP key 2504791468b153b8a3963cc97ba53d1919c5dfd4'
SOPS_GPG_EXEC=$TMP/bin/gpg expect_status 0 sis
check "told" grep -qx "sops-install-secrets: $imported" .err
check "the one that is not there" grep -q 'sshKeyPaths: cannot open "/run/w/none"' .err
check "the one that is no RSA key" grep -q 'sshKeyPaths: "/run/w/ssh-ed25519-key" cannot be a PGP key: it is no RSA key' .err
expect_output "6 drwx------ ramfs" bash -c 'echo $(grep -c ramfs called) $(grep -o "^drwx------" called | sort -u) $(grep -x ramfs called | sort -u)'
check "the key is in no argument, no key in the environment" bash -c '! grep -e PRIVATE -e SOPS_AGE called'
nothing "nothing in gpg's place" left
nothing "no sockets" find /run/user/0 -mindepth 1
# others' arguments may begin with that, too, for a moment
agents() { grep -lzx /dev/shm $(grep -lx gpg-agent /proc/[0-9]*/comm 2>/dev/null | sed 's/comm$/cmdline/') /dev/null 2>/dev/null; }
no_agent_is_left() {
	for _ in {1..600}; do [ -n "$(agents)" ] || break; sleep 0.1; done # another test's has an end
	check "no agent is left" [ -z "$(agents)" ]
}
no_agent_is_left
check "gpg was asked once for each" [ "$(grep -c import called)" -eq 2 ]
nothing "no key in memory" bash -c 'grep -rlaF "PRIVATE KEY" /run --exclude-dir=w || :'
again

about "in user mode"
# The same for who is not root, in a namespace of users; where that is forbidden, it is told.
chmod 755 /run/w
cp -L "$BOOTSEAL" /run/w/sops-install-secrets
chmod 755 /run/w/sops-install-secrets
mkdir -m 700 /run/user/7
chown -R 4242:4242 /run/w /run/user/7
as_user() { setpriv --reuid=4242 --regid=4242 --clear-groups env XDG_RUNTIME_DIR=/run/user/7 "$@"; }
MOUNT=%r/secrets.d LINK=%r/secrets m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/ssh-key"]' '"userMode":true'
rm called
touch called
chmod 666 called
# before the program's own, so that gpg can be reached by it
gpg_is "{ stat -f -c %T \$GNUPGHOME; stat -c '%u %a' \$GNUPGHOME; id -u; ls -A /run/user; } >>$TMP/called"
theirs() { SOPS_GPG_EXEC=$TMP/bin/gpg as_user /run/w/sops-install-secrets -ignore-passwd /run/w/m.json; }
if ! command -v setpriv >/dev/null; then
	skip_one "user mode" "setpriv is not installed"
elif as_user unshare --user --map-current-user --mount --pid --fork true 2>/dev/null; then
	expect_status 0 theirs
	expect_output "test_value 4242" bash -c 'echo $(cat /run/user/7/secrets/a; echo; stat -Lc %u /run/user/7/secrets/a)'
	expect_output "ramfs 4242 700 4242" bash -c 'echo $(head -n 3 called)'
	check "no other sockets are seen" [ "$(wc -l <called)" -eq $((3 * $(grep -c ramfs called))) ]
	nothing "no sockets" find /run/user/7 -name '*gpg*'
	nothing "nothing in gpg's place" left
	no_agent_is_left
else
	expect_error 'no mounts of its own for gpg' theirs
fi
chown -R 0:0 /run/w
rm -r /run/user/7

about "killed"
m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/ssh-key"]'
gpg_is "sleep 97531.$$ & wait" # a number that no other run has
runs() { grep -lzx "9753[1]\.$$" /proc/[0-9]*/cmdline 2>/dev/null; }
SOPS_GPG_EXEC=$TMP/bin/gpg "$TMP/bin/sops-install-secrets" /run/w/m.json >/dev/null 2>&1 &
pid=$!
for _ in {1..1200}; do [ -z "$(runs)" ] || break; sleep 0.05; done
check "gpg runs" [ -n "$(runs)" ]
kill -KILL $pid
{ wait $pid || : as it was killed; } 2>/dev/null # what bash says of that
for _ in {1..1200}; do [ -n "$(runs)" ] || break; sleep 0.05; done
check "gpg has ended" [ -z "$(runs)" ]
nothing "nothing in gpg's place" left
expect_absent /run/secrets
expect_status 0 sis
expect_output test_value value
again

about "not needed"
m '"sshKeyPaths":["/run/w/none","/run/w/ssh-key"]'
SOPS_GPG_EXEC=/nowhere expect_status 0 sis
check "told" grep -qx 'sops-install-secrets: sshKeyPaths: /run/w/none and others are not used: no file needs a PGP key' .err
expect_output test_value value
again

about "it cannot be"
m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/ssh-key"]'
SOPS_GPG_EXEC=/nowhere expect_error 'sshKeyPaths: "/run/w/ssh-key" cannot be a PGP key: cannot start "/nowhere"' sis
m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/none"]'
expect_error 'sshKeyPaths: cannot open "/run/w/none"' sis
ssh-keygen -q -p -P '' -N secret -f /run/w/ssh-key >/dev/null
m '"ageKeyFile":null' '"sshKeyPaths":["/run/w/ssh-key"]'
expect_error '"/run/w/ssh-key" cannot be a PGP key: it has a passphrase' sis
expect_absent /run/secrets
