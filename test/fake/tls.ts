/**
 * A private certificate authority and the leaf certificates it signs (RFC 5280), made when a test runs: no openssl, no
 * keys in the repository. Options make the certificates that a client must refuse: wrong name, out of date, SHA-1,
 * a short key, not for servers. No revocation, no intermediate authorities.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  bitString,
  boolean,
  integer,
  nothing,
  objectId,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8,
} from './der.ts';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  issue(options?: LeafOptions): ServerIdentity;
}

/** What a TLS server needs; both PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

export interface KeyOptions {
  /** RSA has 2048 bits, `short` 1024. */
  readonly key?: Key;
  /** What the signature is over. */
  readonly hash?: 'sha256' | 'sha1';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

type Key = 'ec' | 'rsa' | 'short';

export interface AuthorityOptions extends KeyOptions {
  readonly name?: string;
}

export interface LeafOptions extends KeyOptions {
  /** Names and IP addresses in the subject alternative name; default: those of loopback. */
  readonly hosts?: readonly string[];
  readonly purpose?: 'server' | 'client';
}

/** Fixed, so that certificates depend on no clock; a test of dates gives its own. */
const longAgo = new Date('2020-01-01T00:00:00Z');
const farAway = new Date('2049-12-31T23:59:59Z');

export function createAuthority(options: AuthorityOptions = {}): Authority {
  const { name = 'Fake Registry Authority' } = options;
  const keys = createKeys(options.key ?? 'ec');
  const issuer = commonName(name);
  const basics = { issuer, signer: keys.privateKey, authorityId: keyId(keys.publicKey) };
  const certificate = createCertificate({
    ...basics,
    ...options,
    subject: issuer,
    publicKey: keys.publicKey,
    extensions: [
      extension('2.5.29.19', true, sequence(boolean(true))), // basic constraints: an authority
      extension('2.5.29.15', true, bitString(Buffer.from([0x06]), 1)), // key usage: certificates and revocation lists
    ],
  });
  return {
    certificate,
    issue(leaf = {}) {
      const { hosts = ['127.0.0.1', 'localhost'], purpose = 'server' } = leaf;
      const leafKeys = createKeys(leaf.key ?? 'ec');
      const cert = createCertificate({
        ...basics,
        ...leaf,
        subject: commonName(hosts[0] ?? 'nobody'),
        publicKey: leafKeys.publicKey,
        extensions: [
          extension('2.5.29.19', true, sequence()), // basic constraints: no authority
          extension('2.5.29.15', true, bitString(Buffer.from([0x80]), 7)), // key usage: digital signature
          extension('2.5.29.37', false, sequence(objectId(purposes[purpose]))),
          extension('2.5.29.17', false, sequence(...hosts.map(alternativeName))),
        ],
      });
      return { key: leafKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
    },
  };
}

const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function createKeys(kind: Key): Keys {
  if (kind !== 'ec') return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 });
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

interface CertificateParts extends KeyOptions {
  readonly issuer: Buffer;
  readonly signer: KeyObject;
  readonly authorityId: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function createCertificate(parts: CertificateParts): string {
  const { notBefore = longAgo, notAfter = farAway, hash = 'sha256' } = parts;
  const algorithm = signatureAlgorithm(parts.signer, hash);
  const id = keyId(parts.publicKey);
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(id.subarray(0, 16)), // a serial number that differs wherever the key does
    algorithm,
    parts.issuer,
    sequence(time(notBefore), time(notAfter)),
    parts.subject,
    spki(parts.publicKey),
    tagged(
      0xa3,
      sequence(
        ...parts.extensions,
        extension('2.5.29.14', false, octetString(id)), // subject key identifier
        extension('2.5.29.35', false, sequence(tagged(0x80, parts.authorityId))), // authority key identifier
      ),
    ),
  );
  const der = sequence(body, algorithm, bitString(sign(hash, body, parts.signer)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function signatureAlgorithm(signer: KeyObject, hash: 'sha256' | 'sha1'): Buffer {
  const rsa = signer.asymmetricKeyType === 'rsa';
  const ids = rsa
    ? { sha256: '1.2.840.113549.1.1.11', sha1: '1.2.840.113549.1.1.5' }
    : { sha256: '1.2.840.10045.4.3.2', sha1: '1.2.840.10045.4.1' };
  // RSA's parameters are NULL, ECDSA's are absent (RFC 4055, RFC 5758).
  return sequence(objectId(ids[hash]), ...(rsa ? [nothing()] : []));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key)).digest();
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(name))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  // FALSE is the default, and DER leaves defaults out.
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function alternativeName(host: string): Buffer {
  if (isIPv4(host)) return tagged(0x87, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) {
    if (host !== '::1') throw new RangeError('the only IPv6 address here is loopback');
    return tagged(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
  }
  return tagged(0x82, Buffer.from(host, 'latin1'));
}
