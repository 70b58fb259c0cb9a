import { type CommandLineIo, hasColors, isWatched } from '../terminal/command-line-io.js';
import { JsonLines } from './json-lines.js';
import { LiveScreen } from './live-screen.js';
import { PlainLines } from './plain-lines.js';
import type { Presenter, PresenterOptions } from './presenter.js';

/** Who shows a run, by where its standard output goes. */
export function choosePresenter(options: PresenterOptions, env: CommandLineIo['env'], isJson: boolean): Presenter {
  if (isJson) return new JsonLines(options);
  const { stream } = options.stdout;
  if (!isWatched(stream, env)) return new PlainLines(options);
  return new LiveScreen({
    ...options,
    colors: { stdout: hasColors(stream, env), stderr: hasColors(options.stderr.stream, env) },
  });
}
