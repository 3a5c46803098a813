// Speaks HTTP, WebSocket and server-sent events with the ledger through a real nginx, configured as deploy/compose is but for the names; run.sh starts the
// server. One of the two silos that the configuration names is not there.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { bytesToHex, keccak256, toBytes } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import WebSocket from 'ws';

const program = ['/usr/sbin/nginx', 'nginx'].find((one) => spawnSync(one, ['-v']).status === 0);
const skip = program ? false : 'There is no nginx here.';
const key = process.env.HUMANITARIAN_INTEROP_KEY;
const headers = { authorization: `Bearer ${key}` };
const blocks = 'subscription { blocks(after: "0") { height } }';
const account = () => `mutation { openAccount(input: {idempotencyKey: "${randomUUID()}", kind: VENDOR, tags: []}) { transaction { height } userErrors { code } } }`;
let nginx;
let base;

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

before(async () => {
  if (!program) return;
  const folder = mkdtempSync(join(process.env.HUMANITARIAN_INTEROP_FOLDER, 'nginx-'));
  const [port, nobody] = [await freePort(), await freePort()];
  const silo = new URL(process.env.HUMANITARIAN_INTEROP_URL).host;
  const site = readFileSync(new URL('../../deploy/compose/nginx.conf', import.meta.url), 'utf8')
    .replace('silo-1:5080', silo).replace('silo-2:5080', `127.0.0.1:${nobody}`).replace('listen 8080', `listen 127.0.0.1:${port}`);
  assert.ok(site.includes(silo) && site.includes(`127.0.0.1:${nobody}`) && site.includes(`listen 127.0.0.1:${port}`));
  for (const kind of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, kind));
  writeFileSync(join(folder, 'nginx.conf'), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
    events { worker_connections 64; }
    http {
      access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ${site}
    }`);
  nginx = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'inherit', 'inherit'] });
  base = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 30_000; ;) {
    try {
      await fetch(`${base}/health/live`);
      return;
    } catch (fault) {
      assert.ok(nginx.exitCode === null && Date.now() < end, `nginx does not answer: ${fault}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
after(() => nginx?.kill());

async function post(query) {
  const answer = await fetch(`${base}/graphql`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  assert.equal(answer.status, 200);
  return (await answer.json()).data;
}

/** Follows the blocks until the one of a mutation that is sent meanwhile. */
async function follow(client) {
  const events = client.iterate({ query: blocks });
  const next = events.next();
  const { transaction } = (await post(account())).openAccount;
  for (let event = await next; ; event = await events.next()) {
    assert.equal(event.value.errors, undefined);
    if (event.value.data.blocks.height === transaction.height) break;
  }
  await client.dispose();
}

test('Queries and mutations come through nginx, also when one silo is away', { skip }, async () => {
  for (let count = 0; count < 6; count++) {
    assert.equal(typeof (await post('{ ledger { name } }')).ledger.name, 'string');
    assert.deepEqual((await post(account())).openAccount.userErrors, []);
  }
});

test('A WebSocket comes through nginx, for pages of its own origin too', { skip }, async () => {
  class OfPage extends WebSocket {
    constructor(url, protocols) { super(url, protocols, { origin: base }); }
  }
  for (const webSocketImpl of [WebSocket, OfPage]) {
    const client = ws.createClient({ url: `${base.replace('http', 'ws')}/graphql`, webSocketImpl, retryAttempts: 0, connectionParams: headers });
    await follow(client);
  }
});

test('Server-sent events come through nginx as they happen', { skip }, async () => {
  await follow(sse.createClient({ url: `${base}/graphql`, retryAttempts: 0, headers }));
});

test('A key that is limited to a network counts behind nginx for clients of that network alone', { skip }, async () => {
  const { createApiKey: made } = await post(
    `mutation { createApiKey(input: {idempotencyKey: "${randomUUID()}", memberId: "${process.env.HUMANITARIAN_INTEROP_MEMBER}", networks: ["127.0.0.2/32"]}) { secret userErrors { code } } }`);
  assert.deepEqual(made.userErrors, []);
  const from = (localAddress, forwarded) => new Promise((resolve, reject) => {
    const asked = request(`${base}/graphql?query=${encodeURIComponent('{ me { id } }')}`, { localAddress, headers: { authorization: `Bearer ${made.secret}`, ...forwarded } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
  assert.equal(await from('127.0.0.2'), 200);
  assert.equal(await from('127.0.0.1'), 401);
  assert.equal(await from('127.0.0.1', { 'X-Forwarded-For': '127.0.0.2' }), 401);
});

test('A list that its sender has signed comes through nginx with the address that they signed', { skip }, async () => {
  const { ledger } = await post('{ ledger { id } }');
  const member = process.env.HUMANITARIAN_INTEROP_MEMBER;
  const [target, body] = [`${base}/lists?program=${'0'.repeat(32)}`, 'a,b\n1,2\n'];
  const message = { method: 'POST', target, body: keccak256(toBytes(body)), nonce: bytesToHex(randomBytes(32)), deadline: BigInt(Math.floor(Date.now() / 1000) + 200) };
  const signature = await privateKeyToAccount(process.env.HUMANITARIAN_INTEROP_SIGNING_KEY).signTypedData({
    domain: { name: 'Humanitarian', version: '1', salt: keccak256(`0x${ledger.id}`) },
    types: {
      Request: [
        { name: 'method', type: 'string' }, { name: 'target', type: 'string' }, { name: 'body', type: 'bytes32' },
        { name: 'nonce', type: 'bytes32' }, { name: 'deadline', type: 'uint64' },
      ],
    },
    primaryType: 'Request', message,
  });
  const authorization = `EIP712 member="${member}", nonce="${message.nonce}", deadline="${message.deadline}", signature="${signature}"`;
  const answer = await fetch(target, { method: 'POST', headers: { authorization, 'content-type': 'text/csv' }, body });

  // The ledger knows who asks; there is no such program.
  assert.notEqual(answer.status, 401, await answer.clone().text());
  assert.match(answer.headers.get('content-type'), /json/);
});
