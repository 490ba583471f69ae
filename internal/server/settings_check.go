package server

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
)

// proxyTrouble says what is wrong with how a proxy forwards readers' addresses: a
// key of the strings proxy.…, "" if nothing is wrong, and that proxy.
type proxyTrouble struct{ Key, Proxy string }

func (s *Server) proxyTrouble() (t proxyTrouble) {
	if s.ProxyTrouble == nil {
		return t
	}
	key, proxy := s.ProxyTrouble()
	if t.Key = key; proxy.IsValid() {
		t.Proxy = proxy.String()
	}
	return t
}

// lastLeftOut is what was left out of a site in the last 24 hours, as a list
// for people to read.
func (s *Server) lastLeftOut(c *gin.Context, site meta.Site) (string, error) {
	if s.Runner == nil {
		return "", nil
	}
	p := s.printer(c)
	var all []string
	err := query.LeftOutSince(c.Request.Context(), s.Runner, site.ID, s.Now().Add(-24*time.Hour), func(reason string, hits uint64) {
		if key := "left_out." + reason; s.strings.Has(key) {
			reason = p.T(key)
		}
		all = append(all, reason+" ("+p.Value(int64(hits))+")")
	})
	return strings.Join(all, ", "), err
}

// wordPress is the snippet as a WordPress plugin, which leaves it out of previews
// and of the customizer.
func wordPress(snippet string) string {
	return `<?php
add_action( 'wp_head', function () {
	if ( current_user_can( 'edit_posts' ) || is_preview() || is_customize_preview() ) {
		return;
	}
	echo '` + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(snippet) + `', "\n";
} );`
}
