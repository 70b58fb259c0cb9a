/**
 * The command line, but for its sessions hearing nothing of others: which fence an overtaken run meets first, that of the store
 * where it looks every second or that of its endpoint, is no matter of time then.
 */
import { processIo, runCommandLine } from '@aftercommit/cli';

process.exitCode = await runCommandLine(process.argv.slice(2), processIo(), (options) => {
  const { store } = options;
  const open = store.open.bind(store);
  store.open = async (...task) => Object.assign(await open(...task), { onMessage: () => () => undefined });
  return options;
});
