#!/usr/bin/env bash
# bootseal-generator: which mounts an activation waits for; it never fails, whatever the manifest is.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"

ln -s "$BOOTSEAL" bootseal-generator
mkdir -p disk/keys persist/ssh manifest/sub units
cp "$VECTORS"/*.yaml manifest/
cp "$VECTORS/host_key" persist/ssh/key
cp "$VECTORS/flat.yaml" disk/flat.yaml
ln -s ../persist disk/ssh-directory
ln -s "$TMP/disk/ssh-directory/ssh/key" manifest/linked_key
ln -s ../disk/flat.yaml manifest/flat-linked.yaml
ln -s loop manifest/loop
cat >manifest/host.yaml <<EOF
identities: [host_key, linked_key, /nowhere/key, "/with space/100%", loop]
secrets:
  a: {file: openclaw.yaml, key: a}
  b: {file: flat-linked.yaml, key: A}
  c: {file: sub/none.yaml, key: A}
credentials:
  x.service: {t: {file: sub/credential.yaml, key: A}}
EOF
chmod go-w manifest/host.yaml
generate() { ./bootseal-generator units units units "$TMP/manifest/host.yaml"; }
dropin=units/bootseal.service.d/50-bootseal-mounts.conf
needs() { grep -qxF "RequiresMountsFor=\"$1\"" $dropin; }

about "paths"
expect_output "" bash -c './bootseal-generator units units units "$TMP/manifest/host.yaml" 2>&1 | grep . || echo'
[ "$(head -n 1 $dropin)" = "[Unit]" ] && ok "a drop-in" || fail "a drop-in" "$(cat $dropin)"
expect_same $dropin units/bootseal-credentials@.service.d/50-bootseal-mounts.conf
expect_output 644 stat -c %a $dropin
for path in manifest/host.yaml manifest/host_key manifest/openclaw.yaml manifest/sub/none.yaml manifest/sub/credential.yaml \
	manifest/linked_key disk/ssh-directory/ssh/key persist/ssh/key manifest/flat-linked.yaml disk/flat.yaml manifest/loop; do
	check "$path" needs "$TMP/$path"
done
check "one that is not there" needs /nowhere/key
check "blanks and specifiers" needs "/with space/100%%"
expect_output 0 bash -c 'grep -vcE "^(\[Unit\]|RequiresMountsFor=\"/.*\")$" '$dropin' || :'
if command -v strace >/dev/null; then
	strace -f -o trace -e trace=open,openat ./bootseal-generator units units units "$TMP/manifest/host.yaml"
	if grep -E 'openclaw|flat|host_key|linked_key|persist' trace; then fail "it opens keys or sealed files"; else ok "no key is opened"; fi
else
	skip_one "no key is opened" "strace is not installed"
fi

about "it never fails"
said() { # TEXT: status 0, that text, and the manifest's own place all the same
	rm -rf units/*
	expect_status 0 ./bootseal-generator units units units "$TMP/manifest/host.yaml"
	check "it says $1" grep -qF "bootseal-generator: $1" .err
	check "the manifest's place" needs "$TMP/manifest/host.yaml"
}
cp manifest/host.yaml good.yaml
echo 'secrets: [' >manifest/host.yaml
said 'manifest "'
echo 'secret: {}' >manifest/host.yaml
said "manifest \"$TMP/manifest/host.yaml\" line 1: unknown field"
head -c 2000000 /dev/zero >manifest/host.yaml
said ""
rm manifest/host.yaml
mkdir manifest/host.yaml
said "manifest \"$TMP/manifest/host.yaml\" is no regular file"
rmdir manifest/host.yaml
mkfifo manifest/host.yaml
said "manifest \"$TMP/manifest/host.yaml\" is no regular file"
rm manifest/host.yaml
cp good.yaml manifest/host.yaml
chmod o+w manifest/host.yaml
said "others may write the manifest"
rm manifest/host.yaml
rm -rf units/*
expect_status 0 ./bootseal-generator units units units "$TMP/manifest/host.yaml"
[ ! -s .err ] && ok "no manifest is nothing to tell" || fail "no manifest" "$(cat .err)"
cp good.yaml manifest/host.yaml
touch file
expect_status 0 ./bootseal-generator file/x file file "$TMP/manifest/host.yaml"
check "no place to write to" grep -q 'bootseal-generator: ' .err
expect_status 0 ./bootseal-generator units
[ -e /etc/bootseal ] || { [ ! -s .err ] && ok "nor is no directory for one" || fail "no directory for a manifest" "$(cat .err)"; }
expect_error "too few arguments" ./bootseal-generator
expect_error "too many arguments" ./bootseal-generator units units units host.yaml more

about "the network"
if [ -n "${OWN_MOUNTS-}" ]; then
	rm -rf units/*
	cat >fstab <<-EOF
		/dev/sda1 / ext4 defaults 0 1
		server:/keys $TMP/persist nfs4 defaults 0 0
		//server/share $TMP/disk cifs x-systemd.automount 0 0
		host:/x $TMP/manifest/sub fuse.sshfs defaults 0 0
		/dev/nbd0 /with\\040space ext4 _netdev 0 0
	EOF
	[ -e /etc/fstab ] || skip_one fstab "there is no /etc/fstab to mount over"
	if [ -e /etc/fstab ]; then
		mount --bind fstab /etc/fstab
		expect_status 0 generate
		cp .err told
		for path in persist/ssh/key disk/flat.yaml disk/ssh-directory/ssh/key manifest/sub/none.yaml manifest/sub/credential.yaml; do
			check "$path is not waited for" bash -c '! grep -F "$1" "$2"' - "\"$TMP/$path\"" $dropin
			check "and that is told" grep -qF "\"$TMP/$path\" is on the network" told
		done
		check "a disk on the network" grep -qF '"/with space/100%" is on the network' told
		check "what is not on it is" needs "$TMP/manifest/openclaw.yaml"
		umount /etc/fstab
	fi
	if command -v systemd-escape >/dev/null; then
		rm -rf units/*
		mount -t tmpfs tmpfs /run
		mkdir -p /run/systemd/{system,transient}
		of() { systemd-escape --path --suffix=mount "$1"; }
		printf '[Mount]\nWhat=server:/keys\n  Type = nfs4\nWhere=x\n' >"/run/systemd/system/$(of "$TMP/persist")"
		printf '[Mount]\nType=ext4\nOptions=noatime,_netdev\n' >"/run/systemd/transient/$(of "/with space")"
		printf '[Mount]\nType=ext4\n' >"/run/systemd/transient/$(of "$TMP/disk")"
		printf '[Mount]\nType=cifs\n' >"/run/systemd/system/$(of "$TMP/disk")"
		expect_status 0 generate
		cp .err told
		check "a mount unit of a network's file system" grep -qF "\"$TMP/persist/ssh/key\" is on the network" told
		check "a transient one" grep -qF '"/with space/100%" is on the network' told
		check "the first of a name counts" needs "$TMP/disk/flat.yaml"
		umount /run
	else
		skip_one "mount units" "systemd-escape is not installed"
	fi
else
	skip_one fstab "needs root and a mount namespace"
fi
