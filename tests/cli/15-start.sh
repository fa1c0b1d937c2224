# What a start does without: libgcrypt and locking everything, for a small file and age's own keys.
. "${0%/*}/lib.sh"
need ssh-keygen
strace -o /dev/null true 2>/dev/null || skip "strace cannot be used"

"$BOOTSEAL" keygen -o key.txt 2>/dev/null
recipient=$(sed -n 's/^# public key: //p' key.txt)
ssh-keygen -q -t ed25519 -N '' -f ssh
echo "the plain text" >plain
head -c 65535 /dev/zero >short
head -c 65536 /dev/zero >long

# libgcrypt looks for this file as it starts
libgcrypt=/etc/gcrypt/hwf.deny
traced() { rm -f trace && strace -f -o trace "$BOOTSEAL" "$@" >out; }
without_libgcrypt() { traced "$@" && ! grep -q $libgcrypt trace && ! grep -q mlockall trace; }
# ... and not from within the sandbox, where it could not read it
with_libgcrypt() {
	traced "$@" && grep -q $libgcrypt trace || return
	! grep -q landlock_restrict_self trace ||
		[ "$(grep -n $libgcrypt trace | head -n 1 | cut -d: -f1)" -lt "$(grep -n landlock_restrict_self trace | head -n 1 | cut -d: -f1)" ]
}

for armor in "" -a; do
	check "a small file is sealed without" without_libgcrypt age $armor -r "$recipient" plain
	cp out small.age
	check "and opened" without_libgcrypt age -d -i key.txt small.age
	expect_same out plain
done
check "nearly a chunk is sealed without" without_libgcrypt age -r "$recipient" short
check "a chunk is not" with_libgcrypt age -r "$recipient" long
cp out long.age
check "nor is it opened so" with_libgcrypt age -d -i key.txt long.age
expect_same out long
check "an SSH key's file is sealed with it" with_libgcrypt age -R ssh.pub plain
cp out ssh.age
check "and opened" with_libgcrypt age -d -i ssh ssh.age
expect_same out plain
check "a recipient that is an SSH key" with_libgcrypt age -r "$(cat ssh.pub)" plain
# how long a pipe is nobody knows
check "a pipe" with_libgcrypt age -d -i key.txt - < <(cat small.age)
expect_same out plain
check "other commands" with_libgcrypt encrypt --age "$recipient" --input-type binary plain

