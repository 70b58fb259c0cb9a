// Loaded before a program: when it ends, says how much memory it had at most and how long it kept a processor busy, in the
// file that USAGE_FILE names.

import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { USAGE_FILE: file } = process.env;
  if (file !== undefined) writeFileSync(file, JSON.stringify(process.resourceUsage()));
});
