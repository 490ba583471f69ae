package server

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
)

// maxImport bounds a CSV file: a century of daily counts of fifty accounts, or
// a hundred thousand posts with their texts.
const maxImport = 64 << 20

// maxField bounds each other field of the form, in bytes.
const maxField = 1000

type importData struct {
	CanImport bool
	Kinds     []string // of files
	Exports   []string
	Networks  []string // names to choose from
	Form      importForm
	Preview   *previewData
	Imports   []meta.Import // the latest first
	Error     string
}

// importForm are the other fields of the form, as imports.File has them.
type importForm struct {
	Kind, Network, Account string
	Answers                imports.Answers
}

type previewData struct {
	*imports.Preview
	Accounts  []previewAccount // the first, previewMost at most
	More      int              // that are not shown
	Wrong     []previewError
	Questions []previewQuestion
}

// previewError is a LineError in words.
type previewError struct {
	imports.LineError
	Words, Value string
}

// previewQuestion is a Question in words.
type previewQuestion struct {
	imports.Question
	Words   string
	Choices []previewChoice
}

type previewChoice struct{ Value, Words string }

// previewMost bounds the page: a file may have a million accounts.
const previewMost = 200

type previewAccount struct {
	imports.PreviewAccount
	NetworkName string
	Title       string // of the insight
}

func (s *Server) importData(c *gin.Context) (importData, error) {
	d := importData{CanImport: s.Importer != nil, Kinds: append(imports.Kinds(), imports.FeedLog), Exports: imports.Kinds(), Networks: slices.Sorted(maps.Values(s.NetworkNames))}
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
	if strings.HasPrefix(c.ContentType(), "application/x-www-form-urlencoded") {
		return s.answerImport(c, d)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport)
	// The file is never held in memory as a whole.
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	part, err := d.Form.read(parts)
	if err != nil {
		return &Error{Status: http.StatusBadRequest, Cause: err}
	}
	if part.FileName() == "" || d.Form.Kind != "" && !slices.Contains(d.Kinds, d.Form.Kind) {
		d.Error = s.printer(c).T("import.no_file")
		return s.settings(c, http.StatusUnprocessableEntity, "import", d)
	}
	ctx := c.Request.Context()
	var p *imports.Preview
	err = s.upload(ctx, part, func(file io.Reader) (err error) {
		p, err = s.Importer.Preview(ctx, *requestOf(c).site, imports.File{
			Name: filepath.Base(part.FileName()), Kind: d.Form.Kind, Network: d.Form.Network, Account: d.Form.Account, Content: file, Keep: true,
		})
		return err
	})
	if err != nil {
		return err // includes the error for too large a file
	}
	s.showPreview(c, &d, p)
	return s.settings(c, http.StatusOK, "import", d)
}

// answerImport previews a file again, with the user's answers to the questions
// about it.
func (s *Server) answerImport(c *gin.Context, d importData) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	year, _ := strconv.Atoi(f.Value("year"))
	d.Form = importForm{Kind: f.Value("kind"), Network: f.Value("network"), Account: f.Value("account"), Answers: imports.Answers{
		Dates: f.Value("dates"), Decimal: f.Value("decimal"), Zone: strings.TrimSpace(f.Value("zone")), Account: f.Value("whose"), Year: year, Sum: f.Value("sum") != "",
	}}
	id, err := strconv.ParseInt(f.Value("again"), 10, 64)
	if err != nil || d.Form.Kind != "" && !slices.Contains(d.Kinds, d.Form.Kind) {
		return badRequest("error.400.text")
	}
	p, err := s.Importer.Again(c.Request.Context(), *requestOf(c).site, id, imports.File{Kind: d.Form.Kind, Network: d.Form.Network, Account: d.Form.Account, Answers: d.Form.Answers})
	if errors.Is(err, meta.ErrNotFound) {
		d.Error = s.printer(c).T("import.file_gone")
		return s.settings(c, http.StatusUnprocessableEntity, "import", d)
	}
	if err != nil {
		return err
	}
	s.showPreview(c, &d, p)
	return s.settings(c, http.StatusOK, "import", d)
}

// showPreview puts a preview in words.
func (s *Server) showPreview(c *gin.Context, d *importData, p *imports.Preview) {
	printer := s.printer(c)
	shown := p.Accounts[:min(len(p.Accounts), previewMost)]
	d.Preview = &previewData{Preview: p, More: len(p.Accounts) - len(shown)}
	lang := printer.Locale
	for _, a := range shown {
		d.Preview.Accounts = append(d.Preview.Accounts, previewAccount{a, s.networkName(a.Network), metric.InsightTitle(a.Insight).In(lang)})
	}
	for i := range p.Times {
		if !p.Days {
			p.Times[i].At = p.Times[i].At.In(requestOf(c).site.Location())
		}
	}
	for _, e := range p.Errors {
		wrong := previewError{LineError: e, Words: e.In(printer)}
		if e.TextApart() {
			wrong.Value = e.Text
		}
		d.Preview.Wrong = append(d.Preview.Wrong, wrong)
	}
	for _, q := range p.Questions {
		asked := previewQuestion{Question: q, Words: q.In(printer)}
		for _, choice := range q.Choices {
			asked.Choices = append(asked.Choices, previewChoice{choice.Value, choice.In(q, printer)})
		}
		d.Preview.Questions = append(d.Preview.Questions, asked)
	}
}

// read reads the fields before the file, and returns the file.
func (f *importForm) read(parts *multipart.Reader) (file *multipart.Part, err error) {
	into := map[string]*string{"kind": &f.Kind, "network": &f.Network, "account": &f.Account}
	for {
		part, err := parts.NextPart()
		if err != nil || part.FormName() == "file" {
			return part, err
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField))
		if field := into[part.FormName()]; err == nil && field != nil {
			*field = strings.TrimSpace(string(value))
		}
	}
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
	if errors.Is(err, imports.ErrGone) {
		return s.saved(c, "import", p.T("import.gone"))
	}
	if err != nil {
		return err
	}
	return s.saved(c, "import", done)
}

// exportTimeout bounds an export of a site's whole history.
const exportTimeout = 2 * time.Minute

// exportHistory answers a CSV file with all of a site's readings of one kind, in
// the format that can be imported.
func (s *Server) exportHistory(kind string) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		if s.Importer == nil {
			return errNotFound
		}
		site := *requestOf(c).site
		ctx, cancel := context.WithTimeout(c.Request.Context(), exportTimeout)
		defer cancel()
		return s.answer(ctx, c, csvHeader(site.Domain+"-"+kind+".csv"), func(w io.Writer) error {
			return s.Importer.Export(ctx, site, kind, w)
		})
	}
}
