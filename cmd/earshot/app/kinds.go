package app

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"github.com/earshot-analytics/earshot/internal/event"
)

// kindCommands has a command for each kind of fact. kong reads a command off a
// field of a struct, so each has a struct that is made here.
func kindCommands(kinds []*event.Entry, of func(*event.Entry) (command any, help string)) (all kong.Plugins) {
	for _, kind := range kinds {
		command, help := of(kind)
		field := reflect.StructField{Name: "Kind", Type: reflect.TypeOf(command), Tag: reflect.StructTag(fmt.Sprintf("cmd:\"\" name:%q help:%q", kind.Name, help))}
		grammar := reflect.New(reflect.StructOf([]reflect.StructField{field}))
		grammar.Elem().Field(0).Set(reflect.ValueOf(command))
		all = append(all, grammar.Interface())
	}
	return all
}
