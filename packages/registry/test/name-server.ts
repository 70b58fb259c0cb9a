import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name server says of a name. */
export type NameRecord = { type: 'A' | 'AAAA' | 'CNAME'; name?: string; data: string };

export type NameServer = {
  /** As `dns.Resolver` takes it. */
  address: string;
  /** What was asked, in order: `hooks.example A`. */
  asked: string[];
  close(): Promise<void>;
};

const types = { A: 1, CNAME: 5, AAAA: 28 } as const;

/**
 * A real name server on UDP: `answer` is asked for the records of each question. They live for no time, so that nobody
 * remembers them.
 */
export async function startNameServer(answer: (name: string, type: string) => NameRecord[]): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    asked.push(`${name} ${type}`);
    const records = answer(name, type).map((record) => written({ name, ...record }));
    const header = Buffer.from(query.subarray(0, 12));
    // A response, with authority, of one question and so many answers.
    header.writeUInt16BE(0x8580, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function readQuestion(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = query.readUInt16BE(at + 1);
  const type = Object.entries(types).find(([, one]) => one === number)?.[0] ?? String(number);
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 };
}

function written({ name, type, data }: Required<NameRecord>): Buffer {
  const content = contentOf(type, data);
  // Type, class IN, a time to live of 0, and the length of the content.
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(types[type], 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt16BE(content.length, 8);
  return Buffer.concat([nameBytes(name), fields, content]);
}

function contentOf(type: NameRecord['type'], data: string): Buffer {
  if (type === 'CNAME') return nameBytes(data);
  return type === 'A' ? Buffer.from(data.split('.').map(Number)) : Buffer.from(data.replaceAll(':', ''), 'hex');
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
