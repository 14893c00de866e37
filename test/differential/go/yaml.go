// YAML, as the library of Kubernetes turns it into JSON before anything else sees it.
package main

import (
	"bytes"
	"encoding/json"

	"sigs.k8s.io/yaml"
)

func init() {
	register("yaml", func(q document) answer {
		converted, err := yaml.YAMLToJSON(q.Text)
		if err != nil {
			return refused(err.Error())
		}
		decoder := json.NewDecoder(bytes.NewReader(converted))
		decoder.UseNumber()
		var value any
		check(decoder.Decode(&value))
		if _, err = yaml.YAMLToJSONStrict(q.Text); err != nil {
			return accepted([]any{withoutNumbers(value), err.Error()})
		}
		return accepted([]any{withoutNumbers(value), ""})
	})
}

// No member of any document that we read this way is a number: only that it is one counts.
func withoutNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return 0
	case []any:
		for index, item := range v {
			v[index] = withoutNumbers(item)
		}
	case map[string]any:
		for name, item := range v {
			v[name] = withoutNumbers(item)
		}
	}
	return value
}
