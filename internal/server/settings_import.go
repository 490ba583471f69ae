package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
)

// maxImport bounds a CSV file: a century of daily counts of fifty accounts.
const maxImport = 64 << 20

type importData struct {
	CanImport bool
	Result    *ImportResult
	Error     string
}

func (s *Server) importPage(c *gin.Context) error {
	return s.settings(c, http.StatusOK, "import", importData{CanImport: s.Importer != nil})
}

func (s *Server) importFollowers(c *gin.Context) error {
	if s.Importer == nil {
		return errNotFound
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
	d := importData{CanImport: true}
	if part.FormName() != "file" || part.FileName() == "" {
		d.Error = s.printer(c).T("import.no_file")
		return s.settings(c, http.StatusUnprocessableEntity, "import", d)
	}
	result, err := s.Importer.ImportFollowers(c.Request.Context(), *requestOf(c).site, part)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	if err != nil {
		d.Error = err.Error()
		return s.settings(c, http.StatusUnprocessableEntity, "import", d)
	}
	d.Result = &result
	return s.settings(c, http.StatusOK, "import", d)
}
