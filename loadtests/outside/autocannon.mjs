// Another client for a result of the load tests: the load is read as JSON from standard input, what came of it is written to standard output.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const load = JSON.parse(readFileSync(0, "utf8"));
const count = { sent: 0, ok: 0, refused: 0, failed: 0 };

const body = (number) =>
  JSON.stringify({
    query: load.query,
    variables: {
      input: {
        ...load.input,
        idempotencyKey: `outside ${number}`,
        beneficiaryAccountId: load.beneficiaries[Math.floor(Math.random() * load.beneficiaries.length)],
      },
    },
  });

const outcome = (status, text) => {
  const answer = status === 200 ? JSON.parse(text) : { errors: [status] };
  return answer.errors ? "failed" : answer.data.redeemVoucher.userErrors.length > 0 ? "refused" : "ok";
};

const result = await autocannon({
  url: load.url,
  method: "POST",
  connections: load.connections,
  duration: load.seconds,
  headers: { authorization: `Bearer ${load.key}`, "content-type": "application/json" },
  requests: [
    {
      setupRequest: (request) => ({ ...request, body: body(count.sent++) }),
      onResponse: (status, text) => count[outcome(status, text)]++,
    },
  ],
});
console.log(JSON.stringify({ ...count, seconds: result.duration, p50: result.latency.p50, p99: result.latency.p99 }));
