package meta

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestStudies(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	a, err := s.AddSite(ctx, NewSite("a.example"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.AddSite(ctx, NewSite("b.example"))
	if err != nil {
		t.Fatal(err)
	}
	two := []Study{{Name: "Survey", CSV: []byte("x"), Figures: 3}, {Name: "Panel", CSV: []byte("y"), Figures: 1}}
	for range 2 { // again changes nothing
		if err := s.SaveStudies(ctx, a.ID, two); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Studies(ctx, a.ID)
	if err != nil || len(list) != 2 || list[0].Name != "Panel" || list[1].Figures != 3 || string(list[1].CSV) != "x" || list[0].Imported.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	if other, err := s.Studies(ctx, b.ID); err != nil || len(other) != 0 {
		t.Errorf("another site's: %+v, %v", other, err)
	}
	if err := s.RemoveStudy(ctx, b.ID, list[0].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed by another site: %v", err)
	}
	if err := s.RemoveStudy(ctx, a.ID, list[0].ID); err != nil {
		t.Error(err)
	}
	if err := s.RemoveSite(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Studies(ctx, a.ID); err != nil || len(list) != 0 {
		t.Errorf("of a removed site: %+v, %v", list, err)
	}
}
