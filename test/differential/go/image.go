// Names: patterns against images, image references, what a kubelet asks its runtime for.
package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	_ "unsafe"

	corev1 "k8s.io/api/core/v1"
	defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	_ "k8s.io/kubernetes/pkg/kubelet/images"
	_ "k8s.io/kubernetes/pkg/kubelet/images/pullmanager"
	"k8s.io/kubernetes/pkg/util/parsers"
)

//go:linkname isDefaultRegistryMatch k8s.io/kubernetes/pkg/credentialprovider.isDefaultRegistryMatch
func isDefaultRegistryMatch(image string) bool

//go:linkname applyDefaultImageTag k8s.io/kubernetes/pkg/kubelet/images.applyDefaultImageTag
func applyDefaultImageTag(image string) (string, error)

//go:linkname trimImageTagDigest k8s.io/kubernetes/pkg/kubelet/images/pullmanager.trimImageTagDigest
func trimImageTagDigest(image string) (string, error)

type match struct {
	Pattern string `json:"pattern"`
	Text    string `json:"text"`
}

type image struct {
	Image string `json:"image"`
}

func init() {
	register("url", func(q match) answer {
		parsed, err := url.Parse(q.Text)
		if err != nil {
			return refused(err.Error())
		}
		return accepted([][]byte{[]byte(parsed.Host), []byte(parsed.Path)})
	})
	register("url-match", func(q match) answer {
		if _, err := credentialprovider.ParseSchemelessURL(q.Pattern); err != nil {
			return refused(err.Error())
		}
		matched, _ := credentialprovider.URLsMatchStr(q.Pattern, q.Text)
		return verdict(matched)
	})
	register("glob", func(q match) answer {
		matched, err := filepath.Match(q.Pattern, q.Text)
		return verdict(matched && err == nil)
	})
	register("default-registry", func(q image) answer { return verdict(isDefaultRegistryMatch(q.Image)) })
	register("parse-image", func(q image) answer {
		repo, tag, digest, err := parsers.ParseImageName(q.Image)
		if err != nil {
			return refused(strings.TrimPrefix(err.Error(), fmt.Sprintf("couldn't parse image name %q: ", q.Image)))
		}
		return accepted([]string{repo, tag, digest})
	})
	register("pod-image", askPodImage)
}

func askPodImage(q image) answer {
	container := corev1.Container{Image: q.Image}
	defaults.SetDefaults_Container(&container)
	policy := string(container.ImagePullPolicy)
	forRuntime, err := applyDefaultImageTag(q.Image)
	if err != nil {
		return refused(policy)
	}
	ofRecord, err := trimImageTagDigest(q.Image)
	check(err)
	return accepted([]string{policy, forRuntime, ofRecord})
}
