#!/bin/sh
# Makes the sealed files of this directory anew, with real sops, "bootseal ssh-to-age" and the keys that lie here.
set -eu
cd "$(dirname "$0")"
[ -f host_key ] || ssh-keygen -q -t ed25519 -N '' -C 'TEST ONLY: published in the source tree' -f host_key
[ -f other_key ] || ssh-keygen -q -t ed25519 -N '' -C 'TEST ONLY: published in the source tree' -f other_key
recipient=$(bootseal ssh-to-age <host_key.pub)

cat >plain.yaml <<'EOF'
# what a host with a gateway and a worker has
OPENCLAW_GATEWAY_TOKEN: gateway-token-4f1d
ANTHROPIC_API_KEY: sk-ant-"quoted"$and\more
OPENAI_API_KEY: sk-openai-old
telegram:
    bot-token: 123456:telegram
    chats:
        - one
        - two
multi: |
    first line
    second line
port: 8080
enabled: true
empty: ""
plain_unencrypted: everyone may see this
EOF
sops encrypt --age "$recipient" plain.yaml >openclaw.yaml
sleep 1
cp openclaw.yaml changed.yaml
SOPS_AGE_KEY=$(bootseal ssh-to-age --private-key -i host_key) sops set changed.yaml '["OPENAI_API_KEY"]' '"sk-openai-new"'
printf 'A: value-of-a\nB: two words\n' >plain.yaml
sops encrypt --age "$recipient" plain.yaml >flat.yaml
printf 'A: seen by nobody here\n' >plain.yaml
sops encrypt --age "$(bootseal ssh-to-age <other_key.pub)" plain.yaml >foreign.yaml
rm plain.yaml
