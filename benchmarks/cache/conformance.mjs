// Runs the suite's own client and judge in private mode: node conformance.mjs SUITE_DIR BASE_URL
// Prints {id: {kind, passed, detail}} as JSON. The suite is never copied here.
import { pathToFileURL } from 'node:url'
import { join, resolve } from 'node:path'

const [suite, base] = process.argv.slice(2)
const take = file => import(pathToFileURL(join(resolve(suite), file)).href)
const { default: groups } = await take('tests/index.mjs')
const { runTests, getResults } = await take('test-engine/client/runner.mjs')
const { determineTestResult, resultTypes } = await take('test-engine/lib/results.mjs')

// What only a shared cache or a CDN is held to, what only a browser's reload does, and 1xx, which no client call shows.
const shared = /^freshness-(max-age-)?s-maxage-shared|^other-authorization|^cc-resp-immutable/
const notPrivate = new Set(['cc-resp-private-shared', 'stale-close-proxy-revalidate', 'stale-close-s-maxage=2'])
const chosen = groups
  .filter(group => group.id !== 'interim')
  .flatMap(group => group.tests)
  .filter(test => !test.cdn_only && !shared.test(test.id) && !notPrivate.has(test.id))
for (const test of chosen) delete test.browser_only

console.error = () => {}
// Lanes that start one after the other: in one burst, lifetimes of two seconds would run out before the second request.
const lanes = 8
const pause = seconds => new Promise(done => setTimeout(done, seconds * 1000))
await Promise.all([...Array(lanes).keys()].map(async lane => {
  await pause(lane * 0.35)
  await runTests([{ tests: chosen.filter((_, index) => index % lanes === lane) }], false, base, 12)
}))

const good = new Set([resultTypes.pass, resultTypes.yes])
const told = {}
const results = getResults()
for (const test of chosen) {
  if (!(test.id in results)) continue
  const detail = results[test.id] === true ? '' : String(results[test.id][1])
  told[test.id] = { kind: test.kind ?? 'required', passed: good.has(determineTestResult(groups, test.id, results)), detail }
}
process.stdout.write(JSON.stringify(told), () => process.exit(0))
