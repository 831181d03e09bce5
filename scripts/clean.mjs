#!/usr/bin/env node
// Deletes what the build and the tests made. Data and node_modules stay.
import { rmSync } from 'node:fs'
import { at, workspaces } from './workspace.mjs'

const made = [
  ...workspaces().map((folder) => `${folder}/dist`),
  'coverage',
  'node_modules/.cache/pixy',
  'node_modules/.vite',
  'node_modules/.pixy-built',
]
for (const path of made) rmSync(at(path), { recursive: true, force: true })
