// Credentials at rest: docker configs, pull secrets, keyrings, the hash that a pull record keeps.
package main

import (
	"encoding/base64"
	"errors"
	"path/filepath"
	"reflect"
	_ "unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
)

//go:linkname readDockerConfigJSONFileFromBytes k8s.io/kubernetes/pkg/credentialprovider.readDockerConfigJSONFileFromBytes
func readDockerConfigJSONFileFromBytes(contents []byte) (credentialprovider.DockerConfig, error)

//go:linkname decodeDockerConfigFieldAuth k8s.io/kubernetes/pkg/credentialprovider.decodeDockerConfigFieldAuth
func decodeDockerConfigFieldAuth(field string) (username, password string, err error)

//go:linkname hashAuthConfig k8s.io/kubernetes/pkg/credentialprovider.hashAuthConfig
func hashAuthConfig(creds *credentialprovider.AuthConfig) string

//go:linkname homeDirPath k8s.io/kubernetes/pkg/credentialprovider.homeDirPath
var homeDirPath string

//go:linkname homeJSONDirPath k8s.io/kubernetes/pkg/credentialprovider.homeJSONDirPath
var homeJSONDirPath string

type document struct {
	Text []byte `json:"text"`
}

// Key, user name, password: a list, because a Go map has no order and equal entries keep theirs.
type source [][3]string

func init() {
	register("config-json", func(q document) answer { return configAnswer(readDockerConfigJSONFileFromBytes(q.Text)) })
	register("dockercfg", func(q document) answer {
		return configAnswer(credentialprovider.ReadDockerConfigFileFromBytes(q.Text))
	})
	register("config-places", askPlaces)
	register("auth-field", func(q struct {
		Auth string `json:"auth"`
	}) answer {
		username, password, err := decodeDockerConfigFieldAuth(q.Auth)
		if err == nil {
			return accepted([]string{username, password})
		}
		if errors.As(err, new(base64.CorruptInputError)) {
			return refused("base64")
		}
		return refused("no-colon")
	})
	register("keyring", askKeyring)
	register("pull-secrets", askPullSecrets)
	register("credential-hash", func(q struct {
		Username, Password, Email string
	}) answer {
		credential := credentialprovider.AuthConfig{Username: q.Username, Password: q.Password, Email: q.Email}
		return accepted(hashAuthConfig(&credential))
	})
}

// The search paths, made absolute as the functions do that read them; without HOME they begin where the kubelet runs.
func askPlaces(q struct{ RootDir, WorkingDir, Home string }) answer {
	credentialprovider.SetPreferredDockercfgPath(q.RootDir)
	homeDirPath, homeJSONDirPath = q.Home, filepath.Join(q.Home, ".docker")
	places := []string{}
	add := func(folders []string, name string) {
		for _, folder := range folders {
			place := filepath.Join(folder, name)
			if !filepath.IsAbs(place) {
				place = filepath.Join(q.WorkingDir, place)
			}
			places = append(places, place)
		}
	}
	add(credentialprovider.DefaultDockerConfigJSONPaths(), "config.json")
	add(credentialprovider.DefaultDockercfgPaths(), ".dockercfg")
	return accepted(places)
}

func configAnswer(config credentialprovider.DockerConfig, err error) answer {
	if err != nil {
		return refused(true)
	}
	entries := map[string][3]string{}
	for key, entry := range config {
		entries[key] = [3]string{entry.Username, entry.Password, entry.Email}
	}
	return accepted(entries)
}

func askKeyring(q struct {
	Keyrings [][]source `json:"keyrings"`
	Image    string     `json:"image"`
}) answer {
	union := credentialprovider.UnionDockerKeyring{}
	entries := [][]string{}
	for _, sources := range q.Keyrings {
		keyring := keyringOf(sources)
		union = append(union, keyring)
		entries = append(entries, indexOf(keyring))
	}
	found, ok := union.Lookup(q.Image)
	if !ok {
		return refused(entries)
	}
	return accepted(map[string]any{"entries": entries, "credentials": pairs(found)})
}

func keyringOf(sources []source) *credentialprovider.BasicDockerKeyring {
	keyring := &credentialprovider.BasicDockerKeyring{}
	for _, keys := range sources {
		for _, key := range keys {
			entry := credentialprovider.DockerConfigEntry{Username: key[1], Password: key[2]}
			keyring.Add(nil, credentialprovider.DockerConfig{key[0]: entry})
		}
	}
	return keyring
}

func indexOf(keyring *credentialprovider.BasicDockerKeyring) []string {
	index := reflect.ValueOf(keyring).Elem().FieldByName("index")
	entries := []string{}
	for at := range index.Len() {
		entries = append(entries, index.Index(at).String())
	}
	return entries
}

func pairs(found []credentialprovider.TrackedAuthConfig) [][2]string {
	credentials := [][2]string{}
	for _, credential := range found {
		credentials = append(credentials, [2]string{credential.Username, credential.Password})
	}
	return credentials
}

func askPullSecrets(q struct {
	Secrets []struct {
		Type string            `json:"type"`
		Data map[string][]byte `json:"data"`
	} `json:"secrets"`
	Node  []source `json:"node"`
	Image string   `json:"image"`
}) answer {
	var passed []corev1.Secret
	for _, secret := range q.Secrets {
		passed = append(passed, corev1.Secret{Type: corev1.SecretType(secret.Type), Data: secret.Data})
	}
	keyring, err := secrets.MakeDockerKeyring(passed, keyringOf(q.Node))
	if err != nil {
		return refused("malformed")
	}
	found, ok := keyring.Lookup(q.Image)
	if !ok {
		return refused("nothing")
	}
	return accepted(pairs(found))
}
