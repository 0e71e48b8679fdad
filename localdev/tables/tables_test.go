package tables_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bellhop/localdev/tables"
	"bellhop/localdev/template"
	"bellhop/shared/store/dynamotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(dynamotest.Main{M: m}) }

// declared is a table with all that the package makes.
func declared() template.Table {
	return template.Table{
		Name: "Rooms", Attributes: map[string]string{"room": "S", "user": "S", "joined": "N"},
		Key:           template.Key{Hash: "room", Range: "user"},
		LocalIndexes:  []template.Index{{Name: "by-time", Key: template.Key{Hash: "room", Range: "joined"}, Projection: "INCLUDE", NonKey: []string{"colour"}}},
		GlobalIndexes: []template.Index{{Name: "by-user", Key: template.Key{Hash: "user"}, Projection: "KEYS_ONLY"}},
		TTLAttribute:  "expires", BillingMode: "PROVISIONED",
	}
}

func TestCreate_MakesWhatTheTemplateSays(t *testing.T) {
	client, release := tables.Client(dynamotest.Start(t, dynamotest.Options{}).URL(), "eu-west-1")
	defer release()
	made, err := tables.Create(t.Context(), client, []template.Table{declared()})
	if err != nil || !slices.Equal(made, []string{"Rooms"}) {
		t.Fatalf("Create: got %v, %v, want Rooms made", made, err)
	}
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("Rooms")})
	if err != nil {
		t.Fatal(err)
	}
	d := out.Table
	local, global := d.LocalSecondaryIndexes[0], d.GlobalSecondaryIndexes[0]
	got := []string{
		*d.KeySchema[0].AttributeName, *d.KeySchema[1].AttributeName,
		*local.IndexName, *local.KeySchema[1].AttributeName, string(local.Projection.ProjectionType), strings.Join(local.Projection.NonKeyAttributes, ","),
		*global.IndexName, *global.KeySchema[0].AttributeName, string(global.Projection.ProjectionType),
	}
	want := []string{"room", "user", "by-time", "joined", "INCLUDE", "colour", "by-user", "user", "KEYS_ONLY"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("Rooms")})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(ttl.TimeToLiveDescription.AttributeName); got != "expires" {
		t.Errorf("time to live: got attribute %q, want expires", got)
	}
}

func TestCreate_LeavesWhatIsThereAndTellsWhatDiffers(t *testing.T) {
	client, release := tables.Client(dynamotest.Start(t, dynamotest.Options{}).URL(), "eu-west-1")
	defer release()
	for i, want := range []int{1, 0} {
		if made, err := tables.Create(t.Context(), client, []template.Table{declared()}); err != nil || len(made) != want {
			t.Fatalf("Create, time %d: got %v, %v, want %d made", i+1, made, err, want)
		}
	}
	other := declared()
	other.GlobalIndexes = nil
	second := declared()
	second.Name = "Others"
	made, err := tables.Create(t.Context(), client, []template.Table{other, second})
	if !errors.Is(err, tables.ErrDiffers) || !strings.Contains(err.Error(), "global index by-user (HASH user S)") || !strings.Contains(err.Error(), "table Rooms") {
		t.Errorf("Create with fewer indexes: got %v, want ErrDiffers that names the table and the index", err)
	}
	if !slices.Equal(made, []string{"Others"}) {
		t.Errorf("made beside it: got %v, want Others", made)
	}
}
