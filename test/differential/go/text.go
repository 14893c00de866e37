// Texts: durations, and how Go writes strings down.
package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubernetesjson "sigs.k8s.io/json"
)

type text struct {
	Text string `json:"text"`
}

func init() {
	register("duration", func(q text) answer {
		duration, err := time.ParseDuration(q.Text)
		if err != nil {
			return refused(true)
		}
		return accepted(fmt.Sprint(duration.Nanoseconds()))
	})
	register("duration-json", askDurationJSON)
	register("go-json", func(q text) answer {
		encoded, err := json.Marshal([]string{q.Text})
		check(err)
		return accepted(string(encoded))
	})
	register("go-quote", func(q document) answer { return accepted(strconv.Quote(string(q.Text))) })
}

// A document with one duration, read as Kubernetes reads its own documents.
func askDurationJSON(q document) answer {
	type document struct {
		Duration *metav1.Duration `json:"duration"`
	}
	var read document
	strict, err := kubernetesjson.UnmarshalStrict(q.Text, &read)
	if err != nil {
		return refused(err.Error())
	}
	if len(strict) > 0 {
		texts := []string{}
		for _, problem := range strict {
			texts = append(texts, problem.Error())
		}
		return refused(texts)
	}
	if read.Duration == nil {
		return accepted("none")
	}
	return accepted(fmt.Sprint(read.Duration.Nanoseconds()))
}
