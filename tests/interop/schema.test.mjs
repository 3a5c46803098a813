// Compares the schema that is served, the published one and the last released one by GraphQL's reference implementation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery } from 'graphql';
import { breaking, undisciplined } from './schema-rules.mjs';

const read = (name) => buildSchema(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'));
const [published, released] = [read('schema.graphql'), read('schema.released.graphql')];
const today = new Date().toISOString().slice(0, 10);

test('the published schema breaks no client of the released one', () => assert.deepEqual(breaking(released, published, today), []));

test('what is deprecated says what to use instead and until when it stays', () => assert.deepEqual(undisciplined(published), []));

test('the served schema is the published one', async () => {
  const answer = await fetch(process.env.HUMANITARIAN_INTEROP_URL, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.HUMANITARIAN_INTEROP_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  const served = buildClientSchema((await answer.json()).data);
  for (const [a, b] of [[served, published], [published, served]]) {
    // The library adds the directives of its own version to what it reads.
    assert.deepEqual([...findBreakingChanges(a, b), ...findDangerousChanges(a, b)].filter(({ type }) => !type.startsWith('DIRECTIVE_')), []);
  }
});

const schemaOf = (fields) => buildSchema(`enum Kind { A B } type Query { ${fields} }`);
const before = schemaOf('kept(kind: Kind): String old: String @deprecated(reason: "Use `kept` instead; goes away after 2026-01-31.")');

for (const [name, fields, found] of [
  ['a field that is gone', 'old: String', ['Query.kept was removed.']],
  ['an argument that is gone', 'kept: String old: String', ['Query.kept arg kind was removed.']],
  ['an argument that is needed now', 'kept(kind: Kind!): String old: String', ['Query.kept arg kind has changed type from Kind to Kind!.']],
  ['another type', 'kept(kind: Kind): Int old: String', ['Query.kept changed type from String to Int.']],
  ['more of everything', 'kept(kind: Kind, more: Int): String! old: String more: Kind', []],
  ['a deprecated field that is gone after its day', 'kept(kind: Kind): String', []],
]) {
  test(`of a change is told: ${name}`, () => assert.deepEqual(breaking(before, schemaOf(fields), '2026-02-01'), found));
}

test('a deprecated field stays until its day', () =>
  assert.deepEqual(breaking(before, schemaOf('kept(kind: Kind): String'), '2026-01-31'), ['Query.old was removed.']));

test('a deprecation without a day or a way out is told of', () => {
  assert.deepEqual(undisciplined(before), []);
  assert.deepEqual(undisciplined(schemaOf('kept: Kind old(way: Int): Int @deprecated bad: Int @deprecated(reason: "Gone soon.")')), ['Query.old', 'Query.bad']);
});
