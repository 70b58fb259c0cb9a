import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PackedPackage } from './packed-packages.js';

/** A registry of npm that has our packages and no others. */
export type PackageRegistry = { readonly url: string; stop(): Promise<void> };

/** Starts one on a port of its own. */
export async function startRegistry(packages: readonly PackedPackage[]): Promise<PackageRegistry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const found = packages.find(({ manifest }) => path === manifest.name || path.startsWith(`${manifest.name}/`));
    const answer = found && answersFor(found, url)[path.slice(found.manifest.name.length)];
    if (answer === undefined) response.writeHead(404).end();
    else if (answer instanceof Uint8Array) response.writeHead(200).end(answer);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url, stop };
}

const tarballPath = '/-/package.tgz';

/**
 * What a registry says of a package, by what stands behind its name:
 * https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
 */
function answersFor({ manifest, integrity, tarball }: PackedPackage, url: string): Record<string, object> {
  const version = { ...manifest, dist: { tarball: `${url}/${manifest.name}${tarballPath}`, integrity } };
  const all = {
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: version },
  };
  return { '': all, '/latest': version, [tarballPath]: tarball };
}
