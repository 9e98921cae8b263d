package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"meshgen/internal/pool"
	"meshgen/internal/store"
)

// limitFlags change limits of a tenant: each is a number, "none", or "default" for what the configuration says.
type limitFlags struct{ requests, queued, running, bytes, elements string }

func (a *app) limitsCommand() *cobra.Command {
	var f limitFlags
	c := &cobra.Command{
		Use:   "limits TENANT",
		Short: "Show or change the limits of a tenant",
		Long: "Shows what a tenant may, and changes what a flag names: to a number, to none (but for --elements), or to default, which is what the service's variables\n" +
			"say (MESHGEN_REQUESTS_PER_SECOND, MESHGEN_MAX_…). Services that run take it in within ten seconds.",
		Example: "  meshgen admin limits acme\n  meshgen admin limits acme --requests 20 --queued 200 --running 4 --bytes 50GiB --elements 5000000\n  meshgen admin limits acme --running none --bytes default",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			change, err := f.change()
			if err != nil {
				return err
			}
			return a.withDatabase(c.Context(), func(db *store.DB) error { return a.limits(c.Context(), db, args[0], change) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.requests, "requests", "", "requests a second to each API process")
	flags.StringVar(&f.queued, "queued", "", "meshes that may wait, of each class")
	flags.StringVar(&f.running, "running", "", "jobs that run at once")
	flags.StringVar(&f.bytes, "bytes", "", "what may be stored, such as 50GiB")
	flags.StringVar(&f.elements, "elements", "", "elements of a mesh; there is no none")
	return c
}

// limits prints what a tenant may, after a change if there is one.
func (a *app) limits(ctx context.Context, db *store.DB, tenant string, change func(*store.Limits)) error {
	var own store.Limits
	var err error
	if change == nil {
		own, err = db.Limits(ctx, tenant)
	} else {
		own, err = db.ChangeLimits(ctx, entry(tenant, "limits", ""), func(l *store.Limits) string {
			before := *l
			change(l)
			return changed(before, *l)
		})
	}
	if errors.Is(err, store.ErrNotFound) {
		return usage("there is no tenant %s: `meshgen admin tenants create %s` makes it", tenant, tenant)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.print(own)
	}
	t := newTable("LIMIT", "VALUE")
	for _, l := range texts(own, func(n int64) string { return pool.Bytes(n).String() }) {
		t.row(l.name, l.value)
	}
	t.print(a.out, nil)
	return nil
}

// namedLimit is a limit as a person reads it.
type namedLimit struct{ flag, name, value string }

// texts are the limits of a tenant, in the order in which they are shown.
func texts(l store.Limits, bytes func(int64) string) []namedLimit {
	return []namedLimit{
		{"requests", "requests a second", limitText(l.RequestsPerSecond, strconv.Itoa)},
		{"queued", "meshes that wait", limitText(l.MaxQueued, strconv.Itoa)},
		{"running", "jobs that run", limitText(l.MaxRunning, strconv.Itoa)},
		{"bytes", "bytes stored", limitText(l.MaxBytes, bytes)},
		{"elements", "elements of a mesh", limitText(l.MaxElements, whole)},
	}
}

// whole is a number to the last digit.
func whole(n int64) string { return strconv.FormatInt(n, 10) }

// changed says what the audit log tells of a change: exactly, where 1.5GiB may be many amounts.
func changed(before, after store.Limits) string {
	var what []string
	old := texts(before, whole)
	for i, l := range texts(after, whole) {
		if l.value != old[i].value {
			what = append(what, fmt.Sprintf("%s: %s to %s", l.flag, old[i].value, l.value))
		}
	}
	return strings.Join(what, ", ")
}

// limitText is a limit as flags have it.
func limitText[T int | int64](own *T, text func(T) string) string {
	switch {
	case own == nil:
		return "default"
	case *own == 0:
		return "none"
	}
	return text(*own)
}

// mostRequests is what the database takes.
const mostRequests = 1_000_000

// change returns what the flags ask for; nil if they ask for nothing.
func (f limitFlags) change() (func(*store.Limits), error) {
	if f == (limitFlags{}) {
		return nil, nil
	}
	upTo := func(most int64) func(string) (int64, error) {
		return func(text string) (int64, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err == nil && (n < 1 || n > most) {
				err = strconv.ErrRange
			}
			return n, err
		}
	}
	bytes := func(text string) (int64, error) {
		var b pool.Bytes
		err := b.UnmarshalText([]byte(text))
		if err == nil && b < 1 {
			err = strconv.ErrRange
		}
		return int64(b), err
	}
	requests, err1 := limitFlag("requests", f.requests, "a whole number up to 1000000", upTo(mostRequests))
	queued, err2 := limitFlag("queued", f.queued, "a whole number", upTo(1<<31-1))
	running, err3 := limitFlag("running", f.running, "a whole number", upTo(1<<31-1))
	stored, err4 := limitFlag("bytes", f.bytes, "an amount such as 512MiB or 50GiB", bytes)
	elements, err5 := limitFlag("elements", f.elements, "a whole number", upTo(1<<62))
	if err5 != nil || f.elements == "none" {
		err5 = usage("--elements must be a whole number or default (is %q): an engine needs a bound", f.elements)
	}
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	return func(l *store.Limits) {
		set(&l.RequestsPerSecond, requests)
		set(&l.MaxQueued, queued)
		set(&l.MaxRunning, running)
		set(&l.MaxBytes, stored)
		set(&l.MaxElements, elements)
	}, nil
}

// limitFlag reads a flag: nil where it is not given, else a limit, which is nil for the default and 0 for none.
func limitFlag(name, text, form string, read func(string) (int64, error)) (**int64, error) {
	var limit *int64
	switch text {
	case "":
		return nil, nil
	case "default":
	case "none":
		limit = new(int64)
	default:
		n, err := read(text)
		if err != nil {
			return nil, usage("--%s must be %s, none or default (is %q)", name, form, text)
		}
		limit = &n
	}
	return &limit, nil
}

// set changes a limit that a flag names.
func set[T int | int64](limit **T, asked **int64) {
	if asked == nil {
		return
	}
	*limit = nil
	if *asked != nil {
		n := T(**asked)
		*limit = &n
	}
}
