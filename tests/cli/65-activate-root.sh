#!/usr/bin/env bash
# activate --root: everything is below that directory, as it will be when that is the root. What bootseal-initrd.service
# does, in a mount namespace with a root as an initrd finds it.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
if [ "$(id -u)" -ne 0 ]; then
	expect_error "cannot open the root \"none\"" "$BOOTSEAL" activate --root none
	mkdir root
	expect_error "cannot make \"root\" the root" "$BOOTSEAL" activate --root root
	skip "only root can enter another root"
fi
empty_run
# As all mounts are in systemd's initrd.
mount --make-shared /run

# Neither /proc nor /dev, nor a program or library; another system's users.
mkdir -p sysroot/{etc/{bootseal,ssh},run,persist,nix}
cp "$VECTORS"/{openclaw,changed,flat}.yaml sysroot/persist/
install -m 600 "$VECTORS/host_key" sysroot/persist/host_key
chmod 644 sysroot/persist/*.yaml
ln -s /persist/host_key sysroot/etc/ssh/ssh_host_ed25519_key
for file in openclaw flat; do ln -s ../../persist/$file.yaml sysroot/etc/bootseal/$file.yaml; done
printf 'root:x:0:0::/:/bin/sh\nonlythere:x:4711:4712::/:/bin/sh\n' >sysroot/etc/passwd
printf 'root:x:0:\nthose:x:4713:\n' >sysroot/etc/group
echo 'passwd: evil files' >sysroot/etc/nsswitch.conf
cat >sysroot/persist/initrd.yaml <<'EOF'
directory: /run/secrets-initrd
secrets:
  password: {file: openclaw.yaml, key: telegram/bot-token, owner: onlythere, restart: [some.service]}
  second: {file: flat.yaml, key: A, group: those, mode: "0440"}
EOF
# A link as NixOS has them: it leads where it will on that root.
ln -s /persist/initrd.yaml sysroot/etc/bootseal/initrd.yaml
mkdir -p "$TMP/outside"
ln -s "$TMP/outside" /run/secrets-of-the-initrd

about "before"
expect_output "2 files for /run/secrets-initrd: nothing wrong" "$BOOTSEAL" activate --check --root sysroot /etc/bootseal/initrd.yaml
expect_status 0 "$BOOTSEAL" activate --dry-run --root sysroot /etc/bootseal/initrd.yaml
expect_error 'cannot open the root "none"' "$BOOTSEAL" activate --root none /etc/bootseal/initrd.yaml
expect_error 'cannot open the root "sysroot/etc/passwd"' "$BOOTSEAL" activate --root sysroot/etc/passwd
expect_error 'cannot open the manifest "/etc/bootseal/none.yaml"' "$BOOTSEAL" activate --root sysroot /etc/bootseal/none.yaml
expect_absent /run/secrets-initrd sysroot/run/secrets-initrd

about "as the unit does"
mount --rbind /run sysroot/run
sed -n 's/^ExecStart=@bindir@.bootseal //p' "$ROOT/contrib/systemd/bootseal-initrd.service" >arguments
expect_output "activate --root /sysroot /etc/bootseal/initrd.yaml" cat arguments
run "activate" "$BOOTSEAL" activate --root sysroot /etc/bootseal/initrd.yaml
check "no unit is told" bash -c '! grep -E "^re(start|load)" said'
expect_output 123456:telegram bash -c 'cat /run/secrets-initrd/password; echo'
expect_output "4711:4712 400" stat -Lc '%u:%g %a' /run/secrets-initrd/password
expect_output "0:4713 440" stat -Lc '%u:%g %a' /run/secrets-initrd/second
check "on a mount of its own" grep -qE ' /run/secrets-initrd\.d ro,.* - (ramfs|tmpfs) ' /proc/self/mountinfo
mkdir disk
mount --bind sysroot disk
check "nothing of it is on that root's disk" bash -c '[ -z "$(ls -A disk/run)" ] && ! grep -rF 123456:telegram disk'
umount disk

about "again"
expect_output "2 files for /run/secrets-initrd" "$BOOTSEAL" activate --dry-run --root sysroot /etc/bootseal/initrd.yaml
cp sysroot/persist/changed.yaml sysroot/persist/openclaw.yaml
sed -i 's/telegram.bot-token/OPENAI_API_KEY/' sysroot/persist/initrd.yaml
run "activate" "$BOOTSEAL" activate --root sysroot /etc/bootseal/initrd.yaml
expect_output sk-openai-new bash -c 'cat /run/secrets-initrd/password; echo'
expect_output "$(readlink /run/secrets-initrd)" readlink sysroot/run/secrets-initrd

about "the other commands"
run "status" "$BOOTSEAL" status --root sysroot /etc/bootseal/initrd.yaml
check "of what is there" grep -q "^/run/secrets-initrd: generation 2 " said
run "rollback" "$BOOTSEAL" rollback --root sysroot /etc/bootseal/initrd.yaml
check "to the one before" [ "$(readlink sysroot/run/secrets-initrd)" = secrets-initrd.d/1 ]
printf 'directory: /run/secrets-other\nsecrets: {a: {file: flat.yaml, key: A, link: /etc/linked}}\n' >sysroot/etc/bootseal/other.yaml
run "elsewhere, with a link" "$BOOTSEAL" activate --root sysroot /etc/bootseal/other.yaml
check "the link is made there" test -L sysroot/etc/linked
run "deactivate" "$BOOTSEAL" deactivate --root sysroot /etc/bootseal/other.yaml
check "the link is gone, too" test ! -L sysroot/etc/linked
expect_absent sysroot/run/secrets-other sysroot/run/secrets-other.d /run/secrets-other
for command in status rollback deactivate; do
	expect_error 'cannot open the root "none"' "$BOOTSEAL" $command --root none
done

about "what is wrong there"
sed -i 's/onlythere/nobody/' sysroot/persist/initrd.yaml
expect_error 'unknown owner "nobody"' "$BOOTSEAL" activate --root sysroot /etc/bootseal/initrd.yaml
sed -i 's/nobody/onlythere/; s|/run/secrets-initrd|/run/secrets-of-the-initrd|' sysroot/persist/initrd.yaml
expect_error '"/run/secrets-of-the-initrd" is a link to' "$BOOTSEAL" activate --root sysroot /etc/bootseal/initrd.yaml
[ -z "$(ls -A outside)" ] && ok "nothing is written outside" || fail "it wrote outside"
umount -R sysroot/run
