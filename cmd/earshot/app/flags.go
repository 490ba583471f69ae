package app

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Defaults that several places name.
const (
	defaultListen        = "localhost:8080"
	defaultMetricsListen = "localhost:9090"
)

// Roles of a server.
const (
	roleCollect = "collect" // takes events in and puts them into the spool
	roleWrite   = "write"   // groups the spool's events into visits and writes them to ClickHouse
	rolePoll    = "poll"    // reads follower counts from the networks into the spool
	roleWeb     = "web"     // pages and the Stats API
)

var allRoles = roles{roleCollect, roleWrite, rolePoll, roleWeb}

// roles are the parts of the program that a server runs.
type roles []string

func (r roles) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(r, n) })
}

// rolesMapper reads "collect,write".
type rolesMapper struct{}

func (rolesMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	items, err := popList(ctx)
	if err != nil {
		return err
	}
	var out roles
	for _, item := range items {
		if !slices.Contains(allRoles, item) {
			return fmt.Errorf("there is no role %q: there are %s", item, strings.Join(allRoles, ", "))
		}
		out = append(out, item)
	}
	if len(out) == 0 {
		out = allRoles // an empty variable counts as not set
	}
	target.Set(reflect.ValueOf(out))
	return nil
}

// prefixes are networks of IP addresses.
type prefixes []netip.Prefix

// prefixesMapper reads "10.0.0.0/8,127.0.0.1": an address without a length is a
// network of one address.
type prefixesMapper struct{}

func (prefixesMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	items, err := popList(ctx)
	if err != nil {
		return err
	}
	var out prefixes
	for _, item := range items {
		p, err := netip.ParsePrefix(item)
		if a, addrErr := netip.ParseAddr(item); addrErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no address and no network such as 10.0.0.0/8", item)
		}
		out = append(out, p.Masked())
	}
	target.Set(reflect.ValueOf(out))
	return nil
}

func popList(ctx *kong.DecodeContext) (items []string, err error) {
	var text string
	if err := ctx.Scan.PopValueInto("list", &text); err != nil {
		return nil, err
	}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items, nil
}
