// Another client for a result of the load tests: the load is read as JSON from standard input, what came of it is written to standard output.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const load = JSON.parse(readFileSync(0, "utf8"));
const count = { ok: 0, refused: 0, failed: 0 };
let number = 0;
let began, ended;

const body = () => {
  began ??= performance.now();
  const beneficiaryAccountId = load.beneficiaries[(number * 7919) % load.beneficiaries.length];
  return JSON.stringify({ query: load.query, variables: { input: { ...load.input, idempotencyKey: `outside ${number++}`, beneficiaryAccountId } } });
};

const outcome = (status, text) => {
  const answer = status === 200 ? JSON.parse(text) : { errors: [status] };
  return answer.errors ? "failed" : answer.data.redeemVoucher.userErrors.length > 0 ? "refused" : "ok";
};

// A number of requests, not of seconds: with the seconds it would cut what is under way, and nobody knew what became of it.
const result = await autocannon({
  url: load.url,
  method: "POST",
  connections: load.connections,
  amount: load.requests,
  bailout: 100,
  headers: { authorization: `Bearer ${load.key}`, "content-type": "application/json" },
  requests: [
    {
      setupRequest: (request) => ({ ...request, body: body() }),
      onResponse: (status, text) => {
        count[outcome(status, text)]++;
        ended = performance.now();
      },
    },
  ],
});
console.log(JSON.stringify({ ...count, sent: result.requests.sent, seconds: (ended - began) / 1000, p50: result.latency.p50, p99: result.latency.p99 }));
