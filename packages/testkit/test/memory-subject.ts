import type { Connector } from '@aftercommit/runtime-adapter';
import { type ConnectorSubject, conformanceBindings, type EndpointUnderTest } from '../src/connector-subject.js';
import { MemoryEndpoint } from '../src/memory-endpoint.js';

/**
 * The endpoint in memory as a subject of the conformance cases, with every ability.
 *
 * @param alter What stands before each connector. Undefined: nothing.
 */
export function memorySubject(
  runtimeCheckpointOwner: 'store' | 'endpoint',
  alter: (connector: Connector, endpoint: MemoryEndpoint) => Connector = (connector) => connector,
): ConnectorSubject {
  const endpoints = new Map<EndpointUnderTest, MemoryEndpoint>();
  const memoryOf = (endpoint: EndpointUnderTest): MemoryEndpoint => {
    const memory = endpoints.get(endpoint);
    if (memory === undefined) throw new Error('This endpoint is removed, or was made by another subject');
    return memory;
  };
  const connect = (memory: MemoryEndpoint, owner: 'store' | 'endpoint'): Connector =>
    alter(memory.connect({ bindings: conformanceBindings, runtimeCheckpointOwner: owner }), memory);
  return {
    runtimeCheckpointOwner,
    hasDeltaBinding: true,
    create: async () => {
      const memory = new MemoryEndpoint();
      const endpoint: EndpointUnderTest = {
        connect: () => connect(memory, runtimeCheckpointOwner),
        rows: async (binding) => memory.rows(binding),
        remove: async () => void endpoints.delete(endpoint),
      };
      endpoints.set(endpoint, memory);
      return endpoint;
    },
    connectOther: (endpoint) => connect(memoryOf(endpoint), runtimeCheckpointOwner === 'store' ? 'endpoint' : 'store'),
    loseStagings: async (endpoint) => {
      const memory = memoryOf(endpoint);
      memory.restore({ ...memory.copy(), stagings: [] });
    },
  };
}
