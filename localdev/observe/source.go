package observe

import "context"

// Source says on whose behalf the gateway invokes a function.
type Source struct{ API, Connection, User, Route string }

type sourceKey struct{}

// NewContext returns a context that carries s to whoever observes invocations.
func NewContext(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, s)
}

// FromContext returns the Source that ctx carries, or the zero value.
func FromContext(ctx context.Context) Source {
	s, _ := ctx.Value(sourceKey{}).(Source)
	return s
}
