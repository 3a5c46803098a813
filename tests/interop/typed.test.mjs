// A typed client in TypeScript: types generated from the published schema by GraphQL Code Generator, compiled by tsc, and one round trip.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import * as documents from '@graphql-codegen/typed-document-node';
import { parse } from 'graphql';
import ts from 'typescript';

const here = fileURLToPath(new URL('.', import.meta.url));
const text = { input: 'string', output: 'string' };
const scalars = Object.fromEntries(['Address', 'DateTimeOffset', 'Hash', 'Id', 'Int64String', 'Pin', 'Signature', 'UInt64String'].map((name) => [name, text]));
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'humanitarian-typed-'));
  cpSync(join(here, 'typed'), folder, { recursive: true });
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const generated = await codegen({
    filename: 'generated.ts',
    schema: parse(readFileSync(join(here, '../../docs/schema.graphql'), 'utf8')),
    documents: [{ location: 'operations.graphql', document: parse(readFileSync(join(folder, 'operations.graphql'), 'utf8')) }],
    config: { scalars, strictScalars: true, useTypeImports: true, enumsAsTypes: true },
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations, documents },
  });
  writeFileSync(join(folder, 'generated.ts'), generated);
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** What tsc says of a file, strictly; its JavaScript lies beside it afterwards. */
function compile(name) {
  const program = ts.createProgram([join(folder, name)], {
    strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], types: [],
  });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('a client with types of the published schema compiles, and reads and changes a ledger', async () => {
  assert.deepEqual(compile('client.ts'), []);
  const { connect, define, where } = await import(pathToFileURL(join(folder, 'client.js')));
  const client = connect(process.env.HUMANITARIAN_INTEROP_URL, process.env.HUMANITARIAN_INTEROP_KEY);
  const found = await where(client);
  assert.ok(found.ledger.name.length > 0);
  assert.match(found.ledger.height, /^\d+$/);
  assert.ok(found.me.roles.includes('OPERATOR'));

  const { defineUnit } = await define(client, 'TYP');
  assert.deepEqual(defineUnit.userErrors, []);
  assert.ok(BigInt(defineUnit.transaction.height) > BigInt(found.ledger.height));
  assert.equal((await define(client, 'TYP')).defineUnit.replayed, true);
});

test('a client that takes a height for a number does not compile', () => {
  assert.match(compile('wrong.ts').join('\n'), /not assignable to type 'number'/);
});
