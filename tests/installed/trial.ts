import type { InstallSize } from './install-size.js';
import type { NodeProgram } from './node-programs.js';
import type { PageServers } from './page-servers.js';

/** What strangers have at hand. */
export type Trial = {
  /** For their projects. */
  folder: string;
  /** The URL of the registry that has our packages. */
  registry: string;
  nodes: readonly NodeProgram[];
  servers: PageServers;
};

/** What came of a package's page. */
export type TrialResult = {
  /** Of what the page has people install with npm, without what is for development. */
  size: InstallSize;
  /** Sentences. */
  problems: string[];
};
