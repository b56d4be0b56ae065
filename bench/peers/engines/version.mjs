import fs from 'node:fs'

// versionOf reads which version of a package is installed.
export function versionOf (name) {
  return JSON.parse(fs.readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url))).version
}
