package meta

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeyFileName is the file beside the store that opens account secrets. A copy
// of the store alone opens none.
const KeyFileName = "secret.key"

// Secret is a text that must not reach a log or a page: it formats as stars.
// Convert it to string where it is really needed.
type Secret string

// String hides the text.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "*****"
}

// GoString hides the text.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the text, from JSON too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// keyFile makes its file when the first secret comes.
type keyFile struct {
	path string
	mu   sync.Mutex
	key  []byte
	aead cipher.AEAD
}

// DeriveKey is a key of 32 bytes for one purpose, made of the secret key: it
// is the same at every start, and tells nothing of keys for other purposes.
func (s *Store) DeriveKey(purpose string) ([]byte, error) {
	if _, err := s.key.load(true); err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, s.key.key, nil, purpose, sha256.Size)
}

// seal encrypts text for context (what it belongs to), which open must name
// again: a secret moved to another row doesn't open.
func (k *keyFile) seal(text Secret, context string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	a, err := k.load(true)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(text)+a.Overhead())
	rand.Read(nonce)
	return a.Seal(nonce, nonce, []byte(text), []byte(context)), nil
}

func (k *keyFile) open(sealed []byte, context string) (Secret, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	a, err := k.load(false)
	if err != nil {
		return "", err
	}
	if len(sealed) < a.NonceSize() {
		return "", errors.New("stored secret is cut short")
	}
	text, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], []byte(context))
	if err != nil {
		return "", fmt.Errorf("stored secret doesn't open with %s: %w", k.path, err)
	}
	return Secret(text), nil
}

func (k *keyFile) load(create bool) (cipher.AEAD, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.aead != nil {
		return k.aead, nil
	}
	key, err := os.ReadFile(k.path)
	if errors.Is(err, os.ErrNotExist) && create {
		key, err = k.create()
	}
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if k.aead, err = chacha20poly1305.NewX(key); err != nil {
		return nil, fmt.Errorf("read secret key %s: %w", k.path, err)
	}
	k.key = key
	return k.aead, nil
}

// create writes the key beside its place and links it there, so that of two
// processes one wins and neither reads half a key.
func (k *keyFile) create() ([]byte, error) {
	f, err := os.CreateTemp(filepath.Dir(k.path), ".secret-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key)
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), k.path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(k.path)
}
