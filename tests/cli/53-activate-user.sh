#!/usr/bin/env bash
# activate without root: in a folder on a memory file system, and as the root of a user namespace.
. "${0%/*}/activate.sh"
. "${0%/*}/lib.sh"

[ -w /dev/shm ] || skip "there is no /dev/shm"
[ "$(stat -f -c %T /dev/shm)" = tmpfs ] || skip "/dev/shm is no tmpfs"
memory=$(mktemp -d /dev/shm/bootseal-test.XXXXXX)
at_exit "rm -rf '$memory'"
chmod 755 "$TMP"
cp "$BOOTSEAL" bootseal
host <<EOF
identities: [host_key]
directory: $memory/secrets
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: root, restart: [x.service]}
environments:
  worker.env: {file: openclaw.yaml, keys: [OPENAI_API_KEY], mode: "0444"}
EOF

# Everything as a user who is not root.
user() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	chown 65534:65534 "$memory"
	chown 65534 ./*_key
fi
run_as_user() { # COMMAND...: what it said in said and noted
	expect_status 0 user "$@"
	cp .out said
	cp .err noted
}

run_as_user ./bootseal activate --dry-run host.yaml
expect_output "" sh -c "ls -A $memory | tr -d '\n'; echo"
run_as_user ./bootseal activate host.yaml
check "it says what it is" grep -q 'is not a mount of its own (this process may not mount), and lies on a tmpfs that may be swapped out' noted
check "it says whose they are" grep -q 'not root: 1 of 2 files belong to you' noted
uid=$(user id -u)
expect_output "$uid 400" stat -c '%u %a' "$memory/secrets/token"
expect_output gateway-token-4f1d user sh -c "cat $memory/secrets/token; echo"
expect_output 'OPENAI_API_KEY="sk-openai-old"' cat "$memory/secrets/worker.env"
expect_status 0 user ./bootseal status host.yaml
check "status says folder" grep -q '(folder)$' .out
cp changed.yaml openclaw.yaml
run_as_user ./bootseal activate host.yaml
check "changed" grep -qx 'changed worker.env' said
cp changed.yaml openclaw.yaml
sed -i 's/mode: "0444"/mode: "0440", restart: [x.service]/' host.yaml
run_as_user ./bootseal activate host.yaml
check "no unit is told" grep -q 'not root, so no unit was told' noted
sed 's/owner: root/owner: no-such-user/' host.yaml >unknown.yaml
expect_error 'unknown owner "no-such-user"' user ./bootseal activate unknown.yaml
# A file that not even its owner may read: it cannot be compared, and that is no error.
sed -i 's/owner: root, restart/owner: root, mode: "0000", restart/' host.yaml
run_as_user ./bootseal activate host.yaml
run_as_user ./bootseal activate host.yaml
check "changed, for all we know" grep -qx 'changed token' said
# A record that cannot be read is in nobody's way.
for text in '"' '{}' ''; do
	user sh -c "chmod 600 $memory/secrets/.bootseal.json; printf '%s' '$text' >$memory/secrets/.bootseal.json"
	expect_error "$memory/secrets.d/" user ./bootseal status host.yaml
	check "status names it" grep -q '/\.bootseal\.json": ' .err
	run_as_user ./bootseal activate host.yaml
	[ -z "$text" ] || check "activate notes it" grep -q 'the record of the live generation cannot be read' noted
	expect_status 0 user ./bootseal status host.yaml
done
expect_output "$memory/secrets: removed" user ./bootseal deactivate host.yaml
expect_output "" sh -c "ls -A $memory | tr -d '\n'; echo"

# /dev/shm itself is everyone's.
sed "s|^directory: .*|directory: /dev/shm/bootseal-test-secrets|" host.yaml >everyone.yaml
expect_error 'others may write in "/dev/shm/"' user ./bootseal activate everyone.yaml
expect_absent /dev/shm/bootseal-test-secrets /dev/shm/.bootseal-test-secrets.lock
# A disk is no place for secrets.
case $(stat -f -c %T "$TMP") in
tmpfs | ramfs) skip_one "a folder on a disk" "$TMP is on a memory file system" ;;
*)
	mkdir disk
	[ "$(id -u)" -ne 0 ] || chown 65534 disk
	sed "s|^directory: .*|directory: $TMP/disk/secrets|" host.yaml >disk.yaml
	expect_error 'is on a disk, and this process may not mount there' user ./bootseal activate disk.yaml
	expect_output "" sh -c "ls -A disk | tr -d '\n'; echo"
	;;
esac

# --- root in a user namespace mounts, for itself alone
if user unshare --user --map-root-user --mount true 2>/dev/null; then
	sed -i '/owner: root/s/owner: root, //' host.yaml
	[ "$(id -u)" -ne 0 ] || chown 65534 host.yaml
	cat >inside.sh <<-EOF
		set -e
		./bootseal activate host.yaml
		grep -q ' $memory/secrets.d ro,.* - \(ramfs\|tmpfs\) ' /proc/self/mountinfo
		! sh -c 'echo x >$memory/secrets.d/x' 2>/dev/null
		cat $memory/secrets/token
		./bootseal activate host.yaml >/dev/null
		./bootseal deactivate host.yaml >/dev/null
		! grep -q secrets.d /proc/self/mountinfo
	EOF
	run_as_user unshare --user --map-root-user --mount sh inside.sh
	check "its own mount" grep -q '^gateway-token-4f1d$' said
	[ ! -s noted ] && ok "nothing to note" || fail "notes" "$(cat noted)"
	expect_output "" sh -c "ls -A $memory | tr -d '\n'; echo"
	# An owner whom the namespace does not know cannot be given anything.
	sed 's/file: openclaw.yaml, key: OPEN/owner: 1234, &/' host.yaml >foreign-owner.yaml
	[ "$(id -u)" -ne 0 ] || chown 65534 foreign-owner.yaml
	expect_error 'cannot give "token" to uid 1234' user unshare --user --map-root-user --mount ./bootseal activate foreign-owner.yaml
	expect_output "" sh -c "ls -A $memory | tr -d '\n'; echo"
else
	skip_one "a user namespace" "none can be made here"
fi
