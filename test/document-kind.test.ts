/** What a text is meant to be, right or broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectKind } from '../src/document-kind.ts';

for (const [text, name, kind] of [
  ['apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\n', 'x', 'kubelet'],
  ['{"kind":"CredentialProviderConfig",', 'x', 'kubelet'],
  ['kind: "CredentialProviderConfig', 'x', 'kubelet'],
  ['apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfg\n', 'x', 'kubelet'],
  ['kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n', 'x', 'kubelet'],
  ['# kind of\napiVersion: purser/v2\n', 'x', 'purser'],
  ["'kind': 'PurserConfig'", 'x', 'purser'],
  ['{"auths":{}}', 'x', 'docker-config'],
  ['{"credsStore":"x"}', 'x', 'docker-config'],
  ['{"a.b":{"auth":"x"}}', 'x', 'dockercfg'],
  ['{"a.b":{"auth":"x"}}', '.dockercfg', 'dockercfg'],
  ['{"a.b":{"auth":"x"}}', 'config.json', 'docker-config'],
  ['{"auths":', 'x', 'docker-config'],
  ['apiVersion: v1\nkind: Pod\n', 'x', undefined],
  ['auths: {}', 'x', undefined],
  ['', 'x', undefined],
  ['{}', 'x', undefined],
] as const) {
  test(`${JSON.stringify(text)} in ${name} is ${kind ?? 'anything'}`, () => {
    assert.equal(detectKind(text, name), kind);
  });
}
