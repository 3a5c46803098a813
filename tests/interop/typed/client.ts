// What a client's own code looks like with the generated types: a wrong field, variable or type does not compile.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { DefineDocument, WhereDocument, type DefineMutation, type WhereQuery } from './generated.js';

export type Client = <TResult, TVariables>(document: TypedDocumentNode<TResult, TVariables>, variables: TVariables) => Promise<TResult>;

export function connect(url: string, key: string): Client {
  return async (document, variables) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(errors[0].message);
    return data;
  };
}

export const where = (client: Client): Promise<WhereQuery> => client(WhereDocument, {});

export const define = (client: Client, code: string): Promise<DefineMutation> =>
  client(DefineDocument, { input: { idempotencyKey: `typed ${code}`, code, exponent: 2 } });
