package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
)

func TestHandshake_1_2_IAM(t *testing.T) {
	api := testAPI()
	api.IAM = true
	e := start(t, setup{api: &api})
	checkRejection(t, e.dialTCP(t).handshake("/live"), rejected{
		status: 403, message: "Missing Authentication Token", errType: "MissingAuthenticationTokenException",
	})
	if r := e.dialTCP(t).handshake("/live", "Authorization: "+signature); r.StatusCode != 101 {
		t.Errorf("signed: got %d, want 101", r.StatusCode)
	}
	if n := len(e.fn.calls("connect")); n != 1 {
		t.Errorf("$connect: got %d calls, want 1", n)
	}
}

// With verification a handshake that the SDK has presigned is let in, and one
// with another secret is not.
func TestHandshake_3_IAMVerified(t *testing.T) {
	api := testAPI()
	api.IAM = true
	e := start(t, setup{api: &api, opts: &Options{Uncertain: Uncertain{Signatures: SignaturesVerified}}})
	for secret, want := range map[string]int{"local": 101, "other": 403} {
		req, err := http.NewRequest("GET", "wss://k7demo9x2a.execute-api.eu-west-1.amazonaws.com/live?X-Amz-Expires=60", nil)
		if err != nil {
			t.Fatal(err)
		}
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		keys := aws.Credentials{AccessKeyID: "local", SecretAccessKey: secret}
		uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, req, empty, "execute-api", "eu-west-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		_, target, _ := strings.Cut(uri, ".amazonaws.com")
		if r := e.dialTCP(t).handshake(target); r.StatusCode != want {
			t.Errorf("secret %s: got %d, want %d", secret, r.StatusCode, want)
		}
	}
}

func TestManagement_6_SignaturesVerified(t *testing.T) {
	e := start(t, setup{opts: &Options{
		Uncertain: Uncertain{Signatures: SignaturesVerified}, Credentials: map[string]string{"AKID": "secret"},
	}})
	c := e.connect(t)
	for secret, right := range map[string]bool{"secret": true, "wrong": false} {
		sdk := apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
			Region: "eu-west-1", BaseEndpoint: aws.String("http://" + e.addr + "/live"),
			Credentials: credentials.NewStaticCredentialsProvider("AKID", secret, ""), RetryMaxAttempts: 1,
		})
		_, err := sdk.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &c.id, Data: []byte("hello")})
		if (err == nil) != right {
			t.Errorf("secret %s: got %v", secret, err)
		}
		if err != nil && !strings.Contains(err.Error(), "signature we calculated does not match") {
			t.Errorf("secret %s: got %v, want the signature to be named", secret, err)
		}
	}
	c.wantText("hello")
}

func TestHandshake_3_APIKey(t *testing.T) {
	withKey := strings.Replace(allow, `"principalId"`, `"usageIdentifierKey":"gold","principalId"`, 1)
	for _, tt := range []struct {
		name, expression string
		valid            []string
		header, usage    string
		want             int
	}{
		{"Missing", "", nil, "", allow, 403},
		{"AnyGoes", "", nil, "x", allow, 101},
		{"Valid", keyOfHeader, []string{"silver", "gold"}, "gold", allow, 101},
		{"Invalid", keyOfHeader, []string{"silver"}, "gold", allow, 403},
		{"OfAuthorizer", keyOfAuthorizer, []string{"gold"}, "", withKey, 101},
		{"OfAuthorizerInvalid", keyOfAuthorizer, []string{"silver"}, "silver", withKey, 403},
		{"OfAuthorizerMissing", keyOfAuthorizer, nil, "silver", allow, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api, fn := testAPI(), testFunctions()
			withAuthorizer(&api)
			api.APIKeyRequired, api.APIKeySelectionExpression = true, tt.expression
			fn.byName["authorizer"] = returns(tt.usage)
			e := start(t, setup{api: &api, fn: fn, opts: &Options{APIKeys: tt.valid}})
			var headers []string
			if tt.header != "" {
				headers = append(headers, "X-API-Key: "+tt.header)
			}
			if r := e.dialTCP(t).handshake("/live", headers...); r.StatusCode != tt.want {
				t.Errorf("got %d, want %d", r.StatusCode, tt.want)
			}
		})
	}
}
