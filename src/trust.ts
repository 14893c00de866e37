/**
 * Which servers are trusted: those with a current certificate of an authority that the system trusts, as Go programs find
 * it, or that the operator names. Runtimes have stores of their own and variables that widen them; whoever connects is
 * given this list and this check, and nothing else.
 */
import { X509Certificate } from 'node:crypto';
import { rootCertificates, checkServerIdentity as stockCheck } from 'node:tls';
import { InputError, PurserError, quote } from './errors.ts';
import { errnoOf, readTrustedFile } from './file.ts';

/** Where Linux distributions keep the bundle of authorities, in the order in which Go looks. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface TrustOptions {
  readonly caFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number | undefined;
}

/** PEM texts: the system's store (the runtime's own where there is none), SSL_CERT_FILE, and the entry's caFile. */
export function loadTrust({ caFile, env, uid }: TrustOptions): readonly string[] {
  const texts: string[] = [];
  for (const path of systemBundles) {
    const text = optionalBundle(path, uid);
    if (text === undefined) continue;
    texts.push(text);
    break;
  }
  if (texts.length === 0) texts.push(...rootCertificates);
  const named = env['SSL_CERT_FILE'];
  const fromEnvironment = named === undefined || named === '' ? undefined : optionalBundle(named, uid);
  if (fromEnvironment !== undefined) texts.push(fromEnvironment);
  if (caFile !== undefined) texts.push(checkedBundle(caFile, uid));
  return texts;
}

/** The system's own bundle is 200 KiB; a private one is a few certificates. */
const maxBundleBytes = 4 * 1024 * 1024;

function optionalBundle(path: string, uid: number | undefined): string | undefined {
  try {
    return checkedBundle(path, uid);
  } catch (error) {
    if (error instanceof PurserError) return undefined;
    throw error;
  }
}

function checkedBundle(path: string, uid: number | undefined): string {
  const { text } = readTrustedFile(path, { uid, maxBytes: maxBundleBytes, privateMode: false });
  const [first] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text) ?? [];
  const facts = { doing: `reading the authorities in ${quote(path)}`, todo: 'write PEM certificates into it' };
  if (first === undefined) throw new InputError('CA_FILE', { ...facts, found: 'there is no PEM certificate in it' });
  try {
    new X509Certificate(first);
  } catch (error) {
    throw new InputError('CA_FILE', { ...facts, found: `its first certificate cannot be read (${errnoOf(error)})` });
  }
  return text;
}

/** The stock check of the name, and what Bun's TLS leaves out: SHA-1 signatures and short RSA keys. */
export function checkServerIdentity(host: string, certificate: Parameters<typeof stockCheck>[1]): Error | undefined {
  const wrongName = stockCheck(host, certificate);
  if (wrongName !== undefined) return wrongName;
  const parsed = new X509Certificate(certificate.raw);
  const { asymmetricKeyType, asymmetricKeyDetails } = parsed.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY;
  if (asymmetricKeyType === 'rsa' && bits < 2048) return weak('CERT_WEAK_KEY');
  return /sha1|md5/i.test(parsed.signatureAlgorithm ?? '') ? weak('CERT_WEAK_SIGNATURE') : undefined;
}

function weak(code: string): Error {
  return Object.assign(new Error(code), { code });
}
