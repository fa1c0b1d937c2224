#!/usr/bin/env bash
# activate where the kernel refuses something, told by strace: it falls back and says so, or stops and
# leaves nothing. And what the children may do.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
need strace
strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
# LeakSanitizer cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

host <<'EOF'
identities: [host_key]
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: 4242}
  a: {file: flat.yaml, key: A}
EOF

refuse() { # CALL=ERROR[:when=N] COMMAND...
	local call=${1%%=*} error=${1#*=}
	shift
	strace -f -q -o trace -e trace="$call" -e inject="$call:error=$error" "$@"
}
live() {
	cp .err noted
	expect_output "gateway-token-4f1d" bash -c 'cat /run/secrets/token; echo'
	expect_output 4242:400 stat -c %u:%a /run/secrets/token
}
gone() {
	rm -rf /run/mount
	expect_status 0 "$BOOTSEAL" deactivate host.yaml
	expect_output "" sh -c 'ls -A /run | tr -d "\n"; echo'
}
nothing() {
	rm -rf /run/mount
	expect_output "" sh -c 'ls -A /run | tr -d "\n"; echo'
	expect_status 1 grep -q secrets.d /proc/self/mountinfo
}

# --- a kernel without mount_setattr: writable, and said so; root alone writes in it all the same
expect_status 0 refuse mount_setattr=ENOSYS "$BOOTSEAL" activate host.yaml
live
check "said" grep -q '"/run/secrets.d" is writable: this kernel cannot make it read-only' noted
check "writable" grep -q ' /run/secrets.d rw,nosuid,nodev,noexec' /proc/self/mountinfo
# The next run, on a kernel that can, makes it read-only.
expect_status 0 "$BOOTSEAL" activate host.yaml
[ ! -s .err ] && ok "nothing to note" || fail "notes" "$(cat .err)"
check "read-only" grep -q ' /run/secrets.d ro,' /proc/self/mountinfo
gone

# --- no ramfs: tmpfs with noswap
if mkdir try && mount -t tmpfs -o noswap tmpfs try 2>/dev/null; then
	umount try
	expect_status 0 refuse fsopen=ENODEV:when=1 "$BOOTSEAL" activate host.yaml
	live
	check "noswap" grep -q ' /run/secrets.d ro,.* - tmpfs .*noswap' /proc/self/mountinfo
	expect_status 0 "$BOOTSEAL" activate host.yaml
	live
	gone
else
	skip_one "tmpfs with noswap" "this kernel has none"
fi
expect_error 'cannot make a ramfs, nor a tmpfs with noswap' refuse fsopen=ENODEV "$BOOTSEAL" activate host.yaml
nothing

# --- no right to mount: a folder, where it is in memory
for call in fsopen fsmount move_mount; do
	expect_status 0 refuse $call=EPERM "$BOOTSEAL" activate host.yaml
	live
	check "said" grep -q 'is not a mount of its own' noted
	expect_status 1 grep -q secrets.d /proc/self/mountinfo
	# It stays a folder: what is in it is not hidden by a mount.
	expect_status 0 "$BOOTSEAL" activate host.yaml
	live
	gone
done

# --- what fails on the way leaves nothing
for call in mkdirat=EACCES fchown=EPERM fchmod=EIO symlinkat=EIO renameat=EIO \
	fsconfig=EINVAL open_tree=EMFILE pipe2=EMFILE clone=EAGAIN landlock_restrict_self=EPERM; do
	if refuse $call "$BOOTSEAL" activate host.yaml >out 2>err; then
		fail "$call is no error" "$(cat out err)"
	else
		[ "$(wc -l <err)" -eq 1 ] && ok "$call: one line" || fail "$call" "$(cat err)"
	fi
	nothing
done

# --- and leaves what is live
expect_status 0 "$BOOTSEAL" activate host.yaml
listing /run >before
expect_error 'cannot unmount "/run/secrets.d"' refuse umount2=EPERM "$BOOTSEAL" deactivate host.yaml
rm -rf /run/mount
expect_same <(listing /run) before
cp changed.yaml openclaw.yaml
for call in fchown=EPERM symlinkat=EIO renameat=EIO open_tree=EMFILE fchmodat=EPERM; do
	if refuse $call "$BOOTSEAL" activate host.yaml >out 2>err; then
		fail "$call is no error" "$(cat out err)"
	else
		ok "$call"
	fi
	rm -rf /run/mount
	listing /run >now; expect_same now before
done

# --- each sealed file is read once, and parsed in a child that may touch no file
strace -f -q -o trace -e trace=openat,landlock_restrict_self,landlock_add_rule "$BOOTSEAL" activate host.yaml >/dev/null
for file in openclaw.yaml flat.yaml host_key host.yaml; do
	[ "$(grep -c "\"$file\"" trace)" -eq 1 ] && ok "$file is opened once" || fail "$file" "$(grep "\"$file\"" trace)"
done
if grep -q 'landlock_restrict_self(.*) *= 0' trace; then
	# Two readers and a writer, each in its own process; the writer alone has a rule.
	expect_output 3 sh -c 'grep "landlock_restrict_self(.*) *= 0" trace | cut -d" " -f1 | sort -u | wc -l'
	expect_output 1 sh -c 'grep "landlock_add_rule(.*) *= 0" trace | cut -d" " -f1 | sort -u | wc -l'
	readers=$(grep 'landlock_restrict_self(.*) *= 0' trace | cut -d' ' -f1)
	for reader in $readers; do
		if grep -q "^$reader .*landlock_add_rule" trace; then continue; fi
		[ -z "$(sed -n "/^$reader .*landlock_restrict_self/,\$p" trace | grep "^$reader .*openat(.*= [0-9]")" ] &&
			ok "a reader opens nothing" || fail "a reader opens files"
	done
else
	skip_one "what the children may do" "this kernel has no Landlock"
fi
gone
