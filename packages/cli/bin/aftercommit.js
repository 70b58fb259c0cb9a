#!/usr/bin/env node
import { processIo, runCommandLine } from '../dist/index.js';

process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
