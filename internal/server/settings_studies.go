package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/study"
)

type studiesData struct {
	Studies []meta.Study
	Errors  []study.LineError
	Error   string
}

func (s *Server) studiesPage(c *gin.Context) error {
	return s.studySettings(c, http.StatusOK, studiesData{})
}

func (s *Server) studySettings(c *gin.Context, status int, d studiesData) error {
	var err error
	if d.Studies, err = s.Meta.Studies(c.Request.Context(), requestOf(c).site.ID); err != nil {
		return err
	}
	return s.settings(c, status, "studies", d)
}

// importStudies imports all studies of a file, or none if it has an error.
func (s *Server) importStudies(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	part, err := parts.NextPart()
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	if part.FormName() != "file" || part.FileName() == "" {
		return s.studySettings(c, http.StatusUnprocessableEntity, studiesData{Error: s.printer(c).T("import.no_file")})
	}
	file, err := study.Read(part)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case err != nil:
		return &Error{Status: http.StatusBadRequest, Cause: err}
	case len(file.Errors) > 0:
		return s.studySettings(c, http.StatusUnprocessableEntity, studiesData{Errors: file.Errors, Error: s.printer(c).T("studies.nothing")})
	}
	if err := s.Meta.SaveStudies(c.Request.Context(), requestOf(c).site.ID, StudiesOf(file.Rows)); err != nil {
		return err
	}
	return s.saved(c, "studies", s.printer(c).T("studies.taken", "count", len(file.Rows)))
}

// StudiesOf groups a file's rows by study, as the store keeps them.
func StudiesOf(rows []study.Row) []meta.Study {
	var list []meta.Study
	for _, name := range study.Names(rows) {
		of := study.Of(rows, name)
		list = append(list, meta.Study{Name: name, CSV: study.Write(of), Figures: len(of)})
	}
	return list
}

func (s *Server) removeStudy(c *gin.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := s.Meta.RemoveStudy(c.Request.Context(), requestOf(c).site.ID, id); err != nil {
		return err
	}
	return s.saved(c, "studies", s.printer(c).T("studies.removed"))
}
