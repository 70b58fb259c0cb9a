// Loaded before a program: when it ends, says how much memory it had at most, in the file that PEAK_FILE names.

import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { PEAK_FILE: file } = process.env;
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
