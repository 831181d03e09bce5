#!/usr/bin/env node
// Stands in for curl on machines without it: the options that the scripts in examples/systems use, and the same bytes.
import { request } from 'node:http'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    request: { type: 'string' },
    get: { type: 'boolean' },
    location: { type: 'boolean' },
    silent: { type: 'boolean' },
    'show-error': { type: 'boolean' },
    'fail-with-body': { type: 'boolean' },
    'data-urlencode': { type: 'string', multiple: true },
    'data-raw': { type: 'string', multiple: true },
  },
})

/** `name=content`, of which the content is encoded. */
function encoded(pair) {
  const equals = pair.indexOf('=') + 1
  return pair.slice(0, equals) + encodeURIComponent(pair.slice(equals))
}

const data = [...(values['data-urlencode'] ?? []).map(encoded), ...(values['data-raw'] ?? [])].join('&')
const body = values.get || data === '' ? undefined : data
let url = values.get ? `${values.url}?${data}` : values.url
let method = values.request ?? (body === undefined ? 'GET' : 'POST')

for (let redirects = 0; ; redirects++) {
  const answer = await send(url, method, redirects === 0 ? body : undefined)
  const { location } = answer.headers
  if (values.location && location !== undefined && answer.statusCode < 400 && redirects < 50) {
    url = new URL(location, url).href
    method = 'GET'
    continue
  }
  process.stdout.write(answer.text)
  if (values['fail-with-body'] && answer.statusCode >= 400) {
    process.stderr.write(`curl: (22) The requested URL returned error: ${answer.statusCode}\n`)
    process.exitCode = 22
  }
  break
}

function send(url, method, body) {
  const headers = {
    'user-agent': 'curl/0',
    accept: '*/*',
    ...(body === undefined
      ? {}
      : {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({
        ...response,
        statusCode: response.statusCode,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
