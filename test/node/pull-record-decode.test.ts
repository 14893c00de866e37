import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodePulledRecord,
  encodePullIntent,
  type PulledRecord,
  recordFileName,
  zeroTime,
} from '../../src/node/pull-record.ts';
import { decodePulledRecord, decodePullIntent, PullRecordError } from '../../src/node/pull-record-decode.ts';
import { keptRecord } from '../kept-record.ts';

const everybody = { nodePodsAccessible: true };

const kept = {
  'every-pod': {
    imageRef: 'sha256:fb733aed1c85582c861737a3d2fb97ea9f76a9abe5989d6942cfd169ecbf3752',
    lastUpdatedTime: Date.UTC(2026, 10, 25, 2, 55, 50),
    credentialMapping: { 'registry.example.com/recorded/app': everybody },
  },
  'two-names': {
    imageRef: 'sha256:66c00e4a58b7d0cbfee25a910970ded3dc42691837bebd054072b1d9875935fe',
    lastUpdatedTime: Date.UTC(2026, 10, 25, 2, 55, 52),
    credentialMapping: {
      'registry.example.com/first/app': everybody,
      'token.mirror.example.com/second/app': everybody,
    },
  },
  'service-accounts': {
    imageRef: 'sha256:a99a198aec2424186d55dd6c091e6b613759ed813f83ab034d91c1bce521f31e',
    lastUpdatedTime: Date.UTC(2026, 10, 25, 2, 47, 54),
    credentialMapping: {
      'registry.example.com/proved/app': {
        kubernetesServiceAccounts: [
          { uid: 'd31b13d6-0a6a-496c-8257-c7ac0a7c3dc5', namespace: 'proved', name: 'other' },
          { uid: '316745a9-9c80-4970-8157-38c44ccb071e', namespace: 'proved', name: 'puller' },
        ],
      },
    },
  },
  'pull-secret': {
    imageRef: 'sha256:74b42968f8d4b4b2d7f4a397785b90c6d322240163285480c0f8d9551508ad9e',
    lastUpdatedTime: Date.UTC(2026, 10, 25, 2, 47, 53),
    credentialMapping: {
      'registry.example.com/secret/right': {
        kubernetesSecrets: [
          {
            uid: 'e82259b7-1ed6-463a-b576-3e981f9c7587',
            namespace: 'secret',
            name: 'right',
            credentialHash: '07e29d22fa18105f2e79a81cbcfac3acd59ac89cb75aba40400e5f92accd23a1',
          },
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, PulledRecord>>;

describe('files that a kubelet wrote', () => {
  for (const folder of ['every-pod', 'two-names', 'service-accounts', 'pull-secret'] as const) {
    it(`${folder}: read, and written again to the byte`, () => {
      const { name, text } = keptRecord(folder);
      const record = decodePulledRecord(text);
      assert.deepEqual(record, kept[folder]);
      assert.equal(encodePulledRecord(record), text);
      assert.equal(recordFileName(record.imageRef), name);
    });
  }

  it('intent: read, and written again to the byte', () => {
    const { name, text } = keptRecord('intent');
    const image = decodePullIntent(text);
    assert.equal(image, 'held.mirror.example.com/held/app:v1');
    assert.equal(encodePullIntent(image), text);
    assert.equal(recordFileName(image), name);
  });
});

const version = '"apiVersion":"kubelet.config.k8s.io/v1beta1"';
const record = (members: string): string => `{"kind":"ImagePulledRecord",${version}${members}}`;
const updated = (time: string): string => record(`,"lastUpdatedTime":"${time}"`);
const recordWith = (credentials: string): string => record(`,"credentialMapping":{"r.io/app":${credentials}}`);
const intent = (members: string): string => `{"kind":"ImagePullIntent",${version}${members}}`;

describe('decodePulledRecord', () => {
  it('takes what Go takes for nothing: members that are absent, null or empty', () => {
    const nothing = { imageRef: '', lastUpdatedTime: zeroTime, credentialMapping: {} };
    assert.deepEqual(decodePulledRecord(record('')), nothing);
    const nulls = ',"imageRef":null,"lastUpdatedTime":null,"credentialMapping":null';
    assert.deepEqual(decodePulledRecord(record(nulls)), nothing);
    assert.equal(
      encodePulledRecord(nothing),
      record(',"lastUpdatedTime":null,"imageRef":""').concat('\n'),
      'as Go writes a time that is none',
    );
    for (const empty of ['null', '{}', '{"kubernetesSecrets":[],"nodePodsAccessible":false}']) {
      assert.deepEqual(decodePulledRecord(recordWith(empty)).credentialMapping, { 'r.io/app': {} });
    }
  });

  it('takes the older version of 1.33 and 1.34', () => {
    const older = keptRecord('every-pod').text.replace('v1beta1', 'v1alpha1');
    assert.deepEqual(decodePulledRecord(older), kept['every-pod']);
  });

  it('reads times as Go does', () => {
    const at = (time: string): number => decodePulledRecord(updated(time)).lastUpdatedTime;
    assert.equal(at('2026-11-25T02:55:50Z'), Date.UTC(2026, 10, 25, 2, 55, 50));
    assert.equal(at('2026-11-25T04:25:50.999+01:30'), Date.UTC(2026, 10, 25, 2, 55, 50));
    assert.equal(at('2026-11-24T23:55:50,5-03:00'), Date.UTC(2026, 10, 25, 2, 55, 50));
    assert.equal(at('2024-02-29T2:00:00Z'), Date.UTC(2024, 1, 29, 2));
    assert.equal(at('0001-01-01T00:00:00Z'), zeroTime);
  });

  const refused: Readonly<Record<string, string>> = {
    'an empty file': '',
    'half a file': keptRecord('every-pod').text.slice(0, -3),
    'text after it': `${record('')}{}`,
    'a list': '[]',
    null: 'null',
    'no kind': `{${version}}`,
    'an intent': keptRecord('intent').text,
    'a version to come': record('').replace('v1beta1', 'v1'),
    'another group': record('').replace('kubelet.config.k8s.io', 'imagemanager.kubelet.config.k8s.io'),
    'a kind in other case': record('').replace('"kind"', '"Kind"'),
    'an unknown member': record(',"comment":"x"'),
    'an unknown member of the credentials': recordWith('{"everybody":true}'),
    'an unknown member of a service account': recordWith('{"kubernetesServiceAccounts":[{"hash":"x"}]}'),
    'a member in other case': record(',"ImageRef":"x"'),
    'a member twice': record(',"imageRef":"x","imageRef":"x"'),
    'an image twice': record(',"credentialMapping":{"r.io/app":{},"r.io/app":{}}'),
    'a number for a text': record(',"imageRef":1'),
    'a text for a boolean': recordWith('{"nodePodsAccessible":"true"}'),
    'a list for the mapping': record(',"credentialMapping":[]'),
    'a number for a time': record(',"lastUpdatedTime":1700000000'),
    'a day without a time': updated('2026-11-25'),
    'the 30th of February': updated('2026-02-30T00:00:00Z'),
    'the 24th hour': updated('2026-11-25T24:00:00Z'),
    'a leap second': updated('2026-12-31T23:59:60Z'),
    'a time of no zone': updated('2026-11-25T02:55:50'),
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodePulledRecord(text), PullRecordError);
    });
  }
});

describe('decodePullIntent', () => {
  it('is as strict', () => {
    assert.equal(decodePullIntent(intent(',"image":"nginx"')), 'nginx');
    assert.equal(decodePullIntent(intent('')), '');
    for (const text of [keptRecord('every-pod').text, intent(',"images":"nginx"'), intent(',"image":["nginx"]')]) {
      assert.throws(() => decodePullIntent(text), PullRecordError);
    }
  });
});
