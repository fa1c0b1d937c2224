#!/usr/bin/env bash
# activate takes values from JSON, dotenv, INI and binary files, and whole files of each.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'END'
identities: [host_key]
secrets:
  json-value: {file: s.json, key: db/password}
  json-whole: {file: s.json, key: ""}
  binary: {file: cert.der, key: ""}
  named: {file: odd.name, format: json, key: n}
  dotenv-whole: {file: s.env, key: ""}
  ini-value: {file: s.ini, key: db/port}
  ini-default: {file: s.ini, key: DEFAULT/user}
  ini-whole: {file: s.ini, key: ""}
  dotenv-value: {file: s.env, key: B}
environments:
  all.env: {file: s.env, keys: all}
END
printf '{"db": {"password": "a\\u0026b", "port": 54.320}}\n' >s.json
cp s.json want.json
printf '\0\377binary\n' >cert.der
cp cert.der want.der
printf '{"n": 1.50}' >odd.name
printf '# c\nA=1\nB=x y\n' >s.env
cp s.env want.env
printf '; c\nuser = "me"\n[db]\nport = 5432 ; tcp\n' >s.ini
cp s.ini want.ini
seal s.json
seal cert.der
seal odd.name --input-type json --output-type json
seal s.env
seal s.ini

expect_output "10 files for /run/secrets: nothing wrong" "$BOOTSEAL" activate --check host.yaml
run "activate" "$BOOTSEAL" activate host.yaml
expect_output 'a&b' sh -c 'cat /run/secrets/json-value; echo'
expect_same want.json /run/secrets/json-whole
expect_same want.der /run/secrets/binary
expect_output 1.50 sh -c 'cat /run/secrets/named; echo'
expect_same want.env /run/secrets/dotenv-whole
expect_output 5432 sh -c 'cat /run/secrets/ini-value; echo'
expect_output me sh -c 'cat /run/secrets/ini-default; echo'
expect_same want.ini /run/secrets/ini-whole
expect_output "x y" sh -c 'cat /run/secrets/dotenv-value; echo'
printf 'A="1"\nB="x y"\n' >want
expect_same want /run/secrets/all.env

# one file is read in one format; another word is none
printf 'secrets: {a: {file: s.json, key: k, format: yaml}, b: {file: s.json, key: k, format: json}}\n' >two.yaml
expect_error 'file "s.json" is yaml to one name and json to "b"' "$BOOTSEAL" activate --check two.yaml
printf 'secrets: {a: {file: s.json, key: k, format: toml}}\n' >two.yaml
expect_error 'format must be yaml, json, dotenv, ini, binary or age' "$BOOTSEAL" activate --check two.yaml
