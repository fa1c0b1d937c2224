# Passphrases, sealed identity files, post-quantum keys and age-inspect beside the real age, both ways.
. "${0%/*}/../cli/lib.sh"
need age age-keygen

mkdir called
for name in age age-keygen age-inspect ssh-to-age; do ln -s "$BOOTSEAL" called/$name; done
(umask 077 && echo "correct horse" >pass && age-keygen -o key 2>/dev/null)
recipient=$(age-keygen -y key)
export BOOTSEAL_PASSPHRASE_FILE=$TMP/pass

if command -v age-plugin-batchpass >/dev/null; then
	# real age takes its passphrase by this plugin alone
	theirs() { AGE_PASSPHRASE="correct horse" age -j batchpass "$@"; }
	for size in 0 1 65535 65536 65537; do
		head -c $size /dev/urandom >plain
		armor=$([ $((size % 2)) -eq 0 ] || echo -a)
		check "seal $size $armor" "$BOOTSEAL" age -p $armor -o sealed plain
		check "age opens ours, $size" theirs -d -o opened sealed
		expect_same plain opened
		theirs -e $armor -o sealed plain
		rm -f opened
		check "ours opens age's, $size" "$BOOTSEAL" age -d -o opened sealed
		expect_same plain opened
	done
	AGE_PASSPHRASE=x age -e -j batchpass -o sealed plain
	expect_error "the passphrase is wrong" "$BOOTSEAL" age -d sealed
	# an identity file that age sealed
	theirs -e -a -o key.age key
	age -r "$recipient" -o sealed plain
	rm -f opened
	check "an identity file of age's" "$BOOTSEAL" age -d -i key.age -o opened sealed
	expect_same plain opened
	# the plugin itself, from ours
	check "ours asks the plugin" env AGE_PASSPHRASE="correct horse" "$BOOTSEAL" age -e -j batchpass -o sealed plain
	check "age opens that" theirs -d -o opened sealed
	expect_same plain opened
else
	skip_one "passphrases beside age's" "age-plugin-batchpass is not installed"
fi

# post-quantum, as far as this build and that age know it
if ! age-keygen -pq -o theirs.pq 2>/dev/null; then
	skip_one "post-quantum" "this age has no -pq"
elif ! "$BOOTSEAL" keygen --pq -o ours.pq 2>err; then
	age -R <(age-keygen -y theirs.pq) -o sealed key
	expect_error "a post-quantum identity, which needs libsodium 1.0.22" "$BOOTSEAL" age -d -i theirs.pq sealed
	expect_status 33 "$BOOTSEAL" age -r "$(age-keygen -y theirs.pq)" -o refused key
	expect_error "which needs libsodium 1.0.22" "$BOOTSEAL" age -r "$(age-keygen -y theirs.pq)" -o refused key
	expect_error "which needs libsodium 1.0.22" "$BOOTSEAL" keygen --pq
	skip_one "post-quantum, both ways" "built without ML-KEM"
else
	expect_output "$(age-keygen -y ours.pq)" "$BOOTSEAL" keygen -y ours.pq
	expect_output "$(age-keygen -y theirs.pq)" "$BOOTSEAL" keygen -y theirs.pq
	ours=$(age-keygen -y ours.pq) other=$(age-keygen -y theirs.pq)
	for size in 0 1 65535 65536 65537; do
		head -c $size /dev/urandom >plain
		for armor in "" -a; do
			check "seal $size $armor" "$BOOTSEAL" age $armor -r "$ours" -r "$other" -o sealed plain
			check "age opens ours" age -d -i theirs.pq -o opened sealed
			expect_same plain opened
			age $armor -r "$ours" -r "$other" -o sealed plain
			rm -f opened
			check "ours opens age's" "$BOOTSEAL" age -d -i ours.pq -o opened sealed
			expect_same plain opened
		done
	done
	for program in age "$BOOTSEAL age"; do
		check "$program mixes no kinds" sh -c "! $program -r $ours -r $recipient -o mixed plain 2>/dev/null"
	done
fi

# age-inspect says what the real one says
if command -v age-inspect >/dev/null; then
	real=$(command -v age-inspect)
	for size in 0 1 65535 65536 65537 200000; do
		for armor in "" -a; do
			head -c $size /dev/zero | age $armor -r "$recipient" -R "$ROOT/tests/vectors/agenix/keys/user1.pub" -o sealed
			for format in "" --json; do
				expect_output "$("$real" $format sealed)" called/age-inspect $format sealed
				expect_output "$("$real" $format <sealed)" sh -c "called/age-inspect $format <sealed"
			done
		done
	done
	for vector in "$ROOT"/tests/vectors/age-testkit/*; do
		# the age file behind the fields and an empty line
		grep -q '^compressed' "$vector" && continue
		sed '1,/^$/d' "$vector" >sealed
		if "$real" --json sealed >theirs.json 2>/dev/null; then
			expect_output "$(cat theirs.json)" called/age-inspect --json sealed
		else
			expect_status 1 called/age-inspect --json sealed
		fi
	done
else
	skip_one "age-inspect" "it is not installed"
fi

# called by their names, they end as the tools do
for program in age age-keygen ssh-to-age; do
	command -v $program >/dev/null || continue
	real=$(command -v $program)
	for arguments in -bogus "-i nowhere -d key" "-y nowhere"; do
		status=0
		$real $arguments </dev/null >/dev/null 2>&1 || status=$?
		expect_status $status sh -c "called/$program $arguments </dev/null"
	done
done
expect_status 1 called/age
check "no one-liner for help" sh -c 'called/age -h | grep -q usage'

# a second opinion
if command -v rage >/dev/null; then
	for size in 0 1 65535 65536 65537; do
		head -c $size /dev/urandom >plain
		for armor in "" -a; do
			"$BOOTSEAL" age $armor -r "$recipient" -R "$ROOT/tests/vectors/agenix/keys/user1.pub" -o sealed plain
			# to stdout: of an empty file it makes none
			check "rage opens ours, $size $armor" sh -c "rage -d -i key sealed >opened"
			expect_same plain opened
			rm -f opened
			rage -e $armor -r "$recipient" -o sealed plain
			check "ours opens rage's, $size $armor" "$BOOTSEAL" age -d -i key -o opened sealed
			expect_same plain opened
			rm -f opened
		done
	done
else
	skip_one "a second opinion" "rage is not installed"
fi
