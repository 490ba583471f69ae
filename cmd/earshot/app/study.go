package app

import (
	"errors"
	"fmt"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/study"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/web"
)

type importStudyCmd struct {
	Site string `required:"" help:"The site whose dashboards show the study." placeholder:"DOMAIN"`
	File string `arg:"" help:"The CSV file; - is the standard input."`
}

func (importStudyCmd) Help() string {
	return "Example:\n  earshot import study --site example.com survey.csv\n\n" +
		"The file has a figure a line:\n" +
		"  study,subject,measure,segment,period_start,period_end,value,unit,estimate\n" +
		"  My survey,Newsletter,user growth rate,world,2025-01-01,2025-12-31,12.5,percent,false\n\n" +
		"A file with a bad line changes nothing. A study of the same name is replaced."
}

func (c *importStudyCmd) Run(s *session) error {
	in, err := s.open(c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := study.Read(in)
	if err != nil {
		return err
	}
	if len(file.Errors) > 0 {
		texts, err := text.Load(web.Strings())
		if err != nil {
			return err
		}
		english := texts.Printer(text.English)
		for _, e := range file.Errors {
			fmt.Fprintf(s.Err, "line %d: %s: %q\n", e.Line, english.T("studies.bad."+e.Key), e.Text)
		}
		return errors.New("nothing was imported: mend these lines")
	}
	return s.withSite(c.Site, func(m *meta.Store, site meta.Site) error {
		list := server.StudiesOf(file.Rows)
		if err := m.SaveStudies(s.ctx, site.ID, list); err != nil {
			return err
		}
		for _, st := range list {
			fmt.Fprintf(s.Out, "Imported %d figures of %s.\n", st.Figures, st.Name)
		}
		return nil
	})
}
