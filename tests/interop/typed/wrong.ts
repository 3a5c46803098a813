// Does not compile: amounts and heights are strings, because a number in JavaScript is exact to 53 bits only.
import { connect, where } from './client.js';

export const next = async (): Promise<number> => (await where(connect('', ''))).ledger.height + 1;
