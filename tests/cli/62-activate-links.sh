#!/usr/bin/env bash
# Links outside of the directory: with their owners, over parents that others may write, who gain nothing by
# putting something else in their place.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
command -v setpriv >/dev/null || skip "setpriv is not installed"
as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
tree=/run/tree
mkdir -p $tree/home/user $tree/etc $tree/real
chown 4242:4242 $tree/home/user
mkdir -m 1777 $tree/tmp

manifest() { # LINK [OWNER [LINK]]
	{
		printf 'identities: [host_key]\nsecrets:\n  a: {file: flat.yaml, key: A, link: %s, owner: %s, group: %s}\n' "$1" "${2-0}" "${2-0}"
		[ $# -lt 3 ] || echo "  b: {file: flat.yaml, key: B, link: $3}"
	} | host
}
linked() { # PATH OWNER TARGET
	expect_output "$2 symbolic link" stat -c '%u:%g %F' "$1"
	expect_output "$3" readlink "$1"
	[ -z "$(find "$(dirname "$1")/." -maxdepth 1 -name '.*.bootseal')" ] && ok "nothing beside it" || fail "something beside $1"
}
refused() { # TEXT
	expect_status 31 "$BOOTSEAL" activate host.yaml
	check "$1" grep -qF "$1" .err
	check "the status says so" grep -q 'bootseal: "a" could not be linked to; the notes say why' .err
	expect_output value-of-a bash -c 'cat /run/secrets/a; echo'
}

# --- root's own places: parents are made, links on the way are followed
manifest $tree/etc/app/conf/token
run "made" "$BOOTSEAL" activate host.yaml
linked $tree/etc/app/conf/token 0:0 /run/secrets/a
expect_output "0:0 755" stat -c '%u:%g %a' $tree/etc/app/conf
expect_output value-of-a bash -c "cat $tree/etc/app/conf/token; echo"
inode=$(stat -c %i $tree/etc/app/conf/token)
run "again" "$BOOTSEAL" activate host.yaml
expect_output "$inode" stat -c %i $tree/etc/app/conf/token
ln -s ../real/./ $tree/etc/way
ln -s $tree/etc/way $tree/far
manifest $tree/far/token
run "over links of root's" "$BOOTSEAL" activate host.yaml
linked $tree/real/token 0:0 /run/secrets/a
# What is there is replaced, but no directory.
rm $tree/real/token
echo old >$tree/real/token
run "a file" "$BOOTSEAL" activate host.yaml
linked $tree/real/token 0:0 /run/secrets/a
ln -sf /etc/passwd $tree/real/token
run "another link" "$BOOTSEAL" activate host.yaml
linked $tree/real/token 0:0 /run/secrets/a
touch $tree/real/.token.bootseal
rm $tree/real/token
run "what a killed run left" "$BOOTSEAL" activate host.yaml
linked $tree/real/token 0:0 /run/secrets/a
rm $tree/real/token
mkfifo $tree/real/token
refused "link \"$tree/far/token\": \"token\" is neither a file nor a link"
check "the pipe stays" test -p $tree/real/token
rm $tree/real/token
mkdir -p $tree/real/token/inner
refused "link \"$tree/far/token\": cannot put it in its place"
check "the directory stays" test -d $tree/real/token/inner
rm -r $tree/real/token
ln -s loop $tree/etc/loop
manifest $tree/etc/loop/token
refused "cannot follow \"loop\""

# --- a user's place: made with that user's rights
manifest $tree/home/user/.config/app/token 4242
run "a user's" "$BOOTSEAL" activate host.yaml
linked $tree/home/user/.config/app/token 4242:4242 /run/secrets/a
expect_output "4242:4242 755" stat -c '%u:%g %a' $tree/home/user/.config/app
manifest $tree/home/user/.config/app/token 4343
run "with another owner" "$BOOTSEAL" activate host.yaml
linked $tree/home/user/.config/app/token 4343:4343 /run/secrets/a

# --- the user puts something else there: nothing of anyone else's is touched
echo precious >$tree/etc/token
before=$(listing $tree/etc)
as 4242 sh -c "rm -r $tree/home/user/.config/app; ln -s $tree/etc $tree/home/user/.config/app"
refused "\"app\" is a link that others than root may have made"
as 4242 sh -c "rm -r $tree/home/user/.config; ln -s $tree/etc $tree/home/user/.config"
refused "\".config\" is a link that others than root may have made"
[ "$before" = "$(listing $tree/etc)" ] && ok "nothing in the other place" || fail "something in the other place" "$(listing $tree/etc)"
as 4242 rm $tree/home/user/.config
# Someone else's directory in the user's, and root's.
mkdir -p $tree/home/user/.config/app
chown 4242:4242 $tree/home/user/.config
chown 4343 $tree/home/user/.config/app
refused '"app" belongs to uid 4343, in a directory of uid 4242'
chown 0 $tree/home/user/.config/app
refused 'cannot make it: Permission denied'
rm -r $tree/home/user/.config

# --- where everyone may write
manifest $tree/tmp/token
run "a sticky directory" "$BOOTSEAL" activate host.yaml
linked $tree/tmp/token 0:0 /run/secrets/a
as 4242 mkdir $tree/tmp/theirs
as 4242 ln -s $tree/etc $tree/tmp/link
manifest $tree/tmp/link/token
refused '"link" is a link that others than root may have made'
[ "$before" = "$(listing $tree/etc)" ] && ok "nothing in the other place" || fail "something in the other place"
manifest $tree/tmp/theirs/token
run "theirs" "$BOOTSEAL" activate host.yaml
linked $tree/tmp/theirs/token 0:0 /run/secrets/a

# --- swapped while it works: a directory of the user's and a link to root's, as fast as can be
as 4242 mkdir -p $tree/home/user/one
as 4242 ln -s $tree/etc $tree/home/user/two
cat >swap.sh <<-END
	while [ ! -e $tree/tmp/stop ]; do
		mv -T $tree/home/user/one $tree/home/user/app; mv -T $tree/home/user/app $tree/home/user/one
		mv -T $tree/home/user/two $tree/home/user/app; mv -T $tree/home/user/app $tree/home/user/two
	done
END
chmod 644 swap.sh
manifest $tree/home/user/app/token 4242
as 4242 sh "$TMP/swap.sh" 2>/dev/null &
for round in {1..40}; do "$BOOTSEAL" activate host.yaml >/dev/null 2>&1 || [ $? -eq 31 ] || fail "round $round"; done
touch $tree/tmp/stop
wait
[ "$before" = "$(listing $tree/etc)" ] && ok "40 rounds against a swapping user" || fail "the user has won" "$(listing $tree/etc)"

# --- one that cannot be made keeps no other, and what is left out is not linked to
manifest $tree/real/none/../x 0
expect_status 1 "$BOOTSEAL" activate host.yaml
chmod 755 $tree
mkdir -p $tree/real/dir/inner
manifest $tree/real/dir 0 $tree/real/second
refused "link \"$tree/real/dir\""
linked $tree/real/second 0:0 /run/secrets/b
rm $tree/real/second
{ echo "onError: keep"; sed 's/key: B/key: NONE/; s,/real/dir,/real/first,' host.yaml; } >keep.yaml
"$BOOTSEAL" deactivate host.yaml >/dev/null
expect_status 31 "$BOOTSEAL" activate keep.yaml
linked $tree/real/first 0:0 /run/secrets/a
expect_absent $tree/real/second
expect_status 0 "$BOOTSEAL" deactivate host.yaml

# --- a link that no secret has any more goes, where it is still ours
manifest $tree/etc/app/one 0 $tree/home/user/two
run "two links" "$BOOTSEAL" activate host.yaml
manifest $tree/etc/app/one
run "one of them leaves" "$BOOTSEAL" activate host.yaml
expect_absent $tree/home/user/two
linked $tree/etc/app/one 0:0 /run/secrets/a
manifest $tree/etc/app/other 0 $tree/etc/app/third
run "another name for it" "$BOOTSEAL" activate host.yaml
expect_absent $tree/etc/app/one
linked $tree/etc/app/other 0:0 /run/secrets/a
run "back" "$BOOTSEAL" rollback host.yaml
linked $tree/etc/app/one 0:0 /run/secrets/a
expect_absent $tree/etc/app/other $tree/etc/app/third
run "forth" "$BOOTSEAL" activate host.yaml
expect_absent $tree/etc/app/one
ln -sfn /etc/passwd $tree/etc/app/other
rm $tree/etc/app/third
echo mine >$tree/etc/app/third
manifest $tree/etc/app/one
run "what others have put there stays" "$BOOTSEAL" activate host.yaml
expect_output /etc/passwd readlink $tree/etc/app/other
expect_output mine cat $tree/etc/app/third
ln -s /run/secrets/a $tree/etc/app/theirs
run "all of it goes" "$BOOTSEAL" deactivate host.yaml
expect_absent $tree/etc/app/one
linked $tree/etc/app/theirs 0:0 /run/secrets/a
# A way there that a user has changed since is not taken.
as 4242 mkdir -p $tree/home/user/mine
manifest $tree/home/user/mine/token
run "a user's place" "$BOOTSEAL" activate host.yaml
as 4242 sh -c "rm -r $tree/home/user/mine; ln -s $tree/etc/app $tree/home/user/mine"
ln -s /run/secrets/a $tree/etc/app/token
run "it is gone" "$BOOTSEAL" deactivate host.yaml
check "that it stays is told" grep -qF 'note: link "/run/tree/home/user/mine/token": "mine" is a link that others than root may have made' noted
linked $tree/etc/app/token 0:0 /run/secrets/a
# One that could never be made, and that no secret has any more, is not spoken of again.
rm -f $tree/etc/app/token
ln -s /etc/passwd $tree/etc/app/token
expect_status 31 "$BOOTSEAL" activate host.yaml
manifest $tree/etc/app/one
for time in first second; do
	run "the $time without it" "$BOOTSEAL" activate host.yaml
	expect_same noted /dev/null
done
run "and the end of it" "$BOOTSEAL" deactivate host.yaml
expect_same noted /dev/null
expect_output /etc/passwd readlink $tree/etc/app/token
# Killed behind the switch, before it was removed: the next run but one does not know it, the next one does.
manifest $tree/etc/app/late
run "once more" "$BOOTSEAL" activate host.yaml
manifest $tree/etc/app/one
run "another place" "$BOOTSEAL" activate host.yaml
ln -s /run/secrets/a $tree/etc/app/late
run "what a killed run left" "$BOOTSEAL" activate host.yaml
expect_absent $tree/etc/app/late
run "the end" "$BOOTSEAL" deactivate host.yaml

# --- none in the way of what is bootseal's own
for link in /run/secrets /run/secrets/x /run/secrets.d /run/secrets.d/x /run/.secrets.lock /run/.secrets.next; do
	manifest $link
	expect_error "link \"$link\"" "$BOOTSEAL" activate host.yaml
	expect_absent /run/secrets /run/secrets.d /run/.secrets.lock
done
