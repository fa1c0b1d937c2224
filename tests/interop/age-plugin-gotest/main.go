// SPDX-License-Identifier: MIT

// A plugin made with age's own package for plugins, for the tests: it hides nothing. A recipient and an
// identity hold the same bytes; the stanza holds the file key combined with them. GOTEST_ASK lets it ask.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

type key struct {
	p    *plugin.Plugin
	data []byte
}

func (k *key) combine(fileKey []byte) []byte {
	pad := sha256.Sum256(k.data)
	out := make([]byte, len(fileKey))
	for i := range fileKey {
		out[i] = fileKey[i] ^ pad[i]
	}
	return out
}

func (k *key) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: "gotest", Args: []string{hex.EncodeToString(k.data)}, Body: k.combine(fileKey)}}, nil
}

func (k *key) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, err := k.Wrap(fileKey)
	if label := os.Getenv("GOTEST_LABEL"); label != "" {
		return stanzas, []string{label}, err
	}
	return stanzas, nil, err
}

func (k *key) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != "gotest" || len(s.Args) != 1 || s.Args[0] != hex.EncodeToString(k.data) {
			continue
		}
		if os.Getenv("GOTEST_ASK") != "" {
			if err := k.p.DisplayMessage("hold the token"); err != nil {
				return nil, err
			}
			pin, err := k.p.RequestValue("PIN", true)
			if err != nil {
				return nil, err
			}
			yes, err := k.p.Confirm("Is it green?", "yes", "no")
			if err != nil {
				return nil, err
			}
			if !bytes.Equal([]byte(pin), []byte("1234")) || !yes {
				return nil, errors.New("the token is locked")
			}
		}
		return k.combine(s.Body), nil
	}
	return nil, age.ErrIncorrectIdentity
}

func main() {
	p, err := plugin.New("gotest")
	if err != nil {
		os.Exit(1)
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return &key{p, data}, nil })
	p.HandleIdentityAsRecipient(func(data []byte) (age.Recipient, error) { return &key{p, data}, nil })
	p.HandleIdentity(func(data []byte) (age.Identity, error) { return &key{p, data}, nil })
	os.Exit(p.Main())
}
