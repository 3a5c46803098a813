// Receives webhooks of a running server and checks them with the Standard Webhooks library; run.sh starts the server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const url = process.env.HUMANITARIAN_INTEROP_URL;
const key = process.env.HUMANITARIAN_INTEROP_KEY;
const got = [];
let arrived = () => {};
let status = 200;
let server;
let count = 0;

async function mutate(name, input, fields) {
  const type = name[0].toUpperCase() + name.slice(1) + 'Input';
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message } } }`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables: { input: { idempotencyKey: `webhooks ${count++}`, ...input } } }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  assert.deepEqual(data[name].userErrors, []);
  return data[name];
}

/** Waits until so many messages have come. */
async function received(many) {
  while (got.length < many) {
    await new Promise((resolve) => { arrived = resolve; });
  }
  return got.splice(0, many);
}

before(async () => {
  server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.writeHead(status).end();
      got.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      arrived();
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(() => server.close());

test('standardwebhooks takes what a webhook sends, by either secret while one is changed', async () => {
  const { webhook, secret } = await mutate('createWebhook', {
    url: `http://127.0.0.1:${server.address().port}/`, topics: [{ event: 'BLOCKS', after: '0' }],
  }, 'secret webhook { id }');
  const [first] = await received(1);
  const block = new Webhook(secret).verify(first.body, first.headers);
  assert.equal(block.type, 'block.sealed');
  assert.equal(block.data.height, '1');
  assert.throws(() => new Webhook(secret).verify(first.body.replace('"1"', '"2"'), first.headers), WebhookVerificationError);

  const { secret: next } = await mutate('rotateWebhookSecret', { webhookId: webhook.id }, 'secret');
  got.length = 0;
  await mutate('testWebhook', { webhookId: webhook.id }, 'delivery { delivered }');
  let message;
  do {
    [message] = await received(1);
  } while (JSON.parse(message.body).type !== 'webhook.test');
  for (const one of [secret, next]) {
    assert.equal(new Webhook(one).verify(message.body, message.headers).type, 'webhook.test');
  }
  assert.throws(() => new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(message.body, message.headers), WebhookVerificationError);
  await mutate('deleteWebhook', { webhookId: webhook.id }, 'replayed');
});
