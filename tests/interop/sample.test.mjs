// Computes the documented vector of an auditor's sample with the stand-alone script.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { draw, seedOf } from '../../tools/draw-sample.mjs';

test('an auditor\'s sample is recomputed as documented', () => {
  const page = readFileSync(new URL('../../docs/disbursements.md', import.meta.url), 'utf8');
  const of = (name) => page.match(new RegExp(`^${name} +(.*)$`, 'm'))[1];
  const seed = seedOf(of('list root'), of('nonce'), of('secret'));
  assert.equal(`0x${seed.toString('hex')}`, of('seed'));
  assert.equal(draw(seed, Number(of('lines')), Number(of('drawn'))).join(' '), of('numbers'));
});

test('every line of a short list is drawn, each once', () =>
  assert.deepEqual(draw(seedOf(`0x${'a'.repeat(64)}`, 'c'.repeat(32), `0x${'b'.repeat(64)}`), 5, 9), [1, 2, 3, 4, 5]));
