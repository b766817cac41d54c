// The least that putting a block into a profile can cost: read, find the markers, splice, write durably.
'use strict'
const fs = require('node:fs')
const path = require('node:path')

const BEGIN = '# >>> acs-env >>>\n'
const END = '# <<< acs-env <<<\n'

/** Puts a block, with its marker lines, into the file at `file`: in place of the one there, else at the end. */
exports.splice = (file, block) => {
  const old = fs.readFileSync(file)
  const begin = old.indexOf(BEGIN)
  const end = begin === -1 ? -1 : old.indexOf(END, begin)
  const pieces =
    end === -1
      ? [old, Buffer.from(block)]
      : [old.subarray(0, begin), Buffer.from(block), old.subarray(end + END.length)]
  const temporary = `${file}.${process.pid}`
  const descriptor = fs.openSync(temporary, 'wx', 0o644)
  fs.writevSync(descriptor, pieces)
  fs.fsyncSync(descriptor)
  fs.closeSync(descriptor)
  fs.renameSync(temporary, file)
  const directory = fs.openSync(path.dirname(file), 'r')
  fs.fsyncSync(directory)
  fs.closeSync(directory)
}
