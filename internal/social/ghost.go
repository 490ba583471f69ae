package social

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Ghost reads meta.pagination.total of GET /ghost/api/admin/members/ from one's
// own site (docs.ghost.org/admin-api, read in November 2026): v5.0 in
// Accept-Version is the oldest API that will do, so later ones answer too. The
// Admin API key is "id:secret in hex"; each request carries a token signed with
// it that lives for five minutes.
type Ghost struct{}

var ghostSite = regexp.MustCompile(`^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?$`)

// Network is "ghost".
func (Ghost) Network() string { return "ghost" }

// About is for people.
func (Ghost) About() About {
	return About{
		Name: "Ghost", Example: "blog.example.com",
		Handle: text.Text{EN: "Your Ghost site’s name.", FR: "Le nom de votre site Ghost."},
		Secret: Required, SecretName: text.Text{EN: "Admin API key", FR: "Clé d’API Admin"}, Server: Optional,
		SecretHelp: text.Text{
			EN: "Ghost Admin → Settings → Integrations → Add custom integration.",
			FR: "Administration de Ghost → Paramètres → Intégrations → Ajouter une intégration personnalisée.",
		},
	}
}

// Parse takes a site's name and its address.
func (Ghost) Parse(input string) (Account, bool) {
	name := strings.ToLower(strings.TrimSpace(input))
	if host, _, ok := profileURL(name); ok {
		name = host
	}
	return Account{Handle: name}, ghostSite.MatchString(name)
}

// Host is one's own site.
func (Ghost) Host(a Account) string { return hostOf(a.base("https://" + a.Handle)) }

// Read asks for one member, and takes how many there are.
func (Ghost) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	token, err := ghostToken(a, time.Now())
	if err != nil {
		return Reading{}, err
	}
	var answer struct {
		Meta struct {
			Pagination struct {
				Total count `json:"total"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	pause, err := askJSON(ctx, client, request{
		url:    a.base("https://"+a.Handle) + "/ghost/api/admin/members/?limit=1&fields=id",
		header: map[string]string{"Authorization": "Ghost " + token, "Accept-Version": "v5.0"},
	}, &answer)
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Meta.Pagination.Total.n, nil, nil, pause)
}

// ghostToken signs a JSON Web Token (RFC 7519, HS256).
func ghostToken(a Account, now time.Time) (string, error) {
	parts, err := a.secretParts(2)
	if err != nil {
		return "", err
	}
	key, err := hex.DecodeString(parts[1])
	if err != nil || strings.ContainsAny(parts[0], `"\`) {
		return "", &Error{Problem: Unauthorized, Err: errors.New("the key is not an Admin API key")}
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode(fmt.Appendf(nil, `{"alg":"HS256","typ":"JWT","kid":"%s"}`, parts[0])) + "." +
		encode(fmt.Appendf(nil, `{"iat":%d,"exp":%d,"aud":"/admin/"}`, now.Unix(), now.Add(5*time.Minute).Unix()))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil)), nil
}
