// Questions that a kubelet's own functions answer: one JSON line in, one JSON line out, in the same order. Each file
// beside this one registers what it can ask; where the function is not exported, it is linked by its name, so that the
// code of the release itself runs. A question is accepted or refused, and either may say how.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"

	"k8s.io/klog/v2"
)

type question struct {
	Function string          `json:"function"`
	Question json.RawMessage `json:"question"`
}

// One of the two is set.
type answer struct {
	Accepted any `json:"accepted,omitempty"`
	Refused  any `json:"refused,omitempty"`
}

func accepted(value any) answer { return answer{Accepted: value} }

func refused(why any) answer { return answer{Refused: why} }

func verdict(ok bool) answer {
	if ok {
		return accepted(true)
	}
	return refused(true)
}

var functions = map[string]func(json.RawMessage) answer{}

func register[Q any](name string, ask func(Q) answer) {
	functions[name] = func(raw json.RawMessage) answer {
		var q Q
		check(json.Unmarshal(raw, &q))
		return ask(q)
	}
}

func main() {
	// A kubelet logs each key that it skips.
	var flags flag.FlagSet
	klog.InitFlags(&flags)
	check(flags.Set("logtostderr", "false"))
	check(flags.Set("stderrthreshold", "FATAL"))
	klog.SetOutput(io.Discard)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			check(out.Flush())
			return
		}
		check(err)
		var q question
		check(json.Unmarshal(line, &q))
		ask, known := functions[q.Function]
		if !known {
			panic("no function is called " + q.Function)
		}
		_, err = out.Write(append(encode(ask(q.Question)), '\n'))
		check(err)
		// Who asks may wait for this answer before the next question.
		if in.Buffered() == 0 {
			check(out.Flush())
		}
	}
}

func encode(a answer) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(a))
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
