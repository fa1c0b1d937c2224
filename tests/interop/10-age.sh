# bootseal age and the real age read each other's files.
. "${0%/*}/../cli/lib.sh"
need age age-keygen

umask 077
"$BOOTSEAL" keygen -o ours.key 2>/dev/null
age-keygen -o theirs.key 2>/dev/null
cp "$ROOT"/tests/vectors/agenix/keys/user1 "$ROOT"/tests/vectors/agenix/keys/user1.pub .
expect_output "$(age-keygen -y ours.key)" "$BOOTSEAL" keygen -y ours.key
expect_output "$(age-keygen -y theirs.key)" "$BOOTSEAL" keygen -y theirs.key
ours=$(age-keygen -y ours.key)
theirs=$(age-keygen -y theirs.key)

for size in 0 1 65535 65536 65537 131072 3000001; do
	head -c $size /dev/urandom >plain
	for armor in "" -a; do
		# to three recipients, of both kinds; each opens it with the other program
		check "seal $size $armor" "$BOOTSEAL" age $armor -r "$ours" -r "$theirs" -R user1.pub -o sealed plain
		for key in ours.key theirs.key user1; do
			check "age opens ours, $size $armor, $key" age -d -i $key -o opened sealed
			expect_same plain opened
		done
		age $armor -r "$ours" -r "$theirs" -R user1.pub -o sealed plain
		for key in ours.key theirs.key user1; do
			rm -f opened
			check "ours opens age's, $size $armor, $key" "$BOOTSEAL" age -d -i $key -o opened sealed
			expect_same plain opened
			"$BOOTSEAL" age -d -i $key <sealed >piped
			expect_same plain piped
		done
	done
done

# an identity stands for its own recipient, of its own kind
echo text >plain
for key in theirs.key user1; do
	"$BOOTSEAL" age -e -i $key -o sealed plain
	check "age opens what -e -i $key sealed" age -d -i $key -o opened sealed
	expect_same plain opened
done

# the converted SSH key is an identity and a recipient of real age's
"$BOOTSEAL" ssh-to-age -private-key -i user1 -o converted.key
converted=$("$BOOTSEAL" ssh-to-age -i user1.pub)
expect_output "$converted" age-keygen -y converted.key
age -r "$converted" -o sealed plain
rm -f opened
check "the SSH key opens a stanza of the converted key" "$BOOTSEAL" age -d -i user1 -o opened sealed
expect_same plain opened
"$BOOTSEAL" age -r "$converted" -o sealed plain
check "the converted key opens with age" age -d -i converted.key -o opened sealed

# where one refuses, so does the other
age -r "$ours" -o sealed plain
head -c 150 sealed >cut
for program in age "$BOOTSEAL age"; do
	expect_status $([ "$program" = age ] && echo 1 || echo 128) $program -d -i theirs.key sealed
	check "$program refuses what was cut" sh -c "! $program -d -i ours.key cut"
done
