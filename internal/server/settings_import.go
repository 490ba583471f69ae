package server

import (
	"errors"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

// maxImport bounds a CSV file: a century of daily counts of fifty accounts, or
// a hundred thousand posts with their texts.
const maxImport = 64 << 20

type importData struct {
	CanImport bool
	Preview   *previewData
	Imports   []meta.Import // the latest first
	Error     string
}

type previewData struct {
	*social.Preview
	Accounts []previewAccount
}

type previewAccount struct {
	social.PreviewAccount
	NetworkName string
}

func (s *Server) importData(c *gin.Context) (importData, error) {
	d := importData{CanImport: s.Importer != nil}
	if s.Importer == nil {
		return d, nil
	}
	var err error
	d.Imports, err = s.Importer.Imports(c.Request.Context(), *requestOf(c).site)
	return d, err
}

func (s *Server) importPage(c *gin.Context) error {
	d, err := s.importData(c)
	if err != nil {
		return err
	}
	return s.settings(c, http.StatusOK, "import", d)
}

// previewImport reads a file and shows what it would change.
func (s *Server) previewImport(c *gin.Context) error {
	if s.Importer == nil {
		return errNotFound
	}
	d, err := s.importData(c)
	if err != nil {
		return err
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport)
	// The file is read as it comes, never held as a whole.
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	part, err := parts.NextPart()
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	if part.FormName() != "file" || part.FileName() == "" {
		d.Error = s.printer(c).T("import.no_file")
		return s.settings(c, http.StatusUnprocessableEntity, "import", d)
	}
	p, err := s.Importer.Preview(c.Request.Context(), *requestOf(c).site, "", filepath.Base(part.FileName()), part)
	if err != nil {
		return err // a file that is too large among them
	}
	d.Preview = &previewData{Preview: p}
	for _, a := range p.Accounts {
		d.Preview.Accounts = append(d.Preview.Accounts, previewAccount{a, s.networkName(a.Network)})
	}
	return s.settings(c, http.StatusOK, "import", d)
}

// changeImport does what the pressed button says: apply, undo.
func (s *Server) changeImport(c *gin.Context) error {
	if s.Importer == nil {
		return errNotFound
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	ctx, p, site := c.Request.Context(), s.printer(c), *requestOf(c).site
	done := ""
	switch f.Value("do") {
	case "apply":
		var n int
		n, err = s.Importer.Apply(ctx, site, id)
		done = p.T("import.taken", "count", n)
	case "undo":
		err = s.Importer.Undo(ctx, site, id)
		done = p.T("import.undone")
	default:
		return badRequest("error.400.text")
	}
	if errors.Is(err, social.ErrImportGone) {
		return s.saved(c, "import", p.T("import.gone"))
	}
	if err != nil {
		return err
	}
	return s.saved(c, "import", done)
}

// exportHistory gives all readings of a site of one kind, in the form that
// importing takes.
func (s *Server) exportHistory(kind string) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		if s.Importer == nil {
			return errNotFound
		}
		site := *requestOf(c).site
		c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": site.Domain + "-" + kind + ".csv"}))
		c.Header("Cache-Control", "no-store")
		err := s.Importer.Export(c.Request.Context(), site, kind, c.Writer)
		if err != nil && c.Writer.Written() {
			// Half a file must not look like a whole one: break the connection.
			s.Log.Error("csv broken off", "request", requestOf(c).id, "error", err)
			panic(http.ErrAbortHandler)
		}
		if err != nil {
			c.Header("Content-Type", "")
			c.Writer.Header().Del("Content-Disposition")
		}
		return err
	}
}
