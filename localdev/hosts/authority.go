package hosts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	authorityLife = 5 * 365 * 24 * time.Hour
	leafLife      = 24 * time.Hour
	renewBefore   = time.Hour // a leaf's end, or a day before the authority's
)

// authority signs certificates. It is safe for concurrent use.
type authority struct {
	certificate *x509.Certificate
	pem         []byte
	key         *ecdsa.PrivateKey

	mu     sync.Mutex
	leaves map[string]*tls.Certificate // by host
}

// openAuthority reads the authority in a folder, or makes one: authority.key, and
// nothing else that is secret. An authority that is about to end is replaced.
func openAuthority(dir string) (*authority, error) {
	keyFile, certificateFile := filepath.Join(dir, "authority.key"), filepath.Join(dir, "authority.pem")
	a, err := readAuthority(keyFile, certificateFile)
	if err != nil || a != nil && time.Until(a.certificate.NotAfter) > leafLife {
		return a, err
	}
	if a, err = newAuthority(); err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	encoded, err := x509.MarshalECPrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	return a, errors.Join(
		os.MkdirAll(dir, 0o700),
		replace(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})),
		replace(certificateFile, a.pem),
	)
}

// readAuthority gives nil where there is none yet.
func readAuthority(keyFile, certificateFile string) (*authority, error) {
	pair, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	switch key, ok := pair.PrivateKey.(*ecdsa.PrivateKey); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil || !ok:
		return nil, fmt.Errorf("read the authority in %s (delete it to get a new one): %w", filepath.Dir(keyFile), errors.Join(err, notECDSA(ok)))
	default:
		encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
		return &authority{certificate: pair.Leaf, pem: encoded, key: key, leaves: map[string]*tls.Certificate{}}, nil
	}
}

func notECDSA(ok bool) error {
	if ok {
		return nil
	}
	return errors.New("its key is of another kind")
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	form := &x509.Certificate{
		Subject:  pkix.Name{CommonName: "Local authority of Bellhop, trusted by functions on this machine alone"},
		NotAfter: time.Now().Add(authorityLife), KeyUsage: x509.KeyUsageCertSign,
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	a := &authority{key: key, leaves: map[string]*tls.Certificate{}}
	raw, err := a.sign(form, form, key)
	if err != nil {
		return nil, err
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	a.certificate, err = x509.ParseCertificate(raw)
	return a, err
}

func (a *authority) sign(form, parent *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	form.SerialNumber = serial
	form.NotBefore = time.Now().Add(-time.Hour) // clocks that went back
	return x509.CreateCertificate(rand.Reader, form, parent, &key.PublicKey, a.key)
}

// leaf is a certificate for a host, the same one until it is about to end.
func (a *authority) leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.leaves[host]; c != nil && time.Until(c.Leaf.NotAfter) > renewBefore {
		return c, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", host, err)
	}
	form := &x509.Certificate{
		Subject: pkix.Name{CommonName: "local " + host[:min(len(host), 50)]}, DNSNames: []string{host},
		NotAfter: time.Now().Add(leafLife), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := a.sign(form, a.certificate, key)
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", host, err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", host, err)
	}
	c := &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: parsed}
	a.leaves[host] = c
	return c, nil
}

// replace writes a file that its owner alone may read, in one step.
func replace(path string, content []byte) error {
	aside := path + ".new"
	if err := os.WriteFile(aside, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Chmod(aside, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(aside, path)
}
