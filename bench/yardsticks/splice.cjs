// The least that putting a block into a profile can cost: read, find the markers, splice, write durably.
'use strict'
const fs = require('node:fs')
const path = require('node:path')

const BEGIN = '# >>> acs-env >>>\n'
const END = '# <<< acs-env <<<\n'

/** Puts a block, with its marker lines, into the file at `file`: in place of the one there, else at the beginning. */
exports.splice = (/** @type {string} */ file, /** @type {string} */ block) => {
  replace(file, spliced(fs.readFileSync(file), block))
}

/** The same as acs-env promises it: owner and mode are kept, the file is as it was read, and holds what was written. */
exports.spliceWithChecks = (/** @type {string} */ file, /** @type {string} */ block) => {
  const before = fs.statSync(file)
  const pieces = spliced(fs.readFileSync(file), block)
  replace(file, pieces, (descriptor) => {
    fs.fchownSync(descriptor, before.uid, before.gid)
    fs.fchmodSync(descriptor, before.mode)
    const now = fs.statSync(file)
    if (now.ino !== before.ino || now.mtimeMs !== before.mtimeMs || now.size !== before.size) throw new Error('changed')
  })
  if (!fs.readFileSync(file).equals(Buffer.concat(pieces))) throw new Error('not what was written')
}

/** @param {Buffer} old @param {string} block */
function spliced(old, block) {
  const begin = old.indexOf(BEGIN)
  const end = begin === -1 ? -1 : old.indexOf(END, begin)
  return end === -1
    ? [Buffer.from(block), old]
    : [old.subarray(0, begin), Buffer.from(block), old.subarray(end + END.length)]
}

/** @param {string} file @param {readonly Buffer[]} pieces @param {(descriptor: number) => void} [beforeSync] */
function replace(file, pieces, beforeSync) {
  const temporary = `${file}.${process.pid}`
  const descriptor = fs.openSync(temporary, 'wx', 0o644)
  fs.writevSync(descriptor, pieces)
  beforeSync?.(descriptor)
  fs.fsyncSync(descriptor)
  fs.closeSync(descriptor)
  fs.renameSync(temporary, file)
  const directory = fs.openSync(path.dirname(file), 'r')
  fs.fsyncSync(directory)
  fs.closeSync(directory)
}
