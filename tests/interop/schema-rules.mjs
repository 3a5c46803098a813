// What a change of the schema may not do to clients that were written for an earlier one.
import { findBreakingChanges, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';

const reason = /^Use `([A-Za-z]+(?:\.[A-Za-z]+)*)` instead; goes away after \d{4}-\d{2}-\d{2}\.$/;

/** Every deprecated part of a schema: its path and the reason that is given. */
function* deprecated(schema) {
  for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
    const parts = isEnumType(type) ? type.getValues() : isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
    for (const part of parts) {
      if (part.deprecationReason != null) yield { path: `${type.name}.${part.name}`, reason: part.deprecationReason };
      for (const argument of part.args ?? []) {
        if (argument.deprecationReason != null) yield { path: `${type.name}.${part.name}.${argument.name}`, reason: argument.deprecationReason };
      }
    }
  }
}

/** What of a schema is deprecated without saying what to use instead and until when. */
export const undisciplined = (schema) => [...deprecated(schema)].filter((part) => !reason.test(part.reason)).map(({ path }) => path);

/** Changes that break clients. What the earlier schema had deprecated until a day may be gone after it. */
export function breaking(earlier, later, today) {
  const gone = new Set([...deprecated(earlier)].filter((part) => reason.test(part.reason) && part.reason.slice(-11, -1) < today).map(({ path }) => path));
  return findBreakingChanges(earlier, later)
    .filter(({ type, description }) => !(/_REMOVED/.test(type) && gone.has(pathOf(description))))
    .map(({ description }) => description);
}

/** "Program.name was removed.", "OLD was removed from enum type Kind.", "Query.list arg old was removed." */
function pathOf(description) {
  const [, value, type] = /^(\w+) was removed from enum type (\w+)/.exec(description) ?? [];
  const [, field, argument] = /^(\w+\.\w+) arg (\w+) was removed/.exec(description) ?? [];
  return value ? `${type}.${value}` : field ? `${field}.${argument}` : /^(\w+\.\w+) was removed/.exec(description)?.[1];
}
