/** verify with a marked password against registries that give back what they were given: none of it is shown. */
import { type TestContext, test } from 'node:test';
import { builds } from '../built.ts';
import type { Fault } from '../fake/faults.ts';
import type { AuthOptions } from '../fake/gate.ts';
import { createImage } from '../fake/image.ts';
import { type RegistryOptions, startRegistry } from '../fake/registry.ts';
import { type Given, type Scenario, scan } from './scan.ts';

const [, standalone] = builds;

/** What is different from a registry that lets the password in. */
interface Trouble {
  readonly auth?: 'basic' | 'bearer';
  /** The registry knows another password. */
  readonly refuses?: boolean;
  readonly storage?: boolean;
  readonly faults?: (given: Given) => readonly Fault[];
  readonly entry?: (given: Given) => object;
  readonly files?: (given: Given) => Readonly<Record<string, string>>;
  readonly code: number;
}

const basic = ({ secret }: Given): string => Buffer.from(`robot:${secret}`).toString('base64');

const troubles: Readonly<Record<string, Trouble>> = {
  'a password that is good': { code: 0 },
  'a password that is good for tokens': { auth: 'bearer', code: 0 },
  'blobs by signed redirects': { auth: 'bearer', storage: true, code: 0 },
  'a password that is refused': { refuses: true, code: 5 },
  'a password that is refused a token': { auth: 'bearer', refuses: true, code: 5 },
  'a refusal that quotes the password': {
    refuses: true,
    faults: ({ secret }) => [
      { match: { status: 401 }, do: { is: 'body', body: `{"errors":[{"code":"DENIED","message":"not ${secret}"}]}` } },
    ],
    code: 5,
  },
  'a refusal that quotes the Authorization header': {
    refuses: true,
    faults: (given) => [
      { match: { status: 401 }, do: { is: 'body', body: `no: Basic ${basic(given)}` } },
      { match: { status: 401 }, do: { is: 'header', name: 'Warning', values: [`299 - "Basic ${basic(given)}"`] } },
    ],
    code: 5,
  },
  'a challenge that quotes the password': {
    faults: ({ secret }) => [
      { match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values: [`Basic realm="${secret}"`] } },
    ],
    code: 0,
  },
  'a token answer that is cut short': {
    auth: 'bearer',
    faults: ({ secret }) => [
      { match: { origin: 'token', status: 200 }, do: { is: 'body', body: `{"token":"${secret}` } },
    ],
    code: 6,
  },
  'a redirect that quotes the Authorization header in its path': {
    faults: (given) => [
      { match: { path: /manifests/, status: 200 }, do: { is: 'redirect', to: `ftp://127.0.0.1/${basic(given)}` } },
    ],
    code: 4,
  },
  'a redirect that is followed to the Authorization header': {
    faults: (given) => [
      { match: { path: /blobs/, status: 200 }, do: { is: 'redirect', to: `http://127.0.0.1:1/${basic(given)}` } },
    ],
    code: 6,
  },
  'a redirect with the password in its query': {
    faults: ({ secret }) => [
      {
        match: { path: /blobs/, status: 200 },
        do: { is: 'redirect', to: `http://127.0.0.1:1/?X-Amz-Signature=${encodeURIComponent(secret)}` },
      },
    ],
    code: 6,
  },
  'a redirect with the password before its host': {
    faults: ({ secret }) => [
      {
        match: { path: /manifests/, status: 200 },
        do: { is: 'redirect', to: `http://robot:${encodeURIComponent(secret)}@127.0.0.1:1/` },
      },
    ],
    code: 4,
  },
  'a file of authorities that holds a key': {
    entry: ({ path }) => ({ caFile: `${path}/ca.pem` }),
    files: ({ secret }) => ({ 'ca.pem': `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n` }),
    code: 2,
  },
  'a file of authorities that is broken': {
    entry: ({ path }) => ({ caFile: `${path}/ca.pem` }),
    files: ({ secret }) => ({ 'ca.pem': `-----BEGIN CERTIFICATE-----\n${secret}\n-----END CERTIFICATE-----\n` }),
    code: 2,
  },
};

async function verifying(t: TestContext, trouble: Trouble, given: Given): Promise<Scenario> {
  const { auth = 'basic', refuses = false, storage = false, faults, entry, files, code } = trouble;
  const users = { robot: refuses ? 'another' : given.secret };
  const modes: Record<'basic' | 'bearer', AuthOptions> = {
    basic: { mode: 'basic', users },
    bearer: { mode: 'bearer', users },
  };
  const options: RegistryOptions = {
    auth: modes[auth],
    faults: faults?.(given) ?? [],
    ...(storage && { storage: {} }),
  };
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/app', '1', createImage());
  const own = { matchImages: [registry.host], provider: 'static', username: 'robot', password: given.secret };
  const registries = [{ ...own, plainHTTP: true, ...entry?.(given) }];
  const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
  const args = ['verify', `${registry.host}/team/app:1`, '--config', `${given.path}/config.json`];
  return { files: { 'config.json': config, ...files?.(given) }, args, code };
}

for (const build of builds) {
  for (const [what, trouble] of Object.entries(troubles)) {
    test(`${build.name}: verify of ${what} shows nothing of it (R-SEC-01)`, async (t) => {
      await scan(t, build, (given) => verifying(t, trouble, given));
      await scan(t, build, async (given) => {
        const scenario = await verifying(t, trouble, given);
        return { ...scenario, args: [...(scenario.args ?? []), '-o', 'json'] };
      });
    });
  }
}

test('standalone: verify shows no more when it is told to be debugged (R-SEC-02)', async (t) => {
  for (const trouble of Object.values(troubles)) {
    await scan(t, standalone, async (given) => {
      const scenario = await verifying(t, trouble, given);
      return { ...scenario, env: { NODE_DEBUG: '*', DEBUG: '*', UNDICI_DEBUG: '*' } };
    });
  }
});
