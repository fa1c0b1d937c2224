# age1tag1… recipients: what bootseal seals to a key in hardware opens with age and a plugin that plays the hardware.
. "${0%/*}/../cli/lib.sh"
need age age-plugin-tagtest

tagged=age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h
"$BOOTSEAL" keygen -o key 2>/dev/null # it tells the public key
own=$("$BOOTSEAL" keygen -y key)
for size in 0 1 65537; do
	head -c $size /dev/urandom >plain
	for armor in "" -a; do
		check "seal $size $armor" "$BOOTSEAL" age $armor -r $tagged -r "$own" -o sealed plain
		check "the other key opens it" "$BOOTSEAL" age -d -i key -o opened sealed
		expect_same plain opened
		check "age opens ours, $size $armor" age -d -j tagtest -o opened sealed
		expect_same plain opened
		check "and so do we, with the plugin" "$BOOTSEAL" age -d -j tagtest -o opened sealed
		expect_same plain opened
		age $armor -r $tagged -o sealed plain
		check "ours opens age's, $size $armor" "$BOOTSEAL" age -d -j tagtest -o opened sealed
		expect_same plain opened
	done
done
# in a file of recipients, and to a data key
echo $tagged >recipients
check "of a file" "$BOOTSEAL" age -R recipients -o sealed plain
check "age opens it" age -d -j tagtest -o opened sealed
printf 'token: x\n' >s.yaml
check "a data key" "$BOOTSEAL" encrypt --age $tagged -i s.yaml
sed -n '/BEGIN AGE/,/END AGE/s/^ *//p' s.yaml >data-key.age
check "age opens it" age -d -j tagtest -o data-key data-key.age
expect_output 32 stat -c %s data-key
expect_error "(age1tagpq1…) is not sealed to here" "$BOOTSEAL" age -r "$(cat "$ROOT/tests/vectors/age/tagpq")" plain
