// The documents that a kubelet exchanges with a plugin, and the keys under which it keeps answers.
package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unsafe"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/util/configmetrics"
	api "k8s.io/kubelet/pkg/apis/credentialprovider"
	_ "k8s.io/kubernetes/pkg/credentialprovider/plugin"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

//go:linkname codecs k8s.io/kubernetes/pkg/credentialprovider/plugin.codecs
var codecs serializer.CodecFactory

// A method, of which the kubelet's receiver is the first argument; it is not looked at.
//
//go:linkname decodeResponse k8s.io/kubernetes/pkg/credentialprovider/plugin.(*execPlugin).decodeResponse
func decodeResponse(execPlugin unsafe.Pointer, data []byte) (*api.CredentialProviderResponse, error)

//go:linkname configHashProvider k8s.io/kubernetes/pkg/credentialprovider/plugin.configHashProvider
var configHashProvider *configmetrics.AtomicHashProvider

//go:linkname generateServiceAccountCacheKey k8s.io/kubernetes/pkg/credentialprovider/plugin.generateServiceAccountCacheKey
func generateServiceAccountCacheKey(params cacheKeyParams) (string, error)

//go:linkname generateCacheKey k8s.io/kubernetes/pkg/credentialprovider/plugin.generateCacheKey
func generateCacheKey(base, serviceAccountCacheKey string) (string, error)

//go:linkname getHashIfNotEmpty k8s.io/kubernetes/pkg/credentialprovider/plugin.getHashIfNotEmpty
func getHashIfNotEmpty(data string) string

//go:linkname parseRegistry k8s.io/kubernetes/pkg/credentialprovider/plugin.parseRegistry
func parseRegistry(image string) string

// Laid out as the kubelet's type of this name.
type cacheKeyParams struct {
	namespace, serviceAccountName string
	serviceAccountUID             types.UID
	saAnnotations                 map[string]string
	podName                       string
	podUID                        types.UID
	saTokenHash                   string
	cacheType                     kubeletconfig.ServiceAccountTokenCacheType
}

// The encoder that newPluginProvider gives to a plugin of this version.
func encoderFor(apiVersion string) runtime.Encoder {
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	if !ok {
		panic("no JSON")
	}
	version, err := schema.ParseGroupVersion(apiVersion)
	check(err)
	return codecs.EncoderForVersion(info.Serializer, version)
}

func init() {
	register("plugin-request", func(q struct {
		APIVersion, Image, Token string
		Annotations              map[string]string
	}) answer {
		request := &api.CredentialProviderRequest{
			Image:                     q.Image,
			ServiceAccountToken:       q.Token,
			ServiceAccountAnnotations: q.Annotations,
		}
		data, err := runtime.Encode(encoderFor(q.APIVersion), request)
		check(err)
		decoded, err := runtime.Decode(codecs.UniversalDecoder(), data)
		check(err)
		understood := decoded.(*api.CredentialProviderRequest)
		return accepted([]any{
			string(data),
			understood.Image,
			understood.ServiceAccountToken,
			understood.ServiceAccountAnnotations,
		})
	})
	register("plugin-response", askResponse)
	register("cache-key", askCacheKey)
	// Much faster than to gather all metrics for each config.
	currentHash = func() string { return configHashProvider.GetCurrentHashes()[0] }
}

// What ExecPlugin does with the output of a run that ended well, and what is asked of the answer afterwards.
func askResponse(q struct {
	APIVersion string
	Stdout     []byte
}) answer {
	gvk, err := json.DefaultMetaFactory.Interpret(q.Stdout)
	if err != nil {
		return refused("peek")
	}
	if gvk.GroupVersion().String() != q.APIVersion {
		return refused("apiVersion")
	}
	response, err := decodeResponse(nil, q.Stdout)
	if err != nil {
		return refused("decode")
	}
	switch response.CacheKeyType {
	case api.ImagePluginCacheKeyType, api.RegistryPluginCacheKeyType, api.GlobalPluginCacheKeyType:
	default:
		return refused("cacheKeyType")
	}
	auth := map[string][2]string{}
	for key, config := range response.Auth {
		auth[key] = [2]string{config.Username, config.Password}
	}
	duration := "default"
	if response.CacheDuration != nil {
		duration = fmt.Sprint(response.CacheDuration.Nanoseconds())
	}
	return accepted([]any{response.CacheKeyType, duration, auth})
}

// A text, repeated: the limit of a part is 65535 bytes, and most of a million questions should be shorter than that.
type part struct {
	Text  string `json:"text"`
	Times int    `json:"times"`
}

func (p part) String() string { return strings.Repeat(p.Text, p.Times) }

func askCacheKey(q struct {
	Namespace, Name, UID, Token, Image part
	Annotations                        [][2]part
	CacheType                          string
}) answer {
	annotations := map[string]string{}
	for _, annotation := range q.Annotations {
		annotations[annotation[0].String()] = annotation[1].String()
	}
	account, err := generateServiceAccountCacheKey(cacheKeyParams{
		namespace:          q.Namespace.String(),
		serviceAccountName: q.Name.String(),
		serviceAccountUID:  types.UID(q.UID.String()),
		saAnnotations:      annotations,
		saTokenHash:        getHashIfNotEmpty(q.Token.String()),
		cacheType:          kubeletconfig.ServiceAccountTokenCacheType(q.CacheType),
	})
	if err != nil {
		return refused("service account")
	}
	registry := parseRegistry(q.Image.String())
	key, err := generateCacheKey(registry, account)
	if err != nil {
		return refused("image")
	}
	return accepted([]string{sum(account), sum(key)})
}

func sum(key string) string { return fmt.Sprintf("%d %x", len(key), sha256.Sum256([]byte(key))) }
