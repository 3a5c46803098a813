// Follows a running server with clients that others wrote, over WebSocket and server-sent events; run.sh starts the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import WebSocket from 'ws';

const url = process.env.HUMANITARIAN_INTEROP_URL;
const signer = privateKeyToAccount(process.env.HUMANITARIAN_INTEROP_SIGNING_KEY);
const key = process.env.HUMANITARIAN_INTEROP_KEY;
const wrongKey = 'hum_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const clients = [];

function kept(client) {
  clients.push(client);
  return client;
}

const socket = (secret, options) => kept(ws.createClient({
  url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: `Bearer ${secret}` }, ...options,
}));
const stream = (secret) => kept(sse.createClient({ url, retryAttempts: 0, headers: { authorization: `Bearer ${secret}` } }));

const operator = socket(key);
const entries = 'subscription($id: Id!, $after: UInt64String) { accountEntries(accountId: $id, after: $after) { number entries { available { amountMinor } } } }';
const blocks = 'subscription($after: UInt64String) { blocks(after: $after) { height } }';
let count = 0;
let finance;
let pool;
let grantId;

async function once(client, query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    assert.equal(errors, undefined);
    return data;
  }
}

/** Asks, signs what is to be signed, asks again. */
async function mutate(client, name, input, fields) {
  input = { idempotencyKey: `live ${count++}`, ...input };
  const type = name[0].toUpperCase() + name.slice(1) + 'Input';
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message } toSign { json } } }`;
  let { [name]: payload } = await once(client, query, { input });
  if (payload.toSign) {
    const signature = await signer.signTypedData(JSON.parse(payload.toSign.json));
    ({ [name]: payload } = await once(client, query, { input: { ...input, signature } }));
  }
  assert.deepEqual(payload.userErrors, []);
  return payload;
}

const receive = (amountMinor) => mutate(finance, 'recordReceipt', { grantId, amount: { amountMinor, currency: 'LIV' } }, 'grant { id }');

const take = async (iterator) => {
  const { value, done } = await iterator.next();
  assert.equal(done, false);
  assert.equal(value.errors, undefined);
  return value.data;
};

before(async () => {
  const { me } = await once(operator, '{ me { organisationId } }');
  await mutate(operator, 'defineUnit', { code: 'LIV', exponent: 2 }, 'replayed');
  const { program } = await mutate(operator, 'createProgram', { name: 'Live', unit: 'LIV', preset: 'voucher' }, 'program { id poolAccountId }');
  pool = program.poolAccountId;
  const { grant } = await mutate(operator, 'createGrant', {
    programId: program.id, donorId: me.organisationId, commitment: { amountMinor: '100000', currency: 'LIV' }, eligibleFrom: '2020-01-01T00:00:00Z',
    eligibleUntil: '2120-01-01T00:00:00Z',
  }, 'grant { id }');
  grantId = grant.id;
  const { member } = await mutate(operator, 'addMember', { address: privateKeyToAccount(generatePrivateKey()).address, roles: ['FINANCE'] }, 'member { id }');
  finance = socket((await mutate(operator, 'createApiKey', { memberId: member.id }, 'secret')).secret);
});

after(() => clients.forEach((client) => client.dispose()));

for (const [name, open] of [['graphql-ws', socket], ['graphql-sse', stream]]) {
  test(`${name} receives the entry that a mutation makes, and replays it`, async () => {
    const client = open(key);
    const { statement } = await once(client, 'query($id: Id!) { statement(accountId: $id, first: 1) { nodes { number } } }', { id: pool });
    const last = statement.nodes[0]?.number ?? '0';
    const live = client.iterate({ query: entries, variables: { id: pool, after: last } });
    const coming = take(live);
    await receive('11');
    await receive('12');
    const first = (await coming).accountEntries;
    assert.deepEqual(first, { number: String(BigInt(last) + 1n), entries: [{ available: { amountMinor: '11' } }] });
    assert.equal((await take(live)).accountEntries.number, String(BigInt(last) + 2n));
    await live.return();

    const replay = client.iterate({ query: entries, variables: { id: pool, after: first.number } });
    assert.deepEqual((await take(replay)).accountEntries, { number: String(BigInt(last) + 2n), entries: [{ available: { amountMinor: '12' } }] });
    await replay.return();
  });

  test(`${name} gets queries, completion and errors`, async () => {
    const client = open(key);
    const results = [];
    for await (const result of client.iterate({ query: '{ ledger { name } }' })) {
      results.push(result);
    }
    assert.equal(results.length, 1);
    assert.ok(results[0].data.ledger.name);

    // An operation that fails is an error to the one client and a result with errors to the other.
    const failed = async () => {
      for await (const { errors } of client.iterate({ query: blocks, variables: { after: '99999999' } })) {
        throw errors;
      }
    };
    await assert.rejects(failed, (errors) => errors[0].extensions.code === 'INVALID_INPUT');
  });
}

test('graphql-ws carries several subscriptions at once and ends one alone', async () => {
  const client = socket(key);
  const [one, other] = [client.iterate({ query: blocks, variables: { after: '0' } }), client.iterate({ query: blocks, variables: { after: '1' } })];
  assert.equal((await take(one)).blocks.height, '1');
  assert.equal((await take(other)).blocks.height, '2');
  await one.return();
  assert.equal((await take(other)).blocks.height, '3');
  await other.return();
});

test('graphql-ws pings and is answered', async () => {
  await new Promise((answered) => {
    socket(key, { lazy: false, keepAlive: 50, on: { pong: (received) => received && answered() } });
  });
});

test('graphql-ws with a wrong key is closed with 4403', async () => {
  const client = socket(wrongKey);
  await assert.rejects(once(client, blocks), { code: 4403 });
});

test('graphql-sse with a wrong key is refused with 401', async () => {
  const client = stream(wrongKey);
  await assert.rejects(once(client, blocks), (error) => error.response?.status === 401);
});

test('graphql-ws whose key is revoked is closed with 4403 by the next event', async () => {
  const { me } = await once(operator, '{ me { id } }');
  const { secret, keyId } = await mutate(operator, 'createApiKey', { memberId: me.id }, 'secret keyId');
  const client = socket(secret);
  const live = client.iterate({ query: blocks, variables: { after: '0' } });
  await take(live);
  await mutate(operator, 'revokeApiKey', { keyId }, 'replayed');
  await receive('13');
  await assert.rejects(async () => { for await (const _ of live); }, { code: 4403 });
});
