package app

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a user."`
	List     userListCmd     `cmd:"" help:"List the users."`
	Password userPasswordCmd `cmd:"" help:"Set a user's password, which ends their sessions."`
	Remove   userRemoveCmd   `cmd:"" help:"Remove a user."`
}

// passwordFlags say where a password comes from: a file or the environment; if
// neither is given, the terminal (without echo) or a pipe.
type passwordFlags struct {
	PasswordFile string `help:"Read the password from the first line of this file; - is the standard input." env:"EARSHOT_PASSWORD_FILE" placeholder:"FILE"`
}

func (f passwordFlags) read(s *session) (string, error) {
	if password, err := s.secret(f.PasswordFile, "EARSHOT_PASSWORD")(); !errors.Is(err, errNoSecret) {
		return password, err
	}
	in, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return s.secretFrom("-")
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Once more: "} {
		fmt.Fprint(s.Err, prompt)
		b, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(s.Err)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ")
	}
	return typed[0], nil
}

type userAddCmd struct {
	Email  string `arg:"" help:"The e-mail address to sign in with."`
	Name   string `help:"The user's name."`
	Locale string `help:"Language of the pages: en or fr; empty is the browser's." enum:",en,fr" default:""`
	passwordFlags
}

func (userAddCmd) Help() string {
	return "Examples:\n  earshot user add ada@example.com\n  earshot user add ada@example.com --password-file secret.txt\n\nTakes the password from the file, from EARSHOT_PASSWORD, or from a pipe, and asks for it at a terminal."
}

func (c *userAddCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		password, err := c.read(s)
		if err != nil {
			return err
		}
		u, err := m.AddUser(s.ctx, meta.User{Email: c.Email, Name: c.Name, Locale: c.Locale}, password)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Added %s.\n", u.Email)
		return nil
	})
}

type userListCmd struct{}

func (userListCmd) Help() string { return "Example:\n  earshot user list" }

func (c *userListCmd) Run(s *session) error {
	return s.withMeta(func(m *meta.Store) error {
		users, err := m.Users(s.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "E-MAIL\tNAME\tADDED\tLAST SIGN-IN")
		for _, u := range users {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Email, u.Name, u.Created.Format(time.DateOnly), dateOrNever(u.LastLogin))
		}
		return w.Flush()
	})
}

type userPasswordCmd struct {
	Email string `arg:"" help:"The user's e-mail address."`
	passwordFlags
}

func (userPasswordCmd) Help() string {
	return "Example:\n  earshot user password ada@example.com\n\nThe password comes from where earshot user add takes it."
}

func (c *userPasswordCmd) Run(s *session) error {
	return s.withUser(c.Email, func(m *meta.Store, u meta.User) error {
		password, err := c.read(s)
		if err != nil {
			return err
		}
		if err := m.SetPassword(s.ctx, u.ID, password); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Changed the password of %s.\n", u.Email)
		return nil
	})
}

type userRemoveCmd struct {
	Email string `arg:"" help:"The user's e-mail address."`
}

func (userRemoveCmd) Help() string { return "Example:\n  earshot user remove ada@example.com" }

func (c *userRemoveCmd) Run(s *session) error {
	return s.withUser(c.Email, func(m *meta.Store, u meta.User) error {
		if err := m.RemoveUser(s.ctx, u.ID); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "Removed %s.\n", u.Email)
		return nil
	})
}

func (s *session) withUser(email string, f func(*meta.Store, meta.User) error) error {
	return s.withMeta(func(m *meta.Store) error {
		u, err := m.UserByEmail(s.ctx, email)
		if errors.Is(err, meta.ErrNotFound) {
			return fmt.Errorf("there is no user %s", email)
		}
		if err != nil {
			return err
		}
		return f(m, u)
	})
}

// confirm asks the user to type a word before something is deleted for good.
func (s *session) confirm(what, word string) error {
	fmt.Fprintf(s.Err, "%s\nType %s to go on: ", what, word)
	line, _ := bufio.NewReader(s.In).ReadString('\n') // without a line, nothing is confirmed
	if strings.TrimSpace(line) != word {
		return errors.New("nothing was done")
	}
	return nil
}

func dateOrNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.DateOnly)
}
