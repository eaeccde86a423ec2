/** Which targets are refused (A09; promise P14): names in every spelling, and what they lead to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AddressGuard, isNetwork } from './address-guard.ts'
import { TargetResolver } from './resolve-target.ts'
import { readTarget } from './target-url.ts'

/** Names of the test: each with the addresses that it leads to. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['93.184.215.14'],
  'both.example': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'half.example': ['93.184.215.14', '10.0.0.1'],
  'half6.example': ['93.184.215.14', 'fd00::1'],
  'localtest.example': ['127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'metadata.google.internal': ['169.254.169.254'],
  'xn--1-7ga.example': ['10.0.0.1'],
}

const INSIDE: readonly string[] = [
  // Loopback in every spelling.
  'http://127.0.0.1/',
  'http://127.0.0.1:8080/x',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0x7f.1/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0177.0x0.1/',
  'http://127.255.255.254/',
  'http://127.0.0.1./',
  'http://①②⑦.⓪.⓪.①/',
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http://localhost/',
  'http://LOCALHOST./',
  'https://localtest.example/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::]/',
  // IPv4 carried by IPv6.
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:8.8.8.8]/', // No name leads there; whoever writes it wants to get past something.
  'http://[::ffff:169.254.169.254]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:10.0.0.1]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:a00:1::1]/',
  'http://[2001:0:7f00:1::]/',
  'http://[2606:4700::5efe:10.0.0.1]/',
  // Nobody's, or not one host's.
  'http://0.0.0.0/',
  'http://0/',
  'http://0.1.2.3/',
  'http://10.0.0.1/',
  'http://10.255.255.255/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://100.127.255.255/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.0.0.8/',
  'http://192.0.2.1/',
  'http://192.88.99.1/',
  'http://192.168.1.1/',
  'http://198.18.0.1/',
  'http://198.19.255.255/',
  'http://198.51.100.7/',
  'http://203.0.113.9/',
  'http://224.0.0.1/',
  'http://239.255.255.250/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[fc00::1]/',
  'http://[fd12:3456::1]/',
  'http://[fd00:ec2::254]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'http://[2001:db8::1]/',
  'http://[2001:2::1]/',
  'http://[3fff::1]/',
  'http://[4000::1]/',
  // Names that lead inside.
  'http://metadata.google.internal/computeMetadata/v1/',
  'https://half.example/',
  'https://half6.example/',
  'http://xn--1-7ga.example/',
]

const NO_TARGET: readonly string[] = [
  '',
  'crm.example.com/hook',
  '//public.example/x',
  '/hook',
  'ftp://public.example/',
  'file:///etc/passwd',
  'unix:/run/docker.sock',
  'http+unix://%2Frun%2Fdocker.sock/',
  'gopher://127.0.0.1:6379/_INFO',
  'javascript:alert(1)',
  'data:text/plain,x',
  'http:public.example',
  'http:/public.example',
  'http:\\\\public.example\\',
  'http://user@public.example/',
  'http://user:secret@public.example/',
  'http://public.example@127.0.0.1/',
  'http://127.0.0.1 @public.example/',
  'http://[fe80::1%25eth0]/',
  'http://256.1.1.1/',
  'http://public.example:70000/',
  'http://public .example/',
  'http://public.example/\r\nHost: x',
  `http://public.example/${'x'.repeat(2_048)}`,
]

const PUBLIC: readonly string[] = [
  'http://public.example/hook',
  'HTTPS://PUBLIC.EXAMPLE:8443/hook?x=1',
  'https://both.example./',
  'http://8.8.8.8:81/',
  'http://134744072/',
  'http://[2606:4700:4700::1111]/',
  'http://[64:ff9b::8.8.8.8]/',
  'http://172.32.0.1/',
  'http://100.128.0.1/',
  'http://198.20.0.1/',
]

function resolverOf(allowed: readonly string[] = []): TargetResolver {
  return new TargetResolver({
    guard: new AddressGuard(allowed),
    resolve: async (host) => NAMES[host] ?? [],
    now: () => 0,
  })
}

async function verdict(url: string, resolver = resolverOf()): Promise<string> {
  const target = readTarget(url)
  if (typeof target === 'string') return 'no target'
  const addresses = await resolver.addresses(target.host)
  return typeof addresses === 'string' ? addresses : 'allowed'
}

describe('the guard of webhook targets (A09)', () => {
  it(`refuses ${INSIDE.length} ways inside`, async () => {
    assert.ok(INSIDE.length + NO_TARGET.length >= 60)
    for (const url of INSIDE) assert.notEqual(await verdict(url), 'allowed', url)
    // Not for want of a name: these are judged by their address.
    for (const url of INSIDE) assert.equal(await verdict(url), 'forbidden', url)
  })

  it(`refuses ${NO_TARGET.length} texts that are no target`, async () => {
    for (const url of NO_TARGET) assert.equal(await verdict(url), 'no target', url)
  })

  it('lets the public internet through', async () => {
    for (const url of PUBLIC) assert.equal(await verdict(url), 'allowed', url)
    assert.equal(await verdict('http://nobody.example/'), 'unresolved')
  })

  it('refuses an address with a zone, which names an interface of this machine', () => {
    const guard = new AddressGuard(['fe80::/10'])
    assert.ok(guard.allows('2606:4700::1111'))
    assert.ok(guard.allows('fe80::1'))
    for (const address of ['2606:4700::1111%eth0', 'fe80::1%eth0', 'fe80::1%lo'])
      assert.ok(!guard.allows(address), address)
  })

  it('lets through what the operator has listed, and nothing beside it', async () => {
    const resolver = resolverOf(['10.0.0.0/30', '127.0.0.1', 'fd00::/64'])
    for (const url of [
      'http://10.0.0.3/',
      'http://127.0.0.1/',
      'http://[fd00::5]/',
      'http://[::ffff:10.0.0.1]/',
    ])
      assert.equal(await verdict(url, resolver), 'allowed', url)
    for (const url of [
      'http://10.0.0.4/',
      'http://127.0.0.2/',
      'http://[fd00:0:0:1::5]/',
      'http://[64:ff9b::10.0.0.1]/',
    ])
      assert.equal(await verdict(url, resolver), 'forbidden', url)
    assert.equal(await verdict('http://localhost/', resolver), 'forbidden', 'its other address is not listed')
  })

  it('resolves once and hands on what was judged: a name that turns inside meanwhile gains nothing', async () => {
    let asked = 0
    let now = 0
    const resolver = new TargetResolver({
      guard: new AddressGuard(),
      resolve: async () => (++asked === 1 ? ['93.184.215.14'] : ['127.0.0.1']),
      now: () => now,
    })
    const pinned = [{ address: '93.184.215.14', family: 4 }]
    assert.deepEqual(await resolver.addresses('rebind.example'), pinned)
    assert.deepEqual(await resolver.addresses('rebind.example'), pinned)
    assert.equal(asked, 1)
    assert.equal(await resolver.addresses('rebind.example', { fresh: true }), 'forbidden')
    now = 29_999
    assert.equal(await resolver.addresses('rebind.example'), 'forbidden', 'and stays refused')
  })

  it('uses an old answer while a new one is on its way, but never an old refusal', async () => {
    let now = 0
    let answer: readonly string[] = ['93.184.215.14']
    const resolver = new TargetResolver({
      guard: new AddressGuard(),
      resolve: async () => answer,
      now: () => now,
    })
    await resolver.addresses('a.example')
    answer = []
    now = 30_000
    assert.notEqual(await resolver.addresses('a.example'), 'unresolved', 'the old one, while it is asked')
    assert.equal(await resolver.addresses('a.example'), 'unresolved')
    now = 60_001
    answer = ['93.184.215.14']
    assert.equal(typeof (await resolver.addresses('a.example')), 'object')
  })

  it('reads networks', () => {
    for (const good of ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'])
      assert.ok(isNetwork(good), good)
    for (const bad of [
      '',
      'x',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '10.0.0/8',
      'fd00::/129',
      '10.0.0.0/',
      '10.0.0.0/-1',
    ])
      assert.ok(!isNetwork(bad), bad)
  })
})
