// Audits a running server against the GraphQL over HTTP specification; run.sh starts it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';

const authorization = `Bearer ${process.env.HUMANITARIAN_INTEROP_KEY}`;
const audits = serverAudits({
  url: process.env.HUMANITARIAN_INTEROP_URL,
  fetchFn: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, authorization } }),
});

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, 'ok', result.reason);
  });
}

test('there are 61 audits', () => assert.equal(audits.length, 61));
