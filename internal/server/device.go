package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// A browser that has signed in keeps a cookie that proves it. The cookie grants no
// access, but the browser's tries at that account are counted separately from
// those of its network, so that somebody who guesses passwords from the same
// network, or behind the same proxy, can't lock it out. It is valid for the account
// that signed in last, and is sent to the log-in page only.
//
// Its value is a random id, the time of expiry, and a MAC of both and of the
// account's e-mail address, which isn't part of the value.
const (
	deviceCookie = "earshot_device"
	deviceLife   = 365 * 24 * time.Hour
	deviceIDLen  = 16
	deviceLen    = deviceIDLen + 8 + sha256.Size
)

func (s *Server) deviceMAC(named []byte, email string) ([]byte, error) {
	key, err := s.Meta.DeriveKey(deviceCookie)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(named)
	mac.Write([]byte(strings.ToLower(email)))
	return mac.Sum(nil), nil
}

// rememberDevice sets the cookie after a log-in. Everything works without it, so a
// failure is only logged.
func (s *Server) rememberDevice(c *gin.Context, email string) {
	value := make([]byte, deviceIDLen, deviceLen)
	rand.Read(value)
	value = binary.BigEndian.AppendUint64(value, uint64(s.Now().Add(deviceLife).Unix()))
	mac, err := s.deviceMAC(value, email)
	if err != nil {
		s.Log.Warn("browser not remembered", "request", requestOf(c).id, "err", err)
		return
	}
	s.setCookie(c, &http.Cookie{
		Name: deviceCookie, Value: base64.RawURLEncoding.EncodeToString(append(value, mac...)),
		Path: s.link("/login"), MaxAge: int(deviceLife.Seconds()), SameSite: http.SameSiteStrictMode,
	})
}

// device is the id of a browser that has signed in with this e-mail address, ""
// if it hasn't.
func (s *Server) device(c *gin.Context, email string) string {
	cookie, err := c.Request.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	value, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(value) != deviceLen {
		return ""
	}
	named, mac := value[:deviceIDLen+8], value[deviceIDLen+8:]
	if ends := binary.BigEndian.Uint64(named[deviceIDLen:]); ends < uint64(s.Now().Unix()) {
		return ""
	}
	want, err := s.deviceMAC(named, email)
	if err != nil || !hmac.Equal(mac, want) {
		return ""
	}
	return string(named[:deviceIDLen])
}
