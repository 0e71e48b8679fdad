package peers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// createStack makes a stack by the CloudFormation API and returns its output Api.
// A stack that is there already is taken as it is.
func createStack(ctx context.Context, endpoint, template string) (string, error) {
	described, err := cloudFormation(ctx, endpoint, url.Values{"Action": {"DescribeStacks"}, "StackName": {"peers"}})
	if err != nil {
		_, err = cloudFormation(ctx, endpoint, url.Values{
			"Action": {"CreateStack"}, "StackName": {"peers"}, "TemplateBody": {template},
		})
		if err != nil {
			return "", err
		}
		described, err = cloudFormation(ctx, endpoint, url.Values{"Action": {"DescribeStacks"}, "StackName": {"peers"}})
	}
	if err != nil {
		return "", err
	}
	return outputOf(described, "Api")
}

// outputOf takes an output of the one stack out of DescribeStacks' answer
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html).
func outputOf(answer []byte, key string) (string, error) {
	var a struct {
		Stacks []struct {
			Status  string `xml:"StackStatus"`
			Reason  string `xml:"StackStatusReason"`
			Outputs []struct {
				Key   string `xml:"OutputKey"`
				Value string `xml:"OutputValue"`
			} `xml:"Outputs>member"`
		} `xml:"DescribeStacksResult>Stacks>member"`
	}
	if err := xml.Unmarshal(answer, &a); err != nil || len(a.Stacks) != 1 {
		return "", fmt.Errorf("describe stacks: want one stack: %w", err)
	}
	for _, o := range a.Stacks[0].Outputs {
		if o.Key == key {
			return o.Value, nil
		}
	}
	return "", fmt.Errorf("stack is %s without output %s: %s", a.Stacks[0].Status, key, a.Stacks[0].Reason)
}

func cloudFormation(ctx context.Context, endpoint string, form url.Values) ([]byte, error) {
	form.Set("Version", "2010-05-15")
	body := form.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	hash := sha256.Sum256([]byte(body))
	local := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	err = v4.NewSigner().SignHTTP(ctx, local, r, hex.EncodeToString(hash[:]), "cloudformation", "us-east-1", time.Now())
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: startWithin}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.500s", form.Get("Action"), answer.Status, text)
	}
	return text, err
}
