// Package proxytest runs nginx and Caddy for tests, with the configurations
// that the docs have.
package proxytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Find gives the path of a program. Where it isn't installed the test is
// skipped, but nginx is there on machines of continuous integration.
func Find(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if name == "nginx" && os.Getenv("CI") != "" {
		t.Fatal("nginx isn't installed: .ci/proxies does that")
	}
	t.Skip(name + " isn't installed")
	return ""
}

// Nginx runs nginx until the test ends. conf is what stands in its http block,
// name tells several in one folder apart.
func Nginx(t testing.TB, dir, name, conf string) {
	t.Helper()
	prefix := filepath.Join(dir, name)
	if err := os.MkdirAll(prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	all := "daemon off;\nmaster_process off;\npid " + prefix + "/pid;\nerror_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n"
	for _, temp := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		all += temp + "_temp_path " + filepath.Join(prefix, temp) + ";\n"
	}
	file := filepath.Join(prefix, "nginx.conf")
	if err := os.WriteFile(file, []byte(all+conf+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(Find(t, "nginx"), "-p", prefix, "-c", file, "-e", "stderr"))
}

// Caddy runs Caddy with a Caddyfile until the test ends.
func Caddy(t testing.TB, dir, conf string) {
	t.Helper()
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(Find(t, "caddy"), "run", "--adapter", "caddyfile", "--config", file), "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "HOME="+dir)
}

// start runs a program until the test ends, and shows what it said if it fails.
func start(t testing.TB, cmd *exec.Cmd, env ...string) {
	t.Helper()
	var said strings.Builder
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, said.String())
		}
	})
}

// Port is a port of this machine that nobody has.
func Port(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// Certificate writes one for a host, with its key, into dir/cert.pem and
// dir/key.pem.
func Certificate(t testing.TB, dir, host string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
