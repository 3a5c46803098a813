// Opens the served pages in a real Chromium, and makes and uses a passkey with its virtual authenticator; run.sh starts the server.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const skip = executablePath ? false : 'There is no Chromium here: install one, or name it in CHROMIUM.';
const key = process.env.HUMANITARIAN_INTEROP_KEY;
const asked = new URL(process.env.HUMANITARIAN_INTEROP_URL);

// Browsers take localhost for the domain of a passkey, an address never.
const origin = `http://localhost:${asked.port}`;
let browser;

before(async () => {
  if (executablePath) browser = await chromium.launch({ executablePath, timeout: 180_000 });
});
after(() => browser?.close());

/** GraphiQL in a page that remembers what it asked for and what went wrong. */
async function graphiql() {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const seen = { requests: [], wrong: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && seen.wrong.push(message.text()));
  page.on('pageerror', (fault) => seen.wrong.push(String(fault)));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(`${origin}/graphiql`);
  await page.locator('.graphiql-execute-button').waitFor();
  await page.locator('.result-window', { hasText: 'Write your key' }).waitFor();
  return { page, seen };
}

/** Writes into one of the editors as a person who pastes. */
async function paste(page, editor, text) {
  await page.locator(`${editor} .CodeMirror`).filter({ visible: true }).click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}

async function run(page, query) {
  await paste(page, '.graphiql-query-editor', query);
  await page.locator('.graphiql-execute-button').click();
}

test('GraphiQL asks nobody but the ledger, breaks no rule of its own and shows the answer to a query', { skip }, async () => {
  const { page, seen } = await graphiql();
  await paste(page, '.graphiql-editor-tool', JSON.stringify({ Authorization: `Bearer ${key}` }));
  // The editor tells of new headers a moment after they are written.
  const schema = page.waitForResponse((response) => response.ok() && response.request().method() === 'POST');
  for (let fetched = false; !fetched;) {
    await page.getByLabel('Re-fetch GraphQL schema').click();
    fetched = await Promise.race([schema, page.waitForTimeout(1000)]) !== undefined;
  }
  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer-content', { hasText: 'Subscription' }).waitFor();
  await run(page, '{ ledger { name } me { roles } }');
  await page.locator('.result-window', { hasText: '"ADMINISTRATOR"' }).waitFor();
  assert.deepEqual(seen.requests.filter((url) => !url.startsWith('data:') && new URL(url).origin !== origin), []);
  assert.deepEqual(seen.wrong, []);
  await page.close();
});

test('GraphiQL shows what a subscription sends, also before it knows the schema', { skip }, async () => {
  const { page, seen } = await graphiql();
  await paste(page, '.graphiql-editor-tool', JSON.stringify({ Authorization: `Bearer ${key}` }));
  await run(page, 'subscription { blocks(after: "0") { height hash } }');
  const answer = await fetch(process.env.HUMANITARIAN_INTEROP_URL, {
    method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: `mutation { openAccount(input: {idempotencyKey: "${randomUUID()}", kind: VENDOR, tags: []}) { userErrors { code } } }` }),
  });
  assert.deepEqual((await answer.json()).data.openAccount.userErrors, []);
  await page.locator('.result-window', { hasText: /"height": "\d+"/ }).waitFor();
  assert.deepEqual(seen.wrong, []);
  await page.close();
});

test('A passkey of a real browser confirms one decision', { skip }, async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await context.route('**/console', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>console</title>' }));
  await page.goto(`${origin}/console`);

  const mutate = (name, input, fields = '') => page.evaluate(async ({ secret, name, input, fields }) => {
    const query = `mutation($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} userErrors { code } } }`;
    const answer = await fetch('/graphql', {
      method: 'POST', headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ query, variables: { input } }),
    });
    return (await answer.json()).data[name];
  }, { secret: key, name, input: { idempotencyKey: randomUUID(), ...input }, fields });
  const create = (options) => page.evaluate(async (json) =>
    JSON.stringify(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(json)) })), options);
  const get = (options) => page.evaluate(async (json) =>
    JSON.stringify(await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(json)) })), options);

  const { options } = await mutate('requestPasskey', { name: 'Chromium' }, 'options');
  const added = await mutate('addPasskey', { credential: await create(options) }, 'passkey { credentialId name }');
  assert.deepEqual(added.userErrors, []);
  assert.equal(added.passkey.name, 'Chromium');

  // Removing it is a decision that it has to confirm.
  const remove = { idempotencyKey: randomUUID(), credentialId: added.passkey.credentialId };
  const owed = await mutate('removePasskey', remove, 'toConfirm');
  assert.deepEqual(owed.userErrors, [{ code: 'SECOND_FACTOR_REQUIRED' }]);

  // Neither who does not show themselves to the device nor a page of another origin gets an answer.
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await assert.rejects(get(owed.toConfirm), /NotAllowedError/);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  const elsewhere = await context.newPage();
  await elsewhere.goto(`http://other.localhost:${asked.port}/console`);
  await assert.rejects(elsewhere.evaluate((json) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(json)) }), owed.toConfirm), /SecurityError/);

  const answer = await get(owed.toConfirm);
  assert.deepEqual((await mutate('confirmWithPasskey', { credential: answer })).userErrors, []);
  assert.deepEqual((await mutate('confirmWithPasskey', { credential: answer })).userErrors, [{ code: 'PASSKEY_INVALID' }]);
  assert.deepEqual((await mutate('removePasskey', remove)).userErrors, []);
  await context.close();
});
