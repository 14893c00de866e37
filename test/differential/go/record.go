// Pull records: their names, and how a kubelet writes them.
package main

import (
	"bytes"
	"time"
	_ "unsafe"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

//go:linkname cacheFilename k8s.io/kubernetes/pkg/kubelet/images/pullmanager.cacheFilename
func cacheFilename(image string) string

//go:linkname createKubeletConfigSchemeEncoderDecoder k8s.io/kubernetes/pkg/kubelet/images/pullmanager.createKubeletConfigSchemeEncoderDecoder
func createKubeletConfigSchemeEncoderDecoder() (runtime.Encoder, runtime.Decoder, error)

func init() {
	encoder, _, err := createKubeletConfigSchemeEncoderDecoder()
	check(err)
	write := func(object runtime.Object) string {
		var buffer bytes.Buffer
		check(encoder.Encode(object, &buffer))
		return buffer.String()
	}
	register("pull-intent", func(q image) answer {
		return accepted([]string{cacheFilename(q.Image), write(&kubeletconfig.ImagePullIntent{Image: q.Image})})
	})
	register("pull-record", func(q struct {
		ImageRef          string
		LastUpdatedTime   int64
		CredentialMapping map[string]kubeletconfig.ImagePullCredentials
	}) answer {
		return accepted([]string{cacheFilename(q.ImageRef), write(&kubeletconfig.ImagePulledRecord{
			ImageRef:          q.ImageRef,
			LastUpdatedTime:   metav1.Time{Time: time.UnixMilli(q.LastUpdatedTime)},
			CredentialMapping: q.CredentialMapping,
		})})
	})
}
