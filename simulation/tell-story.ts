/** Prints everything that happens in the stories of the seeds that it is given, and nothing else: for tests, as a process of its own. */
import { Story } from './story.js';

for (const seed of process.argv.slice(2)) {
  const counts = await new Story(Number(seed), (line) => console.log(line)).tell();
  console.log(JSON.stringify(counts));
}
