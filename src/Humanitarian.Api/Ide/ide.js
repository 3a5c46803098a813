// GraphiQL on this server's own endpoint. The key is typed under "Headers", and is forgotten with the page.
'use strict';

/** The results of an event stream as it sends them. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split('\n');
      if (lines.includes('event: complete')) return;
      const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
      if (data) yield JSON.parse(data);
    }
  }
}

const noKey = 'hum_…';

// The document that GraphiQL has read may be that of before the last key; the word will do: a query may be answered as events too.
const isSubscription = (query) => /\bsubscription\b/.test(query);

async function ask(request, { headers } = {}) {
  if (JSON.stringify(headers ?? {}).includes(noKey)) {
    return { errors: [{ message: `Write your key in the place of ${noKey} under "Headers", then fetch the schema again (the arrows at the lower left).` }] };
  }
  const live = isSubscription(request.query);
  const response = await fetch('graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: live ? 'text/event-stream' : 'application/json', ...headers },
    body: JSON.stringify(request),
    credentials: 'omit',
  });
  return live && response.ok ? events(response) : response.json();
}

ReactDOM.createRoot(document.getElementById('ide')).render(React.createElement(GraphiQL, {
  fetcher: ask,
  defaultEditorToolsVisibility: 'headers',
  defaultHeaders: JSON.stringify({ Authorization: `Bearer ${noKey}` }, null, 2),
  defaultQuery: '{\n  me { id roles }\n  ledger { name height headHash }\n}\n',
  shouldPersistHeaders: false,
  storage: sessionStorage,
}));
