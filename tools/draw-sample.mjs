// Draws the lines of an auditor's sample from what everybody may know: node draw-sample.mjs LIST_ROOT NONCE SECRET LINES COUNT
// The answer is the numbers of the lines in the list, from 1. docs/disbursements.md specifies the draw. Needs Node.js alone.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const bytes = (hex) => {
  if (!/^0x[0-9a-f]{64}$/i.test(hex)) throw new Error(`${hex} is not 0x and 64 hexadecimal digits.`);
  return Buffer.from(hex.slice(2), 'hex');
};
const idBytes = (id) => {
  if (!/^[0-9a-f]{32}$/i.test(id)) throw new Error(`${id} is not 32 hexadecimal digits.`);
  return Buffer.from(id, 'hex');
};

export const seedOf = (listRoot, nonce, secret) => sha256('sample seed', bytes(listRoot), idBytes(nonce), bytes(secret));

export function draw(seed, lines, count) {
  let number = 0n;
  const below = (bound) => {
    const beyond = 2n ** 64n % bound;
    for (;;) {
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(number++);
      const next = sha256(seed, counter).readBigUInt64BE();
      if (next < 2n ** 64n - beyond) return next % bound;
    }
  };
  const moved = new Map();
  const at = (place) => moved.get(place) ?? place;
  const drawn = [];
  for (let place = 0; place < Math.min(lines, count); place++) {
    const other = place + Number(below(BigInt(lines - place)));
    drawn.push(at(other) + 1);
    moved.set(other, at(place));
  }
  return drawn.sort((one, two) => one - two);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [listRoot, nonce, secret, lines, count] = process.argv.slice(2);
  if (!count) throw new Error('node draw-sample.mjs LIST_ROOT NONCE SECRET LINES COUNT');
  console.log(draw(seedOf(listRoot, nonce, secret), Number(lines), Number(count)).join('\n'));
}
