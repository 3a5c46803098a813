// Checks a chain's public export and a transaction's proof with libraries that others wrote. FOLDER holds both; run.sh makes them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import rfc9162 from '@transmute/rfc9162';
import * as ethers from 'ethers';
import * as viem from 'viem';
import { keccak256, recoverAddress, verifyProof } from '../../tools/verify-proof.mjs';

const { RFC9162 } = rfc9162;
const folder = process.env.HUMANITARIAN_INTEROP_FOLDER;
const lines = readFileSync(join(folder, 'public.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
const blocks = lines.filter((line) => line.header);
const proofFile = join(folder, 'proof.json');
const proof = JSON.parse(readFileSync(proofFile, 'utf8'));
const { domain, primaryType, types: { EIP712Domain, ...types } } = proof.typedData;
const viemHash = (message) => viem.hashTypedData({ domain, types: { EIP712Domain, ...types }, primaryType, message });
const hashes = blocks.map((block) => viemHash(block.header));
const leafTypes = ['bytes32', 'uint256', 'bytes32'];
const emptyHash = viem.keccak256('0x');

test('viem recovers the sealer of every header', async () => {
  for (const { header, signature } of blocks) {
    const typedData = { domain, types: { EIP712Domain, ...types }, primaryType, message: header };
    assert.equal(await viem.recoverTypedDataAddress({ ...typedData, signature }), header.sealer);
    assert.equal(await viem.verifyTypedData({ ...typedData, signature, address: header.sealer }), true);
  }
});

test('ethers recovers the sealer of every header', () => {
  for (const { header, signature } of blocks) {
    assert.equal(ethers.verifyTypedData(domain, types, header, signature), header.sealer);
  }
});

test('ethers and viem agree on every block\'s hash, and each block names the one before', () => {
  blocks.forEach(({ header }, height) => {
    assert.equal(ethers.TypedDataEncoder.hash(domain, types, header), hashes[height]);
    assert.equal(header.previous, height ? hashes[height - 1] : '0x' + '0'.repeat(64));
  });
});

test('the domain\'s salt is the hash of the ledger\'s id', () => assert.equal(domain.salt, viem.keccak256(`0x${proof.ledger}`)));

test('OpenZeppelin\'s tree has every block\'s root', () => {
  for (const { header, transactions } of blocks.filter((block) => block.transactions.length)) {
    const leaves = transactions.map(({ open, hash, entries }, position) =>
      [hash ?? viem.keccak256(viem.concat([open, emptyHash])), String(position), entries]);
    assert.equal(StandardMerkleTree.of(leaves, leafTypes).root, header.root);
  }
});

test('OpenZeppelin verifies a transaction\'s proof', () => {
  const { leaf, typedData } = proof;
  assert.deepEqual(leaf.types, leafTypes);
  assert.equal(StandardMerkleTree.verify(typedData.message.root, leaf.types, leaf.values, proof.proof), true);
  assert.equal(StandardMerkleTree.verify(typedData.message.root, leaf.types, leaf.values.with(1, '99'), proof.proof), false);
});

test('OpenZeppelin verifies one line\'s proof in its chunk', () => {
  const { root, leaf, proof: siblings } = proof.line;
  assert.equal(StandardMerkleTree.verify(root, leaf.types, leaf.values, siblings), true);
  assert.equal(StandardMerkleTree.verify(root, leaf.types, leaf.values.with(1, '1'), siblings), false);
});

const bytes = (hex) => viem.hexToBytes(hex);
const entries = hashes.map(bytes);
const logRoot = async (size) => size ? viem.bytesToHex(await RFC9162.treeHead(entries.slice(0, size))) : viem.sha256('0x');

test('the log\'s root in every header is RFC 9162\'s', async () => {
  for (const { header } of blocks) {
    assert.equal(header.logSize, header.height);
    assert.equal(header.logRoot, await logRoot(Number(header.logSize)));
  }
});

test('@transmute/rfc9162 verifies inclusion in a later head', async () => {
  const later = proof.later.typedData.message;
  const inclusion = {
    log_id: '', tree_size: Number(later.logSize), leaf_index: Number(proof.typedData.message.height), inclusion_path: proof.later.inclusion.map(bytes),
  };
  const leaf = await RFC9162.leaf(bytes(proof.blockHash));
  assert.equal(await RFC9162.verifyInclusionProof(bytes(later.logRoot), leaf, inclusion), true);
  assert.equal(await RFC9162.verifyInclusionProof(bytes(later.logRoot), leaf, { ...inclusion, leaf_index: inclusion.leaf_index + 1 }), false);
});

test('@transmute/rfc9162 verifies consistency with a later head', async () => {
  const [first, later] = [proof.typedData.message, proof.later.typedData.message];
  // This library leaves out the RFC's rule that a first log of a power of two is put before the path; so it is put here.
  const perfect = Number.isInteger(Math.log2(Number(first.logSize)));
  const consistency = {
    log_id: '', tree_size_1: Number(first.logSize), tree_size_2: Number(later.logSize),
    consistency_path: [...(perfect ? [first.logRoot] : []), ...proof.later.consistency].map(bytes),
  };
  assert.equal(await RFC9162.verifyConsistencyProof(bytes(first.logRoot), bytes(later.logRoot), consistency), true);
  assert.equal(await RFC9162.verifyConsistencyProof(bytes(first.previous), bytes(later.logRoot), consistency), false);
});

test('the stand-alone script hashes and recovers like viem', async () => {
  for (const length of [0, 1, 135, 136, 137, 300]) {
    const message = Uint8Array.from({ length }, (_, i) => (7 * i) % 256);
    assert.equal(viem.bytesToHex(keccak256(message)), viem.keccak256(message));
  }
  for (const { header, signature } of blocks) {
    assert.equal(recoverAddress(bytes(viemHash(header)), bytes(signature)), header.sealer.toLowerCase());
  }
});

const script = new URL('../../tools/verify-proof.mjs', import.meta.url).pathname;
const run = (...args) => execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: 'pipe' });

test('the stand-alone script accepts the proof and its sealer', () => {
  assert.match(run(proofFile, '--sealer', proof.typedData.message.sealer), /holds a line of/);
  assert.throws(() => run(proofFile, '--sealer', '0x' + '11'.repeat(20)), { status: 1 });
});

test('the stand-alone script refuses every changed member', async () => {
  const turned = (hex) => hex.slice(0, -1) + (hex.at(-1) === '7' ? '3' : '7');
  const changes = [
    (p) => { p.signature = turned(p.signature.slice(0, -2)) + p.signature.slice(-2); }, (p) => { p.transaction = turned(p.transaction); },
    (p) => { p.typedData.message.time = '1'; }, (p) => { p.typedData.types.Block.pop(); }, (p) => { p.leaf.values[1] = '5'; },
    (p) => { p.ledger = turned(p.ledger); }, (p) => { p.blockHash = turned(p.blockHash); }, (p) => { p.later.inclusion[0] = turned(p.later.inclusion[0]); },
    (p) => { p.later.consistency.pop(); }, (p) => { p.later.signature = p.signature; }, (p) => { p.line.leaf.values[1] = '1'; },
    (p) => { p.line.root = turned(p.line.root); }, (p) => { p.line.open = turned(p.line.open); },
  ];
  for (const change of changes) {
    const changed = structuredClone(proof);
    change(changed);
    await assert.rejects(verifyProof(changed), change.toString());
  }
  const file = join(folder, 'changed.json');
  writeFileSync(file, JSON.stringify({ ...proof, transaction: turned(proof.transaction) }));
  assert.throws(() => run(file), { status: 1 });
});
