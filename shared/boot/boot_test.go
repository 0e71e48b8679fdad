package boot_test

import (
	"context"
	"strings"
	"testing"

	"bellhop/shared/boot"
)

func TestNew(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	vars := map[string]string{"INBOX_TABLE": "I", "ALLOWED_ORIGINS": "https://example.com"}
	deps, err := boot.New(context.Background(), func(name string) string { return vars[name] })
	if err != nil {
		t.Fatal(err)
	}
	if deps.Region != "eu-west-1" || deps.Config.Tables.Inbox != "I" || deps.Now == nil || deps.NewID == nil || deps.Logger == nil ||
		deps.Inbox == nil || deps.Connections == nil || deps.Sessions == nil || deps.Limits == nil || deps.Gateway == nil {
		t.Errorf("dependencies %+v, want all of them", deps)
	}
	vars["RETENTION_DAYS"] = "x"
	if _, err := boot.New(context.Background(), func(name string) string { return vars[name] }); err == nil || !strings.Contains(err.Error(), "RETENTION_DAYS") {
		t.Errorf("error %v, want one that names RETENTION_DAYS", err)
	}
}
