// The loader of credential provider configs that a kubelet runs when it starts, in its working directory. The folder of
// executables is empty, so that each config that was accepted ends with a missing executable. Nothing here is linked by
// name: this file, with main.go, can be built against releases back to 1.30.
package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/metrics/legacyregistry"
	"k8s.io/kubernetes/pkg/credentialprovider/plugin"
	_ "k8s.io/kubernetes/pkg/features"
)

type configQuestion struct {
	// State of the feature gate for service account tokens; absent where the kubelet has none.
	Gate *bool `json:"gate"`
	// Relative to the working directory.
	Path  string            `json:"path"`
	Files map[string][]byte `json:"files"`
}

func init() { register("provider-config", askConfig) }

func askConfig(q configQuestion) answer {
	check(os.MkdirAll("bin", 0o700))
	for name, data := range q.Files {
		check(os.MkdirAll(filepath.Dir(name), 0o700))
		check(os.WriteFile(name, data, 0o600))
	}
	defer os.RemoveAll("config")
	if q.Gate != nil {
		setGate(*q.Gate)
	}
	err := loadConfig(q.Path, "bin")
	if err == nil || !strings.HasPrefix(err.Error(), "plugin binary executable") && !strings.HasPrefix(err.Error(), "error inspecting binary executable") {
		return refused(err.Error())
	}
	return accepted(currentHash())
}

var gate *bool

// Setting a gate copies them all.
func setGate(on bool) {
	if gate != nil && *gate == on {
		return
	}
	gates := map[string]bool{"KubeletServiceAccountTokenForCredentialProviders": on}
	check(utilfeature.DefaultMutableFeatureGate.SetFromMap(gates))
	gate = &on
}

// Newer kubelets hand over more than these two; none of it is used before the executables are found.
func loadConfig(arguments ...string) error {
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

// What the kubelet says of the config in its metrics.
var currentHash = func() string {
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
