// The loader of credential provider configs that a kubelet runs when it starts, asked over and over: a JSON line in names
// the files, a JSON line out says what the kubelet printed. The folder of executables is empty, so that each config that
// was accepted ends with a missing executable. docs/lint.md says how to run it.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/metrics/legacyregistry"
	"k8s.io/kubernetes/pkg/credentialprovider/plugin"
	_ "k8s.io/kubernetes/pkg/features"
)

type question struct {
	// State of the feature gate for service account tokens; absent where the kubelet has none.
	Gate *bool `json:"gate"`
	// Relative to the working directory.
	Path  string            `json:"path"`
	Files map[string][]byte `json:"files"`
}

type answer struct {
	Error string `json:"error"`
	Hash  string `json:"hash"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		check(json.Unmarshal(lines.Bytes(), &q))
		check(answers.Encode(ask(q)))
	}
	check(lines.Err())
}

func ask(q question) answer {
	for name, data := range q.Files {
		check(os.MkdirAll(filepath.Dir(name), 0o700))
		check(os.WriteFile(name, data, 0o600))
	}
	defer os.RemoveAll("config")
	if q.Gate != nil {
		gates := map[string]bool{"KubeletServiceAccountTokenForCredentialProviders": *q.Gate}
		check(utilfeature.DefaultMutableFeatureGate.SetFromMap(gates))
	}
	err := register(q.Path, "bin")
	if err == nil || !strings.HasPrefix(err.Error(), "plugin binary executable") && !strings.HasPrefix(err.Error(), "error inspecting binary executable") {
		return answer{Error: err.Error()}
	}
	return answer{Hash: hash()}
}

// Newer kubelets hand over more than these two; none of it is used before the executables are found.
func register(arguments ...string) error {
	function := reflect.ValueOf(plugin.RegisterCredentialProviderPlugins)
	var values []reflect.Value
	for index := range function.Type().NumIn() {
		if index < len(arguments) {
			values = append(values, reflect.ValueOf(arguments[index]))
		} else {
			values = append(values, reflect.Zero(function.Type().In(index)))
		}
	}
	err, _ := function.Call(values)[0].Interface().(error)
	return err
}

func hash() string {
	families, err := legacyregistry.DefaultGatherer.Gather()
	check(err)
	for _, family := range families {
		if family.GetName() != "kubelet_credential_provider_config_info" {
			continue
		}
		for _, label := range family.GetMetric()[0].GetLabel() {
			if label.GetName() == "hash" {
				return label.GetValue()
			}
		}
	}
	return ""
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
