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
check "no unit is told" grep -q 'not root, and XDG_RUNTIME_DIR is not set, so no unit was told' noted
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
# Who is not root cannot withdraw what he has published: his service could keep it.
sed '/token:/s/restart: \[x.service\]/lifetime: until-ready, unit: x.service/' host.yaml >ready.yaml
expect_error 'only root can withdraw what it has published; use a system unit with User=' user ./bootseal activate ready.yaml
expect_error 'use a system unit with User=' user ./bootseal activate --dry-run ready.yaml
expect_error 'use a system unit with User=' user ./bootseal activate --for x.service ready.yaml
expect_status 33 user ./bootseal activate --for x.service ready.yaml
expect_status 0 user ./bootseal activate --check ready.yaml
expect_status 0 user ./bootseal release --for x.service ready.yaml
expect_absent "$memory/secrets.ready"
expect_output "$memory/secrets: removed" user ./bootseal deactivate host.yaml
expect_output "" sh -c "ls -A $memory | tr -d '\n'; echo"

# --- below the runtime directory, as a user's own unit has it
mkdir "$memory/run"
[ "$(id -u)" -ne 0 ] || chown 65534:65534 "$memory/run"
chmod 700 "$memory/run"
sed 's|^directory: .*|directory: "%t/secrets"|; s/mode: "0000"/mode: "0400"/' host.yaml >runtime.yaml
in_runtime() { user env XDG_RUNTIME_DIR="$memory/run" "$@"; }
expect_output '2 files for %t/secrets: nothing wrong' sh -c './bootseal activate --check runtime.yaml 2>/dev/null' # the owner is noted
expect_error 'directory "%t/secrets": XDG_RUNTIME_DIR is not set; run it in a session or a unit' user ./bootseal activate runtime.yaml
expect_error 'directory "%t/secrets": XDG_RUNTIME_DIR is not set' user env XDG_RUNTIME_DIR= ./bootseal activate runtime.yaml
expect_error '"run/secrets" is no absolute path' user env XDG_RUNTIME_DIR=run ./bootseal activate runtime.yaml
sed "s|owner: root|&, link: $memory/run/secrets/x|" runtime.yaml >within.yaml
expect_error "link \"$memory/run/secrets/x\" lies in \"$memory/run/secrets\"" in_runtime ./bootseal activate within.yaml
expect_status 0 in_runtime ./bootseal activate runtime.yaml
expect_output gateway-token-4f1d in_runtime sh -c 'cat "$XDG_RUNTIME_DIR/secrets/token"; echo'
expect_status 0 in_runtime ./bootseal status runtime.yaml
check "status knows where" grep -q "$memory/run/secrets" .out
cp changed.yaml openclaw.yaml
sed -i 's/keys: \[OPENAI_API_KEY\]/keys: [ANTHROPIC_API_KEY]/' runtime.yaml
expect_status 0 in_runtime ./bootseal activate runtime.yaml
check "without a systemd of the user's" grep -q 'no systemd of yours runs here, so no unit was told' .err
# The user's systemd is asked. (Where its systemctl can be stood in for: as root, who may mount.)
if [ "$(id -u)" -eq 0 ] && [ -x /usr/bin/systemctl ] && unshare --mount --propagation private true 2>/dev/null; then
	user mkdir "$memory/run/systemd"
	user touch "$memory/run/systemd/private"
	printf '#!/bin/sh\n[ "$XDG_RUNTIME_DIR" != "%s" ] || echo "$*" >>%s\n' "$memory/run" "$memory/run/log" >systemctl
	chmod 755 systemctl
	sed -i 's/keys: \[ANTHROPIC_API_KEY\]/keys: [OPENAI_API_KEY]/' runtime.yaml
	cat >told.sh <<-EOF
		mount --bind systemctl /usr/bin/systemctl
		exec setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR=$memory/run ./bootseal activate runtime.yaml
	EOF
	expect_status 0 unshare --mount --propagation private sh told.sh
	expect_output "--user --no-block try-restart -- x.service" cat "$memory/run/log"
else
	skip_one "the user's units are told" "needs root, a mount namespace and systemctl"
fi
expect_output "$memory/run/secrets: removed" in_runtime ./bootseal deactivate runtime.yaml
rm -r "$memory/run"

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
