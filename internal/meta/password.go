package meta

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/crypto/argon2"
)

// Cost of a password hash, by OWASP's advice for argon2id. At most maxHashes
// are under way at once, so that a burst of logins takes 40 MB, not all there is.
const (
	hashMemory  = 19 * 1024 // KiB
	hashTime    = 2
	hashThreads = 1
	hashLen     = 32
	saltLen     = 16
	maxHashes   = 2
)

// Bounds of a password, in bytes.
const (
	MinPassword = 10
	MaxPassword = 1024
)

// By zxcvbn's estimate, a new password must not be among the first minGuesses
// tries of somebody who knows lists of passwords, names and words and the
// user's own name and address: a server that did nothing but compare passwords
// would need a year for them. zxcvbn judges only the first judgedLen bytes, as
// its time grows with the square of the length, and recognises repeated
// characters in ASCII only, so there must be minLetters different characters.
const (
	minGuesses = 1e9
	judgedLen  = 64
	minLetters = 5
)

// dummyHash is compared where there is no such user, so that both answers
// take the same time. No password matches it.
var dummyHash = encodeHash(make([]byte, saltLen), make([]byte, hashLen))

// checkPassword says what is wrong with u's new password.
func checkPassword(password string, u User) error {
	switch {
	case len(password) < MinPassword:
		return invalid("password", ReasonShort, "the password is shorter than %d characters", MinPassword)
	case len(password) > MaxPassword:
		return invalid("password", ReasonLong, "the password is longer than %d bytes", MaxPassword)
	case guesses(password, u) < minGuesses:
		return invalid("password", ReasonCommon, "the password is too easy to guess: take one with more words, or one that a password manager makes")
	}
	return nil
}

// guesses estimates how many tries find a password of u.
func guesses(password string, u User) float64 {
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	if len(different) < minLetters {
		return 1
	}
	own := []string{"earshot", u.Email, u.Name}
	for _, text := range []string{u.Email, u.Name} {
		own = append(own, strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	own = slices.DeleteFunc(own, func(s string) bool { return s == "" })
	for i, s := range own {
		own[i] = strings.ToLower(s)
	}
	if len(password) > judgedLen {
		password = password[:judgedLen]
	}
	// Bytes that are no text are weak to zxcvbn, also half a letter at the end.
	return zxcvbn.PasswordStrength(strings.ToValidUTF8(password, "?"), own).Guesses
}

func (s *Store) hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	key, err := s.derive(ctx, password, salt, hashTime, hashMemory, hashThreads, hashLen)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

// matchPassword says whether password is what hash was made of, and whether
// hash was made at another cost than today's.
func (s *Store) matchPassword(ctx context.Context, password, hash string) (match, old bool, err error) {
	var version, memory, time, threads uint32
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, fmt.Errorf("stored password has an unknown form")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil || version != argon2.Version {
		return false, false, fmt.Errorf("stored password has an unknown form")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false, false, fmt.Errorf("stored password has an unknown form")
	}
	got, err := s.derive(ctx, password, salt, time, memory, uint8(threads), uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	old = memory != hashMemory || time != hashTime || threads != hashThreads
	return subtle.ConstantTimeCompare(got, want) == 1, old, nil
}

// derive waits for a free place, so memory has a bound.
func (s *Store) derive(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8, n uint32) ([]byte, error) {
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, time, memory, threads, n), nil
}

// encodeHash is the PHC string format, which names the cost beside the hash.
func encodeHash(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads, b64(salt), b64(key))
}
