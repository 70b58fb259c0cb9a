import { lookup } from 'node:dns';
import { type Egress, EgressError } from '@aftercommit/registry';

/** What an operator lets be reached: everything, but for what is said. */
export function egressOf(given: Partial<Egress> = {}): Egress {
  return { refusal: () => undefined, lookup, ...given };
}

/** Every name has the address 127.0.0.1. `asked` gets each name. */
export function lookupAtHome(asked: string[] = []): Egress['lookup'] {
  return (name, options, callback) => {
    asked.push(name);
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  };
}

/** No name may be resolved. */
export const lookupRefused: Egress['lookup'] = (name, _options, callback) => {
  callback(new EgressError(`${name} has an address that may not be reached: 10.0.0.1.`), '', 4);
};
