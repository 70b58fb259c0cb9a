#!/usr/bin/env node
import '../dist/aftercommit.js';
