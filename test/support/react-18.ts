// Makes `require('react')` of packages in node_modules find React 18, as the aliases of the project `react-18` do for our own files.
import Module from 'node:module'

type Resolve = (request: string, ...rest: unknown[]) => string
const loader = Module as unknown as { _resolveFilename: Resolve }
const resolve = loader._resolveFilename

loader._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request.replace(/^(react|react-dom)(?=\/|$)/, '$1-18'), ...rest)
}
