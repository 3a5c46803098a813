// Signs in at a running server with an OpenID Connect client that others wrote, and signs requests with others' libraries; run.sh starts the server.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSigner, httpbis } from 'http-message-signatures';
import * as oidc from 'openid-client';
import * as viem from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const url = process.env.HUMANITARIAN_INTEROP_URL;
const key = process.env.HUMANITARIAN_INTEROP_KEY;
const member = process.env.HUMANITARIAN_INTEROP_MEMBER;
const passphrase = process.env.HUMANITARIAN_INTEROP_PASSPHRASE;
const insecure = { execute: [oidc.allowInsecureRequests] }; // The server is on this machine.
const redirect = 'http://127.0.0.1:9/callback';

async function ask(query, headers, variables) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) });
  return { status: response.status, ...await response.json() };
}

const me = async (token) => (await ask('{ me { id } }', { authorization: `Bearer ${token}` })).data?.me.id;

/** Fills the sign-in page's form in, as a browser would; where it leads. */
async function fillIn(page, password) {
  const html = await (await fetch(page)).text();
  const fields = new URLSearchParams([...html.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value.replaceAll('&#x2B;', '+').replaceAll('&amp;', '&')]));
  fields.set('username', member);
  fields.set('password', password);
  return fetch(new URL('/connect/authorize', url), { method: 'POST', body: fields, redirect: 'manual' });
}

test('openid-client signs a member in with code and PKCE', async () => {
  const config = await oidc.discovery(new URL('/', url), 'local', undefined, oidc.None(), insecure);
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const page = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: 'openid', state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  });
  assert.equal((await fillIn(page, 'not the passphrase')).status, 401);
  const answer = await fillIn(page, passphrase);
  assert.equal(answer.status, 302);
  const back = new URL(answer.headers.get('location'));
  const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce });
  assert.equal(tokens.claims().sub, member);
  assert.equal(await me(tokens.access_token), member);
  await assert.rejects(oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce }), { error: 'invalid_grant' });
});

test('openid-client gets a service its token', async () => {
  const config = await oidc.discovery(new URL('/', url), member, key, oidc.ClientSecretBasic(key), insecure);
  const tokens = await oidc.clientCredentialsGrant(config);
  assert.ok(tokens.expires_in > 0);
  assert.equal(await me(tokens.access_token), member);
  const wrong = await oidc.discovery(new URL('/', url), member, 'hum_wrong', oidc.ClientSecretBasic('hum_wrong'), insecure);
  await assert.rejects(oidc.clientCredentialsGrant(wrong));
});

test('http-message-signatures signs requests that authenticate once', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const add = 'mutation($input: AddRequestKeyInput!) { addRequestKey(input: $input) { keyId userErrors { code } } }';
  const { data } = await ask(add, { authorization: `Bearer ${key}` }, { input: { idempotencyKey: 'request key', memberId: member, publicKey: publicKey.export({ format: 'jwk' }).x } });
  const body = JSON.stringify({ query: '{ me { id } }' });
  const signed = async (content) => httpbis.signMessage({
    key: createSigner(privateKey, 'ed25519', data.addRequestKey.keyId),
    fields: ['@method', '@target-uri', 'content-digest', 'content-type'],
    params: ['created', 'expires', 'nonce', 'keyid', 'alg'],
    paramValues: { created: new Date(), expires: new Date(Date.now() + 60_000), nonce: randomBytes(16).toString('base64url') },
  }, {
    method: 'POST', url,
    headers: { 'content-type': 'application/json', 'content-digest': `sha-256=:${createHash('sha256').update(content).digest('base64')}:` },
  });
  const send = async ({ method, headers }) => {
    const response = await fetch(url, { method, headers, body });
    return { status: response.status, ...await response.json() };
  };
  const request = await signed(body);
  assert.equal((await send(request)).data.me.id, member);
  const code = async (sent) => (await send(sent)).errors[0].extensions.code;
  assert.equal(await code(request), 'REQUEST_REPLAYED');
  assert.equal(await code(await signed(body + ' ')), 'SIGNATURE_INVALID');
});

test('viem signs requests with the member\'s own key that authenticate once', async () => {
  const account = privateKeyToAccount(process.env.HUMANITARIAN_INTEROP_SIGNING_KEY);
  const { data } = await ask('{ ledger { id } }', { authorization: `Bearer ${key}` });
  const body = JSON.stringify({ query: '{ me { id } }' });
  const header = async (content) => {
    const message = { method: 'POST', target: url, body: viem.keccak256(viem.toBytes(content)), nonce: viem.bytesToHex(randomBytes(32)), deadline: BigInt(Math.floor(Date.now() / 1000) + 60) };
    const signature = await account.signTypedData({
      domain: { name: 'Humanitarian', version: '1', salt: viem.keccak256(`0x${data.ledger.id}`) },
      types: {
        Request: [
          { name: 'method', type: 'string' }, { name: 'target', type: 'string' }, { name: 'body', type: 'bytes32' },
          { name: 'nonce', type: 'bytes32' }, { name: 'deadline', type: 'uint64' },
        ],
      },
      primaryType: 'Request', message,
    });
    return `EIP712 member="${member}", nonce="${message.nonce}", deadline="${message.deadline}", signature="${signature}"`;
  };
  const send = async (authorization) => (await fetch(url, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body })).json();
  const authorization = await header(body);
  assert.equal((await send(authorization)).data.me.id, member);
  assert.equal((await send(authorization)).errors[0].extensions.code, 'REQUEST_REPLAYED');
  assert.equal((await send(await header(body + ' '))).errors[0].extensions.code, 'SIGNATURE_INVALID');
});
