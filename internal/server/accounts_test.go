package server

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// TestAnAccountIsTriedBeforeItIsAdded: the form has its network's fields, a test of
// an account stores nothing, and no page shows a key.
func TestAnAccountIsTriedBeforeItIsAdded(t *testing.T) {
	r := newRig(t, nil)
	c := r.signedIn()
	site := r.site(meta.NewSite("example.com"))
	const path = "/example.com/settings/accounts"
	count := func() int {
		list, err := r.store.Accounts(t.Context(), site.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if a := c.get(path + "?network=youtube&lang=fr"); !strings.Contains(a.body, "Clé d’API") || !strings.Contains(a.body, "Depuis la console.") || !strings.Contains(a.body, "YouTube arrondit.") {
		t.Error("the form doesn't say what YouTube asks for")
	}
	if a := c.get(path + "?network=bluesky"); strings.Contains(a.body, "password_key") {
		t.Error("the form asks for a key that Bluesky doesn't know")
	}
	if a := c.get(path + "?network=nonsense"); a.status != http.StatusOK {
		t.Errorf("an unknown network answers %d", a.status)
	}
	if a := c.post(path, "network", "youtube", "handle", "@alice"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "answers only to a key") {
		t.Errorf("without the key it answers %d", a.status)
	}
	a := c.post(path, "network", "youtube", "handle", "@alice", "password_key", "s3cret", "do", "probe")
	for _, want := range []string{"1,234 followers", "rounds this count", "Nothing is stored yet", `value="@alice"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the test doesn't say %q", want)
		}
	}
	if strings.Contains(a.body, "s3cret") || count() != 0 {
		t.Errorf("the test shows the key or stores an account (%d)", count())
	}
	if a := c.post(path, "network", "youtube", "handle", "@gone", "password_key", "s3cret", "do", "probe"); !strings.Contains(a.body, "no such account") {
		t.Error("the test doesn't say what is wrong")
	}
	if a := c.post(path, "network", "youtube", "handle", "@rotates", "password_key", "once", "do", "probe"); a.status != http.StatusSeeOther {
		t.Errorf("a test that uses the key up answers %d", a.status)
	}
	list, err := r.store.Accounts(t.Context(), site.ID)
	if err != nil || len(list) != 1 || list[0].Secret != "renewed" {
		t.Fatalf("%d accounts, %v: the new key is lost", len(list), err)
	}

	if err := r.store.SaveAccountState(t.Context(), list[0].ID, meta.AccountState{NextPoll: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if a := c.get(path); !strings.Contains(a.body, "as soon as its network allows") {
		t.Error("the list says that an account is read soon whose network asks for quiet")
	}
	n := uint64(12300)
	if err := r.store.SaveAccountState(t.Context(), list[0].ID, meta.AccountState{LastReadingAt: time.Now(), LastFollowers: &n, LastRounded: true, LastError: "expired", LastErrorAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	a = c.get(path)
	for _, want := range []string{"≈&nbsp;12,300", "rounded", "The key has expired", `<details class="help" open>`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the list doesn't say %q", want)
		}
	}
	if a := c.post(path+"/1", "do", "key", "password_key", " newer "); a.status != http.StatusSeeOther {
		t.Errorf("a new key answers %d", a.status)
	}
	if got, err := r.store.AccountByID(t.Context(), list[0].ID); err != nil || got.Secret != "newer" || !got.NextPoll.IsZero() {
		t.Errorf("the new key is not kept, or not tried at once: %v, %v", got.NextPoll, err)
	}
	if a := c.post(path+"/1", "do", "key", "password_key", ""); a.status != http.StatusBadRequest {
		t.Errorf("an empty key answers %d", a.status)
	}
}

// If an account's handle now belongs to another account, the page says so until the
// user confirms it. If an account has moved, the page names the new one, and a
// button follows that instead.
func TestReplacedAndMovedAccountsAreReported(t *testing.T) {
	r := newRig(t, nil)
	c := r.signedIn()
	site := r.site(meta.NewSite("example.com"))
	const path = "/example.com/settings/accounts"
	add := func(handle string, st meta.AccountState) meta.Account {
		a, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "bluesky", Handle: handle, Competitor: true})
		if err != nil {
			t.Fatal(err)
		}
		st.NextPoll = time.Now().Add(time.Hour)
		if err := r.store.SaveAccountState(t.Context(), a.ID, st); err != nil {
			t.Fatal(err)
		}
		return a
	}
	other := add("other.example", meta.AccountState{PermanentID: "did:2", ReplacedAt: time.Now().Add(-time.Hour)})
	add("moved.example", meta.AccountState{LastError: "moved", LastErrorAt: time.Now(), MovedTo: "<new>.example"})
	a := c.get(path)
	for _, want := range []string{"gives this name to another account now", "The account has moved", "It has moved to &lt;new&gt;.example.", "Follow the new account", `name="handle" value="&lt;new&gt;.example"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if fr := c.get(path + "?lang=fr"); !strings.Contains(fr.body, "attribue désormais ce nom") || !strings.Contains(fr.body, "Suivre le nouveau compte") {
		t.Error("not in French")
	}
	if a := c.post(path+"/"+strconv.FormatInt(other.ID, 10), "do", "known"); a.status != http.StatusSeeOther {
		t.Errorf("“Understood” answers %d", a.status)
	}
	if a := c.get(path); strings.Contains(a.body, "gives this name to another account now") {
		t.Error("it is told still")
	}
	if a := c.post(path, "network", "bluesky", "handle", "new.example", "competitor", "on"); a.status != http.StatusSeeOther {
		t.Errorf("following the other answers %d", a.status)
	}
	list, err := r.store.Accounts(t.Context(), site.ID)
	if err != nil || len(list) != 3 || !list[1].Competitor {
		t.Errorf("%+v, %v", list, err)
	}
}
