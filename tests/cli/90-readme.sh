# The README's first steps, run as they stand there: only paths that are the system's are put elsewhere.
. "${0%/*}/../cli/lib.sh"
need git ssh-keygen

# The code block behind the comment that says what this script does with it.
block() { # VERB
	awk -v mark="<!-- tests/cli/90-readme.sh $1 this -->" '
		$0 == mark { found = 1; next }
		found && /^```/ { if (open) exit; open = 1; next }
		open { print }' "$ROOT/README.md" |
		sed "s|/etc/ssh|$TMP/etc/ssh|g; s|~/|$HOME/|g"
}

mkdir -p etc/ssh etc/bootseal bin
ssh-keygen -q -t ed25519 -N '' -C root@web1 -f etc/ssh/ssh_host_ed25519_key
ln -s "$BOOTSEAL" bin/bootseal
PATH=$TMP/bin:$PATH
block runs >steps
check "the README has steps" test -s steps
sealed=secrets/openclaw.yaml

step() { # COMMAND, which set gives the token
	case $1 in
	*' set '*) printf 'readme-token' >value ;;
	*) : >value ;;
	esac
	if sh -c "$1" <value >said 2>&1; then ok "$1"; else fail "$1" "$(cat said)"; fi
}

# In a new home directory; with the key that the steps make, or with an SSH key that is there.
for kind in made ssh age; do
	rm -rf repository "$HOME"
	mkdir -p repository "$HOME/.ssh" "$HOME/.config/sops/age"
	case $kind in
	ssh) ssh-keygen -q -t ed25519 -N '' -C me@laptop -f "$HOME/.ssh/id_ed25519" ;;
	age) "$BOOTSEAL" keygen -o "$HOME/.config/sops/age/keys.txt" 2>/dev/null ;;
	esac
	cd repository
	git init -q .
	while read -r line; do step "$line"; done <../steps
	check "$kind: the token's name is there" grep -q OPENCLAW_GATEWAY_TOKEN $sealed
	if grep -q readme-token $sealed; then fail "the token is in the file"; else ok "the token is not in the file"; fi
	check "$kind: the operator reads it" test "$("$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]')" = readme-token
	if command -v sops >/dev/null; then
		check "$kind: with sops, too" test "$(sops decrypt --extract '["OPENCLAW_GATEWAY_TOKEN"]' $sealed)" = readme-token
	else
		skip_one "$kind: with sops" "sops is not installed"
	fi
	check "git has what was added" test "$(git diff --cached --name-only | wc -l)" -ge 4
	# once more: nothing stops but init, which says what to do
	grep -v ' init ' ../steps >../again
	while read -r line; do step "$line"; done <../again
	expect_error 'is there already; add names to it with "bootseal keys add"' sh -c "$(grep ' init ' ../steps)"
	cd ..
done
cd repository

# The host has its own key, and not the operator's.
cp $sealed "$TMP/etc/bootseal/openclaw.yaml"
block checks | sed "s/owner: openclaw/owner: $(id -un)/" >"$TMP/etc/bootseal/host.yaml"
chmod 644 "$TMP/etc/bootseal/host.yaml"
expect_status 0 "$BOOTSEAL" activate --check "$TMP/etc/bootseal/host.yaml"
mv "$HOME/.config" "$HOME/gone"
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/etc/ssh/ssh_host_ed25519_key
check "the host reads it" test "$("$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]')" = readme-token

# One host comes, another goes.
unset SOPS_AGE_SSH_PRIVATE_KEY_FILE
mv "$HOME/gone" "$HOME/.config"
ssh-keygen -q -t ed25519 -N '' -C root@web2 -f ../web2
cp ../web2.pub .
block changes >../changes
check "the README has changes" test -s ../changes
while read -r line; do step "$line"; done <../changes
check "the operator still reads it" test "$("$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]')" = readme-token
mv "$HOME/.config" "$HOME/gone"
get_as() { SOPS_AGE_SSH_PRIVATE_KEY_FILE=$1 "$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]'; }
check "the new host reads it" test "$(get_as ../web2)" = readme-token
expect_error 'cannot open' get_as "$TMP/etc/ssh/ssh_host_ed25519_key"
