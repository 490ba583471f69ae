package server

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// settings renders a section of the request's site.
func (s *Server) settings(c *gin.Context, status int, section string, data any) error {
	page := Page{Tab: section, Data: data}
	if c.Request.Method != http.MethodGet {
		name := section
		if name == "general" {
			name = ""
		}
		page.Here = settingsPath(*requestOf(c).site, name)
	}
	return s.render(c, status, "settings_"+section, page)
}

// saved tells the user so on the section's page.
func (s *Server) saved(c *gin.Context, section, text string) error {
	if err := s.flash(c, text); err != nil {
		return err
	}
	s.redirect(c, settingsPath(*requestOf(c).site, section))
	return nil
}

func (s *Server) generalPage(c *gin.Context) error {
	site := requestOf(c).site
	f := newForm("name", site.Name, "timezone", site.Timezone, "share_param", site.ShareParam,
		"page_params", meta.Params(site.PageParams), "search_params", meta.Params(site.SearchParams),
		"share_copy", site.Sharing.Copies, "share_networks", site.Sharing.Networks)
	if site.RespectOptOut {
		f.values["respect"] = "on"
	}
	if site.HashMode {
		f.values["hash"] = "on"
	}
	for name, on := range map[string]bool{"share_bars": site.Sharing.Bars, "share_fragment": site.Sharing.Fragment, "share_bar": site.Sharing.AddressBar} {
		if on {
			f.values[name] = "on"
		}
	}
	return s.settings(c, http.StatusOK, "general", siteForm{f})
}

func (s *Server) saveGeneral(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	site, p := *requestOf(c).site, s.printer(c)
	site.Name, site.Timezone, site.ShareParam = f.Value("name"), f.Value("timezone"), f.Value("share_param")
	site.PageParams, site.SearchParams = meta.ParamList(f.Value("page_params")), meta.ParamList(f.Value("search_params"))
	site.RespectOptOut, site.HashMode = f.Checked("respect"), f.Checked("hash")
	site.Sharing = meta.Sharing{
		Bars: f.Checked("share_bars"), Fragment: f.Checked("share_fragment"), AddressBar: f.Checked("share_bar"),
		Copies: f.Value("share_copy"), Networks: f.Value("share_networks"),
	}
	err = s.Meta.UpdateSite(c.Request.Context(), site)
	if err := f.take(s, p, err); err != nil {
		return err
	}
	if !f.OK() {
		return s.settings(c, http.StatusUnprocessableEntity, "general", siteForm{f})
	}
	return s.saved(c, "", p.T("settings.saved"))
}

type snippetData struct {
	Script, Pixel string // to paste
	WordPress     string // the same for WordPress, in PHP
	Arrived       bool
	CanCheck      bool
	Form          *Form
	Findings      []install.Finding // of a check; nil = none was asked for
	LeftOut       string            // of the last 24 hours, by reason
	Proxy         proxyTrouble
}

func (s *Server) snippetPage(c *gin.Context) error {
	return s.showSnippet(c, http.StatusOK, newForm("page", "https://"+requestOf(c).site.Domain+"/"), nil)
}

// checkSnippet looks at the page that the form names.
func (s *Server) checkSnippet(c *gin.Context) error {
	if s.Checker == nil {
		return errNotFound
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	page := f.Value("page")
	if u, err := url.Parse(page); page != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		f.fail("page", s.printer(c).T("check.bad_page"))
		return s.showSnippet(c, http.StatusUnprocessableEntity, f, nil)
	}
	return s.showSnippet(c, http.StatusOK, f, s.Checker.Check(c.Request.Context(), *requestOf(c).site, page))
}

func (s *Server) showSnippet(c *gin.Context, status int, f *Form, findings []install.Finding) error {
	site := requestOf(c).site
	arrived, err := s.arrived(c.Request.Context(), *site)
	if err != nil {
		s.Log.Warn("first event unknown", "site", site.Domain, "err", err) // the page waits, and asks again
	}
	base := s.publicURL(c)
	left, err := s.lastLeftOut(c, *site)
	if err != nil {
		s.Log.Warn("hits left out unknown", "site", site.Domain, "err", err)
	}
	return s.settings(c, status, "snippet", snippetData{
		Script:    site.Snippet(base),
		WordPress: wordPress(site.Snippet(base)),
		CanCheck:  s.Checker != nil, Form: f, Findings: findings, LeftOut: left, Proxy: s.proxyTrouble(),
		Pixel:   `<noscript><img src="` + base + `/api/pixel.gif?d=` + url.QueryEscape(site.Domain) + `" alt="" referrerpolicy="no-referrer-when-downgrade"></noscript>`,
		Arrived: arrived,
	})
}

// snippetStatus is asked every two seconds by an open snippet page.
func (s *Server) snippetStatus(c *gin.Context) error {
	arrived, err := s.arrived(c.Request.Context(), *requestOf(c).site)
	if err != nil {
		return &Error{Status: http.StatusServiceUnavailable, Cause: err}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"arrived": arrived})
	return nil
}

type removeData struct{ Form *Form }

func (s *Server) removePage(c *gin.Context) error {
	return s.settings(c, http.StatusOK, "remove", removeData{newForm()})
}

func (s *Server) removeSite(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	site, p := requestOf(c).site, s.printer(c)
	if typed, err := meta.NormalizeDomain(f.Value("confirm")); err != nil || typed != site.Domain {
		f.fail("confirm", p.T("remove.mismatch"))
		return s.settings(c, http.StatusUnprocessableEntity, "remove", removeData{f})
	}
	if err := s.Meta.RemoveSite(c.Request.Context(), site.ID); err != nil {
		return err
	}
	// The site is gone for everyone now. What is left of its statistics can't
	// be reached, so a failure here is the operator's to know.
	if s.Eraser != nil {
		if err := s.Eraser.RemoveSite(c.Request.Context(), site.ID); err != nil {
			s.Log.Error("statistics of a removed site are left", "site", site.Domain, "id", site.ID, "err", err)
		}
	}
	if err := s.flash(c, p.T("remove.done", "site", site.Name)); err != nil {
		return err
	}
	s.redirect(c, "/")
	return nil
}
