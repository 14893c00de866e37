// Pull records: their names, how a kubelet writes them and which it can read.
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

//go:linkname decodePulledRecord k8s.io/kubernetes/pkg/kubelet/images/pullmanager.decodePulledRecord
func decodePulledRecord(decoder runtime.Decoder, data []byte) (*kubeletconfig.ImagePulledRecord, bool, error)

//go:linkname decodeIntent k8s.io/kubernetes/pkg/kubelet/images/pullmanager.decodeIntent
func decodeIntent(decoder runtime.Decoder, data []byte) (*kubeletconfig.ImagePullIntent, bool, error)

func init() {
	encoder, decoder, err := createKubeletConfigSchemeEncoderDecoder()
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
	register("read-intent", func(q document) answer {
		intent, _, err := decodeIntent(decoder, q.Text)
		if err != nil {
			return refused(true)
		}
		return accepted(intent.Image)
	})
	register("read-record", func(q document) answer {
		record, _, err := decodePulledRecord(decoder, q.Text)
		if err != nil {
			return refused(true)
		}
		return accepted([]any{record.ImageRef, record.LastUpdatedTime.Unix(), mappingOf(record.CredentialMapping)})
	})
}

func mappingOf(images map[string]kubeletconfig.ImagePullCredentials) map[string][]any {
	mapping := map[string][]any{}
	for image, credentials := range images {
		secrets, accounts := [][]string{}, [][]string{}
		for _, secret := range credentials.KubernetesSecrets {
			secrets = append(secrets, []string{secret.UID, secret.Namespace, secret.Name, secret.CredentialHash})
		}
		for _, account := range credentials.KubernetesServiceAccounts {
			accounts = append(accounts, []string{account.UID, account.Namespace, account.Name})
		}
		mapping[image] = []any{secrets, accounts, credentials.NodePodsAccessible}
	}
	return mapping
}
