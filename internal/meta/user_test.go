package meta

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestUsers(t *testing.T) {
	s, ctx := open(t), t.Context()
	const password = "correct horse battery"
	u, err := s.AddFirst(ctx, User{Email: " Ada@Example.com ", Name: "Ada"}, password)
	if err != nil || u.Email != "ada@example.com" {
		t.Fatal(u, err)
	}
	if _, err := s.AddFirst(ctx, User{Email: "eve@example.com"}, password); err != ErrHasOwner {
		t.Errorf("second owner: %v", err)
	}
	for _, tt := range []struct {
		name, field, reason string
		user                User
		password            string
	}{
		{"taken", "email", ReasonTaken, User{Email: "ADA@example.com"}, password},
		{"no address", "email", ReasonFormat, User{Email: "ada"}, password},
		{"address with a name", "email", ReasonFormat, User{Email: "Ada <a@example.com>"}, password},
		{"short password", "password", ReasonShort, User{Email: "b@example.com"}, "short"},
		{"long password", "password", ReasonLong, User{Email: "b@example.com"}, strings.Repeat("x", 2000)},
		{"language", "locale", ReasonUnknown, User{Email: "b@example.com", Locale: "xx"}, password},
		{"theme", "theme", ReasonUnknown, User{Email: "b@example.com", Theme: "pink"}, password},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.AddUser(ctx, tt.user, tt.password)
			wantInvalid(t, err, tt.field, tt.reason)
		})
	}

	for _, tt := range []struct {
		name, email, password string
		ok                    bool
	}{
		{"right", "ADA@example.com ", password, true},
		{"wrong password", "ada@example.com", password + "x", false},
		{"empty password", "ada@example.com", "", false},
		{"long password", "ada@example.com", strings.Repeat("x", 1<<20), false},
		{"unknown", "eve@example.com", password, false},
		{"unknown, empty", "eve@example.com", "", false},
	} {
		t.Run("sign in/"+tt.name, func(t *testing.T) {
			got, err := s.Authenticate(ctx, tt.email, tt.password)
			if tt.ok && (err != nil || got.ID != u.ID) || !tt.ok && err != ErrCredentials {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}

	if err := s.SetPassword(ctx, u.ID, "another one here"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(ctx, u.Email, password); err != ErrCredentials {
		t.Errorf("old password: %v", err)
	}
	if ok, err := s.VerifyPassword(ctx, u.ID, "another one here"); !ok || err != nil {
		t.Error(ok, err)
	}
	u.Locale, u.Theme, u.Name = "fr", "dark", "Ada L."
	if err := s.UpdateUser(ctx, u); err != nil {
		t.Fatal(err)
	}
	got, err := s.UserByID(ctx, u.ID)
	if err != nil || got.Locale != "fr" || got.Theme != "dark" || got.Epoch != u.Epoch+1 {
		t.Errorf("got %+v, %v", got, err)
	}
	wantInvalid(t, s.RemoveUser(ctx, u.ID), "email", ReasonFormat)
	if n, err := s.CountUsers(ctx); n != 1 || err != nil {
		t.Error(n, err)
	}
}

func TestPasswordOfOlderCostIsHashedAnew(t *testing.T) {
	s, ctx := open(t), t.Context()
	u, err := s.AddUser(ctx, User{Email: "a@example.com"}, "a long password")
	if err != nil {
		t.Fatal(err)
	}
	key, _ := s.derive(ctx, "a long password", make([]byte, saltLen), 1, 1024, 1, hashLen)
	cheap := strings.Replace(encodeHash(make([]byte, saltLen), key), fmt.Sprintf("m=%d,t=%d", hashMemory, hashTime), "m=1024,t=1", 1)
	if _, err := s.db.Exec("UPDATE users SET password = ?", cheap); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(ctx, u.Email, "a long password"); err != nil {
		t.Fatal(err)
	}
	var now string
	if err := s.db.QueryRow("SELECT password FROM users").Scan(&now); err != nil || !strings.Contains(now, fmt.Sprintf("m=%d,", hashMemory)) {
		t.Errorf("still %q, %v", now, err)
	}
}

// TestCommonPasswords: what a guesser tries first is no password; what people
// make of several words is.
func TestCommonPasswords(t *testing.T) {
	u := User{Email: "marguerite.duras@blog.example", Name: "Marguerite Duras"}
	for _, p := range []string{
		"1234567890", "qwertyuiop", "azertyuiop", "aaaaaaaaaaaa", "abcdefghijkl", "iloveyou123", "Password123!", "P@ssw0rd12",
		"motdepasse1", "motdepasse2026", "bonjour1234", "Summer2026!", "football2024", "0612345678", "nicolas1985", "zaq12wsxcde3",
		"earshot2026", "marguerite1", "duras-blog1", "marguerite.duras@blog.example", strings.Repeat("ab1!", 200), strings.Repeat("é", 400),
	} {
		if err := checkPassword(p, u); !invalidAs(err, "password", ReasonCommon) {
			t.Errorf("%.30q: %v, %.2g guesses", p, err, guesses(p, u))
		}
	}
	for _, p := range []string{
		"correct horse battery", "three words together", "un secret de polichinelle", "k3Jq9xLm2zW", "Tr0ub4dor&3x", "\xff\xfe binary pass \x00\x01",
		"长城长江黄河泰山华山衡山", strings.Repeat("k3Jq9xLm2zW", 90),
	} {
		if err := checkPassword(p, u); err != nil {
			t.Errorf("%.30q: %v, %.2g guesses", p, err, guesses(p, u))
		}
	}
}

func invalidAs(err error, field, reason string) bool {
	var inv *InvalidError
	return errors.As(err, &inv) && inv.Field == field && inv.Reason == reason
}

func TestHashingIsBounded(t *testing.T) {
	s := open(t)
	for range maxHashes {
		s.hashes <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Authenticate(ctx, "a@example.com", "some password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more hash than allowed: %v", err)
	}
}

func TestSetup(t *testing.T) {
	s, ctx := open(t), t.Context()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	one, err := s.SetupToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.SetupToken(ctx)
	if err != nil || one == two {
		t.Fatal(one, two, err)
	}
	for token, want := range map[string]bool{one: false, two: true, "": false, "guess": false} {
		if ok, err := s.SetupTokenValid(ctx, token); ok != want || err != nil {
			t.Errorf("%q: %v, %v", token, ok, err)
		}
	}
	ada := User{Email: "a@example.com"}
	for _, token := range []string{one, "", "guess"} {
		if _, err := s.AddOwner(ctx, token, ada, "a long password"); err != ErrNotFound {
			t.Errorf("an owner by %q: %v", token, err)
		}
	}
	now = now.Add(25 * time.Hour)
	if ok, _ := s.SetupTokenValid(ctx, two); ok {
		t.Error("holds after a day")
	}
	if _, err := s.AddOwner(ctx, two, ada, "a long password"); err != ErrNotFound {
		t.Errorf("an owner after a day: %v", err)
	}
	three, _ := s.SetupToken(ctx)
	if _, err := s.AddOwner(ctx, three, ada, "a long password"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddOwner(ctx, three, User{Email: "b@example.com"}, "a long password"); err != ErrHasOwner {
		t.Errorf("used twice: %v", err)
	}
	if ok, _ := s.SetupTokenValid(ctx, three); ok {
		t.Error("holds after set-up")
	}
	if _, err := s.SetupToken(ctx); err != ErrHasOwner {
		t.Errorf("made after set-up: %v", err)
	}
}
